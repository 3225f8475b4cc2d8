#![no_main]

use std::panic;

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: {
        // The audit catches what the rules assert of a forged history: not every panic ends the program.
        drop(panic::take_hook());
        target("history").sow();
    },
    |bytes: &[u8]| (target("history").try_on)(bytes)
);
