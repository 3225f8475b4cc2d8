#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("http").sow(),
    |bytes: &[u8]| (target("http").try_on)(bytes)
);
