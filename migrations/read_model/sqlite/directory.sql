-- What is in the vault stands in one value: its subject, its reference, 16 bytes each, and its commitment, 32.

create table book (
    id blob constraint book_id primary key,
    environment text not null,
    clock_offset_ms integer not null
) strict;

create table holder (
    position integer constraint holder_position primary key,
    id blob not null constraint holder_id unique,
    at integer not null,
    profile blob not null,
    status text not null,
    before_lock text,
    required text not null,
    reason text,
    erased_at integer,
    updated_at integer not null
) strict;

create table document (
    position integer constraint document_position primary key,
    id blob not null constraint document_id unique,
    at integer not null,
    holder blob not null,
    kind text not null,
    content blob not null
) strict;

create index document_by_holder on document (holder);

create table agent (
    position integer constraint agent_position primary key,
    id blob not null constraint agent_id unique,
    at integer not null,
    holder blob not null,
    name text not null,
    description text,
    external_id text,
    limit_window text not null,
    limit_amount text not null,
    on_exceeded text not null,
    cards_max integer,
    status text not null
) strict;

create index agent_by_holder on agent (holder);

create table card (
    position integer constraint card_position primary key,
    id blob not null constraint card_id unique,
    at integer not null,
    agent blob not null,
    holder blob not null,
    purpose text not null,
    kind text not null,
    authorizations_max integer,
    ttl_days integer,
    mccs_allowed text not null,
    mccs_blocked text not null,
    merchant text,
    active_hours text,
    cooldown_minutes integer not null,
    attestation_window_minutes integer,
    intent_required integer not null,
    enforcement text not null,
    approval_above text,
    number blob not null,
    last4 blob not null,
    expiry_year integer not null,
    expiry_month integer not null,
    total text not null,
    per_authorization text,
    per_day text,
    per_month text,
    status text not null
) strict;

create index card_by_agent on card (agent);

create table api_key (
    position integer constraint api_key_position primary key,
    prefix blob not null constraint api_key_prefix unique,
    id blob not null constraint api_key_id unique,
    at integer not null,
    family text not null,
    scope text not null,
    digest blob not null,
    agent blob,
    revoked_at integer
) strict;

create table wallet (
    position integer constraint wallet_position primary key,
    id blob not null constraint wallet_id unique,
    at integer not null,
    holder blob not null
) strict;

create index wallet_by_holder on wallet (holder);

create table virtual_account (
    position integer constraint virtual_account_position primary key,
    id blob not null constraint virtual_account_id unique,
    at integer not null,
    holder blob not null,
    wallet blob not null,
    currency text not null
) strict;

create index virtual_account_by_holder on virtual_account (holder);

create table ledger (
    position integer constraint ledger_position primary key,
    id blob not null constraint ledger_id unique,
    at integer not null,
    code text not null,
    name text not null,
    kind text not null,
    asset text not null,
    overdraft_limit text not null,
    status text not null
) strict;

create table webhook (
    position integer constraint webhook_position primary key,
    id blob not null constraint webhook_id unique,
    at integer not null,
    family text not null,
    topics text not null,
    url blob not null,
    status text not null,
    updated_at integer not null
) strict;
