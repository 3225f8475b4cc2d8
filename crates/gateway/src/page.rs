//! Lists in parts.
//!
//! A cursor is for whom it was given, and only as it was given: its text carries a MAC under a key of the vault, over the
//! book and what it says.

use std::sync::Arc;

use projector::{Cursor, List, Page};
use serde::Serialize;
use subtle::ConstantTimeEq;

use ledger::Position;
use ledger::keys::Family;

use crate::call::{Call, Read};
use crate::dialect::{self, Dialect};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::hex;
use crate::input::read::digits;
use crate::input::{Field, Fields};

/// How many rows a part of a list has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) default: usize,
    pub(crate) max: usize,
}

impl Sizes {
    /// Those of a surface.
    pub(crate) fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::LedgerOs => LEDGEROS,
            Dialect::LedgerApi | Dialect::Ledgers => OTHERS,
        }
    }
}

/// LedgerOS's.
pub(crate) const LEDGEROS: Sizes = Sizes { default: 20, max: 100 };
/// Those of the Ledger API and of Ledgers.
const OTHERS: Sizes = Sizes { default: 50, max: 200 };

type Parameters = Vec<(String, String)>;

/// A part of a list that was asked for.
pub(crate) struct Listing<F> {
    /// Which rows.
    pub(crate) filters: F,
    /// Which of them.
    pub(crate) page: Page,
    /// What a cursor carries, so that it can be sent alone, and to this list only.
    name: String,
    parameters: Parameters,
    gateway: Arc<Gateway>,
}

/// A part of a list as LedgerOS shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListView<T> {
    data: Vec<T>,
    has_more: bool,
    cursor: Option<String>,
}

/// A part of a list as the Ledger API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemsView<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// A part of a list as Ledgers shows it.
#[derive(Serialize)]
pub(crate) struct PageView<T> {
    data: Vec<T>,
    has_more: bool,
    cursor: Option<String>,
}

/// The name of a list, position and number of the last row that was shown, and the filters.
type Carried = (String, u64, u16, Parameters);

/// How long a cursor's MAC is.
const MAC_BYTES: usize = 16;

impl Call<Read> {
    /// Reads `limit` and `cursor`, and the filters with `read`. A cursor brings its filters along.
    pub(crate) fn listing<F>(
        &mut self,
        read: impl FnOnce(&mut Fields) -> Result<F, Error>,
    ) -> Result<Listing<F>, Error> {
        self.listing_of(LEDGEROS, read)
    }

    /// As [`Call::listing`], in the sizes of the other surfaces.
    pub(crate) fn long_listing<F>(
        &mut self,
        read: impl FnOnce(&mut Fields) -> Result<F, Error>,
    ) -> Result<Listing<F>, Error> {
        self.listing_of(OTHERS, read)
    }

    fn listing_of<F>(
        &mut self,
        sizes: Sizes,
        read: impl FnOnce(&mut Fields) -> Result<F, Error>,
    ) -> Result<Listing<F>, Error> {
        let (paging, mut parameters): (Parameters, Parameters) = self
            .take_parameters()
            .into_iter()
            .partition(|(name, _)| matches!(name.as_str(), "limit" | "cursor"));
        parameters.sort_unstable();
        let (limit, carried) = Fields::of_query(paging, |fields| {
            let carried = |field| carried(&self.gateway, &field);
            Ok((fields.optional("limit", limit(sizes.max))?, fields.optional("cursor", carried)?))
        })?;
        let name = list_name(self.uri_path(), self.caller.family);
        let mut from = None;
        if let Some((list, position, number, filters)) = carried {
            if list != name || !(parameters.is_empty() || parameters == filters) {
                return Err(Error::invalid("cursor", "belongs to another list"));
            }
            from = Some(Cursor { position: Position(position), number });
            parameters = filters;
        }
        let filters = Fields::of_query(parameters.clone(), read)?;
        let page = Page { from, limit: limit.unwrap_or(sizes.default) };
        Ok(Listing { filters, page, name, parameters, gateway: self.gateway.clone() })
    }
}

impl<T> ListView<T> {
    /// A part that ends where the cursor says.
    pub(crate) fn new(data: Vec<T>, cursor: Option<String>) -> Self {
        Self { data, has_more: cursor.is_some(), cursor }
    }
}

impl<F> Listing<F> {
    /// What is shown: views of the rows, and where to go on.
    pub(crate) fn view<T>(self, data: Vec<T>, next: Option<Cursor>) -> ListView<T> {
        ListView::new(data, self.cursor(next))
    }

    /// As [`Listing::view`], on the Ledger API.
    pub(crate) fn items<T>(self, items: Vec<T>, next: Option<Cursor>) -> ItemsView<T> {
        ItemsView { items, next_cursor: self.cursor(next) }
    }

    /// As [`Listing::view`], on Ledgers.
    pub(crate) fn page<T>(self, data: Vec<T>, next: Option<Cursor>) -> PageView<T> {
        let cursor = self.cursor(next);
        PageView { data, has_more: cursor.is_some(), cursor }
    }

    /// Where to go on.
    pub(crate) fn cursor(self, next: Option<Cursor>) -> Option<String> {
        next.map(|Cursor { position, number }| {
            let carried: Carried = (self.name, position.0, number, self.parameters);
            let said = dialect::json(&carried);
            hex::encode(&[&mac(&self.gateway, &said)[..], &said].concat())
        })
    }

    /// What is shown of `rows`.
    pub(crate) fn view_of<R, T: From<R>>(self, rows: List<R>) -> ListView<T> {
        self.view(rows.rows.into_iter().map(T::from).collect(), rows.next)
    }
}

/// How many rows are wanted, at most `max`.
pub(crate) fn limit(max: usize) -> impl FnOnce(Field) -> Result<usize, Error> {
    move |field| {
        let limit = digits(&field).and_then(|limit| usize::try_from(limit).ok());
        limit
            .filter(|limit| (1..=max).contains(limit))
            .ok_or_else(|| field.invalid(format!("must be an integer from 1 to {max}")))
    }
}

/// A path that two surfaces share is a list of each.
fn list_name(path: &str, family: Family) -> String {
    match (dialect::surface(path), family) {
        (Some(_), _) => path.to_owned(),
        (None, Family::LedgerOs) => format!("lk {path}"),
        (None, Family::LedgerApi) => format!("ld {path}"),
    }
}

fn carried(gateway: &Gateway, field: &Field) -> Result<Carried, Error> {
    let invalid = || field.invalid("is not one that this API gave");
    let bytes = hex::decode(field.text()?).ok_or_else(invalid)?;
    let (sum, said) = bytes.split_at_checked(MAC_BYTES).ok_or_else(invalid)?;
    if !bool::from(mac(gateway, said).ct_eq(sum)) {
        return Err(invalid());
    }
    serde_json::from_slice(said).map_err(|_| invalid())
}

fn mac(gateway: &Gateway, said: &[u8]) -> [u8; MAC_BYTES] {
    let token = gateway.vault.link_token(&[b"cursor", &gateway.book.0, said]);
    *token.first_chunk().expect("a token has 32 bytes")
}
