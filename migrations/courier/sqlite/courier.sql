-- The courier's own: where it is in the journal, whom it tells, what is to be told, and how that went.

-- The last entry that was followed, and the hash of that entry.
create table checkpoint (
    id integer constraint checkpoint_single primary key check (id = 1),
    position integer not null check (0 <= position),
    hash blob not null check (length(hash) = 32)
) strict;

insert into checkpoint (id, position, hash) values (1, 0, zeroblob(32));

-- Who is told. What is in the vault stands in one value: its subject, its reference, 16 bytes each, and its commitment, 32.
create table webhook (
    id blob constraint webhook_id primary key,
    family text not null,
    -- Names with commas between; null for all.
    topics text,
    url blob not null,
    secret blob not null,
    -- The secret before, and until when it is used, too.
    secret_before blob,
    before_until integer,
    is_enabled integer not null,
    -- How many messages wait.
    waiting integer not null,
    -- What is told once more: the entry that is next, and the first that is not.
    replay_next integer,
    replay_end integer
) strict, without rowid;

-- What messages say that their entries don't.
create table fact (
    name text constraint fact_name primary key,
    value text not null
) strict, without rowid;

-- What a webhook is told: of which entry, and which of all that there is to tell of it.
create table message (
    webhook blob not null,
    position integer not null,
    ordinal integer not null,
    id text not null,
    topic text not null,
    -- What it is about: of messages about the same, one is on its way at a time, the first first.
    resource text not null,
    -- Null when it will not be sent any more.
    body text,
    -- `waiting`, `delivered`, `parked` (tried for long enough, or too many waited), `dropped` (nobody wants it any more).
    state text not null,
    is_replay integer not null,
    -- Since when it is to be delivered, by the clock on the wall like all times here.
    since integer not null,
    -- How often it was tried since then, and ever.
    attempts integer not null,
    attempts_ever integer not null,
    ended_at integer,
    constraint message_place primary key (webhook, position, ordinal)
) strict, without rowid;

create index message_waiting on message (webhook, resource, position, ordinal) where state = 'waiting';
create index message_ended on message (ended_at) where ended_at is not null;

-- Things of which messages wait, and when the first of these may be sent.
create table line (
    webhook blob not null,
    resource text not null,
    next_at integer not null,
    constraint line_of primary key (webhook, resource)
) strict, without rowid;

create index line_due on line (webhook, next_at);

-- How messages were tried.
create table attempt (
    webhook blob not null,
    position integer not null,
    ordinal integer not null,
    number integer not null,
    at integer not null,
    duration_ms integer not null,
    -- The answer's, if there was one; else what went wrong.
    status integer,
    fault text,
    is_replay integer not null,
    constraint attempt_number primary key (webhook, position, ordinal, number)
) strict, without rowid;
