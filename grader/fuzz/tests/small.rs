//! A small run of the fuzzer, with a fixed seed.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::path::Path;

use fuzz::{Budget, Toolchain};

#[test]
fn a_hundred_programs_have_no_outcome_that_is_not_found() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("support");
    let toolchain = Toolchain::ready(&folder).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let budget = Budget {
        runs: 20,
        seed: 1,
        reduced: 5_000,
        full: 500,
        shrink: true,
    };
    let mut told = String::new();
    let mut tell = |line: &str| told = format!("{told}{line}\n");
    let summary = fuzz::fuzz(&toolchain, scratch.path(), (1, 100), budget, &mut tell).unwrap();
    assert_eq!(summary.faults, 0, "\n{told}");
    assert_eq!(summary.programs, 100);
    // It says something: most are explored completely, and seen to be.
    assert!(summary.complete > 80 && summary.whole > 40, "\n{told}");
    assert!(summary.seen > 100, "\n{told}");
}
