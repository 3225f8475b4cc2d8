-- Amounts are decimal digits of minor units: they have up to 128 bits. Text is compared byte by byte, as SQLite does.
-- Pages are not filled, so that balances, which change often and outside of indexes, find room for their next version.

-- What a person has in US dollars, and what a person or a wallet has in any asset that was ever posted to it.
create table holder_balance (
    holder bytea not null,
    asset text collate "C" not null,
    available text collate "C" not null,
    held text collate "C" not null,
    reserved text collate "C" not null,
    incoming text collate "C" not null,
    withdrawing text collate "C" not null,
    overdrawn text collate "C" not null,
    deposited text collate "C" not null,
    constraint holder_balance_key primary key (holder, asset)
) with (fillfactor = 70);

-- All debits and credits of each account ever; an account of one authorization or of one intent leaves when they are
-- equal. `epoch` is that of the last entry that posted to it.
create table account (
    account text collate "C" not null,
    asset text collate "C" not null,
    debits text collate "C" not null,
    credits text collate "C" not null,
    epoch bigint not null,
    constraint account_key primary key (account, asset)
) with (fillfactor = 70);

-- What an account had when an epoch ended in which it had changed, and had until it changed again in the epoch `until`. The
-- key is in the order in which rows are added, so that they fill the table from one end.
create table closing (
    until bigint not null,
    account text collate "C" not null,
    asset text collate "C" not null,
    epoch bigint not null,
    debits text collate "C" not null,
    credits text collate "C" not null,
    constraint closing_key primary key (until, account, asset)
);

-- Epochs that are over, and the time of the last entry of each.
create table epoch (
    number bigint not null,
    at bigint not null,
    constraint epoch_key primary key (number)
);

-- All debits and credits of a platform's ledger ever, as they were after each posting to it.
create table ledger_posting (
    ledger bytea not null,
    position bigint not null,
    number bigint not null,
    debits text collate "C" not null,
    credits text collate "C" not null,
    constraint ledger_posting_key primary key (ledger, position, number)
);

-- A platform's journals and their reversals: where they stand, and what has taken them back.
create table journal (
    id bytea not null,
    position bigint not null,
    reversed_by bytea,
    constraint journal_key primary key (id)
);
