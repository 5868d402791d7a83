//! What the doctor looks at for trust: the scanner of files, the way out, the master key.

use std::collections::BTreeSet;
use std::time::Duration;

use zhengtong_db::clock::{Clock as _, SystemClock};

use super::Finding;
use crate::config::Config;
use crate::{keys, outside};

/// How long a name may take to be looked up, and the scanner to say a word.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the files of strangers are looked at.
pub(super) async fn scanner(config: &Config) -> Finding {
    let what = "杀毒 / virus scanner";
    let finding = |sound, detail: String, mend| Finding { what, sound, detail, mend };
    let scanner = match outside::scanner(config) {
        Ok(Some(scanner)) => scanner,
        Ok(None) => {
            return finding(
                false,
                "没有设置，收到的文件没有人查 / none: files of strangers are not looked at"
                    .to_owned(),
                "装 clamav-daemon，设 upload.clamd 为 /run/clamav/clamd.ctl / install clamav-daemon and set upload.clamd to /run/clamav/clamd.ctl",
            );
        }
        Err(error) => {
            return finding(
                false,
                format!("{error:#}"),
                "upload.clamd 写成套接字路径或 主机:端口 / upload.clamd is the path of a socket or host:port",
            );
        }
    };
    let scanner = zhengtong_blob::Scanner { limit: PATIENCE, ..scanner };
    match scanner.ping().await {
        Ok(()) => finding(true, format!("clamd，{}", config.upload.clamd), ""),
        Err(error) => finding(
            false,
            format!("{}：{error}", config.upload.clamd),
            "启动 clamav-daemon，让运行本程序的用户能连它的套接字；它不在时收到的文件先扣下 / start clamav-daemon and let the user of this program connect to it; until then files are held",
        ),
    }
}

/// How many days before its end a certificate must be renewed.
const RENEW_DAYS: i64 = 14;

/// Whether lines to the public are encrypted, and for how long they will be.
pub(super) fn certificate(config: &Config) -> Finding {
    let what = "本站证书 / server certificate";
    let finding = |sound, detail: String, mend| Finding { what, sound, detail, mend };
    if !config.server.is_secure() {
        let url = config.public_url();
        return finding(
            url.starts_with("https://") || config.server.listen.starts_with("127."),
            format!("由前面的负载均衡出示 / the balancer in front has it: {url}"),
            "设 server.certificate 和 server.certificate_key，或在前面放带证书的负载均衡并把 server.public_url 写成 https:// / set server.certificate and server.certificate_key, or put a balancer with a certificate in front and write server.public_url with https://",
        );
    }
    let leaf = match crate::tls::leaf(&config.server) {
        Ok(leaf) => leaf,
        Err(error) => {
            return finding(
                false,
                format!("{error:#}"),
                "核对 server.certificate 和 server.certificate_key / check server.certificate and server.certificate_key",
            );
        }
    };
    let now = SystemClock.now();
    let Some((from, until)) = zhengtong_signon::validity(&leaf) else {
        return finding(
            false,
            config.server.certificate.display().to_string(),
            "换一张证书 / get another certificate",
        );
    };
    let days = (until - now).whole_days();
    finding(
        from <= now && days >= RENEW_DAYS,
        format!("{} – {}（{days} 天 / days）", from.date(), until.date()),
        "换上新证书：文件改了五秒内生效，不用重启 / put the renewed files in place: they are in force within five seconds, without a restart",
    )
}

/// Whether the list of the way out can be used, and its names are known here.
pub(super) async fn egress(config: &Config) -> Finding {
    let what = "对外访问 / calls to the outside";
    let finding = |sound, detail: String, mend| Finding { what, sound, detail, mend };
    if let Err(error) = outside::egress(config) {
        return finding(
            false,
            format!("{error:#}"),
            "egress.allow 和 egress.private 写成 主机:端口，egress.networks 写成 10.0.0.0/8 / egress.allow and egress.private take host:port, egress.networks takes 10.0.0.0/8",
        );
    }
    let hosts = hosts(config);
    if hosts.is_empty() {
        return finding(true, "不访问任何外部系统 / none are made".to_owned(), "");
    }
    let mut unknown = Vec::new();
    for host in &hosts {
        if !is_known(host).await {
            unknown.push(host.as_str());
        }
    }
    let detail =
        if unknown.is_empty() { listed(&hosts) } else { format!("✗ {}", unknown.join(" ")) };
    finding(
        unknown.is_empty(),
        detail,
        "这些名字查不到地址：核对拼写和 /etc/resolv.conf / these names have no address: check their spelling and /etc/resolv.conf",
    )
}

