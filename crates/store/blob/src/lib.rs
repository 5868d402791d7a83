//! Files by their SM3 digest in a content-addressed folder.
