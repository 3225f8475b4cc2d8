-- What the rows of all other tables add up to: what a broken disk changes, does not agree with it. Since version 2.
create table digest (
    id integer constraint digest_single primary key check (id = 1),
    sum blob not null check (length(sum) = 16)
) strict;
