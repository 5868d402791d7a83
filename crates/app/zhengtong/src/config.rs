//! The configuration: defaults, then the file, then the environment, then the command line; each value
//! knows where it came from.

mod channels;
mod feeds;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_http::{Gate, GateLimits};
use zhengtong_pack::{File, Report, nearest, read_toml};

use crate::cli::Common;

/// Variables of the environment that are settings start with this.
const PREFIX: &str = "ZHENGTONG__";
/// Where the service manager puts credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// The file that is read when none is named.
const USUAL_FILE: &str = "zhengtong.toml";

/// The configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) data: Data,
    pub(crate) keys: Keys,
    pub(crate) backup: Backup,
    pub(crate) packs: Packs,
    pub(crate) city: City,
    /// Limits of logging in, sessions, passwords, recovery and substitutes.
    pub(crate) identity: zhengtong_party::Limits,
    pub(crate) passwords: Passwords,
    pub(crate) log: Log,
    pub(crate) metrics: Metrics,
    pub(crate) trace: Trace,
    /// Where each value is from; not a setting itself.
    #[serde(skip)]
    pub(crate) origins: BTreeMap<String, String>,
    pub(crate) limits: GateLimits,
    pub(crate) upload: Upload,
    pub(crate) egress: Egress,
    pub(crate) mail: Mail,
    pub(crate) sms: Sms,
    pub(crate) signon: Signon,
    /// Places that files for datasets come from by themselves, each a table `[[feed]]`.
    pub(crate) feed: Vec<zhengtong_registry::Feed>,
}

pub(crate) use channels::{Mail, Sms};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// The address to listen on.
    pub(crate) listen: String,
    /// The address under which the public reaches the site; empty: http and the listen address.
    pub(crate) public_url: String,
    /// The file with the server's certificate and those above it (PEM); empty: a balancer in front has the certificate.
    pub(crate) certificate: PathBuf,
    /// The file with its private key (PEM).
    pub(crate) certificate_key: PathBuf,
    /// How long requests may go on after a signal to stop.
    pub(crate) drain_seconds: u64,
    /// How long one request may take, from the last byte that came of it.
    pub(crate) request_seconds: u64,
    /// How long the head of a request may take, and how long a line may stand idle.
    pub(crate) head_seconds: u64,
    /// How long a client may pause while it sends or takes something.
    pub(crate) stall_seconds: u64,
    /// Bytes of a body that must come each second, on average.
    pub(crate) body_bytes_per_second: u64,
    /// Lines to clients at the same time.
    pub(crate) lines_max: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// A database of your own; empty: a private cluster in the data folder.
    pub(crate) url: String,
    pub(crate) connections_max: u32,
    pub(crate) statement_ms_max: u64,
    /// After how many seconds without its standby the private cluster goes on alone; 0: writes wait.
    pub(crate) degrade_seconds: u64,
}

/// Backups on schedule, and the drills that prove them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Backup {
    /// Where backups go; empty: none are taken on schedule.
    pub(crate) folder: PathBuf,
    /// The file with the passphrase that seals them. Keep a copy of it elsewhere.
    pub(crate) passphrase_file: PathBuf,
    /// When backups are taken, in China's civil time.
    pub(crate) schedule: String,
    /// How many are kept.
    pub(crate) keep: usize,
    /// When the newest backup is restored and proved.
    pub(crate) drill_schedule: String,
    /// Where drills restore to; empty: `drill` in the data folder.
    pub(crate) drill_folder: PathBuf,
    /// The stanza of pgBackRest to which the log is archived; empty: it is not archived.
    pub(crate) pgbackrest_stanza: String,
    /// The configuration of pgBackRest, an absolute path.
    pub(crate) pgbackrest_config: PathBuf,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            passphrase_file: PathBuf::new(),
            schedule: "0 2 * * *".to_owned(),
            keep: 14,
            drill_schedule: "0 4 * * 0".to_owned(),
            drill_folder: PathBuf::new(),
            pgbackrest_stanza: String::new(),
            pgbackrest_config: PathBuf::new(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    pub(crate) folder: PathBuf,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    /// The file with the passphrase under which `master.key` is wrapped; empty: it is not wrapped.
    pub(crate) passphrase_file: PathBuf,
    /// The folder in which the service manager puts the credential `master.key`; empty: the data folder.
    pub(crate) credentials: PathBuf,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Packs {
    /// A folder of packs that is read again when a file changes; empty: the packs inside the program.
    pub(crate) folder: PathBuf,
}

/// What passwords are compared with beside the commonest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Passwords {
    /// A file of SHA-1 digests in order, one a line, of passwords that became known; empty: none.
    pub(crate) known: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct City {
    pub(crate) name: Text,
    /// The code of the city by GB/T 2260.
    pub(crate) region: String,
    /// Lines at the foot of every page: organiser, record numbers.
    pub(crate) legal: Vec<Text>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `json` or `text`.
    pub(crate) format: String,
    /// Such as `info` or `warn,zhengtong=debug`.
    pub(crate) level: String,
    /// Where the log is sent as well, `tls://logs.example.cn:6514`; its host stands in `[egress]`. Empty: nowhere.
    pub(crate) collector: String,
}

/// What is asked before a file of somebody's is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Upload {
    /// The virus scanner: `/run/clamav/clamd.ctl` or `127.0.0.1:3310`; empty: none.
    pub(crate) clamd: String,
    /// While the scanner is away: `hold` keeps files shut away until they were looked at, `refuse` takes none.
    pub(crate) scanner_away: String,
    /// How long a look may take.
    pub(crate) scan_seconds: u64,
}

