//! Whose deposit addresses are which.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use ledger::deposits::Chain;
use ledger::{HolderId, Position};
use projector::{Cursor, Page};
use providers::Address;
use providers::sandbox::custody;

use crate::gateway::Gateway;

/// Holders that are read at once.
const PAGE: usize = 1_000;

/// From an address to its owner. The sandbox's custody derives addresses from holders and keeps no list, so this is made
/// from the directory: once all of it, then what is new.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<Index>);

#[derive(Default)]
struct Index {
    hasher: RandomState,
    /// By a hash of the address, which is a quarter of its size: another address may share it.
    owners: HashMap<u64, HolderId>,
    /// The newest holder that is in it.
    up_to: Position,
}

impl Addresses {
    /// The holder who receives deposits at this address, and the chain that it is on. Blocks.
    pub(crate) fn owner(
        &self,
        gateway: &Gateway,
        address: &Address,
    ) -> Result<Option<(HolderId, Chain)>, projector::Error> {
        let mut index = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if index.candidate(address).is_none() {
            index.update(gateway)?;
        }
        Ok(index.candidate(address).and_then(|holder| {
            let mut own = custody::deposit_addresses(&gateway.seed, holder).into_iter();
            own.find(|deposit| deposit.address == *address).map(|deposit| (holder, deposit.chain))
        }))
    }
}

impl Index {
    fn candidate(&self, address: &Address) -> Option<HolderId> {
        self.owners.get(&self.hasher.hash_one(address.as_str())).copied()
    }

    /// Takes in the holders that were added since the last time.
    fn update(&mut self, gateway: &Gateway) -> Result<(), projector::Error> {
        let directory = &gateway.models.directory.queries;
        let (mut from, mut newest) = (None, self.up_to);
        loop {
            let holders = directory.holders(Page { from, limit: PAGE })?.value;
            let new = holders.rows.iter().take_while(|holder| self.up_to < holder.position);
            for holder in new {
                newest = newest.max(holder.position);
                for deposit in custody::deposit_addresses(&gateway.seed, holder.id) {
                    let hash = self.hasher.hash_one(deposit.address.as_str());
                    self.owners.insert(hash, holder.id);
                }
            }
            let oldest = holders.rows.last().map_or(Position::START, |holder| holder.position);
            from = holders.next.filter(|Cursor(_)| self.up_to < oldest);
            if from.is_none() {
                self.up_to = newest;
                return Ok(());
            }
        }
    }
}
