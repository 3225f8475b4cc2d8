create table intent (
    position integer constraint intent_position primary key,
    id blob not null constraint intent_id unique,
    at integer not null,
    card blob not null,
    summary text not null,
    amount text not null,
    merchant text not null,
    mccs text not null,
    tolerance text not null,
    warnings text not null,
    reserves integer not null,
    enforcement text,
    expires_anyway integer not null,
    status text not null,
    expires_at integer not null,
    attestation blob,
    "transaction" blob,
    comparison text
) strict;

create index intent_by_card on intent (card);

-- Every access to the details of a card: who, why, and for which intent.
create table attestation (
    position integer constraint attestation_position primary key,
    id blob not null constraint attestation_id unique,
    at integer not null,
    card blob not null,
    intent blob not null,
    summary text not null,
    amount text not null,
    merchant text not null,
    actor blob,
    request blob not null
) strict;

create index attestation_by_intent on attestation (intent);
