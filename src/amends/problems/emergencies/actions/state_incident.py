"""State as facts that an incident began or ended, so that complaints it covers find it."""

from __future__ import annotations

from datetime import datetime

from amends.problems.emergencies.models import Emergency
from amends.problems.hotissues.queries.causes import offers_meant
from amends.record.catalogue.queries import areas_within
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


def state_incident(
    emergency: Emergency, *, ended: bool = False, at: datetime, now: datetime
) -> None:
    """One fact on the hot issue, for its complaints, and one on each area hit; a drill states none.

    An incident that names no area is stated on the offers it hits.
    """
    issue = emergency.issue
    if issue.drill:
        return
    ref = issue.subject
    offers = sorted(
        {meant_offer for named in emergency.offers for meant_offer in offers_meant(named)}
    )
    incident_areas = sorted(areas_within(emergency.areas))
    subjects = [(ref, "")] + [(area, area) for area in incident_areas]
    if not incident_areas:
        subjects += [(offer, "") for offer in offers]
    about: dict[str, str | int] = (
        {}
        if ended
        else {
            "technology": "all",
            "cause": f"declared:{emergency.kind}",
        }
    )
    brand = emergency.brand or issue.brand
    narrowed = {"offers": ",".join(offers), "brand": brand} if not ended else {}
    narrowed = {name: value for name, value in narrowed.items() if value}
    kind = "IncidentClosed" if ended else "IncidentOpened"
    append(
        [
            Fact(
                kind=kind,
                subscriber="",
                subject=subject,
                happened_at=at,
                source="hotissues",
                payload={
                    "incident": ref,
                    "area": area,
                    **about,
                    **(narrowed if subject != ref else {}),
                },
            )
            for subject, area in subjects
        ],
        now=now,
    )
