//! What requests may say: a schema for each reader of `input`, under its name.

use ledger::amount::{AMOUNT_MAX, AssetKind};
use ledger::metadata::MEMBERS_MAX;
use ledger::{
    AgentId, Asset, CardId, HolderId, IntentId, KeyId, TransactionId, VirtualAccountId, WalletId,
    WebhookId,
};
use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AdditionalProperties, Array, ArrayBuilder, KnownFormat, OneOfBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};
use utoipa::openapi::{Object, RefOr};

use crate::input::read::{CustomerId, Id, SAFE_MAX};
use crate::words::Word;

/// An object of a request: unknown members are refused.
#[derive(Clone)]
pub(crate) struct Body(Object);

/// An object without members.
pub(crate) fn object() -> Body {
    let mut object = Object::with_type(Type::Object);
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    Body(object)
}

impl Body {
    /// A member that must be there.
    pub(crate) fn required(mut self, name: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        self.0.required.push(name.to_owned());
        self.optional(name, schema)
    }

    /// A member that may be left out.
    pub(crate) fn optional(mut self, name: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        self.0.properties.insert(name.to_owned(), schema.into());
        self
    }

    /// Says what can't be said in a schema.
    pub(crate) fn about(mut self, text: &str) -> Self {
        self.0.description = Some(text.to_owned());
        self
    }

    /// Says that there must be one member at least.
    pub(crate) fn at_least_one(mut self) -> Self {
        self.0.min_properties = Some(1);
        self
    }

