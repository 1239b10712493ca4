//! Fuzz target: the arguments of a pull of a stream's items.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::next(data));
