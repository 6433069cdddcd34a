//! Which lifetime outlives which, as rustc believes it without being shown: one more
//! hole of its, in both type checkers (rust-lang/rust#100051 and what is like it).
//!
//! A type `<X as Trait>::Type` is only well-formed where `X` is: as `<&'b &'a () as
//! Unit>::Type` only where `'a` outlives `'b`. So a function may rely on that, if such a
//! type is an argument of its, and a method, if it is in the header of its `impl`. But
//! who uses them knows the type by what it is, `()`, and need show nothing. What calls a
//! function by its name must; what is handed the function as a value must not, and
//! neither must who calls a method of such an `impl`.
//!
//! Functions as values are found in the MIR, which has their types as they were written,
//! with what is put in the place of generic parameters. The headers are not there. rustc writes them in the other form that it has for MIR
//! (`-Zunpretty=mir-cfg`), as the names of methods. It does so only where a source may
//! have such a header at all.
//!
//! What is refused is such a type with a lifetime or anything generic in it, or one that
//! is not told in full. `<I as Iterator>::Item` binds nothing, and a right program has
//! more than that in these places hardly ever.

use std::collections::{BTreeMap, BTreeSet};

use ra_ap_rustc_lexer::TokenKind;

use super::attributes::{readings, words};
use super::soundness::{self, LIMIT, skipped};

/// Whether the header of an `impl` in these sources may have a type `<X as Trait>::Type`
/// that says something of lifetimes.
///
/// Names are needed for that, of lifetimes and, where it is not written `<X as
/// Trait>::Type`, of what it is written by: a path, or another name for a type.
pub(super) fn may_be_in_headers(sources: &BTreeMap<String, String>) -> bool {
    let texts = || sources.values().flat_map(|text| readings(text));
    let has = |wanted: fn(TokenKind, &str) -> bool| {
        texts().any(|text| words(text).any(|(kind, word)| wanted(kind, word)))
    };
    has(|kind, _| is_lifetime(kind)) && {
        let names = texts().flat_map(names_of_types).collect();
        // What a macro is given it may put in any order.
        has(|_, word| matches!(word, "macro_rules" | "macro"))
            || texts().any(|text| has_such_a_header(text, &names))
    }
}

fn is_lifetime(kind: TokenKind) -> bool {
    use TokenKind::{Lifetime, RawLifetime, UnknownPrefixLifetime};
    matches!(kind, Lifetime { .. } | RawLifetime | UnknownPrefixLifetime)
}

/// The names that a source has for types: those that it defines, and by which it calls
/// others.
fn names_of_types(text: &str) -> impl Iterator<Item = &str> {
    let named = words(text).zip(words(text).skip(1));
    named.filter_map(|((_, before), (_, name))| matches!(before, "type" | "as").then_some(name))
}

/// Whether behind an `impl` in a source, what it is for is written by a path or by one of
/// these names for types.
fn has_such_a_header(text: &str, names: &BTreeSet<&str>) -> bool {
    let mut before = ["", ""];
    let mut header: Option<Header> = None;
    for (_, word) in words(text) {
        if let Some(read) = &mut header {
            match word {
                // A constant's expression: whatever it is.
                "{" if read.depth > 0 => return true,
                "{" | ";" | "where" if read.is_such => return true,
                "{" | ";" | "where" => header = None,
                // Of a trait; but the type may be one that is for any lifetime.
                "for" if read.depth == 0 && !read.is_of_a_trait => {
                    (read.is_of_a_trait, read.is_such) = (true, false);
                }
                "<" => read.depth += 1,
                ">" if before[1] != "-" => read.depth = read.depth.saturating_sub(1),
                ":" => read.is_such |= before[1] == ":",
                _ => read.is_such |= word == "as" || names.contains(word),
            }
        } else if word == "impl" && is_of_an_item(before) {
            header = Some(Header::default());
        }
        before = [before[1], word];
    }
    header.is_some_and(|read| read.is_such)
}

