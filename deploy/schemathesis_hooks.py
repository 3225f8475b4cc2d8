"""What schemathesis can't know of the API from its schemas, each with the reason."""

import json
import re

import schemathesis

# Refusals of requests that their schema allows: what the message says, and why no schema says it.
BEYOND_SCHEMAS = {
    r"`cursor` (is not one that this API gave|belongs to another list)": "cursors are opaque, under a MAC",
    r"`\w*[aA]ddress` (is refused: |is not an address on |is not taken on )": "addresses have checksums",
    r"`asset` is not taken ": "it depends on the address",
    r"`currency` must be the account's": "it depends on the account",
    r"must be a decimal above zero and at most ": "decimals and maximum depend on the asset",
    r"must be worth from 1 to ": "it depends on the rate",
    r"is (an individual|a business)'s$": "it depends on the customer",
    r"must be a (time such as|day from 1970 on)": "formats have no first year",
    r"`Idempotency-Key` must be 1 to 255 ": "quotes are no part of it, so two of them are none",
    r"does not have the capability ": "it depends on the customer's verification",
    r"`activeHours.until` must differ from `from`": "members can't be compared",
    r"(stands|stand) (with|without|beside) ": "it depends on another member",
    r"`file` must be a PDF, PNG or JPEG": "it depends on the first bytes",
    r"debits and credits in `\w+` differ by ": "sums can't be compared",
    r"`transfer_id` is another key than the header": "members can't be compared with headers",
    r"(on this rail|has no place on a chain|is paid on a chain only|a token that is on )": "it depends on the rail",
    r"source and destination are the same ledger|the ledgers grow on different sides": "it depends on the ledgers",
    r"an asset is not sold for itself|`\w+` is not a (token|currency)": "it depends on the assets",
    r"nothing is left after the fee of ": "it depends on the tariff",
}

# As far as a journal of a run goes. Who asks for more is answered after two seconds, with 503, as described.
POSITION_MAX = 10


@schemathesis.hook
def filter_case(context, case):
    position = str((case.headers or {}).get("Ledger-Min-Position", ""))
    is_far = position.isdigit() and POSITION_MAX < int(position)
    # Nobody guesses a cursor: what was meant to be right would be refused in every list.
    is_guessed = case.meta.generation.mode.is_positive and "cursor" in (case.query or {})
    return not (is_far or is_guessed)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    kind = type(failure).__name__
    if kind == "RejectedPositiveData" and response.status_code == 400:
        return not (is_null_id(case) or is_beyond_schemas(case, message(response)))
    if kind == "AcceptedNegativeData":
        # HTTP has every server ignore headers that it does not know (RFC 9110, 5.1).
        return "in header - object with unexpected properties" not in str(failure.message)
    return True


def is_null_id(case):
    # A link takes an id that is null in one answer for the text `None` in the next path.
    return any(value in (None, "None") for value in (case.path_parameters or {}).values())


def is_beyond_schemas(case, said):
    # To JSON Schema 1.0 is an integer; the API takes no floats where money is counted.
    if has_float(case.body) and "must be an integer" in said:
        return True
    return any(re.search(pattern, said) for pattern in BEYOND_SCHEMAS)


def has_float(value):
    if isinstance(value, dict):
        return any(has_float(member) for member in value.values())
    if isinstance(value, list):
        return any(has_float(item) for item in value)
    return isinstance(value, float)


def message(response):
    said = json.loads(response.content)
    return said.get("error", said)["message"]
