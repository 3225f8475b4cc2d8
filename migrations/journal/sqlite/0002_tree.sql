-- The Merkle tree over the entries of a book (RFC 6962): the roots of its perfect subtrees, 32 bytes each, largest
-- first. It follows from the entries, and is kept so that none of them is hashed again. The note is the signed checkpoint
-- of this very tree, if the writer had a key.
create table tree (
    book integer constraint tree_book primary key references book (number),
    size integer not null constraint tree_size check (0 <= size),
    peaks blob not null constraint tree_peaks_length check (length(peaks) % 32 = 0),
    note text
) strict;

-- Checkpoints that are kept: signed statements of how long a journal was and what its tree's root was. `at` is the time of the last entry.
create table checkpoint (
    book integer not null constraint checkpoint_book references book (number),
    size integer not null constraint checkpoint_size check (1 <= size),
    at integer not null,
    note text not null,
    constraint checkpoint_place primary key (book, size)
) strict, without rowid;

create trigger checkpoint_is_never_updated before update on checkpoint
begin select raise(abort, 'a checkpoint is never updated'); end;

create trigger checkpoint_is_never_deleted before delete on checkpoint
begin select raise(abort, 'a checkpoint is never deleted'); end;
