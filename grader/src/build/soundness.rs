//! Safe Rust that is not safe: the best known holes of rustc's, which a submission
//! may not use.
//!
//! `-F unsafe_code` keeps code as safe as the compiler is. By a hole a submission
//! could find its way through the memory of the simulation that it runs in. So a
//! submission is checked by rustc's next type checker, which closes some
//! (rust-lang/rust#57893), and what rustc makes of it is searched for the best
//! known one that is left open there, rust-lang/rust#25860:
//!
//! A function whose types are only well-formed where one lifetime outlives
//! another (`fn(&'a &'b (), &'b T) -> &'a T`) may rely on that. Who calls it must
//! show it. But made a function pointer, whose lifetimes can be chosen one by one
//! (`fn(&'static &'static (), &'b T) -> &'static T`), it is forgotten.
//! Each such pointer begins with a coercion, and rustc writes those down with
//! their types: see [`Signature::forgets`].
//!
//! Machine code is no hole, but it is not all refused either (see
//! [`attributes`](super::attributes)), and rustc writes it down, too.
//!
//! This finds the hole as it is known, and not each way to dress it up. Who knows
//! such ways knows other holes; whom we must not refuse is who knows of none.

use std::collections::{HashMap, HashSet};

use super::diagnostics::as_std;

/// Most bytes of what rustc made of a crate that are searched.
pub(super) const LIMIT: u64 = 64 << 20;

/// What stands for a type that is too long, or whose author says that it is.
pub(super) const NOT_TOLD: &str = "...";

/// The casts in which function pointers begin, as rustc writes them.
const COERCIONS: [&str; 2] = [
    "(PointerCoercion(ReifyFnPointer(",
    "(PointerCoercion(ClosureFnPointer(",
];

/// Why a crate may not be graded, if it may not, from what rustc made of it: its
/// MIR in internal names (`-Zverbose-internals`). There are names of its files in
/// those of its items; types with such names are not read where files are not
/// `plain`, which have names that could be taken for parts of a type.
pub(super) fn refusal(mir: &[u8], plain: bool) -> Option<String> {
    if mir.len() as u64 > LIMIT {
        return Some(
            "the compiler makes too much of this crate to look through: its macros or its \
             generics produce more code than any exercise needs"
                .to_owned(),
        );
    }
    let mir = String::from_utf8_lossy(mir);
    let mut body = Body::default();
    for line in mir.lines() {
        if line.is_empty() {
            continue;
        }
        if line.contains(NOT_TOLD) {
            return Some(
                "the compiler does not tell the types of this crate in full, so that nobody can \
                 tell what it is: leave `type_length_limit` out"
                    .to_owned(),
            );
        }
        if !line.starts_with(char::is_whitespace) {
            body = Body {
                header: line,
                ..Body::default()
            };
        } else if line.trim_start().starts_with("asm!(") {
            return Some(format!(
                "{} is machine code, which is unsafe; everything here can be written in safe Rust",
                body.name(),
            ));
        } else if let Some((local, its_type)) = declared(line) {
            body.locals.insert(local, its_type);
        } else if let Some(at) = COERCIONS.iter().find_map(|cast| line.find(cast))
            && let Some(what) = body.forgotten(&line[..at], plain)
        {
            return Some(format!(
                "{} keeps a function as a function pointer, and the function's arguments bind \
                 lifetimes to each other; the compiler forgets that in pointers, so that \
                 references may outlive what they lead to (rust-lang/rust#25860): call the \
                 function by its name instead, or in a closure. {what}",
                body.name(),
            ));
        }
    }
    None
}

/// A function, a constant or the like.
#[derive(Default)]
struct Body<'a> {
    header: &'a str,
    /// The types of its variables.
    locals: HashMap<&'a str, &'a str>,
    /// Those variables whose types were looked at.
    known: HashSet<&'a str>,
}

