//! People who hold money, and what is known of who they are.

use std::collections::BTreeMap;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects, Lines};
use crate::{
    Account, Amount, Asset, CommandId, DocumentId, Event, HolderId, Money, Rejection, Sealed,
    Timestamp, TransactionId,
};

/// Adds a person. Name and contact are in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateHolder {
    /// Name and contact.
    pub profile: Sealed,
}

/// A person can be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderCreated {
    /// The new id.
    pub holder: HolderId,
    /// Name and contact.
    pub profile: Sealed,
}

/// Gives a person another name or contact. It lies in the vault under the same subject as the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHolder {
    /// Whose.
    pub holder: HolderId,
    /// The vault's reference of the name and contact from which this was made: what was changed meanwhile is not undone.
    pub before: [u8; 16],
    /// Name and contact from now on.
    pub profile: Sealed,
}

/// A person has another name or contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderChanged {
    /// Whose.
    pub holder: HolderId,
    /// Name and contact from now on.
    pub profile: Sealed,
    /// Where the verification stood, as it is part of the answer.
    pub status: VerificationStatus,
    /// Where it stood before the lock, with [`VerificationStatus::Locked`].
    pub before_lock: Option<VerificationStatus>,
}

/// Asks for a person's verification to begin, or for its link once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartVerification {
    /// Whose.
    pub holder: HolderId,
}

/// The identity provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVerification {
    /// Whose.
    pub holder: HolderId,
    /// What it is now.
    pub verification: Verification,
}

/// Where a verification stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Verification {
    /// Its status.
    pub status: VerificationStatus,
    /// The documents that are wanted, with [`VerificationStatus::NeedsInformation`].
    pub required: Vec<DocumentKind>,
    /// Why, with [`VerificationStatus::Denied`].
    pub reason: Option<DenialReason>,
}

/// The steps of a verification.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
pub enum VerificationStatus {
    /// Nothing was asked yet.
    #[default]
    NotStarted,
    /// The person is at it, or the provider is.
    Pending,
    /// Documents are wanted.
    NeedsInformation,
    /// It must be done again.
    NeedsVerification,
    /// A human looks at it.
    ManualReview,
    /// The person may hold and spend money.
    Approved,
    /// The person may not. Only an appeal, which the provider decides, changes that.
    Denied,
    /// The person may not for now.
    Locked,
}

impl fmt::Display for VerificationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotStarted => "notStarted",
            Self::Pending => "pending",
            Self::NeedsInformation => "needsInformation",
            Self::NeedsVerification => "needsVerification",
            Self::ManualReview => "manualReview",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Locked => "locked",
        })
    }
}

/// A document that a verification may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum DocumentKind {
    /// A utility bill, a bank statement.
    ProofOfAddress,
    /// The front of a passport, an identity card, a driver's licence.
    GovernmentIdFront,
    /// The back of it.
    GovernmentIdBack,
    /// A picture of the face.
    Selfie,
    /// Where the money comes from.
    SourceOfFunds,
}

/// Why a verification was denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum DenialReason {
    /// Identity could not be verified.
    IdentityNotVerified,
    /// A document appears fraudulent.
    DocumentFraudulent,
    /// A sanctions list matches.
    SanctionsMatch,
    /// The jurisdiction is one of high risk.
    HighRiskJurisdiction,
}

/// A verification stands elsewhere, or was asked for once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationChanged {
    /// Whose.
    pub holder: HolderId,
    /// Where it stands now.
    pub verification: Verification,
}

/// Hands in a document. Its content is in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddDocument {
    /// Whose.
    pub holder: HolderId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its content.
    pub content: Sealed,
}

/// A document was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentAdded {
    /// The new id.
    pub document: DocumentId,
    /// Whose.
    pub holder: HolderId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its content.
    pub content: Sealed,
}

/// What the rules need to know of a person.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Holder {
    pub(crate) profile: Sealed,
    pub(crate) verification: Verification,
    /// The status that a lock has covered, as long as it lasts.
    before_lock: Option<VerificationStatus>,
    /// Deposits that wait for approval, with who will hold them: the person, or a wallet.
    pub(crate) waiting: BTreeMap<TransactionId, (HolderId, Money)>,
    pub(crate) wallets: u32,
    pub(crate) is_erased: bool,
}

impl Holder {
    pub(crate) fn new(created: &HolderCreated) -> Self {
        Self {
            profile: created.profile,
            verification: Verification::default(),
            before_lock: None,
            waiting: BTreeMap::new(),
            wallets: 0,
            is_erased: false,
        }
    }

