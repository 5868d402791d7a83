//! A page as a person without JavaScript has it: text, links, forms with labelled fields.

use anyhow::{Context, Result, bail};
use scraper::{Html, Selector};

use crate::read::inner;
use crate::samples::Sample;

/// An answer of the server, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Path and query it came from, after redirects.
    pub(crate) path: String,
    /// HTTP status.
    pub(crate) status: u16,
    /// The media type without parameters.
    pub(crate) kind: String,
    /// The body.
    pub(crate) bytes: Vec<u8>,
    /// The title element.
    pub(crate) title: String,
    /// All visible text.
    pub(crate) text: String,
    /// Links with their text and address.
    pub(crate) links: Vec<(String, String)>,
    /// Forms in the order of the page.
    pub(crate) forms: Vec<Form>,
    /// Fields and buttons in the order of the page.
    pub(crate) controls: Vec<Control>,
    /// Names with their values: definition lists and table rows with a head.
    pub(crate) pairs: Vec<(String, String)>,
}

/// Where a form goes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Form {
    /// Address, empty for the page's own.
    pub(crate) action: String,
    /// By POST, not by GET.
    pub(crate) post: bool,
    /// Sent in parts, with files.
    pub(crate) multipart: bool,
}

/// A field or a button.
#[derive(Debug, Default, Clone)]
pub(crate) struct Control {
    /// Index of its form.
    pub(crate) form: Option<usize>,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its name in the form.
    pub(crate) name: String,
    /// Its present value.
    pub(crate) value: String,
    /// Ticked, for boxes and picks.
    pub(crate) checked: bool,
    /// Cannot be used.
    pub(crate) disabled: bool,
    /// All texts a person may call it by.
    pub(crate) labels: Vec<String>,
    /// The legends of the groups it stands in, innermost first.
    pub(crate) groups: Vec<String>,
    /// Values and texts of a select.
    pub(crate) options: Vec<(String, String)>,
    /// The chosen file.
    pub(crate) file: Option<Sample>,
    /// For a button: another address than its form's.
    pub(crate) action: Option<String>,
}

/// Kinds of controls.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything one types into.
    #[default]
    Text,
    /// One of a group.
    Radio,
    /// A box to tick.
    Checkbox,
    /// A list to choose from.
    Select,
    /// A file to choose.
    File,
    /// Sent along unseen.
    Hidden,
    /// Sends its form.
    Submit,
    /// Does nothing without JavaScript.
    Inert,
}

impl Page {
    /// What stands beside this label, or in the element of this selector.
    pub(crate) fn value_of(&self, what: &str) -> Option<String> {
        if what.starts_with(['#', '.', '[']) {
            let document = Html::parse_document(&String::from_utf8_lossy(&self.bytes));
            let selector = Selector::parse(what).ok()?;
            return document.select(&selector).next().map(inner);
        }
        let names: Vec<_> = self.pairs.iter().map(|(name, _)| [name.as_str()]).collect();
        let pair =
            best(what, names.iter().map(<[&str; 1]>::as_slice)).and_then(|at| self.pairs.get(at));
        pair.map(|(_, value)| value.clone()).or_else(|| {
            let control =
                self.find(what, |c| !matches!(c.kind, Kind::Submit | Kind::Inert)).ok()?;
            self.controls.get(control).map(Control::shown)
        })
    }

    /// Does the page show this text? White space does not count.
    pub(crate) fn shows(&self, text: &str) -> bool {
        bare(&self.text).contains(&bare(text)) || bare(&self.title).contains(&bare(text))
    }

