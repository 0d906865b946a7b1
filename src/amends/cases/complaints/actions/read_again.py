"""Read the records of open complaints once more, after something that concerns them was found."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import OperationalError

from amends.cases.complaints.actions.investigate_again import investigate_again
from amends.cases.complaints.actions.settle import settle_alone
from amends.cases.complaints.models import Complaint
from amends.platform.kit.actors import system
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused

DESK = system("desk")
log = logging.getLogger("amends.pipeline")


def read_again(complaints: Sequence[str], now: datetime) -> list[str]:
    """Those of the complaints whose suggestion is new; rules settle what they may settle.

    What somebody has decided, taken over or handed up for approval is left to them.
    """
    changed_refs, alone = [], []
    for part in slices(list(complaints)):
        rows = Complaint.objects.filter(id__in=part, is_open=True, approval_role="", handler="")
        for ref in rows.order_by("received_at", "id").values_list("id", flat=True):
            try:
                outcome = investigate_again(ref, actor=DESK, now=now, verb="incident_stated")
            except Refused:
                continue
            except OperationalError:
                raise
            except Exception:
                log.exception("A complaint could not be read anew.")
                continue
            changed_refs.append(ref)
            if outcome.alone:
                alone.append(ref)
    if alone:
        settle_alone(alone, now=now)
    return changed_refs
