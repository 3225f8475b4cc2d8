//! Generates the types of the stored form from `proto/`.

const PROTO: &str = "../../proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={PROTO}/ledgeros/journal");
    let files = protox::compile(["ledgeros/journal/v1/entry.proto"], [PROTO])?;
    // Ids then point into the bytes that are decoded, instead of a copy each.
    prost_build::Config::new().bytes(["."]).compile_fds(files)?;
    Ok(())
}