    /// Says that exactly one of these must be there.
    pub(crate) fn one_of(self, names: [&'static str; 2]) -> Self {
        let one = |name| json!({"required": [name]});
        self.rule(json!({"oneOf": names.map(one)}))
    }

    /// Says that two members stand together or not at all.
    pub(crate) fn together(self, [one, other]: [&'static str; 2]) -> Self {
        self.rule(json!({"dependentRequired": {one: [other], other: [one]}}))
    }

    fn rule(mut self, rule: Value) -> Self {
        let rules = self.0.extensions.get_or_insert_default().entry("allOf".to_owned());
        if let Value::Array(rules) = rules.or_insert_with(|| json!([])) {
            rules.push(rule);
        }
        self
    }

    /// Whether nothing at all would be refused.
    pub(super) fn is_required(&self) -> bool {
        !self.0.required.is_empty() || self.0.min_properties.is_some()
    }
}

impl From<Body> for RefOr<Schema> {
    fn from(body: Body) -> Self {
        Schema::from(body.0).into()
    }
}

/// What can be added to any schema of one value.
pub(crate) trait Describe: Sized {
    /// Says what it is for.
    fn about(self, text: &str) -> Self;

    /// Lets `null` stand there, too.
    fn nullable(self) -> Self;
}

impl Describe for Object {
    fn about(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    fn nullable(mut self) -> Self {
        if let SchemaType::Type(of) = self.schema_type {
            self.schema_type = SchemaType::from_iter([of, Type::Null]);
        }
        if let Some(values) = &mut self.enum_values {
            values.push(Value::Null);
        }
        self
    }
}

/// Text of 1 to `max` characters without control characters, of which one at least is no white space.
pub(crate) fn text(max: usize) -> Object {
    let mut schema = string();
    schema.min_length = Some(1);
    schema.max_length = Some(max);
    schema.pattern = Some(PRINTABLE.to_owned());
    schema
}

/// The same, kept in the journal and not in the vault.
pub(crate) fn lasting_text(max: usize) -> Object {
    text(max).about(
        "Stands in the journal for ever, also after an erasure: nothing personal belongs there.",
    )
}

/// Printable characters, one of them visible.
const PRINTABLE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// An amount in integer minor units, at least `min`.
pub(crate) fn minor_units(min: u32) -> Object {
    let max = u64::try_from(AMOUNT_MAX.0).expect("amounts of requests have 53 bits");
    let mut schema = Object::with_type(Type::Integer);
    schema.minimum = Some((min as usize).into());
    schema.maximum = Some((usize::try_from(max).expect("the address space has 64 bits")).into());
    schema
}

/// An amount of cents.
pub(crate) fn cents() -> Object {
    minor_units(1)
}

/// An amount of cents, or zero.
pub(crate) fn cents_or_zero() -> Object {
    minor_units(0)
}

/// An amount of an asset of this kind, as a decimal in a string.
pub(crate) fn decimal() -> Object {
    matching(r"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,18})?$")
        .about("A decimal above zero, with at most as many decimals as the asset has.")
}

/// A number from `min` to `max`.
pub(crate) fn count(min: u32, max: u32) -> Object {
    let mut schema = Object::with_type(Type::Integer);
    schema.minimum = Some((min as usize).into());
    schema.maximum = Some((max as usize).into());
    schema
}

/// `true` or `false`.
pub(crate) fn boolean() -> Object {
    Object::with_type(Type::Boolean)
}

/// A word of a closed list.
pub(crate) fn word<T: Word>() -> Object {
    one_of(T::ALL.iter().map(|member| member.word()))
}

/// One of these texts.
pub(crate) fn one_of(texts: impl IntoIterator<Item = &'static str>) -> Object {
    let mut schema = string();
    schema.enum_values = Some(texts.into_iter().map(Value::from).collect());
    schema
}

/// An id that clients name.
pub(crate) fn id<T: Id>() -> Object {
    matching(&format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", T::PREFIX))
}

/// A UUID.
pub(crate) fn uuid() -> Object {
    let mut schema = string();
    schema.format = Some(SchemaFormat::Custom("uuid".to_owned()));
    schema
}

/// A point in time, in the form of ISO 8601.
pub(crate) fn instant() -> Object {
    let mut schema = string();
    schema.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
    schema
}

/// A day.
pub(crate) fn date() -> Object {
    let mut schema = string();
    schema.format = Some(SchemaFormat::KnownFormat(KnownFormat::Date));
    schema
}

/// A number of milliseconds since 1970.
pub(crate) fn time() -> Object {
    let mut schema = Object::with_type(Type::Integer);
    schema.minimum = Some(0_usize.into());
    let max = usize::try_from(SAFE_MAX).expect("the address space has 64 bits");
    schema.maximum = Some(max.into());
    schema.about("In milliseconds since 1970.")
}

/// A time of the day.
pub(crate) fn minute_of_day() -> Object {
    matching("^([01][0-9]|2[0-3]):[0-5][0-9]$")
}

/// A merchant category code.
pub(crate) fn mcc() -> Object {
    matching("^[0-9]{4}$").about("ISO 18245.")
}

/// A country.
pub(crate) fn country() -> Object {
    matching("^[A-Za-z]{2}$").about("ISO 3166-1 alpha-2.")
}

/// The code of an asset of one of these kinds, in lower case; upper case is taken, too.
pub(crate) fn asset(kinds: &[AssetKind]) -> Object {
    let of_kind = Asset::ALL.iter().filter(|asset| kinds.contains(&asset.kind()));
    let mut codes: Vec<_> = of_kind.map(|asset| asset.code().to_ascii_lowercase()).collect();
    codes.sort_unstable();
    let upper: Vec<_> = codes.iter().map(|code| code.to_ascii_uppercase()).collect();
    let mut schema = string();
    schema.enum_values = Some(codes.into_iter().chain(upper).map(Value::from).collect());
    schema
}

/// Texts by name: a platform's own notes.
pub(crate) fn metadata() -> Object {
    let mut schema = Object::with_type(Type::Object);
    schema.max_properties = Some(MEMBERS_MAX);
    schema.property_names = Some(Box::new(text(40).into()));
    let values = AdditionalProperties::RefOr(Schema::from(text(500)).into());
    schema.additional_properties = Some(Box::new(values));
    schema
}

/// From `min` to `max` of something.
pub(crate) fn list(min: usize, max: usize, item: impl Into<RefOr<Schema>>) -> Array {
    ArrayBuilder::new().items(item.into()).min_items(Some(min)).max_items(Some(max)).build()
}

/// Text that looks like this.
pub(crate) fn matching(pattern: &str) -> Object {
    let mut schema = string();
    schema.pattern = Some(pattern.to_owned());
    schema
}

/// Text.
pub(crate) fn string() -> Object {
    Object::with_type(Type::String)
}

/// An email address.
pub(crate) fn email() -> Object {
    let mut schema = matching(
        r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$",
    );
    schema.format = Some(SchemaFormat::Custom("email".to_owned()));
    schema.max_length = Some(254);
    schema
}

/// A phone number (ITU-T E.164).
pub(crate) fn phone() -> Object {
    matching("^\\+[1-9][0-9]{6,14}$")
}

/// A duration (ISO 8601) of whole weeks, days, hours, minutes and seconds.
pub(crate) fn duration() -> Object {
    matching(
        "^P([1-9][0-9]?W|[1-4][0-9]{2}W|[1-9][0-9]{0,2}D(T[1-9][0-9]?H)?|T[1-9][0-9]{0,3}H|T[1-9][0-9]{0,4}M|T[1-9][0-9]{0,5}S)$",
    )
    .about("Above zero and at most ten years.")
}

/// Where messages are sent.
pub(crate) fn url() -> Object {
    let mut schema = matching(
        r"^https?://[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*)?$",
    );
    schema.max_length = Some(2_048);
    schema.about("In live books, one of HTTPS. The host has at most 253 characters.")
}

/// The place of an entry in the journal.
pub(crate) fn position() -> Object {
    let mut schema = Object::with_type(Type::Integer);
    schema.minimum = Some(1_usize.into());
    schema.maximum = Some(SAFE_MAX.into());
    schema
}

/// One list or the other.
pub(crate) fn either(one: Array, other: Array) -> Schema {
    OneOfBuilder::new().item(one).item(other).build().into()
}

/// A file.
pub(crate) fn file() -> Object {
    let mut schema = string();
    schema.content_media_type = "application/octet-stream".to_owned();
    schema
}

/// What stands in a path under this name.
pub(super) fn path_parameter(name: &str) -> Object {
    match name {
        "agentId" => id::<AgentId>(),
        "cardId" => id::<CardId>(),
        "customerId" => id::<CustomerId>(),
        "intentId" => id::<IntentId>(),
        "journalId" | "ledgerId" => uuid(),
        "keyId" => id::<KeyId>(),
        "transactionId" => id::<TransactionId>(),
        "userId" => id::<HolderId>(),
        "virtualAccountId" => id::<VirtualAccountId>(),
        "walletId" => id::<WalletId>(),
        "webhookId" => id::<WebhookId>(),
        other => unreachable!("no path has a `{other}`"),
    }
}
