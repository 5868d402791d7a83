//! The places that files for datasets come from by themselves.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use zhengtong_registry::Feed;

/// Refuses feeds that cannot be meant, each by its name.
pub(super) fn check(feeds: &[Feed]) -> Result<()> {
    let mut named = BTreeSet::new();
    for feed in feeds {
        if let Some(fault) = feed.faults().first() {
            bail!("[[feed]] {}：{} / {}", feed.id, fault.zh, fault.en);
        }
        if !named.insert(&feed.id) {
            bail!("[[feed]] {0} 写了两次 / there are two feeds {0}", feed.id);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(more: &str) -> Feed {
        let text = format!(
            "id = \"cards\"\ntitle = {{ zh = \"甲\", en = \"A\" }}\ndataset = \"a:b\"\n{more}"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn a_feed_that_cannot_be_meant_is_refused_with_what_to_write() {
        let rows = [
            ("from = \"ftp://a\"\nschedule = \"* * * * *\"", "file:///"),
            ("from = \"file://a\"\nschedule = \"* * * * *\"", "绝对路径"),
            ("from = \"https://u:p@a/b.csv\"\nschedule = \"* * * * *\"", "secret_file"),
            ("from = \"postgres://u@a/b\"\nschedule = \"* * * * *\"", "SELECT"),
            ("from = \"mysql://u@a/b\"\nschedule = \"* * * * *\"", "SELECT"),
            ("from = \"mysql://u:p@a/b\"\nschedule = \"* * * * *\"", "secret_file"),
            (
                "from = \"postgres://u@a/b\"\nquery = \"DELETE FROM x\"\nschedule = \"* * * * *\"",
                "SELECT",
            ),
            (
                "from = \"postgres://u@a/b\"\nquery = \"select 1; drop table x\"\nschedule = \"* * * * *\"",
                "分号",
            ),
            ("from = \"file:///a\"\nquery = \"select 1\"\nschedule = \"* * * * *\"", "query"),
            ("from = \"file:///a\"\nschedule = \"daily at noon\"", "*/15"),
            ("from = \"file:///a\"\nschedule = \"* * * * *\"\nmode = \"incremental\"", "watermark"),
            ("from = \"file:///a\"\nschedule = \"* * * * *\"\nwatermark = \"x\"", "watermark"),
        ];
        for (more, word) in rows {
            let said = check(&[feed(more)]).unwrap_err().to_string();
            assert!(said.contains(word), "{more}: {said}");
        }
        let sound = "from = \"postgres://u@a/b\"\nquery = \"WITH x AS (SELECT 1) SELECT * FROM x\"\nschedule = \"*/5 * * * *\"";
        check(&[feed(sound)]).unwrap();
        let twice = check(&[feed(sound), feed(sound)]).unwrap_err().to_string();
        assert!(twice.contains("写了两次"), "{twice}");
    }
}
