-- A book whose journal is in this file. The epoch is the claim under which its writer appends.
create table book (
    number integer constraint book_number primary key,
    id blob not null constraint book_id unique
        constraint book_id_length check (length(id) = 16),
    incarnation blob not null constraint book_incarnation_length check (length(incarnation) = 16),
    epoch integer not null constraint book_epoch check (0 <= epoch)
) strict;

-- The bytes are hashed as they are, and each entry holds the hash of the one before: no row is ever touched again.
create table entry (
    book integer not null constraint entry_book references book (number),
    position integer not null constraint entry_position check (1 <= position),
    bytes blob not null,
    constraint entry_place primary key (book, position)
) strict, without rowid;

-- Where an id that counts once stands. Kinds: 1 command, 2 deposit, 3 message of a card network, 4 agent.
create table lookup (
    book integer not null,
    kind integer not null constraint lookup_kind check (kind between 1 and 4),
    hash blob not null constraint lookup_hash_length check (length(hash) = 16),
    position integer not null,
    constraint lookup_reference primary key (book, kind, hash),
    constraint lookup_entry foreign key (book, position) references entry (book, position)
) strict, without rowid;

create trigger entry_is_never_updated before update on entry
begin select raise(abort, 'an entry is never updated'); end;

create trigger entry_is_never_deleted before delete on entry
begin select raise(abort, 'an entry is never deleted'); end;

create trigger lookup_is_never_updated before update on lookup
begin select raise(abort, 'a lookup is never updated'); end;

create trigger lookup_is_never_deleted before delete on lookup
begin select raise(abort, 'a lookup is never deleted'); end;
