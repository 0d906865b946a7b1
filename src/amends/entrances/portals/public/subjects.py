"""Subjects of a complaint on the public site: a service or a speed test, removed in the form."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.recognise_subjects import recognise_subjects
from amends.causes.confirmations.queries import MineView, mine
from amends.causes.vetting.queries.services import service
from amends.engines.classification.subjects import (
    ComplaintSubject,
    PickedSubject,
    SubjectKind,
    subject_of,
)
from amends.entrances.portals.actions.drafts import DraftText
from amends.network.quality.queries import test_by_code
from amends.people.access.web.visitors import identified_visitor
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import offer_names

OWN_SERVICE, SPEED_TEST, LISTED_SERVICE = "mine", "speed", "service"
"""Parameters of the address: a service of the identified user ("" for their number alone), the code
of a speed test, a service of the public list."""


def subjects_in_address(request: HttpRequest) -> list[PickedSubject]:
    """The subjects in the address by which the form was opened."""
    return [*_own_service(request), *_speed_test(request), *_listed_service(request)]


def subjects_in_draft(draft_text: DraftText) -> list[PickedSubject]:
    """The subjects in a draft."""
    return [
        PickedSubject(subject=subject, name_zh=zh, name_en=en)
        for key, zh, en in draft_text.subjects
        if (subject := subject_of(key)) is not None
    ]


def set_subjects(draft_text: DraftText, subjects: list[PickedSubject]) -> None:
    """Write the subjects into the draft, each once."""
    by_key = {each.subject.key: each for each in subjects}
    draft_text.subjects = [[key, each.name_zh, each.name_en] for key, each in by_key.items()]


def subjects_shown(subjects: Iterable[PickedSubject]) -> dict[str, str]:
    """Key of each subject → its name in the language of the reader."""
    zh = is_chinese(get_language() or "")
    return {each.subject.key: each.name_zh if zh else each.name_en for each in subjects}


def own_number(request: HttpRequest, draft_text: DraftText) -> None:
    """Let an identified user complain about their own number, and a service on it."""
    if OWN_SERVICE not in request.GET:
        return
    draft_text.subscriber = identified_visitor(request, now=timezone.now())
    own = {row.service for row in mine(draft_text.subscriber)} if draft_text.subscriber else set()
    ref = request.GET[OWN_SERVICE]
    draft_text.service = ref if ref in own else ""


def own_services(subscriber: str) -> list[PickedSubject]:
    """The services that run for an identified user."""
    return [
        _picked(row)
        for row in (mine(subscriber) if subscriber else [])
        if row.until is None and row.offer
    ]


def subjects_in_text(text: str, subscriber: str) -> list[PickedSubject]:
    """The subjects recognised in a text."""
    (entries,) = recognise_subjects([(text, subscriber, "", ())])
    return [
        PickedSubject(subject=each.subject, name_zh=each.name_zh, name_en=each.name_en)
        for each in entries
    ]


def _picked(row: MineView) -> PickedSubject:
    """A service of an identified user, with the name of its offer where it has none of its own."""
    zh, en = offer_names().get(row.offer, (row.offer, row.offer))
    return PickedSubject(
        subject=ComplaintSubject(SubjectKind.SERVICE, row.offer),
        name_zh=row.name_zh or zh,
        name_en=row.name_en or en,
    )


def _own_service(request: HttpRequest) -> list[PickedSubject]:
    ref = request.GET.get(OWN_SERVICE, "")
    subscriber = identified_visitor(request, now=timezone.now()) if ref else ""
    return [
        _picked(row)
        for row in (mine(subscriber) if subscriber else [])
        if row.service == ref and row.offer
    ]


def _speed_test(request: HttpRequest) -> list[PickedSubject]:
    code = request.GET.get(SPEED_TEST, "")
    if not code or (test := test_by_code(code)) is None:
        return []

    def name() -> str:
        return _("Speed test %(code)s: %(down).1f Mbit/s down, %(up).1f Mbit/s up") % {
            "code": test.code,
            "down": test.down_mbps,
            "up": test.up_mbps,
        }

    subject = ComplaintSubject(SubjectKind.TEST, test.code)
    return [PickedSubject(subject=subject, name_zh=_in("zh-hans", name), name_en=_in("en", name))]


def _listed_service(request: HttpRequest) -> list[PickedSubject]:
    ref = request.GET.get(LISTED_SERVICE, "")
    if not ref:
        return []
    listed = service(ref, now=timezone.now(), language=get_language() or "", listed=True)
    if listed is None or not listed.offer:
        return []
    subject = ComplaintSubject(SubjectKind.SERVICE, listed.offer)
    return [PickedSubject(subject=subject, name_zh=listed.name_zh, name_en=listed.name_en)]


def _in(language: str, text: Callable[[], str]) -> str:
    with override(language):
        return text()
