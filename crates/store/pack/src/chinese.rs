//! What the TOML parser says, in Chinese: its words are English, and an officer reads the Chinese half alone.

/// The parser's own complaints.
const SAID: &[(&str, &str)] = &[
    ("string values must be quoted", "文字要加引号"),
    ("missing assignment between key-value pairs", "键和值之间缺少 ="),
    ("extra assignment between key-value pairs", "键和值之间多了 ="),
    ("extra `=`", "多了 ="),
    ("missing comma between array elements", "数组各项之间缺少逗号"),
    ("missing comma between key-value pairs", "各项之间缺少逗号"),
    ("extra comma in array", "数组里多了逗号"),
    ("extra comma in inline table", "花括号里多了逗号"),
    ("duplicate key", "同一个键写了两次"),
    ("unclosed array table", "表头没有收尾，缺少 ]]"),
    ("unclosed array", "数组没有收尾，缺少 ]"),
    ("unclosed inline table", "花括号没有收尾，缺少 }"),
    ("unclosed table", "表头没有收尾，缺少 ]"),
    ("missing array opening", "数组缺少开头的 ["),
    ("missing inline table opening", "缺少开头的 {"),
    ("missing table open", "表头缺少开头的 ["),
    ("missing opening quote", "缺少开头的引号"),
    ("missing escaped value", "反斜杠后面缺少内容"),
    ("missing key for inline table element", "花括号里缺少键"),
    ("missing value for key", "键后面缺少值"),
    ("missing value", "缺少值"),
    ("key with no value", "键后面缺少值"),
    ("invalid key-value pair", "这一行要写成 键 = 值"),
    ("invalid inline table element", "花括号里要写成 键 = 值"),
    ("invalid unquoted key", "键里有不能用的字，请加引号"),
    ("unquoted keys cannot be empty", "键不能是空的"),
    ("keys cannot be multi-line", "键不能写成多行文字"),
    ("cannot extend value of type", "前面已经给这个键写过值，不能再往下加"),
    ("unexpected key or value", "这里多了内容"),
    ("unexpected content", "这里多了内容"),
    ("unexpected `=` in array", "数组里多了 ="),
    ("unexpected leading zero", "数字前面不要加 0"),
    ("unexpected sign", "这里不能有正负号"),
    ("redundant numeric sign", "正负号多了一个"),
    ("redundant integer number prefix", "数字的前缀多了"),
    ("integers with a radix cannot be signed", "带进制前缀的数不能有正负号"),
    ("radix must be lowercase", "进制前缀要用小写字母"),
    ("`_` may only go between digits", "下划线只能写在数字之间"),
    ("integer number overflowed", "数字太大"),
    ("floating-point number overflowed", "数字太大"),
    ("u64 value was too large", "数字太大"),
    ("too few unicode value digits", "\\u 后面要有 4 位十六进制数"),
    ("cannot recurse further", "嵌套太深"),
    ("carriage return must be followed by newline", "回车符后面要有换行符"),
    ("invalid comment character", "说明文字里有不能用的字符"),
    ("invalid value", "值不对"),
    ("invalid type", "值的类型不对"),
    ("invalid length", "个数不对"),
    ("value is missing", "缺少值"),
    ("wanted string or table", "这里要写文字或一组键值"),
    ("wanted exactly 1 element", "这里只能写一项"),
    ("data did not match any variant", "写法和哪一种都对不上"),
];

/// What was found or what was expected, as the reader of values calls it. Longer words come before shorter ones.
const THINGS: &[(&str, &str)] = &[
    ("floating point", "小数"),
    ("f64", "数字"),
    ("f32", "数字"),
    ("integer", "整数"),
    ("i64", "整数"),
    ("i32", "整数"),
    ("u64", "不小于 0 的整数"),
    ("u32", "不小于 0 的整数"),
    ("u16", "0 到 65535 的整数"),
    ("u8", "0 到 255 的整数"),
    ("usize", "不小于 0 的整数"),
    ("string or table", "文字或一组键值"),
    ("string", "文字"),
    ("boolean", "true 或 false"),
    ("sequence", "方括号里的几项"),
    ("array", "方括号里的几项"),
    ("tuple", "方括号里的几项"),
    ("datetime", "日期时间"),
    ("date", "日期"),
    ("struct", "一组键值"),
    ("internally tagged enum", "一组键值"),
    ("table", "一组键值"),
    ("map", "一组键值"),
    ("variant", "给定的几个词之一"),
    ("enum", "给定的几个词之一"),
    ("unit", "空"),
];

