//! The operators: small changes to a source text, each a fault that a student
//! could make.
//!
//! The first ones are those of cargo-mutants (a function's body replaced by a
//! value, operators exchanged, match arms and guards taken out); the others
//! are the faults of concurrent programs (a notification or a join forgotten,
//! `notify_one` for `notify_all`, `if` for `while` around a wait).

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One change to a source file.
#[derive(Debug, Clone)]
pub(crate) struct Mutation {
    /// The function that it is in: `Bank::transfer`.
    pub(crate) function: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// The bytes that are replaced.
    pub(crate) range: std::ops::Range<usize>,
    /// What they are replaced with.
    pub(crate) replacement: String,
    /// In words: "replace `<` with `<=`".
    pub(crate) change: String,
}

impl Mutation {
    /// The source with the change.
    pub(crate) fn apply(&self, source: &str) -> String {
        format!(
            "{}{}{}",
            &source[..self.range.start],
            self.replacement,
            &source[self.range.end..]
        )
    }
}

/// Every mutation of a source text.
///
/// # Errors
/// When the text is not Rust.
pub(crate) fn mutations(source: &str) -> syn::Result<Vec<Mutation>> {
    let file = syn::parse_file(source)?;
    let mut collector = Collector {
        path: Vec::new(),
        found: Vec::new(),
    };
    collector.visit_file(&file);
    collector
        .found
        .sort_by_key(|mutation| (mutation.range.start, mutation.range.end));
    Ok(collector.found)
}

struct Collector {
    path: Vec<String>,
    found: Vec<Mutation>,
}

impl Collector {
    fn replace(&mut self, span: Span, replacement: impl Into<String>, change: String) {
        self.found.push(Mutation {
            function: self.path.join("::"),
            line: span.start().line,
            range: span.byte_range(),
            replacement: replacement.into(),
            change,
        });
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let span = body.span();
        for value in values_of(&signature.output) {
            self.replace(
                span,
                format!("{{ {value} }}"),
                format!("replace the body with `{value}`"),
            );
        }
    }

    fn within(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.path.push(name);
        visit(self);
        self.path.pop();
    }
}

/// Values that a function of this return type could give.
fn values_of(output: &syn::ReturnType) -> Vec<String> {
    match output {
        syn::ReturnType::Default => vec!["()".to_owned()],
        syn::ReturnType::Type(_, ty) => values(ty),
    }
}

fn values(ty: &syn::Type) -> Vec<String> {
    let text = ty.to_token_stream().to_string();
    match ty {
        syn::Type::Never(_) => Vec::new(),
        syn::Type::Tuple(tuple) if tuple.elems.is_empty() => vec!["()".to_owned()],
        syn::Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return Vec::new();
            };
            let argument = |index: usize| match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) => arguments
                    .args
                    .iter()
                    .filter_map(|argument| match argument {
                        syn::GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    })
                    .nth(index)
                    .cloned(),
                _ => None,
            };
            match last.ident.to_string().as_str() {
                "bool" => vec!["true".to_owned(), "false".to_owned()],
                "u8" | "u16" | "u32" | "u64" | "usize" | "u128" => {
                    vec!["0".to_owned(), "1".to_owned()]
                }
                "i8" | "i16" | "i32" | "i64" | "isize" | "i128" => {
                    vec!["0".to_owned(), "1".to_owned(), "-1".to_owned()]
                }
                "String" => vec!["String::new()".to_owned(), "\"xyzzy\".into()".to_owned()],
                "Result" => {
                    let inner = argument(0)
                        .map_or_else(|| vec!["Default::default()".to_owned()], |ty| values(&ty));
                    inner
                        .into_iter()
                        .map(|value| format!("Ok({value})"))
                        .collect()
                }
                "Option" => {
                    let inner = argument(0).map(|ty| values(&ty)).unwrap_or_default();
                    std::iter::once("None".to_owned())
                        .chain(inner.into_iter().map(|value| format!("Some({value})")))
                        .collect()
                }
                "Vec" => vec!["Vec::new()".to_owned()],
                _ => vec!["Default::default()".to_owned()],
            }
        }
        _ if text == "& str" => vec!["\"\"".to_owned(), "\"xyzzy\"".to_owned()],
        _ => vec!["Default::default()".to_owned()],
    }
}

/// What an operator is exchanged for.
fn exchanges(operator: &str) -> &'static [&'static str] {
    match operator {
        "==" => &["!="],
        "!=" => &["=="],
        "<" => &["==", ">", "<="],
        ">" => &["==", "<", ">="],
        "<=" => &[">", "<"],
        ">=" => &["<", ">"],
        "&&" => &["||"],
        "||" => &["&&"],
        "+" => &["-", "*"],
        "-" => &["+", "/"],
        "*" => &["+", "/"],
        "/" => &["%", "*"],
        "%" => &["/", "+"],
        "+=" => &["-=", "*="],
        "-=" => &["+=", "/="],
        "*=" => &["+=", "/="],
        "&" => &["|", "^"],
        "|" => &["&", "^"],
        "^" => &["&", "|"],
        "<<" => &[">>"],
        ">>" => &["<<"],
        ".." => &["..="],
        "..=" => &[".."],
        _ => &[],
    }
}

