//! Card transactions: what has cleared, and what comes back.

use ledger::authorizations::Purchased;
use ledger::clearings::*;
use ledger::presentments::*;
use ledger::refunds::*;
use ledger::settlement::NetworkSettled;

use super::transactions::foreign_terms;
use super::*;

pub(super) fn all() -> Vec<Sample> {
    let (holder, agent, card, transaction) = (HOLDER, AGENT, CARD, TRANSACTION);
    let available = Account::Available(holder);
    let payable = Account::NetworkPayable(Scheme::Visa);
    let receivable = Account::NetworkReceivable(Scheme::Visa);
    let interchange = Account::Income(Income::Interchange);
    let foreign_fees = Account::Income(Income::ForeignExchange);
    vec![
        entry(
            "purchased",
            Event::Purchased(Purchased {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                approved: Amount(2_999),
                fee: Amount::ZERO,
                intent: None,
                attestation: None,
            }),
            pair(available, payable, Asset::Usd, 2_999),
        ),
        entry(
            "purchased_with_part",
            Event::Purchased(Purchased {
                transaction,
                card,
                agent,
                holder,
                terms: foreign_terms(),
                approved: Amount(2_000),
                fee: Amount(20),
                intent: Some(INTENT),
                attestation: Some(ATTESTATION),
            }),
            vec![
                posting(Side::Debit, Account::Reserved(holder, INTENT), Asset::Usd, 2_020),
                posting(Side::Credit, payable, Asset::Usd, 2_000),
                posting(Side::Credit, foreign_fees, Asset::Usd, 20),
            ],
        ),
        entry(
            "cleared",
            Event::Cleared(Cleared {
                transaction,
                amount: Amount(u128::MAX),
                fee: Amount::ZERO,
                from_hold: Amount(1 << 64),
                released: Amount::ZERO,
                is_final: true,
                is_late: true,
                network_id: None,
            }),
            vec![
                posting(Side::Debit, Account::Incoming(holder), Asset::Usd, u128::MAX),
                posting(Side::Credit, Account::NetworkPayable(Scheme::Visa), Asset::Usd, u128::MAX),
            ],
        ),
        entry(
            "cleared_with_fee",
            Event::Cleared(Cleared {
                transaction,
                amount: Amount(2_999),
                fee: Amount(29),
                from_hold: Amount(3_028),
                released: Amount(2),
                is_final: true,
                is_late: false,
                network_id: Some(NETWORK_ID),
            }),
            vec![
                posting(Side::Debit, Account::Held(holder, transaction), Asset::Usd, 3_030),
                posting(Side::Credit, payable, Asset::Usd, 2_999),
                posting(Side::Credit, foreign_fees, Asset::Usd, 29),
                posting(Side::Credit, available, Asset::Usd, 2),
            ],
        ),
        entry(
            "force_cleared",
            Event::ForceCleared(ForceCleared {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                fee: Amount::ZERO,
                awaits: None,
            }),
            pair(available, payable, Asset::Usd, 2_999),
        ),
        entry(
            "force_cleared_with_fee",
            Event::ForceCleared(ForceCleared {
                transaction,
                card,
                agent,
                holder,
                terms: foreign_terms(),
                fee: Amount(29),
                awaits: Some([0x55; 16]),
            }),
            vec![
                posting(Side::Debit, available, Asset::Usd, 3_028),
                posting(Side::Credit, payable, Asset::Usd, 2_999),
                posting(Side::Credit, foreign_fees, Asset::Usd, 29),
            ],
        ),
        entry(
            "corrected",
            Event::Corrected(Corrected {
                transaction,
                amount: Amount(1_000),
                unsettled: Amount(400),
                network_id: Some(NETWORK_ID),
            }),
            vec![
                posting(Side::Debit, payable, Asset::Usd, 400),
                posting(Side::Debit, receivable, Asset::Usd, 600),
                posting(Side::Credit, available, Asset::Usd, 1_000),
            ],
        ),
        entry(
            "presentment_suspended",
            Event::PresentmentSuspended(PresentmentSuspended { transaction, terms: terms() }),
            pair(Account::Presentments, payable, Asset::Usd, 2_999),
        ),
        entry(
            "presentment_assigned",
            Event::PresentmentAssigned(PresentmentAssigned {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
            }),
            pair(available, Account::Presentments, Asset::Usd, 2_999),
        ),
        entry(
            "presentment_written_off",
            Event::PresentmentWrittenOff(PresentmentWrittenOff {
                transaction,
                amount: Amount(2_999),
            }),
            pair(
                Account::Expense(Expense::PresentmentLosses),
                Account::Presentments,
                Asset::Usd,
                2_999,
            ),
        ),
        entry(
            "network_settled",
            Event::NetworkSettled(NetworkSettled {
                scheme: Scheme::Visa,
                day: Timestamp::from_millis(1_799_971_200_000),
                paid: Amount(100_000),
                collected: Amount(20_000),
                interchange: Amount(1_500),
                interchange_returned: Amount(300),
                fees: Amount(250),
            }),
            vec![
                posting(Side::Debit, payable, Asset::Usd, 100_000),
                posting(Side::Debit, Account::Expense(Expense::NetworkFees), Asset::Usd, 250),
                posting(Side::Debit, interchange, Asset::Usd, 300),
                posting(Side::Credit, receivable, Asset::Usd, 20_000),
                posting(Side::Credit, Account::Bank, Asset::Usd, 79_050),
                posting(Side::Credit, interchange, Asset::Usd, 1_500),
            ],
        ),
        entry(
            "refunded",
            Event::Refunded(Refunded { transaction, amount: Amount(2_999), network_id: None }),
            vec![
                posting(Side::Debit, Account::NetworkReceivable(Scheme::Visa), Asset::Usd, 2_999),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 2_999),
            ],
        ),
        entry(
            "refunded_with_network_id",
            Event::Refunded(Refunded {
                transaction,
                amount: Amount(2_999),
                network_id: Some(NETWORK_ID),
            }),
            pair(receivable, Account::Overdrawn(holder), Asset::Usd, 2_999),
        ),
        entry(
            "refund_reversed",
            Event::RefundReversed(RefundReversed {
                transaction,
                amount: Amount(1_000),
                uncollected: Amount(300),
                network_id: Some(NETWORK_ID),
            }),
            vec![
                posting(Side::Debit, available, Asset::Usd, 1_000),
                posting(Side::Credit, receivable, Asset::Usd, 300),
                posting(Side::Credit, payable, Asset::Usd, 700),
            ],
        ),
        entry(
            "unlinked_refund_received",
            Event::UnlinkedRefundReceived(UnlinkedRefundReceived {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
            }),
            pair(receivable, Account::Incoming(holder), Asset::Usd, 2_999),
        ),
        entry(
            "refund_released",
            Event::RefundReleased(RefundReleased { transaction, amount: Amount(2_999) }),
            pair(Account::Incoming(holder), available, Asset::Usd, 2_999),
        ),
    ]
}
