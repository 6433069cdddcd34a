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
//! but for what is put in the place of generic parameters: that is taken out again. The
//! headers are not there. rustc writes them in the other form that it has for MIR
//! (`-Zunpretty=mir-cfg`), as the names of methods. It does so only where a source may
//! have such a header at all.
//!
//! What is refused is a type that may say something of lifetimes: one that holds two, or
//! one and a generic parameter; or a type or trait that has a lifetime as a bound, with a
//! lifetime or a parameter. A right program has that in these places hardly ever.
//!
//! As with the other holes, this finds it as it is known, and not each way to dress it
//! up: rustc believes constants of `impl`s and defaults of generic parameters, too, and
//! those it tells nobody.

use std::collections::{BTreeMap, BTreeSet};

use ra_ap_rustc_lexer::TokenKind;

use super::attributes::{readings, words};
use super::soundness::{self, LIMIT, NOT_TOLD, skipped};

/// What is looked at of a crate's sources, without knowing what they mean.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Types and traits of its own that have a lifetime as a bound.
    bounded: BTreeSet<String>,
    /// Generic parameters of its `impl`s.
    parameters: BTreeSet<String>,
    /// Functions of which an argument is written as a type `<X as Trait>::Type` with a
    /// lifetime, or may be.
    believing: BTreeSet<String>,
    /// Whether its macros may define others of all these.
    any: bool,
    /// Whether an `impl` may have a type `<X as Trait>::Type` in its header.
    pub(super) headers: bool,
}

impl Sources {
    /// Looks at them.
    pub(super) fn of(texts: &BTreeMap<String, String>) -> Sources {
        let texts = || texts.values().flat_map(|text| readings(text));
        let mut sources = Sources::default();
        let (mut macros, mut lifetimes, mut foreign) = (false, false, false);
        for text in texts() {
            let mut before = ["", ""];
            let mut defined = None;
            // How deep in the brackets behind an `impl` this is, if it is.
            let mut depth = 0;
            for (kind, word) in words(text) {
                match (before, word) {
                    ([_, "impl"], "<") => depth = 1,
                    (_, "<") if depth > 0 => depth += 1,
                    ([_, "-"], ">") => {}
                    (_, ">") if depth > 0 => depth -= 1,
                    ([_, "<" | ","], name) if depth == 1 => {
                        sources.parameters.insert(name.to_owned());
                    }
                    _ => {}
                }
                lifetimes |= is_lifetime(kind);
                // rustc takes names for the same that are written in two ways.
                foreign |= !word.is_ascii() && !matches!(kind, TokenKind::Literal { .. });
                match (before, word) {
                    ([_, "struct" | "enum" | "union" | "trait"], name) => defined = Some(name),
                    ([_, ":" | "+"], _) if is_lifetime(kind) => {
                        sources.bounded.extend(defined.map(str::to_owned));
                    }
                    (_, "macro_rules" | "macro") => macros = true,
                    (_, "{" | ";") => defined = None,
                    _ => {}
                }
                before = [before[1], word];
            }
        }
        let names = texts().flat_map(names_of_types).collect();
        let functions = texts().flat_map(|text| believing(text, &names));
        sources.believing = functions.map(str::to_owned).collect();
        // What a macro is given it may put in any order.
        sources.any = (macros || foreign) && lifetimes;
        let mut headers = texts().map(|text| has_such_a_header(text, &names));
        sources.headers = macros || foreign || headers.any(|has| has);
        sources
    }

    /// Whether a type or trait of this name may have bounds that are not seen where it
    /// is used.
    fn is_bounded(&self, name: &str) -> bool {
        self.any || self.bounded.contains(name) || name == BOUNDED_IN_STD
    }

    /// Whether an argument of a function with this name may be written as a type that
    /// says something of lifetimes.
    fn is_believing(&self, name: &str) -> bool {
        self.any || self.believing.contains(name)
    }

