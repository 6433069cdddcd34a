//! See `grader::fuzzing::class`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::class(bytes));
