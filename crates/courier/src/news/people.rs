//! People, and the wallets and accounts that they have.

use ledger::HolderId;
use ledger::holders::{HolderChanged, HolderCreated, VerificationChanged, VerificationStatus};
use ledger::id::encode;
use ledger::keys::Family::{LedgerApi, LedgerOs};
use ledger::wallets::{VirtualAccountOpened, WalletCreated};
use ledger::webhooks::Topic;
use serde::Serialize;

use super::{News, Teller, words};
use crate::Error;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomerData {
    customer_id: String,
    status: &'static str,
    kyc_status: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserData {
    user_id: String,
    application_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_fields: Option<Vec<&'static str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WalletData {
    wallet_id: String,
    customer_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VirtualAccountData {
    virtual_account_id: String,
    wallet_id: String,
    customer_id: String,
    source_currency: String,
}

/// What the Ledger API calls a person.
pub(super) fn customer(holder: HolderId) -> String {
    format!("cus_{}", encode(holder.0))
}

impl Teller<'_, '_, '_> {
    pub(super) fn holder_created(&mut self, event: &HolderCreated) -> Result<(), Error> {
        self.say_customer(Topic::CustomerCreated, event.holder, VerificationStatus::NotStarted)
    }

    /// The event says where the verification stood.
    pub(super) fn holder_changed(&mut self, event: &HolderChanged) {
        let kyc = event.before_lock.unwrap_or(event.status);
        let customer_id = customer(event.holder);
        let data = CustomerData {
            customer_id: customer_id.clone(),
            status: words::customer_status(event.status),
            kyc_status: words::kyc_status(kyc).expect("a lock is not before a lock").to_owned(),
        };
        self.say(LedgerApi, Topic::CustomerUpdated, customer_id, &data);
    }

    pub(super) fn verification_changed(
        &mut self,
        event: &VerificationChanged,
    ) -> Result<(), Error> {
        let (holder, status) = (event.holder, event.verification.status);
        self.say_customer(Topic::CustomerUpdated, holder, status)?;

        let user_id = holder.to_string();
        let data = |application_status| UserData {
            user_id: user_id.clone(),
            application_status,
            reason: None,
            required_fields: None,
        };
        match status {
            VerificationStatus::Approved => {
                let data = data("approved");
                for topic in [Topic::UserApplicationApproved, Topic::UserApproved] {
                    self.say(LedgerOs, topic, user_id.clone(), &data);
                }
                self.release(holder)?;
            }
            VerificationStatus::Denied => {
                let reason = event.verification.reason.map(words::denial);
                let data = UserData { reason, ..data("denied") };
                self.say(LedgerOs, Topic::UserApplicationDenied, user_id.clone(), &data);
            }
            VerificationStatus::NeedsInformation => {
                let required = event.verification.required.iter().copied();
                let required_fields = Some(required.map(words::document).collect());
                let data = UserData { required_fields, ..data("needsInformation") };
                self.say(LedgerOs, Topic::UserApplicationNeedsInfo, user_id.clone(), &data);
            }
            VerificationStatus::NeedsVerification => {
                let data = UserData { required_fields: Some(vec![]), ..data("needsVerification") };
                self.say(LedgerOs, Topic::UserApplicationNeedsInfo, user_id.clone(), &data);
            }
            VerificationStatus::NotStarted
            | VerificationStatus::Pending
            | VerificationStatus::ManualReview
            | VerificationStatus::Locked => {}
        }
        Ok(())
    }

    pub(super) fn wallet_created(&mut self, event: &WalletCreated) {
        self.say_wallet(Topic::WalletCreated, event.wallet.to_string(), customer(event.holder));
    }

    pub(super) fn virtual_account_opened(&mut self, event: &VirtualAccountOpened) {
        let VirtualAccountOpened { account, holder, wallet, currency } = *event;
        let data = VirtualAccountData {
            virtual_account_id: account.to_string(),
            wallet_id: wallet.to_string(),
            customer_id: customer(holder),
            source_currency: currency.code().to_ascii_lowercase(),
        };
        self.say(LedgerApi, Topic::VirtualAccountCreated, account.to_string(), &data);
    }

    /// What a wallet holds has changed. Several deposits that an approval releases change it once.
    pub(super) fn wallet_updated(&mut self, wallet_id: &str, customer_id: &str) {
        let told = |news: &News| news.topic == Topic::WalletUpdated && news.resource == wallet_id;
        if !self.news.iter().any(told) {
            self.say_wallet(Topic::WalletUpdated, wallet_id.to_owned(), customer_id.to_owned());
        }
    }

    fn say_wallet(&mut self, topic: Topic, wallet_id: String, customer_id: String) {
        let data = WalletData { wallet_id: wallet_id.clone(), customer_id };
        self.say(LedgerApi, topic, wallet_id, &data);
    }

    fn say_customer(
        &mut self,
        topic: Topic,
        holder: HolderId,
        status: VerificationStatus,
    ) -> Result<(), Error> {
        let customer_id = customer(holder);
        let kyc = words::kyc_status(status);
        let data = CustomerData {
            status: words::customer_status(status),
            kyc_status: self.facts.status(&customer_id, self.entry.position, kyc)?,
            customer_id: customer_id.clone(),
        };
        self.say(LedgerApi, topic, customer_id, &data);
        Ok(())
    }
}
