//! Fuzz target: the arguments of a pull.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::pull(data));
