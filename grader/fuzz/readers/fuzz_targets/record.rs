//! See `grader::fuzzing::record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::record(bytes));
