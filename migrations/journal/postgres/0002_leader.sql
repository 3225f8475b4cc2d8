-- What the writer of a book says of itself, for those who stand by. It decides nothing: the epoch in `journal.book` does. A
-- writer that lives counts the beat up; one that has put the book down leaves no address. Its epoch is an older one than the
-- book's until a new writer has spoken.
create table journal.leader (
    book integer constraint leader_book primary key references journal.book (number),
    epoch bigint not null default 0 constraint leader_epoch check (0 <= epoch),
    beat bigint not null default 0,
    address text
);

insert into journal.leader (book) select number from journal.book;
