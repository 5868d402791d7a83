//! Names of more than one word. The language lets a name hold blanks and signs (`Monthly income`, `a+b`), so what is a name
//! depends on which names there are.

use std::collections::BTreeSet;

/// Members of values of the language that are more than one word, the longest first.
const MEMBERS: [&str; 3] = ["start included", "end included", "time offset"];

/// The names a source may use, beside those it makes itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// All names; one of them before a bracket is that name, and not a function of the language.
    all: BTreeSet<String>,
    /// Those that are more than one word, the longest first.
    long: Vec<String>,
}

impl Known {
    pub(crate) fn add(&mut self, name: &str) {
        if self.all.insert(tidy(name)) && !is_word(name) {
            self.sort();
        }
    }

    pub(crate) fn holds(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    /// The longest name of several words the text begins with, and how many bytes of the text it takes.
    pub(crate) fn at_start(&self, text: &str) -> Option<(&str, usize)> {
        let long = self.long.iter().map(String::as_str).chain(MEMBERS);
        long.into_iter().find_map(|name| Some((name, taken(name, text)?)))
    }

    fn sort(&mut self) {
        self.long = self.all.iter().filter(|name| !is_word(name)).cloned().collect();
        self.long.sort_by_key(|name| std::cmp::Reverse(name.len()));
    }
}

/// Whether a character may begin a name.
pub(crate) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || u32::from(c) >= 0x1_0000
}

/// Whether a character may be inside a name.
pub(crate) fn inside_name(c: char) -> bool {
    starts_name(c)
        || c.is_numeric()
        || matches!(c, '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

/// A name with single blanks between its words.
pub(crate) fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_word(name: &str) -> bool {
    name.chars().all(inside_name)
}

/// How many bytes of a text the name takes; blanks of any kind and number stand for one.
fn taken(name: &str, text: &str) -> Option<usize> {
    let mut rest = text;
    for c in name.chars() {
        let first = rest.chars().next()?;
        if c == ' ' && first.is_whitespace() {
            rest = rest.trim_start();
        } else if c == first {
            rest = rest.get(c.len_utf8()..)?;
        } else {
            return None;
        }
    }
    let ends = name.chars().next_back().is_none_or(|last| !inside_name(last))
        || !rest.chars().next().is_some_and(inside_name);
    ends.then_some(text.len() - rest.len())
}
