-- In every read model: the last entry that its rows show, the hash of that entry, the digest of the rows, and why nobody
-- follows the journal any more, if so.
create table checkpoint (
    id integer constraint checkpoint_single primary key check (id = 1),
    position integer not null check (0 <= position),
    hash blob not null check (length(hash) = 32),
    digest blob not null check (length(digest) = 32),
    stopped text
) strict;

insert into checkpoint (id, position, hash, digest) values (1, 0, zeroblob(32), zeroblob(32));
