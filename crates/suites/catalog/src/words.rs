//! What a resource is found by. Chinese has no spaces, so neighbouring characters in pairs stand for words; the title is
//! found by pinyin and by first letters too. Pure: text in, words of the index or of a query out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pinyin::{ToPinyin as _, ToPinyinMulti as _};

/// Words of one resource at most.
const WORDS_MAX: usize = 600;
/// Parts of a query that are looked at.
const PARTS_MAX: usize = 12;
/// Letters in one part of a query that are read as pinyin.
const LETTERS_MAX: usize = 30;
/// Readings of one character that are taken.
const READINGS_MAX: usize = 3;
/// The longest syllable.
const SYLLABLE_MAX: usize = 6;

/// Every syllable of pinyin without tones.
static SYLLABLES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    ('\u{4e00}'..='\u{9fff}')
        .filter_map(|letter| Some(plain(letter.to_pinyin()?.plain())))
        .collect()
});

/// A run of characters of one kind.
enum Run {
    Han(Vec<char>),
    Latin(String),
}

/// The words of a resource: the title counts more than the rest, and the title alone is found by pinyin.
pub fn index(titles: &[&str], rest: &[&str]) -> Vec<String> {
    let mut words = BTreeSet::new();
    for title in titles {
        for run in runs(title) {
            let spelled = spell(&run);
            words.extend(spelled.iter().map(|word| format!("^{word}")));
            words.extend(spelled);
            if let Run::Han(letters) = run {
                pinyin(&letters, &mut words);
            }
        }
    }
    for text in rest {
        for run in runs(text) {
            if words.len() > WORDS_MAX {
                break;
            }
            words.extend(spell(&run));
        }
    }
    words.into_iter().collect()
}

/// A query in the words of the index: one that the title must fit, and one that anything may fit. Nothing when there is
/// nothing to look for. The words hold only letters, digits and the marks of this file, so they need no quoting.
pub(crate) fn query(text: &str) -> Option<(String, String)> {
    let (mut in_title, mut anywhere) = (Vec::new(), Vec::new());
    for run in runs(text).into_iter().take(PARTS_MAX) {
        let words = match &run {
            Run::Han(letters) if letters.len() > 1 => {
                letters.windows(2).map(|pair| pair.iter().collect()).collect()
            }
            _ => spell(&run),
        };
        let sound = match &run {
            Run::Latin(letters) => sounds(letters),
            Run::Han(_) => Vec::new(),
        };
        let all = |mark: &str| {
            let words: Vec<_> = words.iter().map(|word| format!("'{mark}{word}'")).collect();
            let plain = format!("({})", words.join(" & "));
            let sounds = sound.iter().map(|words| {
                let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
                format!("({})", words.join(" & "))
            });
            let any: Vec<_> = [plain].into_iter().chain(sounds).collect();
            format!("({})", any.join(" | "))
        };
        in_title.push(all("^"));
        anywhere.push(all(""));
    }
    (!anywhere.is_empty()).then(|| (in_title.join(" & "), anywhere.join(" & ")))
}

/// A text in runs of Chinese characters and of letters and digits; everything else parts them.
fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for letter in text.chars().map(narrow).flat_map(char::to_lowercase) {
        if is_han(letter) {
            match runs.last_mut() {
                Some(Run::Han(letters)) => letters.push(letter),
                _ => runs.push(Run::Han(vec![letter])),
            }
        } else if letter.is_ascii_alphanumeric() {
            match runs.last_mut() {
                Some(Run::Latin(letters)) => letters.push(letter),
                _ => runs.push(Run::Latin(letter.to_string())),
            }
        } else {
            runs.push(Run::Latin(String::new()));
        }
    }
    runs.retain(|run| !matches!(run, Run::Latin(letters) if letters.is_empty()));
    runs
}

/// The words of a run: each character and each pair, or the word itself.
fn spell(run: &Run) -> Vec<String> {
    match run {
        Run::Latin(word) => vec![word.chars().take(60).collect()],
        Run::Han(letters) => {
            let pairs = letters.windows(2).map(|pair| pair.iter().collect());
            letters.iter().map(char::to_string).chain(pairs).collect()
        }
    }
}

/// First letters and syllables of a title, each alone and each with its neighbour.
fn pinyin(letters: &[char], words: &mut BTreeSet<String>) {
    let readings: Vec<Vec<&'static str>> = letters.iter().map(|letter| readings(*letter)).collect();
    for (at, here) in readings.iter().enumerate() {
        let after = readings.get(at + 1).map_or(&[] as &[&str], Vec::as_slice);
        for sound in here {
            words.insert(format!("={sound}"));
            words.insert(format!("~{}", first(sound)));
            for next in after {
                words.insert(format!("={sound}={next}"));
                words.insert(format!("~{}{}", first(sound), first(next)));
            }
        }
    }
}

