-- The courier's own: where it is in the journal, whom it tells, what is to be told, and how that went.

-- The last entry that was followed, and the hash of that entry.
create table checkpoint (
    id bigint constraint checkpoint_single primary key check (id = 1),
    version bigint not null,
    position bigint not null check (0 <= position),
    hash bytea not null check (length(hash) = 32)
);

insert into checkpoint (id, version, position, hash) values (1, 0, 0, decode(repeat('00', 32), 'hex'));

-- Who is told. What is in the vault stands in one value: its subject, its reference, 16 bytes each, and its commitment, 32.
create table webhook (
    id bytea constraint webhook_id primary key,
    family text collate "C" not null,
    -- Names with commas between; null for all.
    topics text collate "C",
    url bytea not null,
    secret bytea not null,
    -- The secret before, and until when it is used, too.
    secret_before bytea,
    before_until bigint,
    is_enabled bigint not null,
    -- How many messages wait.
    waiting bigint not null,
    -- What is told once more: the entry that is next, and the first that is not.
    replay_next bigint,
    replay_end bigint
);

-- What messages say that their entries don't.
create table fact (
    name text collate "C" constraint fact_name primary key,
    value text collate "C" not null
);

-- What a webhook is told: of which entry, and which of all that there is to tell of it.
create table message (
    webhook bytea not null,
    position bigint not null,
    ordinal bigint not null,
    id text collate "C" not null,
    topic text collate "C" not null,
    -- What it is about: of messages about the same, one is on its way at a time, the first first.
    resource text collate "C" not null,
    -- Null when it will not be sent any more.
    body text collate "C",
    -- `waiting`, `delivered`, `parked` (tried for long enough, or too many waited), `dropped` (nobody wants it any more).
    state text collate "C" not null,
    is_replay bigint not null,
    -- Since when it is to be delivered, by the clock on the wall like all times here.
    since bigint not null,
    -- How often it was tried since then, and ever.
    attempts bigint not null,
    attempts_ever bigint not null,
    ended_at bigint,
    constraint message_place primary key (webhook, position, ordinal)
);

create index message_waiting on message (webhook, resource, position, ordinal) where state = 'waiting';
create index message_ended on message (ended_at) where ended_at is not null;

-- Things of which messages wait, and when the first of these may be sent.
create table line (
    webhook bytea not null,
    resource text collate "C" not null,
    next_at bigint not null,
    constraint line_of primary key (webhook, resource)
);

create index line_due on line (webhook, next_at);

-- How messages were tried.
create table attempt (
    webhook bytea not null,
    position bigint not null,
    ordinal bigint not null,
    number bigint not null,
    at bigint not null,
    duration_ms bigint not null,
    -- The answer's, if there was one; else what went wrong.
    status bigint,
    fault text collate "C",
    is_replay bigint not null,
    constraint attempt_number primary key (webhook, position, ordinal, number)
);