    /// Approval lets go of what has waited.
    pub(crate) fn verify(&mut self, verification: Verification) {
        let is_locked = verification.status == VerificationStatus::Locked;
        self.before_lock = is_locked.then(|| self.before_lock.unwrap_or(self.verification.status));
        if verification.status == VerificationStatus::Approved {
            self.waiting.clear();
        }
        self.verification = verification;
    }
}

impl Book {
    pub(crate) fn holder(&self, holder: HolderId) -> Result<&Holder, Rejection> {
        self.holders.get(holder).ok_or(Rejection::UnknownHolder(holder))
    }

    pub(crate) fn require_approved(&self, holder: HolderId) -> Result<(), Rejection> {
        match self.holder(holder)?.verification.status {
            VerificationStatus::Approved => Ok(()),
            status => Err(Rejection::HolderNotApproved { status }),
        }
    }

    pub(crate) fn create_holder(
        &self,
        command: &CreateHolder,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let holder = HolderId::derive(now, id, 0);
        let profile = command.profile;
        Ok(Effects::memo([Event::HolderCreated(HolderCreated { holder, profile })]))
    }

    pub(crate) fn change_holder(&self, command: &ChangeHolder) -> Result<Effects, Rejection> {
        let ChangeHolder { holder, before, profile } = *command;
        let known = self.holder(holder)?;
        if known.profile.reference != before {
            return Err(Rejection::ProfileChanged);
        }
        let (status, before_lock) = (known.verification.status, known.before_lock);
        let changed = HolderChanged { holder, profile, status, before_lock };
        Ok(Effects::memo([Event::HolderChanged(changed)]))
    }

    pub(crate) fn start_verification(
        &self,
        command: &StartVerification,
    ) -> Result<Effects, Rejection> {
        let mut verification = self.holder(command.holder)?.verification.clone();
        match verification.status {
            VerificationStatus::NotStarted | VerificationStatus::NeedsVerification => {
                verification.status = VerificationStatus::Pending;
            }
            VerificationStatus::Pending
            | VerificationStatus::NeedsInformation
            | VerificationStatus::ManualReview => {}
            status @ (VerificationStatus::Approved
            | VerificationStatus::Denied
            | VerificationStatus::Locked) => {
                return Err(Rejection::VerificationClosed { status });
            }
        }
        Ok(Effects::memo([verification_changed(command.holder, verification)]))
    }

    /// Approval releases what has come in while the person waited.
    pub(crate) fn record_verification(
        &self,
        command: &RecordVerification,
    ) -> Result<Effects, Rejection> {
        let holder = self.holder(command.holder)?;
        let mut released: BTreeMap<(HolderId, Asset), Amount> = BTreeMap::new();
        if command.verification.status == VerificationStatus::Approved {
            for (owner, money) in holder.waiting.values() {
                *released.entry((*owner, money.asset)).or_default() += money.amount;
            }
        }
        let lines = released.into_iter().map(|((owner, asset), amount)| {
            let incoming = Lines::of(asset).debit(Account::Incoming(owner), amount);
            incoming.extend(self.repayment(owner, asset, amount))
        });
        let postings = lines.fold(Lines::of(Asset::Usd), Lines::extend).balanced();
        let changed = verification_changed(command.holder, command.verification.clone());
        Ok(Effects { events: vec![changed], postings })
    }

    /// The last wanted document puts the verification back into the provider's hands.
    pub(crate) fn add_document(
        &self,
        command: &AddDocument,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let mut verification = self.holder(command.holder)?.verification.clone();
        let status = verification.status;
        if !matches!(
            status,
            VerificationStatus::Pending
                | VerificationStatus::NeedsInformation
                | VerificationStatus::NeedsVerification
                | VerificationStatus::ManualReview
        ) {
            return Err(Rejection::VerificationClosed { status });
        }
        let mut events = vec![Event::DocumentAdded(DocumentAdded {
            document: DocumentId::derive(now, id, 0),
            holder: command.holder,
            kind: command.kind,
            content: command.content,
        })];
        if verification.required.contains(&command.kind) {
            verification.required.retain(|kind| *kind != command.kind);
            if verification.required.is_empty() {
                verification.status = VerificationStatus::Pending;
            }
            events.push(verification_changed(command.holder, verification));
        }
        Ok(Effects::memo(events))
    }
}

fn verification_changed(holder: HolderId, verification: Verification) -> Event {
    Event::VerificationChanged(VerificationChanged { holder, verification })
}
