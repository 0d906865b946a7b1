"""Copies with their findings, the editor that checks while one types, and the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.causes.publicity.actions.approve import APPROVE, approve, judge, waive, why_not_by
from amends.causes.publicity.actions.authority import possible_owners
from amends.causes.publicity.actions.write import UnableToFindCopy, edit_copy, withdraw, write_copy
from amends.causes.publicity.models import EarlierVersion, FindingSeverity, PublishedCopy
from amends.causes.publicity.queries import (
    FindingView,
    channels,
    checker,
    judgements_of,
    matrix,
    offers,
    precision,
    rulebook_today,
    visible_copies,
    waivers_of,
)
from amends.causes.publicity.rules.copies import Copy
from amends.causes.publicity.rules.wording import AGREEMENT
from amends.causes.publicity.web.differences import differences
from amends.causes.publicity.web.forms import (
    CHANNELS,
    CopyApprovalForm,
    CopyCheckForm,
    CopyForm,
    JudgementForm,
    WaiverForm,
    copy_as_initial,
)
from amends.causes.publicity.web.words import FIELDS, FindingLine, line_of, marked, title_of
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.form_dialogs import FormDialog, answer_dialog
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.record.catalogue.queries import versions_of
from amends.record.catalogue.texts.tariff_sheet import entry
from amends.record.catalogue.texts.words import name_of
from amends.work.approvals.actions.second_person import is_approved
from amends.work.approvals.queries import approvals_on
from amends.work.approvals.texts.waiting import waiting_text

A_PAGE = 25
_MOST_VERSIONS = 10


@requires("publicity.read")
@refusals_as_pages
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Copies, those with blocking findings first."""
    actor = actor_of(request)
    of_weight = ~Q(findings__severity__in=(FindingSeverity.BLOCK, FindingSeverity.ACCEPTED))
    rows = (
        visible_copies(actor.brand)
        .exclude(channel=AGREEMENT)
        .annotate(
            blocks=Count("findings", filter=Q(findings__severity="block"), distinct=True),
            others=Count("findings", filter=of_weight, distinct=True),
        )
        .order_by("-blocks", "-others", "-written_at", "text", "ref")
    )
    state = request.GET.get("state", "")
    if state in PublishedCopy.State.values:
        rows = rows.filter(state=state)
    else:
        state, rows = "", rows.exclude(state=PublishedCopy.State.WITHDRAWN)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    names = {offer.id: name_of(offer) for offer in offers(timezone.now())}
    book = rulebook_today(timezone.localdate(), actor.brand)
    context = {
        "page": page,
        "lines": [
            (row, names.get(row.offer, row.offer), CHANNELS.get(row.channel, row.channel))
            for row in page
        ],
        "state": state,
        "states": [("", _("Draft and live")), *PublishedCopy.State.choices],
        "may_write": may(actor.roles, "publicity.write"),
        "rules": [
            (title_of(book, code), code_precision)
            for code, code_precision in sorted(precision(actor.brand).items())
        ],
    }
    return render(request, "publicity/copies.html", context)


@requires("publicity.read")
@refusals_as_pages
@require_safe
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """A copy with its marked words and what the record says."""
    actor = actor_of(request)
    return _copy_page(request, _found(ref, actor), actor)


def _copy_page(
    request: HttpRequest,
    row: PublishedCopy,
    actor: Actor,
    *,
    waiver_form: WaiverForm | None = None,
    judgement_form: JudgementForm | None = None,
    finding: int = 0,
) -> HttpResponse:
    """The page of a copy; a form that was refused is shown at its finding."""
    lines = _lines(row)
    acts = actor.brand in ("", row.brand)
    may_decide = acts and may(actor.roles, "publicity.decide")
    may_write = acts and may(actor.roles, "publicity.write")
    waivers = waivers_of(row, timezone.localdate())
    names = people(
        who
        for who in (row.written_by, row.approved_by, *(waiver.owner for waiver in waivers))
        if who
    )
    owners = possible_owners(row.brand)
    forms = {
        line.id: (WaiverForm(finding=line.id, owners=owners), JudgementForm(finding=line.id))
        for line in lines
    }
    if finding in forms:
        blank_waiver, blank_judgement = forms[finding]
        forms[finding] = (waiver_form or blank_waiver, judgement_form or blank_judgement)
    context = {
        **_what_goes_live(row),
        "lines": [(line, *forms[line.id]) for line in lines],
        "parts": marked(row.text, [(line.start, line.end) for line in lines]),
        "written_by": names.get(row.written_by, row.written_by),
        "approved_by": names.get(row.approved_by, row.approved_by),
        "waivers": [
            (
                title_of(rulebook_today(timezone.localdate()), waiver.code),
                waiver,
                names.get(waiver.owner, waiver.owner),
            )
            for waiver in waivers
        ],
        "versions": _versions(row),
        "is_blocked": any(line.blocks for line in lines),
        "may_decide": may_decide,
        "dialogs": [_taking_down(row)] if may_decide and row.state != "withdrawn" else [],
        "may_edit": may_write and row.state == "draft",
        "may_waive": may_write and row.state != "withdrawn",
    }
    return render(request, "publicity/copy.html", context, status=400 if finding else 200)


