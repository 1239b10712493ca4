//! Fuzz target: a script message from a document that may send some.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::message(data));
