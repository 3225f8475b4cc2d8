//! The API over HTTP, with a writer that the tests play and real read models.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod agents;
mod bad_input;
mod books;
mod card_life;
mod cards;
mod customers;
mod dialects;
mod documents;
mod erased;
mod examples;
mod flow;
mod idempotency;
mod intents;
mod isolation;
mod keys;
mod ledgers;
mod limits;
mod lists;
mod managed_keys;
mod money;
mod money_replays;
mod pagination;
mod platform_journals;
mod platform_ledgers;
mod platform_statements;
mod reads;
mod request_ids;
mod schema;
mod seeds;
mod stopped;
mod tour;
mod tour_again;
mod tour_described;
mod tour_misread;
mod transfers;
mod two_gateways;
mod uploads;
mod wallets;
mod webhooks;
mod world;
mod wrong_fields;
