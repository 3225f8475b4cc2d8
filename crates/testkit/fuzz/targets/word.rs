#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("word").sow(),
    |bytes: &[u8]| (target("word").try_on)(bytes)
);