    /// Types, chooses or ticks, whatever the field with this label takes.
    pub(crate) fn fill(&mut self, label: &str, value: &str) -> Result<()> {
        let typed = |c: &Control| {
            matches!(c.kind, Kind::Text | Kind::Select | Kind::Checkbox) && !c.disabled
        };
        match self.find(label, typed) {
            Ok(at) => {
                let control = self.controls.get_mut(at).context("a field that was just found")?;
                match control.kind {
                    Kind::Select => control.choose(value),
                    Kind::Checkbox => {
                        control.checked = !matches!(value, "否" | "no" | "");
                        Ok(())
                    }
                    _ => {
                        value.clone_into(&mut control.value);
                        Ok(())
                    }
                }
            }
            Err(missing) => self.pick(label, value).map_err(|_also| missing),
        }
    }

    /// Chooses an option of a list or of a group of picks or boxes with this legend.
    pub(crate) fn pick(&mut self, group: &str, option: &str) -> Result<()> {
        if let Ok(at) = self.find(group, |c| c.kind == Kind::Select && !c.disabled) {
            return self.controls.get_mut(at).context("a list just found")?.choose(option);
        }
        let members: Vec<usize> = self
            .controls
            .iter()
            .enumerate()
            .filter(|(_, c)| matches!(c.kind, Kind::Radio | Kind::Checkbox) && !c.disabled)
            .filter(|(_, c)| c.groups.iter().any(|legend| bare(legend).contains(&bare(group))))
            .map(|(at, _)| at)
            .collect();
        if members.is_empty() {
            bail!("no list and no group of choices named \"{group}\"; {}", self.fields_text());
        }
        let labels = members.iter().filter_map(|at| self.controls.get(*at));
        let labels: Vec<_> = labels.map(Control::names).collect();
        let Some(found) = best(option, labels.iter().map(Vec::as_slice)) else {
            bail!("\"{group}\" has no choice \"{option}\", only: {}", labels.concat().join("、"));
        };
        let at = members.get(found).copied().context("a choice just found")?;
        self.tick(at, true);
        Ok(())
    }

    /// Ticks or unticks the box or pick with this label.
    pub(crate) fn check(&mut self, label: &str, on: bool) -> Result<()> {
        let boxes = |c: &Control| matches!(c.kind, Kind::Radio | Kind::Checkbox) && !c.disabled;
        let at = self.find(label, boxes)?;
        self.tick(at, on);
        Ok(())
    }

    /// Chooses a file.
    pub(crate) fn attach(&mut self, label: &str, sample: Sample) -> Result<()> {
        let at = self.find(label, |c| c.kind == Kind::File && !c.disabled)?;
        let control = self.controls.get_mut(at).context("a field that was just found")?;
        control.file = Some(sample);
        Ok(())
    }

    /// The button with this text.
    pub(crate) fn button(&self, text: &str) -> Result<&Control> {
        let at = self.find(text, |c| c.kind == Kind::Submit && !c.disabled)?;
        self.controls.get(at).context("a button that was just found")
    }

    /// The address of the link with this text.
    pub(crate) fn link(&self, text: &str) -> Result<&str> {
        let names: Vec<_> = self.links.iter().map(|(name, _)| [name.as_str()]).collect();
        let found = best(text, names.iter().map(<[&str; 1]>::as_slice));
        let link = found.and_then(|at| self.links.get(at));
        link.map(|(_, address)| address.as_str()).with_context(|| {
            let known: Vec<_> = self.links.iter().map(|(name, _)| name.as_str()).take(40).collect();
            format!("no link \"{text}\"; links here: {}", known.join("、"))
        })
    }

    /// What the form sends when this button is pressed: names and values, then files.
    pub(crate) fn entries(&self, button: &Control) -> Vec<(String, Entry)> {
        let mut entries = Vec::new();
        for control in &self.controls {
            if control.form != button.form || control.disabled || control.name.is_empty() {
                continue;
            }
            let name = control.name.clone();
            match control.kind {
                Kind::Submit | Kind::Inert => {}
                Kind::Radio | Kind::Checkbox if !control.checked => {}
                Kind::File => entries.push((name, Entry::File(control.file.clone()))),
                _ => entries.push((name, Entry::Text(control.value.clone()))),
            }
        }
        if !button.name.is_empty() {
            entries.push((button.name.clone(), Entry::Text(button.value.clone())));
        }
        entries
    }

