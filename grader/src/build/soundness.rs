//! Safe Rust that is not safe: holes of rustc's that a submission may not use.
//!
//! `-F unsafe_code` keeps code as safe as the compiler is. By a known hole a
//! submission could find its way through the memory of the simulation that it
//! runs in, so a submission is checked by rustc's next type checker, which closes
//! some of them (rust-lang/rust#57893), and what rustc makes of it is searched for
//! the one that is left open there, rust-lang/rust#25860:
//!
//! A function whose types are only well-formed where one lifetime outlives
//! another (`fn(&'a &'b (), &'b T) -> &'a T`) may rely on that. Who calls it must
//! show it. But made a function pointer, whose lifetimes can be chosen one by one
//! (`fn(&'static &'static (), &'b T) -> &'static T`), it is forgotten.
//! Each such pointer begins with a coercion, and rustc writes those down with
//! their types. What matters is the signature alone: see [`Signature::forgets`].

use std::collections::{BTreeSet, HashMap, HashSet};

use super::diagnostics::as_std;

/// Most bytes of what rustc made of a crate that are searched.
pub(super) const LIMIT: u64 = 64 << 20;

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
        if !line.starts_with(char::is_whitespace) {
            body = Body {
                header: line,
                ..Body::default()
            };
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
        // Where a type is too long, or its author says it is, dots stand for it.
        if text.contains("...") || (!plain && text.contains("src/")) {
            return unreadable;
        }
        let mut found = false;
        for (signature, generic) in signatures(text) {
            found = true;
            match Signature::read(signature, &generic) {
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
        let (place, words) = match words.strip_prefix("<impl at ") {
            Some(rest) => {
                let (place, rest) = rest.split_once(">::").unwrap_or_default();
                let line: Vec<&str> = place.splitn(3, ':').collect();
                (format!(" ({})", line[..line.len().min(2)].join(":")), rest)
            }
            None => (String::new(), words),
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

/// All signatures in a text that are in no other one, each with what follows,
/// and with the parameters of types that the function is generic in.
fn signatures(text: &str) -> impl Iterator<Item = (&str, BTreeSet<&str>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find("fn(")?;
            let (before, signature) = rest.split_at(at);
            rest = &signature["fn(".len()..];
            if before.ends_with(is_of_a_name) {
                continue;
            }
            let after = Signature::read(signature, &BTreeSet::new()).map(|(_, after)| after);
            rest = after.unwrap_or(rest);
            // A function is named behind its signature, a closure before.
            let path = match rest.strip_prefix(" {") {
                Some(path) if !before.contains("::{closure") => {
                    let after = skipped(&rest[1..]).map_or(0, str::len);
                    &path[..path.len() - after]
                }
                _ => before,
            };
            return Some((signature, parameters(path)));
        }
    })
}

/// The names in the generic arguments of a path that may be parameters: those
/// that are no part of another path, and no primitive type.
fn parameters(path: &str) -> BTreeSet<&str> {
    let Some(start) = path.find('<') else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    let mut rest = &path[start..];
    while let Some(at) = rest.find(is_of_a_name) {
        let before = &rest[..at];
        let word = &rest[at..];
        let end = word.find(|char| !is_of_a_name(char)).unwrap_or(word.len());
        let (name, after) = word.split_at(end);
        let alone = !before.ends_with("::") && !after.starts_with("::") && !before.ends_with('\'');
        if alone && name.starts_with(char::is_uppercase) {
            found.insert(name);
        }
        rest = after;
    }
    found
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
    /// `'static`.
    Static,
    /// Any other: MIR does not tell them apart. A type's parameter counts as one,
    /// since there may be some in what it stands for.
    Free,
}

/// Some lifetimes of a signature, a bit for each.
type Set = u64;

impl Lifetime {
    /// Its bit in a [`Set`], if there is one left for it.
    fn bit(self) -> Option<u32> {
        match self {
            Lifetime::Free => Some(0),
            Lifetime::Static => Some(1),
            Lifetime::Bound(number) => number.checked_add(2).filter(|&bit| bit < Set::BITS),
        }
    }
}

/// The lifetimes that are not the signature's own.
const OTHERS: Set = 0b11;

/// A place in a signature where a lifetime stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    bit: u32,
    /// The lifetimes that it must outlive for the types to be well-formed, or
    /// may have to: those of the references that it is under, and those that are
    /// arguments of the same type.
    beside: Set,
    /// Whether what the function is given can come with this lifetime.
    given: bool,
    /// Whether a caller must say that it outlives those beside it: in arguments,
    /// what is behind a `&mut` and the like has this very lifetime for the caller, too.
    told: bool,
}

