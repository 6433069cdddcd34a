//! What std's printing macros call.

use std::fmt;
use std::panic::Location;

use super::output::{ERR, OUT, Output, formatted};

/// What `print!` and `println!` call.
#[doc(hidden)]
#[track_caller]
pub fn _print(args: fmt::Arguments<'_>) {
    print_to(&OUT, "print!", args, Location::caller());
}

/// What `eprint!` and `eprintln!` call.
#[doc(hidden)]
#[track_caller]
pub fn _eprint(args: fmt::Arguments<'_>) {
    print_to(&ERR, "eprint!", args, Location::caller());
}

fn print_to(
    output: &'static Output,
    call: &'static str,
    args: fmt::Arguments<'_>,
    place: &'static Location<'static>,
) {
    let _held = output.take(call, "prints to", place);
    // The streams of a simulated program never fail; a `Display` that does
    // panics in there.
    let _ = formatted(output.begin(), args);
}
