-- What is in the vault stands in one value: its subject, its reference, 16 bytes each, and its commitment, 32.

create table book (
    id bytea constraint book_id primary key,
    environment text collate "C" not null,
    clock_offset_ms bigint not null
);

create table holder (
    position bigint constraint holder_position primary key,
    id bytea not null constraint holder_id unique,
    at bigint not null,
    profile bytea not null,
    status text collate "C" not null,
    before_lock text collate "C",
    required text collate "C" not null,
    reason text collate "C",
    erased_at bigint,
    updated_at bigint not null
);

create table document (
    position bigint constraint document_position primary key,
    id bytea not null constraint document_id unique,
    at bigint not null,
    holder bytea not null,
    kind text collate "C" not null,
    content bytea not null
);

create index document_by_holder on document (holder, position);

create table agent (
    position bigint constraint agent_position primary key,
    id bytea not null constraint agent_id unique,
    at bigint not null,
    holder bytea not null,
    name text collate "C" not null,
    description text collate "C",
    external_id text collate "C",
    limit_window text collate "C" not null,
    limit_amount text collate "C" not null,
    on_exceeded text collate "C" not null,
    cards_max bigint,
    status text collate "C" not null
);

create index agent_by_holder on agent (holder, position);

create table card (
    position bigint constraint card_position primary key,
    id bytea not null constraint card_id unique,
    at bigint not null,
    agent bytea not null,
    holder bytea not null,
    purpose text collate "C" not null,
    kind text collate "C" not null,
    authorizations_max bigint,
    ttl_days bigint,
    mccs_allowed text collate "C" not null,
    mccs_blocked text collate "C" not null,
    merchant text collate "C",
    active_hours text collate "C",
    cooldown_minutes bigint not null,
    attestation_window_minutes bigint,
    intent_required bigint not null,
    enforcement text collate "C" not null,
    approval_above text collate "C",
    number bytea not null,
    last4 bytea not null,
    expiry_year bigint not null,
    expiry_month bigint not null,
    total text collate "C" not null,
    per_authorization text collate "C",
    per_day text collate "C",
    per_month text collate "C",
    status text collate "C" not null
);

create index card_by_agent on card (agent, position);

create table api_key (
    position bigint constraint api_key_position primary key,
    prefix bytea not null constraint api_key_prefix unique,
    id bytea not null constraint api_key_id unique,
    at bigint not null,
    family text collate "C" not null,
    scope text collate "C" not null,
    digest bytea not null,
    agent bytea,
    revoked_at bigint
);

create table wallet (
    position bigint constraint wallet_position primary key,
    id bytea not null constraint wallet_id unique,
    at bigint not null,
    holder bytea not null
);

create index wallet_by_holder on wallet (holder, position);

create table virtual_account (
    position bigint constraint virtual_account_position primary key,
    id bytea not null constraint virtual_account_id unique,
    at bigint not null,
    holder bytea not null,
    wallet bytea not null,
    currency text collate "C" not null
);

create index virtual_account_by_holder on virtual_account (holder, position);

create table ledger (
    position bigint constraint ledger_position primary key,
    id bytea not null constraint ledger_id unique,
    at bigint not null,
    code text collate "C" not null,
    name text collate "C" not null,
    kind text collate "C" not null,
    asset text collate "C" not null,
    overdraft_limit text collate "C" not null,
    status text collate "C" not null
);

create table webhook (
    position bigint constraint webhook_position primary key,
    id bytea not null constraint webhook_id unique,
    at bigint not null,
    family text collate "C" not null,
    topics text collate "C" not null,
    url bytea not null,
    status text collate "C" not null,
    updated_at bigint not null
);
