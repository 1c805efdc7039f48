#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| miroir_fuzz::split::check(data));
