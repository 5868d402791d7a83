//! Rules in FEEL as conditions of statements, where both say the same.

use time::Date;
use zhengtong_db::sql;
use zhengtong_feel::{Beside, Expr, Plain};

use crate::model::{Catalog, Dataset, ElementKind};

/// What a part of a rule is. Only the same kinds are compared: where FEEL finds that two values do not go together, it
/// says `null`, and a statement would fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Number,
    Day,
    Text,
    Flag,
}

/// The condition under which a record breaks a rule; none where only the program can tell.
pub(super) fn broken(
    catalog: &Catalog,
    dataset: &Dataset,
    rule: &Expr,
    today: Date,
) -> Option<String> {
    let (sort, said) = Saying { catalog, dataset, today }.say(&rule.plain()?)?;
    // Where something is not known, a rule is neither met nor broken.
    (sort == Sort::Flag).then(|| format!("({said}) IS FALSE"))
}

/// The fields that a rule may name.
struct Saying<'a> {
    catalog: &'a Catalog,
    dataset: &'a Dataset,
    today: Date,
}

impl Saying<'_> {
    fn say(&self, part: &Plain) -> Option<(Sort, String)> {
        Some(match part {
            Plain::Name(name) => self.name(name)?,
            Plain::Text(text) => (Sort::Text, sql::literal(text)),
            Plain::Number(number) => (Sort::Number, format!("{number}::numeric")),
            Plain::Flag(flag) => (Sort::Flag, flag.to_string()),
            Plain::Compare(how, left, right) => {
                let ((left_sort, left), (right_sort, right)) = (self.say(left)?, self.say(right)?);
                if left_sort != right_sort {
                    return None;
                }
                let ordered = matches!(left_sort, Sort::Number | Sort::Day);
                let sign = match how {
                    Beside::Same => "IS NOT DISTINCT FROM",
                    Beside::Other => "IS DISTINCT FROM",
                    Beside::Less if ordered => "<",
                    Beside::AtMost if ordered => "<=",
                    Beside::More if ordered => ">",
                    Beside::AtLeast if ordered => ">=",
                    _ => return None,
                };
                (Sort::Flag, format!("({left} {sign} {right})"))
            }
            Plain::All(parts) => self.joined(parts, " AND ")?,
            Plain::Any(parts) => self.joined(parts, " OR ")?,
            Plain::Not(one) => (Sort::Flag, format!("(NOT {})", self.flag(one)?)),
        })
    }

    fn flag(&self, part: &Plain) -> Option<String> {
        let (sort, said) = self.say(part)?;
        (sort == Sort::Flag).then_some(said)
    }

    fn joined(&self, parts: &[Plain], joint: &str) -> Option<(Sort, String)> {
        let parts: Vec<String> = parts.iter().map(|part| self.flag(part)).collect::<Option<_>>()?;
        Some((Sort::Flag, format!("({})", parts.join(joint))))
    }

    /// A field, which goes before the day of the same name.
    fn name(&self, name: &str) -> Option<(Sort, String)> {
        let Some(field) = self.dataset.field(name) else {
            let day = format!("{}::date", sql::literal(&self.today.to_string()));
            return (name == "today").then_some((Sort::Day, day));
        };
        let element =
            self.catalog.element(&field.element).filter(|element| !element.is_sealed())?;
        let column = format!("row_.{}", sql::ident(name));
        Some(match element.kind {
            ElementKind::Integer | ElementKind::Decimal | ElementKind::Money => {
                (Sort::Number, column)
            }
            ElementKind::Date => (Sort::Day, column),
            ElementKind::Boolean => (Sort::Flag, column),
            ElementKind::Text
            | ElementKind::LongText
            | ElementKind::Code
            | ElementKind::File
            | ElementKind::Address => (Sort::Text, column),
            ElementKind::Codes | ElementKind::Geometry => return None,
        })
    }
}
