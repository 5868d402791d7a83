//! From HTML to a [`Page`]: what a person sees and can use, with all the names it goes by.

use scraper::{ElementRef, Html, Node, Selector};

use crate::page::{Control, Form, Kind, Page};

impl Page {
    /// Takes an HTML body apart.
    pub(crate) fn read_html(&mut self, html: &str) {
        let document = Html::parse_document(html);
        let root = document.root_element();
        self.title = all(root, "title").first().map(|title| inner(*title)).unwrap_or_default();
        self.text = all(root, "body").first().map(|body| inner(*body)).unwrap_or_default();
        self.links = all(root, "a[href]")
            .into_iter()
            .flat_map(|link| {
                let address = attribute(link, "href");
                let spoken = link.value().attr("aria-label").map(squeezed);
                let texts = [Some(inner(link)), spoken].into_iter().flatten();
                texts.map(move |text| (text, address.clone())).collect::<Vec<_>>()
            })
            .collect();
        let forms = all(root, "form");
        self.forms = forms.iter().map(|form| read_form(*form)).collect();
        self.controls = all(root, "input, select, textarea, button")
            .into_iter()
            .map(|element| read_control(root, &forms, element))
            .collect();
        self.pairs = read_pairs(root);
    }
}

fn all<'a>(root: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|selector| root.select(&selector).collect()).unwrap_or_default()
}

fn attribute(element: ElementRef<'_>, name: &str) -> String {
    element.value().attr(name).unwrap_or_default().to_owned()
}

/// The visible text of an element, white space squeezed.
pub(crate) fn inner(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    visible(element, &mut text);
    squeezed(&text)
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn visible(element: ElementRef<'_>, out: &mut String) {
    const UNSEEN: &[&str] = &["script", "style", "template", "noscript", "head", "option"];
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.push_str(text),
            Node::Element(value) if !UNSEEN.contains(&value.name()) => {
                if value.attr("hidden").is_none()
                    && let Some(child) = ElementRef::wrap(child)
                {
                    // A space is enough: white space does not count when texts are compared.
                    out.push(' ');
                    visible(child, out);
                    out.push(' ');
                }
            }
            _ => {}
        }
    }
}

fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

fn read_form(form: ElementRef<'_>) -> Form {
    let is = |name: &str, value: &str| attribute(form, name).eq_ignore_ascii_case(value);
    Form {
        action: attribute(form, "action"),
        post: is("method", "post"),
        multipart: is("enctype", "multipart/form-data"),
    }
}

fn read_control(
    root: ElementRef<'_>,
    forms: &[ElementRef<'_>],
    element: ElementRef<'_>,
) -> Control {
    let value = element.value();
    let kind = control_kind(element);
    let options: Vec<_> = all(element, "option")
        .into_iter()
        .map(|option| {
            let text = squeezed(&option.text().collect::<String>());
            let value = option.value().attr("value").map_or_else(|| text.clone(), str::to_owned);
            (value, text, option.value().attr("selected").is_some())
        })
        .collect();
    let content = match kind {
        Kind::Select => {
            let chosen = options.iter().find(|(_, _, selected)| *selected);
            chosen.or(options.first()).map(|(value, _, _)| value.clone()).unwrap_or_default()
        }
        _ if value.name() == "textarea" => element.text().collect(),
        Kind::Radio | Kind::Checkbox => value.attr("value").unwrap_or("on").to_owned(),
        _ => attribute(element, "value"),
    };
    let fieldsets: Vec<_> = ancestors(element).filter(|a| a.value().name() == "fieldset").collect();
    let frozen = fieldsets.iter().any(|fieldset| fieldset.value().attr("disabled").is_some());
    Control {
        form: form_of(forms, element),
        kind,
        name: attribute(element, "name"),
        value: content,
        checked: value.attr("checked").is_some(),
        disabled: value.attr("disabled").is_some() || frozen,
        labels: labels(root, element, kind),
        groups: groups(root, element),
        options: options.into_iter().map(|(value, text, _)| (value, text)).collect(),
        file: None,
        action: value.attr("formaction").map(str::to_owned),
    }
}

fn control_kind(element: ElementRef<'_>) -> Kind {
    let kind = attribute(element, "type").to_lowercase();
    match (element.value().name(), kind.as_str()) {
        ("select", _) => Kind::Select,
        ("button", "" | "submit") | ("input", "submit" | "image") => Kind::Submit,
        ("button", _) | ("input", "button" | "reset") => Kind::Inert,
        ("input", "radio") => Kind::Radio,
        ("input", "checkbox") => Kind::Checkbox,
        ("input", "file") => Kind::File,
        ("input", "hidden") => Kind::Hidden,
        _ => Kind::Text,
    }
}

fn form_of(forms: &[ElementRef<'_>], element: ElementRef<'_>) -> Option<usize> {
    if let Some(id) = element.value().attr("form") {
        return forms.iter().position(|form| form.value().attr("id") == Some(id));
    }
    let form = ancestors(element).find(|ancestor| ancestor.value().name() == "form")?;
    forms.iter().position(|candidate| candidate.id() == form.id())
}

fn labels(root: ElementRef<'_>, element: ElementRef<'_>, kind: Kind) -> Vec<String> {
    let mut labels = Vec::new();
    let id = element.value().attr("id").unwrap_or_default();
    for label in all(root, "label") {
        if !id.is_empty() && label.value().attr("for") == Some(id) {
            labels.push(inner(label));
        }
    }
    let around = ancestors(element).find(|ancestor| ancestor.value().name() == "label");
    labels.extend(around.map(inner));
    labels.extend(element.value().attr("aria-label").map(squeezed));
    for id in attribute(element, "aria-labelledby").split_whitespace() {
        labels.extend(by_id(root, id).map(inner));
    }
    match (kind, element.value().name()) {
        (Kind::Submit | Kind::Inert, "button") => labels.push(inner(element)),
        (Kind::Submit | Kind::Inert, _) => labels.push(attribute(element, "value")),
        _ => {}
    }
    labels.retain(|label| !label.is_empty());
    labels
}

fn groups(root: ElementRef<'_>, element: ElementRef<'_>) -> Vec<String> {
    let mut groups = Vec::new();
    for ancestor in ancestors(element) {
        let value = ancestor.value();
        if value.name() == "fieldset" {
            groups.extend(all(ancestor, "legend").first().map(|legend| inner(*legend)));
        }
        if matches!(value.attr("role"), Some("group" | "radiogroup")) {
            groups.extend(value.attr("aria-label").map(squeezed));
            let ids = value.attr("aria-labelledby").unwrap_or_default();
            groups.extend(ids.split_whitespace().filter_map(|id| by_id(root, id)).map(inner));
        }
    }
    groups
}

fn by_id<'a>(root: ElementRef<'a>, id: &str) -> Option<ElementRef<'a>> {
    all(root, "[id]").into_iter().find(|element| element.value().attr("id") == Some(id))
}

fn read_pairs(root: ElementRef<'_>) -> Vec<(String, String)> {
    all(root, "dt, th[scope=row], tr > th:first-child")
        .into_iter()
        .filter_map(|name| {
            let next = name.next_siblings().find_map(ElementRef::wrap)?;
            matches!(next.value().name(), "dd" | "td").then(|| (inner(name), inner(next)))
        })
        .collect()
}
