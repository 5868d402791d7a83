//! Data elements, code lists and datasets: declared once, created as tables, prefilled from, read on record.
