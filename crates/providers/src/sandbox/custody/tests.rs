use std::collections::BTreeSet;

use super::*;

const SEED: [u8; 32] = [1; 32];
const HOLDER: HolderId = HolderId([2; 16]);

#[test]
fn usdc_and_usdt_are_taken_where_their_issuers_stand_behind_them() {
    assert!(!chains(Asset::Usdc).contains(&Chain::Tron));
    assert!(!chains(Asset::Usdt).contains(&Chain::Base));
    let pairs: BTreeSet<_> = deposit_addresses(&SEED, HOLDER)
        .into_iter()
        .map(|deposit| (deposit.asset, deposit.chain))
        .collect();
    assert_eq!(pairs.len(), 14);
    assert!(pairs.iter().all(|(asset, chain)| chains(*asset).contains(chain)));
}

#[test]
fn every_address_is_well_formed_for_its_chain() {
    for byte in 0..=255 {
        for deposit in deposit_addresses(&SEED, HolderId([byte; 16])) {
            let address = Address::parse(deposit.address.as_str()).unwrap();
            assert_eq!(address, deposit.address);
            assert!(address.is_of(deposit.chain));
        }
    }
}

#[test]
fn an_address_is_one_holders_and_one_chains() {
    let addresses = |seed, byte| deposit_addresses(&[seed; 32], HolderId([byte; 16]));
    let all: BTreeSet<_> = [addresses(1, 2), addresses(1, 3), addresses(4, 2)]
        .into_iter()
        .enumerate()
        .flat_map(|(owner, all)| all.into_iter().map(move |one| (one.address, owner, one.chain)))
        .collect();
    let texts: BTreeSet<_> = all.iter().map(|(address, ..)| address).collect();
    assert_eq!((all.len(), texts.len()), (3 * Chain::ALL.len(), 3 * Chain::ALL.len()));
}

#[test]
fn the_recipient_of_an_address_is_found_and_nobody_elses() {
    for deposit in deposit_addresses(&SEED, HOLDER) {
        let theirs = (Owner::Person(HOLDER), deposit.chain);
        assert_eq!(recipient(&SEED, &deposit.address), Some(theirs));
        assert_eq!(recipient(&[3; 32], &deposit.address), None);
    }
    let foreign = Address::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").unwrap();
    assert_eq!(recipient(&SEED, &foreign), None);
}

#[test]
fn addresses_stay_what_they_are() {
    let usdt: Vec<_> = deposit_addresses(&SEED, HOLDER)
        .into_iter()
        .filter(|deposit| deposit.asset == Asset::Usdt)
        .map(|deposit| format!("{} {}", deposit.chain, deposit.address))
        .collect();
    assert_eq!(usdt[0], "solana 8qbHbw2BbbTHBW1sbeqakr72XSJuMgGB4atgotUUS7k");
    assert_eq!(usdt[1].to_lowercase(), "ethereum 0x020202020202020202020202020202029a6f9fed");
    assert_eq!(usdt[6], "tron TA9pkx4DFxrEw8JZzUtyDrhbFysr8nN8Gj");
}

#[test]
fn a_wallet_has_an_address_on_every_chain_for_the_tokens_of_that_chain() {
    let wallet = WalletId([2; 16]);
    let addresses = wallet_addresses(&SEED, wallet);
    assert!(addresses.iter().map(|address| address.chain).eq(Chain::ALL));
    for WalletAddress { chain, address, assets, .. } in &addresses {
        assert!(address.is_of(*chain));
        assert!(assets.iter().all(|asset| chains(*asset).contains(chain)) && !assets.is_empty());
    }
    let ids: BTreeSet<_> = addresses.iter().map(|address| address.id).collect();
    assert_eq!(ids.len(), Chain::ALL.len());
    assert!(addresses[0].assets.contains(&Asset::Eurc));
    assert_eq!(addresses[7].assets, [Asset::Usdt]);
}

#[test]
fn a_wallet_and_a_person_with_the_same_id_are_told_apart() {
    for WalletAddress { chain, address, .. } in wallet_addresses(&SEED, WalletId(HOLDER.0)) {
        let theirs = (Owner::Wallet(WalletId(HOLDER.0)), chain);
        assert_eq!(recipient(&SEED, &address), Some(theirs));
        assert!(deposit_addresses(&SEED, HOLDER).iter().all(|deposit| deposit.address != address));
    }
}
