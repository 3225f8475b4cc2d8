-- In every read model: the version of its tables, the last entry that its rows show, the hash of that entry, the digest
-- of the rows, and why nobody follows the journal any more, if so. Its page has room for the versions of the row that a
-- busy second makes.
create table checkpoint (
    id bigint constraint checkpoint_single primary key check (id = 1),
    version bigint not null,
    position bigint not null check (0 <= position),
    hash bytea not null check (length(hash) = 32),
    digest bytea not null check (length(digest) = 32),
    stopped text collate "C"
) with (fillfactor = 10);

insert into checkpoint (id, version, position, hash, digest)
    values (1, 0, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'));
