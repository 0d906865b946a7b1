"""Score the partners for a month, and open the proceedings that the rules lead to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from amends.causes.vetting.actions.proceedings import propose
from amends.causes.vetting.models import PartnerProceeding, PartnerScore, ProceedingState
from amends.causes.vetting.queries.partner_counts import component_counts
from amends.causes.vetting.rules.partner_consequences import STEPS, partner_rules, proposed_step
from amends.causes.vetting.rules.partner_scores import PartnerStanding, partner_standings
from amends.platform.kit.actors import system
from amends.platform.kit.packs import day_in, zone_of

DAYS = 90


@dataclass(frozen=True, slots=True)
class PartnersScored:
    """How many partners were scored for a month, and the proceedings that were opened."""

    month: date
    partners: int
    worse: int
    opened: list[str]


def score_partners(*, now: datetime) -> PartnersScored:
    """Score all partners by the last `DAYS` days; the score of the month is replaced."""
    pack = settings.JURISDICTION
    today = day_in(pack, now)
    counts = component_counts(
        start=now - timedelta(days=DAYS), end=now, zone=ZoneInfo(zone_of(pack))
    )
    standings = partner_standings(counts)
    rules = partner_rules(today)
    opened = []
    with transaction.atomic():
        for partner_standing in standings:
            PartnerScore.objects.update_or_create(
                partner=partner_standing.partner,
                month=today.replace(day=1),
                defaults={
                    "components": [asdict(each) for each in partner_standing.components],
                    "worse": partner_standing.worse,
                    "rank": partner_standing.rank,
                    "made_at": now,
                },
            )
            step = proposed_step(partner_standing, rules)
            if step is not None and not _is_known(partner_standing, step.step):
                opened.append(
                    propose(
                        partner_standing.partner,
                        step=step.step,
                        reasons=[asdict(reason) for reason in step.reasons],
                        by=system("vetting"),
                        now=now,
                    )
                )
    return PartnersScored(
        month=today.replace(day=1),
        partners=len(standings),
        worse=sum(bool(partner_standing.worse) for partner_standing in standings),
        opened=opened,
    )


def _is_known(partner_standing: PartnerStanding, step: str) -> bool:
    """Whether this step, or a severer one, is open or in force already."""
    severer = STEPS[STEPS.index(step) :]
    rows = PartnerProceeding.objects.filter(partner=partner_standing.partner, step__in=severer)
    return rows.exclude(state=ProceedingState.DROPPED).exists()