/// What the platform may call outside.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Egress {
    /// Hosts with their ports, such as `pay.example.gov.cn:443`; nothing else is ever called.
    pub(crate) allow: Vec<String>,
    /// Those of them that may lie in private ranges, such as `10.1.2.3:8443`.
    pub(crate) private: Vec<String>,
    /// Networks in which systems of departments and providers of logins may lie, such as `10.0.0.0/8`.
    pub(crate) networks: Vec<String>,
}

/// Other ways to log in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Signon {
    /// Outside providers of identities, each a table `[[signon.provider]]`.
    pub(crate) provider: Vec<Provider>,
    /// Files of authorities (PEM) whose certificates count as a second factor of staff; none: no certificate counts.
    pub(crate) certificate_authorities: Vec<PathBuf>,
    /// Files of what these authorities took back (CRL); they are read again when they change.
    pub(crate) certificate_revoked: Vec<PathBuf>,
}

/// An outside provider of identities.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    /// The word in addresses.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) title: Text,
    /// Its issuer, exactly as its documents say it.
    pub(crate) issuer: String,
    /// Our name there.
    pub(crate) client_id: String,
    /// Our secret there.
    pub(crate) secret: String,
    /// Whether it proves names and says numbers of identity cards.
    #[serde(default)]
    pub(crate) real_name: bool,
}

