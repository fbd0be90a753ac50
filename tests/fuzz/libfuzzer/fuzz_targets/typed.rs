#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sinch_callback_fuzz::run("typed", data));