    /// Whether this name in a header may be that of a generic parameter.
    fn is_parameter(&self, name: &str) -> bool {
        (self.any || self.parameters.contains(name)) && !PRIMITIVE.contains(&name)
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

/// Whether an `impl` in a source may have a type `<X as Trait>::Type` in its header: it has
/// an `as` or one of these names for types there, or a path, but for that of its trait and
/// in its list of parameters.
fn has_such_a_header(text: &str, names: &BTreeSet<&str>) -> bool {
    let mut before = ["", ""];
    // How deep in brackets the header is, if this is in one.
    let mut header: Option<u32> = None;
    // Whether this is in the list of parameters, and whether there was a path in no
    // bracket, which may be the trait's.
    let (mut in_parameters, mut path) = (false, false);
    for (kind, word) in words(text) {
        let is_path = (before[1], word) == (":", ":");
        if let Some(depth) = header {
            in_parameters |= before[1] == "impl" && word == "<";
            match word {
                // A constant's expression: whatever it is.
                "{" if depth > 0 => return true,
                "{" if path => return true,
                "{" => header = None,
                "(" | "[" | "<" => header = Some(depth + 1),
                ")" | "]" | ">" if (before[1], word) != ("-", ">") => {
                    header = Some(depth.saturating_sub(1));
                    in_parameters &= depth > 1;
                }
                _ if in_parameters => {}
                "for" if kind == TokenKind::Ident && depth == 0 => path = false,
                _ if is_path && depth == 0 => path = true,
                _ if is_path || word == "as" || names.contains(word) => return true,
                _ => {}
            }
        } else if word == "impl" && is_of_an_item(before) {
            (header, in_parameters, path) = (Some(0), false, false);
        }
        before = [before[1], word];
    }
    path
}

/// Whether an `impl` behind these words begins an item, and is no type.
fn is_of_an_item(before: [&str; 2]) -> bool {
    let is_type = matches!(before[1], ":" | "," | "(" | "<" | "=" | "+" | "&" | "mut");
    let is_result = before == ["-", ">"];
    !(is_type || is_result)
}

/// The functions of a source that have an argument with a lifetime which is written with
/// an `as`, or by another name for a type.
fn believing<'a>(text: &'a str, aliases: &BTreeSet<&str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut before = "";
    // The function whose head is read, and how deep in which brackets that is.
    let mut head: Option<&str> = None;
    let (mut depth, mut in_arguments) = (0u32, false);
    let (mut has_lifetime, mut has_another) = (false, false);
    for (kind, word) in words(text) {
        if before == "fn" && matches!(kind, TokenKind::Ident | TokenKind::RawIdent) {
            (head, depth, in_arguments) = (Some(word), 0, false);
            (has_lifetime, has_another) = (false, false);
        } else if let Some(name) = head {
            let is_arrow = before == "-" && word == ">";
            match word {
                "(" | "[" | "{" | "<" => {
                    in_arguments |= depth == 0 && word == "(";
                    depth += 1;
                }
                ")" | "]" | "}" | ">" if !is_arrow => depth = depth.saturating_sub(1),
                _ => {}
            }
            has_lifetime |= word == "&" || is_lifetime(kind);
            has_another |= word == "as" || aliases.contains(word);
            let is_over = in_arguments && depth == 0;
            if is_over || (in_arguments && depth == 1 && word == ",") {
                if has_lifetime && has_another {
                    found.push(name);
                }
                (has_lifetime, has_another) = (false, false);
            } else if !in_arguments {
                // What is generic is no argument.
                (has_lifetime, has_another) = (false, false);
            }
            if is_over {
                head = None;
            }
        }
        before = word;
    }
    found
}

/// Most types `<X as Trait>::Type` in one signature or header, and bytes of it.
const MOST: usize = 64;
const LONGEST: usize = 1 << 15;
/// The type of std's that has a lifetime as a bound, and no lifetime for itself.
const BOUNDED_IN_STD: &str = "LocalKey";
/// Names that are no parameters' in what rustc writes.
const PRIMITIVE: [&str; 24] = [
    "as", "mut", "dyn", "const", "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize",
    "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64", "fn", "impl", "for",
];
/// How deep functions may be in the types of functions, and how often all of the text may
/// be gone through for them.
const DEEPEST: usize = 16;
const OFTEN: usize = 64;

/// Why a crate may not be graded, if it may not, for a function that is a value, from
/// its MIR in internal names.
pub(super) fn refusal_of_values(mir: &[u8], sources: &Sources) -> Option<String> {
    let mir = String::from_utf8_lossy(mir);
    let mut left = (mir.len() + LONGEST) * OFTEN;
    mir.lines()
        .filter(|line| line.contains(" as ") && line.contains("fn("))
        .find_map(|line| value(line, sources, 0, &mut left))
        .map(|name| {
            refused(&format!(
                "the function `{name}` is used as a value, and one of its arguments, or its result,"
            ))
        })
}

/// Why a crate may not be graded, if it may not, for the header of an `impl`, from what
/// rustc writes of it with `-Zunpretty=mir-cfg`.
pub(super) fn refusal_of_headers(graphs: &[u8], sources: &Sources) -> Option<String> {
    if graphs.len() as u64 > LIMIT {
        return soundness::refusal(graphs, true);
    }
    let graphs = String::from_utf8_lossy(graphs);
    let mut headers = graphs.lines().filter_map(header);
    let header = headers.find(|header| header.contains(NOT_TOLD) || believes(header, sources))?;
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
fn value<'a>(text: &'a str, sources: &Sources, depth: usize, left: &mut usize) -> Option<&'a str> {
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
        let behind_arguments = after;
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
        let result = behind_arguments.len() - path.len() - "{}".len() - after.len();
        let whole = &signature[..arguments.len() + result];
        if let Some(name) = value(&whole[1..], sources, depth + 1, left)
            .or_else(|| value(path, sources, depth + 1, left))
        {
            return Some(name);
        }
        rest = after;
        // Who calls it by its name shows what it believes.
        let is_called = after.starts_with(")(");
        if !is_called && whole.contains(" as ") {
            let name = name_in(path);
            let is_long = whole.len() + path.len() > LONGEST;
            // A parameter may be given just what is to be believed.
            if is_long
                || believes(&without_parameters(whole, path), sources)
                || (sources.is_believing(name) && believes(arguments, sources))
            {
                return Some(name);
            }
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

/// A signature with marks in the place of what its generic parameters are.
fn without_parameters(arguments: &str, path: &str) -> String {
    let mut parameters = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let Some(after) = skipped(rest) else {
            break;
        };
        let inside = &rest[1..rest.len() - after.len() - 1];
        // What a method of std's primitive types is of: `<impl [T]>`.
        let inside = inside.strip_prefix("impl ").unwrap_or(inside);
        parameters.extend(elements(inside));
        parameters.extend(before_as(inside));
        rest = &rest[1..];
        if parameters.len() > MOST {
            break;
        }
    }
    parameters.retain(|parameter| !parameter.starts_with('\''));
    parameters.sort_by_key(|parameter| std::cmp::Reverse(parameter.len()));
    parameters.dedup();
    let mut signature = arguments.to_owned();
    for parameter in parameters.into_iter().take(MOST) {
        signature = replaced(&signature, parameter);
    }
    signature
}

/// The type in `X as Trait`.
fn before_as(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with(" as ") {
            return Some(&text[..text.len() - rest.len()]);
        }
        rest = match next {
            '(' | '[' | '<' | '{' => skipped(rest)?,
            _ => &rest[next.len_utf8()..],
        };
    }
    None
}

