use std::collections::BTreeSet;

use ledger::{Command, Rejection, Request};
use proptest::prelude::*;
use prost::Message;

use super::{outcome, read_outcome, read_request, request};
use crate::proto;
use crate::{Answer, Refusal};

mod samples;
mod wire;

fn read(bytes: &[u8]) -> Option<Request> {
    let message = proto::Request::decode(bytes).ok()?;
    (message.encoded_len() == bytes.len()).then_some(())?;
    read_request(&Some(message)).ok()
}

fn read_result(bytes: &[u8]) -> Option<Result<Answer, Refusal>> {
    let message = proto::Outcome::decode(bytes).ok()?;
    (message.encoded_len() == bytes.len()).then_some(())?;
    read_outcome(&Some(message)).ok()
}

/// Refusals and answers have no equality of their own.
fn is_same(one: &Result<Answer, Refusal>, other: &Result<Answer, Refusal>) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// The names of a list's members, and which one a value is.
macro_rules! kinds {
    ($list:ident: $($name:ident)*) => {
        pub(super) fn kind(value: &$list) -> &'static str {
            match value {
                $($list::$name { .. } => stringify!($name),)*
            }
        }

        /// Each name stands here because the match would not compile without it.
        fn all() -> BTreeSet<&'static str> {
            [$(stringify!($name)),*].into()
        }
    };
}

/// What is left out here stays in the vault when the command is refused.
#[test]
fn a_command_says_all_that_the_vault_was_given_for_it() {
    let mut count = 0;
    for command in samples::commands() {
        let given = format!("{command:?}").matches("Sealed {").count();
        assert_eq!(command.sealed().len(), given, "{command:?}");
        count += given;
    }
    assert!(8 <= count, "{count}");
}

mod commands {
    use super::*;

    kinds! {
        Command:
        OpenBook RecoverJournal CreateKey RevokeKey AdvanceClock CreateHolder ChangeHolder
        StartVerification RecordVerification AddDocument EraseHolder ConfirmDeposit ReverseDeposit
        CreateWallet OpenVirtualAccount ConfirmWalletDeposit ConfirmBankDeposit CreateTransfer
        AdvanceTransfer ConvertTreasury CreateLedger ChangeLedger TransferBetweenLedgers
        PostJournal ReverseJournal RegisterAgent ChangeAgent ChangeAgentPolicy CreateCard
        ChangeCard ChangeCardLimits DeclareIntent ApproveIntent RejectIntent CancelIntent
        ExpireIntent Attest Authorize Increment Confirm Reverse ExpireAuthorization Clear
        ForceClear Correct Refund ReverseRefund RecordUnlinkedRefund ReleaseRefund
        RecordPresentment AssignPresentment WriteOffPresentment SettleNetwork RegisterWebhook
        ChangeWebhook RemoveWebhook RotateWebhookSecret TestWebhook ReplayWebhook
    }

    #[test]
    fn every_command_has_a_sample() {
        let sampled: BTreeSet<_> = samples::commands().iter().map(kind).collect();
        assert_eq!(sampled, all());
    }
}

mod rejections {
    use super::*;

    kinds! {
        Rejection:
        BookIsOpen NotASandbox UnknownKey KeyIsRevoked UnknownHolder UnknownAgent UnknownCard
        UnknownIntent UnknownTransaction HolderNotApproved HolderErased ProfileChanged
        HolderNotSettled VerificationClosed AgentSuspended TooManyCards CardNotActive CardExpired
        TooManyWallets IntentRequired TooManyIntents DetailsTooOften NotPending ExceedsHold
        ExceedsCleared InsufficientFunds ExceedsRefunded NotAPurchase NotUnderReview
        CurrencyNotSupported NothingToSettle IntentAwaitsApproval IntentAwaitsNothing UnknownWallet
        UnknownVirtualAccount TransferIs SameAsset UnknownLedger LedgerCodeTaken LedgerNotActive
        LedgerNotEmpty SameLedger DifferentAssets DifferentSides LedgerInsufficientFunds
        JournalUnbalanced JournalLength UnknownJournal JournalReversed JournalIsReversal NoSuchLine
        ExceedsLine NotAToken NotACurrency NotACoin NothingLeftAfterFee NotDue AmountOutOfRange
        UnknownWebhook TooManyWebhooks ForeignTopic WebhookDisabled NoSuchPosition
        IdTaken CallerIsRevoked
    }

    #[test]
    fn every_rejection_has_a_sample() {
        let sampled: BTreeSet<_> = samples::rejections().iter().map(kind).collect();
        assert_eq!(sampled, all());
    }
}

#[test]
fn every_command_is_read_back() {
    for command in samples::commands() {
        let sample = samples::request(command);
        assert_eq!(read(&request(&sample).encode_to_vec()), Some(sample));
    }
}

