//! Signatures, by which who is told can see that it was us.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ledger::keys::Family;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What secrets begin with; base 64 follows.
const PREFIX: &str = "whsec_";

/// Secrets that are valid at a time, the newest first. They are overwritten in memory when they are let go.
pub(crate) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    /// `None` when one of them is none that a webhook was ever given.
    pub(crate) fn new(secrets: Vec<Zeroizing<String>>) -> Option<Self> {
        secrets.iter().all(|secret| key(secret).is_some()).then_some(Self(secrets))
    }

    /// The headers that a message bears, in the dialect of a surface.
    pub(crate) fn headers(
        &self,
        family: Family,
        id: &str,
        topic: &str,
        at_seconds: u64,
        body: &str,
    ) -> Vec<(&'static str, String)> {
        match family {
            Family::LedgerApi => vec![
                ("x-ledger-event-id", id.to_owned()),
                ("x-ledger-event-type", topic.to_owned()),
                ("x-ledger-signature", self.ledger_api(at_seconds, body)),
            ],
            Family::LedgerOs => {
                let signature = self.standard(id, at_seconds, body);
                vec![
                    ("webhook-id", id.to_owned()),
                    ("webhook-timestamp", at_seconds.to_string()),
                    ("webhook-signature", signature.clone()),
                    ("svix-id", id.to_owned()),
                    ("svix-timestamp", at_seconds.to_string()),
                    ("svix-signature", signature),
                ]
            }
        }
    }

    /// `t=<seconds>,v1=<hex>`: HMAC-SHA256 of `t.body` under the secret as it was shown. A second `v1` for a second secret.
    fn ledger_api(&self, at_seconds: u64, body: &str) -> String {
        let mut text = format!("t={at_seconds}");
        for secret in &self.0 {
            text += ",v1=";
            for byte in mac(secret.as_bytes(), &[&at_seconds.to_string(), ".", body]) {
                write!(text, "{byte:02x}").expect("a text takes what is written");
            }
        }
        text
    }

    /// Standard Webhooks: `v1,<base 64>` for each secret, with spaces between, under the bytes that the secret stands for.
    fn standard(&self, id: &str, at_seconds: u64, body: &str) -> String {
        let parts = [id, ".", &at_seconds.to_string(), ".", body];
        let signed = self.0.iter().map(|secret| {
            let key = key(secret).expect("it was looked at when it was taken");
            format!("v1,{}", STANDARD.encode(mac(&key, &parts)))
        });
        signed.collect::<Vec<_>>().join(" ")
    }
}

/// The bytes that a secret stands for.
fn key(secret: &str) -> Option<Zeroizing<Vec<u8>>> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok().map(Zeroizing::new)?;
    (!key.is_empty()).then_some(key)
}

fn mac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use standardwebhooks::Webhook;

    use super::*;

    const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NEW: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const BODY: &str = r#"{"id":"evt_1","type":"user.approved"}"#;

    fn secrets(secrets: &[&str]) -> Secrets {
        let owned = secrets.iter().map(|secret| Zeroizing::new((*secret).to_owned()));
        Secrets::new(owned.collect()).unwrap()
    }

    #[test]
    fn standard_webhooks_verifies_each_secret_of_a_rotation() {
        // It refuses what is not of now.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let headers = secrets(&[NEW, OLD]).headers(
            Family::LedgerOs,
            "evt_1",
            "user.approved",
            now.as_secs(),
            BODY,
        );
        let mut map = hyper::HeaderMap::new();
        for (name, value) in &headers {
            map.insert(*name, value.parse().unwrap());
        }
        for secret in [OLD, NEW] {
            Webhook::new(secret).unwrap().verify(BODY.as_bytes(), &map).unwrap();
            assert!(Webhook::new(secret).unwrap().verify(b"{}", &map).is_err());
        }
        let other = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx").unwrap();
        assert!(other.verify(BODY.as_bytes(), &map).is_err());
        for (standard, svix) in
            [("id", "id"), ("timestamp", "timestamp"), ("signature", "signature")]
        {
            assert_eq!(map[&format!("webhook-{standard}")], map[&format!("svix-{svix}")]);
        }
    }

    #[test]
    fn the_ledger_apis_signature_is_what_openssl_computes() {
        // printf '%s' '1700000000.{"id":"evt_1","type":"user.approved"}' |
        //     openssl dgst -sha256 -hmac 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
        let old = "75943b256f4cd54080180ec02688a7a39bbe3692de3a4f887031447b9766b9f9";
        let new = "63697ad9759102ee5a10994b760e0d4d0674c01d8af5da70aa295f4017f237b2";
        let headers = |secrets: &Secrets| {
            let (id, topic) = ("evt_1", "user.approved");
            secrets.headers(Family::LedgerApi, id, topic, 1_700_000_000, BODY)
        };
        assert_eq!(
            headers(&secrets(&[OLD])),
            [
                ("x-ledger-event-id", "evt_1".to_owned()),
                ("x-ledger-event-type", "user.approved".to_owned()),
                ("x-ledger-signature", format!("t=1700000000,v1={old}")),
            ],
        );
        let both = headers(&secrets(&[NEW, OLD]));
        assert_eq!(both[2].1, format!("t=1700000000,v1={new},v1={old}"));
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for secret in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*"] {
            let secrets = Secrets::new(vec![Zeroizing::new(secret.to_owned())]);
            assert!(secrets.is_none(), "{secret}");
        }
    }
}
