//! See `grader::fuzzing::mir`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grader::fuzzing::mir(bytes));
