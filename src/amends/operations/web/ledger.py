"""The ledger's page: its size, its newest checkpoint, a check on the spot, and its coverage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amends.cases.complaints.texts.units import scope_words
from amends.engines.decisions.dossier.sheet import source_title
from amends.people.access.web.permission import requires
from amends.people.access.web.signs import fact_title
from amends.people.access.web.words import chinese
from amends.record.facts.coverage import EVERYONE
from amends.record.ledger.queries import overview
from amends.record.ledger.queries.keys import verifier_key
from amends.record.ledger.queries.proofs import proof_bundle, verified_lines

PERIOD = timedelta(days=30)
CHECKED = 20


def ledger_context() -> dict[str, Any]:
    """What the page shows."""
    now = timezone.now()
    feed_rows = overview.feeds(start=now - PERIOD, end=now)
    return {
        "now": now,
        "size": overview.size(),
        "signed": overview.newest_checkpoint(),
        "key": str(verifier_key()),
        "feeds": [
            (feed, source_title(feed.source, zh=chinese()), *feed_words(feed)) for feed in feed_rows
        ],
        "uncovered": sum(bool(feed.gaps) for feed in feed_rows),
        "checked": CHECKED,
    }


def feed_words(feed: overview.Feed) -> tuple[list[str], list[tuple[str, datetime, datetime]]]:
    """The kinds of facts of a feed, and its gaps: whom each is about ("" for everyone).

    Where every area lacks the same time, one line says so.
    """
    apart = {(start, end) for _scope, start, end in feed.gaps}
    if len(apart) == 1 and len(feed.gaps) == len(feed.scopes) > 1:
        gaps = [("", *next(iter(apart)))]
    else:
        gaps = [
            ("" if scope == EVERYONE else scope_words(scope), start, end)
            for scope, start, end in feed.gaps
        ]
    return [fact_title(kind) for kind in feed.kinds], gaps


@requires("ledger.verify")
def ledger(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "desk/ledger.html", ledger_context())


@require_POST
@requires("ledger.verify")
def check(request: HttpRequest) -> HttpResponse:
    """Verify some facts with the verifier a stranger would use."""
    facts = overview.sample(CHECKED)
    if not facts:
        messages.info(request, _("Nothing is numbered yet, so there is nothing to verify."))
        return redirect("ledger")
    try:
        proved = verified_lines(proof_bundle(facts))
    except Exception as error:  # whatever is wrong, the ledger does not verify
        messages.error(
            request,
            _("The ledger does NOT verify (%(error)s). Run amends ledger verify --deep now.")
            % {"error": error},
        )
    else:
        message = ngettext(
            "%(n)s fact, drawn over the whole log, verifies against the newest checkpoint with "
            "the verifier a stranger would use.",
            "%(n)s facts, drawn over the whole log, verify against the newest checkpoint with the "
            "verifier a stranger would use.",
            len(proved),
        )
        messages.success(request, message % {"n": len(proved)})
    return redirect("ledger")
