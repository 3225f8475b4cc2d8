use std::collections::{BTreeMap, BTreeSet};

use ledger::holders::VerificationStatus;
use ledger::keys::Family;

use super::*;
use crate::State;
use crate::testing::{Behavior, Platform, Receiver, on_each_store};

mod faults;
mod logged;
mod order;

on_each_store! {
    what_happens_is_told_signed_in_the_dialect_of_each_surface
}

fn what_happens_is_told_signed_in_the_dialect_of_each_surface(mut platform: Platform) {
    let (api, os) = (Receiver::kind(), Receiver::kind());
    let first = platform.holder();
    platform.webhook(Family::LedgerApi, &api.url);
    platform.webhook(Family::LedgerOs, &os.url);
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);

    let told = api.wait(|seen| seen.len() == 2);
    let types: Vec<_> = told.iter().map(|request| request.field("type")).collect();
    assert_eq!(types, ["customer.created", "customer.updated"]);
    assert_ne!(told[0].field("customerId"), first.to_string().replace("user_", "cus_"));
    assert_eq!(told[0].field("createdAt"), "2026-11-01T00:00:00.000Z");
    assert_eq!(told[0].headers["x-ledger-event-id"], told[0].field("id"));
    assert_eq!(told[0].headers["x-ledger-event-type"], "customer.created");
    assert!(told[0].headers["x-ledger-signature"].to_str().unwrap().starts_with("t=17"));

    let told = os.wait(|seen| seen.len() == 2);
    let types: BTreeSet<_> = told.iter().map(|request| request.field("type")).collect();
    let expected = ["user.application.approved", "user.approved"];
    assert_eq!(types, expected.map(str::to_owned).into());
    for request in &told {
        assert_eq!(request.field("userId"), holder.to_string());
        assert_eq!(request.headers["webhook-id"], request.field("id"));
        assert_eq!(request.headers["content-type"], "application/json");
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["createdAt"], platform.now.as_millis());
    }
}
