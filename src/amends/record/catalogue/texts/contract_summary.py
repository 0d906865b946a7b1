"""The EU contract summary of an offer as PDF: Implementing Regulation (EU) 2019/2243.

One A4 page (three for a bundle), upright, no letter smaller than 10 pt, headings in the order of
the annex. fpdf2 lays out; the typeface is Noto Sans SC, which comes as a package.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from django.utils.translation import gettext as _
from fpdf import FPDF

from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _noop
from amends.record.catalogue.texts.words import (
    chinese,
    either,
    name_of,
    price_lines,
    sale_lines,
    sentences,
    service_lines,
    speed_lines,
    term_lines,
)
from amends.record.facts.offers.key_facts import KeyFacts

LEAST_POINTS = 10
MOST_PAGES, MOST_PAGES_OF_BUNDLE = 1, 3
_FACE = "noto"


class UnableToFitSummary(Refused):
    """The summary needs more pages than the regulation allows."""

    code = "summary_too_long"


def sections(facts: KeyFacts) -> list[tuple[str, list[str]]]:
    """The headings of the annex in their order, with the lines under each."""
    speeds = list(speed_lines(facts)) or [_("The speed depends on the network at your place.")]
    services = [line for line in service_lines(facts) if line not in speeds]
    remedies = _(
        "If the speed differs continuously or regularly from this, you may complain, and end the"
        " contract without cost where it is not put right."
    )
    return [
        (_("Services and equipment"), [name_of(facts), *services]),
        (_("Speeds of the internet service and remedies"), [*speeds, remedies]),
        (_("Price"), list(price_lines(facts))),
        (_("Duration, renewal and termination"), list(term_lines(facts))),
        (_("Features for end-users with disabilities"), [_("Ask us: all offers are open to you.")]),
        (
            _("Other relevant information"),
            [
                line
                for line in (
                    *sale_lines(facts),
                    either(facts.conditions_zh, facts.conditions_en),
                    facts.terms_url,
                )
                if line
            ]
            or ["—"],
        ),
    ]


def contract_summary(facts: KeyFacts, *, provider: str) -> bytes:
    """The summary in the language in force.

    Raises UnableToFitSummary where it does not fit on the pages the regulation allows.
    """
    sheet = FPDF(format="A4")
    sheet.add_font(_FACE, fname=str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))
    sheet.set_title(_("Contract summary"))
    sheet.set_lang("zh-CN" if chinese() else "en")
    sheet.set_margin(16)
    sheet.set_auto_page_break(True, margin=14)
    sheet.add_page()
    _lines(sheet, [_("Contract summary")], points=16)
    _lines(sheet, _provider_lines(facts, provider))
    _lines(
        sheet,
        [
            _(
                "This contract summary provides the main elements of this service offer as required"
                " by EU law. It helps to make a comparison between service offers. Complete"
                " information about the service is provided in other documents."
            )
        ],
    )
    for heading, body in sections(facts):
        sheet.ln(2.5)
        sheet.set_font(_FACE, size=12)
        sheet.start_section(heading)
        _lines(sheet, [heading], points=12)
        _lines(sheet, sentences(body))
    allowed = MOST_PAGES_OF_BUNDLE if facts.parts or facts.bundle_required else MOST_PAGES
    if sheet.pages_count > allowed:
        raise UnableToFitSummary(
            _noop(
                "The contract summary of %(offer)s needs %(pages)s pages; %(allowed)s are allowed."
            ),
            next_step=_noop("Shorten the conditions of the offer."),
            values={"offer": facts.id, "pages": sheet.pages_count, "allowed": allowed},
        )
    return bytes(sheet.output())


def _provider_lines(facts: KeyFacts, provider: str) -> list[str]:
    contact = " · ".join(part for part in (facts.support_phone, facts.support_url) if part)
    return [f"{provider} · {name_of(facts)}", *([contact] if contact else [])]


def _lines(sheet: FPDF, lines: Iterable[str], *, points: float = LEAST_POINTS) -> None:
    sheet.set_font(_FACE, size=points)
    for line in lines:
        sheet.multi_cell(w=sheet.epw, h=points * 0.5, text=line, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(1)
