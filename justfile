# Shorthands: each is the command that the README and continuous integration use.

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

# Runs the service's roles as processes on this machine, with servers of their own.
cluster:
    deploy/cluster
