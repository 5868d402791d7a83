//! The mark in what is taken out of the platform: beside the line that everybody reads, the number of the entry
//! in the record of acts, written in signs that have no width. Who copies rows without that line copies the mark.

/// Before and after the number.
const FRAME: char = '\u{2060}';
/// The bits of the number.
const BITS: [char; 2] = ['\u{200b}', '\u{200c}'];
/// A mark stands in every so manieth line.
const LINES: usize = 10;

/// Puts the mark of an entry of the record into lines of quoted cells, at the end of the last cell.
pub fn mark(csv: &str, entry: i64) -> String {
    let mark = written(entry);
    let mut out = String::with_capacity(csv.len() + csv.len() / 4);
    for (number, line) in csv.split_inclusive('\n').enumerate() {
        match line.strip_suffix("\"\r\n").filter(|_| number % LINES == 0) {
            Some(cells) => {
                out.push_str(cells);
                out.push_str(&mark);
                out.push_str("\"\r\n");
            }
            None => out.push_str(line),
        }
    }
    out
}

/// The entries whose marks stand in a text, each once.
pub fn marks(text: &str) -> Vec<i64> {
    let mut found = Vec::new();
    for part in text.split(FRAME) {
        let bits: Option<Vec<usize>> =
            part.chars().map(|sign| BITS.iter().position(|bit| *bit == sign)).collect();
        let Some(bits) = bits.filter(|bits| bits.len() == 64) else { continue };
        let number = bits.into_iter().fold(0_u64, |number, bit| (number << 1) | bit as u64);
        let number = i64::from_be_bytes(number.to_be_bytes());
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

fn written(entry: i64) -> String {
    let bits = u64::from_be_bytes(entry.to_be_bytes());
    let signs = (0..64).rev().map(|place| match (bits >> place) & 1 {
        0 => '\u{200b}',
        _ => '\u{200c}',
    });
    std::iter::once(FRAME).chain(signs).chain(std::iter::once(FRAME)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_from_any_part_that_holds_it() {
        let csv = (0..35).map(|n| format!("\"{n}\",\"示例\"\r\n")).collect::<Vec<_>>().concat();
        let marked = mark(&csv, 4_711);
        assert_ne!(marked, csv);
        assert_eq!(marks(&marked), [4_711]);
        let few: String = marked.lines().skip(9).take(3).collect();
        assert_eq!(marks(&few), [4_711], "ten rows in a row hold one");
        assert_eq!(marks(&csv), Vec::<i64>::new());
        assert_eq!(marks(&mark(&marked, i64::MAX)), [4_711, i64::MAX]);
        let plain: String =
            marked.chars().filter(|sign| *sign != FRAME && !BITS.contains(sign)).collect();
        assert_eq!(plain, csv, "nothing else is changed");
    }
}