#[test]
fn what_the_ledger_asks_by_itself_has_no_origin() {
    let sample = samples::request(samples::commands().remove(0));
    let sample = Request { origin: ledger::Origin::LEDGER, ..sample };
    let message = request(&sample);
    assert_eq!(message.origin, None);
    assert_eq!(read(&message.encode_to_vec()), Some(sample));
}

#[test]
fn every_outcome_is_read_back() {
    for sample in samples::outcomes() {
        let back = read_result(&outcome(&sample).encode_to_vec()).expect("it was just written");
        assert!(is_same(&back, &sample), "{back:?} is not {sample:?}");
    }
}

#[test]
fn what_is_left_out_or_cut_off_is_never_overlooked() {
    for command in samples::commands() {
        let sample = samples::request(command);
        for changed in wire::changes(&request(&sample).encode_to_vec()) {
            assert_ne!(read(&changed).as_ref(), Some(&sample));
        }
    }
    for sample in samples::outcomes() {
        for changed in wire::changes(&outcome(&sample).encode_to_vec()) {
            let back = read_result(&changed);
            assert!(back.is_none_or(|back| !is_same(&back, &sample)), "of {sample:?}");
        }
    }
}

#[test]
fn a_field_that_must_be_there_is_named_when_it_is_missing() {
    let commands = samples::commands();
    let named = |change: fn(&mut proto::Request)| -> BTreeSet<String> {
        let errors = commands.iter().filter_map(|command| {
            let mut message = request(&samples::request(command.clone()));
            change(&mut message);
            Some(read_request(&Some(message)).err()?.to_string())
        });
        errors.collect()
    };
    let missing =
        |field| BTreeSet::from([format!("`{field}` is missing or has a value that it can't have")]);
    assert_eq!(named(|message| message.id = message.id.slice(1..)), missing("id"));
    assert_eq!(named(|message| message.command = None), missing("command"));
    assert_eq!(named(|message| message.origin.as_mut().unwrap().route = 1 << 16), missing("route"));
    let newer = BTreeSet::from(["`command` has a value that this version does not know".into()]);
    assert_eq!(named(|message| message.command.as_mut().unwrap().kind = None), newer);
    assert_eq!(read_request(&None).unwrap_err().to_string(), *missing("request").first().unwrap());
}

#[test]
fn a_card_s_number_is_what_the_journal_takes() {
    let sample = samples::commands().into_iter().find(|c| matches!(c, Command::CreateCard(_)));
    let sample = request(&samples::request(sample.unwrap()));
    let with = |change: fn(&mut proto::CardNumber)| {
        let mut message = sample.clone();
        let kind = message.command.as_mut().unwrap().kind.as_mut().unwrap();
        let proto::command::Kind::CreateCard(card) = kind else { panic!("it creates a card") };
        change(card.number.as_mut().unwrap());
        read_request(&Some(message)).is_ok()
    };
    assert!(with(|_| {}));
    assert!(!with(|number| number.last4 = "424x".into()));
    assert!(!with(|number| number.expiry_month = 13));
    assert!(!with(|number| number.expiry_month = 0));
    assert!(!with(|number| number.expiry_year = 1969));
}

#[test]
fn the_bytes_of_a_released_command_stay() {
    let bytes = |command: &str| {
        let of = |c: &Command| commands::kind(c) == command;
        let sample = samples::commands().into_iter().find(of).unwrap();
        let bytes = request(&samples::request(sample)).encode_to_vec();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let head = format!(
        "0a10{}123808111210{}1a10{}2210{}",
        "32".repeat(16),
        "33".repeat(16),
        "34".repeat(16),
        "35".repeat(16)
    );
    assert_eq!(bytes("AdvanceClock"), format!("{head}1a08a201050880b89929"));
    assert_eq!(
        bytes("Increment"),
        format!("{head}1a2c1a2a0a10{}1204080510071a10{}", "09".repeat(16), "0c".repeat(16))
    );
    assert_eq!(bytes("StartVerification"), format!("{head}1a15ba01120a10{}", "01".repeat(16)));
}

proptest! {
    #[test]
    fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read_result(&bytes);
    }

    #[test]
    fn a_changed_byte_is_survived(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let commands = samples::commands();
        let mut bytes = request(&samples::request(which.get(&commands).clone())).encode_to_vec();
        *at.get_mut(&mut bytes[..]) = byte;
        if let Some(request) = read(&bytes) {
            // What is read is what is sent on.
            prop_assert_eq!(read(&super::request(&request).encode_to_vec()), Some(request));
        }
        let outcomes = samples::outcomes();
        let mut bytes = outcome(which.get(&outcomes)).encode_to_vec();
        *at.get_mut(&mut bytes[..]) = byte;
        let _ = read_result(&bytes);
    }
}
