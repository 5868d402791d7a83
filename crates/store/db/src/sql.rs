//! The one place that builds statements from parts. Everything else binds values into constant text.

pub use sqlx::AssertSqlSafe;

/// The longest identifier PostgreSQL keeps, in bytes.
pub const IDENT_BYTES_MAX: usize = 63;

/// Quotes an identifier: `a"b` becomes `"a""b"`. Control characters are dropped, and the name is cut at
/// [`IDENT_BYTES_MAX`] bytes.
pub fn ident(name: &str) -> String {
    let mut kept = String::with_capacity(name.len() + 2);
    kept.push('"');
    let mut bytes = 0;
    for character in name.chars().filter(|character| !character.is_control()) {
        bytes += character.len_utf8();
        if bytes > IDENT_BYTES_MAX {
            break;
        }
        if character == '"' {
            kept.push('"');
        }
        kept.push(character);
    }
    kept.push('"');
    kept
}

/// Quotes a string literal, for statements that take no parameters, such as `COMMENT` and `NOTIFY`.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

/// Prepares a statement without running it, for the tests that look at every kept statement.
pub async fn prepare(db: &crate::Db, statement: AssertSqlSafe<String>) -> crate::Result<()> {
    use sqlx::{Executor as _, SqlSafeStr as _};
    db.pool().prepare(statement.into_sql_str()).await?;
    Ok(())
}

/// Declares that a statement was built only from constant text, [`ident`], [`literal`] and `$n`.
pub fn trusted(statement: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_literals_cannot_break_out() {
        let rows = [("plain", "\"plain\""), ("a\"b", "\"a\"\"b\""), ("x\0;--", "\"x;--\"")];
        for (name, expected) in rows {
            assert_eq!(ident(name), expected);
        }
        assert_eq!(literal("it's"), "'it''s'");
        assert!(ident(&"长".repeat(40)).len() <= IDENT_BYTES_MAX + 2);
    }
}