/// Text with `#` for a part of it, where that stands alone.
fn replaced(text: &str, part: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(part) {
        let (before, here) = rest.split_at(at);
        let after = &here[part.len()..];
        let stands_alone = !(before.ends_with(|char| is_of_a_name(char) || char == '\'')
            || after.starts_with(is_of_a_name));
        made += before;
        made += if stands_alone { "#" } else { part };
        rest = after;
    }
    made + rest
}

/// The elements of a list, at its commas.
fn elements(list: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = list;
    let mut start = list;
    while let Some(next) = rest.chars().next() {
        rest = match next {
            '(' | '[' | '<' | '{' => skipped(rest).unwrap_or(""),
            ',' => {
                found.push(start[..start.len() - rest.len()].trim());
                start = &rest[1..];
                start
            }
            '-' if rest.starts_with("->") => &rest["->".len()..],
            _ => &rest[next.len_utf8()..],
        };
    }
    found.push(start.trim());
    found.retain(|element| !element.is_empty());
    found
}

/// Whether a type `<X as Trait>::Type` of a text may say of a lifetime what it outlives.
fn believes(text: &str, sources: &Sources) -> bool {
    if text.len() > LONGEST {
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
            // The type may have arguments of its own.
            let own = arguments_of_its_own(after);
            let whole = &text[at + 1..text.len() - after.len() + own];
            looked_at += 1;
            if inside.contains(" as ") && (looked_at > MOST || says(whole, sources)) {
                return true;
            }
        }
        before = char;
    }
    false
}

