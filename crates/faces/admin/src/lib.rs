//! Pages for the three administrators.
