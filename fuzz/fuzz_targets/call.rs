//! Fuzz target: a call, its head and its payload.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::call(data));
