//! What may be written: each rule by the field it is about. Pure.

use serde_json::{Map, Value};
use zhengtong_base::FieldError;

use crate::error::{Error, Result};
use crate::model::{CollectionBody, Extra, PackageBody, ResourceBody};

/// Most characters of a short text, of a long one, and most entries of a list.
const LINE_MAX: usize = 500;
const TEXT_MAX: usize = 20_000;
const LIST_MAX: usize = 200;

/// Terms under which data may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence {
    /// The word.
    pub id: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Where the terms stand; a path is one of this site.
    pub url: &'static str,
    /// Whether the data is open by the Open Definition.
    pub open: bool,
}

/// The terms that may be named. The first are the city's own.
pub const LICENCES: &[Licence] = &[
    Licence {
        id: "city-open",
        zh: "开放数据使用规则",
        en: "Terms of open data",
        url: "/data",
        open: true,
    },
    Licence {
        id: "cc-by",
        zh: "知识共享 署名 4.0",
        en: "Creative Commons Attribution 4.0",
        url: "https://creativecommons.org/licenses/by/4.0/",
        open: true,
    },
    Licence {
        id: "cc-zero",
        zh: "知识共享 零",
        en: "Creative Commons Zero",
        url: "https://creativecommons.org/publicdomain/zero/1.0/",
        open: true,
    },
    Licence {
        id: "odc-by",
        zh: "开放数据共用 署名",
        en: "Open Data Commons Attribution",
        url: "https://opendatacommons.org/licenses/by/1-0/",
        open: true,
    },
    Licence {
        id: "odc-odbl",
        zh: "开放数据库许可",
        en: "Open Data Commons Open Database License",
        url: "https://opendatacommons.org/licenses/odbl/1-0/",
        open: true,
    },
    Licence {
        id: "notspecified", zh: "未写明", en: "License not specified", url: "", open: false
    },
    Licence {
        id: "other-closed",
        zh: "其他（有限制）",
        en: "Other (Not Open)",
        url: "",
        open: false,
    },
];

/// The terms of a word.
pub fn licence(id: &str) -> Option<&'static Licence> {
    LICENCES.iter().find(|licence| licence.id == id)
}

/// A dataset as a program writes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackageInput {
    /// The identifier it had where it comes from; taken when it is free.
    pub id: Option<uuid::Uuid>,
    /// Its name in addresses.
    pub name: String,
    /// Who publishes it, by name or identifier.
    pub unit: String,
    /// Whether only its department sees it.
    pub private: bool,
    /// What is said of it.
    pub body: PackageBody,
    /// Its resources; none leaves them as they are.
    pub resources: Option<Vec<ResourceInput>>,
}

/// A resource as a program writes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceInput {
    /// The resource that is changed, or the identifier a new one had where it comes from.
    pub id: Option<uuid::Uuid>,
    /// What is said of it.
    pub body: ResourceBody,
    /// The digest of the file that came with it.
    pub digest: Option<String>,
}

/// A collection as a program writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollectionInput {
    /// The identifier it had where it comes from; taken when it is free.
    pub id: Option<uuid::Uuid>,
    /// Its name in addresses.
    pub name: String,
    /// What is said of it.
    pub body: CollectionBody,
}

impl PackageInput {
    /// Whether it may be written.
    pub(crate) fn check(&self) -> Result<()> {
        let body = &self.body;
        let mut faults = Faults::default();
        faults.name("name", &self.name);
        for (field, value) in [
            ("title", &body.title),
            ("author", &body.author),
            ("maintainer", &body.maintainer),
            ("version", &body.version),
            ("url", &body.url),
            ("code", &body.code),
        ] {
            faults.short(field, value);
        }
        for (field, value) in
            [("author_email", &body.author_email), ("maintainer_email", &body.maintainer_email)]
        {
            faults.mail(field, value);
        }
        faults.long("notes", &body.notes);
        faults.link("url", &body.url);
        if !body.license_id.is_empty() && licence(&body.license_id).is_none() {
            faults.add("license_id", "没有这种许可", "no such licence");
        }
        faults.many("tags", body.tags.len());
        for tag in &body.tags {
            faults.tag(tag);
        }
        faults.many("groups", body.groups.len());
        faults.extras(&body.extras);
        for resource in self.resources.iter().flatten() {
            faults.resource(&resource.body);
        }
        faults.many("resources", self.resources.as_ref().map_or(0, Vec::len));
        faults.end()
    }
}

impl ResourceInput {
    /// Whether it may be written.
    pub(crate) fn check(&self) -> Result<()> {
        let mut faults = Faults::default();
        faults.resource(&self.body);
        faults.end()
    }
}

