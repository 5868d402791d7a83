//! Fields one chooses in: radios and boxes as large targets, lists, agreement.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::{Field, group, single};
use crate::words::Words;

/// One of the choices.
#[derive(Clone, Debug, Default)]
pub struct Pick<'a> {
    /// What is sent.
    pub value: Words<'a>,
    /// What is read.
    pub label: Words<'a>,
    /// Small words below; may be empty.
    pub hint: Words<'a>,
    /// Fields that belong to this choice and stand below it.
    pub inside: Option<Markup>,
}

impl<'a> Pick<'a> {
    /// A choice.
    pub fn new(value: impl Into<Words<'a>>, label: impl Into<Words<'a>>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    /// Adds small words.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Words<'a>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds fields that belong to it.
    #[must_use]
    pub fn inside(mut self, inside: Markup) -> Self {
        self.inside = Some(inside);
        self
    }
}

/// How choices stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Below each other, as wide as the column.
    #[default]
    Down,
    /// Beside each other, for few short words.
    Across,
}

/// One of several.
pub fn radios(
    lang: Lang,
    field: &Field<'_>,
    options: &[Pick<'_>],
    chosen: &str,
    layout: Layout,
) -> Markup {
    picks(lang, field, options, layout, "radio", &|value| value == chosen)
}

/// Any of several.
pub fn checkboxes(
    lang: Lang,
    field: &Field<'_>,
    options: &[Pick<'_>],
    chosen: &[&str],
    layout: Layout,
) -> Markup {
    picks(lang, field, options, layout, "checkbox", &|value| chosen.contains(&value))
}

fn picks(
    lang: Lang,
    field: &Field<'_>,
    options: &[Pick<'_>],
    layout: Layout,
    of_type: &str,
    chosen: &dyn Fn(&str) -> bool,
) -> Markup {
    let class = if layout == Layout::Across { "picks picks-across" } else { "picks" };
    group(
        lang,
        field,
        html! {
            div class=(class) {
                @for option in options {
                    label.pick {
                        input type=(of_type) name=(field.name) value=(option.value) checked[chosen(&option.value)];
                        span { (option.label) @if !option.hint.is_empty() { small { (option.hint) } } }
                    }
                    @if let Some(inside) = &option.inside { div.pick-inside { (inside) } }
                }
            }
        },
    )
}

/// A list to choose from, for many choices; an empty first entry asks.
pub fn select(lang: Lang, field: &Field<'_>, options: &[Pick<'_>], chosen: &str) -> Markup {
    single(
        lang,
        field,
        html! {
            select.input.select id=(field.name) name=(field.name) aria-invalid=[field.invalid()] aria-describedby=[field.described()] {
                @if !options.iter().any(|option| option.value == chosen) { option value="" selected { (lang.pick("请选择", "Choose")) } }
                @for option in options { option value=(option.value) selected[option.value == chosen] { (option.label) } }
            }
        },
    )
}

/// One box to agree with a sentence; `chosen` is the value that was sent, `yes` when it was ticked.
pub fn consent(lang: Lang, field: &Field<'_>, chosen: &str) -> Markup {
    html! {
        div class=(field.class()) {
            @if let Some(error) = &field.error {
                p.error id={ (field.name) "-error" } {
                    (crate::lamp::glyph(crate::lamp::Light::Over))
                    span { span.unseen { (lang.pick("错误：", "Error: ")) } (error) }
                }
            }
            label.pick {
                input type="checkbox" id=(field.name) name=(field.name) value="yes" checked[chosen == "yes"] aria-invalid=[field.invalid()]
                    aria-describedby=[field.error.as_ref().map(|_| format!("{}-error", field.name))];
                span { (field.label) @if !field.hint.is_empty() { small { (field.hint) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radios_with_an_error_say_it_once_and_keep_the_choice() {
        let field = Field::new("water", "用水来自哪里？")
            .hint("自备水源要交一份检测报告。")
            .error("请选择用水来自哪里");
        let options =
            [Pick::new("tap", "自来水"), Pick::new("well", "自备水源").hint("如井水、山泉水")];
        insta::assert_snapshot!(
            radios(Lang::Zh, &field, &options, "well", Layout::Down).into_string()
        );
    }

    #[test]
    fn a_list_asks_until_something_known_is_chosen() {
        let options = [Pick::new("a", "甲"), Pick::new("b", "乙")];
        let field = Field::new("kind", "类别");
        assert!(select(Lang::Zh, &field, &options, "").into_string().contains("请选择"));
        assert!(!select(Lang::Zh, &field, &options, "b").into_string().contains("请选择"));
    }
}
