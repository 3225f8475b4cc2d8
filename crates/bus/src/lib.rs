//! Committed entries on their way to those who follow the journal from other processes, over NATS JetStream.
//!
//! A carrier and nothing more: it may lose, repeat, reorder and forget what it likes. Who follows accepts an entry by its
//! position and the hash before it, and fills gaps from the journal.
