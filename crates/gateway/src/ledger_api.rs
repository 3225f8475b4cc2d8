//! The Ledger API, as far as it is built.

use serde::Serialize;

use crate::call::Answer;
use crate::dialect;
use crate::front::Routes;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.open("/v1/health", health)
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /v1/health`: the process answers.
fn health() -> Answer {
    Answer { body: dialect::json(&Health { status: "ok" }), position: None, is_replay: false }
}
