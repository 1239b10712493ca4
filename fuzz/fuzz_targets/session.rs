//! Fuzz target: the frames of a document's whole life.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transom::fuzzing::session(data));
