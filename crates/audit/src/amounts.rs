//! What an entry's events say that it moves, held against its postings.
//!
//! The rules make both from one command, side by side: an entry in which they differ was made by none. It is told from the entry
//! alone, by the table of `docs/accounting.md`. What follows from the entries before it is not, and there the postings are
//! believed as far as they fit the rest:
//!
//! - what an intent that ends had set aside (`intent_closed`), and how much of a purchase comes from there;
//! - what had waited for the approval of a person (`verification_changed`);
//! - what a transfer that has arrived was of, and its fee (`transfer_completed`): only their difference, where it was not
//!   converted;
//! - how much of what can't be refused is owed, how much of new money repays what is, and whether what is taken back had waited;
//! - whose money it is, where the event names a transaction, a card or an intent only; of which kind and in what a ledger is.
//!
//! Nor is it asked whether a rate, a fee or an interchange is the right one.

use ledger::{
    Account, Amount, Asset, Entry, HolderId, IntentId, LedgerId, LedgerKind, Money, Postings, Side,
};

mod rows;

/// A debit or a credit, in an order in which equal ones stand together.
type Line = (Side, Account, Asset, Amount);

/// Says where the postings of an entry are not what its events say.
pub(crate) fn compare(entry: &Entry) -> Result<(), String> {
    let mut said = Said::new(&entry.postings);
    entry.events.iter().for_each(|event| rows::add(&mut said, event));
    said.compare()
}

/// What events say that is posted.
struct Said<'a> {
    postings: &'a Postings,
    /// Whose money an event moves that does not name them: no such event moves that of two. Nobody's, where nobody's is moved.
    owner: HolderId,
    lines: Vec<Line>,
}

impl<'a> Said<'a> {
    fn new(postings: &'a Postings) -> Self {
        let owner = postings.iter().find_map(|posting| posting.account.holder());
        Self { postings, owner: owner.unwrap_or(HolderId([0; 16])), lines: Vec::new() }
    }

    fn debit(&mut self, account: Account, money: Money) {
        self.line(Side::Debit, account, money);
    }

    fn credit(&mut self, account: Account, money: Money) {
        self.line(Side::Credit, account, money);
    }

    /// Nothing is posted of nothing.
    fn line(&mut self, side: Side, account: Account, Money { amount, asset }: Money) {
        if !amount.is_zero() {
            self.lines.push((side, account, asset, amount));
        }
    }

    /// Shortfall: what can't be refused is debited to the holder, however much of it is owed.
    fn take(&mut self, holder: HolderId, money: Money) {
        self.split(Side::Debit, holder, money);
    }

    /// Repayment: new money is credited to the holder, however much of it repays what is owed.
    fn give(&mut self, holder: HolderId, money: Money) {
        self.split(Side::Credit, holder, money);
    }

    fn split(&mut self, side: Side, holder: HolderId, Money { amount, asset }: Money) {
        let owed = self.posted(side, Account::Overdrawn(holder), asset).min(amount);
        self.line(side, Account::Overdrawn(holder), Money { amount: owed, asset });
        let rest = amount.saturating_sub(owed);
        self.line(side, Account::Available(holder), Money { amount: rest, asset });
    }

    /// What waits is taken from there, and else from the holder.
    fn take_back(&mut self, holder: HolderId, money: Money) {
        let incoming = Account::Incoming(holder);
        if self.posted(Side::Debit, incoming, money.asset).is_zero() {
            self.take(holder, money);
        } else {
            self.debit(incoming, money);
        }
    }

    /// What a card spends comes from what its intent has set aside, of which nothing stays. Returns what that leaves to be spent.
    fn spend(&mut self, holder: HolderId, intent: Option<IntentId>, amount: Amount) -> Amount {
        let Some(intent) = intent else { return amount };
        let account = Account::Reserved(holder, intent);
        let reserved = self.posted(Side::Debit, account, Asset::Usd);
        self.debit(account, usd(reserved));
        self.credit(Account::Available(holder), usd(reserved.saturating_sub(amount)));
        amount.saturating_sub(reserved)
    }

    /// What the postings themselves say.
    fn posted(&self, side: Side, account: Account, asset: Asset) -> Amount {
        let found = self.postings.iter().filter(|posting| {
            (posting.side, posting.account, posting.asset) == (side, account, asset)
        });
        // In each asset they add up to no more than 128 bits.
        found.map(|posting| posting.amount).sum()
    }

    /// What of is posted to an account; `otherwise`, where nothing is.
    fn asset_of(&self, account: Account, otherwise: Asset) -> Asset {
        let mut found = self.postings.iter().filter(|posting| posting.account == account);
        found.next().map_or(otherwise, |posting| posting.asset)
    }

    fn compare(mut self) -> Result<(), String> {
        let postings = self.postings.iter();
        let mut posted: Vec<Line> = postings
            .map(|posting| (posting.side, posting.account, posting.asset, posting.amount))
            .collect();
        self.lines.sort_unstable();
        posted.sort_unstable();
        if self.lines == posted { Ok(()) } else { Err(difference(&self.lines, &posted)) }
    }
}

/// The first of both sides' lines that the other has not, in words.
fn difference(said: &[Line], posted: &[Line]) -> String {
    let place = said.iter().zip(posted).take_while(|(said, posted)| said == posted).count();
    let (said, posted) = (said.get(place), posted.get(place));
    let row = |line: &Line| (line.0, line.1, line.2);
    let first = said.into_iter().chain(posted).map(row).min();
    let (side, account, asset) = first.expect("they differ");
    let amount = |line: Option<&Line>| {
        line.filter(|line| Some(row(line)) == first).map_or(0, |line| line.3.0)
    };
    let side = if side == Side::Debit { "debit" } else { "credit" };
    format!(
        "its events {side} `{account}` in `{asset}` with `{}`, its postings with `{}`",
        amount(said),
        amount(posted)
    )
}

/// The account of a ledger, as far as the posting names it, and what it is in.
fn ledger(id: LedgerId, postings: &Postings) -> (LedgerKind, Asset) {
    let mut found = postings.iter().filter_map(|posting| match posting.account {
        Account::Ledger(kind, ledger) if ledger == id => Some((kind, posting.asset)),
        _ => None,
    });
    found.next().unwrap_or((LedgerKind::Asset, Asset::Usd))
}

fn usd(amount: Amount) -> Money {
    Money { amount, asset: Asset::Usd }
}
