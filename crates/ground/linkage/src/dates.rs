//! Days as two registers write them.

/// A day as eight digits when it can be read so, else its letters and digits.
pub(crate) fn day(text: &str) -> String {
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [year, month, day] | [day, month, year]
            if year.len() == 4 && month.len() <= 2 && day.len() <= 2 =>
        {
            format!("{year}{month:0>2}{day:0>2}")
        }
        [all] => (*all).to_owned(),
        _ => parts.concat(),
    }
}

/// A day with month and day in order of size, so that a swapped one is the same.
pub(crate) fn unordered(day: &str) -> String {
    match (day.get(..4), day.get(4..6), day.get(6..8)) {
        (Some(year), Some(month), Some(day)) if month > day => format!("{year}{day}{month}"),
        _ => day.to_owned(),
    }
}

/// How many of year, month and day are the same.
pub(crate) fn same_parts(left: &str, right: &str) -> usize {
    let same = |range: std::ops::Range<usize>| match (left.get(range.clone()), right.get(range)) {
        (Some(left), Some(right)) => usize::from(left == right),
        _ => 0,
    };
    same(0..4) + same(4..6) + same(6..8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read() {
        for text in ["1990-2-3", "1990年2月3日", "19900203", "1990/02/03", "3.2.1990"] {
            assert_eq!(day(text), "19900203", "{text}");
        }
        assert_eq!(unordered("19901203"), unordered("19900312"));
        assert_eq!(same_parts("19901203", "19901204"), 2);
        assert_eq!(day("不详"), "");
    }
}