    /// The best match by label among the controls that `fits`.
    pub(crate) fn find(&self, label: &str, fits: impl Fn(&Control) -> bool) -> Result<usize> {
        let fitting: Vec<_> = self.controls.iter().enumerate().filter(|(_, c)| fits(c)).collect();
        let names: Vec<_> = fitting.iter().map(|(_, control)| control.names()).collect();
        let found = best(label, names.iter().map(Vec::as_slice));
        found.and_then(|at| fitting.get(at)).map(|(at, _)| *at).with_context(|| {
            let known: Vec<_> = names.into_iter().flatten().take(40).collect();
            format!("nothing labelled \"{label}\"; here: {}", known.join("、"))
        })
    }

    fn tick(&mut self, at: usize, on: bool) {
        let Some(chosen) = self.controls.get(at).cloned() else { return };
        for (other, control) in self.controls.iter_mut().enumerate() {
            let same_group = control.form == chosen.form && control.name == chosen.name;
            if other == at {
                control.checked = on;
            } else if chosen.kind == Kind::Radio && control.kind == Kind::Radio && same_group {
                control.checked = false;
            }
        }
    }

    fn fields_text(&self) -> String {
        let names = self.controls.iter().filter(|c| c.kind != Kind::Hidden);
        let names: Vec<_> = names.filter_map(|c| c.labels.first()).take(40).cloned().collect();
        format!("fields here: {}", names.join("、"))
    }
}

/// One value of a sent form.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// A text.
    Text(String),
    /// A file, or the empty place where none was chosen.
    File(Option<Sample>),
}

impl Control {
    fn names(&self) -> Vec<&str> {
        self.labels.iter().map(String::as_str).collect()
    }

    fn choose(&mut self, option: &str) -> Result<()> {
        let texts: Vec<_> = self.options.iter().map(|(_, text)| [text.as_str()]).collect();
        let found = best(option, texts.iter().map(<[&str; 1]>::as_slice));
        let Some((value, _)) = found.and_then(|at| self.options.get(at)) else {
            bail!("no choice \"{option}\", only: {}", texts.concat().join("、"));
        };
        value.clone_into(&mut self.value);
        Ok(())
    }

    /// What a person reads in it.
    pub(crate) fn shown(&self) -> String {
        match self.kind {
            Kind::Select => {
                let chosen = self.options.iter().find(|(value, _)| *value == self.value);
                chosen.map(|(_, text)| text.clone()).unwrap_or_default()
            }
            Kind::Radio | Kind::Checkbox => if self.checked { "是" } else { "否" }.to_owned(),
            _ => self.value.clone(),
        }
    }
}

/// Text without any white space: what two texts are compared by.
pub(crate) fn bare(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).collect()
}

