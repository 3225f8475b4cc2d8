-- A book whose journal is in this database. The epoch is the claim under which its writer appends, the writer who made it.
create table journal.book (
    number integer generated always as identity constraint book_number primary key,
    id bytea not null constraint book_id unique constraint book_id_length check (length(id) = 16),
    incarnation bytea not null constraint book_incarnation_length check (length(incarnation) = 16),
    epoch bigint not null default 0 constraint book_epoch check (0 <= epoch),
    writer bytea constraint book_writer_length check (length(writer) = 16)
);

-- The bytes are hashed as they are, and each entry holds the hash of the one before: no row is ever touched again.
create table journal.entry (
    book integer not null,
    position bigint not null constraint entry_position check (1 <= position),
    bytes bytea not null,
    constraint entry_place primary key (book, position)
);

-- Entries don't compress, and are read whole.
alter table journal.entry alter column bytes set storage external;

-- Where an id that counts once stands. Kinds: 1 command, 2 deposit, 3 message of a card network, 4 agent. That its entry
-- is there is not a foreign key: it costs as much as the row, and who writes the one writes the other.
create table journal.lookup (
    book integer not null,
    kind smallint not null constraint lookup_kind check (kind between 1 and 4),
    hash bytea not null constraint lookup_hash_length check (length(hash) = 16),
    position bigint not null,
    constraint lookup_reference primary key (book, kind, hash)
);

-- The Merkle tree over the entries of a book (RFC 6962): the roots of its perfect subtrees, 32 bytes each, largest first.
-- The note is the signed checkpoint of this very tree, if the writer had a key.
create table journal.tree (
    book integer constraint tree_book primary key references journal.book (number),
    size bigint not null constraint tree_size check (0 <= size),
    peaks bytea not null constraint tree_peaks_length check (length(peaks) % 32 = 0),
    note text
);

-- Checkpoints that are kept: signed statements of how long a journal was and what its tree's root was. `at` is the time of
-- the last entry.
create table journal.checkpoint (
    book integer not null references journal.book (number),
    size bigint not null constraint checkpoint_size check (1 <= size),
    at bigint not null,
    note text not null,
    constraint checkpoint_place primary key (book, size)
);

create function journal.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'a row of % is never updated or deleted', tg_table_name;
end $$;

create trigger entry_is_kept before update or delete or truncate on journal.entry
    for each statement execute function journal.refuse();
create trigger lookup_is_kept before update or delete or truncate on journal.lookup
    for each statement execute function journal.refuse();
create trigger checkpoint_is_kept before update or delete or truncate on journal.checkpoint
    for each statement execute function journal.refuse();
