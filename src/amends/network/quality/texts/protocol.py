"""The protocol of a campaign: every test, the verdict, and the signature of this installation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from amends.network.measurement.validity import REASONS
from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.queries.verdicts import campaign_verdict, rule, zone
from amends.network.quality.rules.signed_pdf import signed
from amends.network.quality.texts.verdicts import PROMISES, shown
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.sheets import SOFT, Sheets
from amends.record.ledger.queries.keys import signing_key

_WIDTHS = (30.0, 20.0, 20.0, 16.0, 16.0, 26.0, 46.0)


def protocol(campaign: Campaign, now: datetime) -> bytes:
    """The signed PDF, in the reader's language; the file of `quality verdict` lies within it."""
    tests = list(campaign.tests.order_by("at", "code"))
    rules, verdict = campaign_verdict(campaign, tests, now)
    verdict_texts = shown(rules, verdict)
    sheets = Sheets(_("Protocol of speed tests %(code)s") % {"code": campaign.code})
    sheets.set_title(sheets.foot)
    sheets.set_lang("zh-CN" if is_chinese(get_language() or "") else "en")
    sheets.set_creation_date(now)
    sheets.add_page()
    sheets.words(sheets.foot, size=17, after=2)
    sheets.words(f"{verdict_texts['title']} · {rules.version}", size=9, colour=SOFT, after=1)
    sheets.words(_("Source: %(source)s") % {"source": rules.source}, size=8, colour=SOFT, after=4)
    sheets.words(verdict_texts["sentence"], size=12, after=2)
    kept_label, broken = pgettext("speed clause", "kept"), pgettext("speed clause", "broken")
    undecided = pgettext("speed clause", "open")
    for clause in verdict_texts["clauses"]:
        mark = {True: kept_label, False: broken}.get(clause["met"], undecided)
        sheets.words(f"{clause['title']} ({mark}): {clause['why']}", size=9, after=1)
    for missing_text in verdict_texts["missing"]:
        sheets.words(missing_text, size=9, after=1)
    sheets.ln(2)
    for name, label in PROMISES.items():
        if name in campaign.plan:
            promised = f"{_(label)}: {campaign.plan[name]:g} Mbit/s"
            sheets.words(promised, size=9)
    sheets.ln(4)
    head = (
        _("Measured"),
        pgettext("speed", "Download"),
        _("Upload"),
        _("Latency"),
        _("Latency, busy"),
        _("Measurement server"),
        pgettext("speed test", "Counts"),
    )
    align = ("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT", "LEFT", "LEFT")
    sheets.rows(head, _rows(campaign, tests), widths=_WIDTHS, align=align)
    sheets.ln(4)
    sheets.words(
        _(
            "Mbit/s and ms; counted by the receiver and signed by the measurement server. "
            "This file is signed with key %(key)s. Verify it offline: amends quality protocol "
            "verify FILE --key KEY, with the key that the operator publishes."
        )
        % {"key": signing_key().verifier},
        size=8,
        colour=SOFT,
    )
    sheets.embed_file(
        bytes=_document(campaign, tests), basename="campaign.json", desc=rules.version
    )
    return signed(bytes(sheets.output()), campaign.code, signing_key())


def _rows(campaign: Campaign, tests: Sequence[SpeedTest]) -> Iterator[tuple[str, ...]]:
    here = zone(rule(campaign.rule))
    for test in tests:
        because = [_(REASONS[code]) for code in test.invalid_because if code in REASONS]
        if test.conditions.get("wired") is not True:
            because = because or [_("not known to be measured by cable")]
        yield (
            test.at.astimezone(here).strftime("%Y-%m-%d %H:%M"),
            f"{test.down_mbps:.1f}",
            f"{test.up_mbps:.1f}",
            f"{test.min_rtt_us / 1000:.1f}",
            "" if test.loaded_rtt_us is None else f"{test.loaded_rtt_us / 1000:.1f}",
            test.server[:16],
            "; ".join(because) or pgettext("speed test", "yes"),
        )


def _document(campaign: Campaign, tests: Sequence[SpeedTest]) -> bytes:
    """What `amends quality verdict` reads, with what the measurement server signed."""
    document: dict[str, Any] = {
        "plan": campaign.plan,
        "rule": campaign.rule,
        "zone": str(zone(rule(campaign.rule))),
        "tests": [
            {
                "at": test.at.isoformat(),
                "down_mbps": test.down_mbps,
                "up_mbps": test.up_mbps,
                "wired": test.conditions.get("wired"),
                "valid": test.valid,
                "invalid_because": test.invalid_because,
                "results": test.results,
            }
            for test in tests
        ],
    }
    return json.dumps(document, ensure_ascii=False).encode()
