"""Histories with a fault each, which the judge must find, and some without."""

import base64
import hashlib
import json
import os
import tempfile
import unittest
from unittest.mock import patch

import check_export
from judge import command_id, judge

BOOK, INCARNATION, SECRET = b"b" * 16, b"i" * 16, b"s" * 32
HOLDER, OTHER = b"h" * 16, b"o" * 16
DEBIT, CREDIT, USD = 1, 2, 1
AVAILABLE, HELD, CUSTODY = 1, 2, 7
OPENED, APPROVED, EXPIRED = 16, 1, 4
ORIGIN = (5, b"\x08\x01")


class Judged(unittest.TestCase):
    def setUp(self):
        self.entries = [([(OPENED, message((1, BOOK)))], command_id(BOOK, "opening"), [], [])]
        self.add("deposit", [(CUSTODY, DEBIT, 100), (AVAILABLE, CREDIT, 100)])
        for number in range(4):
            self.add(f"{number}", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 10)])
        self.clients = [line(key, position) for position, key in enumerate(["deposit", "0", "1", "2", "3"], 2)]
        # The leaves that a checkpoint is made of, of those that are there.
        self.leaves = lambda hashes: hashes
        self.is_signed = False
        self.times = range(1_000, 2_000)

    def add(self, key, postings, origin=(ORIGIN,), event=APPROVED):
        self.entries.append(([(event, b"")], command_id(BOOK, key), postings, list(origin)))

    def verdict(self, spoil=lambda lines: None):
        """What the judge says. The chain and the signature are good, whatever the entries are; then something is spoilt."""
        lines, hashes = [], []
        previous = bytes(32)
        for number, (events, command, postings, origin) in enumerate(self.entries, 1):
            parts = [(1, number), (2, previous), (3, self.times[number - 1]), (4, command), *origin]
            parts += [(6, message(event)) for event in events] + [(7, posting(*it)) for it in postings]
            stored = message(*parts)
            previous = hashlib.sha256(b"\0" + stored).digest()
            hashes.append(previous)
            lines.append({"stored": base64.b64encode(stored).decode(), "hash": previous.hex()})
        note, keys = checkpoint(self.leaves(hashes), self.is_signed)
        spoil(lines)
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("export", "checkpoint", "keys")]
            for path, text in zip(paths, ["".join(json.dumps(it) + "\n" for it in lines), note, keys]):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            with patch("check_export.verifies", check_export.verifies if self.is_signed else lambda *_: True):
                try:
                    return judge(*paths, map(json.dumps, self.clients))
                except SystemExit as end:
                    return end.code

    def finds(self, what, spoil=lambda lines: None):
        self.assertRegex(self.verdict(spoil), f"^wrong: .*{what}")

    def test_a_good_history(self):
        self.assertEqual(self.verdict(), "6 entries, 6 signed; 5 acknowledged")

    def test_what_clients_may_see_of_a_good_history(self):
        self.add("late", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 10)])
        self.clients += [
            line("late", None, sent=200, answered=None, status=None),
            line("never", None, sent=201, answered=None, status=None),
            line("never", None, sent=202, status=503),
            line("0", 3, sent=300),
            line("0", None, sent=301, status=409, body="other", refused="idempotency_key_reused"),
            line("poor", None, sent=302, status=422, refused="insufficient_funds"),
        ]
        self.assertEqual(
            self.verdict(),
            "7 entries, 7 signed; 5 acknowledged, 1 refused, 1 unanswered, and not there, 1 unanswered, and there",
        )

    def test_what_expires_by_itself(self):
        self.add("expiry", [(HELD, DEBIT, 10), (AVAILABLE, CREDIT, 10)], origin=(), event=EXPIRED)
        self.assertEqual(self.verdict(), "7 entries, 7 signed; 5 acknowledged")

    def test_a_journal_that_opens_no_book(self):
        self.entries[0] = ([(EXPIRED, message((1, BOOK)))], *self.entries[0][1:])
        self.finds("the first entry does not open a book")

    def test_a_clock_that_goes_back(self):
        self.times = [1, 2, 3, 2, 4, 5]
        self.finds("entry 4 is earlier than the one before")

    def test_a_changed_bit(self):
        def spoil(lines):
            stored = bytearray(base64.b64decode(lines[3]["stored"]))
            stored[-1] ^= 1
            lines[3]["stored"] = base64.b64encode(stored).decode()

        self.finds("entry 4 is not what its hash says", spoil)

    def test_a_missing_position(self):
        self.finds("entry 3 does not follow", lambda lines: lines.pop(2))

    def test_exchanged_entries(self):
        self.finds("entry 3 does not follow", lambda lines: lines.insert(2, lines.pop(3)))

    def test_a_missing_end(self):
        self.finds("there were 6 entries when the checkpoint was signed", lambda lines: lines.pop())

    def test_another_history_than_the_one_that_was_signed(self):
        self.leaves = lambda hashes: hashes[:3]
        self.assertEqual(self.verdict(), "6 entries, 3 signed; 5 acknowledged")
        self.leaves = lambda hashes: [*hashes[:2], bytes(32)]
        self.finds("the first 3 entries are not those of the checkpoint")

    def test_a_checkpoint_that_another_key_has_signed(self):
        self.is_signed = True
        self.assertEqual(self.verdict(), "6 entries, 6 signed; 5 acknowledged")
        with patch(__name__ + ".times_base", lambda scalar: check_export.times(scalar + 1, BASE)):
            self.finds("the checkpoint's signature is wrong")
        with patch(__name__ + ".BOOK", OTHER):
            strangers = checkpoint([bytes(32)], False)[1]
        ours = checkpoint
        with patch(__name__ + ".checkpoint", lambda *leaves: (ours(*leaves)[0], strangers)):
            self.finds("the checkpoint is not signed with a key that is trusted")

    def test_an_entry_that_does_not_balance(self):
        self.add("odd", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 11)])
        self.clients.append(line("odd", 7))
        self.finds("entry 7 does not balance")

    def test_a_trial_balance_that_is_not_zero(self):
        self.add("odd", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 11)])
        self.clients.append(line("odd", 7))
        with patch("check_export.require", lambda holds, otherwise: None):
            self.finds("the trial balance is not zero")

    def test_a_posting_of_nothing(self):
        self.add("nothing", [(AVAILABLE, DEBIT, 0), (HELD, CREDIT, 0)])
        self.clients.append(line("nothing", 7))
        self.finds("entry 7 has a posting that is none")

    def test_an_account_below_zero(self):
        self.add("greedy", [(AVAILABLE, DEBIT, 61), (HELD, CREDIT, 61)])
        self.clients.append(line("greedy", 7))
        self.finds("entry 7 leaves account 1-.* below zero")

    def test_an_account_below_zero_for_a_moment(self):
        self.add("greedy", [(AVAILABLE, DEBIT, 61), (HELD, CREDIT, 61)])
        self.add("back", [(HELD, DEBIT, 61), (AVAILABLE, CREDIT, 61)])
        self.clients += [line("greedy", 7), line("back", 8)]
        self.finds("entry 7 leaves account 1-.* below zero")

    def test_a_lost_acknowledgement(self):
        self.clients.append(line("lost", 7))
        self.finds("`lost` was acknowledged at 7, and is lost")

    def test_an_acknowledgement_at_another_position(self):
        self.clients[1] = line("0", 4)
        self.clients[2] = line("1", 3)
        self.finds("`0` was acknowledged at 4, and is at 3")

    def test_two_positions_for_a_command(self):
        self.clients.append(line("0", 4, sent=400))
        self.finds("`0` was acknowledged at 3 and at 4")

    def test_two_effects_of_a_command(self):
        self.add("0", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 10)])
        self.finds("entry 7 does again what entry 3 has done")

    def test_two_bodies_under_a_key(self):
        self.clients.append(line("0", 3, sent=400, body="other"))
        self.finds("`0` was accepted with two bodies")

    def test_two_answers_to_a_command(self):
        self.clients.append(line("0", 3, sent=400, answer="other"))
        self.finds("`0` was answered in two ways")

    def test_the_effect_of_a_refused_command(self):
        self.clients[1] = line("0", None, status=422, refused="insufficient_funds")
        self.finds("`0` was refused for good, and is at 3")

    def test_a_command_that_is_refused_after_it_was_acknowledged(self):
        self.clients.append(line("0", None, sent=400, status=422, refused="insufficient_funds"))
        self.finds("`0` was refused after it was acknowledged")

    def test_a_command_that_is_refused_its_own_body(self):
        self.clients.append(line("0", None, sent=400, status=409, refused="idempotency_key_reused"))
        self.finds("`0` is refused its own body")

    def test_what_nobody_has_asked_for(self):
        self.add("ghost", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 10)])
        self.finds("nobody has asked for entry 7")

    def test_what_the_ledger_does_not_do_by_itself(self):
        self.add("ghost", [(AVAILABLE, DEBIT, 10), (HELD, CREDIT, 10)], origin=())
        self.finds("nobody has asked for entry 7")

    def test_a_command_that_overtook_one_that_was_answered(self):
        self.clients[3], self.clients[4] = line("2", 5, sent=900), line("3", 6, sent=100, answered=101)
        self.finds("`2` stands before `3`, which was answered before it was sent")

    def test_an_acceptance_without_a_position(self):
        self.clients[1] = line("0", None, status=200)
        self.finds("`0` was accepted without a position")

    def test_a_lost_end_that_was_accepted(self):
        recovery = message((1, INCARNATION), (2, OTHER))
        self.entries.append(([(58, recovery)], command_id(BOOK, "recovery"), [], []))
        self.leaves = lambda hashes: [*hashes, bytes(32), bytes(32)]
        self.finds("entries 7 to 9 were lost")


