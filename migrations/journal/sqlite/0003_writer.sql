-- Who made the last claim: a writer that lost its connection tells its own claims from others' by it.
alter table book add column writer blob
    constraint book_writer_length check (length(writer) = 16);
