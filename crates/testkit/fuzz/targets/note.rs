#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("note").sow(),
    |bytes: &[u8]| (target("note").try_on)(bytes)
);
