//! What this engine reads from packs: `party/*.toml`, the roles that posts can give.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{FileKind, Packs, PartDecl, Report, nearest, read_toml, schema_of};

use crate::model::{ADMINISTRATORS, AGENT, HALF_WAY};

/// The sub-folder of packs.
pub const PART: PartDecl = PartDecl {
    folder: "party",
    endings: &["toml"],
    kinds: &[FileKind { schema: "party", make: schema_of::<RoleFile> }],
};

/// A file `party/*.toml`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleFile {
    /// The roles by their words.
    pub role: BTreeMap<String, Role>,
}

/// A role that a post can give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What people call it.
    pub title: Text,
    /// One sentence: what its holder does.
    pub summary: Text,
    /// Whether it is one of the three administrators, who exclude each other.
    #[serde(default)]
    pub admin: bool,
}

/// All roles of all packs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The roles by their words.
    pub roles: BTreeMap<String, Role>,
}

impl Catalog {
    /// The known role nearest to a word that is not one.
    pub fn nearest(&self, word: &str) -> Option<&str> {
        nearest(word, self.roles.keys().map(String::as_str))
    }
}

/// Reads the roles of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut catalog = Catalog::default();
    let mut homes: BTreeMap<String, String> = BTreeMap::new();
    for file in packs.iter().flat_map(|pack| pack.folder("party", "toml")) {
        let Some(parsed) = read_toml::<RoleFile>(&file, report) else { continue };
        for (word, role) in parsed.role {
            let needle = format!("[role.{word}]");
            if let Some(text) = fault(&word, &role, homes.get(&word)) {
                report.push(file.error_at(&needle, text));
                continue;
            }
            homes.insert(word.clone(), file.full_path());
            catalog.roles.insert(word, role);
        }
    }
    catalog
}

fn fault(word: &str, role: &Role, home: Option<&String>) -> Option<Text> {
    let plain = word
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if !plain || word.is_empty() {
        return Some(Text::new(
            format!("岗位角色 {word} 只能用小写字母、数字和连字符"),
            format!("role {word} may hold lower-case letters, digits and hyphens only"),
        ));
    }
    if [AGENT, HALF_WAY].contains(&word) {
        return Some(Text::new(
            format!("{word} 由平台产生，不能作为岗位角色"),
            format!("{word} comes from the platform and cannot be given by a post"),
        ));
    }
    if let Some(home) = home {
        return Some(Text::new(
            format!("角色 {word} 已在 {home} 里定义"),
            format!("role {word} is defined in {home} already"),
        ));
    }
    if role.admin != ADMINISTRATORS.contains(&word) {
        return Some(Text::new(
            format!("admin = true 只用于三员：{}，并且必须写上", ADMINISTRATORS.join("、")),
            format!(
                "admin = true belongs to the three administrators and to no other: {}",
                ADMINISTRATORS.join(", ")
            ),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) -> Catalog {
        let manifest = "id = \"a\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
                        title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
        let files = [("pack.toml", manifest), ("party/roles.toml", text)];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let mut report = Report::default();
        let packs =
            Packs::from_files(BTreeMap::from([("a".to_owned(), files.into())]), &mut report);
        let catalog = read(&packs, &mut report);
        let said: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said} should start with {expected}");
        }
        catalog
    }

    const WORDS: &str = "title = { zh = \"窗口\", en = \"Window\" }\nsummary = { zh = \"受理\", en = \"Accepts\" }\n";

    #[test]
    fn roles_are_read_and_faults_have_a_place() {
        let good =
            check(&format!("[role.window]\n{WORDS}[role.audit-admin]\nadmin = true\n{WORDS}"), &[]);
        assert_eq!(good.roles.keys().collect::<Vec<_>>(), ["audit-admin", "window"]);
        assert_eq!(good.nearest("windo"), Some("window"));
        check(
            &format!("[role.window]\n{WORDS}admn = true\n"),
            &["a/party/roles.toml:4:1: 不认识 admn"],
        );
        check(&format!("\n[role.Window]\n{WORDS}"), &["a/party/roles.toml:2:1: 岗位角色 Window"]);
        check(
            &format!("[role.window]\nadmin = true\n{WORDS}"),
            &["a/party/roles.toml:1:1: admin = true 只用于三员"],
        );
        check(
            &format!("[role.system-admin]\n{WORDS}"),
            &["a/party/roles.toml:1:1: admin = true 只用于三员"],
        );
        check(
            &format!("[role.citizen-agent]\n{WORDS}"),
            &["a/party/roles.toml:1:1: citizen-agent 由平台产生"],
        );
        check(
            "[role.window]\ntitle = { zh = \"窗口\", en = \"Window\" }\n",
            &["a/party/roles.toml:1:1: 缺少 summary"],
        );
    }
}