impl<'a> Body<'a> {
    /// What there is to say of a function that a statement makes a pointer of, if
    /// the pointer forgets something of its lifetimes, or may.
    fn forgotten(&mut self, statement: &'a str, plain: bool) -> Option<String> {
        let unreadable = Some("Its type cannot be read.".to_owned());
        let Some((_, cast)) = statement.split_once(" = ") else {
            return unreadable;
        };
        let value = cast.strip_prefix("const ").unwrap_or(cast);
        let text = if value.starts_with("ConstValue(ZeroSized: ") {
            let value = &value["ConstValue".len()..];
            match skipped(value) {
                Some(after) => &value[..value.len() - after.len()],
                None => return unreadable,
            }
        } else if let Some(place) = cast.strip_prefix("move ").or(cast.strip_prefix("copy ")) {
            let mut words = place.split(|char: char| !is_of_a_name(char));
            let Some(local) = words.find(|word| is_local(word)) else {
                return unreadable;
            };
            if !self.known.insert(local) {
                return None;
            }
            // An argument is declared with the function.
            self.locals.get(local).copied().unwrap_or(self.header)
        } else {
            return unreadable;
        };
        if !plain && text.contains("src/") {
            return unreadable;
        }
        let mut found = false;
        for signature in signatures(text) {
            found = true;
            match Signature::read(signature) {
                None => return unreadable,
                Some((read, after)) if read.forgets() => {
                    let signature = signature.strip_suffix(after).unwrap_or(signature);
                    return Some(format!("Its type is `{}`.", readable(signature)));
                }
                Some(_) => {}
            }
        }
        if found { None } else { unreadable }
    }

    /// What its author calls it.
    fn name(&self) -> String {
        let words = self.header.split_once(' ').map_or("", |(_, words)| words);
        let (place, words) = match words.split_once("<impl at ") {
            Some((path, rest)) if !path.contains('(') => {
                let (place, rest) = rest.split_once(">::").unwrap_or_default();
                let line: Vec<&str> = place.splitn(3, ':').collect();
                (format!(" ({})", line[..line.len().min(2)].join(":")), rest)
            }
            _ => (String::new(), words),
        };
        let name = words.split(['(', ' ']).next().unwrap_or_default();
        let name = name.trim_end_matches(':');
        let is_path = name.chars().all(|char| is_of_a_name(char) || char == ':');
        match name {
            "" => "this crate".to_owned(),
            name if is_path => format!("`{name}`{place}"),
            _ => "this crate".to_owned(),
        }
    }
}

/// All signatures in a text that are in no other one, each with what follows.
fn signatures(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find("fn(")?;
            let (before, signature) = rest.split_at(at);
            rest = &signature["fn(".len()..];
            if before.ends_with(is_of_a_name) {
                continue;
            }
            if let Some((_, after)) = Signature::read(signature) {
                rest = after;
            }
            return Some(signature);
        }
    })
}

fn is_of_a_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Whether this is what a variable is called in MIR: `_12`.
fn is_local(word: &str) -> bool {
    word.strip_prefix('_')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// A variable and its type, where a line declares one.
fn declared(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start().strip_prefix("let ")?;
    let line = line.strip_prefix("mut ").unwrap_or(line);
    let (local, its_type) = line.split_once(": ")?;
    is_local(local).then_some((local, its_type))
}

/// A lifetime of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    /// That the signature is for any of, by its number.
    Bound(u32),
    /// Any other: that of something around the function, or `'static`.
    Other,
}

/// Some lifetimes that a signature is for any of, a bit for each.
type Set = u64;

/// A place in a signature where such a lifetime stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    lifetime: u32,
    /// Which argument it is in; the result is one more.
    element: usize,
    /// The lifetimes that it must outlive for the types to be well-formed, or
    /// may have to: those of the references that it is under, and those that are
    /// arguments of the same type.
    beside: Set,
    /// Whether it is in an argument, and may be longer in what a caller gives:
    /// behind `&mut` and the like it may not.
    bends: bool,
}

