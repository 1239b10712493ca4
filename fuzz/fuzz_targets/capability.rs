//! Fuzz target: a capability file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::capability(data));
