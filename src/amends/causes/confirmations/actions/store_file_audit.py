"""Store the audit of files like those of the ledger, so that its refunds can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.audit_past import store_findings
from amends.causes.confirmations.actions.authority import demand_audit
from amends.causes.confirmations.actions.judge_files import JudgedFiles
from amends.causes.confirmations.models import Audit
from amends.causes.confirmations.rules.audit import Verdicts
from amends.people.subscribers.queries import allowances_of, service
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import from_ms


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """The audit, and how many of the services found are of nobody we know: they stay in its figures
    and nothing can be given back for them here."""

    audit: str
    unknown_services: int


def store_file_audit(judged: JudgedFiles, *, pack: str, actor: Actor, now: datetime) -> StoredAudit:
    """Store what was found in files; it refunds nothing and notifies nobody.

    judged  with what was found

    Whose a service is and which offer it is on are ours to know: the file's word for it is not
    taken.
    """
    demand_audit(actor)
    if judged.span_ms is None:
        raise BadInput(
            _("There is no charge in the file."),
            next_step=_("Give a file with charges."),
            code="audit_of_nothing",
        )
    wrong = judged.findings["service"].unique().to_list()
    owners = {ref: allowance.subscriber for ref, allowance in allowances_of(wrong).items()}
    offers = {
        ref: service_view.offer for ref in owners if (service_view := service(ref)) is not None
    }
    of_service = pl.col("service").replace_strict(offers, default="", return_dtype=pl.String)
    owner = pl.col("service").replace_strict(owners, default="", return_dtype=pl.String)
    named = judged.wrong.with_columns(
        subscriber=owner,
        offer=pl.when(pl.col("offer") == "").then(of_service).otherwise(pl.col("offer")),
        charge_minor=pl.col("amount_minor"),
    )
    first, last = judged.span_ms
    verdicts = Verdicts(named["code"].to_numpy(), np.arange(named.height))
    row = Audit(
        pack=pack,
        period_start=from_ms(first),
        period_end=from_ms(last + 1),
        made_at=now,
        made_by=actor.ref[:64],
        document=judged.sums.document(),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        store_findings(row, named, verdicts, only_registered=True)
    return StoredAudit(row.id, len(wrong) - len(owners))
