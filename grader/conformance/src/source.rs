//! Reads a file of std's tests: which tests it has, and in which parts it can
//! be taken to pieces.

use std::ops::Range;

use anyhow::{Context as _, Result};
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::{Attribute, Meta, UseTree, Visibility};

use crate::suite::{Edit, Item, Place, Suite, Test};

/// The macro that makes a test of locks that poison and one of those that do
/// not.
const BOTH_KINDS: &str = "nonpoison_and_poison_unwrap_test";

/// Reads a file.
pub(crate) fn read(file: String, text: String, place: Place) -> Result<Suite> {
    let parsed = syn::parse_file(&text).with_context(|| format!("cannot read {file}"))?;
    let mut reader = Reader {
        text: &text,
        edits: Vec::new(),
        items: Vec::new(),
        tests: Vec::new(),
    };
    for attribute in parsed
        .attrs
        .iter()
        .filter(|one| one.path().is_ident("feature"))
    {
        reader.blank(attribute.span());
    }
    reader.items(&parsed.items, "");
    let Reader {
        edits,
        items,
        tests,
        ..
    } = reader;
    Ok(Suite {
        file,
        edits,
        items,
        tests,
        text,
        place,
    })
}

struct Reader<'a> {
    text: &'a str,
    edits: Vec<Edit>,
    items: Vec<Item>,
    tests: Vec<Test>,
}

impl Reader<'_> {
    fn items(&mut self, items: &[syn::Item], path: &str) {
        for item in items {
            let whole = item.span().byte_range();
            let name = match item {
                syn::Item::Fn(function) => {
                    self.function(function, path);
                    Some(&function.sig.ident)
                }
                syn::Item::Mod(module) => {
                    self.module(module, path);
                    Some(&module.ident)
                }
                syn::Item::Macro(call) => {
                    self.both_kinds(call, path);
                    call.ident.as_ref()
                }
                syn::Item::Use(import) => {
                    self.leaves(&import.tree, &whole);
                    None
                }
                syn::Item::Const(item) => Some(&item.ident),
                syn::Item::Enum(item) => Some(&item.ident),
                syn::Item::Static(item) => Some(&item.ident),
                syn::Item::Struct(item) => Some(&item.ident),
                syn::Item::Trait(item) => Some(&item.ident),
                syn::Item::Type(item) => Some(&item.ident),
                syn::Item::Union(item) => Some(&item.ident),
                _ => None,
            };
            self.items.push(Item {
                range: whole,
                name: name.map(ToString::to_string),
            });
        }
    }

    fn module(&mut self, module: &syn::ItemMod, path: &str) {
        let Some((_, items)) = &module.content else {
            return;
        };
        for attribute in &module.attrs {
            if predicates(attribute, "cfg").is_some_and(|cfg| cfg == "test") {
                self.blank(attribute.span());
            }
        }
        self.show(&module.vis, module.mod_token.span());
        self.items(items, &format!("{path}{}::", module.ident));
    }

    fn function(&mut self, function: &syn::ItemFn, path: &str) {
        let has = |name| function.attrs.iter().any(|one| one.path().is_ident(name));
        if !has("test") {
            return;
        }
        let mut test = Test {
            name: format!("{path}{}", function.sig.ident),
            call: format!("{path}{}", function.sig.ident),
            range: function.span().byte_range(),
            cfgs: Vec::new(),
            ignored: Vec::new(),
            panics: None,
            excluded: None,
            optional: false,
        };
        for attribute in &function.attrs {
            if let Some(cfg) = predicates(attribute, "cfg") {
                test.cfgs.push(cfg);
                continue;
            }
            match &attribute.meta {
                meta if meta.path().is_ident("test") => {}
                meta if meta.path().is_ident("should_panic") => test.panics = Some(expected(meta)),
                meta if meta.path().is_ident("ignore") => {
                    test.excluded = Some("std itself ignores it".to_owned());
                }
                Meta::List(list) if list.path.is_ident("cfg_attr") => {
                    if let Some(predicate) = ignored_if(&list.tokens) {
                        test.ignored.push(predicate);
                    }
                }
                _ => continue,
            }
            self.blank(attribute.span());
        }
        let before = match &function.sig {
            syn::Signature {
                constness: Some(first),
                ..
            } => first.span(),
            syn::Signature {
                asyncness: Some(first),
                ..
            } => first.span(),
            syn::Signature {
                unsafety: Some(first),
                ..
            } => first.span(),
            signature => signature.fn_token.span(),
        };
        self.show(&function.vis, before);
        self.tests.push(test);
    }

    /// The two tests that a call of the macro for both kinds of locks makes.
    fn both_kinds(&mut self, call: &syn::ItemMacro, path: &str) {
        if !call.mac.path.is_ident(BOTH_KINDS) {
            return;
        }
        let mut tokens = call.mac.tokens.clone().into_iter();
        let name = tokens.find_map(|token| match token {
            TokenTree::Ident(ident) if ident != "name" => Some(ident.to_string()),
            _ => None,
        });
        let Some(name) = name else { return };
        let unstable = "unstable API: `sync_nonpoison`".to_owned();
        for (kind, excluded) in [("poison", None), ("nonpoison", Some(unstable))] {
            self.tests.push(Test {
                name: format!("{path}{kind}_{name}"),
                call: format!("{path}{name}::poison"),
                range: call.span().byte_range(),
                cfgs: call
                    .attrs
                    .iter()
                    .filter_map(|one| predicates(one, "cfg"))
                    .collect(),
                ignored: Vec::new(),
                panics: None,
                excluded,
                optional: false,
            });
        }
    }

    /// Each name of an import can be taken out for itself.
    fn leaves(&mut self, tree: &UseTree, whole: &Range<usize>) {
        let (name, range) = match tree {
            UseTree::Path(path) => return self.leaves(&path.tree, whole),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.leaves(tree, whole);
                }
                return;
            }
            UseTree::Name(name) => (name.ident.to_string(), tree.span()),
            UseTree::Rename(rename) => (rename.rename.to_string(), tree.span()),
            UseTree::Glob(_) => ("*".to_owned(), tree.span()),
        };
        let range = range.byte_range();
        // The path before a name that is alone in its part of a group goes
        // with it, and so does the comma after it.
        let start = self
            .text
            .get(whole.start..range.start)
            .map_or(range.start, |before| {
                let at = before.rfind(['{', ',']).map(|at| at + 1);
                at.map_or(whole.start, |at| whole.start + at)
            });
        let after = self.text.get(range.end..whole.end).unwrap_or_default();
        let end = match after.trim_start().chars().next() {
            Some(',') => range.end + after.find(',').map_or(0, |at| at + 1),
            _ if start == whole.start => whole.end,
            _ => range.end,
        };
        self.items.push(Item {
            range: start..end,
            name: Some(name),
        });
    }

    fn blank(&mut self, span: Span) {
        self.edits.push(Edit {
            range: span.byte_range(),
            text: None,
        });
    }

    /// Makes something visible that begins there.
    fn show(&mut self, visibility: &Visibility, begins: Span) {
        if matches!(visibility, Visibility::Inherited) {
            let at = begins.byte_range().start;
            self.edits.push(Edit {
                range: at..at,
                text: Some("pub "),
            });
        }
    }
}