/// How much of what follows `<X as Trait>` are the name and the arguments of a type:
/// `::Type<Y>`.
fn arguments_of_its_own(after: &str) -> usize {
    let name = after.trim_start_matches(|char| is_of_a_name(char) || char == ':');
    let rest = match name.starts_with('<') {
        true => skipped(name).unwrap_or(""),
        false => name,
    };
    after.len() - rest.len()
}

/// Whether `X as Trait>::Type<Y>` may say of a lifetime what it outlives.
fn says(text: &str, sources: &Sources) -> bool {
    let (mut lifetimes, mut parameters) = (0, 0);
    let mut bounded = false;
    let mut rest = text;
    let mut word = "";
    while let Some(next) = rest.chars().next() {
        if is_of_a_name(next) {
            let end = rest.find(|char| !is_of_a_name(char)).unwrap_or(rest.len());
            (word, rest) = rest.split_at(end);
            // A parameter of a header: `T/#0`, or `T`.
            let is_whole = !rest.starts_with("::") && !rest.starts_with('<');
            let is_parameter = rest.starts_with("/#") || (is_whole && sources.is_parameter(word));
            parameters += usize::from(is_parameter);
            if word == "for" && rest.starts_with('<') {
                rest = skipped(rest).unwrap_or("");
                // Those that a type is for any of count where they are used.
                word = "";
            }
            continue;
        }
        rest = &rest[next.len_utf8()..];
        match next {
            '\'' => {
                lifetimes += 1;
                rest = after_lifetime(rest);
            }
            '#' => parameters += usize::from(!rest.starts_with(|char: char| char.is_ascii_digit())),
            '<' => bounded |= !word.is_empty() && sources.is_bounded(word),
            _ => {}
        }
        word = "";
    }
    lifetimes > 1 || (lifetimes == 1 && parameters > 0) || (bounded && lifetimes + parameters > 0)
}

/// What follows a lifetime, behind its quote: `a/#0`, `{erased}`, `^1.Named(...)`.
fn after_lifetime(text: &str) -> &str {
    if text.starts_with('{') {
        return skipped(text).unwrap_or("");
    }
    let rest = text.trim_start_matches(|char| is_of_a_name(char) || char == '^');
    let rest = match rest.strip_prefix(".Named") {
        Some(name) => skipped(name).unwrap_or(""),
        None => rest,
    };
    match rest.strip_prefix("/#") {
        Some(number) => number.trim_start_matches(|char: char| char.is_ascii_digit()),
        None => rest,
    }
}

