//! Fuzz target: the arguments of a control frame.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::control(data));
