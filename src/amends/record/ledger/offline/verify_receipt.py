"""Verify receipts of confirmations, offline.

Needs `verify_bundle.py` of Amends beside it (or Amends itself), Python 3.10 and `cryptography`.

    python verify_receipt.py --key KEY FILE [FILE ...]

Prints what each receipt says. Exit 0: all hold. 1: one does not. 2: called wrongly.
"""

import argparse
import hashlib
import json
import sys

try:
    from amends.record.ledger.offline.verify_bundle import demand, signed_text, verify, written
except ImportError:
    from verify_bundle import demand, signed_text, verify, written


FIELDS = (
    "schema_version",
    "record_id",
    "pii_principal_id",
    "pii_controller",
    "purposes",
    "legal_basis",
    "pii_categories",
    "retention",
    "withdrawal",
    "events",
)


def verify_receipt(text, key):
    """The receipt as a dictionary; an error if anything in it is not as it was signed."""
    document = json.loads(text)
    demand(written(document) == text, "the file has its one spelling")
    signed = signed_text(document.pop("statement"), [key])
    digest = hashlib.sha256(written(document).encode()).hexdigest()
    demand(document["format"] == "amends-consent-receipt@1", "the format is known")
    demand(signed == f"{document['format']}\n{digest}\n", "the receipt is as it was signed")
    for name in FIELDS:
        demand(document.get(name), f"the receipt says its {name}")
    purpose = document["purposes"][0]
    terms = hashlib.sha256(written(purpose["terms"]).encode()).hexdigest()
    demand(terms == purpose["terms_sha256"], "the terms are those that were hashed")
    proved = [json.loads(line) for line in verify(document["proof"], key)]
    facts = {fact["id"]: fact for fact in proved}
    demand(set(facts) == {event["fact"] for event in document["events"]}, "each event is proved")
    for event in document["events"]:
        fact = facts[event["fact"]]
        demand(fact["kind"] == event["kind"], "each event is of its kind")
        demand(fact["happened_at_ms"] == event["at_ms"], "each event has its time")
        demand(fact["payload"]["order"] == document["record_id"], "each event is of this order")
        demand(fact["subscriber"] == document["pii_principal_id"], "each event is of this person")
        for name in ("channel", "method", "step", "evidence"):
            demand(fact["payload"].get(name) == event.get(name), f"each event has its {name}")
        if "terms" in fact["payload"]:
            demand(fact["payload"]["terms"] == terms, "each answer is about these terms")
    return document


def main():
    reader = argparse.ArgumentParser(description="Verify receipts of Amends, offline.")
    reader.add_argument("--key", required=True, help="the log's verifier key")
    reader.add_argument("file", nargs="+", type=argparse.FileType("rb"))
    arguments, failed = reader.parse_args(), 0
    for file in arguments.file:
        try:
            receipt_record = verify_receipt(file.read().decode(), arguments.key)
            print(receipt_record["record_id"], written(receipt_record["purposes"][0]["terms"]))  # noqa: T201 (its answer)
            for event in receipt_record["events"]:
                print(" ", written(event))  # noqa: T201 (its answer)
        except Exception as error:  # whatever it is that is wrong, the file proves nothing
            print(f"{file.name!r}: REJECTED ({error!r})")  # noqa: T201 (its answer)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
