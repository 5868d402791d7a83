//! Which names an expression takes from its scope, for the checks on packs.

use std::collections::BTreeSet;

use crate::ast::{Ast, Binder, Node, Test};
use crate::builtin;

/// The names found so far, and the names bound around the node at hand.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) sure: BTreeSet<String>,
    pub(crate) filtered: BTreeSet<String>,
    pub(crate) paths: BTreeSet<String>,
    bound: Vec<String>,
    filters: usize,
}

impl Names {
    pub(crate) fn of(ast: &Ast) -> Self {
        let mut names = Self::default();
        names.visit(ast);
        names
    }

    pub(crate) fn of_tests(tests: &[Test]) -> Self {
        let mut names = Self::default();
        for test in tests {
            names.visit(test.operand());
        }
        names
    }

    fn visit(&mut self, ast: &Ast) {
        match &ast.node {
            Node::Name(name) => self.add(name, name.as_ref().to_owned()),
            Node::Path(..) => match dotted(ast) {
                Some((root, path)) => self.add(root, path),
                None => ast.children(&mut |child| self.visit(child)),
            },
            Node::Filter(list, condition) => {
                self.visit(list);
                self.filters += 1;
                let bound = self.bound.len();
                self.bound.push("item".to_owned());
                self.visit(condition);
                self.bound.truncate(bound);
                self.filters -= 1;
            }
            Node::For(binders, body) | Node::Quantified(_, binders, body) => {
                self.bind(binders, body);
            }
            Node::Invoke(function, _) if matches!(&function.node, Node::Name(name) if builtin::find(name).is_some()) =>
            {
                let at = std::ptr::from_ref::<Ast>(function);
                ast.children(&mut |child| {
                    if !std::ptr::eq(child, at) {
                        self.visit(child);
                    }
                });
            }
            Node::Function(parameters, Some(body)) => {
                let bound = self.bound.len();
                self.bound.extend(parameters.iter().map(|one| one.name.as_ref().to_owned()));
                self.visit(body);
                self.bound.truncate(bound);
            }
            Node::Context(entries) => {
                let bound = self.bound.len();
                for (name, entry) in entries {
                    self.visit(entry);
                    self.bound.push(name.clone());
                }
                self.bound.truncate(bound);
            }
            _ => ast.children(&mut |child| self.visit(child)),
        }
    }

    fn bind(&mut self, binders: &[Binder], body: &Ast) {
        let bound = self.bound.len();
        for binder in binders {
            binder.children(&mut |child| self.visit(child));
            self.bound.push(binder.name.as_ref().to_owned());
        }
        self.visit(body);
        self.bound.truncate(bound);
    }

    fn add(&mut self, root: &str, path: String) {
        if self.bound.iter().any(|name| name == root) {
            return;
        }
        if self.filters > 0 {
            self.filtered.insert(root.to_owned());
        } else {
            self.sure.insert(root.to_owned());
            self.paths.insert(path);
        }
    }
}

/// Whether a name appears anywhere in an expression.
pub(crate) fn uses(ast: &Ast, name: &str) -> bool {
    if matches!(&ast.node, Node::Name(found) if found.as_ref() == name) {
        return true;
    }
    let mut found = false;
    ast.children(&mut |child| found = found || uses(child, name));
    found
}

fn dotted(ast: &Ast) -> Option<(&str, String)> {
    match &ast.node {
        Node::Name(name) => Some((name, name.as_ref().to_owned())),
        Node::Path(inner, segment) => {
            let (root, path) = dotted(inner)?;
            Some((root, format!("{path}.{segment}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::Expr;

    #[test]
    fn finds_free_names() {
        let check = |source: &str, sure: &[&str], filtered: &[&str], paths: &[&str]| {
            let expr = Expr::parse(source).unwrap();
            assert_eq!(expr.names().iter().collect::<Vec<_>>(), sure, "{source}");
            assert_eq!(expr.filter_names().iter().collect::<Vec<_>>(), filtered, "{source}");
            assert_eq!(expr.paths().iter().collect::<Vec<_>>(), paths, "{source}");
        };
        check("a.b.c > d and not a.e", &["a", "d"], &[], &["a.b.c", "a.e", "d"]);
        check("for x in 清单, y in x.parts return y + z", &["z", "清单"], &[], &["z", "清单"]);
        check("rows[price > limit and item.n = 1].x", &["rows"], &["limit", "price"], &["rows"]);
        check("{a: b, c: a + d}.c", &["b", "d"], &[], &["b", "d"]);
        check("count(x) in [low..3]", &["low", "x"], &[], &["low", "x"]);
        check("some v in list satisfies v = w", &["list", "w"], &[], &["list", "w"]);
    }
}