impl Default for Upload {
    fn default() -> Self {
        Self { clamd: String::new(), scanner_away: "hold".to_owned(), scan_seconds: 30 }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Metrics {
    /// The word that a scraper of `/metrics` brings as a bearer; empty: only this machine may ask.
    pub(crate) token: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Trace {
    /// The collector of spans, such as `http://127.0.0.1:4318`; empty: none are made.
    pub(crate) endpoint: String,
    /// The name of this system among others that send to the same collector.
    pub(crate) service: String,
}

impl Default for Trace {
    fn default() -> Self {
        Self { endpoint: String::new(), service: "zhengtong".to_owned() }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: String::new(),
            certificate: PathBuf::new(),
            certificate_key: PathBuf::new(),
            drain_seconds: 30,
            request_seconds: 15,
            head_seconds: 20,
            stall_seconds: 30,
            body_bytes_per_second: 1_024,
            lines_max: 8_192,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: String::new(),
            connections_max: 20,
            statement_ms_max: 15_000,
            degrade_seconds: 0,
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self { folder: PathBuf::from("/var/lib/zhengtong") }
    }
}

impl Default for City {
    fn default() -> Self {
        Self {
            name: Text::new("示例市", "Sample City"),
            region: "330100".to_owned(),
            legal: vec![
                Text::new("主办：示例市人民政府办公室", "Organiser: General Office of Sample City"),
                Text::new("承办：示例市数据局", "Run by: Data Bureau of Sample City"),
                Text::new("示例 ICP 备 00000000 号", "Sample ICP record 00000000"),
                Text::new("网站标识码 0000000000", "Site code 0000000000"),
            ],
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: "json".to_owned(), level: "info".to_owned(), collector: String::new() }
    }
}

impl Config {
    /// The address under which the public reaches the site, without a slash at the end.
    pub(crate) fn public_url(&self) -> String {
        if self.server.public_url.is_empty() {
            let scheme = if self.server.is_secure() { "https" } else { "http" };
            return format!("{scheme}://{}", self.server.listen);
        }
        self.server.public_url.trim_end_matches('/').to_owned()
    }
}

impl Server {
    /// Whether lines are encrypted by this program itself.
    pub(crate) fn is_secure(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }
}

/// A configuration and where each value came from.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    pub(crate) config: Config,
    pub(crate) origins: BTreeMap<String, String>,
}

/// Reads the configuration for a command line.
pub(crate) fn load(common: &Common) -> Result<Effective> {
    let mut table = toml::Table::try_from(Config::default()).context("the default settings")?;
    let mut origins: BTreeMap<String, String> =
        leaves("", &table).into_iter().map(|(key, _)| (key, "default".to_owned())).collect();
    let file = match &common.config {
        Some(path) => Some(path.clone()),
        None => Path::new(USUAL_FILE).exists().then(|| PathBuf::from(USUAL_FILE)),
    };
    if let Some(path) = file {
        let layer = read_file(&path)?;
        let origin = path.display().to_string();
        merge(&mut table, &layer, &origin, &mut origins);
    }
    let known: Vec<String> = origins.keys().cloned().collect();
    let variables: Vec<(String, String)> =
        std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    for (name, value) in variables {
        let key = name.trim_start_matches(PREFIX).to_lowercase().replace("__", ".");
        set(&mut table, &key, &value, &known)
            .with_context(|| format!("the environment variable {name}"))?;
        origins.insert(key, format!("environment {name}"));
    }
    if let Some((_, folder)) = std::env::vars().find(|(name, _)| name == CREDENTIALS) {
        set(&mut table, "keys.credentials", &folder, &known)?;
        origins.insert("keys.credentials".to_owned(), format!("environment {CREDENTIALS}"));
    }
    for (key, value) in flags(common) {
        set(&mut table, key, &value, &known)?;
        origins.insert(key.to_owned(), "command line".to_owned());
    }
    let mut config: Config = table.try_into().context("the settings do not fit together")?;
    check(&config)?;
    config.origins.clone_from(&origins);
    Ok(Effective { config, origins })
}

fn flags(common: &Common) -> Vec<(&'static str, String)> {
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    [
        ("data.folder", common.data.as_ref().map(path)),
        ("packs.folder", common.packs.as_ref().map(path)),
        ("server.listen", common.listen.clone()),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect()
}

fn read_file(path: &Path) -> Result<toml::Table> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
    let name = path.to_string_lossy();
    let file = File { pack: ".", path: &name, text: &text };
    let mut report = Report::default();
    // The type is read for its checks only: unknown keys and wrong types, with their place.
    let checked: Option<Config> = read_toml(&file, &mut report);
    if checked.is_none() {
        let faults: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        bail!("{}", faults.join("\n"));
    }
    toml::from_str(&text).with_context(|| format!("{name}"))
}

fn merge(
    into: &mut toml::Table,
    layer: &toml::Table,
    origin: &str,
    origins: &mut BTreeMap<String, String>,
) {
    for (key, value) in leaves("", layer) {
        place(into, &key, value);
        origins.insert(key, origin.to_owned());
    }
}

pub(crate) fn leaves(prefix: &str, table: &toml::Table) -> Vec<(String, toml::Value)> {
    let mut found = Vec::new();
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => found.extend(leaves(&key, inner)),
            other => found.push((key, other.clone())),
        }
    }
    found
}