impl CollectionInput {
    /// Whether it may be written.
    pub(crate) fn check(&self) -> Result<()> {
        let mut faults = Faults::default();
        faults.name("name", &self.name);
        faults.short("title", &self.body.title);
        faults.long("description", &self.body.description);
        faults.link("image_url", &self.body.image_url);
        faults.extras(&self.body.extras);
        faults.end()
    }
}

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, field: &str, zh: &str, en: &str) {
        self.0.push(FieldError::new(field, zh, en));
    }

    fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// What stands in addresses: small letters, digits, hyphen and underscore.
    fn name(&mut self, field: &str, name: &str) {
        let fits = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        };
        if name.is_empty() {
            self.add(field, "要填", "Missing value");
        } else if !(2..=100).contains(&name.len()) || !name.bytes().all(fits) {
            self.add(
                field,
                "只用小写字母、数字、- 和 _，2 到 100 个",
                "Must be purely lowercase alphanumeric (ascii) characters and these symbols: -_, 2 to 100 of them",
            );
        }
    }

    fn short(&mut self, field: &str, text: &str) {
        if text.chars().count() > LINE_MAX {
            self.add(field, "最多 500 字", "at most 500 characters");
        }
    }

    fn long(&mut self, field: &str, text: &str) {
        if text.chars().count() > TEXT_MAX {
            self.add(field, "最多 20000 字", "at most 20000 characters");
        }
    }

    fn many(&mut self, field: &str, count: usize) {
        if count > LIST_MAX {
            self.add(field, "最多 200 个", "at most 200 entries");
        }
    }

    fn mail(&mut self, field: &str, text: &str) {
        let fits = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !text.contains(char::is_whitespace)
        });
        let fits = text.is_empty() || (fits && text.len() <= 254);
        if !fits {
            self.add(field, "邮箱写法不对", "Email is not a valid format");
        }
    }

    /// An address of the web; a page that runs a script when it is opened is none.
    fn link(&mut self, field: &str, text: &str) {
        let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let fits = matches!(scheme.as_str(), "http" | "https" | "ftp") && text.contains("://");
        let fits = fits && text.len() <= 2_000 && !text.contains(char::is_whitespace);
        if !text.is_empty() && !fits {
            self.add(field, "地址以 http:// 或 https:// 开头", "Please provide a valid URL");
        }
    }

    fn tag(&mut self, tag: &str) {
        let fits = |sign: char| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_' | '.');
        if !(1..=100).contains(&tag.chars().count()) || !tag.chars().all(fits) {
            self.add(
                "tags",
                "标签只用文字、数字、空格、-、_ 和 .，最多 100 字",
                "Tag must be alphanumeric characters or symbols: -_. and at most 100",
            );
        }
    }

    fn extras(&mut self, extras: &[Extra]) {
        self.many("extras", extras.len());
        for (at, extra) in extras.iter().enumerate() {
            self.short("extras", &extra.key);
            self.long("extras", &extra.value);
            if extra.key.is_empty() {
                self.add("extras", "要有名称", "Missing value");
            } else if extras.iter().skip(at + 1).any(|other| other.key == extra.key) {
                self.add("extras", "名称重复", "There is a schema field with the same name");
            }
        }
    }

    fn resource(&mut self, body: &ResourceBody) {
        for (field, value) in [
            ("name", &body.name),
            ("format", &body.format),
            ("mimetype", &body.mimetype),
            ("hash", &body.hash),
        ] {
            self.short(field, value);
        }
        self.long("description", &body.description);
        self.link("url", &body.url);
        if size(&body.more) > TEXT_MAX {
            self.add("more", "附加内容太长", "too much beside the known fields");
        }
    }
}

fn size(more: &Map<String, Value>) -> usize {
    more.iter().map(|(key, value)| key.len() + value.to_string().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut PackageInput);

    #[test]
    fn faults_name_their_field() {
        let good = PackageInput { name: "water-quality".to_owned(), ..PackageInput::default() };
        assert!(good.check().is_ok());
        let with = |change: fn(&mut PackageInput)| {
            let mut input = good.clone();
            change(&mut input);
            match input.check() {
                Err(Error::Invalid(faults)) => {
                    faults.into_iter().map(|fault| fault.field).collect()
                }
                _ => Vec::new(),
            }
        };
        let rows: [(&str, Change); 8] = [
            ("name", |one| one.name = "Water Quality".to_owned()),
            ("name", |one| one.name = String::new()),
            ("author_email", |one| one.body.author_email = "nobody".to_owned()),
            ("url", |one| one.body.url = "javascript:alert(1)".to_owned()),
            ("license_id", |one| one.body.license_id = "mine".to_owned()),
            ("tags", |one| one.body.tags = vec!["<b>".to_owned()]),
            ("extras", |one| {
                let extra = Extra { key: "a".to_owned(), value: String::new() };
                one.body.extras = vec![extra.clone(), extra];
            }),
            ("url", |one| {
                let body = ResourceBody {
                    url: "file:///etc/passwd".to_owned(),
                    ..ResourceBody::default()
                };
                one.resources = Some(vec![ResourceInput { body, ..ResourceInput::default() }]);
            }),
        ];
        for (field, change) in rows {
            assert_eq!(with(change), [field], "{field}");
        }
    }
}
