//! Pages for the public.
