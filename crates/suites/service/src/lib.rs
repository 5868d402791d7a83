//! Items of the power list, their guides, applications and ratings.
