//! Before a compiler checks submissions, it is tried with crates that go through
//! the holes that it must close, and with one that does not: another version may
//! check otherwise, or tell otherwise what it makes.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::diagnostics::Said;
use super::rustc::{
    self, Checks, Crate, CrateType, Depth, EDITION, EXPANDED, GRAPHS, INTERNAL, Lints, SOUND, Std,
};
use super::{Support, attributes, implied, soundness};
use crate::digest::Digest;
use crate::home::Home;
use crate::submission::read_up_to;

/// A crate, and the hole that it goes through, if it does.
const CANARIES: [(&str, Option<&str>); 15] = [
    (
        "use std::{collections::BTreeMap, thread::Scope};
         thread_local! { static TURN: u8 = 3; }
         pub type Foreign = unsafe extern \"C\" fn(u8) -> u8; // an unsafe (naked) one
         pub fn turn() -> u8 { TURN.with(|turn| *turn) }
         pub fn chosen<'a>(words: &'a [&str], which: fn(&str) -> bool) -> Option<&'a str> {
             words.iter().copied().find(|word| which(word))
         }
         pub fn none(words: &[&str]) -> bool {
             let empty: fn(&str) -> bool = str::is_empty;
             let known: fn(&str) -> bool = |word| word == \"known\";
             chosen(words, empty).or(chosen(words, known)).is_none()
         }
         pub struct Words<'w>(Vec<&'w str>);
         impl<'w> Words<'w> {
             fn first(&self) -> &[&'w str] { &self.0[..1] }
             fn all(&self) -> &[&'w str] { &self.0 }
             fn push(&mut self, word: &'w str) -> &mut Self { self.0.push(word); self }
             fn head(&mut self, word: &'w str) -> &mut Self { self.0.insert(0, word); self }
             pub fn number(&self) -> usize { [Self::first, Self::all].iter().map(|f| f(self).len()).sum() }
             pub fn add(&mut self, word: &'w str, last: bool) -> &mut Self {
                 let add = if last { Self::push } else { Self::head };
                 add(self, word)
             }
         }
         type Get<K, V> = for<'a> fn(&'a BTreeMap<K, V>, &K) -> Option<&'a V>;
         pub struct Table<K, V> { map: BTreeMap<K, V>, get: Get<K, V> }
         impl<K: Ord, V> Table<K, V> {
             pub fn new() -> Self { Table { map: BTreeMap::new(), get: BTreeMap::get } }
             pub fn get(&self, key: &K) -> Option<&V> { (self.get)(&self.map, key) }
         }
         fn ping<'s, 'e>(scope: &'s Scope<'s, 'e>, turns: &'e str) { scope.spawn(move || turns.len()); }
         fn pong<'s, 'e>(scope: &'s Scope<'s, 'e>, turns: &'e str) { scope.spawn(move || turns.len()); }
         pub fn play(turns: &str) {
             std::thread::scope(|scope| [ping, pong].iter().for_each(|play| play(scope, turns)));
         }
         pub struct Line<'l>(<&'l str as ToOwned>::Owned, &'l str);
         pub trait Of<T> { fn of(text: T) -> Self; }
         impl<'l> Of<<&'l str as ToOwned>::Owned> for Line<'l> {
             fn of(text: &'l str) -> Self { Line(text, text) }
         }
         pub struct Each<I: Iterator>(Vec<<I as Iterator>::Item>);
         impl<I: Iterator> Extend<<I as Iterator>::Item> for Each<I> {
             fn extend<J: IntoIterator<Item = I::Item>>(&mut self, items: J) { self.0.extend(items) }
         }
         fn length<I: Iterator<Item: AsRef<str>>>(item: <I as Iterator>::Item) -> usize { item.as_ref().len() }
         pub fn lengths(words: &[&str]) -> usize {
             words.iter().map(length::<std::slice::Iter<'_, &str>>).sum()
         }
         pub fn lines<'l>(lines: Vec<Vec<&'l str>>) -> Vec<std::borrow::Cow<'l, [&'l str]>> {
             lines.into_iter().map(std::borrow::Cow::Owned).collect()
         }
         pub fn joined(words: &[&[&str]]) -> Vec<String> {
             words.iter().copied().map(<[&str]>::concat).collect()
         }
         pub trait Job { type Input; fn run(input: Self::Input) -> u64; }
         pub struct Sum<'l, T>(std::marker::PhantomData<&'l T>);
         impl<'l, T: Copy + Into<u64>> Job for Sum<'l, T> {
             type Input = &'l [T];
             fn run(input: &'l [T]) -> u64 { input.iter().map(|each| (*each).into()).sum() }
         }
         pub fn sums<'l>(inputs: Vec<&'l [u32]>) -> Vec<u64> {
             inputs.into_iter().map(Sum::<'l, u32>::run).collect()
         }",
        None,
    ),
    (
        "fn shorter<'a, 'b, T: ?Sized>(_: &'a &'b (), thing: &'b T) -> &'a T { thing }
         pub fn kept<'a, T: ?Sized>(thing: &T) -> &'a T {
             let forget: for<'x> fn(&'a &'static (), &'x T) -> &'a T = shorter;
             forget(&&(), thing)
         }",
        Some("rust-lang/rust#25860"),
    ),
    (
        "fn only<T, F>(shorter: F) -> F
         where F: for<'a, 'b> Fn(&'a &'b (), &'b T) -> &'a T { shorter }
         pub fn kept<'a, T>(thing: &T) -> &'a T {
             let forget: for<'x> fn(&'a &'static (), &'x T) -> &'a T = only(|_, thing| thing);
             forget(&&(), thing)
         }",
        Some("rust-lang/rust#25860, with a closure"),
    ),
    (
        "trait Object<U> { type Output; }
         impl<T: ?Sized, U> Object<U> for T { type Output = U; }
         fn same<T: ?Sized, U>(thing: <T as Object<U>>::Output) -> U { thing }
         pub fn transmuted<T, U>(thing: T) -> U { same::<dyn Object<U, Output = T>, U>(thing) }",
        Some("rust-lang/rust#57893"),
    ),
    (
        "trait Object<U> { type Output; }
         impl<T: ?Sized, U> Object<U> for T { type Output = U; }
         fn same<T: ?Sized, U>(thing: <T as Object<U>>::Output) -> U { thing }
         struct World<const REAL: bool>;
         trait Lent<'a> { type Thing; type Way: ?Sized; const THING: Self::Thing; }
         impl<'a> Lent<'a> for World<true> { type Thing = u8; type Way = (); const THING: u8 = 1; }
         impl<'a> Lent<'a> for World<false> {
             type Thing = bool;
             type Way = dyn Object<u8, Output = bool>;
             const THING: bool = true;
         }
         type Here = World<{ size_of::<std::sync::Mutex<u8>>() == 8 }>;
         pub fn transmuted() -> u8 { same::<<Here as Lent<'_>>::Way, u8>(<Here as Lent<'_>>::THING) }",
        Some("rust-lang/rust#57893, where std is not the compiler's"),
    ),
    (
        "fn shorter<'a, 'b, T: ?Sized>(_: &'a &'b (), thing: &'b T) -> &'a T { thing }
         pub fn kept<'a, T: ?Sized>(thing: &T) -> &'a T {
             let forget = (const { shorter::<T> }) as for<'x> fn(&'a &'static (), &'x T) -> &'a T;
             forget(&&(), thing)
         }",
        Some("rust-lang/rust#25860, with a constant"),
    ),
    (
        "#![type_length_limit = \"0\"]
         fn shorter<'a, 'b, T: ?Sized>(_: &'a &'b (), thing: &'b T) -> &'a T { thing }
         pub fn kept<'a, T: ?Sized>(thing: &T) -> &'a T {
             let forget: for<'x> fn(&'a &'static (), &'x T) -> &'a T = shorter;
             forget(&&(), thing)
         }",
        Some("rust-lang/rust#25860, with types that are not told"),
    ),
    (
        "macro_rules! attributed { ($unsafe:tt, $name:ident) => {
             #[$unsafe($name)] pub extern \"C\" fn four() -> u32 { core::arch::naked_asm!(\"mov eax, 4\", \"ret\") }
         } }
         attributed!(unsafe, naked);",
        Some("the attribute `naked`"),
    ),
    (
        "pub struct Early;
         impl Early { #[cfg_attr(all(), unsafe(link_section = \".init_array\"))] pub fn called() {} }",
        Some("the attribute `link_section` at methods"),
    ),
    (
        "trait Unit { type Type; }
         impl<T: ?Sized> Unit for T { type Type = (); }
         fn longer<'a, 'b, T: ?Sized>(_: <&'b &'a () as Unit>::Type, thing: &'a mut T) -> &'b mut T { thing }
         fn called<'a, 'b, T: ?Sized, F>(longer: F, thing: &'a mut T) -> &'b mut T
         where F: FnOnce((), &'a mut T) -> &'b mut T { longer((), thing) }
         pub fn kept<'b, T: ?Sized>(thing: &mut T) -> &'b mut T { called(longer, thing) }",
        Some("rust-lang/rust#100051, with a function as a value"),
    ),
    (
        "trait Unit { type Type; }
         impl<T: ?Sized> Unit for T { type Type = (); }
         trait Longer<'a, 'b> { fn longer<T: ?Sized>(self, thing: &'a mut T) -> &'b mut T; }
         impl<'a, 'b> Longer<'a, 'b> for <&'b &'a () as Unit>::Type {
             fn longer<T: ?Sized>(self, thing: &'a mut T) -> &'b mut T { thing }
         }
         pub fn kept<'b, T: ?Sized>(thing: &mut T) -> &'b mut T { ().longer(thing) }",
        Some("rust-lang/rust#100051, with a method"),
    ),
    (
        "trait Unit { type Type; }
         impl<T: ?Sized> Unit for T { type Type = (); }
         trait Longer<T> { fn longer(self, thing: T) -> Box<dyn Send>; }
         struct Bound<T: 'static>([T; 0]);
         macro_rules! believed { ($as:tt $to:tt $path:tt) => {
             impl<T: Send> Longer<T> for <Bound<T> $as Unit $to $path Type {
                 fn longer(self, thing: T) -> Box<dyn Send> { Box::new(thing) }
             }
         } }
         believed!(as > ::);
         pub fn kept(thing: &u8) -> Box<dyn Send> { ().longer(thing) }",
        Some("rust-lang/rust#100051, with a macro"),
    ),
    (
        "#!/usr/bin/env a-text-that-is-open: \"
         trait Of { type Type<T>; }
         impl Of for () { type Type<T> = (); }
         trait Longer<'a, 'b, P> { fn longer<T: ?Sized>(self, thing: &'a mut T) -> &'b mut T; }
         impl<'a, 'b, P: Of> Longer<'a, 'b, P> for P::Type<&'b &'a ()> {
             fn longer<T: ?Sized>(self, thing: &'a mut T) -> &'b mut T { thing }
         }
         pub fn kept<'b, T: ?Sized>(thing: &mut T) -> &'b mut T {
             Longer::<()>::longer((), thing)
         }",
        Some("rust-lang/rust#100051, with a short path"),
    ),
    (
        "#![type_length_limit = \"0\"]
         trait Unit { type Type; }
         impl<T: ?Sized> Unit for T { type Type = (); }
         fn longer<'a, 'b, T: ?Sized>(_: (<&'b &'a () as Unit>::Type,), thing: &'a mut T) -> &'b mut T { thing }
         fn called<'a, 'b, T: ?Sized, F>(longer: F, thing: &'a mut T) -> &'b mut T
         where F: FnOnce(((),), &'a mut T) -> &'b mut T { longer(((),), thing) }
         pub fn kept<'b, T: ?Sized>(thing: &mut T) -> &'b mut T { called(longer, thing) }",
        Some("rust-lang/rust#100051, with types that are not told"),
    ),
    (
        "trait Unit { type Type; }
         impl<T: ?Sized> Unit for T { type Type = (); }
         fn longer<T: Send>(_: <std::thread::LocalKey<T> as Unit>::Type, thing: T) -> Box<dyn Send> { Box::new(thing) }
         fn called<T, F: FnOnce((), T) -> Box<dyn Send>>(longer: F, thing: T) -> Box<dyn Send> { longer((), thing) }
         fn made<T: Send>(thing: T) -> Box<dyn Send> { called(longer::<T>, thing) }
         pub fn kept(thing: &u8) -> Box<dyn Send> { made(thing) }",
        Some("rust-lang/rust#100051, with a bound of std's"),
    ),
];

/// What tells of a crate whether it goes through a hole: where that is changed, each
/// compiler is tried again.
const CHECKED_BY: [&str; 3] = [
    include_str!("attributes.rs"),
    include_str!("implied.rs"),
    include_str!("soundness.rs"),
];

/// Tries them, once for each compiler.
///
/// # Errors
///
/// One that names the hole, if the compiler leaves one open, or that says that it
/// refuses what is right.
pub(super) fn tried(home: &Home, support: &Support) -> Result<()> {
    let mut digest = Digest::default().part(&support.toolchain.version);
    let texts = CANARIES.iter().map(|(text, _)| *text);
    let flags = SOUND.into_iter().chain(INTERNAL).chain(EXPANDED);
    let flags = flags.chain(GRAPHS);
    for part in texts.chain(flags).chain(CHECKED_BY) {
        digest = digest.part(part);
    }
    let seen = home
        .made("toolchains")?
        .join(format!("sound-{}", digest.finish()));
    if seen.is_file() {
        return Ok(());
    }
    for (text, hole) in CANARIES {
        let closed = refused(home, support, text)?;
        match (hole, closed) {
            (None, None) | (Some(_), Some(_)) => {}
            (None, Some(why)) => bail!(
                "this compiler cannot check submissions as it must: it refuses a crate that is \
                 right; use Rust 1.95\n{why}"
            ),
            (Some(hole), None) => bail!(
                "this compiler cannot check submissions as it must: it leaves {hole} open; use Rust 1.95"
            ),
        }
    }
    // Only a convenience: if it cannot be kept, the compiler is tried again.
    let _ = std::fs::write(&seen, "");
    Ok(())
}

/// Why a library is refused, if it is.
fn refused(home: &Home, support: &Support, text: &str) -> Result<Option<String>> {
    let scratch = home.scratch()?;
    let folder = scratch.path().join("src");
    std::fs::create_dir(&folder)
        .and_then(|()| std::fs::write(folder.join("lib.rs"), text))
        .context("cannot write a crate to try the compiler with")?;
    let krate = Crate {
        name: "canary",
        edition: EDITION,
        unsafe_allowed: false,
    };
    let how = (Depth::Check, Lints::Heard, Checks::Sound);
    let command = rustc::check(support, scratch.path(), krate, CrateType::Lib, None, how);
    let finished = command.run()?;
    if !finished.succeeded() {
        return Ok(Some(Said::read(&finished.stderr()).words()));
    }
    let expanded = "expanded.rs";
    let command = rustc::expanded(
        support,
        scratch.path(),
        krate,
        CrateType::Lib,
        (Std::Real, None),
        expanded,
    );
    let finished = command.run()?;
    if !finished.succeeded() {
        return Ok(Some(Said::read(&finished.stderr()).words()));
    }
    let expanded = read_up_to(&scratch.path().join(expanded), attributes::LIMIT + 1)?;
    if let Some(why) = attributes::refusal(&expanded) {
        return Ok(Some(why));
    }
    let command = rustc::replaced(
        support,
        scratch.path(),
        krate,
        CrateType::Lib,
        (None, "libcanary.rlib"),
        (Lints::Heard, Checks::Sound),
    );
    let finished = command.run()?;
    if !finished.succeeded() {
        return Ok(Some(Said::read(&finished.stderr()).words()));
    }
    let mir = read_up_to(
        &scratch.path().join(CrateType::Lib.mir()),
        soundness::LIMIT + 1,
    )?;
    let sources = BTreeMap::from([("src/lib.rs".to_owned(), text.to_owned())]);
    let seen = implied::Sources::of(&sources);
    let why = soundness::refusal(&mir, true);
    if let Some(why) = why.or_else(|| implied::refusal_of_values(&mir, &seen)) {
        return Ok(Some(why));
    }
    // Whether that is asked for depends on the crate, as with a submission.
    if !seen.headers {
        return Ok(None);
    }
    let graphs = "graphs.dot";
    let command = rustc::graphs(support, scratch.path(), krate, CrateType::Lib, None, graphs);
    let finished = command.run()?;
    if !finished.succeeded() {
        return Ok(Some(Said::read(&finished.stderr()).words()));
    }
    let graphs = read_up_to(&scratch.path().join(graphs), soundness::LIMIT + 1)?;
    Ok(implied::refusal_of_headers(&graphs, &seen))
}