/// Calls whose absence is a fault of concurrent programs.
const FORGOTTEN: &[&str] = &[
    "notify_one",
    "notify_all",
    "join",
    "unpark",
    "send",
    "store",
    "wait",
    "sync_all",
    "flush",
];

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if is_test(&item.attrs) {
            return;
        }
        self.within(item.sig.ident.to_string(), |this| {
            this.function(&item.sig, &item.block);
            visit::visit_item_fn(this, item);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = item.self_ty.to_token_stream().to_string().replace(' ', "");
        self.within(name, |this| visit::visit_item_impl(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.within(item.sig.ident.to_string(), |this| {
            this.function(&item.sig, &item.block);
            visit::visit_impl_item_fn(this, item);
        });
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let operator = binary.op.to_token_stream().to_string();
        for other in exchanges(&operator) {
            self.replace(
                binary.op.span(),
                *other,
                format!("replace `{operator}` with `{other}`"),
            );
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_range(&mut self, range: &'ast syn::ExprRange) {
        if range.end.is_some() {
            let operator = range.limits.to_token_stream().to_string().replace(' ', "");
            for other in exchanges(&operator) {
                self.replace(
                    range.limits.span(),
                    *other,
                    format!("replace `{operator}` with `{other}`"),
                );
            }
        }
        visit::visit_expr_range(self, range);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, syn::UnOp::Not(_) | syn::UnOp::Neg(_)) {
            let operator = unary.op.to_token_stream().to_string();
            self.replace(unary.op.span(), "", format!("delete `{operator}`"));
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_match(&mut self, item: &'ast syn::ExprMatch) {
        let has_wildcard = item
            .arms
            .iter()
            .any(|arm| matches!(arm.pat, syn::Pat::Wild(_)) && arm.guard.is_none());
        for arm in &item.arms {
            let pattern = arm.pat.to_token_stream().to_string();
            if has_wildcard && !matches!(arm.pat, syn::Pat::Wild(_)) {
                self.replace(arm.span(), "", format!("delete the match arm `{pattern}`"));
            }
            if let Some((_, guard)) = &arm.guard {
                for value in ["true", "false"] {
                    self.replace(
                        guard.span(),
                        value,
                        format!("replace the guard of `{pattern}` with `{value}`"),
                    );
                }
            }
        }
        visit::visit_expr_match(self, item);
    }

    fn visit_expr_while(&mut self, item: &'ast syn::ExprWhile) {
        let waits = item.body.to_token_stream().to_string();
        if waits.contains(". wait") || waits.contains("park ()") {
            self.replace(
                item.while_token.span(),
                "if",
                "replace `while` with `if` around a wait".to_owned(),
            );
        }
        visit::visit_expr_while(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        let other = match method.as_str() {
            "notify_all" => Some("notify_one"),
            "checked_add" => Some("checked_sub"),
            "checked_sub" => Some("checked_add"),
            _ => None,
        };
        if let Some(other) = other {
            self.replace(
                call.method.span(),
                other,
                format!("replace `{method}` with `{other}`"),
            );
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let syn::Stmt::Expr(expression, Some(_)) = statement
            && let Some(name) = outermost_call(expression)
            && (FORGOTTEN.contains(&name.as_str()) || name == "drop")
        {
            self.replace(statement.span(), ";", format!("forget `{name}`"));
        }
        visit::visit_stmt(self, statement);
    }
}

/// The name of the method or function that a statement calls, below `unwrap`,
/// `expect` and `?`.
fn outermost_call(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "unwrap" | "expect" | "ok" => outermost_call(&call.receiver),
            name => Some(name.to_owned()),
        },
        syn::Expr::Try(inner) => outermost_call(&inner.expr),
        syn::Expr::Assign(assign) => outermost_call(&assign.right).filter(|name| name != "wait"),
        syn::Expr::Call(call) => match &*call.func {
            syn::Expr::Path(path) => path
                .path
                .segments
                .last()
                .map(|segment| segment.ident.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// `#[test]`, `#[cfg(test)]`.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.to_token_stream().to_string().contains("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(source: &str) -> Vec<String> {
        mutations(source)
            .unwrap()
            .into_iter()
            .map(|mutation| format!("{}: {}", mutation.function, mutation.change))
            .collect()
    }

    #[test]
    fn operators_are_exchanged() {
        assert_eq!(
            changes("fn f(a: u8) { if a <= 3 {} }"),
            [
                "f: replace the body with `()`",
                "f: replace `<=` with `>`",
                "f: replace `<=` with `<`"
            ]
        );
    }

    #[test]
    fn bodies_are_replaced_by_values_of_their_type() {
        assert_eq!(
            changes("struct A; impl A { fn f(&self) -> Result<u64, ()> { g() } }"),
            [
                "A::f: replace the body with `Ok(0)`",
                "A::f: replace the body with `Ok(1)`"
            ]
        );
    }

    #[test]
    fn a_mutation_changes_what_it_says() {
        let source = "fn f() { x.notify_all(); }";
        let forgotten = mutations(source)
            .unwrap()
            .into_iter()
            .find(|mutation| mutation.change.starts_with("forget"))
            .unwrap();
        assert_eq!(forgotten.apply(source), "fn f() { ; }");
    }

    #[test]
    fn tests_are_left_alone() {
        assert_eq!(
            changes("#[cfg(test)] mod tests { fn f() -> bool { a == b } }"),
            [""; 0]
        );
    }
}
