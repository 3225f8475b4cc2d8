-- Amounts are decimal digits of minor units: they have up to 128 bits.

-- What a person has, in cents of US dollars.
create table holder_balance (
    holder blob not null constraint holder_balance_holder primary key,
    available text not null,
    held text not null,
    incoming text not null,
    overdrawn text not null,
    deposited text not null
) strict, without rowid;

-- All debits and credits of each account ever; an account of one authorization leaves when they are equal.
create table account (
    account text not null,
    asset text not null,
    debits text not null,
    credits text not null,
    constraint account_key primary key (account, asset)
) strict, without rowid;
