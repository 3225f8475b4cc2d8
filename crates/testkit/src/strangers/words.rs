//! Single words: ids, amounts, texts, addresses, keys, card numbers.

use gateway::BookCode;
use gateway::keys::ServiceKey;
use ledger::{
    AgentId, Asset, AttestationId, BookId, CardId, DocumentId, HolderId, IntentId, JournalId,
    KeyId, LedgerId, Metadata, Text, TransactionId, VirtualAccountId, WalletId, WebhookId,
};
use providers::Address;
use vault::CardNumber;

use super::Target;

pub(super) const TARGET: Target = Target { name: "word", seeds, try_on };

fn seeds() -> Vec<Vec<u8>> {
    let mut words: Vec<String> = [
        "0",
        "1",
        "0.01",
        "120.00",
        "1.000000",
        "18446744073709551616",
        "1e3",
        "-1",
        "USD",
        "USDC",
        "default",
        "acme-2",
        "4000001234567899",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        " Bistro ",
        "name=text",
        "11111111111111111111111111111112",
        "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8",
    ]
    .map(str::to_owned)
    .into();
    words.extend([
        AgentId([1; 16]).to_string(),
        BookId([0xff; 16]).to_string(),
        HolderId([2; 16]).to_string(),
        TransactionId([3; 16]).to_string(),
        WebhookId([4; 16]).to_string(),
        CardNumber::random("400000").expose().to_owned(),
        ServiceKey::generate(),
    ]);
    words.into_iter().map(String::into_bytes).collect()
}

macro_rules! ids {
    ($text:ident: $($id:ident)*) => {$(
        if let Some(id) = $id::parse($text) {
            assert_eq!(id.to_string(), $text, "an id has one form");
        }
    )*};
}

/// What is read is written again as it was; what is refused does not come back in the refusal where it may be a secret.
fn try_on(bytes: &[u8]) {
    let number = CardNumber::parse(bytes);
    let Ok(text) = str::from_utf8(bytes) else {
        assert!(number.is_err(), "digits are text");
        return;
    };
    match &number {
        Ok(number) => {
            assert_eq!(number.expose(), text);
            assert_eq!(number.last4(), &text[text.len() - 4..]);
        }
        Err(error) => {
            let is_long = 4 <= text.len() && text.bytes().all(|byte| byte.is_ascii_digit());
            assert!(!is_long || !error.to_string().contains(text), "a number is not told");
        }
    }
    ids!(text: AgentId AttestationId BookId CardId DocumentId HolderId IntentId JournalId KeyId LedgerId);
    ids!(text: TransactionId VirtualAccountId WalletId WebhookId);
    if let Some(asset) = Asset::from_code(text) {
        assert!(asset.code().eq_ignore_ascii_case(text));
    }
    for asset in Asset::ALL {
        if let Some(amount) = asset.parse(text) {
            let written = asset.format(amount);
            assert_eq!(asset.parse(&written), Some(amount), "{text} is {written}");
        }
    }
    if let Ok(address) = Address::parse(text) {
        let again = Address::parse(address.as_str()).expect("an address is one");
        assert_eq!(again, address, "an address has one form");
    }
    if let Some(code) = BookCode::parse(text) {
        assert_eq!(code.as_str(), text);
    }
    if ServiceKey::parse(text).is_some() {
        let (prefix, secret) = text[3..].split_once('_').expect("a key has two parts");
        assert_eq!((prefix.len(), secret.len()), (16, 72), "a key has one form");
        assert_eq!(text.to_ascii_lowercase(), text, "a key has one form");
    }
    metadata(text);
}

fn metadata(text: &str) {
    let member = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((Text::<40>::new(name).ok()?, Text::<500>::new(value).ok()?))
    };
    let Some(members) = text.lines().map(member).collect::<Option<Vec<_>>>() else { return };
    for (name, value) in &members {
        assert_eq!(Text::new(name.as_str()).as_ref(), Ok(name), "a text is taken as it is");
        assert!(name.as_str().chars().count() <= 40 && value.as_str().chars().count() <= 500);
    }
    if let Some(metadata) = Metadata::new(members.clone()) {
        let kept: Vec<_> =
            metadata.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        assert_eq!(kept.len(), members.len(), "every member is kept");
        assert_eq!(Metadata::new(kept), Some(metadata), "in one order");
    }
}
