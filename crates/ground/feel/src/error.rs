//! The one error of this crate: where in the source, and what to do about it.

use serde::Serialize;

/// What is wrong with an expression, and where. The text is for the author of the pack: lower case, no internals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct FeelError {
    /// Byte offset in the source.
    pub offset: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong and, where known, what to write instead.
    pub message: String,
}

impl FeelError {
    /// An error at a byte offset of this source.
    pub(crate) fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { offset, line, column, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::FeelError;

    #[test]
    fn counts_lines_and_characters() {
        let error = FeelError::at("办结 =\n 超期 ?", "办结 =\n 超期 ".len(), "x");
        assert_eq!((error.line, error.column), (2, 5));
        assert_eq!(error.to_string(), "line 2, column 5: x");
    }
}
