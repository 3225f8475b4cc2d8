#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("entry").sow(),
    |bytes: &[u8]| (target("entry").try_on)(bytes)
);
