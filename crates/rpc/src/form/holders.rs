//! Holders, their verification, their documents and their erasure.

use ledger::erasure::EraseHolder;
use ledger::holders::{
    AddDocument, ChangeHolder, CreateHolder, RecordVerification, StartVerification, Verification,
};

records! {
    CreateHolder { profile }
    ChangeHolder { holder before profile }
    StartVerification { holder }
    RecordVerification { holder verification }
    Verification { status required reason }
    AddDocument { holder kind content }
    EraseHolder { holder approval }
}
