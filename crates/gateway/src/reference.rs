//! Hashes of what the outside world calls things that count once.

use ledger::deposits::Chain;
use ledger::{HolderId, Text, VirtualAccountId};
use sha2::{Digest, Sha256};

/// A platform's own id of a user's agent.
pub(crate) fn agent(holder: HolderId, external_id: &Text<100>) -> [u8; 16] {
    hash("ledgeros agent 1", &[&holder.0, external_id.as_str().as_bytes()])
}

/// A message of a card network.
pub(crate) fn network(id: &Text<100>) -> [u8; 16] {
    hash("ledgeros network message 1", &[id.as_str().as_bytes()])
}

/// A deposit at the bank, by what the sender's bank calls it.
pub(crate) fn bank_deposit(account: VirtualAccountId, id: &str, index: u32) -> [u8; 16] {
    hash("ledgeros bank deposit 1", &[&account.0, id.as_bytes(), &index.to_be_bytes()])
}

/// A deposit. Hexadecimal transaction hashes are the same in either case; those in base 58 are not.
pub(crate) fn deposit(chain: Chain, transaction_hash: &str, index: u32) -> [u8; 16] {
    let digits = transaction_hash.strip_prefix("0x").unwrap_or(transaction_hash);
    let canonical = match digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => digits.to_ascii_lowercase(),
        false => transaction_hash.to_owned(),
    };
    let parts: [&[u8]; 3] = [chain.name().as_bytes(), canonical.as_bytes(), &index.to_be_bytes()];
    hash("ledgeros deposit 1", &parts)
}

/// Each part after its length: no two lists of parts read alike.
fn hash(kind: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [&[kind.as_bytes()], parts].concat() {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    *hash.finalize().first_chunk().expect("SHA-256 has 32 bytes")
}
