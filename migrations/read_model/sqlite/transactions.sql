-- Positions are those of the entries that made the rows. The book's time does not go back, so that the order of the
-- positions is also that of the times, and an index ends with the position without naming it.

create table card_transaction (
    position integer constraint card_transaction_position primary key,
    id blob not null constraint card_transaction_id unique,
    at integer not null,
    kind text not null,
    holder blob not null,
    agent blob not null,
    card blob not null,
    amount text not null,
    asset text not null,
    original text,
    approved text not null,
    is_advice integer not null,
    merchant text not null,
    mcc integer,
    city text,
    country text,
    intent blob,
    attestation blob,
    expires_at integer,
    reason text,
    exceeded text,
    state text not null,
    is_counted integer not null,
    counts_at integer not null,
    held text not null,
    cleared text not null,
    fee text not null,
    refunded text not null,
    comparison text,
    updated_at integer not null
) strict;

create index card_transaction_by_holder on card_transaction (holder);
create index card_transaction_by_agent on card_transaction (agent);
create index card_transaction_by_card on card_transaction (card);
create index card_transaction_by_state on card_transaction (state);

create table deposit (
    position integer constraint deposit_position primary key,
    id blob not null constraint deposit_id unique,
    at integer not null,
    holder blob not null,
    chain text not null,
    amount text not null,
    asset text not null,
    credited text not null,
    rate text not null,
    rate_source text not null,
    state text not null,
    updated_at integer not null
) strict;

create index deposit_by_holder on deposit (holder);
create index deposit_by_state on deposit (state);

-- Tokens, or money at the bank that became tokens.
create table wallet_deposit (
    position integer constraint wallet_deposit_position primary key,
    id blob not null constraint wallet_deposit_id unique,
    at integer not null,
    holder blob not null,
    wallet blob not null,
    account blob,
    chain text,
    amount text not null,
    asset text not null,
    credited text not null,
    credited_asset text not null,
    rate text,
    rate_source text,
    state text not null,
    updated_at integer not null
) strict;

create index wallet_deposit_by_holder on wallet_deposit (holder);
create index wallet_deposit_by_wallet on wallet_deposit (wallet);
create index wallet_deposit_by_state on wallet_deposit (state);

create table transfer (
    position integer constraint transfer_position primary key,
    id blob not null constraint transfer_id unique,
    at integer not null,
    holder blob not null,
    wallet blob not null,
    amount text not null,
    asset text not null,
    fee text not null,
    destination_asset text not null,
    rail text not null,
    address blob not null,
    reference text,
    client_reference text,
    status text not null,
    delivered text,
    rate text,
    rate_source text,
    gas text,
    transaction_hash text,
    reason text,
    updated_at integer not null
) strict;

create index transfer_by_holder on transfer (holder);
create index transfer_by_wallet on transfer (wallet);
create index transfer_by_client_reference on transfer (client_reference)
    where client_reference is not null;
create index transfer_by_status on transfer (status);

-- What has happened to a transaction of any kind, with the postings of the entry: a line each, of side, account, asset
-- and amount. A clearing that nobody can place has steps, but no other row before it is placed.
create table step (
    "transaction" blob not null,
    position integer not null,
    at integer not null,
    kind text not null,
    amount text not null,
    asset text not null,
    ends_hold integer not null,
    is_late integer not null,
    postings text not null,
    constraint step_key unique ("transaction", position)
) strict;
