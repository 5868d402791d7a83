//! Persons, organisations, the tree of regions, posts, accounts, sessions and delegations.
