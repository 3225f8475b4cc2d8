-- Says whose vault this is: a value derived from the master key, which tells nothing about it.
create table master_key (
    id integer constraint master_key_single primary key check (id = 1),
    key_check blob not null check (length(key_check) = 32)
) strict;

-- A person or a card. Deleting the row erases: nothing else opens the subject's items.
create table subject (
    reference blob not null constraint subject_reference primary key check (length(reference) = 16),
    wrapped_key blob not null check (length(wrapped_key) = 60)
) strict, without rowid;

create table item (
    reference blob not null constraint item_reference primary key check (length(reference) = 16),
    subject blob not null constraint item_subject references subject (reference) on delete cascade,
    kind text not null,
    stored_at_ms integer not null,
    ciphertext blob not null
) strict;

create index item_by_subject on item (subject);
create index item_by_stored_at on item (stored_at_ms);
