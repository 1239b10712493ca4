//! Fuzz target: the payload of a call of `echo`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::body(data));
