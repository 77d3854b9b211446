#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vigie_fuzz::case_archive(bytes));
