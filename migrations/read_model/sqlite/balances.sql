-- Amounts are decimal digits of minor units: they have up to 128 bits.

-- What a person has in US dollars, and what a person or a wallet has in any asset that was ever posted to it.
create table holder_balance (
    holder blob not null,
    asset text not null,
    available text not null,
    held text not null,
    reserved text not null,
    incoming text not null,
    withdrawing text not null,
    overdrawn text not null,
    deposited text not null,
    constraint holder_balance_key primary key (holder, asset)
) strict, without rowid;

-- All debits and credits of each account ever; an account of one authorization or of one intent leaves when they are
-- equal.
create table account (
    account text not null,
    asset text not null,
    debits text not null,
    credits text not null,
    constraint account_key primary key (account, asset)
) strict, without rowid;

-- All debits and credits of a platform's ledger ever, as they were after each entry that posted to it.
create table ledger_balance (
    ledger blob not null,
    position integer not null,
    debits text not null,
    credits text not null,
    constraint ledger_balance_key primary key (ledger, position)
) strict, without rowid;
