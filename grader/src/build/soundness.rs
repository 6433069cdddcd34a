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
//! their types. What matters is the signature alone: two lifetimes, one within
//! what the other one is a reference to, both of them elsewhere in it again,
//! and one of them free to choose. Nobody but the exploit has been seen to make a
//! pointer of such a function; who does can call it in place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
        return Some("the compiler makes too much of this crate: its macros or its generics produce more code than can be looked through".to_owned());
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
            && let Some(signature) = body.forgetting(&line[..at], plain)
        {
            return Some(format!(
                "{} makes a function pointer of a function whose arguments bind lifetimes to each \
                 other; the compiler forgets that in pointers, so that references may outlive what \
                 they lead to (rust-lang/rust#25860): call the function by its name. Its type is \
                 `{}`",
                body.name(),
                readable(signature)
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
    /// The first signature that forgets something, in what a statement names.
    fn forgetting(&mut self, statement: &'a str, plain: bool) -> Option<&'a str> {
        let mut texts = vec![statement];
        let words = statement.split(|char: char| !is_of_a_name(char));
        for local in words.filter(|word| is_local(word)) {
            if self.known.insert(local) {
                // An argument is declared with the function.
                texts.push(self.locals.get(local).copied().unwrap_or(self.header));
            }
        }
        if let Some(text) = texts.iter().find(|text| !plain && text.contains("src/")) {
            return Some(text);
        }
        let mut signatures = texts.into_iter().flat_map(signatures);
        signatures.find(|text| forgets(text))
    }

    /// What its author calls it.
    fn name(&self) -> String {
        let mut words = self.header.split(' ').skip(1);
        let name = words.next().and_then(|name| name.split('(').next());
        let is_path = |name: &&str| name.chars().all(|char| is_of_a_name(char) || char == ':');
        match name.filter(|name| !name.is_empty()).filter(is_path) {
            Some(name) => format!("`{name}`"),
            None => "this crate".to_owned(),
        }
    }
}

/// All signatures in a text that are in no other one; each with what follows.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lifetime {
    /// That the signature is for any of, by its number.
    Bound(u32),
    /// Any other: MIR does not tell them apart.
    Free,
}

/// Whether a pointer to a function of the signature that a text begins with
/// forgets that one of its lifetimes outlives another. What cannot be read does.
fn forgets(text: &str) -> bool {
    let Some((signature, _)) = Signature::read(text) else {
        return true;
    };
    let again = |lifetime: &Lifetime| {
        signature
            .times
            .get(lifetime)
            .is_some_and(|&times| times > 1)
    };
    signature.outlived.iter().any(|(short, long)| {
        let one_is_bound = [short, long].iter().any(|one| **one != Lifetime::Free);
        short != long && one_is_bound && again(short) && again(long)
    })
}

/// What a signature says of lifetimes.
#[derive(Debug, Default)]
struct Signature {
    /// How often each stands there.
    times: BTreeMap<Lifetime, u32>,
    /// Which ones are outlived by which for its types to be well-formed, or may
    /// be: the lifetime of a reference by those of what it leads to, and the
    /// arguments of a type by each other.
    outlived: BTreeSet<(Lifetime, Lifetime)>,
}

/// What is between two brackets, as far as it was read.
struct Level {
    closes: char,
    /// The references whose type is being read.
    references: Vec<Lifetime>,
    /// All lifetimes, where these are a type's arguments.
    arguments: Option<Vec<Lifetime>>,
}

impl Level {
    fn new(closes: char) -> Level {
        Level {
            closes,
            references: Vec::new(),
            arguments: (closes == '>').then(Vec::new),
        }
    }
}

impl Signature {
    /// Reads `fn(A, B) -> C`, and gives what follows; nothing where the brackets
    /// do not match.
    fn read(text: &str) -> Option<(Signature, &str)> {
        let mut signature = Signature::default();
        let mut rest = text.strip_prefix("fn(")?;
        let mut levels = vec![Level::new(')')];
        // The result, where there is one, is a level without brackets.
        let mut in_result = false;
        while let Some(char) = rest.chars().next() {
            if in_result && levels.len() == 1 && ends(rest) {
                return Some((signature, rest));
            }
            let level = levels.last_mut()?;
            let is_reference = char == '&';
            if let Some(after) = rest.strip_prefix("->") {
                rest = after;
            } else if rest.starts_with("for<") {
                rest = skipped(&rest[3..])?;
            } else if let Some(after) = rest.strip_prefix("&'").or(rest.strip_prefix('\'')) {
                let (lifetime, after) = read_lifetime(after)?;
                signature.found(&mut levels, lifetime, is_reference);
                rest = after;
            } else if is_reference {
                // Its lifetime is not told.
                signature.found(&mut levels, Lifetime::Free, true);
                rest = &rest[1..];
            } else if let Some(closes) = closing(char) {
                levels.push(Level::new(closes));
                rest = &rest[1..];
            } else if char == level.closes {
                levels.pop();
                rest = &rest[1..];
                if levels.is_empty() {
                    let Some(result) = rest.strip_prefix(" -> ") else {
                        return Some((signature, rest));
                    };
                    rest = result;
                    levels.push(Level::new('\0'));
                    in_result = true;
                }
            } else if matches!(char, ')' | ']' | '}' | '>') {
                return None;
            } else {
                if char == ',' {
                    level.references.clear();
                }
                rest = &rest[char.len_utf8()..];
            }
        }
        (in_result && levels.len() == 1).then_some((signature, rest))
    }

    fn found(&mut self, levels: &mut [Level], lifetime: Lifetime, is_reference: bool) {
        *self.times.entry(lifetime).or_default() += 1;
        for level in levels.iter_mut() {
            for &reference in &level.references {
                self.outlived.insert((reference, lifetime));
            }
            for other in level.arguments.iter_mut().flatten() {
                self.outlived.insert((*other, lifetime));
                self.outlived.insert((lifetime, *other));
            }
            if let Some(arguments) = &mut level.arguments {
                arguments.push(lifetime);
            }
        }
        if let Some(level) = levels.last_mut().filter(|_| is_reference) {
            level.references.push(lifetime);
        }
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
fn skipped(text: &str) -> Option<&str> {
    let mut open = Vec::new();
    for (at, char) in text.char_indices() {
        if let Some(closes) = closing(char) {
            open.push(closes);
        } else if open.last() == Some(&char) {
            open.pop();
        }
        if open.is_empty() {
            return Some(&text[at + char.len_utf8()..]);
        }
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
    Some((Lifetime::Free, &text[end.unwrap_or(text.len())..]))
}

/// A signature as its author would know it again.
fn readable(signature: &str) -> String {
    const SHOWN: usize = 200;
    let after = Signature::read(signature).map_or("", |(_, rest)| rest);
    let signature = signature.strip_suffix(after).unwrap_or(signature);
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
            Lifetime::Free => text.push_str("'_"),
        }
        rest = after;
    }
    text.push_str(rest);
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

    /// What rustc writes for a function of the type in a cast to a pointer.
    fn coerced(signature: &str) -> String {
        format!(
            "fn examined() -> () {{\n    let _1: fn();\n\n    bb0: {{\n        _1 = ConstValue(ZeroSized: {signature} \
             {{f::<T>}}) as fn() (PointerCoercion(ReifyFnPointer(Safe), Implicit));\n    }}\n}}\n"
        )
    }

    #[test]
    fn signatures_that_forget_are_told_from_others() {
        let named = "'^0.Named(DefId(0:7 ~ a[385e]::{impl#0}::f::'a))";
        let forgetting = [
            "for<X<'_>> fn(&'^0 &'^1 (), &'^1 T) -> &'^0 T",
            "fn(&'^0 mut &'^1 (), &'^1 mut [T; 3]) -> &'^0 mut [T; 3]",
            // Lifetimes that are none of the pointer's own.
            "fn(&'^0 &'{erased} (), &'{erased} str) -> &'^0 str",
            "fn(&'static &'^0 (), &'^0 str) -> &'static str",
            "fn(&'?12 &'^0 (), &'^0 str) -> &'?12 str",
            // Within the arguments of a type, and in the result.
            "fn(a::Both<'^0, '^1>, &'^1 str) -> &'^0 str",
            "fn(<() as a::Tr<'^0, '^1>>::Out, &'^1 str) -> &'^0 str",
            "fn(&'^1 T) -> (&'^0 T, std::option::Option<&'^0 &'^1 ()>)",
            // By a trait object, by what a function takes, through a binder.
            "fn(&'^0 &'^1 str, Box<&'^1 str>) -> Box<(dyn std::fmt::Debug + '^0)>",
            "fn(&'^0 for<Region(BrAnon)> fn(&'^1_1 X, &'^0 Y), &'^1 T) -> &'^0 T",
            &format!("fn(&{named} [&'^1 str], &'^1 T) -> &{named} T"),
            "fn(&'^0 a::Q<'^1, UnevaluatedConst { def: DefId(0:1 ~ a::{constant#0}), args: [] }>, &'^1 T) -> &'^0 T",
            // What cannot be read.
            "fn(&'^0 str) -> Vec<&'^0 str",
            "fn(&'^0 str]) -> ()",
        ];
        for signature in forgetting {
            let said = refusal(coerced(signature).as_bytes(), true);
            let said = said.unwrap_or_else(|| panic!("{signature} is not refused"));
            assert!(said.starts_with("`examined` makes"), "{said}");
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
            "extern \"C\" fn(*const u8, ...) -> ()",
        ];
        for signature in harmless {
            assert_eq!(
                refusal(coerced(signature).as_bytes(), true),
                None,
                "{signature}"
            );
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
    fn a_closure_has_its_signature_in_its_type_and_an_argument_in_the_header() {
        let closure = "{kept<T>::{closure#0} closure_kind_ty=i8 closure_sig_as_fn_ptr_ty=\
                       for<Region(BrAnon), Region(BrAnon)> extern \"rust-call\" \
                       fn((&'^0 &'^1 (), &'^1 T)) -> &'^0 T upvar_tys=()}";
        let item = "for<X> fn(&'^0 &'^1 (), &'^1 T) -> &'^0 T {f::<T>}";
        let cast = |kind: &str, operand: &str| {
            format!("        _4 = {operand} as fn() (PointerCoercion({kind}(Safe), Implicit));\n")
        };
        let found = [
            format!(
                "fn kept(_1: &'{{erased}} T) -> () {{\n    let mut _5: {closure};\n\n{}",
                cast("ClosureFnPointer", "move _5")
            ),
            format!(
                "fn kept() -> () {{\n    let _3: ({item}, i32);\n{}",
                cast("ReifyFnPointer", &format!("copy (_3.0: {item})"))
            ),
            format!(
                "fn a::{{closure#0}}(_1: i32, _2: {item}) -> () {{\n{}",
                cast("ReifyFnPointer", "copy _2")
            ),
        ];
        for mir in &found {
            assert!(refusal(mir.as_bytes(), true).is_some(), "{mir}");
        }
        // The variables of another body are other ones.
        let apart = format!(
            "fn a() -> () {{\n    let mut _5: {closure};\n}}\nfn b() -> () {{\n    let mut _5: {{b::{{closure#0}} \
             closure_sig_as_fn_ptr_ty=fn(()) -> () upvar_tys=()}};\n{}}}\n",
            cast("ClosureFnPointer", "move _5")
        );
        assert_eq!(refusal(apart.as_bytes(), true), None);
    }

    #[test]
    fn what_is_told_is_a_type_that_its_author_knows() {
        let told = refusal(
            coerced("fn(&'^0 &'^1.Named(DefId(0:7 ~ a::f::'b)) (), &'^1 T) -> &'^0 T").as_bytes(),
            true,
        );
        assert!(told.unwrap().ends_with("`fn(&'a &'b (), &'b T) -> &'a T`"));
        assert!(
            refusal(&vec![b'\n'; LIMIT as usize + 1], true)
                .unwrap()
                .contains("too much")
        );
    }
}