def _lines(row: PublishedCopy) -> list[FindingLine]:
    today = timezone.localdate()
    book = rulebook_today(today, row.brand)
    waived = {waiver.code for waiver in waivers_of(row, today)}
    judged = judgements_of(row.ref)
    return [
        line_of(
            book,
            FindingView.of_row(finding_row),
            number=finding_row.pk,
            waived=finding_row.code in waived,
            judgement=judged.get((finding_row.code, finding_row.said)),
        )
        for finding_row in row.findings.all()
    ]


def _what_goes_live(row: PublishedCopy) -> dict[str, Any]:
    """The copy, its channel and the record of its offer."""
    record = next((facts for facts in offers(timezone.now()) if facts.id == row.offer), None)
    return {
        "row": row,
        "channel": CHANNELS.get(row.channel, row.channel),
        "record": record,
        "offer_name": name_of(record) if record else row.offer,
        "elements": entry(record).elements if record else (),
        "offer_version": next((version for version, *_times in versions_of(row.offer)), ""),
    }


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of a copy and what it changed of the one before.

    parts   pieces of the text, each "same", "removed" or "added"
    fields  label, value before and value after of what else was changed
    """

    number: int
    by: str
    at: datetime
    parts: list[tuple[str, str]]
    fields: list[tuple[str, object, object]]


def _versions(row: PublishedCopy) -> list[VersionLine]:
    """The versions of a copy, the newest first; nothing where it was never edited."""
    earlier = list(row.earlier.all()[:_MOST_VERSIONS])
    if not earlier:
        return []
    names = people({row.written_by, *(version.written_by for version in earlier)})
    numbered = [(row.version, row), *((version.number, version) for version in earlier)]
    before = [*earlier, None]
    return [
        VersionLine(
            number=number,
            by=names.get(version.written_by, version.written_by),
            at=version.written_at,
            parts=differences(old.text, version.text) if old else [("same", version.text)],
            fields=_changed_fields(old, version) if old else [],
        )
        for (number, version), old in zip(numbered, before, strict=True)
    ]


def _changed_fields(
    old: EarlierVersion, new: PublishedCopy | EarlierVersion
) -> list[tuple[str, object, object]]:
    labels = {
        "offer": _("Offer"),
        "channel": _("Channel"),
        "place": _("Place"),
        "publish_on": _("Published on"),
    }
    changed = []
    for name, label in labels.items():
        values = getattr(old, name), getattr(new, name)
        if values[0] != values[1]:
            value_labels = CHANNELS if name == "channel" else {}
            was, is_ = (value_labels.get(value, value) or "—" for value in values)
            changed.append((label, was, is_))
    return changed


@requires("publicity.write")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a copy; what is found in it is shown while one types."""
    form = CopyForm(request.POST or None)
    if form.is_valid():
        try:
            ref = write_copy(**form.wording(), actor=actor_of(request), now=timezone.now())
        except AmendsError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("publicity_copy", ref)
    return render(
        request, "publicity/write.html", {"form": form}, status=400 if form.errors else 200
    )


