//! Forms of pages and fields, conditions, repeated groups, and drafts saved page by page.
