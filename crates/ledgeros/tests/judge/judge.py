"""Judges a history: what a book's export says, beside what its clients were told.

    judge.py EXPORT CHECKPOINT PUBLIC_KEYS CLIENTS

EXPORT is what `ledgeros audit export --format jsonl` has written, CHECKPOINT what `ledgeros audit checkpoint` prints, PUBLIC_KEYS
the file `checkpoint.pub`. CLIENTS has a line of JSON for each request that a client has sent:

    key         the request's Idempotency-Key
    body        a hash of what was asked for
    sent        when, on the clients' one clock
    answered    when the answer was there; null where none came
    status      the answer's HTTP status
    refused     the code of the error that it tells of; null where it tells of none
    position    its Ledger-Position, where it has one
    answer      a hash of the answer's body

Needs Python 3.8, no package, and one look at each entry and each line. Exits with 1 and says what is wrong, or with 0.
"""

import collections
import hashlib
import json
import sys

from check_export import account_of, check, fields, require

# Accounts that must not be below zero, by kind: available, held, incoming, payable, reserved, withdrawing, fees earned …
CREDITS = {1, 2, 3, 5, 9, 10, 14, 15}
# … and overdrawn, receivable, presentments, expenses.
DEBITS = {4, 6, 11, 16, 17, 18}
# What the ledger writes by itself: the book's opening and recovery, its first keys, and what has expired.
UNASKED = {16, 17, 58, 4, 10, 11}
# What the same key with another body is refused with.
REUSED = "idempotency_key_reused"


class Command:
    """All that clients know of an Idempotency-Key."""

    def __init__(self):
        self.first_sent = self.first_answered = self.last_refused = None
        self.position = self.body = self.answer = None
        # Whether an answer is missing: it may have been done, or may yet be.
        self.is_open = False


def main(export, checkpoint, public_keys, clients):
    print(judge(export, checkpoint, public_keys, open(clients, encoding="utf-8")))


def judge(export, checkpoint, public_keys, clients):
    commands = told(clients)
    found, asked, book = {}, {}, []

    def see(position, entry, balances):
        events = [number for event in entry[6] for number in fields(event)]
        if position == 1:
            require(events == [16], "the first entry does not open a book")
            book.append(fields(fields(entry[6][0])[16][0])[1][0])
            asked.update((command_id(book[0], key), key) for key in commands)
        (command,) = entry[4]
        require(command not in found, f"entry {position} does again what entry {found.get(command)} has done")
        found[command] = position
        is_asked = command in asked or (5 not in entry and UNASKED.issuperset(events))
        require(is_asked, f"nobody has asked for entry {position}")
        for posting in map(fields, entry.get(7, [])):
            (kind,), account, (asset,) = posting[2], account_of(posting), posting[6]
            balance = balances[account, asset]
            is_sound = balance <= 0 if kind in CREDITS else 0 <= balance if kind in DEBITS else True
            require(is_sound, f"entry {position} leaves account {account} below zero")

    entries, signed, lost, balances = check(export, checkpoint, public_keys, see)
    require(lost is None, f"entries {lost} to {signed} were lost")
    totals = collections.Counter()
    for (_, asset), balance in balances.items():
        totals[asset] += balance
    require(not any(totals.values()), "the trial balance is not zero")
    counts = collections.Counter()
    by_position = {}
    for identity, key in asked.items():
        command, position = commands[key], found.get(identity)
        if command.position is not None:
            require(position is not None, f"`{key}` was acknowledged at {command.position}, and is lost")
            require(position == command.position, f"`{key}` was acknowledged at {command.position}, and is at {position}")
            counts["acknowledged"] += 1
        elif command.last_refused is not None and not command.is_open:
            require(position is None, f"`{key}` was refused for good, and is at {position}")
            counts["refused"] += 1
        else:
            counts["unanswered, and there" if position else "unanswered, and not there"] += 1
        if position is not None:
            by_position[position] = key
    in_order(commands, by_position)
    return f"{entries} entries, {signed} signed; " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


def told(clients):
    """What the clients say, by key; it must not contradict itself."""
    commands = collections.defaultdict(Command)
    reused = []
    for line in map(json.loads, clients):
        key, status = line["key"], line["status"]
        command = commands[key]
        if command.first_sent is None or line["sent"] < command.first_sent:
            command.first_sent = line["sent"]
        if line["answered"] is None or status >= 500:
            command.is_open = True
        elif 200 <= status < 300:
            accepted(key, command, line)
        elif line["refused"] == REUSED:
            reused.append(line)
        else:
            command.last_refused = max(line["sent"], command.last_refused or line["sent"])
    for line in reused:
        command = commands[line["key"]]
        require(command.body != line["body"], f"`{line['key']}` is refused its own body")
    for key, command in commands.items():
        is_kept = None in (command.first_answered, command.last_refused) or command.last_refused <= command.first_answered
        require(is_kept, f"`{key}` was refused after it was acknowledged")
    return commands


def accepted(key, command, line):
    """Each acceptance of a command is the first one again."""
    position, body, answer, answered = (line[name] for name in ("position", "body", "answer", "answered"))
    require(position is not None, f"`{key}` was accepted without a position")
    if command.position is None:
        command.position, command.body, command.answer, command.first_answered = position, body, answer, answered
    require(command.position == position, f"`{key}` was acknowledged at {command.position} and at {position}")
    require(command.body == body, f"`{key}` was accepted with two bodies")
    require(command.answer == answer, f"`{key}` was answered in two ways")
    command.first_answered = min(command.first_answered, answered)


def in_order(commands, by_position):
    """What was answered before something else was sent stands before it."""
    first_later = None
    for position in sorted(by_position, reverse=True):
        command = commands[by_position[position]]
        if first_later is not None:
            answered, key = first_later
            is_before = command.first_sent <= answered
            require(is_before, f"`{by_position[position]}` stands before `{key}`, which was answered before it was sent")
        if command.first_answered is not None and (first_later is None or command.first_answered < first_later[0]):
            first_later = (command.first_answered, by_position[position])


def command_id(book, key):
    return hashlib.sha256(b"ledgeros command 1" + book + key.encode()).digest()[:16]


if __name__ == "__main__":
    main(*sys.argv[1:])
