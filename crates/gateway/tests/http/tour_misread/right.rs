//! What is wrong in most fields, and right in some.

/// What is wrong elsewhere and right in some fields of some routes (`*` for all).
const RIGHT: [(&str, &str, &[&str]); 22] = [
    (
        "*",
        "a word",
        &[
            "authorizationNetworkId",
            "businessName",
            "clientReferenceId",
            "code",
            "description",
            "destinationAddress",
            "entries[0].description",
            "expectedMerchant",
            "externalId",
            "firstName",
            "lastName",
            "merchant.city",
            "merchant.name",
            "merchantHint",
            "merchantText",
            "metadata.plan",
            "name",
            "networkId",
            "purpose",
            "reference",
            "summary",
            "transactionHash",
        ],
    ),
    ("POST /v1/sandbox/transfers/{}/advance", "a word", &["reason"]),
    (
        "*",
        "missing",
        &[
            "authorizationNetworkId",
            "description",
            "effective_at",
            "entries[0].description",
            "externalId",
            "fees",
            "gas",
            "index",
            "intentId",
            "maxCards",
            "merchant.city",
            "merchant.country",
            "merchant.mcc",
            "metadata",
            "metadata.plan",
            "networkId",
            "onLimitExceeded",
            "overdraftLimit",
            "phone",
            "reason",
            "reference",
            "requiredFields",
            "transactionHash",
            "transfer_id",
        ],
    ),
    (
        "POST /v1/agents/{}/cards",
        "missing",
        &[
            "activeHours",
            "allowedMccs",
            "approvalAbove",
            "attestationWindowMinutes",
            "blockedMccs",
            "cooldownMinutes",
            "enforcement",
            "limits",
            "limits.perAuth",
            "limits.perDay",
            "limits.perMonth",
            "maxAuthCount",
            "merchantHint",
            "requireIntent",
            "ttlDays",
        ],
    ),
    (
        "PATCH /v1/cards/{}",
        "missing",
        &["limits", "limits.perAuth", "limits.perDay", "limits.perMonth", "maxAmount"],
    ),
    (
        "POST /v1/cards/{}/intents",
        "missing",
        &[
            "currency",
            "enforcement",
            "expectedMccs",
            "reserve",
            "toleranceAmount",
            "tolerancePercent",
            "ttlMinutes",
        ],
    ),
    (
        "POST /v1/sandbox/cards/{}/authorizations",
        "missing",
        &["advice", "currency", "partialAllowed", "singleMessage"],
    ),
    ("POST /v1/keys", "missing", &["family"]),
    ("PATCH /v1/webhooks/{}", "missing", &["events", "status", "url"]),
    ("PATCH /v1/customers/{}", "missing", &["email", "lastName"]),
    ("PATCH /v1/customers/{}", "null", &["phone", "metadata"]),
    ("POST /v1/transfers", "missing", &["clientReferenceId", "sourceCurrency"]),
    ("POST /v1/virtual-accounts", "missing", &["walletId"]),
    ("POST /v1/sandbox/cards/{}/force-clear", "missing", &["currency"]),
    ("POST /v1/sandbox/cards/{}/unlinked-refund", "missing", &["currency"]),
    ("POST /v1/sandbox/network/presentments", "missing", &["currency"]),
    ("POST /v1/sandbox/network/settle", "missing", &["date"]),
    ("POST /v1/sandbox/transactions/{}/clear", "missing", &["amount", "final"]),
    ("PATCH /v1/agents/{}", "null", &["maxCards"]),
    ("PATCH /v1/cards/{}", "null", &["limits.perAuth", "limits.perDay", "limits.perMonth"]),
    ("*", "nothing in it", &["requiredFields"]),
    (
        "*",
        "zero",
        &[
            "approvalAbove",
            "cooldownMinutes",
            "fees",
            "index",
            "overdraftLimit",
            "toleranceAmount",
            "tolerancePercent",
        ],
    ),
];

/// Fields that go by two names, or whose object is what is named.
pub(super) const CALLED: [(&str, &str); 7] = [
    ("amount", "expectedAmount"),
    ("expectedAmount", "amount"),
    ("expectedMerchant", "merchantText"),
    ("metadata.colour", "metadata"),
    ("metadata.plan", "metadata"),
    ("virtualAccountId", "address"),
    ("merchantText", "expectedMerchant"),
];

/// Whether the field may be like this on the route of this shape.
pub(super) fn is_right(shape: &str, what: &str, name: &str) -> bool {
    let code = ["allowedMccs[0]", "blockedMccs[0]", "expectedMccs[0]", "merchant.mcc"];
    let is_code = what == "a number" && code.contains(&name);
    // What the network says again, it may say without an amount.
    let is_message = ["/reverse", "/correct", "/refund", "/refund-reversal"]
        .iter()
        .any(|verb| shape.starts_with("POST /v1/sandbox/transactions/") && shape.ends_with(verb));
    let is_rest = is_message && what == "missing" && name == "amount";
    let is_check = shape.ends_with("/authorizations") && what == "zero" && name == "amount";
    let is_listed = RIGHT.iter().any(|(route, case, names)| {
        (*route == "*" || *route == shape) && *case == what && names.contains(&name)
    });
    is_code || is_rest || is_check || is_listed
}
