#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("snapshot").sow(),
    |bytes: &[u8]| (target("snapshot").try_on)(bytes)
);
