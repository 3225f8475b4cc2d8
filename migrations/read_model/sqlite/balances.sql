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
-- equal. `epoch` is that of the last entry that posted to it.
create table account (
    account text not null,
    asset text not null,
    debits text not null,
    credits text not null,
    epoch integer not null,
    constraint account_key primary key (account, asset)
) strict, without rowid;

-- What an account had when an epoch ended in which it had changed, and had until it changed again in the epoch `until`. The
-- key is in the order in which rows are added, so that they fill the table from one end.
create table closing (
    until integer not null,
    account text not null,
    asset text not null,
    epoch integer not null,
    debits text not null,
    credits text not null,
    constraint closing_key primary key (until, account, asset)
) strict, without rowid;

-- Epochs that are over, and the time of the last entry of each.
create table epoch (
    number integer not null,
    at integer not null,
    constraint epoch_key primary key (number)
) strict, without rowid;

-- All debits and credits of a platform's ledger ever, as they were after each posting to it.
create table ledger_posting (
    ledger blob not null,
    position integer not null,
    number integer not null,
    debits text not null,
    credits text not null,
    constraint ledger_posting_key primary key (ledger, position, number)
) strict, without rowid;

-- A platform's journals and their reversals: where they stand, and what has taken them back.
create table journal (
    id blob not null,
    position integer not null,
    reversed_by blob,
    constraint journal_key primary key (id)
) strict, without rowid;