/// What a signature says of lifetimes.
#[derive(Debug, Default)]
struct Signature {
    places: Vec<Place>,
}

/// What is between two brackets, as far as it was read.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    closes: char,
    /// The references that all of it is under, and those of the element that is
    /// being read.
    around: Set,
    within: Set,
    /// Whether all of it, or the element, is invariant.
    pinned: bool,
    pinned_within: bool,
    /// Whether all of it, or the element, takes what its lifetimes are of.
    given: bool,
    given_within: bool,
    /// Where the places in it begin, if these are a type's arguments.
    group: Option<usize>,
    /// The lifetimes that are such arguments themselves, and whether what they are
    /// in is a trait's, of a type's that is in this.
    arguments: Set,
    of_a_trait: bool,
}

/// Most brackets within each other.
const DEEPEST: usize = 200;

/// Types of the standard library whose arguments are invariant.
const PINS: [&str; 2] = ["std::thread::Scope", "std::thread::scoped::Scope"];

impl Signature {
    /// Whether a pointer to such a function forgets that one of its lifetimes
    /// outlives another, and that matters: the longer one is also that of something
    /// else that the function is given, apart from the shorter one, and the
    /// shorter one stands somewhere else.
    ///
    /// Where the longer one is always beside the shorter one, who calls the pointer
    /// shows for each of these places that it is longer. The same holds where it is
    /// pinned, and `'static` is longer than any. Where neither is the
    /// signature's own, the compiler asks for it where the pointer is made.
    fn forgets(&self) -> bool {
        let mut times = [0u32; Set::BITS as usize];
        let mut shorter: [Set; Set::BITS as usize] = [0; Set::BITS as usize];
        for place in &self.places {
            times[place.bit as usize] += 1;
            if !place.told {
                shorter[place.bit as usize] |= place.beside;
            }
        }
        let again = (0..Set::BITS).filter(|&bit| times[bit as usize] > 1);
        let again: Set = again.fold(0, |set, bit| set | 1 << bit);
        self.places.iter().any(|place| {
            let own: Set = 1 << place.bit;
            let mut shorter = shorter[place.bit as usize] & again & !own & !place.beside;
            if own & OTHERS != 0 {
                shorter &= !OTHERS;
            }
            place.given && Some(place.bit) != Lifetime::Static.bit() && shorter != 0
        })
    }