fn listed(hosts: &BTreeSet<String>) -> String {
    hosts.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The hosts of the list, and those of providers of logins.
fn hosts(config: &Config) -> BTreeSet<String> {
    let listed = config.egress.allow.iter().chain(&config.egress.private);
    let bare = |entry: &String| entry.rsplit_once(':').map(|(host, _)| host.to_owned());
    let issuers = config.signon.provider.iter().filter_map(|provider| {
        let rest = provider.issuer.split_once("://")?.1;
        let authority = rest.split('/').next().unwrap_or_default();
        let port = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        Some(port.map_or(authority, |(host, _)| host).to_owned())
    });
    listed.filter_map(bare).chain(issuers).collect()
}

async fn is_known(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let look = tokio::net::lookup_host((host, 0));
    let found = tokio::time::timeout(PATIENCE, look).await;
    found.is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some()))
}

/// Whether the master key is there and opens.
pub(super) fn master(config: &Config) -> Finding {
    let what = "主密钥 / master key";
    let finding = |sound, detail: String, mend| Finding { what, sound, detail, mend };
    let places = match keys::places(config) {
        Ok(places) => places,
        Err(error) => {
            return finding(
                false,
                format!("{error:#}"),
                "核对 keys.passphrase_file / check keys.passphrase_file",
            );
        }
    };
    let path = places.path();
    match zhengtong_vault::Master::read(&path, places.passphrase.as_deref()) {
        Ok(Some(_)) => finding(true, path.display().to_string(), ""),
        Ok(None) if !config.data.folder.join("version.json").exists() => {
            finding(true, "第一次启动时生成 / made at the first start".to_owned(), "")
        }
        Ok(None) => finding(
            false,
            format!("✗ {}", path.display()),
            "从备份或保管处取回 master.key；没有它，个人信息和存证密钥都打不开 / bring master.key back from a backup or from safe-keeping: without it neither personal data nor the key of the record open",
        ),
        Err(error) => finding(
            false,
            error.to_string(),
            "口令不对就核对 keys.passphrase_file；文件坏了就从备份取回 / for a wrong passphrase check keys.passphrase_file; for a broken file bring it back from a backup",
        ),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn sound(finding: &Finding) -> bool {
        assert!(finding.what.contains(" / "), "{}: in two languages", finding.what);
        assert!(finding.sound || finding.mend.contains(" / "), "{}: a hint", finding.what);
        finding.sound
    }

    #[tokio::test]
    async fn a_scanner_that_is_missing_or_away_is_told() {
        let mut config = Config::default();
        assert!(!sound(&scanner(&config).await));
        config.upload.clamd = "neither".to_owned();
        assert!(!sound(&scanner(&config).await));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        config.upload.clamd = listener.local_addr().unwrap().to_string();
        let answers = ["PONG\0", "HTTP/1.1 400 Bad Request\r\n"];
        tokio::spawn(async move {
            for answer in answers {
                let (mut line, _) = listener.accept().await.unwrap();
                let mut asked = [0; 6];
                line.read_exact(&mut asked).await.unwrap();
                assert_eq!(&asked, b"zPING\0");
                line.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        assert!(sound(&scanner(&config).await));
        assert!(!sound(&scanner(&config).await), "it is something else");
        assert!(!sound(&scanner(&config).await), "nobody is there");
    }

    #[tokio::test]
    async fn a_list_that_cannot_be_used_and_a_name_without_an_address_are_told() {
        let mut config = Config::default();
        assert!(sound(&egress(&config).await));
        config.egress.allow = vec!["127.0.0.1:443".to_owned(), "[::1]:443".to_owned()];
        assert!(sound(&egress(&config).await));
        config.egress.allow = vec!["nobody.invalid:443".to_owned()];
        let found = egress(&config).await;
        assert!(!sound(&found) && found.detail.contains("nobody.invalid"), "{}", found.detail);
        config.egress.allow = vec!["no-port".to_owned()];
        assert!(!sound(&egress(&config).await));
        config.egress.allow.clear();
        config.egress.networks = vec!["10.0.0.0/99".to_owned()];
        assert!(!sound(&egress(&config).await));
    }

    #[test]
    fn a_master_key_that_is_gone_or_does_not_open_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.data.folder = folder.path().to_owned();
        assert!(sound(&master(&config)), "a folder that nobody began yet");
        std::fs::write(folder.path().join("version.json"), "{}").unwrap();
        assert!(!sound(&master(&config)), "gone");
        let key = zhengtong_vault::Master::draw().unwrap();
        let path = folder.path().join("master.key");
        key.write(&path, None).unwrap();
        assert!(sound(&master(&config)));
        std::fs::write(&path, "half a key").unwrap();
        assert!(!sound(&master(&config)), "broken");
        key.write(&path, Some("one")).unwrap();
        assert!(!sound(&master(&config)), "without its passphrase");
        let word = folder.path().join("word");
        std::fs::write(&word, "two\n").unwrap();
        config.keys.passphrase_file = word.clone();
        assert!(!sound(&master(&config)), "under another passphrase");
        std::fs::write(&word, "one\n").unwrap();
        assert!(sound(&master(&config)));
        config.keys.passphrase_file = folder.path().join("nothing");
        assert!(!sound(&master(&config)), "a passphrase file that is not there");
    }
}
