//! Pages for staff: inbox and case page.
