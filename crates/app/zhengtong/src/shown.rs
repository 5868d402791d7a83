//! The configuration as people are shown it: every key with its value, and never a secret.

use std::collections::BTreeMap;

use crate::config::{Config, Effective, leaves};

/// Keys whose values are secrets, by their last word.
const SECRETS: [&str; 4] = ["token", "secret", "password", "key"];

/// Every setting with its value, secrets masked, by key.
pub(crate) fn shown(config: &Config) -> Vec<(String, String)> {
    let Ok(table) = toml::Table::try_from(config.clone()) else { return Vec::new() };
    let mut rows: Vec<(String, String)> = leaves("", &table)
        .into_iter()
        .map(|(key, value)| {
            let value = mask(&key, value).to_string();
            (key, value)
        })
        .collect();
    // A city's name is one setting in two languages; their order in a file means nothing.
    rows.sort();
    rows
}

/// The configuration as lines `key = value  # origin`, secrets masked.
pub(crate) fn describe(effective: &Effective) -> Vec<String> {
    let line = |(key, value): (String, String)| {
        let origin = origin(&effective.origins, &key);
        format!("{key} = {value}  # {origin}")
    };
    shown(&effective.config).into_iter().map(line).collect()
}

fn origin<'a>(origins: &'a BTreeMap<String, String>, key: &str) -> &'a str {
    origins.get(key).map_or("default", String::as_str)
}

/// A value in which what is secret is hidden, also inside lists and tables.
fn mask(key: &str, value: toml::Value) -> toml::Value {
    let last = key.rsplit(['.', '_']).next().unwrap_or(key);
    match value {
        toml::Value::String(text) if SECRETS.contains(&last) && !text.is_empty() => {
            toml::Value::String("***".to_owned())
        }
        toml::Value::String(text) => toml::Value::String(mask_url(&text)),
        toml::Value::Array(rows) => {
            toml::Value::Array(rows.into_iter().map(|row| mask(key, row)).collect())
        }
        toml::Value::Table(table) => {
            let rows = table.into_iter().map(|(name, value)| {
                let masked = mask(&name, value);
                (name, masked)
            });
            toml::Value::Table(rows.collect())
        }
        other => other,
    }
}

/// The password of a URL is never shown.
fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // The last sign of all: a password may hold one too.
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match user.split_once(':') {
        Some((name, _password)) => format!("{scheme}://{name}:***@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(mask_url("postgres://a:secret@h/d"), "postgres://a:***@h/d");
        assert_eq!(mask_url("postgres://a:se@cret@h/d"), "postgres://a:***@h/d");
        assert_eq!(mask_url("postgres:///d?host=/run"), "postgres:///d?host=/run");
        let list: toml::Table =
            toml::from_str("[[provider]]\nid = \"x\"\nclient_secret = \"s3cret\"\n").unwrap();
        let masked = mask("signon.provider", list["provider"].clone()).to_string();
        assert!(masked.contains("***") && !masked.contains("s3cret"), "{masked}");
    }
}
