//! How many guesses a password withstands: it is cut into the pieces that a guesser tries first (listed words,
//! rows of the keyboard, repeats, runs, dates, what is known of the person), and what is left is counted letter
//! by letter. Chinese habits stand in the lists: pinyin, love and luck in digits, birthdays.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Words and passwords that are tried first, the commonest first, lower case.
const WORDS: &str = include_str!("../data/common-words.txt");
/// The rows of the keyboard, to and fro, and down its slopes.
const ROWS: [&str; 8] = [
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "147258369",
];
/// Letters that are written with digits or signs.
const DISGUISES: [(char, char); 9] = [
    ('@', 'a'),
    ('4', 'a'),
    ('3', 'e'),
    ('1', 'i'),
    ('!', 'i'),
    ('0', 'o'),
    ('$', 's'),
    ('5', 's'),
    ('7', 't'),
];
/// The longest password that is looked at wholly; more letters only help.
const LETTERS_MAX: usize = 64;

static RANKS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    let lines = WORDS.lines().filter(|line| !line.is_empty()).enumerate();
    lines.map(|(rank, word)| (word, rank + 1)).collect()
});

/// The score of a password, 0 to 4, by the powers of ten of the guesses it withstands: 10³, 10⁶, 10⁸, 10¹⁰.
pub(crate) fn score(password: &str, known: &[String]) -> u8 {
    match guesses_log10(password, known) {
        guesses if guesses < 3.0 => 0,
        guesses if guesses < 6.0 => 1,
        guesses if guesses < 8.0 => 2,
        guesses if guesses < 10.0 => 3,
        _ => 4,
    }
}

/// The cheapest way to cut the password into pieces, as the logarithm of the guesses it costs.
fn guesses_log10(password: &str, known: &[String]) -> f64 {
    let letters: Vec<char> = password.to_lowercase().chars().take(LETTERS_MAX).collect();
    let known: Vec<String> = known
        .iter()
        .map(|word| word.to_lowercase())
        .filter(|word| word.chars().count() >= 2)
        .collect();
    // best[n] is the cheapest cost of the first n letters; each further piece costs its place among the others.
    let mut best = vec![0.0_f64; letters.len() + 1];
    for end in 1..=letters.len() {
        let one = letters.get(end - 1).copied().unwrap_or(' ');
        let mut cheapest = best.get(end - 1).copied().unwrap_or(0.0) + of_letter(one);
        for start in 0..end {
            let Some(piece) = letters.get(start..end) else { continue };
            let Some(cost) = of_piece(piece, &known) else { continue };
            let before = best.get(start).copied().unwrap_or(0.0);
            let joint = if start == 0 { 0.0 } else { 0.3 };
            cheapest = cheapest.min(before + cost + joint);
        }
        if let Some(place) = best.get_mut(end) {
            *place = cheapest;
        }
    }
    best.last().copied().unwrap_or(0.0)
}

/// What a letter costs that belongs to no piece.
fn of_letter(letter: char) -> f64 {
    match letter {
        '0'..='9' => 1.0,
        'a'..='z' => 1.2,
        letter if letter.is_ascii() => 1.5,
        // Three and a half thousand characters in common use.
        _ => 2.6,
    }
}

/// What a piece costs that a guesser knows; none when it is nothing special.
fn of_piece(piece: &[char], known: &[String]) -> Option<f64> {
    let count = piece.len();
    if count < 2 {
        return None;
    }
    let text: String = piece.iter().collect();
    let mut costs: Vec<f64> = Vec::new();
    if known.contains(&text) {
        costs.push(0.7);
    }
    if let Some(rank) = RANKS.get(text.as_str()) {
        costs.push(log10(*rank).max(0.3));
    } else if count >= 4 {
        let plain: String = piece.iter().map(|letter| undisguised(*letter)).collect();
        let turned: String = piece.iter().rev().collect();
        let ranks = [RANKS.get(plain.as_str()), RANKS.get(turned.as_str())];
        costs.extend(ranks.into_iter().flatten().map(|rank| log10(*rank) + 0.6));
    }
    if count >= 3 && piece.windows(2).all(|pair| pair.first() == pair.last()) {
        costs.push(1.0 + log10(count));
    }
    if count >= 3 && (is_run(piece, 1) || is_run(piece, -1) || on_a_row(&text)) {
        costs.push(0.9 + log10(count));
    }
    if is_date(piece) {
        // Days of a hundred years, in the few ways they are written.
        costs.push(if count >= 8 { 4.4 } else { 3.6 });
    }
    if let Some(cost) = of_repeat(piece, known) {
        costs.push(cost);
    }
    costs.into_iter().reduce(f64::min)
}