    /// Reads `fn(A, B) -> C`, and gives what follows; nothing where the brackets
    /// do not match, or there is more than a person would write.
    fn read<'a>(text: &'a str, generic: &BTreeSet<&str>) -> Option<(Signature, &'a str)> {
        let mut signature = Signature::default();
        let mut rest = text.strip_prefix("fn(")?;
        let arguments = Level {
            closes: ')',
            given: true,
            ..Level::default()
        };
        let mut levels = vec![arguments];
        // The result, where there is one, is a level without brackets.
        let mut in_result = false;
        let mut word = "";
        while let Some(char) = rest.chars().next() {
            if in_result && levels.len() == 1 && ends(rest) {
                return Some((signature, rest));
            }
            if levels.len() > DEEPEST {
                return None;
            }
            let level = levels.last_mut()?;
            if is_of_a_name(char) {
                let end = rest.find(|char| !(is_of_a_name(char) || char == ':'));
                (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
                match word {
                    "mut" => level.pinned_within = true,
                    "as" => level.of_a_trait = true,
                    "dyn" => level.given_within |= !is_iterator(rest),
                    "for" if rest.starts_with('<') => rest = skipped(rest)?,
                    name if generic.contains(name) => {
                        signature.found(&levels, Lifetime::Free, in_result)?;
                    }
                    _ => {}
                }
                continue;
            }
            let before = std::mem::take(&mut word);
            if let Some(after) = rest.strip_prefix("->") {
                rest = after;
            } else if let Some(after) = rest.strip_prefix("*mut").or(rest.strip_prefix("*const")) {
                rest = after;
            } else if let Some(after) = rest.strip_prefix("&'").or(rest.strip_prefix('\'')) {
                let (lifetime, after) = read_lifetime(after)?;
                let bit = signature.found(&levels, lifetime, in_result)?;
                let level = levels.last_mut()?;
                match char {
                    '&' => level.within |= 1 << bit,
                    _ => level.arguments |= 1 << bit,
                }
                rest = after;
            } else if char == '&' {
                // Its lifetime is not told.
                let bit = signature.found(&levels, Lifetime::Free, in_result)?;
                levels.last_mut()?.within |= 1 << bit;
                rest = &rest[1..];
            } else if let Some(closes) = closing(char) {
                let pinned = level.pinned || level.pinned_within;
                let given = level.given || level.given_within;
                let inner = Level {
                    closes,
                    around: level.around | level.within,
                    pinned: pinned || PINS.contains(&as_std(before).as_str()),
                    given: given || before == "fn",
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
                    if let Some(outer) = levels.last_mut().filter(|outer| outer.of_a_trait) {
                        outer.arguments |= beside;
                    }
                }
                rest = &rest[1..];
                if levels.is_empty() {
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
                    level.given_within = false;
                }
                rest = &rest[char.len_utf8()..];
            }
        }
        (in_result && levels.len() == 1).then_some((signature, rest))
    }

    /// A lifetime stands here; gives its bit.
    fn found(&mut self, levels: &[Level], lifetime: Lifetime, in_result: bool) -> Option<u32> {
        let level = levels.last()?;
        let bit = lifetime.bit()?;
        self.places.push(Place {
            bit,
            beside: level.around | level.within,
            given: level.given || level.given_within,
            told: !in_result && (level.pinned || level.pinned_within),
        });
        Some(bit)
    }
}

