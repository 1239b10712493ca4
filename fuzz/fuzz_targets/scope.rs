//! Fuzz target: scope entries, and the name of a command.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::scope(data));
