//! What sounds alike and what is another way of writing: names are heard at a counter and typed from memory.

use std::sync::LazyLock;

use pinyin::ToPinyin as _;
use rustc_hash::FxHashMap;

/// Characters and what they are compared as.
static VARIANTS: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
    let pairs = include_str!("../data/variants.tsv").lines().filter(|line| !line.starts_with('#'));
    pairs
        .filter_map(|line| {
            let (written, meant) = line.split_once('\t')?;
            Some((written.chars().next()?, meant.chars().next()?))
        })
        .collect()
});

/// Surnames that are read otherwise than the same character elsewhere.
const SURNAMES: &[(char, &str)] = &[
    ('单', "shan"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('查', "zha"),
    ('区', "ou"),
    ('盖', "ge"),
    ('曾', "zeng"),
    ('朴', "piao"),
    ('翟', "zhai"),
    ('乐', "yue"),
    ('缪', "miao"),
    ('冼', "xian"),
    ('尉', "wei"),
    ('么', "yao"),
    ('种', "chong"),
    ('重', "chong"),
    ('召', "shao"),
    ('折', "she"),
    ('洗', "xian"),
    ('秘', "bi"),
    ('员', "yun"),
];

/// A text without spaces, dots and signs, in half-width small letters.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A text with traditional characters and variants as those they are compared as.
pub fn fold(text: &str) -> String {
    text.chars().map(|c| VARIANTS.get(&c).copied().unwrap_or(c)).collect()
}

/// How a name sounds: pinyin without tones, with the readings of surnames; what is no Chinese character stays.
pub fn sound(name: &str) -> String {
    let mut heard = String::with_capacity(name.len() * 2);
    for (place, c) in name.chars().enumerate() {
        let surname = SURNAMES.iter().find(|(surname, _)| place == 0 && *surname == c);
        let reading = surname.map(|(_, reading)| *reading);
        match reading.or_else(|| c.to_pinyin().map(pinyin::Pinyin::plain)) {
            Some(reading) => {
                heard.push_str(reading);
                heard.push(' ');
            }
            None => heard.push(c),
        }
    }
    heard.truncate(heard.trim_end().len());
    heard
}

/// A sound as a person from the south or the north-east may hear it: retroflex and flat, n and l, front and back
/// nasals are one.
pub fn loose(sound: &str) -> String {
    let mut heard = String::with_capacity(sound.len());
    for syllable in sound.split(' ') {
        let (first, rest) = match syllable.get(..2) {
            Some("zh") => ("z", syllable.get(2..)),
            Some("ch") => ("c", syllable.get(2..)),
            Some("sh") => ("s", syllable.get(2..)),
            _ if syllable.starts_with('n') && syllable.len() > 1 => ("l", syllable.get(1..)),
            _ => ("", Some(syllable)),
        };
        let rest = rest.unwrap_or_default();
        heard.push_str(first);
        let nasal = ["ing", "eng", "ang"].iter().any(|end| rest.ends_with(end));
        heard.push_str(if nasal { rest.get(..rest.len() - 1).unwrap_or(rest) } else { rest });
        heard.push(' ');
    }
    heard.truncate(heard.trim_end().len());
    heard
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sound() {
        assert_eq!(sound("张伟"), sound("章玮"));
        assert_eq!(sound("单雄信"), "shan xiong xin");
        assert_eq!(sound("曾国藩"), "zeng guo fan");
        assert_ne!(sound("张敏"), sound("张明"));
        assert_eq!(loose(&sound("张敏")), loose(&sound("张明")));
        assert_eq!(loose(&sound("牛丽")), loose(&sound("刘丽")));
        assert_eq!(loose(&sound("陈诗")), loose(&sound("岑思")));
        assert_eq!(sound("李A"), "li a".replace("li a", "li A"));
    }

    #[test]
    fn ways_of_writing_fold() {
        assert_eq!(fold("張國強"), "张国强");
        assert_eq!(fold("王喆"), "王哲");
        assert_eq!(fold("陈堃"), fold("陳坤"));
        assert_eq!(clean(" ＡＢ·阿卜杜拉 "), "ab阿卜杜拉");
    }
}
