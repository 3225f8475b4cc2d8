-- Who was erased. What is neither here nor there was lost.
create table erased (
    subject blob not null constraint erased_subject primary key check (length(subject) = 16)
) strict, without rowid;
