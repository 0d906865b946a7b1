"""The kinds of facts, what each carries, and how each reads to a person.

A kind is a past participle. `required` and `optional` give the payload's fields; `zh` and `en` are
the sentences a dossier shows. In a sentence `{name}` is the value, `{amount}` and `{price}` are the
money fields `*_minor` with their currency, `{happened}` the time in the reader's form. References
(orders, charges, services) are opaque strings; personal values never stand in a payload.
"""

from __future__ import annotations

from amends.record.facts.kinds.feeds import TOLD
from amends.record.facts.kinds.kind import FactKind
from amends.record.facts.kinds.platform import DONE

__all__ = ["DONE", "KINDS", "TOLD", "Kind"]

KINDS: dict[str, FactKind] = TOLD | DONE