/// What a signature says of the lifetimes that it is for any of.
#[derive(Debug, Default)]
struct Signature {
    places: Vec<Place>,
    /// How many arguments there are.
    arguments: usize,
}

/// What is between two brackets, as far as it was read.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    closes: char,
    /// Whether each element of this is an argument of the function.
    of_arguments: bool,
    /// The references that all of it is under, and those of the element that is
    /// being read.
    around: Set,
    within: Set,
    /// Whether all of it is invariant, or the element.
    pinned: bool,
    pinned_within: bool,
    /// Where the places in it begin, if these are a type's arguments.
    group: Option<usize>,
    /// The lifetimes that are such arguments themselves.
    arguments: Set,
}

/// Most arguments.
const MOST_ARGUMENTS: usize = 64;
/// Most brackets within each other.
const DEEPEST: usize = 200;

/// A type of the standard library with several lifetimes, which are invariant.
const SCOPE: &str = "std::thread::Scope";

impl Signature {
    /// Whether a pointer to such a function forgets that one of its lifetimes
    /// outlives another, and that could be used: the longer one is that of
    /// something else that the function is given, apart from the shorter one, and
    /// the shorter one is that of something else again.
    ///
    /// Both are the signature's own here. Where one is not, as `'d` of an
    /// `impl<'d>`, MIR tells it from no other, and right functions look the same.
    fn forgets(&self) -> bool {
        // For each lifetime and each argument, those that it stands apart from
        // there; and the lifetimes of each argument, and of the result.
        let mut apart = [[0; MOST_ARGUMENTS + 1]; Set::BITS as usize];
        let mut elements: [Set; MOST_ARGUMENTS + 1] = [0; MOST_ARGUMENTS + 1];
        for place in &self.places {
            elements[place.element] |= 1 << place.lifetime;
            if place.element < self.arguments {
                apart[place.lifetime as usize][place.element] |= !place.beside;
            }
        }
        let others = |sets: &[Set], element: usize| {
            let others = sets
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != element);
            others.fold(0, |all, (_, set)| all | set)
        };
        self.places
            .iter()
            .filter(|place| place.bends)
            .any(|longer| {
                let apart = others(&apart[longer.lifetime as usize], longer.element);
                let elsewhere = others(&elements, longer.element);
                longer.beside & apart & elsewhere & !(1 << longer.lifetime) != 0
            })
    }

    /// Reads `fn(A, B) -> C`, and gives what follows; nothing where the brackets
    /// do not match, or there is more than a person would write.
    fn read(text: &str) -> Option<(Signature, &str)> {
        let mut signature = Signature::default();
        let mut rest = text.strip_prefix("fn(")?;
        let mut levels = vec![Level {
            closes: ')',
            of_arguments: true,
            ..Level::default()
        }];
        // A closure's arguments are a tuple's elements.
        if let Some(tuple) = rest.strip_prefix('(') {
            rest = tuple;
            levels.push(levels[0]);
        }
        // The result, where there is one, is a level without brackets.
        let mut in_result = false;
        let mut word = "";
        while let Some(char) = rest.chars().next() {
            if in_result && levels.len() == 1 && ends(rest) {
                return Some((signature, rest));
            }
            if levels.len() > DEEPEST || signature.arguments > MOST_ARGUMENTS {
                return None;
            }
            let level = levels.last_mut()?;
            if is_of_a_name(char) {
                let end = rest.find(|char| !(is_of_a_name(char) || char == ':'));
                (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
                match word {
                    "mut" => level.pinned_within = true,
                    "for" if rest.starts_with('<') => rest = skipped(rest)?,
                    _ => {}
                }
                continue;
            }
            let before = std::mem::take(&mut word);
            if let Some(after) = rest.strip_prefix("->") {
                rest = after;
            } else if let Some(after) = rest.strip_prefix("&'").or(rest.strip_prefix('\'')) {
                let (lifetime, after) = read_lifetime(after)?;
                rest = after;
                if let Lifetime::Bound(number) = lifetime {
                    let bit = 1u64.checked_shl(number)?;
                    signature.places.push(Place {
                        lifetime: number,
                        element: signature.arguments,
                        beside: level.around | level.within,
                        bends: !in_result && !level.pinned && !level.pinned_within,
                    });
                    match char {
                        '&' => level.within |= bit,
                        _ => level.arguments |= bit,
                    }
                }
            } else if let Some(closes) = closing(char) {
                let is_scope = char == '<' && as_std(before) == SCOPE;
                let inner = Level {
                    closes,
                    around: level.around | level.within,
                    pinned: level.pinned || level.pinned_within || is_scope,
                    group: (char == '<').then_some(signature.places.len()),
                    ..Level::default()
                };
                levels.push(inner);
                rest = &rest[1..];
            } else if char == level.closes {
                let level = levels.pop()?;
                if let Some(start) = level.group {
                    let inside = &mut signature.places[start..];
                    let beside = level.arguments;
                    inside.iter_mut().for_each(|place| place.beside |= beside);
                }
                rest = &rest[1..];
                if levels.is_empty() {
                    signature.arguments += 1;
                    let Some(result) = rest.strip_prefix(" -> ") else {
                        return Some((signature, rest));
                    };
                    rest = result;
                    levels.push(Level::default());
                    in_result = true;
                }
            } else if matches!(char, ')' | ']' | '}' | '>') {
                return None;
            } else {
                if char == ',' {
                    level.within = 0;
                    level.pinned_within = false;
                    signature.arguments += usize::from(level.of_arguments);
                }
                rest = &rest[char.len_utf8()..];
            }
        }
        (in_result && levels.len() == 1).then_some((signature, rest))
    }
}

