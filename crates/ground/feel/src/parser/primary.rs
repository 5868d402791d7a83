//! What needs no operator: literals, names, lists, ranges, contexts, functions, `if`, `for`, `some`, `every`.

use std::sync::Arc;

use super::{KEYWORDS, Parser, SUM, deepest};
use crate::ast::{Ast, Binder, Comparison, Domain, Ends, Node};
use crate::error::FeelError;
use crate::function::Parameter;
use crate::known::tidy;
use crate::lexer::Kind;
use crate::temporal::{Date, DateTime, Span, Time};
use crate::value::Value;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Result<Ast, FeelError> {
        // Only thin calls here: this frame stands once for each level of nesting.
        match self.peek() {
            Kind::Word(_) => self.word(),
            Kind::Sign("(") => self.round_brackets(),
            Kind::Sign("[") => self.list(),
            Kind::Sign("]") => self.open_range(),
            Kind::Sign("{") => self.context(),
            _ => self.atom(),
        }
    }

    fn atom(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        match self.peek().clone() {
            Kind::Number(number) => self.literal(Value::Number(number)),
            Kind::Text(text) => self.literal(Value::text(text)),
            Kind::Temporal(text) => match temporal(&text) {
                Some(value) => self.literal(value),
                None => self.error("not a date or duration: write @\"2026-01-31\" or @\"P20D\""),
            },
            Kind::Sign("?") if self.unary => {
                self.advance();
                self.made(at, 0, Node::Input)
            }
            Kind::Sign("?") => self.error("'?' has a meaning only in unary tests"),
            Kind::End => self.error("something is missing here: the expression ends too early"),
            Kind::Sign(_) | Kind::Word(_) => self.error(format!("unexpected {}", self.shown())),
        }
    }

    fn round_brackets(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        if let Some(operator) = self.take_comparison() {
            return self.half_range(at, operator);
        }
        let inner = self.bracketed(Self::expression)?;
        if self.is_sign("..") {
            return self.range(at, inner, false);
        }
        if self.is_sign(",") {
            return self.error("a list of tests can only stand after 'in'");
        }
        self.want_sign(")", "'(' is not closed: add ')'")?;
        Ok(inner)
    }

    /// `]1..5]`: the lower end does not belong to it.
    fn open_range(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        let low = self.nested(|parser| parser.binary(SUM))?;
        self.range(at, low, false)
    }

    /// `(< 5)`: one end only.
    fn half_range(&mut self, at: usize, operator: Comparison) -> Result<Ast, FeelError> {
        let end = self.bracketed(|parser| parser.nested(|parser| parser.binary(SUM)))?;
        self.want_sign(")", "'(' is not closed: add ')'")?;
        self.half(at, operator, end)
    }

    /// A range with one end only.
    pub(super) fn half(&self, at: usize, operator: Comparison, end: Ast) -> Result<Ast, FeelError> {
        let depth = end.depth;
        let closed = matches!(operator, Comparison::LessOrEqual | Comparison::GreaterOrEqual);
        let ends = match operator {
            Comparison::Less | Comparison::LessOrEqual => {
                Ends { low: None, high: Some(end), low_closed: false, high_closed: closed }
            }
            Comparison::Greater | Comparison::GreaterOrEqual => {
                Ends { low: Some(end), high: None, low_closed: closed, high_closed: false }
            }
            Comparison::Equal => Ends {
                low: Some(end.clone()),
                high: Some(end),
                low_closed: true,
                high_closed: true,
            },
            Comparison::NotEqual => {
                return self.error("'!=' makes no range: write 'not(...)'");
            }
        };
        self.made(at, depth, Node::Range(Box::new(ends)))
    }

    /// The rest of a range whose low end is read.
    pub(super) fn range(
        &mut self,
        at: usize,
        low: Ast,
        low_closed: bool,
    ) -> Result<Ast, FeelError> {
        self.want_sign("..", "a range needs '..': '[1..5]'")?;
        let outer = std::mem::replace(&mut self.no_filter, true);
        let high = self.nested(|parser| parser.binary(SUM));
        self.no_filter = outer;
        let high = high?;
        let high_closed = match self.peek() {
            Kind::Sign("]") => true,
            Kind::Sign(")" | "[") => false,
            _ => return self.error("the range is not closed: add ']' or ')'"),
        };
        self.advance();
        let depth = low.depth.max(high.depth);
        let ends = Ends { low: Some(low), high: Some(high), low_closed, high_closed };
        self.made(at, depth, Node::Range(Box::new(ends)))
    }

    fn context(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        let entries = self.nested(|parser| parser.bracketed(Self::entries))?;
        let depth = deepest(entries.iter().map(|(_, entry)| entry));
        self.made(at, depth, Node::Context(entries))
    }

    fn literal(&mut self, value: Value) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        self.made(at, 0, Node::Literal(value))
    }

    fn word(&mut self) -> Result<Ast, FeelError> {
        let word = match self.peek() {
            Kind::Word(word) => word.as_str(),
            _ => "",
        };
        match word {
            "if" => return self.nested(Self::conditional),
            "for" => return self.nested(Self::iteration),
            "some" | "every" => return self.nested(Self::quantified),
            "function" if *self.ahead(1) == Kind::Sign("(") => return self.nested(Self::function),
            _ => {}
        }
        match self.function_ahead() {
            Some((function, words)) => self.call(function, words),
            None => self.plain_word(),
        }
    }

    /// A literal word or a name.
    fn plain_word(&mut self) -> Result<Ast, FeelError> {
        let Kind::Word(word) = self.peek().clone() else {
            return self.error(format!("unexpected {}", self.shown()));
        };
        match word.as_str() {
            "true" => return self.literal(Value::Bool(true)),
            "false" => return self.literal(Value::Bool(false)),
            "null" => return self.literal(Value::Null),
            _ => {}
        }
        if let Some((name, words)) = self.call_ahead()
            && !self.known.holds(&name)
            && (words == 1 || !name.split(' ').any(|part| KEYWORDS.contains(&part)))
        {
            return self.error(format!("unknown function '{name}'"));
        }
        if KEYWORDS.contains(&word.as_str()) {
            return self.error(format!("unexpected '{word}'"));
        }
        let at = self.offset();
        self.advance();
        self.made(at, 0, Node::Name(word.into()))
    }

    fn list(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        let mut all = Vec::new();
        let low = self.bracketed(|parser| {
            while !parser.take_sign("]") {
                if !all.is_empty() {
                    parser.want_sign(",", "'[' is not closed: add ']'")?;
                }
                let one = parser.list_element()?;
                if all.is_empty() && parser.is_sign("..") {
                    return Ok(Some(one));
                }
                all.push(one);
            }
            Ok(None)
        })?;
        if let Some(low) = low {
            return self.range(at, low, true);
        }
        let depth = deepest(&all);
        self.made(at, depth, Node::List(all))
    }

    fn entries(&mut self) -> Result<Vec<(String, Ast)>, FeelError> {
        let mut entries: Vec<(String, Ast)> = Vec::new();
        if self.take_sign("}") {
            return Ok(entries);
        }
        loop {
            let name = self.key()?;
            if entries.iter().any(|(known, _)| *known == name) {
                return self.error(format!("'{name}' is given twice"));
            }
            self.want_sign(":", "':' must follow the name: '{name: value}'")?;
            entries.push((name, self.expression()?));
            if self.take_sign("}") {
                return Ok(entries);
            }
            self.want_sign(",", "'{' is not closed: add '}'")?;
        }
    }

    /// The name of an entry of a context: a text, or everything before the colon.
    fn key(&mut self) -> Result<String, FeelError> {
        if let Kind::Text(name) = self.peek().clone() {
            self.advance();
            return Ok(name);
        }
        let from = self.offset();
        if !matches!(self.peek(), Kind::Word(_)) {
            return self.error("a name must come here: '{name: value}'");
        }
        while !matches!(self.peek(), Kind::Sign(":" | "," | "{" | "}") | Kind::End | Kind::Text(_))
        {
            self.advance();
            if matches!(self.peek(), Kind::Number(_)) {
                break;
            }
        }
        Ok(tidy(self.source.get(from..self.offset()).unwrap_or_default()))
    }

    fn function(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.at += 2;
        let mut parameters = Vec::new();
        while !self.take_sign(")") {
            if !parameters.is_empty() {
                self.want_sign(",", "'(' is not closed: add ')'")?;
            }
            let name = match self.peek() {
                Kind::Word(name) => Arc::from(name.as_str()),
                _ => return self.error("a name must come here: 'function(a, b) a + b'"),
            };
            self.advance();
            let kind = if self.take_sign(":") { self.kind()? } else { crate::kind::Kind::Any };
            parameters.push(Parameter { name, kind });
        }
        let foreign = self.take_word("external");
        let body = self.expression()?;
        let depth = body.depth;
        let body = (!foreign).then(|| Arc::new(body));
        self.made(at, depth, Node::Function(parameters, body))
    }

    fn conditional(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        let condition = self.expression()?;
        self.want_word("then", "'if' needs 'then'")?;
        let yes = self.expression()?;
        self.want_word("else", "'if' needs 'else'")?;
        let no = self.expression()?;
        let depth = deepest([&condition, &yes, &no]);
        self.made(at, depth, Node::If(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn iteration(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        let binders = self.binders()?;
        self.want_word("return", "'for' needs 'return'")?;
        let body = self.expression()?;
        let depth = binders_depth(&binders).max(body.depth);
        self.made(at, depth, Node::For(binders, Box::new(body)))
    }

    fn quantified(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        let some = self.is_word("some");
        self.advance();
        let binders = self.binders()?;
        self.want_word("satisfies", "'some' and 'every' need 'satisfies'")?;
        let body = self.expression()?;
        let depth = binders_depth(&binders).max(body.depth);
        self.made(at, depth, Node::Quantified(some, binders, Box::new(body)))
    }

    fn binders(&mut self) -> Result<Vec<Binder>, FeelError> {
        let mut binders = Vec::new();
        loop {
            let name: Arc<str> = match self.peek() {
                Kind::Word(name) if !KEYWORDS.contains(&name.as_str()) => name.as_str().into(),
                _ => return self.error("a name must come here: 'x in list'"),
            };
            self.advance();
            self.want_word("in", "'in' must follow the name: 'x in list'")?;
            let low = self.expression()?;
            let domain = if self.take_sign("..") {
                Domain::Count(low, self.binary(SUM)?)
            } else {
                Domain::Each(low)
            };
            binders.push(Binder { name, domain });
            if !self.take_sign(",") {
                return Ok(binders);
            }
        }
    }
}

fn binders_depth(binders: &[Binder]) -> usize {
    let mut depth = 0;
    for binder in binders {
        binder.children(&mut |ast| depth = depth.max(ast.depth));
    }
    depth
}

/// The value of `@"..."`.
pub(super) fn temporal(text: &str) -> Option<Value> {
    Date::parse(text)
        .map(Value::Date)
        .or_else(|| DateTime::parse(text).map(Value::DateTime))
        .or_else(|| Time::parse(text).map(Value::Time))
        .or_else(|| Span::parse(text).map(Value::Duration))
}