/// What was read of the header of an `impl`.
#[derive(Default)]
struct Header {
    /// How deep this is in brackets.
    depth: u32,
    /// Whether its `for` was read.
    is_of_a_trait: bool,
    /// Whether there was a path or one of the names, since its `for` if it has one.
    is_such: bool,
}

/// Whether an `impl` behind these words begins an item, and is no type.
fn is_of_an_item(before: [&str; 2]) -> bool {
    let is_type = matches!(before[1], ":" | "," | "(" | "<" | "=" | "+" | "&" | "mut");
    let is_result = before == ["-", ">"];
    !(is_type || is_result)
}

/// Most types `<X as Trait>::Type` in one signature or header, and bytes of it.
const MOST: usize = 64;
const LONGEST: usize = 1 << 15;
/// What stands for a type that is too long to be told, or is said to be.
const NOT_TOLD: &str = "...";
/// How deep functions may be in the types of functions, and how often all of the text may
/// be gone through for them.
const DEEPEST: usize = 16;
const OFTEN: usize = 64;

/// Why a crate may not be graded, if it may not, for a function that is a value, from
/// its MIR in internal names.
pub(super) fn refusal_of_values(mir: &[u8]) -> Option<String> {
    let mir = String::from_utf8_lossy(mir);
    let mut left = (mir.len() + LONGEST) * OFTEN;
    mir.lines()
        .filter(|line| may_believe(line) && line.contains("fn("))
        .find_map(|line| value(line, 0, &mut left))
        .map(|name| {
            refused(&format!(
                "the function `{name}` is used as a value, and one of its arguments"
            ))
        })
}

/// Why a crate may not be graded, if it may not, for the header of an `impl`, from what
/// rustc writes of it with `-Zunpretty=mir-cfg`.
pub(super) fn refusal_of_headers(graphs: &[u8]) -> Option<String> {
    if graphs.len() as u64 > LIMIT {
        return soundness::refusal(graphs, true);
    }
    let graphs = String::from_utf8_lossy(graphs);
    let mut headers = graphs.lines().filter_map(header);
    let header = headers.find(|header| may_believe(header) && believes(header))?;
    let name = header.rsplit(">::").next().unwrap_or_default();
    let name = name.split(|char| !is_of_a_name(char)).next();
    Some(refused(&format!(
        "the method `{}` is of an `impl` whose header",
        name.unwrap_or_default()
    )))
}

/// What the name of a function says of the `impl` that it is a method of: `X as Trait` and
/// what follows.
fn header(line: &str) -> Option<String> {
    let label = line.trim_start().strip_prefix("label=<")?;
    let (header, _) = label.split_once("<br").unwrap_or((label, ""));
    let (header, _) = header.split_once("(_1: ").unwrap_or((header, ""));
    let header = decoded(header);
    let at = header.find('<')?;
    // Of what it is a method is no type of the header's, but what is in that may be one.
    let from = if header[..at].ends_with(' ') {
        at + 1
    } else {
        at
    };
    Some(header[from..].to_owned())
}

fn refused(what: &str) -> String {
    format!(
        "{what} has a type `<X as Trait>::Type` that is only there where one lifetime outlives \
         another; the compiler takes that for granted, so that references may outlive what they \
         lead to (rust-lang/rust#100051): write the type that it stands for instead"
    )
}