/// Whether a signature's result is over where this follows it.
fn ends(rest: &str) -> bool {
    rest.starts_with([',', ')', ']', '}', '>', ';'])
        || [" {", " as ", " upvar_tys="]
            .iter()
            .any(|end| rest.starts_with(end))
}

fn closing(opening: char) -> Option<char> {
    Some(match opening {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        _ => return None,
    })
}

/// What follows the bracket that a text begins with and all that is in it.
pub(super) fn skipped(text: &str) -> Option<&str> {
    let mut open = Vec::new();
    let mut last = ' ';
    for (at, char) in text.char_indices() {
        if let Some(closes) = closing(char) {
            open.push(closes);
        } else if open.last() == Some(&char) && (char != '>' || last != '-') {
            open.pop();
        }
        if open.is_empty() {
            return Some(&text[at + char.len_utf8()..]);
        }
        last = char;
    }
    None
}

/// The lifetime that a text begins with, behind its quote, and what follows.
/// A bound one is told by how many binders are between (not told where it is
/// none) and its number: `^1`, `^2_1`, with its name, `^1.Named(...)`.
fn read_lifetime(text: &str) -> Option<(Lifetime, &str)> {
    if let Some(bound) = text.strip_prefix('^') {
        let end = bound.find(|char: char| !(char.is_ascii_digit() || char == '_'));
        let (number, rest) = bound.split_at(end.unwrap_or(bound.len()));
        let number = number.rsplit('_').next()?.parse().ok()?;
        let rest = match rest.strip_prefix(".Named") {
            Some(name) => skipped(name)?,
            None => rest,
        };
        return Some((Lifetime::Bound(number), rest));
    }
    if text.starts_with('{') {
        return Some((Lifetime::Other, skipped(text)?));
    }
    let end = text.find(|char: char| !(is_of_a_name(char) || char == '?'));
    Some((Lifetime::Other, &text[end.unwrap_or(text.len())..]))
}

