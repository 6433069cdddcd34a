//! See `grader::fuzzing::manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::manifest(bytes));
