"""Checks an exported journal by what docs/journal-format.md says, and by nothing else.

    check_export.py EXPORT CHECKPOINT PUBLIC_KEYS

Needs Python 3.8 and no package. Exits with 1 and says what is wrong, or with 0 and the balances.
"""

import base64
import collections
import hashlib
import json
import sys


def main(export, checkpoint, public_keys):
    position, size, lost, balances = check(export, checkpoint, public_keys)
    print(f"{position} entries; signed: {size}" + (f", lost: {lost} to {size}" if lost else ""))
    for (account, asset), amount in sorted(balances.items()):
        print(account, asset, amount)


def check(export, checkpoint, public_keys, see=lambda position, entry, balances: None):
    """Reads the export once; who wants to know more of it sees each entry, and the balances after it."""
    origin, size, root = read_checkpoint("".join(lines_of(checkpoint)), lines_of(public_keys))
    lost = None
    subtrees, balances = [], collections.Counter()
    position, previous, time = 0, bytes(32), 0
    for line in lines_of(export):
        line = json.loads(line)
        stored = base64.b64decode(line["stored"], validate=True)
        entry = fields(stored)
        position += 1
        require(entry[1] == [position] and entry[2] == [previous], f"entry {position} does not follow the one before")
        require(time <= entry[3][0], f"entry {position} is earlier than the one before")
        time, previous = entry[3][0], hashlib.sha256(b"\0" + stored).digest()
        require(line["hash"] == previous.hex(), f"entry {position} is not what its hash says")
        post(balances, entry.get(7, []), position)
        see(position, entry, balances)
        for event in map(fields, entry[6]):
            # What was lost with the incarnation that has signed the checkpoint, or with the one that the anchor was of.
            for recovery in map(fields, event.get(58, [])):
                anchored = [fields(anchor)[1][0] for anchor in recovery.get(3, [])]
                if lost is None and bytes.fromhex(origin.split("/")[2]) in [recovery[1][0], *anchored] and size >= position:
                    lost = position
        subtrees.append((1, previous))
        while len(subtrees) > 1 and subtrees[-2][0] == subtrees[-1][0]:
            join(subtrees)
        if position == size and lost is None:
            require(root_of(subtrees) == root, f"the first {size} entries are not those of the checkpoint")
    require(lost or size <= position, f"there were {size} entries when the checkpoint was signed, and {position} are here")
    return position, size, lost, balances


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        yield from file


def post(balances, postings, position):
    totals = collections.Counter()
    for posting in map(fields, postings):
        (side,), (asset,) = posting[1], posting[6]
        amount = posting.get(8, [0])[0] << 64 | posting.get(7, [0])[0]
        require(side in (1, 2) and amount > 0, f"entry {position} has a posting that is none")
        totals[asset] += amount if side == 1 else -amount
        balances[account_of(posting), asset] += amount if side == 1 else -amount
    require(not any(totals.values()), f"entry {position} does not balance")


def account_of(posting):
    """The kind of an account, and whose it is."""
    parts = (posting[2][0], *(posting.get(number, [None])[0] for number in (3, 4, 5)))
    return "-".join(part.hex() if isinstance(part, bytes) else str(part) for part in parts if part is not None)


def fields(message):
    """The values of each field: numbers and bytes."""
    found, at = collections.defaultdict(list), 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at)
        require(key & 7 in (0, 2), "a field has a type that does not occur")
        if key & 7 == 2:
            value, at = message[at : at + value], at + value
            require(at <= len(message), "a field is cut short")
        found[key >> 3].append(value)
    return found


def varint(message, at):
    value = shift = 0
    while True:
        require(at < len(message) and shift < 70, "a number is cut short")
        value, shift, at = value | (message[at] & 127) << shift, shift + 7, at + 1
        if message[at - 1] < 128:
            return value, at


def join(subtrees):
    (right_size, right), (left_size, left) = subtrees.pop(), subtrees.pop()
    subtrees.append((left_size + right_size, hashlib.sha256(b"\1" + left + right).digest()))


def root_of(subtrees):
    subtrees = list(subtrees)
    while len(subtrees) > 1:
        join(subtrees)
    return subtrees[0][1]


def read_checkpoint(note, public_keys):
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")
    for public_key in public_keys:
        name, key_id, key = public_key.strip().split("+", 2)
        key = base64.b64decode(key, validate=True)
        expected_id = hashlib.sha256(f"{name}\n".encode() + key).digest()[:4]
        require(key_id == expected_id.hex() and key[0] == 1, "a public key is none")
        for line in signatures.splitlines():
            signer, _, signature = line.partition("\u2014 ")[2].partition(" ")
            signature = base64.b64decode(signature, validate=True)
            if signer == name == origin and signature[:4] == expected_id:
                require(verifies(key[1:], f"{text}\n".encode(), signature[4:]), "the checkpoint's signature is wrong")
                return origin, int(size), base64.b64decode(root, validate=True)
    require(False, "the checkpoint is not signed with a key that is trusted")


# Ed25519, RFC 8032, section 5.1: points are (x, y) on -x² + y² = 1 + d x² y² modulo p.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def verifies(key, message, signature):
    public, commitment = point(key), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or public is None or commitment is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    return times(scalar, base) == add(commitment, times(challenge, public))


def point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P)
    return (x % P, y % P)


def times(scalar, base):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, base)
        base, scalar = add(base, base), scalar >> 1
    return result


def require(holds, otherwise):
    if not holds:
        sys.exit(f"wrong: {otherwise}")


if __name__ == "__main__":
    main(*sys.argv[1:])
