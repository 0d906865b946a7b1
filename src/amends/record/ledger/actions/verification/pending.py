"""Facts recorded and not numbered yet: at least their own hashes must fit."""

from __future__ import annotations

from amends.platform.kit.errors import gettext_noop as _
from amends.record.facts.canonical import leaf_hash
from amends.record.ledger.actions.verification.entries import KINDS
from amends.record.ledger.actions.verification.findings import Findings
from amends.record.ledger.models import Segment, SingleFact


def verify_pending(findings: Findings) -> int:
    """Compare what awaits its number with its hash; how many there are."""
    count = 0
    for model, what in ((SingleFact, "fact"), (Segment, "segment")):
        rows = model.objects.filter(seq__isnull=True).values_list("id", "leaf_hash", "canonical")
        for row, leaf, canonical in rows.iterator(chunk_size=2000):
            count += 1
            if leaf_hash(bytes(canonical)) != bytes(leaf):
                findings.add(
                    _("the %(kind)s, not numbered yet, and its hash differ"),
                    fact=row,
                    kind=KINDS[what],
                )
    return count