/// What letters may stand for: first letters, or syllables.
fn sounds(letters: &str) -> Vec<Vec<String>> {
    if letters.len() > LETTERS_MAX || !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Vec::new();
    }
    let single: Vec<&str> = letters.split("").filter(|letter| !letter.is_empty()).collect();
    let firsts = match single.as_slice() {
        [one] => vec![format!("~{one}")],
        many => many.windows(2).map(|pair| format!("~{}", pair.concat())).collect(),
    };
    let mut sounds = vec![firsts];
    if let Some(syllables) = syllables(letters) {
        sounds.push(match syllables.as_slice() {
            [one] => vec![format!("={one}")],
            many => many.windows(2).map(|pair| format!("={}", pair.join("="))).collect(),
        });
    }
    sounds
}

/// Letters as syllables, in as few as possible.
fn syllables(letters: &str) -> Option<Vec<&str>> {
    // The best way to each place: how many syllables it took, and where the last began.
    let mut ways: Vec<Option<(usize, usize)>> = vec![None; letters.len() + 1];
    *ways.first_mut()? = Some((0, 0));
    for end in 1..=letters.len() {
        let from = end.saturating_sub(SYLLABLE_MAX);
        let best = (from..end)
            .filter(|start| letters.get(*start..end).is_some_and(|part| SYLLABLES.contains(part)))
            .filter_map(|start| Some((ways.get(start).copied().flatten()?.0 + 1, start)))
            .min();
        *ways.get_mut(end)? = best;
    }
    let (mut parts, mut end) = (Vec::new(), letters.len());
    while end > 0 {
        let (_, start) = ways.get(end).copied().flatten()?;
        parts.push(letters.get(start..end)?);
        end = start;
    }
    parts.reverse();
    Some(parts)
}

fn readings(letter: char) -> Vec<&'static str> {
    let mut readings: Vec<&'static str> =
        letter.to_pinyin().map(|one| plain(one.plain())).into_iter().collect();
    for one in letter.to_pinyin_multi().into_iter().flatten() {
        let sound = plain(one.plain());
        if readings.len() < READINGS_MAX && !readings.contains(&sound) {
            readings.push(sound);
        }
    }
    readings
}

/// The crate writes ü as it is; people type v or u.
fn plain(sound: &'static str) -> &'static str {
    match sound {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lue",
        "nüe" => "nue",
        other => other,
    }
}

fn first(sound: &str) -> &str {
    sound.get(..1).unwrap_or_default()
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}')
}

/// Full-width letters and digits as the plain ones.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a text is found, as the database does it: every word of one way must stand in the index.
    fn found(title: &str, rest: &str, asked: &str) -> bool {
        let words: BTreeSet<String> = index(&[title], &[rest]).into_iter().collect();
        let Some((_, anywhere)) = query(asked) else { return false };
        anywhere.split(") & (").all(|part| {
            part.split('|').any(|way| {
                way.split('&').all(|word| {
                    let word: String = word.chars().filter(|one| !"() '".contains(*one)).collect();
                    words.contains(&word)
                })
            })
        })
    }

    #[test]
    fn words_of_one_to_four_characters_pinyin_and_first_letters_find() {
        let title = "常住人口基本信息";
        for asked in [
            "口",
            "人口",
            "常住人",
            "基本信息",
            "人口 信息",
            "rk",
            "czrk",
            "renkou",
            "jibenxinxi",
            "ren",
            "changzhu",
            "r",
            "zhu",
        ] {
            assert!(found(title, "", asked), "{asked}");
        }
        for asked in ["企业", "口人", "kr", "qiye", "法人", "zzz"] {
            assert!(!found(title, "", asked), "{asked}");
        }
    }

    #[test]
    fn the_rest_is_found_by_its_characters_and_words_only() {
        assert!(found("甲", "统一社会信用代码 credit code ＡＢＣ１", "信用代码"));
        assert!(found("甲", "统一社会信用代码 credit code ＡＢＣ１", "Credit abc1"));
        assert!(!found("甲", "统一社会信用代码", "xydm"));
    }

    #[test]
    fn a_character_with_two_readings_is_found_by_both() {
        assert!(found("银行账户", "", "yinhang"));
        assert!(found("行政处罚", "", "xingzheng"));
        assert!(found("绿化工程", "", "lvhua"));
    }

    #[test]
    fn nothing_breaks_out_of_a_query() {
        for asked in ["'", "' | '人", "a'b\\c", "&|!():*<->", "人\0口"] {
            if let Some((_, anywhere)) = query(asked) {
                let inner: Vec<&str> = anywhere.split('\'').skip(1).step_by(2).collect();
                assert!(inner.iter().all(|word| {
                    word.chars().all(|one| one.is_alphanumeric() || "^=~".contains(one))
                }));
            }
        }
        assert_eq!(query("  ，。 "), None);
    }
}
