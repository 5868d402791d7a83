//! All forms of all packs, resolved: fields take label, kind and options from their element.

use std::collections::BTreeMap;
use std::sync::Arc;

use zhengtong_base::{Limits, Text, code};
use zhengtong_crypto::Digest;
use zhengtong_feel::Expr;
use zhengtong_pack::{File, Packs, Report, read_toml};

use crate::elements::{ElementInfo, Elements, Sensitivity};
use crate::lint;
use crate::model::{Field, FieldKind, FileRule, Form, Page, Repeat, Rule};
use crate::part::{FieldPart, FilesPart, FormPart, PagePart, RepeatPart};

/// The forms in force.
#[derive(Clone, Debug)]
pub struct Catalog {
    forms: BTreeMap<String, Arc<Form>>,
    elements: Arc<dyn Elements>,
}

impl Catalog {
    /// A form by pack and name, such as `food-business:application`.
    pub fn form(&self, id: &str) -> Option<Arc<Form>> {
        self.forms.get(id).map(Arc::clone)
    }

    /// All forms, in order of their names.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.values().map(AsRef::as_ref)
    }

    /// The data elements behind the forms.
    pub fn elements(&self) -> &dyn Elements {
        self.elements.as_ref()
    }
}

/// Reads the forms of all packs. A form with faults is reported and left out.
pub fn read(packs: &Packs, elements: Arc<dyn Elements>, report: &mut Report) -> Catalog {
    let mut forms = BTreeMap::new();
    for pack in packs.iter() {
        for file in pack.folder("form", "toml") {
            let faults = report.errors().count();
            let Some(part) = read_toml::<FormPart>(&file, report) else { continue };
            let form = Resolver { file, elements: &elements, report }.form(part);
            lint::check(&file, &form, report);
            if report.errors().count() == faults {
                forms.insert(form.id.clone(), Arc::new(form));
            }
        }
    }
    Catalog { forms, elements }
}

/// Whether a word can be a page, a key and a name in FEEL: small letters, digits and `_`, a letter first.
pub(crate) fn is_key(word: &str) -> bool {
    word.len() <= 60
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_'))
}

/// Turns the parts of one file into a form, and says where they do not fit together.
struct Resolver<'a> {
    file: File<'a>,
    elements: &'a Arc<dyn Elements>,
    report: &'a mut Report,
}

