//! Expressions of names, constants, comparisons, `and`, `or` and `not` alone: what another language can say too.

use rust_decimal::Decimal;

use crate::ast::{Ast, Comparison, Node};
use crate::expr::Expr;
use crate::value::Value;

/// An expression that another language can say too.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// A name of the scope.
    Name(String),
    /// A text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// Two values beside each other.
    Compare(Beside, Box<Self>, Box<Self>),
    /// All must hold.
    All(Vec<Self>),
    /// One must hold.
    Any(Vec<Self>),
    /// It must not hold.
    Not(Box<Self>),
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// They are the same. Nothing is the same as nothing, and not as anything else.
    Same,
    /// They are not the same.
    Other,
    /// The first is smaller.
    Less,
    /// The first is smaller or the same.
    AtMost,
    /// The first is larger.
    More,
    /// The first is larger or the same.
    AtLeast,
}

impl Expr {
    /// The expression as one that another language can say too; none where there is more in it.
    pub fn plain(&self) -> Option<Plain> {
        plain(self.ast())
    }
}

fn plain(ast: &Ast) -> Option<Plain> {
    let all = |parts: &[Ast]| parts.iter().map(plain).collect::<Option<Vec<_>>>();
    Some(match &ast.node {
        Node::Name(name) => Plain::Name(name.to_string()),
        Node::Literal(Value::Text(text)) => Plain::Text(text.to_string()),
        Node::Literal(Value::Number(number)) => Plain::Number(*number),
        Node::Literal(Value::Bool(flag)) => Plain::Flag(*flag),
        Node::Negate(one) => match plain(one)? {
            Plain::Number(number) => Plain::Number(-number),
            _ => return None,
        },
        Node::Compare(how, left, right) => compare(beside(*how), plain(left)?, plain(right)?),
        Node::Between(value, low, high) => Plain::All(vec![
            compare(Beside::AtLeast, plain(value)?, plain(low)?),
            compare(Beside::AtMost, plain(value)?, plain(high)?),
        ]),
        Node::And(parts) => Plain::All(all(parts)?),
        Node::Or(parts) => Plain::Any(all(parts)?),
        Node::Not(one) => Plain::Not(Box::new(plain(one)?)),
        Node::Call(function, arguments) if function.name == "not" => match arguments.as_slice() {
            [Some(one)] => Plain::Not(Box::new(plain(one)?)),
            _ => return None,
        },
        _ => return None,
    })
}

fn compare(how: Beside, left: Plain, right: Plain) -> Plain {
    Plain::Compare(how, Box::new(left), Box::new(right))
}

fn beside(how: Comparison) -> Beside {
    match how {
        Comparison::Equal => Beside::Same,
        Comparison::NotEqual => Beside::Other,
        Comparison::Less => Beside::Less,
        Comparison::LessOrEqual => Beside::AtMost,
        Comparison::Greater => Beside::More,
        Comparison::GreaterOrEqual => Beside::AtLeast,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> Option<Plain> {
        Expr::parse(source).unwrap().plain()
    }

    #[test]
    fn comparisons_and_their_joints_are_plain() {
        let name = |name: &str| Plain::Name(name.to_owned());
        assert_eq!(of("a >= b"), Some(compare(Beside::AtLeast, name("a"), name("b"))));
        let low = compare(Beside::AtLeast, name("a"), Plain::Number(Decimal::from(-1)));
        let high = compare(Beside::AtMost, name("a"), Plain::Number(Decimal::from(5)));
        assert_eq!(of("a between -1 and 5"), Some(Plain::All(vec![low, high])));
        let text = Plain::Text("x".to_owned());
        let other = compare(Beside::Other, name("c"), text);
        let joined = Plain::Any(vec![other, Plain::Not(Box::new(name("d")))]);
        assert_eq!(of("c != \"x\" or not(d)"), Some(joined));
    }

    #[test]
    fn what_has_more_in_it_is_not() {
        for source in
            ["starts with(a, \"x\")", "a + 1 > b", "a.b = 1", "if a then b else c", "a = null"]
        {
            assert_eq!(of(source), None, "{source}");
        }
    }
}