/// Text as it was before it became part of a graph.
fn decoded(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// The name of a function in a text that is a value there and believes what it is not
/// shown.
fn value<'a>(text: &'a str, depth: usize, left: &mut usize) -> Option<&'a str> {
    const UNREADABLE: Option<&str> = Some("fn");
    if depth > DEEPEST {
        return UNREADABLE;
    }
    let mut rest = text;
    while let Some(at) = rest.find("fn(") {
        let (before, function) = rest.split_at(at);
        let signature = &function["fn".len()..];
        rest = signature;
        if before.ends_with(is_of_a_name) {
            continue;
        }
        let after = skipped(signature);
        let Some(still) = left.checked_sub(signature.len() - after.map_or(0, str::len)) else {
            return UNREADABLE;
        };
        *left = still;
        let Some(after) = after else {
            continue;
        };
        let arguments = &signature[..signature.len() - after.len()];
        // A pointer to a function has no name; what it believes was shown when it was made.
        let found = path_of(after);
        let gone_through = after.len()
            - found
                .as_ref()
                .map_or_else(|rest| rest.len(), |(_, rest)| rest.len());
        let Some(still) = left.checked_sub(gone_through) else {
            return UNREADABLE;
        };
        *left = still;
        let Ok((path, after)) = found else {
            continue;
        };
        if let Some(name) =
            value(&arguments[1..], depth + 1, left).or_else(|| value(path, depth + 1, left))
        {
            return Some(name);
        }
        rest = after;
        // Who calls it by its name shows what it believes.
        let is_called = after.starts_with(")(");
        if !is_called && may_believe(arguments) && believes(arguments) {
            return Some(name_in(path));
        }
    }
    None
}

/// The name of a function in its path.
fn name_in(path: &str) -> &str {
    let mut rest = path;
    let mut name = "";
    while let Some(next) = rest.chars().next() {
        if is_of_a_name(next) {
            let end = rest.find(|char| !is_of_a_name(char)).unwrap_or(rest.len());
            (name, rest) = rest.split_at(end);
        } else if next == '<' {
            rest = skipped(rest).unwrap_or("");
        } else {
            rest = &rest[next.len_utf8()..];
        }
    }
    name
}

/// The path of a function and what follows it, where its result and its path follow; else
/// the text from where it is something else.
fn path_of(after: &str) -> Result<(&str, &str), &str> {
    let mut rest = after;
    if let Some(result) = after.strip_prefix(" -> ") {
        rest = result;
        while !rest.starts_with(" {") {
            let next = rest.chars().next().ok_or(rest)?;
            rest = match next {
                '(' | '[' | '<' | '{' => skipped(rest).ok_or("")?,
                ')' | ']' | '>' | '}' | ',' | ';' => return Err(rest),
                '-' if rest.starts_with("->") => &rest["->".len()..],
                _ => &rest[next.len_utf8()..],
            };
        }
    }
    let path = rest.strip_prefix(' ').ok_or(rest)?;
    if !path.starts_with('{') {
        return Err(rest);
    }
    let after = skipped(path).ok_or("")?;
    Ok((&path[1..path.len() - after.len() - 1], after))
}

/// Whether there can be something in a text that [`believes`].
fn may_believe(text: &str) -> bool {
    text.contains(" as ") || text.contains(NOT_TOLD)
}

/// Whether a type `<X as Trait>::Type` of a text may say of a lifetime what it outlives.
fn believes(text: &str) -> bool {
    if text.len() > LONGEST || text.contains(NOT_TOLD) {
        return true;
    }
    let mut looked_at = 0;
    let mut before = ' ';
    for (at, char) in text.char_indices() {
        // Behind a name or `::` begin the arguments of something generic.
        if char == '<' && !is_of_a_name(before) && before != ':' {
            let Some(after) = skipped(&text[at..]) else {
                return true;
            };
            let inside = &text[at + 1..text.len() - after.len() - 1];
            looked_at += 1;
            if inside.contains(" as ") && (looked_at > MOST || says(inside) || is_generic(after)) {
                return true;
            }
        }
        before = char;
    }
    false
}

/// Whether `X as Trait` may say of a lifetime what it outlives: where there is one, or
/// something generic, which may have bounds.
fn says(text: &str) -> bool {
    let mut before = ' ';
    text.chars().any(|char| {
        let is_generic = char == '<' && (is_of_a_name(before) || before == ':');
        before = char;
        is_generic || char == '\''
    })
}

/// Whether what follows `<X as Trait>` is a type with arguments of its own: `::Type<Y>`.
fn is_generic(after: &str) -> bool {
    let name = after.strip_prefix("::").unwrap_or(after);
    let arguments = name.trim_start_matches(is_of_a_name);
    arguments.starts_with('<') || arguments.starts_with("::<")
}

