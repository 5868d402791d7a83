//! Walks packs, reports errors with file, line and column, and hands each engine its own sub-folder.
