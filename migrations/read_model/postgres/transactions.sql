-- Positions are those of the entries that made the rows. The book's time does not go back, so that the order of the
-- positions is also that of the times. Indexes end with the position: lists are read in its order.

create table card_transaction (
    position bigint constraint card_transaction_position primary key,
    id bytea not null constraint card_transaction_id unique,
    at bigint not null,
    kind text collate "C" not null,
    holder bytea not null,
    agent bytea not null,
    card bytea not null,
    amount text collate "C" not null,
    asset text collate "C" not null,
    original text collate "C",
    approved text collate "C" not null,
    is_advice bigint not null,
    merchant text collate "C" not null,
    mcc bigint,
    city text collate "C",
    country text collate "C",
    intent bytea,
    attestation bytea,
    expires_at bigint,
    reason text collate "C",
    exceeded text collate "C",
    state text collate "C" not null,
    is_counted bigint not null,
    counts_at bigint not null,
    held text collate "C" not null,
    cleared text collate "C" not null,
    fee text collate "C" not null,
    refunded text collate "C" not null,
    comparison text collate "C",
    updated_at bigint not null
);

create index card_transaction_by_holder on card_transaction (holder, position);
create index card_transaction_by_agent on card_transaction (agent, position);
create index card_transaction_by_card on card_transaction (card, position);
create index card_transaction_by_state on card_transaction (state, position);

create table deposit (
    position bigint constraint deposit_position primary key,
    id bytea not null constraint deposit_id unique,
    at bigint not null,
    holder bytea not null,
    chain text collate "C" not null,
    amount text collate "C" not null,
    asset text collate "C" not null,
    credited text collate "C" not null,
    rate text collate "C" not null,
    rate_source text collate "C" not null,
    state text collate "C" not null,
    updated_at bigint not null
);

create index deposit_by_holder on deposit (holder, position);
create index deposit_by_state on deposit (state, position);

-- Tokens, or money at the bank that became tokens.
create table wallet_deposit (
    position bigint constraint wallet_deposit_position primary key,
    id bytea not null constraint wallet_deposit_id unique,
    at bigint not null,
    holder bytea not null,
    wallet bytea not null,
    account bytea,
    chain text collate "C",
    amount text collate "C" not null,
    asset text collate "C" not null,
    credited text collate "C" not null,
    credited_asset text collate "C" not null,
    rate text collate "C",
    rate_source text collate "C",
    state text collate "C" not null,
    updated_at bigint not null
);

create index wallet_deposit_by_holder on wallet_deposit (holder, position);
create index wallet_deposit_by_wallet on wallet_deposit (wallet, position);
create index wallet_deposit_by_state on wallet_deposit (state, position);

create table transfer (
    position bigint constraint transfer_position primary key,
    id bytea not null constraint transfer_id unique,
    at bigint not null,
    holder bytea not null,
    wallet bytea not null,
    amount text collate "C" not null,
    asset text collate "C" not null,
    fee text collate "C" not null,
    destination_asset text collate "C" not null,
    rail text collate "C" not null,
    address bytea not null,
    reference text collate "C",
    client_reference text collate "C",
    status text collate "C" not null,
    delivered text collate "C",
    rate text collate "C",
    rate_source text collate "C",
    gas text collate "C",
    transaction_hash text collate "C",
    reason text collate "C",
    updated_at bigint not null
);

create index transfer_by_holder on transfer (holder, position);
create index transfer_by_wallet on transfer (wallet, position);
create index transfer_by_client_reference on transfer (client_reference, position)
    where client_reference is not null;
create index transfer_by_status on transfer (status, position);

-- What has happened to a transaction of any kind, with the postings of the entry: a line each, of side, account, asset
-- and amount. A clearing that nobody can place has steps, but no other row before it is placed.
create table step (
    "transaction" bytea not null,
    position bigint not null,
    at bigint not null,
    kind text collate "C" not null,
    amount text collate "C" not null,
    asset text collate "C" not null,
    ends_hold bigint not null,
    is_late bigint not null,
    postings text collate "C" not null,
    constraint step_key unique ("transaction", position)
);
