//! The Ledgers surface, as far as it is built: the books themselves, for whoever reads double entry.

mod reports;

use crate::front::Audience::Platforms;
use crate::front::Routes;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.read("/v1/ledgers/reports/trial-balance", Platforms, reports::trial_balance)
}