/// What stands in `#[NAME(...)]`.
fn predicates(attribute: &Attribute, name: &str) -> Option<String> {
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident(name) => Some(list.tokens.to_string()),
        _ => None,
    }
}

/// What a test that must panic must say: `#[should_panic(expected = "...")]` or
/// `#[should_panic = "..."]`.
fn expected(meta: &Meta) -> String {
    let tokens = match meta {
        Meta::Path(_) => return String::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            return match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) => text.value(),
                _ => String::new(),
            };
        }
    };
    let literal = tokens.into_iter().find_map(|token| match token {
        TokenTree::Literal(literal) => syn::parse_str::<syn::LitStr>(&literal.to_string()).ok(),
        _ => None,
    });
    literal.map(|text| text.value()).unwrap_or_default()
}

/// The predicate of `#[cfg_attr(PREDICATE, ignore ...)]`. What Miri ignores is
/// not ignored here.
fn ignored_if(tokens: &TokenStream) -> Option<String> {
    let mut predicate = TokenStream::new();
    let mut tokens = tokens.clone().into_iter();
    for token in tokens.by_ref() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => break,
            token => predicate.extend([token]),
        }
    }
    match tokens.next() {
        Some(TokenTree::Ident(ident)) if ident == "ignore" => {}
        _ => return None,
    }
    let predicate = predicate.to_string();
    Some(match predicate.as_str() {
        "miri" => "any()".to_owned(),
        _ => predicate,
    })
}

/// What is changed in a program so that it can be a module: its `main` is
/// shown, and the attributes of its crate go. `None` if it is no program.
pub(crate) fn main_and_features(text: &str) -> Option<Vec<Edit>> {
    let parsed = syn::parse_file(text).ok()?;
    let mut reader = Reader {
        text,
        edits: Vec::new(),
        items: Vec::new(),
        tests: Vec::new(),
    };
    for attribute in &parsed.attrs {
        reader.blank(attribute.span());
    }
    // There may be one for each platform.
    let mains = parsed.items.iter().filter_map(|item| match item {
        syn::Item::Fn(function) if function.sig.ident == "main" => Some(function),
        _ => None,
    });
    let mut is_program = false;
    for main in mains {
        reader.show(&main.vis, main.sig.fn_token.span());
        is_program = true;
    }
    is_program.then_some(reader.edits)
}
