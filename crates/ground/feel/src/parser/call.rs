//! Calls: of the functions of the language, whose arguments are checked here, and of any other value.

use super::{Parser, deepest};
use crate::ast::{Arguments, Ast, Node};
use crate::builtin::{self, Builtin};
use crate::error::FeelError;
use crate::lexer::Kind;

/// Words of the longest function name.
const WORDS_MAX: usize = 5;

impl Parser<'_> {
    /// The function whose name and `(` are ahead, and the count of its words.
    pub(super) fn function_ahead(&self) -> Option<(&'static Builtin, usize)> {
        let (name, words) = self.call_ahead()?;
        // A name of the source's own comes first, as in any inner scope.
        builtin::find(&name).filter(|_| !self.known.holds(&name)).map(|found| (found, words))
    }

    /// The words ahead, if `(` follows them.
    pub(super) fn call_ahead(&self) -> Option<(String, usize)> {
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

    pub(super) fn call(
        &mut self,
        function: &'static Builtin,
        words: usize,
    ) -> Result<Ast, FeelError> {
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
            let wanted = function.wanted();
            let message = format!("'{}' needs its arguments: {wanted}", function.name);
            return Err(FeelError::at(self.source, at, message));
        }
        let depth = deepest(arguments.iter().flatten());
        self.made(at, depth, Node::Call(function, arguments))
    }

    fn arguments(&mut self, function: &Builtin) -> Result<Vec<Option<Ast>>, FeelError> {
        let most = function.signatures.iter().map(|one| one.len()).max().unwrap_or(0);
        let mut arguments = Vec::new();
        if self.take_sign(")") {
            return Ok(arguments);
        }
        loop {
            if !function.variadic && arguments.len() >= most {
                let wanted = function.wanted();
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

    /// A call of any value, whose `(` is ahead.
    pub(super) fn invocation(&mut self, function: Ast) -> Result<Ast, FeelError> {
        let at = function.at;
        self.advance();
        let arguments = self.bracketed(|parser| {
            if parser.named_ahead().is_some() {
                return parser.named().map(Arguments::Named);
            }
            let mut all = Vec::new();
            while !parser.take_sign(")") {
                if !all.is_empty() {
                    parser.want_sign(",", "'(' is not closed: add ')'")?;
                }
                all.push(parser.expression()?);
            }
            Ok(Arguments::Placed(all))
        })?;
        let inner = match &arguments {
            Arguments::Placed(all) => deepest(all),
            Arguments::Named(all) => deepest(all.iter().map(|(_, argument)| argument)),
        };
        let depth = function.depth.max(inner);
        self.made(at, depth, Node::Invoke(Box::new(function), arguments))
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

    fn named(&mut self) -> Result<Vec<(String, Ast)>, FeelError> {
        let mut all: Vec<(String, Ast)> = Vec::new();
        loop {
            let Some((name, words)) = self.named_ahead() else {
                return self.error("once one argument is named, all are");
            };
            if all.iter().any(|(known, _)| *known == name) {
                return self.error(format!("'{name}' is given twice"));
            }
            self.at += words + 1;
            all.push((name, self.expression()?));
            if self.take_sign(")") {
                return Ok(all);
            }
            self.want_sign(",", "'(' is not closed: add ')'")?;
        }
    }

    fn named_arguments(&mut self, function: &Builtin) -> Result<Vec<Option<Ast>>, FeelError> {
        let at = self.offset();
        let given = self.named()?;
        let fits =
            |signature: &&&[&str]| given.iter().all(|(name, _)| signature.contains(&name.as_str()));
        let Some(signature) = function.signatures.iter().find(fits) else {
            let unknown = given
                .iter()
                .map(|(name, _)| name)
                .find(|name| !function.signatures.iter().any(|one| one.contains(&name.as_str())));
            let (name, wanted) = (function.name, function.wanted());
            let message = match unknown {
                Some(unknown) => format!("'{name}' has no '{unknown}': it takes {wanted}"),
                None => format!("these arguments do not go together: '{name}' takes {wanted}"),
            };
            return Err(FeelError::at(self.source, at, message));
        };
        let mut arguments: Vec<Option<Ast>> = vec![None; signature.len()];
        for (name, argument) in given {
            let place = signature.iter().position(|known| *known == name);
            if let Some(slot) = place.and_then(|place| arguments.get_mut(place)) {
                *slot = Some(argument);
            }
        }
        Ok(arguments)
    }
}
