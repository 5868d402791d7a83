//! Reads Rust source just well enough to count: comments and literals are told from code.

/// A function found in a source file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Line of `fn`, from 1.
    pub(crate) line: usize,
    /// Lines of its body that hold code.
    pub(crate) lines: usize,
}

/// The source with comments blanked and the inside of literals filled with `x`.
/// Same length, same lines.
pub(crate) fn bare(source: &str) -> String {
    let mut out = Vec::with_capacity(source.len());
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let (length, fill) = match rest {
            [b'/', b'/', ..] => (line_comment(rest), b' '),
            [b'/', b'*', ..] => (block_comment(rest), b' '),
            [b'"', ..] => (string(rest), b'x'),
            [b'r' | b'b' | b'c', ..] if !before.is_some_and(|byte| word_byte(*byte)) => {
                (prefixed_string(rest), b'x')
            }
            [b'\'', ..] => (character(rest), b'x'),
            _ => (0, b' '),
        };
        if length == 0 {
            out.extend(rest.first());
            at += 1;
            continue;
        }
        let token = rest.get(..length).unwrap_or(rest);
        out.extend(token.iter().map(|byte| if *byte == b'\n' { b'\n' } else { fill }));
        at += token.len();
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Functions with a body, outermost and nested. `source` must be [`bare`].
pub(crate) fn functions(source: &str) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for (start, _) in source.match_indices("fn ") {
        let head = source.get(..start).unwrap_or_default();
        if head.bytes().next_back().is_some_and(word_byte) {
            continue;
        }
        let tail = source.get(start + 3..).unwrap_or_default();
        let name = tail.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        if name.is_empty() {
            continue;
        }
        if let Some(body) = body(tail) {
            let line = head.matches('\n').count() + 1;
            found.push(Function { name, line, lines: code_lines(body) });
        }
    }
    found
}

/// What stands between the braces of the function whose text begins here.
fn body(tail: &str) -> Option<&str> {
    let mut round = 0_i32;
    let mut open = None;
    for (at, byte) in tail.bytes().enumerate() {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round -= 1,
            b';' if round == 0 => return None,
            b'{' if round == 0 => {
                open = Some(at + 1);
                break;
            }
            _ => {}
        }
    }
    let inside = tail.get(open?..)?;
    let mut depth = 1_i32;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return inside.get(..at);
        }
    }
    None
}

fn code_lines(body: &str) -> usize {
    body.lines().filter(|line| !line.trim().is_empty()).count()
}

fn word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_comment(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Length of a string that begins with its quote.
fn string(rest: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`, `c"…"`, `b'…'`; 0 when it is none of them.
fn prefixed_string(rest: &[u8]) -> usize {
    let letters = rest.iter().take(2).take_while(|byte| b"rbc".contains(byte)).count();
    let raw = rest.iter().take(letters).any(|byte| *byte == b'r');
    let after = rest.get(letters..).unwrap_or_default();
    let hashes = after.iter().take_while(|byte| **byte == b'#').count();
    let quoted = after.get(hashes..).unwrap_or_default();
    match quoted.first() {
        Some(b'"') if raw => letters + hashes + raw_string(quoted, hashes),
        Some(b'"') if hashes == 0 => letters + string(quoted),
        Some(b'\'') if hashes == 0 && letters == 1 && !raw => letters + character(quoted),
        _ => 0,
    }
}

fn raw_string(quoted: &[u8], hashes: usize) -> usize {
    let mut end = vec![b'"'];
    end.resize(hashes + 1, b'#');
    let found = quoted.windows(end.len()).skip(1).position(|window| window == end);
    found.map_or(quoted.len(), |at| at + 1 + end.len())
}

/// Length of a character literal; 0 for a lifetime.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        let end = rest.iter().skip(3).position(|byte| *byte == b'\'');
        return end.map_or(rest.len(), |at| at + 4);
    }
    let width = match rest.get(1) {
        Some(0xF0..) => 4,
        Some(0xE0..=0xEF) => 3,
        Some(0xC0..=0xDF) => 2,
        _ => 1,
    };
    if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[(&str, usize, usize)]) {
        let bare = bare(source);
        assert_eq!(bare.len(), source.len(), "{source}");
        let found: Vec<_> = functions(&bare).iter().map(|f| (f.name, f.line, f.lines)).collect();
        assert_eq!(found, expected, "{source}\n{bare}");
    }

    #[test]
    fn functions_are_found_and_counted() {
        check("fn a() {}\n", &[("a", 1, 0)]);
        check("\nfn a() {\n    b();\n\n    // no\n    c();\n}\n", &[("a", 2, 2)]);
        check("trait T { fn a(&self); fn b(&self) { 1; } }", &[("b", 1, 1)]);
        check("fn a<'x>(s: &'x str) {\n    let c = '}';\n    d('\\'', \"}{\");\n}", &[("a", 1, 2)]);
        check("fn a() {\n    let s = r#\"}\"\n}\"#;\n    b();\n}", &[("a", 1, 3)]);
        check("fn a(f: fn (u8) -> [u8; 2]) {\n    1\n}", &[("a", 1, 1)]);
        check(
            "fn a() {\n    /* } /* } */ } */\n    fn b() {\n        1\n    }\n}",
            &[("a", 1, 3), ("b", 3, 1)],
        );
        check("fn a() {\n    x('正', b'{', b\"{\", br\"{\");\n}", &[("a", 1, 1)]);
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let text = bare("a(\"sqlx::\"); // sqlx::\nlet r = rest; /* sqlx:: */ for_b\"x\"");
        assert!(!text.contains("sqlx"), "{text}");
        assert!(text.contains("let r = rest;"), "{text}");
    }
}
