//! The whole as its users meet it: the binary, over HTTP, on real files, killed and tampered with.

mod corruption;
mod kills;
mod races;
mod readme;
mod secrets;
mod support;
