"""Offers with their key facts: the desk's list, two versions compared, and what the public sees."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.causes.publicity.queries import offers, visible_copies
from amends.causes.publicity.web.forms import VersionsForm
from amends.causes.publicity.web.words import COLUMNS, SALE_STATES
from amends.people.access.web.limits import DOCUMENTS, too_much
from amends.people.access.web.permission import actor_of, public, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.queries import partner
from amends.record.catalogue.queries import key_facts_of_version, offer_versions, versions_of
from amends.record.catalogue.texts.broadband_label import label, labels_csv
from amends.record.catalogue.texts.tariff_sheet import entry, on_sale, sheet_csv
from amends.record.catalogue.texts.words import name_of, number
from amends.record.facts.offers.key_facts import FIELDS, KeyFacts, not_on_sale


def _offer(ref: str) -> KeyFacts:
    offer_facts = next((offer for offer in offers(timezone.now()) if offer.id == ref), None)
    if offer_facts is None:
        raise Http404
    return offer_facts


def provider_of(facts: KeyFacts) -> str:
    """Who provides an offer: a partner by its name, else "" for the operator itself."""
    partner_view = partner(facts.provider) if facts.provider else None
    return partner_view.name_en or partner_view.name_zh if partner_view else facts.provider


@requires("publicity.read")
@refusals_as_pages
def listing(request: HttpRequest) -> HttpResponse:
    """Every offer in force with its price and whether it is on sale."""
    today = timezone.localdate()
    sorted_offers = sorted(
        offers(timezone.now()), key=lambda offer: (offer.kind, offer.name, offer.id)
    )
    versions = offer_versions()
    lines = [
        (
            offer_facts,
            entry(offer_facts),
            SALE_STATES[not_on_sale(offer_facts, today)],
            len(versions.get(offer_facts.id, ())),
        )
        for offer_facts in sorted_offers
    ]
    return render(request, "publicity/offers.html", {"lines": lines})


@requires("publicity.read")
@refusals_as_pages
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """The key facts of an offer; with `a` and `b`, what differs between two of its versions."""
    facts, versions = _offer(ref), versions_of(ref)
    names = [version for version, _since, _until in versions]
    chosen = {"a": names[min(1, len(names) - 1)], "b": names[0]}
    chosen |= {name: request.GET[name] for name in chosen if request.GET.get(name) in names}
    form = VersionsForm(initial=chosen, versions=versions)
    context = {
        "facts": facts,
        "entry": entry(facts),
        "versions": versions,
        "form": form,
        "differences": _differences(ref, chosen["a"], chosen["b"]),
        "copies": visible_copies(actor_of(request).brand)
        .filter(offer=ref)
        .exclude(state="withdrawn")
        .count(),
    }
    return render(request, "publicity/offer.html", context)


def _differences(ref: str, older: str, newer: str) -> list[tuple[object, str, str]]:
    """Column, value before, value after, of what two versions say differently."""
    before, after = key_facts_of_version(ref, older), key_facts_of_version(ref, newer)
    if before is None or after is None:
        return []
    was, is_ = before.flat(), after.flat()
    return [
        (COLUMNS.get(name, name), _said(was.get(name)), _said(is_.get(name)))
        for name in FIELDS
        if was.get(name) != is_.get(name)
    ]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return number(value) if isinstance(value, float) else str(value or "—")


@public
@require_safe
def tariffs(request: HttpRequest) -> HttpResponse:
    """The tariff notice: every offer on sale with its conditions; what is not here is not sold."""
    sold = on_sale(offers(timezone.now()), timezone.localdate())
    context = {
        "entries": [(offer_facts, entry(offer_facts)) for offer_facts in sold],
        "on": timezone.now(),
    }
    return render(request, "tariffs/tariffs.html", context)


@public
@require_safe
def tariffs_csv(request: HttpRequest) -> HttpResponse:
    """The tariff notice as a table."""
    return _csv(sheet_csv(on_sale(offers(timezone.now()), timezone.localdate())), "tariffs")


@public
@require_safe
def labels(request: HttpRequest) -> HttpResponse:
    """The broadband labels of the offers on sale, as the FCC asks for them: one public table."""
    today = timezone.localdate()
    sold = on_sale(offers(timezone.now()), today)
    return _csv(labels_csv(sold, provider=_providers(sold), on=today), "broadband-labels")


@public
@require_safe
def label_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The broadband label of one offer as buyers see it."""
    facts = _offer(ref)
    if not facts.plan_id:
        raise Http404
    offer_label = label(facts, provider=provider_of(facts), on=timezone.localdate())
    return render(request, "tariffs/label.html", {"facts": facts, "label": offer_label})


@public
@require_safe
@refusals_as_pages
def summary(request: HttpRequest, ref: str) -> HttpResponse:
    """The contract summary of one offer as PDF; what lays it out is loaded when it is asked for."""
    from amends.record.catalogue.texts.contract_summary import contract_summary

    facts = _offer(ref)
    if wait := DOCUMENTS.take(request, now=timezone.now()):
        return HttpResponse(too_much(wait), status=429, content_type="text/plain; charset=utf-8")
    document = contract_summary(facts, provider=provider_of(facts) or name_of(facts))
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="contract-summary.pdf"'},
    )


def _providers(sold: list[KeyFacts]) -> str:
    return next(
        (
            name
            for offer_facts in sold
            if offer_facts.plan_id and (name := provider_of(offer_facts))
        ),
        "",
    )


def _csv(text: str, name: str) -> HttpResponse:
    return HttpResponse(
        "\ufeff" + text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
