"""Copies with their findings, the editor that checks while one types, and the matrix."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from amends.access.queries import may
from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusals_as_pages
from amends.catalogue.queries import versions_of
from amends.catalogue.queries.documents.words import name_of
from amends.channels.queries.capabilities import channel_nouns, text_channels
from amends.publicity.actions.approve import approve, judge, waive
from amends.publicity.actions.write import UnableToFindCopy, withdraw, write_copy
from amends.publicity.models import PublishedCopy
from amends.publicity.queries import (
    channels,
    checker,
    matrix,
    offers,
    precision,
    rulebook_today,
)
from amends.publicity.rules.copies import MAX_CHARACTERS, Copy
from amends.publicity.rules.wording import AGREEMENT
from amends.publicity.web.words import FIELDS, line_of, marked

A_PAGE = 25
_CHANNELS = (
    ("web", gettext_lazy("Web shop")), ("app", gettext_lazy("App")),
    *((name, capfirst(channel_nouns()[name])) for name in text_channels()),
    ("counter", gettext_lazy("Counter")), ("social", gettext_lazy("Social media")),
    ("agent", gettext_lazy("Agent")), ("agreement", gettext_lazy("Agreement")),
)  # fmt: skip
CHANNELS = dict(_CHANNELS)


class CopyForm(forms.Form):
    """A new copy."""

    offer = forms.ChoiceField(label=gettext_lazy("Offer"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=_CHANNELS)
    place = forms.CharField(label=gettext_lazy("Place"), required=False, max_length=300)
    publish_on = forms.DateField(
        label=gettext_lazy("Published on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.id, f"{name_of(one)} ({one.id})") for one in offers(timezone.now())]
        offer = self.fields["offer"]
        assert isinstance(offer, forms.ChoiceField)
        offer.choices = [("", _("No offer: wording only")), *known]


class WaiverForm(forms.Form):
    """Leave to publish in spite of a finding."""

    code = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    owner = forms.CharField(label=gettext_lazy("Owner"), max_length=80)
    until = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"})
    )


@requires("publicity.read")
@refusals_as_pages
def listing(request: HttpRequest) -> HttpResponse:
    """Copies, those with blocking findings first."""
    rows = (
        PublishedCopy.objects.exclude(channel=AGREEMENT)
        .annotate(
            blocks=Count("findings", filter=Q(findings__severity="block"), distinct=True),
            others=Count("findings", filter=~Q(findings__severity="block"), distinct=True),
        )
        .order_by("-blocks", "-others", "-written_at", "text", "ref")
    )
    state = request.GET.get("state", "")
    if state in PublishedCopy.State.values:
        rows = rows.filter(state=state)
    else:
        state, rows = "", rows.exclude(state=PublishedCopy.State.WITHDRAWN)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    names = {one.id: name_of(one) for one in offers(timezone.now())}
    context = {
        "page": page,
        "lines": [
            (row, names.get(row.offer, row.offer), CHANNELS.get(row.channel, row.channel))
            for row in page
        ],
        "state": state,
        "states": [("", _("Draft and live")), *PublishedCopy.State.choices],
        "may_write": may(actor_of(request).roles, "publicity.write"),
        "rules": _rule_lines(),
    }
    return render(request, "publicity/copies.html", context)


def _rule_lines() -> list[tuple[Any, Any]]:
    book = rulebook_today(timezone.localdate())
    return [
        (line_of(book, code=code, severity="block", said="", record="", start=0, end=0), one)
        for code, one in sorted(precision().items())
    ]


@requires("publicity.read")
@refusals_as_pages
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """A copy with its marked words and what the record says."""
    row = PublishedCopy.objects.filter(ref=ref).first()
    if row is None:
        raise UnableToFindCopy(_("There is no such copy."), next_step=_("Look in the list."))
    today = timezone.localdate()
    book = rulebook_today(today)
    waivers = list(row.waivers.filter(until__gte=today))
    waived = {waiver.code for waiver in waivers}
    lines = [
        line_of(
            book, code=found.code, severity=found.severity, said=found.said, record=found.recorded,
            start=found.start, end=found.end, number=found.pk, waived=found.code in waived,
        )
        for found in row.findings.all()
    ]  # fmt: skip
    record = next((facts for facts in offers(timezone.now()) if facts.id == row.offer), None)
    context = {
        "row": row,
        "channel": CHANNELS.get(row.channel, row.channel),
        "record": record,
        "version": next((version for version, *_ in versions_of(row.offer)), ""),
        "lines": lines,
        "parts": marked(row.text, [(line.start, line.end) for line in lines]),
        "waivers": waivers,
        "blocked": sorted({line.code for line in lines if line.tone == "bad" and not line.waived}),
        "may_decide": may(actor_of(request).roles, "publicity.decide"),
        "waiver_form": WaiverForm(),
    }
    return render(request, "publicity/copy.html", context)


@requires("publicity.write")
@refusals_as_pages
def new(request: HttpRequest) -> HttpResponse:
    """Write a copy; what is found in it is shown while one types."""
    form = CopyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        ref = write_copy(
            asked["text"], offer=asked["offer"], channel=asked["channel"], place=asked["place"],
            publish_on=asked["publish_on"], actor=actor_of(request), now=timezone.now(),
        )  # fmt: skip
        return redirect("publicity_copy", ref)
    return render(request, "publicity/new.html", {"form": form})


@require_POST
@requires("publicity.write")
@refusals_as_pages
def check(request: HttpRequest) -> HttpResponse:
    """What is found in the text as it stands, for the editor."""
    text = request.POST.get("text", "")[: MAX_CHARACTERS + 1]
    today = timezone.localdate()
    form = CopyForm(request.POST)
    form.is_valid()
    on = form.cleaned_data.get("publish_on")
    rules = checker(timezone.now())
    asked = Copy("new", text, request.POST.get("offer", ""), request.POST.get("channel", ""), on=on)
    lines = [
        line_of(
            rules.rulebook, code=found.code, severity=found.severity, said=found.said,
            record=found.is_, start=found.start, end=found.end,
        )
        for found in rules.check(asked, on=today)
    ]  # fmt: skip
    parts = marked(text, [(line.start, line.end) for line in lines])
    context = {"lines": lines, "parts": parts, "typed": bool(text.strip())}
    return render(request, "publicity/findings.html", context)


@requires("publicity.read")
@refusals_as_pages
def matrix_page(request: HttpRequest) -> HttpResponse:
    """Offer by channel by fact: what the record says and what is published."""
    names = channels()
    columns = [CHANNELS.get(name, name) for name in names]
    rows = [
        (
            FIELDS.get(row.field, row.field),
            row,
            [(name, *cell) for name, cell in zip(columns, row.said, strict=True)],
        )
        for row in matrix(names, now=timezone.now())
    ]
    rows.sort(key=lambda line: not line[1].differs)
    context = {
        "rows": rows,
        "channels": columns,
        "apart": sum(row.differs for _field, row, _cells in rows),
    }
    return render(request, "publicity/matrix.html", context)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def approve_copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Mark a draft as live."""
    approve(ref, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The copy is live; complaints can cite it."))
    return redirect("publicity_copy", ref)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def withdraw_copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a copy down."""
    withdraw(ref, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The copy is taken down."))
    return redirect("publicity_copy", ref)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def waive_finding(request: HttpRequest, ref: str) -> HttpResponse:
    """Give a waiver for one kind of finding."""
    form = WaiverForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        waive(
            ref, asked["code"], reason=asked["reason"], owner=asked["owner"], until=asked["until"],
            actor=actor_of(request), now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The waiver is recorded."))
    else:
        messages.error(request, _("A waiver needs a reason, an owner and a day that is not past."))
    return redirect("publicity_copy", ref)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def judge_finding(request: HttpRequest, finding: int) -> HttpResponse:
    """Say whether a finding is right."""
    right = request.POST.get("right") == "yes"
    ref = judge(finding, right=right, actor=actor_of(request), now=timezone.now())
    said = precision()
    judged = sum(one.decided for one in said.values())
    words = ngettext("%(n)s finding is judged by now.", "%(n)s findings are judged by now.", judged)
    messages.success(request, words % {"n": judged})
    return redirect("publicity_copy", ref)
