"""Verify proof bundles and chains of checkpoints of Amends, offline.

Needs Python 3.10 and the package `cryptography`, nothing else of Amends; short, so that you can
read it. KEY is the log's verifier key, had from the operator by another way than the file.

    python verify_bundle.py --key KEY [--witness KEY ...] FILE [FILE ...]

Prints what each file proves. Exit 0: all hold. 1: one does not. 2: called wrongly.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SAME = {"kind", "recorded_at_ms", "source", "version"}
FACT = SAME | {"happened_at_ms", "id", "payload", "subject", "subscriber"}
HEADER = SAME | {"first_happened_at_ms", "format", "last_happened_at_ms", "root", "rows", "segment"}


def demand(holds, claim):
    if not holds:
        raise ValueError(f"it is not so that {claim}")


def sha(data):
    return hashlib.sha256(data).digest()


def written(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signed_text(note, keys):
    """The text of a note that bears exactly the signatures of `keys`, in order, all valid."""
    head, _, lines = note.rpartition("\n\n")
    text, rebuilt = f"{head}\n", f"{head}\n\n"
    for line, key in zip(lines.split("\n")[:-1], keys, strict=True):
        name, key_id, public = key.split("+", 2)
        raw, signed = base64.b64decode(public), base64.b64decode(line.split(" ")[-1])
        rebuilt += f"— {name} {base64.b64encode(signed).decode()}\n"
        demand(sha(f"{name}\n".encode() + raw)[:4] == signed[:4] == bytes.fromhex(key_id), "key")
        message, signature = text, signed[4:]
        if raw[0] == 4:  # a witness signs the time, too
            at, signature = int.from_bytes(signed[4:12], "big"), signed[12:]
            message = f"cosignature/v1\ntime {at}\n{text}"
        Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature, message.encode())
    demand(rebuilt == note, "a note has its one form")
    return text


def checkpoint(note, keys):
    form = r"(.+)\n([1-9][0-9]{0,17})\n(.+)\nsettled [0-9]+\nsigned [0-9]+\nbefore [0-9a-f]{64}\n"
    note_match = re.fullmatch(form, signed_text(note, keys))
    demand(
        note_match and note_match[1] == keys[0].split("+")[0], "the checkpoint is one of this log"
    )
    return int(note_match[2]), base64.b64decode(note_match[3])


def climb(index, last, old, new, path):
    """The roots a path leads to (RFC 9162, section 2.1.4.2; with `new` alone, 2.1.3.2)."""
    for text in path:
        demand(last > 0 and re.fullmatch("[0-9a-f]{64}", text), "a path is hashes up to the root")
        sibling = bytes.fromhex(text)
        if index & 1 or index == last:
            old, new = sha(b"\x01" + sibling + old), sha(b"\x01" + sibling + new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = sha(b"\x01" + new + sibling)
        index, last = index >> 1, last >> 1
    demand(last == 0, "the path reaches the root")
    return old, new


def root_above(record, index, size, path):
    demand(type(index) is int and 0 <= index < size, "the entry is one of the log")
    leaf = sha(b"\x00" + record.encode())
    return climb(index, size - 1, leaf, leaf, path)[1]


def proved(entry, size, root):
    """The place and content of the fact an entry proves, alone or as a row of a segment."""
    record, number, row = entry["canonical"], -1, entry.get("row")
    stated = json.loads(record)
    demand(set(stated) == FACT and written(stated) == record, "a fact has its one form")
    if row:
        header, number = json.loads(row["header"]), row["number"]
        demand(set(header) == HEADER and written(header) == row["header"], "and so a segment")
        segment_root = root_above(record, number, header["rows"], row["path"])
        demand(segment_root.hex() == header["root"], "the row is one of its segment")
        demand(stated["id"] == f"{header['segment']}{number:05x}", "the row has its segment's id")
        record = row["header"]
    demand(root_above(record, entry["index"], size, entry["path"]) == root, "the log holds it")
    return (entry["index"], number), stated


def continues(first, second, path):
    demand(0 < first[0] < second[0], "checkpoints grow")
    perfect = not first[0] & (first[0] - 1)  # then the first tree is the first node of the path
    start, *steps = [first[1].hex(), *path] if perfect else path
    index, last = first[0] - 1, second[0] - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    roots = climb(index, last, bytes.fromhex(start), bytes.fromhex(start), steps)
    demand(roots == (first[1], second[1]), "each checkpoint continues the one before")


def verify(text, key, witnesses=()):
    """What a document proves, a line each; an error if anything in it is not as it was signed."""
    document = json.loads(text)
    demand(written(document) == text, "the file has its one spelling")
    signed = signed_text(document.pop("statement"), [key])
    digest = sha(written(document).encode()).hex()
    demand(signed == f"{document['format']}\n{digest}\n", "the file is as it was signed")
    if document["format"] == "amends-checkpoint-chain@1":
        seen = [checkpoint(note, [key]) for note in document["checkpoints"]]
        for first, second, path in zip(seen[:-1], seen[1:], document["proofs"], strict=True):
            continues(first, second, path)
        return [f"{size} entries, root {root.hex()}" for size, root in seen]
    demand(document["format"] == "amends-proof-bundle@1", "the format is known")
    demand(set(witnesses) <= set(document["witness_keys"]), "every witness you named signed")
    size, root = checkpoint(document["checkpoint"], [key, *document["witness_keys"]])
    proved_facts = dict(proved(entry, size, root) for entry in document["facts"])
    demand(
        list(proved_facts) == sorted(proved_facts) and len(proved_facts) == len(document["facts"]),
        "facts are once",
    )
    return [
        written({"entry": fact_position[0], **stated})
        for fact_position, stated in proved_facts.items()
    ]


def enclosed(text, path):
    """The files that lie beside a bundle, as its signed statement knows them."""
    for name, digest in (named := json.loads(text).get("enclosed", {})).items():
        demand(re.fullmatch(r"[a-z]+\.[a-z]+", name), "enclosed files lie beside the bundle")
        data = pathlib.Path(path).with_name(name).read_bytes()
        demand(sha(data).hex() == digest, f"{name} is as it was enclosed")
    return [f"{name}: as it was enclosed" for name in named]


def main():
    reader = argparse.ArgumentParser(description="Verify proofs of Amends, offline.")
    reader.add_argument("--key", required=True, help="the log's verifier key")
    reader.add_argument("--witness", action="append", default=[], help="a witness's verifier key")
    reader.add_argument("file", nargs="+", type=argparse.FileType("rb"))
    arguments, failed = reader.parse_args(), 0
    for file in arguments.file:
        try:
            text = file.read().decode()
            lines = verify(text, arguments.key, arguments.witness) + enclosed(text, file.name)
            print(*lines, sep="\n")  # noqa: T201 (its answer)
        except Exception as error:  # whatever it is that is wrong, the file proves nothing
            print(f"{file.name!r}: REJECTED ({error!r})")  # noqa: T201 (its answer)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