def line(key, position, sent=10, answered=20, status=200, refused=None, body="body", answer="answer"):
    answered = answered if answered is None or answered >= sent else sent + 1
    return dict(key=key, position=position, sent=sent, answered=answered, status=status, refused=refused, body=body, answer=answer)


def message(*parts):
    encoded = b""
    for number, value in parts:
        if isinstance(value, bytes):
            encoded += varint(number << 3 | 2) + varint(len(value)) + value
        else:
            encoded += varint(number << 3) + varint(value)
    return encoded


def varint(value):
    encoded = b""
    while value > 127:
        encoded, value = encoded + bytes([value & 127 | 128]), value >> 7
    return encoded + bytes([value])


def posting(kind, side, amount):
    whose = [] if kind == CUSTODY else [(3, HOLDER)]
    return message((1, side), (2, kind), *whose, (6, USD), (7, amount))


def checkpoint(hashes, is_signed):
    """A checkpoint of these leaves, and the key that it is signed with: Ed25519, RFC 8032, section 5.1.6."""
    subtrees = []
    for leaf in hashes:
        subtrees.append((1, leaf))
        while len(subtrees) > 1 and subtrees[-2][0] == subtrees[-1][0]:
            check_export.join(subtrees)
    name = f"ledgeros/{BOOK.hex()}/{INCARNATION.hex()}"
    text = f"{name}\n{len(hashes)}\n{base64.b64encode(check_export.root_of(subtrees)).decode()}\n"
    public, signature = sign(text.encode()) if is_signed else (bytes(32), bytes(64))
    key = b"\1" + public
    key_id = hashlib.sha256(f"{name}\n".encode() + key).digest()[:4]
    signature = base64.b64encode(key_id + signature).decode()
    return f"{text}\n\u2014 {name} {signature}\n", f"{name}+{key_id.hex()}+{base64.b64encode(key).decode()}\n"


def sign(text):
    digest = hashlib.sha512(SECRET).digest()
    scalar = int.from_bytes(digest[:32], "little") & ~7 & (1 << 254) - 1 | 1 << 254
    nonce = int.from_bytes(hashlib.sha512(digest[32:] + text).digest(), "little") % check_export.L
    public, commitment = encoded(times_base(scalar)), encoded(check_export.times(nonce, BASE))
    challenge = int.from_bytes(hashlib.sha512(commitment + public + text).digest(), "little") % check_export.L
    return public, commitment + ((nonce + challenge * scalar) % check_export.L).to_bytes(32, "little")


BASE = check_export.point((4 * pow(5, check_export.P - 2, check_export.P) % check_export.P).to_bytes(32, "little"))


def times_base(scalar):
    return check_export.times(scalar, BASE)


def encoded(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


if __name__ == "__main__":
    unittest.main()
