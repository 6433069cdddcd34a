//! See `grader::fuzzing::shown`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::shown(bytes));