fn is_of_a_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Reads whatever may stand for MIR or for a source, for [`crate::fuzzing`].
pub(super) fn fuzzed(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes).into_owned();
    let seen = Sources::of(&BTreeMap::from([("src/lib.rs".to_owned(), source)]));
    for any in [seen.any, true] {
        let sources = Sources {
            any,
            bounded: seen.bounded.clone(),
            ..Sources::default()
        };
        let _ = refusal_of_values(bytes, &sources);
        let _ = refusal_of_headers(bytes, &sources);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sources of a crate with these types and traits.
    fn with(text: &str) -> Sources {
        Sources::of(&BTreeMap::from([(
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
            "impl<'a, 'b> Longer<<&'b &'a () as Unit>::Type> for () {}",
            "impl<'a, 'b, P: Of> Longer<'a, 'b, P> for P::Type<&'b &'a ()> where P: Of {}",
            "type B<'a, 'b, P: Of> = P::Type<&'b &'a ()>; impl<'a, 'b> Longer<'a> for B<'a, 'b> {}",
            "mod m { pub use super::A as B; } impl<'a, 'b> Longer<'a> for m /**/ ::B<'a, 'b> {}",
            "use m::A as B; impl<'a, 'b> Longer<'a> for B<'a, 'b> {}",
            "impl<'a, 'b> Longer<'a, { 1 > { 0 } }> for <&'b &'a () as Unit>::Type {}",
            "impl<'a> Longer<fn() -> u8> for T::Type {}",
            "impl<'a, P: Of<'a>> Longer<P> for (P::Type, for<'b> fn(&'b u8)) {}",
            "impl<'a, P: Of<'a>> Longer<P> for ([u8; 1], P::Type) {}",
            "struct r#where; impl<'a, P: Of<'a>> Longer<P> for (r#where, P::Type) {}",
            "struct r#for; impl<'a, P: Of<'a>> Longer<P> for (P::Type, r#for) {}",
            "type Lé = <() as Of>::Type; impl Longer for Le\u{301} {}",
            "impl<'a, T: Of<'a>> Kept<T::Type> {}",
            "macro_rules! m { ($($t:tt)*) => {} } m!(as);",
        ] {
            assert!(with(text).headers, "{text}");
        }
        for text in [
            "// <&'b &'a () as Unit>::Type\nfn f() -> usize { 3u8 as usize }",
            "fn f(x: u8) -> u64 where Vec<u64>: Clone { Vec::<u64>::new(); x as u64 }",
            "fn f() { Vec::<u8>::new().iter().map(<[u8]>::len) }",
            "impl<'a> std::fmt::Display for Shown<'a> { fn f() { std::f() } }",
            "impl<'a, T: std::fmt::Debug> From<&'a T> for Shown<'a, T> { fn f() { std::f() } }",
            "impl<F: Fn(u8) -> std::io::Result<()>> Shown<F> { fn f() { std::f() } }",
            "fn f<'a>(x: impl Fn(u8) -> std::io::Result<()>) -> impl Sized + m::B { m::f(x) }",
        ] {
            assert!(!with(text).headers, "{text}");
        }
    }

    #[test]
    fn types_and_traits_with_bounds_are_known() {
        let sources = with(
            "struct A<'a: 'static>(&'a u8); trait B<T> where T: Clone + 'static {} \
             enum C<'a> { D(&'a u8) } fn f<T: 'static>() {} struct E { e: Box<dyn F + 'static> }",
        );
        assert!(["A", "B"].iter().all(|name| sources.is_bounded(name)));
        assert!(
            !["C", "E", "Vec"]
                .iter()
                .any(|name| sources.is_bounded(name))
        );
        let made = "macro_rules! m { ($n:ident, $l:lifetime) => {} } m!(N, 'static);";
        assert!(with(made).is_bounded("N"));
    }

    #[test]
    fn a_type_that_binds_lifetimes_is_known() {
        let sources = with("struct Bound<T: 'static>(T); trait Of<T: 'static> {}");
        for text in [
            "(<&'{erased} &'^0.Named(DefId(0:9 ~ a::longer::'a)) () as Unit>::Type, &'a mut T)",
            "(Vec<<&'static # as Unit>::Type>)",
            "(<Bound<'{erased}, u8> as Unit>::Type)",
            "(<Bound<#> as Unit>::Type)",
            "(<u8 as Of<#>>::Type)",
            "(<dyn Fn(&'{erased} #) as Unit>::Type)",
            "(<u8 as Of>::Type<&'{erased} &'{erased} ()>)",
            "(<std::thread::LocalKey<#> as Unit>::Type)",
        ] {
            assert!(believes(text, &sources), "{text}");
        }
        for text in [
            "(<# as Iterator>::Item, &'{erased} #)",
            "(<&'{erased} str as ToOwned>::Owned)",
            "(<std::str::Split<'{erased}, char> as Iterator>::Item)",
            "(<Vec<#> as IntoIterator>::Item)",
            "(<# as Add<#>>::Output, <# as Of>::Type)",
            "(<[#]>::len)",
        ] {
            assert!(!believes(text, &sources), "{text}");
        }
    }

    #[test]
    fn parameters_of_an_impl_are_known() {
        let sources = with("impl<'a, T: Into<u8>, F: Fn(A) -> B, const N: usize> S<U> {}");
        assert!(["T", "F"].iter().all(|name| sources.is_parameter(name)));
        assert!(
            !["A", "B", "U", "u8", "S"]
                .iter()
                .any(|name| sources.is_parameter(name))
        );
        assert!(believes("(<&'a/#0 T as Unit>::Type)", &sources));
        assert!(!believes("(<&'a/#0 U as Unit>::Type)", &sources));
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
            refusal_of_headers(line.as_bytes(), &Sources::default())
        };
        for name in [
            "<<&'b/#1 &'a/#0 () as Unit>::Type as Longer<'a/#0, 'b/#1>>::longer",
            "<() as L<<<&'a/#0 T/#1 as One>::Type as Two>::Type>>::longer",
            "<[<Many<'a/#0, 'b/#1> as Unit>::Type; 3] as L>::longer::{closure#0}",
            "<<() as Of>::Type<&'b/#1 &'a/#0 ()> as Longer<'a/#0, 'b/#1>>::longer",
            "<(...,) as Longer<'a/#0, 'b/#1>>::longer",
        ] {
            let why = told(name).expect(name);
            assert!(why.contains("`longer`"), "{why}");
        }
        for name in [
            "<Q<<I/#0 as Iterator>::Item> as L<'a/#1>>::longer",
            "<Two<'a/#0, 'b/#1> as Iterator>::next",
            "Two::<'a/#0, 'b/#1>::new",
            "<Bound<'a/#0, T/#1> as From<<&'a/#0 str as ToOwned>::Owned>>::from",
            "longer",
        ] {
            assert_eq!(told(name), None, "{name}");
        }
    }

    #[test]
    fn functions_are_values_where_nobody_calls_them() {
        let sources = Sources::default();
        let function = "for<Region(BrNamed(DefId(0:9 ~ a::longer::'a)))> fn(<&'{erased} \
                        &'^0.Named(DefId(0:9 ~ a::longer::'a)) () as Unit>::Type, \
                        &'^0.Named(DefId(0:9 ~ a::longer::'a)) mut T) -> &'{erased} mut T \
                        {longer::<'{erased}, T>}";
        let told = |line: &str| refusal_of_values(line.as_bytes(), &sources);
        let value = format!("        _3 = ConstValue(ZeroSized: {function});");
        let given = format!("        _0 = call(ConstValue(ZeroSized: {function}), copy _1);");
        let within = format!(
            "        _0 = ConstValue(ZeroSized: fn({function}) -> u8 {{call::<u8>}})(move _1);"
        );
        for line in [&value, &given, &within, &format!("    let _3: {function};")] {
            let why = told(line).expect(line);
            assert!(why.contains("`longer`") && why.contains("#100051"), "{why}");
        }
        let result = "        _3 = ConstValue(ZeroSized: fn(&'{erased} mut u8) -> (<&'{erased} \
                      &'{erased} () as Unit>::Type, &'{erased} mut u8) {longer::<'{erased}>});";
        assert!(told(result).is_some());
        let called = format!("        _0 = ConstValue(ZeroSized: {function})(copy _1) -> bb1;");
        assert_eq!(told(&called), None);
        // A parameter that is just what is to be believed.
        let decoy = "        _3 = ConstValue(ZeroSized: fn(<&'{erased} &'{erased} () as \
                     Unit>::Type, &'{erased} mut u8) -> &'{erased} mut u8 \
                     {a::longer::<'{erased}, '{erased}, &'{erased} &'{erased} ()>});";
        assert_eq!(told(decoy), None);
        let written = with(
            "type P<'a, 'b> = <&'b &'a () as Unit>::Type;
             fn longer<'a, 'b, D, F: Fn(&u8) -> u8>(_: P<'a, 'b>, t: &'a mut u8) {}
             fn other<'a, I: Iterator>(_: <I as Iterator>::Item, t: &'a mut u8) -> &'a [I] {}",
        );
        assert!(refusal_of_values(decoy.as_bytes(), &written).is_some());
        let other = decoy.replace("longer", "other");
        assert_eq!(refusal_of_values(other.as_bytes(), &written), None);
        for own in [
            "fn(&'{erased} [&'{erased} str]) -> <[&'{erased} str] as Concat<str>>::Output \
             {std::slice::<impl [&'{erased} str]>::concat::<str>}",
            "fn(<Of<'{erased}, &'{erased} u8> as Tr>::In) -> <Of<'{erased}, &'{erased} u8> as \
             Other>::Out {<Of<'{erased}, &'{erased} u8> as Tr>::run}",
        ] {
            assert_eq!(
                told(&format!("        _3 = ConstValue(ZeroSized: {own});")),
                None
            );
        }
        let of_items = "        _3 = ConstValue(ZeroSized: fn(<std::slice::Iter<'{erased}, \
                        &'{erased} str> as Iterator>::Item) -> () \
                        {consume::<std::slice::Iter<'{erased}, &'{erased} str>>});";
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