/// A signature as its author would know it again.
fn readable(signature: &str) -> String {
    const SHOWN: usize = 200;
    let mut text = String::new();
    let mut rest = signature.trim_end();
    while let Some(at) = rest.find('\'') {
        text.push_str(&rest[..at]);
        let Some((lifetime, after)) = read_lifetime(&rest[at + 1..]) else {
            break;
        };
        match lifetime {
            Lifetime::Bound(number) => match u8::try_from(number) {
                Ok(number @ 0..26) => text.extend(['\'', char::from(b'a' + number)]),
                _ => text.push_str(&format!("'a{number}")),
            },
            Lifetime::Other => text.push_str("'_"),
        }
        rest = after;
    }
    text.push_str(rest);
    let mut text = as_std(&text);
    text.truncate(text.floor_char_boundary(SHOWN));
    text
}

/// Reads whatever may stand for MIR, for [`crate::fuzzing`].
pub(crate) fn fuzzed(mir: &[u8]) {
    if let Some(why) = refusal(mir, true) {
        assert!(!why.is_empty());
    }
    super::implied::fuzzed(mir);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What rustc writes of a cast to a pointer.
    fn cast(kind: &str, operand: &str) -> String {
        format!("        _4 = {operand} as fn() (PointerCoercion({kind}(Safe), Implicit));\n")
    }

    /// The same for a function of this type.
    fn coerced(function: &str) -> String {
        let function = match function.contains(" {") {
            true => function.to_owned(),
            false => format!("{function} {{f}}"),
        };
        let operand = format!("ConstValue(ZeroSized: {function})");
        let cast = cast("ReifyFnPointer", &operand);
        format!("fn examined() -> () {{\n    let _4: fn();\n\n    bb0: {{\n{cast}    }}\n}}\n")
    }

    fn told(mir: &str) -> Option<String> {
        refusal(mir.as_bytes(), true)
    }

    #[test]
    fn signatures_that_forget_are_told_from_others() {
        let named = "'^0.Named(DefId(0:7 ~ a[385e]::{impl#0}::f::'a))";
        let named = format!("fn(&{named} [&'^1 str], &'^1 T) -> &{named} T");
        let forgetting = [
            "for<X<'_>> fn(&'^0 &'^1 (), &'^1 T) -> &'^0 T",
            "fn(&'^0 &'^1 (), &'^1 T, &'^2 mut Vec<&'^0 T>)",
            "fn(&'^0 &'^1 (), &'^1 mut T) -> &'^0 mut T",
            // Within the arguments of a type.
            "fn(a::Both<'^0, '^1>, &'^1 str) -> &'^0 str",
            "fn(a::Both<'^1, '^0>, &'^1 str) -> &'^0 str",
            "fn(<() as a::Tr<'^0, '^1>>::Out, &'^1 str) -> &'^0 str",
            "fn(a::Of<'^0, std::vec::Vec<&'^1 str>>, &'^1 str) -> &'^0 str",
            // By a trait object, through a binder, in one argument, of a closure.
            "fn(&'^0 &'^1 str, Box<&'^1 str>) -> Box<(dyn std::fmt::Debug + '^0)>",
            "fn(&'^0 for<Region(BrAnon)> fn(&'^1_1 X, &'^0 Y), &'^1 T) -> &'^0 T",
            "fn((&'^0 &'^1 (), &'^1 T)) -> &'^0 T",
            "fn(&'^0 a::Q<'^1, UnevaluatedConst { def: DefId(0:1 ~ a::{constant#0}), args: [] }>, &'^1 T) -> &'^0 T",
            // What cannot be read.
            "fn(&'^0 str) -> Vec<&'^0 str",
            "fn(&'^0 str]) -> ()",
            "fn(&'^77 str) -> ()",
            &named,
        ];
        for signature in forgetting {
            let said = told(&coerced(signature));
            let said = said.unwrap_or_else(|| panic!("{signature} is not refused"));
            assert!(said.starts_with("`examined` keeps"), "{said}");
        }
        let said = told(&coerced("fn(..., ...) -> ...")).expect("it is refused");
        assert!(said.contains("type_length_limit"), "{said}");
        let harmless = [
            "fn()",
            "for<'a> fn(&'^0 str) -> bool",
            "fn(&'^0 a::Ctx<'^1>) -> &'^0 str",
            "fn(&'^0 a::Ctx<'{erased}>, &'^1 str) -> &'^0 str",
            "fn(&'^0 [&'^1 str], usize) -> &'^1 str",
            "fn(&'^0 str, &'^1 str) -> (&'^0 str, &'^1 str)",
            "fn(&'^0 mut std::vec::Vec<&'^1 str>, &'^2 [&'^3 str]) -> usize",
            "fn(&'^0 &'^0 str, &'^0 str) -> &'^0 str",
            // Every caller shows that it is longer.
            "fn(&'^0 a::Words<'^1>) -> &'^0 [&'^1 str]",
            "fn(&'^0 &'^1 str, &'^0 &'^1 str) -> &'^0 str",
            "fn(&'^0 a::Words<'^1>) -> Box<(dyn std::iter::Iterator<Item = &'^1 str> + '^0)>",
            // It is no other for them.
            "fn(&'^0 mut &'^1 (), &'^1 mut [T; 3]) -> &'^0 mut [T; 3]",
            "fn(&'^0 lockstep_std::thread::Scope<'^0, '^1>, &'^1 str) -> a::Handle<'^0>",
            // Nothing else is of the shorter one.
            "fn(&'^0 a::Ring<'^0, '^1>, &'^1 str) -> ()",
            "fn(&'^0 &'^1 str, &'^1 str) -> &'^1 str",
            // Lifetimes that are none of the pointer's own.
            "fn(&'^0 [&'{erased} str]) -> std::option::Option<&'^0 &'{erased} str>",
            "fn(&'^0 mut a::Doc<'{erased}>, &'{erased} str) -> &'^0 mut a::Doc<'{erased}>",
            "fn(&'^0 std::collections::HashMap<&'static str, String>, &'static str) -> &'^0 str",
            "fn(&'^0 a::Graph<'{erased}>, &'{erased} str) -> Option<&'^0 &'{erased} str>",
            "fn(&'^0 a::Store<K, V>, &'^1 K) -> Option<&'^0 V> {a::Store::<K, V>::get}",
        ];
        for signature in harmless {
            assert_eq!(told(&coerced(signature)), None, "{signature}");
        }
    }

    #[test]
    fn a_type_with_a_name_of_a_file_that_is_not_plain_is_not_read() {
        let own = coerced("fn(m::<impl at src/a.rs:1:1: 1:9>::f::Own) -> ()");
        assert_eq!(refusal(own.as_bytes(), true), None);
        assert!(refusal(own.as_bytes(), false).is_some());
        let other = coerced("fn(&'^0 str) -> ()");
        assert_eq!(refusal(other.as_bytes(), false), None);
    }

    #[test]
    fn the_type_is_found_wherever_the_function_comes_from() {
        let closure = |path: &str, signature: &str| {
            format!(
                "{{{path}::{{closure#0}} closure_kind_ty=i8 closure_sig_as_fn_ptr_ty=\
                 for<Region(BrAnon), Region(BrAnon)> extern \"rust-call\" {signature} upvar_tys=()}}"
            )
        };
        let forgetting = closure("kept<T>", "fn((&'^0 &'^1 (), &'^1 T)) -> &'^0 T");
        let harmless = closure("kept", "fn((&'^0 &'^1 (), &'^2 T)) -> &'^0 T");
        let item = "for<X> fn(&'^0 &'^1 (), &'^1 T) -> &'^0 T {f::<T>}";
        let closures = |its_type: &str| {
            let cast = cast("ClosureFnPointer", "move _5");
            format!("fn kept(_1: &'{{erased}} T) -> () {{\n    let mut _5: {its_type};\n\n{cast}")
        };
        let items = |operand: &str| cast("ReifyFnPointer", operand);
        let found = [
            closures(&forgetting),
            format!(
                "fn kept() -> () {{\n    let _3: ({item}, i32);\n{}",
                items(&format!("copy (_3.0: {item})"))
            ),
            format!(
                "fn a::{{closure#0}}(_1: i32, _2: {item}) -> () {{\n{}",
                items("copy _2")
            ),
            // What cannot be told is not trusted.
            format!(
                "fn kept() -> () {{\n{}",
                items("const kept::<'{erased}>::{constant#0}")
            ),
            format!("fn kept() -> () {{\n    let _3: i32;\n{}", items("copy _3")),
        ];
        for mir in &found {
            assert!(told(mir).is_some(), "{mir}");
        }
        assert_eq!(told(&closures(&harmless)), None);
        for (closure, is_harmless) in [(&harmless, true), (&forgetting, false)] {
            let cast = cast(
                "ClosureFnPointer",
                &format!("const ConstValue(ZeroSized: {closure})"),
            );
            let mir = format!("fn kept() -> () {{\n{cast}");
            assert_eq!(told(&mir).is_none(), is_harmless, "{mir}");
        }
        // The variables of another body are other ones.
        let apart = format!(
            "fn a() -> () {{\n    let mut _5: {forgetting};\n}}\n{}}}\n",
            closures(&harmless)
        );
        assert_eq!(told(&apart), None);
    }

    #[test]
    fn what_is_told_is_what_its_author_knows() {
        let function =
            "fn(&'^0 &'^1.Named(DefId(0:7 ~ a::f::'b)) (), &'^1 T) -> &'^0 lockstep_std::T";
        let said = told(&coerced(function)).unwrap();
        assert!(
            said.ends_with("`fn(&'a &'b (), &'b T) -> &'a std::T`."),
            "{said}"
        );
        let names = [
            ("static F: fn() = {", "`F`"),
            (
                "fn <impl at src/bank.rs:3:1: 3:20>::all(_1: T) -> () {",
                "`all` (src/bank.rs:3)",
            ),
            (
                "fn bank::<impl at src/bank.rs:3:1: 3:20>::all(_1: T) -> () {",
                "`all` (src/bank.rs:3)",
            ),
            ("const kept::promoted[0]: &'{erased} () = {", "this crate"),
        ];
        for (header, name) in names {
            let mir = coerced(function).replacen("fn examined() -> () {", header, 1);
            let said = told(&mir).unwrap();
            assert!(said.starts_with(&format!("{name} keeps")), "{said}");
        }
        let much = vec![b'\n'; LIMIT as usize + 1];
        assert!(refusal(&much, true).unwrap().contains("too much"));
    }

    #[test]
    fn a_long_type_takes_no_longer_than_it_is_long() {
        let many = "&'{erased} u8, ".repeat(100_000);
        assert_eq!(told(&coerced(&format!("fn(Vec<({many})>) -> ()"))), None);
        let two = "&'^0 &'^1 u8, ".repeat(100_000);
        assert!(told(&coerced(&format!("fn(({two}), &'^1 u8) -> &'^0 u8"))).is_some());
        let wide = format!("fn({}&'^0 u8) -> &'^0 u8", "&'^0 u8, ".repeat(63));
        assert_eq!(told(&coerced(&wide)), None);
        let wider = format!("fn({}&'^0 u8)", "&'^0 u8, ".repeat(65));
        assert!(told(&coerced(&wider)).is_some());
        let deep = format!("fn({}) -> ()", "Vec<".repeat(100_000));
        assert!(told(&coerced(&deep)).is_some());
    }
}