fn place(table: &mut toml::Table, key: &str, value: toml::Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = table
                .entry(first.to_owned())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

/// Sets a value from text: it takes the type that the setting has now.
fn set(table: &mut toml::Table, key: &str, text: &str, known: &[String]) -> Result<()> {
    let now = leaves("", table).into_iter().find(|(name, _)| name == key);
    let Some((_, now)) = now else {
        let near = nearest(key, known.iter().map(String::as_str));
        let hint = near
            .map_or_else(String::new, |near| format!("，是不是 {near}？ / did you mean {near}?"));
        bail!("没有 {key} 这项设置 / there is no setting {key}{hint}");
    };
    let wrong = || format!("{key} 的值 {text} 类型不对 / {text} does not fit the setting {key}");
    let value = match now {
        toml::Value::Integer(_) => toml::Value::Integer(text.parse().with_context(wrong)?),
        toml::Value::Boolean(_) => toml::Value::Boolean(text.parse().with_context(wrong)?),
        toml::Value::String(_) => toml::Value::String(text.to_owned()),
        _ => bail!("{key} 只能写在配置文件里 / {key} can only be set in the file"),
    };
    place(table, key, value);
    Ok(())
}

fn check(config: &Config) -> Result<()> {
    let faults = config.identity.faults();
    if !faults.is_empty() {
        bail!(
            "[identity] 里这些值不合理：{0} / these values under [identity] cannot be meant: {0}",
            faults.join(", ")
        );
    }
    if config.server.listen.parse::<std::net::SocketAddr>().is_err() {
        bail!(
            "server.listen 写成 127.0.0.1:8080 这样，现在是 {0} / server.listen must look like 127.0.0.1:8080, not {0}",
            config.server.listen
        );
    }
    crate::tls::check(&config.server)?;
    if !matches!(config.upload.scanner_away.as_str(), "hold" | "refuse") {
        bail!(
            "upload.scanner_away 只能是 hold 或 refuse / upload.scanner_away must be hold or refuse"
        );
    }
    for provider in &config.signon.provider {
        if !zhengtong_signon::is_provider(&provider.id, &provider.issuer) {
            bail!(
                "[[signon.provider]] {0}：id 用小写字母、数字、连字符，issuer 用 https（本机除外） / {0}: id in small letters, digits and hyphens, issuer with https but on this machine",
                provider.id
            );
        }
    }
    let (authorities, revoked) =
        (&config.signon.certificate_authorities, &config.signon.certificate_revoked);
    if authorities.is_empty() != revoked.is_empty() {
        bail!(
            "signon.certificate_authorities 和 signon.certificate_revoked 要一起写：查不到吊销的证书不能用 / write both: a certificate that nobody can say was revoked is not accepted"
        );
    }
    if !authorities.is_empty() && config.limits.proxies.is_empty() {
        bail!(
            "收证书要在 limits.proxies 里写明负载均衡的地址，否则谁都能写证书头 / accepting certificates needs the balancer in limits.proxies: anybody can write the header"
        );
    }
    feeds::check(&config.feed)?;
    if let Err(fault) = Gate::new(config.limits.clone()) {
        bail!("limits: {fault}");
    }
    for pattern in [&config.backup.schedule, &config.backup.drill_schedule] {
        if let Err(error) = zhengtong_db::jobs::check_pattern(pattern) {
            bail!("backup.schedule: {error}");
        }
    }
    let (stanza, path) = (&config.backup.pgbackrest_stanza, &config.backup.pgbackrest_config);
    if !stanza.is_empty() && !path.is_absolute() {
        bail!(
            "backup.pgbackrest_config 要写绝对路径 / backup.pgbackrest_config must be an absolute path"
        );
    }
    if !matches!(config.log.format.as_str(), "json" | "text") {
        bail!("log.format 只能是 json 或 text / log.format must be json or text");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(config: Option<&Path>) -> Common {
        Common {
            config: config.map(Path::to_owned),
            data: None,
            packs: None,
            listen: Some("127.0.0.1:9".to_owned()),
            json: false,
        }
    }

    #[test]
    fn each_layer_wins_over_the_one_before_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("z.toml");
        std::fs::write(
            &file,
            "[server]\ndrain_seconds = 7\n[city.name]\nzh = \"甲市\"\nen = \"A\"\n",
        )
        .unwrap();
        let effective = load(&common(Some(&file))).unwrap();
        assert_eq!(effective.config.server.drain_seconds, 7);
        assert_eq!(effective.config.city.name.zh, "甲市");
        assert_eq!(effective.origins["server.listen"], "command line");
        assert_eq!(effective.origins["server.drain_seconds"], file.display().to_string());
        assert_eq!(effective.origins["server.request_seconds"], "default");
    }

    #[test]
    fn certificates_are_accepted_only_with_a_list_of_the_revoked_and_a_balancer() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("z.toml");
        let rows = [
            ("certificate_authorities = [\"ca.pem\"]", "", "certificate_revoked"),
            ("certificate_revoked = [\"ca.crl\"]", "", "certificate_authorities"),
            (
                "certificate_authorities = [\"ca.pem\"]\ncertificate_revoked = [\"ca.crl\"]",
                "",
                "limits.proxies",
            ),
            (
                "certificate_authorities = [\"ca.pem\"]\ncertificate_revoked = [\"ca.crl\"]",
                "[limits]\nproxies = [\"10.0.0.5\"]\n",
                "",
            ),
        ];
        for (signon, more, word) in rows {
            std::fs::write(&file, format!("{more}[signon]\n{signon}\n")).unwrap();
            match load(&common(Some(&file))) {
                Ok(_) => assert_eq!(word, ""),
                Err(error) => {
                    let said = error.to_string();
                    assert!(!word.is_empty() && said.contains(word), "{said}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("z.toml");
        std::fs::write(&file, "[server]\nlisen = \"x\"\n").unwrap();
        let said = load(&common(Some(&file))).unwrap_err().to_string();
        assert!(said.contains(":2:1:") && said.contains("listen"), "{said}");
    }
}