/// The candidate that is called so: whole name first, then its beginning, then any part.
fn best<'a>(wanted: &str, candidates: impl Iterator<Item = &'a [&'a str]>) -> Option<usize> {
    let wanted = bare(wanted);
    let rank = |name: &str| {
        let name = bare(name);
        match () {
            () if name == wanted => Some(0),
            () if name.starts_with(&wanted) => Some(1),
            () if name.contains(&wanted) => Some(2),
            () => None,
        }
    };
    candidates
        .enumerate()
        .filter_map(|(at, names)| names.iter().filter_map(|name| rank(name)).min().map(|r| (r, at)))
        .min()
        .map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = r#"<!doctype html><title>申请 – 政通</title><body>
      <a href="/hall/x"><b>食品经营许可</b>（新办）</a> <a href="/y" aria-label="关闭"></a>
      <p>承诺 <b>5</b> 个工作日</p><p hidden>看不见</p><script>var a = "脚本";</script>
      <dl><dt>受理号</dt><dd class="no">330100-1</dd></dl>
      <table><tr><th>状态</th><td>已受理</td></tr></table>
      <form method="post" action="/go" enctype="multipart/form-data">
        <input type="hidden" name="csrf" value="t">
        <label for="n">名称 <span>选填</span></label><input id="n" name="name" value="旧">
        <label for="old">停用</label><input id="old" name="old" disabled value="x">
        <fieldset><legend>经营方式</legend>
          <label><input type="radio" name="way" value="a" checked> 堂食</label>
          <label><input type="radio" name="way" value="b"> 外卖</label></fieldset>
        <label for="s">区县</label><select id="s" name="area">
          <option value="1">上城区</option><option value="2" selected>西湖区</option></select>
        <label><input type="checkbox" name="agree"> 我已阅读</label>
        <label for="f">布局平面图</label><input type="file" id="f" name="plan">
        <textarea name="note" aria-label="备注">甲</textarea>
        <button name="act" value="next">继续</button>
        <button type="button">不动</button>
      </form><button form="none">别处</button></body>"#;

    fn page() -> Page {
        let mut page = Page { bytes: FORM.as_bytes().to_vec(), ..Page::default() };
        page.read_html(FORM);
        page
    }

    fn sent(page: &Page, button: &str) -> Vec<(String, String)> {
        let entries = page.entries(page.button(button).unwrap());
        entries
            .into_iter()
            .map(|(name, entry)| match entry {
                Entry::Text(text) => (name, text),
                Entry::File(file) => (name, file.map(|file| file.name).unwrap_or_default()),
            })
            .collect()
    }

    #[test]
    fn text_is_what_a_person_sees() {
        let page = page();
        assert!(page.shows("承诺5个工作日") && page.shows("申请 – 政通"));
        assert!(!page.shows("看不见") && !page.shows("脚本"));
        assert_eq!(page.value_of("受理号").as_deref(), Some("330100-1"));
        assert_eq!(page.value_of("状态").as_deref(), Some("已受理"));
        assert_eq!(page.value_of(".no").as_deref(), Some("330100-1"));
        assert_eq!(page.value_of("区县").as_deref(), Some("西湖区"));
        assert_eq!(page.value_of("没有"), None);
    }

    #[test]
    fn links_are_found_by_their_text() {
        let page = page();
        assert_eq!(page.link("食品经营许可（新办）").unwrap(), "/hall/x");
        assert_eq!(page.link("关闭").unwrap(), "/y");
        assert!(page.link("无").unwrap_err().to_string().contains("食品经营许可"));
    }

    #[test]
    fn a_form_sends_what_a_browser_sends() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut page = page();
        let before = [
            ("csrf", "t"),
            ("name", "旧"),
            ("way", "a"),
            ("area", "2"),
            ("plan", ""),
            ("note", "甲"),
            ("act", "next"),
        ];
        assert_eq!(sent(&page, "继续"), before.map(|(n, v)| pair(n, v)));
        page.fill("名称", "新").unwrap();
        page.fill("经营方式", "外卖").unwrap();
        page.fill("区县", "上城区").unwrap();
        page.fill("备注", "乙").unwrap();
        page.check("我已阅读", true).unwrap();
        page.attach("布局平面图", crate::samples::sample("图.pdf").unwrap()).unwrap();
        let after = [
            ("csrf", "t"),
            ("name", "新"),
            ("way", "b"),
            ("area", "1"),
            ("agree", "on"),
            ("plan", "图.pdf"),
            ("note", "乙"),
            ("act", "next"),
        ];
        assert_eq!(sent(&page, "继续"), after.map(|(n, v)| pair(n, v)));
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut page = page();
        for (error, part) in [
            (page.fill("停用", "x").unwrap_err(), "停用"),
            (page.pick("经营方式", "自提").unwrap_err(), "堂食"),
            (page.pick("区县", "余杭区").unwrap_err(), "西湖区"),
            (page.check("名称", true).unwrap_err(), "我已阅读"),
        ] {
            assert!(error.to_string().contains(part), "{error}");
        }
        assert!(page.button("不动").is_err());
    }
}