/// The message in Chinese. A complaint that is not known is told as such, never in English.
pub(crate) fn of(message: &str) -> String {
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (message, None),
    };
    // A whole number of more bits than any key takes, told by its type or by its overflow.
    if what.ends_with(" as i128") || what.ends_with(" as u128") {
        return "数字太大".to_owned();
    }
    let Some((known, said)) = SAID.iter().find(|(english, _)| what.starts_with(english)) else {
        return "这里的写法不合 TOML 的规则".to_owned();
    };
    let found = what.get(known.len()..).and_then(|rest| rest.strip_prefix(": "));
    let given = found.map(|found| format!("：写的是{}", thing(found))).unwrap_or_default();
    let wanted = expected.and_then(known_thing).map(|thing| format!("，应当是{thing}"));
    // Only of a value is it told what it should be; a fault of the syntax says it itself.
    let wanted = wanted.filter(|_| known.starts_with("invalid ")).unwrap_or_default();
    format!("{said}{given}{wanted}")
}

/// What stands there: what kind of thing, and what was written where that is told.
fn thing(found: &str) -> String {
    let written = found.split(['`', '"']).nth(1).filter(|written| !written.is_empty());
    match (known_thing(found), written) {
        (Some(kind), Some(written)) => format!("{kind} {written}"),
        (Some(kind), None) => kind.to_owned(),
        (None, Some(written)) => written.to_owned(),
        (None, None) => "别的东西".to_owned(),
    }
}

fn known_thing(words: &str) -> Option<&'static str> {
    let words = words.trim_start_matches("a ").trim_start_matches("an ");
    THINGS.iter().find(|(english, _)| words.starts_with(english)).map(|(_, chinese)| *chinese)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sample {
        days: u32,
        name: Option<String>,
        flag: Option<bool>,
        list: Option<Vec<String>>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        kind: String,
    }

    /// Whether a half of a message is Chinese: no Latin word but TOML itself and what was written.
    fn check(text: &str, expected: &str) {
        let error = toml::from_str::<Sample>(text).unwrap_err();
        assert_eq!(of(error.message().trim()), expected, "{text}: {}", error.message());
    }

    #[test]
    fn faults_are_told_in_chinese() {
        check("days = \"x\"", "值的类型不对：写的是文字 x，应当是不小于 0 的整数");
        check("days = -1", "值不对：写的是整数 -1，应当是不小于 0 的整数");
        check("days = 1.5", "值的类型不对：写的是小数 1.5，应当是不小于 0 的整数");
        check("days = 1\nname = 2", "值的类型不对：写的是整数 2，应当是文字");
        check("days = 1\nflag = \"是\"", "值的类型不对：写的是文字 是，应当是true 或 false");
        check("days = 1\nlist = \"x\"", "值的类型不对：写的是文字 x，应当是方括号里的几项");
        check("days = 1\ninner = []", "个数不对，应当是一组键值");
        check("days = 1\ndays = 2", "同一个键写了两次");
        check("days = x", "文字要加引号");
        check("days", "键后面缺少值");
        check("days =", "文字要加引号");
        check("[days", "表头没有收尾，缺少 ]");
        check("list = [\"a\"\n", "数组没有收尾，缺少 ]");
        check("days = 99999999999999999999", "数字太大");
        check("名称 = 1", "键里有不能用的字，请加引号");
    }

    #[test]
    fn no_english_is_left_over() {
        for message in ["something quite new", "invalid type: gizmo, expected a widget"] {
            let said = of(message);
            let latin = said.replace("TOML", "").chars().any(|letter| letter.is_ascii_alphabetic());
            assert!(!latin, "{said}");
        }
    }
}
