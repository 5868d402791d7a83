//! 好差评: five grades as ordinary radios, each with its word; stars only help the eye.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::icon::{Icon, icon};

/// The grades of the national rule, best first: value, Chinese, English.
pub const GRADES: [(u8, &str, &str); 5] = [
    (5, "非常满意", "Very satisfied"),
    (4, "满意", "Satisfied"),
    (3, "基本满意", "Fairly satisfied"),
    (2, "不满意", "Dissatisfied"),
    (1, "非常不满意", "Very dissatisfied"),
];

/// The choice of a grade.
pub fn rating(lang: Lang, name: &str, legend: &str, chosen: u8) -> Markup {
    html! {
        fieldset.field.rating #(name) {
            legend.label { (legend) }
            @for (value, zh, en) in GRADES {
                label.pick {
                    input type="radio" name=(name) value=(value) checked[value == chosen];
                    span { (lang.pick(zh, en)) (stars(value)) }
                }
            }
        }
    }
}

/// Stars that repeat a grade said in words beside them.
pub fn stars(value: u8) -> Markup {
    html! {
        span.stars aria-hidden="true" {
            @for star in 1..=5_u8 { span class=(if star <= value { "star-on" } else { "star-off" }) { (icon(Icon::Star)) } }
        }
    }
}
