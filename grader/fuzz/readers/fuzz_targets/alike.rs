//! See `grader::fuzzing::alike`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::alike(bytes));