@requires("publicity.write")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Edit a draft; the version before stays on record."""
    actor = actor_of(request)
    row = _found(ref, actor)
    form = CopyForm(request.POST or None, initial=copy_as_initial(row))
    if form.is_valid():
        try:
            edit_copy(
                ref,
                **form.wording(),
                version=form.cleaned_data["version"] or 0,
                actor=actor,
                now=timezone.now(),
            )
        except AmendsError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The new version is saved and checked."))
            return redirect("publicity_copy", ref)
    context = {"form": form, "row": row, **_found_in(row.text, _lines(row))}
    return render(request, "publicity/write.html", context, status=400 if form.errors else 200)


@require_POST
@requires("publicity.write")
@refusals_as_pages
def check(request: HttpRequest) -> HttpResponse:
    """What is found in the text as it is typed, for the editor."""
    form = CopyCheckForm(request.POST)
    form.is_valid()
    text = form.cleaned_data.get("text", "")
    rules = checker(timezone.now(), brand=actor_of(request).brand)
    draft_copy = Copy(
        id="new",
        text=text,
        offer=form.cleaned_data.get("offer", ""),
        channel=form.cleaned_data.get("channel", ""),
        on=form.cleaned_data.get("publish_on"),
    )
    lines = [
        line_of(rules.rulebook, FindingView.of_finding(finding, severity, rules.rulebook))
        for finding, severity in rules.findings(draft_copy, on=timezone.localdate())
    ]
    return render(request, "publicity/findings.html", _found_in(text, lines))


def _found_in(text: str, lines: list[FindingLine]) -> dict[str, Any]:
    return {
        "lines": lines,
        "parts": marked(text, [(line.start, line.end) for line in lines]),
        "typed": bool(text.strip()),
    }


@requires("publicity.read")
@refusals_as_pages
@require_safe
def matrix_page(request: HttpRequest) -> HttpResponse:
    """Offer by channel by fact: what the record says and what is published."""
    brand = actor_of(request).brand
    names = channels(brand)
    columns = [CHANNELS.get(name, name) for name in names]
    rows = [
        (
            FIELDS.get(row.field, row.field),
            row,
            [(name, *cell) for name, cell in zip(columns, row.said, strict=True)],
        )
        for row in matrix(names, now=timezone.now(), brand=brand)
    ]
    rows.sort(key=lambda line: not line[1].differs)
    context = {
        "rows": rows,
        "channels": columns,
        "apart": sum(row.differs for _field, row, _cells in rows),
    }
    return render(request, "publicity/matrix.html", context)


@requires("publicity.write")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def approve_copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Show what would go live where; mark the draft as live, or request that."""
    actor = actor_of(request)
    row = _found(ref, actor, acting=True)
    sent = request.POST if request.method == "POST" else None
    form = CopyApprovalForm(sent, initial={"version": row.version})
    if form.is_valid():
        now = timezone.now()
        item = approve(ref, version=form.cleaned_data["version"], actor=actor, now=now)
        live = _("The copy is live; complaints can cite it.")
        messages.success(request, live if is_approved(item) else waiting_text(item, now=now))
        return redirect("publicity_copy", ref)
    if row.state != PublishedCopy.State.DRAFT:
        return redirect("publicity_copy", ref)
    lines = _lines(row)
    context = {
        **_what_goes_live(row),
        "form": form,
        "lines": lines,
        "written_by": people({row.written_by}).get(row.written_by, row.written_by),
        "is_blocked": any(line.blocks for line in lines),
        "requests": bool(why_not_by(row, actor, timezone.now()))
        or not may(actor.roles, "publicity.decide"),
        "waiting": approvals_on("copy", ref, decision=APPROVE),
        "is_agreement": row.channel == AGREEMENT,
    }
    return render(request, "publicity/approve.html", context, status=400 if form.errors else 200)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def withdraw_copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a copy down."""
    actor = actor_of(request)

    def act(_cleaned: dict[str, Any]) -> HttpResponse:
        withdraw(ref, actor=actor, now=timezone.now())
        messages.success(request, _("The copy is taken down."))
        return redirect("publicity_copy", ref)

    return answer_dialog(request, _taking_down(_found(ref, actor), request.POST), act)


def _taking_down(row: PublishedCopy, data: Mapping[str, Any] | None = None) -> FormDialog:
    return FormDialog(
        name="take-down",
        title=_("Take this copy down?"),
        intro=_("It is no longer checked or compared. The channel itself must be changed as well."),
        button=_("Take it down"),
        address=reverse("publicity_withdraw", args=[row.ref]),
        form=Form(data),
        back=reverse("publicity_copy", args=[row.ref]),
        back_label=_("Copy"),
        is_destructive=True,
    )


@require_POST
@requires("publicity.write")
@refusals_as_pages
def waive_finding(request: HttpRequest, ref: str, finding: int) -> HttpResponse:
    """Give a waiver for one kind of finding."""
    actor = actor_of(request)
    row = _found(ref, actor, acting=True)
    finding_row = row.findings.filter(pk=finding).first()
    if finding_row is None:
        raise _unknown()
    form = WaiverForm(request.POST, finding=finding, owners=possible_owners(row.brand))
    if form.is_valid():
        try:
            now = timezone.now()
            item = waive(ref, finding_row.code, **form.cleaned_data, actor=actor, now=now)
        except AmendsError as refusal:
            form.add_refusal(refusal)
        else:
            recorded = _("The waiver is recorded.")
            message = recorded if is_approved(item) else waiting_text(item, now=now)
            messages.success(request, message)
            return redirect("publicity_copy", ref)
    return _copy_page(request, row, actor, waiver_form=form, finding=finding)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def judge_finding(request: HttpRequest, ref: str, finding: int) -> HttpResponse:
    """Say whether a finding is right; that it is wrong needs a reason."""
    actor = actor_of(request)
    row = _found(ref, actor, acting=True)
    form = JudgementForm(request.POST, finding=finding)
    if form.is_valid():
        try:
            judge(finding, **form.cleaned_data, actor=actor, now=timezone.now())
        except AmendsError as refusal:
            form.add_refusal(refusal)
        else:
            judged = sum(code_precision.decided for code_precision in precision(row.brand).values())
            message = ngettext(
                "%(n)s finding is judged by now.", "%(n)s findings are judged by now.", judged
            )
            messages.success(request, message % {"n": judged})
            return redirect("publicity_copy", ref)
    return _copy_page(request, row, actor, judgement_form=form, finding=finding)


def _found(ref: str, actor: Actor, *, acting: bool = False) -> PublishedCopy:
    """The copy, where the actor may read it, or act on it."""
    row = visible_copies(actor.brand).filter(ref=ref).first()
    if row is None or (acting and actor.brand not in ("", row.brand)):
        raise _unknown()
    return row


def _unknown() -> UnableToFindCopy:
    return UnableToFindCopy(_("There is no such copy."), next_step=_("Look in the list."))
