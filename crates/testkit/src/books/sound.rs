//! The invariants of `docs/accounting.md`: after each entry of what it has touched, and of everything now and then.

use std::collections::BTreeMap;

use ledger::transfers::TransferStatus;
use ledger::{
    Account, Asset, Entry, Event, HolderId, Income, LedgerKind, Scheme, Side, TransactionId,
};

use super::{Books, Breach, Kind, Purchase, matching, signed};

/// After so many entries everything is looked at.
const WHOLE_EVERY: u64 = 64;

impl Books {
    /// Only what the outside world forces may leave a debt: see S in the table of postings.
    pub(super) fn may_overdraw(&self, entry: &Entry) -> Result<(), Breach> {
        let overdraws = entry.postings.iter().any(|posting| {
            posting.side == Side::Debit && matches!(posting.account, Account::Overdrawn(_))
        });
        let is_forced = entry.events.iter().any(is_forced);
        require!(is_forced || !overdraws, "entry `{}` overdraws without need", entry.position);
        Ok(())
    }

    /// Every invariant of what an entry has touched.
    pub(super) fn sound_after(&self, entry: &Entry) -> Result<(), Breach> {
        let mut differences: BTreeMap<Asset, i128> = BTreeMap::new();
        for posting in &entry.postings {
            let (account, asset) = (posting.account, posting.asset);
            *differences.entry(asset).or_default() += signed(posting.side, posting.amount.0);
            self.account_is_sound(account, asset, self.balances[&(account, asset)])?;
        }
        for (asset, difference) in differences {
            require!(difference == 0, "in `{asset}` debits exceed credits by `{difference}`");
        }
        for id in entry.events.iter().filter_map(subject) {
            if let Some(purchase) = self.purchases.get(&id) {
                self.purchase_is_sound(id, purchase)?;
            }
        }
        if entry.position.0.is_multiple_of(WHOLE_EVERY) { self.sound() } else { Ok(()) }
    }

    /// Every invariant.
    pub fn sound(&self) -> Result<(), Breach> {
        for (asset, difference) in self.trial_balance() {
            require!(difference == 0, "in `{asset}` debits exceed credits by `{difference}`");
        }
        for ((account, asset), balance) in &self.balances {
            self.account_is_sound(*account, *asset, *balance)?;
        }
        for (id, purchase) in &self.purchases {
            self.purchase_is_sound(*id, purchase)?;
        }
        self.promises_are_kept()
    }

    fn account_is_sound(
        &self,
        account: Account,
        asset: Asset,
        balance: i128,
    ) -> Result<(), Breach> {
        let is_sound = match account {
            Account::Available(_)
            | Account::Held(..)
            | Account::Reserved(..)
            | Account::Incoming(_)
            | Account::Withdrawing(_)
            | Account::NetworkPayable(_)
            | Account::Income(Income::ForeignExchange | Income::Transfers) => balance <= 0,
            Account::Overdrawn(_)
            | Account::NetworkReceivable(_)
            | Account::Presentments
            | Account::Expense(_) => 0 <= balance,
            // What goes out may be paid before what covers it has come in.
            Account::Bank
            | Account::Custody
            | Account::Exchange
            | Account::Income(Income::Interchange) => true,
            Account::Ledger(kind, ledger) => {
                let ledger = self.ledgers.get(&ledger).ok_or("whose account?")?;
                let below = match kind {
                    LedgerKind::Asset | LedgerKind::Expense => -balance,
                    LedgerKind::Liability | LedgerKind::Equity | LedgerKind::Income => balance,
                };
                (ledger.kind, ledger.asset) == (kind, asset)
                    && below <= ledger.overdraft_limit.cast_signed()
            }
        };
        require!(is_sound, "`{account}` in `{asset}` is on the wrong side by `{balance}`");
        Ok(())
    }