fn is_of_a_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Reads whatever may stand for MIR or for a source, for [`crate::fuzzing`].
pub(super) fn fuzzed(bytes: &[u8]) {
    let _ = refusal_of_values(bytes);
    let _ = refusal_of_headers(bytes);
    let source = String::from_utf8_lossy(bytes).into_owned();
    let _ = may_be_in_headers(&BTreeMap::from([("src/lib.rs".to_owned(), source)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_headers(text: &str) -> bool {
        may_be_in_headers(&BTreeMap::from([(
            "src/lib.rs".to_owned(),
            text.to_owned(),
        )]))
    }

    #[test]
    fn sources_that_may_have_such_a_header_are_known() {
        for text in [
            "impl<'a, 'b> Longer for <&'b &'a () as Unit>::Type {}",
            "impl<'a, 'b> Longer for <&'b &'a () as Unit> /* > */ :: Type {}",
            "#!/bin/sh \"\nimpl<'a, 'b> Longer for <&'b &'a () as Unit>::Type {}",
            "impl<'r#a, 'r#b> Longer for <&'r#b &'r#a () as Unit>::Type {}",
            "impl<'a, 'b, P: Of> Longer<'a, 'b, P> for P::Type<&'b &'a ()> where P: Of {}",
            "type B<'a, 'b, P: Of> = P::Type<&'b &'a ()>; impl<'a, 'b> Longer<'a> for B<'a, 'b> {}",
            "mod m { pub use super::A as B; } impl<'a, 'b> Longer<'a> for m /**/ ::B<'a, 'b> {}",
            "use m::A as B; impl<'a, 'b> Longer<'a> for B<'a, 'b> {}",
            "impl<'a, 'b> Longer<'a, { 1 > { 0 } }> for <&'b &'a () as Unit>::Type {}",
            "impl<'a> Longer<fn() -> u8> for T::Type {}",
            "impl<'a, P: Of<'a>> Longer<P> for (P::Type, for<'b> fn(&'b u8)) {}",
            "impl<'a, T: Of<'a>> Kept<T::Type> {}",
            "macro_rules! m { ($($t:tt)*) => {} } m!('a);",
        ] {
            assert!(in_headers(text), "{text}");
        }
        for text in [
            "impl Longer for <u8 as Unit>::Type {}",
            "// <&'b &'a () as Unit>::Type\nfn f() -> usize { 3u8 as usize }",
            "impl<'a> std::fmt::Display for Shown<'a> where 'a: 'a { fn f() { std::f() } }",
            "impl<'a, T: std::fmt::Debug> From<&'a T> for Shown { fn f() { std::f() } }",
            "fn f<'a>(x: impl Fn(u8) -> std::io::Result<()>) -> impl Sized + m::B { m::f(x) }",
            "macro_rules! m { ($($t:tt)*) => {} }",
        ] {
            assert!(!in_headers(text), "{text}");
        }
    }

    #[test]
    fn a_type_that_binds_lifetimes_is_known() {
        for text in [
            "(<&'{erased} &'^0.Named(DefId(0:9 ~ a::longer::'a)) () as Unit>::Type, &'a mut T)",
            "(Vec<<&'static T as Unit>::Type>)",
            "(<Bound<T> as Unit>::Type)",
            "(<u8 as Of<T>>::Type)",
            "(<u8 as Of>::Type<&'{erased} &'{erased} ()>)",
            "(<u8 as Of>::Type::<T>)",
            "(<<Vec<T> as Unit>::Type as Iterator>::Item)",
            "(<dyn Fn(&'{erased} T) as Unit>::Type)",
            "(..., u8)",
        ] {
            assert!(believes(text), "{text}");
        }
        for text in [
            "(<I as Iterator>::Item, &'{erased} T)",
            "(<I as Iterator>::Item) -> Vec<u8>",
            "(Option<<I as Iterator>::Item>, Vec<&'{erased} T>)",
            "(<<I as IntoIterator>::IntoIter as Iterator>::Item)",
            "(<u64 as std::str::FromStr>::Err)",
            "(<[T]>::len)",
        ] {
            assert!(!believes(text), "{text}");
        }
    }

    #[test]
    fn the_header_of_an_impl_is_in_the_names_of_its_methods() {
        let told = |name: &str| {
            let name = name
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let line =
                format!("    label=<fn {name}(_1: &lt;&amp;'a &amp;'b T as U&gt;::V)<br/>>;");
            refusal_of_headers(line.as_bytes())
        };
        for name in [
            "<<&'b/#1 &'a/#0 () as Unit>::Type as Longer<'a/#0, 'b/#1>>::longer",
            "<<() as Of>::Type<&'b/#1 &'a/#0 ()> as Longer<'a/#0, 'b/#1>>::longer",
            "<() as L<<<&'a/#0 T/#1 as One>::Type as Two>::Type>>::longer",
            "<[<Many<'a/#0, 'b/#1> as Unit>::Type; 3] as L>::longer::{closure#0}",
            "<(...,) as Longer<'a/#0, 'b/#1>>::longer",
            "Kept::<<T/#0 as Of<'a/#1>>::Type>::longer",
        ] {
            let why = told(name).expect(name);
            assert!(why.contains("`longer`"), "{why}");
        }
        for name in [
            "<Q<<I/#0 as Iterator>::Item> as L<'a/#1>>::longer",
            "<Two<'a/#0, 'b/#1> as Iterator>::next",
            "Two::<'a/#0, 'b/#1>::new",
            "<Bound<'a/#0, T/#1> as From<&'a/#0 str>>::from",
            "longer",
        ] {
            assert_eq!(told(name), None, "{name}");
        }
    }

    #[test]
    fn functions_are_values_where_nobody_calls_them() {
        let function = "for<Region(BrNamed(DefId(0:9 ~ a::longer::'a)))> fn(<&'{erased} \
                        &'^0.Named(DefId(0:9 ~ a::longer::'a)) () as Unit>::Type, \
                        &'^0.Named(DefId(0:9 ~ a::longer::'a)) mut T) -> &'{erased} mut T \
                        {longer::<'{erased}, T>}";
        let told = |line: &str| refusal_of_values(line.as_bytes());
        let value = format!("        _3 = ConstValue(ZeroSized: {function});");
        let given = format!("        _0 = call(ConstValue(ZeroSized: {function}), copy _1);");
        let within = format!(
            "        _0 = ConstValue(ZeroSized: fn({function}) -> u8 {{call::<u8>}})(move _1);"
        );
        let not_told = "        _3 = ConstValue(ZeroSized: fn(..., ...) -> ... {longer::<...>});";
        for line in [
            &value,
            &given,
            &within,
            &format!("    let _3: {function};"),
            not_told,
        ] {
            let why = told(line).expect(line);
            assert!(why.contains("`longer`") && why.contains("#100051"), "{why}");
        }
        let called = format!("        _0 = ConstValue(ZeroSized: {function})(copy _1) -> bb1;");
        assert_eq!(told(&called), None);
        // Whatever its parameters are.
        let given = "        _3 = ConstValue(ZeroSized: fn(<&'{erased} &'{erased} () as \
                     Unit>::Type, &'{erased} mut u8) -> &'{erased} mut u8 \
                     {a::longer::<'{erased}, '{erased}, &'{erased} &'{erased} ()>});";
        assert!(told(given).is_some());
        let of_items = "        _3 = ConstValue(ZeroSized: fn(<I as Iterator>::Item) -> () \
                        {consume::<I>});";
        assert_eq!(told(of_items), None);
    }

    #[test]
    fn nothing_that_is_long_or_deep_takes_long() {
        let deep = "fn(".repeat(5_000);
        let nested = format!("{}{}", "fn(<A as B>, ".repeat(2_000), ")".repeat(2_000));
        let open = format!("fn({}) -> u8 {{a}} as ", "<".repeat(10_000));
        let many = format!("({})", "<&'a &'b u8 as T>::C, ".repeat(10_000));
        for text in [deep, nested, open, many] {
            fuzzed(text.as_bytes());
            fuzzed(format!("label=<{text} as ").as_bytes());
        }
    }
}
