//! Tests over the tree.
