//! Generates the messages and services of `proto/ledgeros/v1`, and the description of them that servers show.

use std::path::PathBuf;

const PROTO: &str = "../../proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={PROTO}");
    let mut compiler = protox::Compiler::new([PROTO])?;
    compiler.include_imports(true).include_source_info(true);
    for name in ["commands", "journal", "leadership"] {
        compiler.open_file(format!("ledgeros/v1/{name}.proto"))?;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .bytes(".")
        .codec_path("crate::codec::Strict")
        .extern_path(".ledgeros.journal.v1", "::journal::proto")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