    fn purchase_is_sound(&self, id: TransactionId, purchase: &Purchase) -> Result<(), Breach> {
        let account = Account::Held(purchase.holder, id);
        let (held, expected) = (self.credit(account, Asset::Usd), purchase.held());
        require!(Some(held) == expected, "`{account}` is `{held}`, its events say {expected:?}");
        require!(purchase.is_open || held == 0, "`{id}` has ended and holds `{held}`");
        let most =
            if purchase.kind == Kind::UnlinkedRefund { purchase.amount } else { purchase.cleared };
        require!(purchase.refunded <= most, "`{id}` refunds more than was cleared");
        require!(purchase.unsettled <= purchase.cleared, "`{id}` owes more than was cleared");
        require!(purchase.uncollected <= purchase.refunded, "`{id}` is owed more than refunded");
        if let Some(intent) = purchase.intent.and_then(|intent| self.intents.get(&intent))
            && let Some((taken_by, comparison)) = intent.taken
            && taken_by == id
        {
            let was_made = purchase.is_open || 0 < purchase.cleared + purchase.corrected;
            require!(was_made, "`{id}` keeps the intent of a purchase that was not made");
            let Purchase { compared, merchant, .. } = purchase;
            let expected = matching::compare(&intent.expectation, *compared, merchant);
            require!(comparison == expected, "`{id}` compares as {comparison:?}, not {expected:?}");
        }
        Ok(())
    }

    /// What waits, what is reserved, what is on its way and what is owed to the network is somebody's, to the cent.
    fn promises_are_kept(&self) -> Result<(), Breach> {
        let mut expected: BTreeMap<(Account, Asset), u128> = BTreeMap::new();
        let mut add = |account, asset, amount| {
            *expected.entry((account, asset)).or_default() += amount;
        };
        for deposit in self.deposits.values().filter(|deposit| deposit.is_waiting) {
            let credited = deposit.credited;
            add(Account::Incoming(deposit.owner), credited.asset, credited.amount.0);
        }
        for purchase in self.purchases.values().filter(|purchase| purchase.is_under_review) {
            add(Account::Incoming(purchase.holder), Asset::Usd, purchase.refunded);
        }
        for transfer in self.transfers.values() {
            if transfer.status < TransferStatus::Completed {
                let owner: HolderId = transfer.wallet.holder();
                add(Account::Withdrawing(owner), transfer.money.asset, transfer.money.amount.0);
            }
        }
        for (id, intent) in &self.intents {
            if intent.reserves && intent.is_untaken() && !self.was_taken(*id) {
                let holder = self.cards[&intent.card].holder;
                let amount = intent.expectation.amount.0;
                add(Account::Reserved(holder, *id), Asset::Usd, amount);
            }
        }
        for presentment in self.presentments.values().filter(|one| one.is_suspended) {
            add(Account::Presentments, Asset::Usd, presentment.terms.amount.0);
        }
        for ((account, asset), balance) in &self.balances {
            let is_promise = matches!(
                account,
                Account::Incoming(_)
                    | Account::Withdrawing(_)
                    | Account::Reserved(..)
                    | Account::Presentments
            );
            if is_promise {
                let expected = expected.remove(&(*account, *asset)).unwrap_or(0);
                let found = balance.unsigned_abs();
                require!(found == expected, "`{account}` is `{found}`, promised are `{expected}`");
            }
        }
        let left = expected.into_iter().find(|(_, amount)| 0 < *amount);
        require!(left.is_none(), "nothing is there for {left:?}");
        self.network_is_owed()
    }

    /// The network is owed at least what cleared since it was last settled with, and owes what was refunded since.
    fn network_is_owed(&self) -> Result<(), Breach> {
        let of_cards: u128 = self.purchases.values().map(|purchase| purchase.unsettled).sum();
        let suspended = self.presentments.values().filter(|one| !one.is_settled);
        let of_nobody: u128 = suspended
            .filter(|one| !one.is_assigned)
            .map(|presentment| presentment.terms.amount.0)
            .sum();
        let payable = self.credit(Account::NetworkPayable(Scheme::Visa), Asset::Usd);
        let receivable = self.debit(Account::NetworkReceivable(Scheme::Visa), Asset::Usd);
        let owed: u128 = self.purchases.values().map(|purchase| purchase.uncollected).sum();
        require!(of_cards + of_nobody <= payable, "the network is owed `{payable}` only");
        require!(owed <= receivable, "the network owes `{receivable}` only");
        Ok(())
    }

