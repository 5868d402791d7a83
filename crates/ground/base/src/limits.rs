//! A limit on everything, in one place.

/// Limits of sizes and counts. Units stand last in each name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows on one page of a list.
    pub page_rows: u32,
    /// Characters of a one-line text.
    pub line_chars: usize,
    /// Characters of a text of several lines.
    pub text_chars: usize,
    /// Bytes of the body of a form without files.
    pub form_bytes: usize,
    /// Bytes of one uploaded file.
    pub file_bytes: u64,
    /// Files in one field.
    pub files: usize,
    /// Entries of a repeated group.
    pub group_entries: usize,
    /// Bytes of one file of a pack.
    pub pack_file_bytes: u64,
    /// Characters of a search.
    pub query_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_rows: 50,
            line_chars: 200,
            text_chars: 4_000,
            form_bytes: 512 * 1024,
            file_bytes: 20 * 1024 * 1024,
            files: 10,
            group_entries: 50,
            pack_file_bytes: 1024 * 1024,
            query_chars: 100,
        }
    }
}
