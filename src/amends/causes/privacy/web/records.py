"""What an auditor asks for: the record of processing, and the register of assets and risks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from amends.causes.privacy.queries.processing import processing
from amends.people.access.queries import rules_on
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.words import chinese
from amends.platform.kit.packs import load_rules


@requires("privacy.read")
@require_safe
def processing_page(request: HttpRequest) -> HttpResponse:
    """The record of processing, from the models, the purposes and the reviewed services."""
    brand = actor_of(request).brand
    record, at = processing(timezone.now(), brand=brand), 0 if chinese() else 1
    context = {
        "rows": [
            {
                "purpose": activity.zh if at == 0 else activity.en,
                "what": activity.categories[at],
                "how_long": activity.retention[at],
                "term": _term(record.days.get(activity.term)),
                "who": activity.recipients[at],
                "source": activity.source,
                "fields": sorted(activity.fields),
            }
            for activity in record.activities
        ],
        "purposes": [
            (purpose.zh if at == 0 else purpose.en, purpose) for purpose in record.purposes
        ],
        "services": record.services,
        "missing": record.missing,
        "version": record.version,
    }
    return render(request, "desk/privacy_processing.html", context)


def _term(days: int | None) -> str:
    """A term of retention: years where it is whole years."""
    if not days:
        return ""
    years, days_left = divmod(days, 365)
    if days_left:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": f"{days:,}"}
    return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}


@requires("privacy.read")
@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """Assets and risks, gravest first; made to be printed."""
    day, at = timezone.localdate(), 0 if chinese() else 1
    file = load_rules("amends.causes.privacy", "security-register", day)
    roles, tongue = rules_on(day).roles, "zh" if at == 0 else "en"
    rows = sorted(file.rules, key=lambda row: -row["impact"] * row["likelihood"])
    context = {
        "rows": [
            {
                "asset": row[tongue],
                "owner": roles[row["owner"]][at],
                "risk": row[f"risk_{tongue}"],
                "control": row[f"control_{tongue}"],
                "impact": row["impact"],
                "likelihood": row["likelihood"],
                "weight": row["impact"] * row["likelihood"],
                "evidence": row[f"evidence_{tongue}"],
            }
            for row in rows
        ],
        "version": file.version,
        "on": day,
    }
    return render(request, "desk/privacy_register.html", context)
