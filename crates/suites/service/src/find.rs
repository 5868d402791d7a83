//! Finding items by what people say, in Chinese, English or the first letters of pinyin.

use std::sync::Arc;

use zhengtong_base::Limits;

use crate::part::{Catalog, Listed};

/// Items that fit a search, the best first. An empty search gives all items.
pub fn find(catalog: &Catalog, query: &str) -> Vec<Arc<Listed>> {
    let query: String =
        query.trim().to_lowercase().chars().take(Limits::default().query_chars).collect();
    let mut found: Vec<(u32, &Arc<Listed>)> = catalog
        .iter()
        .map(|listed| (score(listed, &query), listed))
        .filter(|(score, _)| *score > 0)
        .collect();
    found.sort_by(|(left, one), (right, other)| right.cmp(left).then(one.id.cmp(&other.id)));
    found.into_iter().map(|(_, listed)| Arc::clone(listed)).collect()
}

fn score(listed: &Listed, query: &str) -> u32 {
    if query.is_empty() {
        return 1;
    }
    let item = &listed.item;
    let names = [item.name.zh.to_lowercase(), item.name.en.to_lowercase()];
    if names.iter().any(|name| name.contains(query)) {
        return 100;
    }
    if item.keywords.iter().any(|word| {
        let word = word.to_lowercase();
        word.contains(query) || (word.chars().count() > 1 && query.contains(&word))
    }) {
        return 80;
    }
    // Every word, or every pair of neighbouring characters, that stands in name, words or summary counts.
    let haystack = format!(
        "{} {} {} {} {}",
        names.join(" "),
        item.keywords.join(" "),
        item.summary.zh,
        item.summary.en,
        item.result.name.zh
    )
    .to_lowercase();
    let parts = parts(query);
    let hits = parts.iter().filter(|part| haystack.contains(part.as_str())).count();
    if hits * 2 >= parts.len() { u32::try_from(hits).unwrap_or(u32::MAX) } else { 0 }
}

fn parts(query: &str) -> Vec<String> {
    query
        .split_whitespace()
        .flat_map(|word| {
            if word.is_ascii() {
                return vec![word.to_owned()];
            }
            let letters: Vec<char> = word.chars().collect();
            letters.windows(2).map(|pair| pair.iter().collect()).collect()
        })
        .collect()
}