impl Resolver<'_> {
    fn form(&mut self, part: FormPart) -> Form {
        Form {
            id: format!("{}:{}", self.file.pack, self.file.stem()),
            title: part.title,
            intro: part.intro,
            minutes: part.minutes,
            pages: part.page.into_iter().map(|page| self.page(page)).collect(),
            digest: Digest::of(self.file.text.as_bytes()).to_string(),
            elements: Arc::clone(self.elements),
        }
    }

    fn page(&mut self, part: PagePart) -> Page {
        let place = format!("\"{}\"", part.id);
        if !is_key(&part.id) {
            self.error(
                &place,
                "页面 id 只能用小写字母、数字和下划线，字母开头",
                "the id of a page has small letters, digits and _, and begins with a letter",
            );
        }
        let repeat = part.repeat.map(|repeat| self.repeat(&place, repeat));
        let repeated = repeat.is_some();
        let show_if = part.show_if.as_deref().and_then(|source| self.expr(source));
        let fields: Vec<Field> =
            part.field.iter().filter_map(|field| self.field(field, repeated)).collect();
        Page {
            id: part.id,
            title: part.title,
            section: part.section,
            why: part.why,
            show_if,
            repeat,
            fields,
        }
    }

    fn repeat(&mut self, place: &str, part: RepeatPart) -> Repeat {
        let most = Limits::default().group_entries;
        if part.max == 0 || part.max > most || part.min > part.max {
            self.report.push(self.file.error_at(
                place,
                Text::new(
                    format!("repeat 的 max 应在 1 到 {most} 之间，且不小于 min"),
                    format!("max of repeat is from 1 to {most}, and not less than min"),
                ),
            ));
        }
        Repeat { min: part.min, max: part.max, item: part.item }
    }

    fn field(&mut self, part: &FieldPart, repeated: bool) -> Option<Field> {
        let (element, name) = (part.element.clone(), part.name.clone());
        let field = match (element, name) {
            (Some(element), None) => self.of_element(&element, part)?,
            (None, Some(name)) => self.of_form(&name, part)?,
            (Some(given), Some(_)) => {
                self.error(
                    &format!("\"{given}\""),
                    "element 和 name 只能写一个",
                    "write either element or name",
                );
                return None;
            }
            (None, None) => {
                let near = part.label.as_ref().map_or("[[page.field]]", |label| &label.zh);
                self.error(near, "字段要写 element 或 name", "a field has an element or a name");
                return None;
            }
        };
        let place = field.element.as_deref().unwrap_or(&field.key);
        let place = format!("\"{place}\"");
        if !is_key(&field.key) {
            self.error(
                &place,
                "答案的名称只能用小写字母、数字和下划线，字母开头",
                "the key of an answer has small letters, digits and _, and begins with a letter",
            );
        }
        if repeated && field.prefill {
            self.error(
                &place,
                "重复填写的页面不能预填，请去掉 prefill",
                "a repeated page cannot be prefilled; leave out prefill",
            );
        }
        if field.kind != FieldKind::File && (part.files.is_some() || part.material.is_some()) {
            self.error(
                &place,
                "files 和 material 只用于文件字段",
                "files and material are for fields that take files",
            );
        }
        Some(field)
    }

    fn of_element(&mut self, id: &str, part: &FieldPart) -> Option<Field> {
        let place = format!("\"{id}\"");
        let Some(info) = self.elements.element(id) else {
            let ids = self.elements.ids();
            let text =
                Text::new(format!("没有数据元 {id}"), format!("there is no data element {id}"));
            let finding = self.file.error_at(&place, text);
            self.report.push(finding.suggest(id, ids.iter().map(String::as_str)));
            return None;
        };
        let own = part.kind.is_some()
            || part.codes.is_some()
            || part.check.is_some()
            || part.unit.is_some()
            || part.max.is_some()
            || part.min.is_some()
            || !part.options.is_empty();
        if own {
            self.error(
                &place,
                "类型、选项、单位、上下限和校验由数据元决定，请删去",
                "type, options, unit, limits and check come from the element; leave them out",
            );
        }
        if info.authority.is_some() && !part.prefill && part.source_note.is_none() {
            self.report.push(self.file.warning_at(
                &place,
                Text::new(
                    format!("{}在市级库里已有，请加 prefill = true，或在 source_note 里写明为什么再问", info.title.zh),
                    format!("the city holds {}; add prefill = true, or say in source_note why it is asked again", info.title.en),
                ),
            ));
        }
        let key = part.as_key.clone().unwrap_or_else(|| id.replace('.', "_"));
        let mut field = self.common(key, info.kind, part, &info.title);
        field.element = Some(id.to_owned());
        field.prefill = part.prefill;
        let ElementInfo { hint, unit, max, min, options, sensitivity, .. } = info;
        (field.unit, field.max, field.min) = (unit, max, min);
        (field.options, field.sensitivity) = (options, sensitivity);
        field.hint = field.hint.or(hint);
        Some(field)
    }

    fn of_form(&mut self, name: &str, part: &FieldPart) -> Option<Field> {
        let place = format!("\"{name}\"");
        if part.prefill || part.as_key.is_some() {
            self.error(
                &place,
                "prefill 和 as 只能与 element 同用",
                "prefill and as go with an element",
            );
        }
        let (Some(kind), Some(label)) = (part.kind, &part.label) else {
            self.error(
                &place,
                "本表自有的字段要写 type 和 label",
                "a field of this form only has a type and a label",
            );
            return None;
        };
        self.ask_once(name, label);
        let mut field = self.common(name.to_owned(), kind, part, label);
        field.options = self.options(&place, kind, part);
        field.check = part.check.as_deref().and_then(|check| self.code_rule(check));
        (field.unit, field.max, field.min) = (part.unit.clone(), part.max, part.min);
        let limits = Limits::default();
        let most = if kind == FieldKind::LongText { limits.text_chars } else { limits.line_chars };
        let over = |max: i64| usize::try_from(max).map_or(true, |max| max > most || max == 0);
        if kind.is_text() && part.max.is_some_and(over) {
            self.report.push(self.file.error_at(
                &place,
                Text::new(
                    format!("这种字段的 max 应在 1 到 {most} 之间"),
                    format!("max of such a field is from 1 to {most}"),
                ),
            ));
        }
        Some(field)
    }

    fn common(&mut self, key: String, kind: FieldKind, part: &FieldPart, label: &Text) -> Field {
        let rules = part
            .rules
            .iter()
            .filter_map(|rule| {
                Some(Rule { holds: self.expr(&rule.holds)?, text: rule.text.clone() })
            })
            .collect();
        Field {
            key,
            element: None,
            kind,
            label: part.label.clone().unwrap_or_else(|| label.clone()),
            hint: part.hint.clone(),
            unit: None,
            options: Vec::new(),
            max: None,
            min: None,
            required: part.required.unwrap_or(true),
            prefill: false,
            show_if: part.show_if.as_deref().and_then(|source| self.expr(source)),
            check: None,
            rules,
            files: (kind == FieldKind::File).then(|| self.files(part.files.clone())),
            material: part.material.clone(),
            source_note: part.source_note.clone(),
            sensitivity: Sensitivity::Internal,
        }
    }

    fn files(&mut self, part: Option<FilesPart>) -> FileRule {
        let part = part.unwrap_or_default();
        let limits = Limits::default();
        let mb_max = u32::try_from(limits.file_bytes / 1_048_576).unwrap_or(u32::MAX);
        let fits = (1..=mb_max).contains(&part.max_mb) && (1..=limits.files).contains(&part.count);
        if !fits || part.accept.is_empty() {
            let text = Text::new(
                format!(
                    "files：max_mb 应在 1 到 {mb_max} 之间，count 应在 1 到 {} 之间，accept 不能为空",
                    limits.files
                ),
                format!(
                    "files: max_mb is from 1 to {mb_max}, count from 1 to {}, accept is not empty",
                    limits.files
                ),
            );
            self.report.push(self.file.error_at("max_mb", text));
        }
        FileRule { accept: part.accept, mb_max: part.max_mb, count_max: part.count }
    }

    fn options(
        &mut self,
        place: &str,
        kind: FieldKind,
        part: &FieldPart,
    ) -> Vec<crate::model::Choice> {
        if kind.is_choice() == (part.options.is_empty() && part.codes.is_none())
            || (!part.options.is_empty() && part.codes.is_some())
        {
            self.error(
                place,
                "choice 和 choices 要写 options 或 codes 之一，其他类型都不写",
                "choice and choices have either options or codes, other types have neither",
            );
        }
        let mut values: Vec<&str> = part.options.iter().map(|option| &*option.value).collect();
        values.sort_unstable();
        let count = values.len();
        values.dedup();
        if values.len() < count || values.iter().any(|value| !is_option(value)) {
            self.error(
                place,
                "选项的 value 不能重复、不能为空，也不能含逗号、空格和换行",
                "the values of options differ, are not empty, and hold no comma, space or line break",
            );
        }
        let Some(list) = part.codes.as_deref() else { return part.options.clone() };
        self.elements.codes(list).unwrap_or_else(|| {
            let lists = self.elements.code_lists();
            let text = Text::new(format!("没有代码表 {list}"), format!("there is no list {list}"));
            let finding = self.file.error_at(&format!("\"{list}\""), text);
            self.report.push(finding.suggest(list, lists.iter().map(String::as_str)));
            Vec::new()
        })
    }

    fn code_rule(&mut self, check: &str) -> Option<String> {
        if code::validator(check).is_some() {
            return Some(check.to_owned());
        }
        let text =
            Text::new(format!("没有校验规则 {check}"), format!("there is no check rule {check}"));
        let finding = self.file.error_at(&format!("\"{check}\""), text);
        self.report.push(finding.suggest(check, code::validator_names()));
        None
    }

    /// What the city holds is not asked again under another name.
    fn ask_once(&mut self, name: &str, label: &Text) {
        let same = |title: &Text| {
            title.zh.trim() == label.zh.trim()
                || title.en.trim().eq_ignore_ascii_case(label.en.trim())
        };
        for id in self.elements.ids() {
            let Some(info) = self.elements.element(&id) else { continue };
            let Some(authority) = info.authority.filter(|_| same(&info.title)) else { continue };
            let text = Text::new(
                format!(
                    "市里已有这项信息（{authority}）：请改用 element = \"{id}\" 并加 prefill = true"
                ),
                format!(
                    "the city already holds this ({authority}): use element = \"{id}\" and prefill = true"
                ),
            );
            let mut finding = self.file.error_at(&format!("\"{name}\""), text);
            finding.suggestion = Some(id);
            self.report.push(finding);
            return;
        }
    }

    fn expr(&mut self, source: &str) -> Option<Expr> {
        match Expr::parse(source) {
            Ok(expr) => Some(expr),
            Err(error) => {
                let text = Text::new(
                    format!("条件写法不对：{error}"),
                    format!("this is no FEEL expression: {error}"),
                );
                self.report.push(self.file.error_at(source, text));
                None
            }
        }
    }

    fn error(&mut self, place: &str, zh: &str, en: &str) {
        self.report.push(self.file.error_at(place, Text::new(zh, en)));
    }
}

/// Several values are typed and kept with commas or line breaks between them.
fn is_option(value: &str) -> bool {
    let bad = |letter: char| letter == ',' || letter.is_whitespace() || letter.is_control();
    !value.is_empty() && value.chars().count() <= 100 && !value.chars().any(bad)
}
