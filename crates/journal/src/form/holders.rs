//! Holders, their verification, their documents and their erasure.

use ledger::erasure::HolderErased;
use ledger::holders::{
    DocumentAdded, HolderChanged, HolderCreated, Verification, VerificationChanged,
};
use ledger::{DocumentId, HolderId};

use super::Undecodable;
use super::fields::{approval, array, bytes, some};
use super::words::Word;
use crate::proto;

impl From<&HolderCreated> for proto::HolderCreated {
    fn from(event: &HolderCreated) -> Self {
        Self { holder: bytes(&event.holder.0), profile: Some(event.profile.into()) }
    }
}

impl TryFrom<&proto::HolderCreated> for HolderCreated {
    type Error = Undecodable;

    fn try_from(message: &proto::HolderCreated) -> Result<Self, Undecodable> {
        Ok(Self {
            holder: HolderId(array(&message.holder, "holder")?),
            profile: some(&message.profile, "profile")?.try_into()?,
        })
    }
}

impl From<&HolderChanged> for proto::HolderChanged {
    fn from(event: &HolderChanged) -> Self {
        Self {
            holder: bytes(&event.holder.0),
            profile: Some(event.profile.into()),
            status: event.status.number(),
            before_lock: event.before_lock.map(Word::number),
        }
    }
}

impl TryFrom<&proto::HolderChanged> for HolderChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::HolderChanged) -> Result<Self, Undecodable> {
        let before_lock = message.before_lock.map(|status| Word::read(status, "before_lock"));
        Ok(Self {
            holder: HolderId(array(&message.holder, "holder")?),
            profile: some(&message.profile, "profile")?.try_into()?,
            status: Word::read(message.status, "status")?,
            before_lock: before_lock.transpose()?,
        })
    }
}

impl From<&VerificationChanged> for proto::VerificationChanged {
    fn from(event: &VerificationChanged) -> Self {
        let Verification { status, required, reason } = &event.verification;
        Self {
            holder: bytes(&event.holder.0),
            status: status.number(),
            required: required.iter().map(|kind| kind.number()).collect(),
            reason: reason.map(Word::number),
        }
    }
}

impl TryFrom<&proto::VerificationChanged> for VerificationChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::VerificationChanged) -> Result<Self, Undecodable> {
        let required = message.required.iter().map(|kind| Word::read(*kind, "required"));
        Ok(Self {
            holder: HolderId(array(&message.holder, "holder")?),
            verification: Verification {
                status: Word::read(message.status, "status")?,
                required: required.collect::<Result<_, _>>()?,
                reason: message.reason.map(|reason| Word::read(reason, "reason")).transpose()?,
            },
        })
    }
}

impl From<&DocumentAdded> for proto::DocumentAdded {
    fn from(event: &DocumentAdded) -> Self {
        Self {
            document: bytes(&event.document.0),
            holder: bytes(&event.holder.0),
            kind: event.kind.number(),
            content: Some(event.content.into()),
        }
    }
}

impl TryFrom<&proto::DocumentAdded> for DocumentAdded {
    type Error = Undecodable;

    fn try_from(message: &proto::DocumentAdded) -> Result<Self, Undecodable> {
        Ok(Self {
            document: DocumentId(array(&message.document, "document")?),
            holder: HolderId(array(&message.holder, "holder")?),
            kind: Word::read(message.kind, "kind")?,
            content: some(&message.content, "content")?.try_into()?,
        })
    }
}

impl From<&HolderErased> for proto::HolderErased {
    fn from(event: &HolderErased) -> Self {
        Self {
            holder: bytes(&event.holder.0),
            subjects: event.subjects.iter().map(bytes).collect(),
            approval: event.approval.as_str().to_owned(),
        }
    }
}

impl TryFrom<&proto::HolderErased> for HolderErased {
    type Error = Undecodable;

    fn try_from(message: &proto::HolderErased) -> Result<Self, Undecodable> {
        let subjects = message.subjects.iter().map(|subject| array(subject, "subjects"));
        Ok(Self {
            holder: HolderId(array(&message.holder, "holder")?),
            subjects: subjects.collect::<Result<_, _>>()?,
            approval: approval(&message.approval, "approval")?,
        })
    }
}