    /// Whether a purchase has ever used what the intent had reserved.
    fn was_taken(&self, id: ledger::IntentId) -> bool {
        let purchases = &self.cards[&self.intents[&id].card].purchases;
        purchases.iter().any(|purchase| self.purchases[purchase].intent == Some(id))
    }
}

fn is_forced(event: &Event) -> bool {
    let is_posted_by_others = matches!(
        event,
        Event::Cleared(_)
            | Event::ForceCleared(_)
            | Event::RefundReversed(_)
            | Event::PresentmentAssigned(_)
            | Event::DepositReversed(_)
    );
    is_posted_by_others || matches!(event, Event::AuthorizationApproved(event) if event.is_advice)
}

/// The card transaction that an event changes.
fn subject(event: &Event) -> Option<TransactionId> {
    match event {
        Event::AuthorizationApproved(event) => Some(event.transaction),
        Event::AuthorizationDeclined(event) => Some(event.transaction),
        Event::AuthorizationLinked(event) => Some(event.transaction),
        Event::AuthorizationIncremented(event) => Some(event.transaction),
        Event::IncrementDeclined(event) => Some(event.transaction),
        Event::AuthorizationConfirmed(event) => Some(event.transaction),
        Event::AuthorizationReversed(event) => Some(event.transaction),
        Event::ReversalUnusable(event) => Some(event.transaction),
        Event::AuthorizationExpired(event) => Some(event.transaction),
        Event::CardVerified(event) => Some(event.transaction),
        Event::Purchased(event) => Some(event.transaction),
        Event::Cleared(event) => Some(event.transaction),
        Event::ForceCleared(event) => Some(event.transaction),
        Event::Corrected(event) => Some(event.transaction),
        Event::Refunded(event) => Some(event.transaction),
        Event::RefundReversed(event) => Some(event.transaction),
        Event::UnlinkedRefundReceived(event) => Some(event.transaction),
        Event::RefundReleased(event) => Some(event.transaction),
        Event::PresentmentAssigned(event) => Some(event.transaction),
        Event::IntentAssessed(event) => Some(event.transaction),
        Event::IntentReleased(event) => Some(event.transaction),
        Event::BookOpened(_)
        | Event::JournalRecovered(_)
        | Event::KeyCreated(_)
        | Event::KeyRevoked(_)
        | Event::ClockAdvanced(_)
        | Event::HolderCreated(_)
        | Event::HolderChanged(_)
        | Event::VerificationChanged(_)
        | Event::DocumentAdded(_)
        | Event::HolderErased(_)
        | Event::DepositConfirmed(_)
        | Event::DepositReversed(_)
        | Event::WalletCreated(_)
        | Event::VirtualAccountOpened(_)
        | Event::WalletDepositConfirmed(_)
        | Event::BankDepositConfirmed(_)
        | Event::TransferCreated(_)
        | Event::TransferAdvanced(_)
        | Event::TransferCompleted(_)
        | Event::TransferFailed(_)
        | Event::TransferReturned(_)
        | Event::TreasuryConverted(_)
        | Event::LedgerCreated(_)
        | Event::LedgerStatusChanged(_)
        | Event::LedgerTransferred(_)
        | Event::JournalPosted(_)
        | Event::JournalReversed(_)
        | Event::AgentRegistered(_)
        | Event::AgentStatusChanged(_)
        | Event::AgentPolicyChanged(_)
        | Event::AgentLimitExceeded(_)
        | Event::CardCreated(_)
        | Event::CardStatusChanged(_)
        | Event::CardLimitsChanged(_)
        | Event::IntentDeclared(_)
        | Event::IntentApproved(_)
        | Event::AttestationRecorded(_)
        | Event::IntentClosed(_)
        | Event::PresentmentSuspended(_)
        | Event::PresentmentWrittenOff(_)
        | Event::NetworkSettled(_)
        | Event::WebhookRegistered(_)
        | Event::WebhookChanged(_)
        | Event::WebhookRemoved(_)
        | Event::WebhookSecretRotated(_)
        | Event::WebhookTested(_)
        | Event::WebhookReplayed(_) => None,
    }
}
