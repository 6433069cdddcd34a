//! See `grader::fuzzing::arguments`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::arguments(bytes));
