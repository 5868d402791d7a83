//! The configuration: defaults, then the file, then the environment, then the command line; each value
//! knows where it came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, Report, nearest, read_toml};

use crate::cli::Common;

/// Variables of the environment that are settings start with this.
const PREFIX: &str = "ZHENGTONG__";
/// The file that is read when none is named.
const USUAL_FILE: &str = "zhengtong.toml";

/// The configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) data: Data,
    pub(crate) packs: Packs,
    pub(crate) city: City,
    pub(crate) log: Log,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// The address to listen on.
    pub(crate) listen: String,
    /// The address under which the public reaches the site; empty: http and the listen address.
    pub(crate) public_url: String,
    /// How long requests may go on after a signal to stop.
    pub(crate) drain_seconds: u64,
    /// How long one request may take.
    pub(crate) request_seconds: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// A database of your own; empty: a private cluster in the data folder.
    pub(crate) url: String,
    pub(crate) connections_max: u32,
    pub(crate) statement_ms_max: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    pub(crate) folder: PathBuf,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Packs {
    /// A folder of packs that is read again when a file changes; empty: the packs inside the program.
    pub(crate) folder: PathBuf,
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
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: String::new(),
            drain_seconds: 30,
            request_seconds: 15,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: String::new(), connections_max: 20, statement_ms_max: 15_000 }
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
        Self { format: "json".to_owned(), level: "info".to_owned() }
    }
}

impl Config {
    /// The address under which the public reaches the site, without a slash at the end.
    pub(crate) fn public_url(&self) -> String {
        if self.server.public_url.is_empty() {
            return format!("http://{}", self.server.listen);
        }
        self.server.public_url.trim_end_matches('/').to_owned()
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
    for (key, value) in flags(common) {
        set(&mut table, key, &value, &known)?;
        origins.insert(key.to_owned(), "command line".to_owned());
    }
    let config: Config = table.try_into().context("the settings do not fit together")?;
    check(&config)?;
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

fn leaves(prefix: &str, table: &toml::Table) -> Vec<(String, toml::Value)> {
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
    if config.server.listen.parse::<std::net::SocketAddr>().is_err() {
        bail!(
            "server.listen 写成 127.0.0.1:8080 这样，现在是 {0} / server.listen must look like 127.0.0.1:8080, not {0}",
            config.server.listen
        );
    }
    if !matches!(config.log.format.as_str(), "json" | "text") {
        bail!("log.format 只能是 json 或 text / log.format must be json or text");
    }
    Ok(())
}

/// The configuration as lines `key = value  # origin`, secrets masked.
pub(crate) fn describe(effective: &Effective) -> Result<Vec<String>> {
    let table = toml::Table::try_from(effective.config.clone()).context("settings")?;
    Ok(leaves("", &table)
        .into_iter()
        .map(|(key, value)| {
            let origin = effective.origins.get(&key).map_or("default", String::as_str);
            let shown = match &value {
                toml::Value::String(url) if key == "database.url" => mask_url(url),
                other => other.to_string(),
            };
            format!("{key} = {shown}  # {origin}")
        })
        .collect())
}

/// The password of a URL is never shown.
fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return format!("{url:?}") };
    let masked = match rest.split_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:***@{host}")
        }
        None => url.to_owned(),
    };
    format!("{masked:?}")
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
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("z.toml");
        std::fs::write(&file, "[server]\nlisen = \"x\"\n").unwrap();
        let said = load(&common(Some(&file))).unwrap_err().to_string();
        assert!(said.contains(":2:1:") && said.contains("listen"), "{said}");
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(mask_url("postgres://a:secret@h/d"), "\"postgres://a:***@h/d\"");
    }
}
