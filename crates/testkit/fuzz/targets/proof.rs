#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("proof").sow(),
    |bytes: &[u8]| (target("proof").try_on)(bytes)
);
