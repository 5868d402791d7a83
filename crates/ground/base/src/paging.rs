//! Pages of lists: a number from 1 and a bounded size.

use serde::Serialize;

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The page, from 1.
    pub page: u32,
    /// Rows on a page.
    pub rows: u32,
}

impl Paging {
    /// The page with at most `rows_max` rows; page 0 is read as 1, pages past 10 000 as 10 000.
    pub fn new(page: u32, rows_max: u32) -> Self {
        Self { page: page.clamp(1, 10_000), rows: rows_max.max(1) }
    }

    /// Rows to skip.
    pub fn offset(self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.rows)
    }

    /// Rows to take.
    pub fn limit(self) -> i64 {
        i64::from(self.rows)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many rows there are in all.
    pub total: i64,
    /// The page, from 1.
    pub page: u32,
    /// Rows on a full page.
    pub size: u32,
}

impl<T> Page<T> {
    /// A page of rows that were read with `paging`.
    pub fn new(rows: Vec<T>, total: i64, paging: Paging) -> Self {
        Self { rows, total, page: paging.page, size: paging.rows }
    }

    /// The same page with each row as something else.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(each).collect();
        Page { rows, total: self.total, page: self.page, size: self.size }
    }

    /// How many pages there are, at least 1.
    pub fn pages(&self) -> u32 {
        let size = i64::from(self.size.max(1));
        u32::try_from((self.total.max(0) + size - 1) / size).unwrap_or(u32::MAX).max(1)
    }
}
