# Shorthands. Continuous integration runs `deploy/test` and nothing else.

# Serves a ledger of its own, kept in target/data.
run:
    cargo run --release -- serve --data target/data

# Plays the payment flow against a ledger of its own.
demo:
    cargo run --release -- demo

# Everything that must hold before a change is taken.
test:
    deploy/test

lint:
    deploy/test format lint

docs:
    deploy/test docs

bench:
    cargo run --release -- bench http

# Plays the whole under random faults: `just sim --seeds 0..1000`.
sim *arguments:
    cargo run --release -p simulator -- {{arguments}}

# Plants faults into a copy of the sources, and lets the simulation find each.
planted *faults:
    deploy/planted {{faults}}

# Runs the service's roles as processes on this machine, with servers of their own.
cluster:
    deploy/cluster

# Licences, sources and bans of what is built in: `cargo install cargo-deny`.
deny:
    cargo deny check licenses bans sources

# Fuzzes a reader of strangers' bytes for so many seconds: `cargo install cargo-fuzz`, and a nightly toolchain.
fuzz target seconds="60" *options:
    mkdir -p target/corpus/{{target}} target/artifacts
    TMPDIR=/dev/shm LEDGEROS_SEEDS="$PWD/target/corpus/{{target}}" cargo +nightly fuzz run --sanitizer none {{options}} \
        --fuzz-dir crates/testkit/fuzz --target-dir target/fuzz {{target}} target/corpus/{{target}} -- \
        -max_total_time={{seconds}} -max_len=65536 -artifact_prefix=target/artifacts/{{target}}-

# The same for what reads a journal: `entry`, `note`, `anchor`. Little else is built.
fuzz-stored target seconds="60": (fuzz target seconds "--no-default-features")

# Changes the rules in every way that a tool knows, and wants a test to fail each time: `cargo install cargo-mutants`.
mutants package="ledger" *options:
    deploy/mutants {{package}} {{options}}