/// A part that is written twice or more costs what it costs once.
fn of_repeat(piece: &[char], known: &[String]) -> Option<f64> {
    let count = piece.len();
    let unit = (2..=count / 2).find(|unit| {
        count.is_multiple_of(*unit)
            && piece.iter().zip(piece.iter().skip(*unit)).all(|(left, right)| left == right)
    })?;
    let part = piece.get(..unit)?;
    let once =
        of_piece(part, known).unwrap_or_else(|| part.iter().map(|letter| of_letter(*letter)).sum());
    Some(once + log10(count / unit) + 0.2)
}

fn is_run(piece: &[char], step: i64) -> bool {
    piece
        .iter()
        .zip(piece.iter().skip(1))
        .all(|(left, right)| i64::from(u32::from(*right)) - i64::from(u32::from(*left)) == step)
}

fn on_a_row(text: &str) -> bool {
    let turned: String = text.chars().rev().collect();
    ROWS.iter().any(|row| row.contains(text) || row.contains(turned.as_str()))
}

/// 19900101, 900101, 01011990, 0101, 1990.
fn is_date(piece: &[char]) -> bool {
    let digits: Option<Vec<u32>> = piece.iter().map(|letter| letter.to_digit(10)).collect();
    let Some(digits) = digits else { return false };
    let number = |from: usize, to: usize| -> u32 {
        digits.iter().skip(from).take(to - from).fold(0, |sum, digit| sum * 10 + digit)
    };
    let year = |from: usize| (1900..=2049).contains(&number(from, from + 4));
    let day = |from: usize| {
        (1..=12).contains(&number(from, from + 2)) && (1..=31).contains(&number(from + 2, from + 4))
    };
    match digits.len() {
        4 => year(0) || day(0),
        6 => day(2) || (year(0) && (1..=12).contains(&number(4, 6))),
        8 => (year(0) && day(4)) || (day(0) && year(4)),
        _ => false,
    }
}

fn undisguised(letter: char) -> char {
    DISGUISES.iter().find(|(sign, _)| *sign == letter).map_or(letter, |(_, meant)| *meant)
}

#[expect(clippy::cast_precision_loss, reason = "ranks and lengths are small")]
fn log10(number: usize) -> f64 {
    (number as f64).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        ["wang.wei", "王伟", "13800001111", "19900102", "900102"].map(str::to_owned).to_vec()
    }

    #[test]
    fn what_people_choose_scores_low_and_what_they_should_choose_high() {
        let weak = [
            "1234567890",
            "qwertyuiop",
            "woaini1314520",
            "a123456789",
            "aa123456aa",
            "5201314520",
            "password2026",
            "P@ssw0rd2026",
            "zhangwei1990",
            "wangwei123456",
            "woaiwojia1314",
            "1qaz2wsx3edc",
            "asdfghjkl;'",
            "abcabcabcabc",
            "1990010219900102",
            "19900102wangwei",
            "王伟19900102",
            "13800001111a",
            "iloveyou1314",
            "admin123456",
            "qq123456789",
            "zhongguo2008",
            "beijing2022",
            "aaaaaaaaaaaaaaaa",
            "hangzhou2026",
            "wang.wei2026",
            "drowssap123",
            "147258369147",
            "qwer1234qwer",
            "1q2w3e4r5t6y",
            "88888888888",
            "66666688888",
        ];
        for password in weak {
            let score = score(password, &known());
            assert!(score < 3, "{password}: {score} ({:.1})", guesses_log10(password, &known()));
        }
        let strong = [
            "three white herons",
            "five black crows",
            "correct horse battery",
            "a quite new password",
            "西湖边的三只白鹭在打伞",
            "🌸🍵🏮🐉🎋🌙⛩🎐🧧🎎",
            "xK9#mQ2$vL7p",
            "zhengtong-demo-2026",
            "bu-xiang-gan-de-ci-lian-zai-yiqi",
            "灯笼 拖拉机 三十七 南瓜",
        ];
        for password in strong {
            let score = score(password, &known());
            assert!(score >= 3, "{password}: {score} ({:.1})", guesses_log10(password, &known()));
        }
    }

    #[test]
    fn more_letters_never_cost_less_and_long_input_ends() {
        let long = "长".repeat(5_000);
        assert!(score(&long, &[]) <= 4);
        assert_eq!(score("", &[]), 0);
        for text in ["a", "ab1", "0000-00-00", "\u{10ffff}\u{0}"] {
            assert!(guesses_log10(text, &known()) >= 0.0);
        }
    }
}
