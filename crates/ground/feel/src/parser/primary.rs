//! What needs no operator: literals, names, calls, lists, contexts, `if`, `for`, `some`, `every`.

use super::{KEYWORDS, Parser, SUM, deepest};
use crate::ast::{Ast, Binder, Domain, Node};
use crate::builtin::{self, Builtin};
use crate::error::FeelError;
use crate::lexer::Kind;
use crate::temporal::{DateTime, Span, date_from_text};
use crate::value::Value;

/// Words of the longest function name.
const WORDS_MAX: usize = 5;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Result<Ast, FeelError> {
        // Only thin calls here: this frame stands once for each level of nesting.
        match self.peek() {
            Kind::Word(_) => self.word(),
            Kind::Sign("(") => self.round_brackets(),
            Kind::Sign("[") => self.list(),
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
        self.advance();
        let inner = self.bracketed(Self::expression)?;
        if self.is_sign("..") || self.is_sign(",") {
            return self.error("a range or a list of tests can only stand after 'in'");
        }
        self.want_sign(")", "'(' is not closed: add ')'")?;
        Ok(inner)
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
            "function" => return self.error("functions cannot be defined here"),
            _ => {}
        }
        if let Some((name, words)) = self.call_ahead()
            && (words == 1 || !name.split(' ').any(|part| KEYWORDS.contains(&part)))
        {
            return self.error(format!("unknown function '{name}'"));
        }
        if KEYWORDS.contains(&word.as_str()) {
            return self.error(format!("unexpected '{word}'"));
        }
        let at = self.offset();
        self.advance();
        self.made(at, 0, Node::Name(word))
    }

    /// The function whose name and `(` are ahead, and the count of its words.
    fn function_ahead(&self) -> Option<(&'static Builtin, usize)> {
        let (name, words) = self.call_ahead()?;
        builtin::find(&name).map(|found| (found, words))
    }

    /// The words ahead, if `(` follows them.
    fn call_ahead(&self) -> Option<(String, usize)> {
        let mut words = Vec::new();
        while words.len() < WORDS_MAX
            && let Kind::Word(word) = self.ahead(words.len())
        {
            words.push(word.as_str());
        }
        if *self.ahead(words.len()) != Kind::Sign("(") {
            return None;
        }
        Some((words.join(" "), words.len()))
    }

    fn call(&mut self, function: &'static Builtin, words: usize) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.at += words + 1;
        let arguments = self.nested(|parser| {
            parser.bracketed(|parser| {
                if parser.named_ahead().is_some() {
                    parser.named_arguments(function)
                } else {
                    parser.arguments(function)
                }
            })
        })?;
        let given = arguments.iter().take_while(|argument| argument.is_some()).count();
        if given < function.required {
            let wanted = function.parameters.join(", ");
            let message = format!("'{}' needs its arguments: {wanted}", function.name);
            return Err(FeelError::at(self.source, at, message));
        }
        let depth = deepest(arguments.iter().flatten());
        self.made(at, depth, Node::Call(function, arguments))
    }

    fn arguments(&mut self, function: &Builtin) -> Result<Vec<Option<Ast>>, FeelError> {
        let mut arguments = Vec::new();
        if self.take_sign(")") {
            return Ok(arguments);
        }
        loop {
            if !function.variadic && arguments.len() >= function.parameters.len() {
                let wanted = function.parameters.join(", ");
                return self
                    .error(format!("too many arguments: '{}' takes {wanted}", function.name));
            }
            arguments.push(Some(self.expression()?));
            if self.take_sign(")") {
                return Ok(arguments);
            }
            self.want_sign(",", "'(' is not closed: add ')'")?;
        }
    }

    /// A parameter name of one or more words and the count of the words, if `:` follows them.
    fn named_ahead(&self) -> Option<(String, usize)> {
        let mut words = Vec::new();
        while words.len() < WORDS_MAX
            && let Kind::Word(word) = self.ahead(words.len())
        {
            words.push(word.as_str());
        }
        let named = !words.is_empty() && *self.ahead(words.len()) == Kind::Sign(":");
        named.then(|| (words.join(" "), words.len()))
    }

    fn named_arguments(&mut self, function: &Builtin) -> Result<Vec<Option<Ast>>, FeelError> {
        let mut arguments: Vec<Option<Ast>> = vec![None; function.parameters.len()];
        loop {
            let Some((name, words)) = self.named_ahead() else {
                return self.error("once one argument is named, all are");
            };
            let position = function.parameters.iter().position(|known| *known == name);
            let Some(slot) = position.and_then(|position| arguments.get_mut(position)) else {
                let wanted = function.parameters.join(", ");
                return self
                    .error(format!("'{}' has no '{name}': it takes {wanted}", function.name));
            };
            if slot.is_some() {
                return self.error(format!("'{name}' is given twice"));
            }
            self.at += words + 1;
            *slot = Some(self.expression()?);
            if self.take_sign(")") {
                return Ok(arguments);
            }
            self.want_sign(",", "'(' is not closed: add ')'")?;
        }
    }

    fn list(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        self.advance();
        let mut all = Vec::new();
        self.bracketed(|parser| {
            if parser.take_sign("]") {
                return Ok(());
            }
            loop {
                all.push(parser.expression()?);
                if parser.take_sign("]") {
                    return Ok(());
                }
                if parser.is_sign("..") {
                    return parser.error("a range can only stand after 'in'");
                }
                parser.want_sign(",", "'[' is not closed: add ']'")?;
            }
        })?;
        let depth = deepest(&all);
        self.made(at, depth, Node::List(all))
    }

    fn entries(&mut self) -> Result<Vec<(String, Ast)>, FeelError> {
        let mut entries: Vec<(String, Ast)> = Vec::new();
        if self.take_sign("}") {
            return Ok(entries);
        }
        loop {
            let name = match self.peek() {
                Kind::Word(name) | Kind::Text(name) => name.clone(),
                _ => return self.error("a name must come here: '{name: value}'"),
            };
            if entries.iter().any(|(known, _)| *known == name) {
                return self.error(format!("'{name}' is given twice"));
            }
            self.advance();
            self.want_sign(":", "':' must follow the name: '{name: value}'")?;
            entries.push((name, self.expression()?));
            if self.take_sign("}") {
                return Ok(entries);
            }
            self.want_sign(",", "'{' is not closed: add '}'")?;
        }
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
            let name = match self.peek() {
                Kind::Word(name) if !KEYWORDS.contains(&name.as_str()) => name.clone(),
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

fn temporal(text: &str) -> Option<Value> {
    date_from_text(text)
        .map(Value::Date)
        .or_else(|| DateTime::parse(text).map(Value::DateTime))
        .or_else(|| Span::parse(text).map(Value::Duration))
}
