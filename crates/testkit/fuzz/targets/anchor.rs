#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("anchor").sow(),
    |bytes: &[u8]| (target("anchor").try_on)(bytes)
);