/// Whether what is behind `dyn` is an iterator, which gives and takes nothing.
fn is_iterator(rest: &str) -> bool {
    let path = rest.trim_start();
    let end = path.find(|char| !(is_of_a_name(char) || char == ':'));
    as_std(&path[..end.unwrap_or(path.len())]) == "std::iter::Iterator"
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
fn skipped(text: &str) -> Option<&str> {
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
        return Some((Lifetime::Free, skipped(text)?));
    }
    let end = text.find(|char: char| !(is_of_a_name(char) || char == '?'));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    match name {
        "static" => Some((Lifetime::Static, rest)),
        _ => Some((Lifetime::Free, rest)),
    }
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
            Lifetime::Static => text.push_str("'static"),
            Lifetime::Free => text.push_str("'_"),
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
            // Lifetimes that are none of the pointer's own.
            "fn(&'^0 &'{erased} (), &'{erased} str) -> &'^0 str",
            "fn(&'static &'^0 (), &'^0 str) -> &'static str",
            "fn(&'?12 &'^0 (), &'^0 str) -> &'?12 str",
            // Within the arguments of a type, and in the result.
            "fn(a::Both<'^0, '^1>, &'^1 str) -> &'^0 str",
            "fn(a::Both<'^1, '^0>, &'^1 str) -> &'^0 str",
            "fn(<() as a::Tr<'^0, '^1>>::Out, &'^1 str) -> &'^0 str",
            "fn(<&'^1 () as a::Tr<'^0>>::Out, &'^1 str) -> &'^0 str",
            "fn(a::Of<'^0, std::vec::Vec<&'^1 str>>, &'^1 str) -> &'^0 str",
            "fn(&'^1 T) -> (&'^0 T, std::option::Option<&'^0 &'^1 ()>)",
            "fn(&'^1 T) -> (&'^0 T, std::option::Option<&'^0 mut &'^1 ()>)",
            "fn(&'^0 &'^1 str) -> (&'^0 str, fn(&'^1 str))",
            // By a trait object, by what a function takes, through a binder, in one argument.
            "fn(&'^0 &'^1 str, Box<&'^1 str>) -> Box<(dyn std::fmt::Debug + '^0)>",
            "fn(&'^0 for<Region(BrAnon)> fn(&'^1_1 X, &'^0 Y), &'^1 T) -> &'^0 T",
            "fn((&'^0 &'^1 (), &'^1 T)) -> &'^0 T",
            "fn(&'^0 a::Q<'^1, UnevaluatedConst { def: DefId(0:1 ~ a::{constant#0}), args: [] }>, &'^1 T) -> &'^0 T",
            // What a parameter stands for may have lifetimes.
            "fn(Option<&'^0 X>, X) -> &'^0 <X as Short>::Of {longer::<X>}",
            "fn(&'^0 X, Y) -> &'^0 str {longer::<'{erased}, std::vec::Vec<X>, Y>}",
            "fn(&'^0 Self, Self) -> &'^0 u8 {<Self as Short>::get}",
            // What cannot be read.
            "fn(&'^0 str) -> Vec<&'^0 str",
            "fn(&'^0 str]) -> ()",
            "fn(..., ...) -> ...",
            "fn(&'^77 str) -> ()",
            &named,
        ];
        for signature in forgetting {
            let said = told(&coerced(signature));
            let said = said.unwrap_or_else(|| panic!("{signature} is not refused"));
            assert!(said.starts_with("`examined` keeps"), "{said}");
        }
        let harmless = [
            "fn()",
            "for<'a> fn(&'^0 str) -> bool",
            "fn(&'^0 a::Ctx<'^1>) -> &'^0 str",
            "fn(&'^0 a::Ctx<'{erased}>, &'^1 str) -> &'^0 str",
            "fn(&'^0 [&'^1 str], usize) -> &'^1 str",
            "fn(&'^0 str, &'^1 str) -> (&'^0 str, &'^1 str)",
            "fn(&'^0 mut std::vec::Vec<&'^1 str>, &'^2 [&'^3 str]) -> usize",
            "fn(&'^0 &'^0 str, &'^0 str) -> &'^0 str",
            "fn(&'{erased} &'{erased} (), &'{erased} T) -> &'{erased} T",
            "fn(&'static &'{erased} (), &'{erased} T) -> &'static T",
            // Every caller shows that it is longer.
            "fn(&'^0 a::Words<'^1>) -> &'^0 [&'^1 str]",
            "fn(&'^0 [&'{erased} str]) -> std::option::Option<&'^0 &'{erased} str>",
            "fn(&'^0 a::Bank<'{erased}>) -> lockstep_std::sync::MutexGuard<'^0, Vec<&'{erased} str>>",
            "fn(&'^0 &'^1 str, &'^0 &'^1 str) -> &'^0 str",
            "fn(&'^0 a::Words<'^1>) -> Box<(dyn std::iter::Iterator<Item = &'^1 str> + '^0)>",
            // It is no other for them.
            "fn(&'^0 mut &'^1 (), &'^1 mut [T; 3]) -> &'^0 mut [T; 3]",
            "fn(&'^0 lockstep_std::thread::Scope<'^0, '^1>, &'^1 str) -> ()",
            "fn(&'^0 std::collections::HashMap<&'static str, String>, &'static str) -> &'^0 str",
            // A parameter of none that matters.
            "fn(&'^0 a::Queue<Job>, Job) -> () {a::Queue::<Job>::push}",
            "fn(&'^0 a::Queue<Job>, Job) -> &'^0 Job {a::push}",
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
        let generic = closure("a::{closure#0}<X>", "fn((&'^0 X, X)) -> &'^0 str");
        let harmless = closure("kept", "fn((&'^0 &'^1 (), &'^2 T)) -> &'^0 T");
        let item = "for<X> fn(&'^0 &'^1 (), &'^1 T) -> &'^0 T {f::<T>}";
        let closures = |its_type: &str| {
            let cast = cast("ClosureFnPointer", "move _5");
            format!("fn kept(_1: &'{{erased}} T) -> () {{\n    let mut _5: {its_type};\n\n{cast}")
        };
        let items = |operand: &str| cast("ReifyFnPointer", operand);
        let found = [
            closures(&forgetting),
            closures(&generic),
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
        // In the type of the pointer, one cannot be told from another.
        let known = "fn(&'^0 [&'static str], &'static str) -> &'^0 str";
        let erased = known.replace("static", "{erased}");
        let known = coerced(known).replace("as fn()", &format!("as {erased}"));
        assert_eq!(told(&known), None);
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
        let deep = format!("fn({}) -> ()", "Vec<".repeat(100_000));
        assert!(told(&coerced(&deep)).is_some());
    }
}
