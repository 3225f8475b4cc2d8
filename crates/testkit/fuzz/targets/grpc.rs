#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::strangers::target;

fuzz_target!(
    init: target("grpc").sow(),
    |bytes: &[u8]| (target("grpc").try_on)(bytes)
);
