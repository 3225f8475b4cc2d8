create table intent (
    position bigint constraint intent_position primary key,
    id bytea not null constraint intent_id unique,
    at bigint not null,
    card bytea not null,
    summary text collate "C" not null,
    amount text collate "C" not null,
    merchant text collate "C" not null,
    mccs text collate "C" not null,
    tolerance text collate "C" not null,
    warnings text collate "C" not null,
    reserves bigint not null,
    enforcement text collate "C",
    expires_anyway bigint not null,
    status text collate "C" not null,
    expires_at bigint not null,
    attestation bytea,
    "transaction" bytea,
    comparison text collate "C"
);

create index intent_by_card on intent (card, position);

-- Every access to the details of a card: who, why, and for which intent.
create table attestation (
    position bigint constraint attestation_position primary key,
    id bytea not null constraint attestation_id unique,
    at bigint not null,
    card bytea not null,
    intent bytea not null,
    summary text collate "C" not null,
    amount text collate "C" not null,
    merchant text collate "C" not null,
    actor bytea,
    request bytea not null
);

create index attestation_by_intent on attestation (intent, position);
