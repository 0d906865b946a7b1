"""Subjects of complaints: chips of its page, and the dialog in which people pick."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST

from amends.cases.complaints.actions.set_subjects import set_subjects
from amends.cases.complaints.queries.casefile import Complaint, find
from amends.cases.complaints.queries.subjects import subjects_of
from amends.cases.complaints.web.dialogs import Data, answered, dialog_of
from amends.cases.complaints.web.permissions import works_on
from amends.engines.classification.subjects import (
    ComplaintSubject,
    PickedSubject,
    SubjectKind,
)
from amends.people.access.web.form_dialogs import FormDialog
from amends.people.access.web.permission import actor_of
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.words import chinese
from amends.people.subscribers.queries import services_of
from amends.record.catalogue.queries import areas, offer_names

KINDS = {
    SubjectKind.SERVICE: pgettext_lazy("subject", "service"),
    SubjectKind.NUMBER: pgettext_lazy("subject", "number"),
    SubjectKind.ADDRESS: pgettext_lazy("subject", "address"),
    SubjectKind.AREA: pgettext_lazy("subject", "area"),
    SubjectKind.TEST: pgettext_lazy("subject", "speed test"),
    SubjectKind.ORDER: pgettext_lazy("subject", "order"),
    SubjectKind.MESSAGE: pgettext_lazy("subject", "message"),
}


class SubjectsForm(forms.Form):
    """The subjects of a complaint to retain, and one to add."""

    subjects = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("What the complaint is about"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Clear what the customer does not mean."),
    )
    added = forms.ChoiceField(
        required=False,
        label=pgettext_lazy("subject", "Add"),
        help_text=gettext_lazy("Services of the customer are listed first."),
    )

    def __init__(self, *args: Any, complaint: Complaint, **options: Any) -> None:
        super().__init__(*args, auto_id="subjects-%s", **options)
        rows = subjects_of(complaint.id)
        self.fields["subjects"].choices = [
            (
                str(row),
                f"{row.name_zh if chinese() else row.name_en} · {KINDS[SubjectKind(row.kind)]}",
            )
            for row in rows
        ]
        self.initial.setdefault("subjects", [str(row) for row in rows])
        if not rows:
            del self.fields["subjects"]
        self.picks = _picks()
        for row in rows:
            self.picks.pop(str(row), None)
        own = {service.offer for service in services_of(complaint.subscriber)}
        groups: dict[str, list[tuple[str, str]]] = {
            _("Services of the customer"): [],
            _("Other services"): [],
            pgettext("subject", "Areas"): [],
        }
        mine, other_services, places = groups.values()
        for key, picked in self.picks.items():
            option = (key, picked.name_zh if chinese() else picked.name_en)
            if picked.subject.kind == SubjectKind.AREA:
                places.append(option)
            elif picked.subject.ref in own:
                mine.append(option)
            else:
                other_services.append(option)
        self.fields["added"].choices = [
            ("", pgettext("subject", "Nothing")),
            *(
                (title, sorted(options, key=lambda each: each[1]))
                for title, options in groups.items()
                if options
            ),
        ]


def _picks() -> dict[str, PickedSubject]:
    named = [
        (ComplaintSubject(SubjectKind.SERVICE, ref), names) for ref, names in offer_names().items()
    ] + [
        (ComplaintSubject(SubjectKind.AREA, area.code), (area.name_zh, area.name_en))
        for area in areas()
    ]
    return {
        subject.key: PickedSubject(subject=subject, name_zh=zh or en, name_en=en or zh)
        for subject, (zh, en) in named
    }


def picking_subjects(complaint: Complaint, *, data: Data = None) -> FormDialog:
    """The subjects of a complaint."""
    return dialog_of(
        complaint,
        name="subjects",
        title=_("What the complaint is about"),
        intro=_(
            "A verdict that passes over a service in this list is left to a person, and the "
            "records are checked again after a change."
        ),
        button=_("Save"),
        address=reverse("change_subjects", args=[complaint.id]),
        form=SubjectsForm(data, complaint=complaint),
    )


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def change_subjects(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm, add or remove what a complaint is about."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    dialog = picking_subjects(complaint, data=request.POST)

    def act(cleaned: dict[str, Any]) -> str:
        changed = set_subjects(
            complaint.id,
            confirmed=cleaned.get("subjects", ()),
            added=[dialog.form.picks[cleaned["added"]]] if cleaned["added"] else [],
            actor=actor,
            now=timezone.now(),
        )
        if not changed:
            return _("Nothing was changed.")
        return _("What the complaint is about was changed.")

    return answered(request, complaint, dialog, act)
