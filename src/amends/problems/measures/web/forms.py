"""The form of a measure's terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.cases.complaints.texts.units import unit_names
from amends.people.access.web.refusals import refusal_text
from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.dates import FIRST, LAST
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.measures.actions.measure import UnableToMeasure
from amends.problems.measures.models import Measure
from amends.problems.measures.rules.measure_terms import (
    LEAST_DROP_PERMILLE,
    MOST_DROP_PERMILLE,
    MeasureTerms,
)

_DEFAULT_WASH_OUT_DAYS = 14
_DEFAULT_DROP_PERCENT = 30
_DEFAULT_DAYS = _DEFAULT_WASH_OUT_DAYS + 8 * 7


class SegmentsField(forms.CharField):
    """Segments such as `code=network.speed|area=area-4101`, one per line, as a tuple."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> tuple[str, ...]:
        lines = (line.strip() for line in super().to_python(value).splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


def _day_field(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, validators=[_within], **options)


def _within(day: date) -> None:
    if not FIRST <= day <= LAST:
        raise ValidationError(
            _("Choose a year from %(first)s to %(last)s."),
            params={"first": FIRST.year, "last": LAST.year},
        )


PICKED = ("code", "area", "channel", "product")
"""What a segment is picked by, in the order in which it is written."""


class SegmentPicker(forms.Form):
    """One segment, picked by class, area, channel and product; nothing picked is no segment."""

    code = forms.ChoiceField(label=_("Class"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for name in PICKED:
            units = unit_names(name)
            if name == "code":
                units = unit_names("root") | units
            choices = [
                ("", pgettext_lazy("segment", "any")),
                *sorted(units.items(), key=lambda unit: unit[1]),
            ]
            self.fields[name].choices = choices

    def segment(self) -> str:
        """The picked segment as it is written, "" where nothing is picked."""
        if not self.is_valid():
            return ""
        cleaned = self.cleaned_data
        return "|".join(f"{name}={cleaned[name]}" for name in PICKED if cleaned[name])


SIDES = ("treated", "control")


class MeasureOriginForm(forms.Form):
    """The issue, area or earlier plan of a measure, and the side to which a segment is added."""

    instead = CleanTextField(required=False)
    issue = CleanTextField(required=False)
    area = CleanTextField(required=False)
    pick = CleanTextField(required=False)


def _add_picked(data: QueryDict) -> None:
    """Add the picked segment of each side to its text, in a copy of what was submitted."""
    for side in SIDES:
        segment = SegmentPicker(data, prefix=side).segment()
        lines = [line.strip() for line in data.get(side, "").splitlines() if line.strip()]
        if segment and segment not in lines:
            data[side] = "\n".join([*lines, segment])


class MeasureForm(forms.Form):
    """What is going to be done, where, and how it will be judged."""

    title = forms.CharField(label=_("Title"), max_length=120)
    cause = forms.CharField(label=_("Cause"), max_length=400)
    action = forms.CharField(label=_("What is done"), max_length=400)
    owner = forms.ChoiceField(label=_("Owner"))
    starts_on = _day_field(_("First day"))
    judge_on = _day_field(_("Day of judgement"))
    wash_out_days = forms.IntegerField(
        label=_("Days until it takes effect"), min_value=0, max_value=9_999, required=False
    )
    expected_drop = forms.IntegerField(
        label=_("Expected drop, per cent"),
        min_value=LEAST_DROP_PERMILLE // 10,
        max_value=MOST_DROP_PERMILLE // 10,
    )
    treated = SegmentsField(
        label=_("Where it is treated"),
        help_text=_(
            "one segment per line, such as code=consent.cancel_stop or"
            " area=area-4101|code=network.speed"
        ),
    )
    control = SegmentsField(
        label=_("What it is compared with"),
        help_text=_(
            "untreated segments with the same seasons; without them only a larger drop would show"
        ),
        required=False,
    )
    left_from = _day_field(_("Left out from"), help_text=_("the days of the alarm"), required=False)
    left_to = _day_field(_("Left out to"), required=False)

    def __init__(
        self, data: QueryDict | None = None, *, owners: Sequence[tuple[str, str]], **named: Any
    ) -> None:
        """A segment that is picked and not added counts too: it is what the person means."""
        submitted = None if data is None else data.copy()
        if submitted is not None:
            _add_picked(submitted)
        super().__init__(submitted, **named)
        self.fields["owner"].choices = owners

    def terms(self) -> MeasureTerms:
        """The terms as the rules know them; call it once the form is valid."""
        cleaned = self.cleaned_data
        return MeasureTerms(
            title=cleaned["title"],
            cause=cleaned["cause"],
            action=cleaned["action"],
            owner=cleaned["owner"],
            starts_on=cleaned["starts_on"],
            judge_on=cleaned["judge_on"],
            wash_out_days=cleaned["wash_out_days"] or 0,
            expected_drop_permille=10 * cleaned["expected_drop"],
            treated=cleaned["treated"],
            control=cleaned["control"],
            left_from=cleaned["left_from"],
            left_to=cleaned["left_to"],
        )

    def terms_so_far(self) -> MeasureTerms | None:
        """The terms as far as they decide what could be shown; None while some are missing."""
        self.is_valid()
        cleaned = self.cleaned_data
        needed = ("starts_on", "judge_on", "expected_drop", "treated")
        if not all(cleaned.get(name) for name in needed):
            return None
        return MeasureTerms(
            title="",
            cause="",
            action="",
            owner="",
            starts_on=cleaned["starts_on"],
            judge_on=cleaned["judge_on"],
            wash_out_days=cleaned.get("wash_out_days") or 0,
            expected_drop_permille=10 * cleaned["expected_drop"],
            treated=cleaned["treated"],
            control=cleaned.get("control") or (),
            left_from=cleaned.get("left_from"),
            left_to=cleaned.get("left_to"),
        )

    def add_refusal(self, refusal: UnableToMeasure) -> None:
        """Show what the rules refuse beside the fields that it concerns."""
        for problem in refusal.problems:
            self.add_error(problem.field or None, problem.text)
        if not refusal.problems:
            self.add_error(None, str(refusal_text(refusal)))


def suggested(issue: HotIssue | None, *, area: str = "") -> dict[str, Any]:
    """The initial values for a measure against an issue: its segments, and the days to leave out;
    without an issue, for a measure in an area, if any.

    Days from the start of the issue to its last alarm do not count: an alarm comes after the rise
    that it reports, and a rate that includes the rise falls by itself.
    """
    tomorrow = timezone.localdate() + timedelta(days=1)
    initial: dict[str, Any] = {
        "starts_on": tomorrow,
        "judge_on": tomorrow + timedelta(days=_DEFAULT_DAYS),
        "wash_out_days": _DEFAULT_WASH_OUT_DAYS,
        "expected_drop": _DEFAULT_DROP_PERCENT,
    }
    if issue is None:
        return initial | ({"treated": [f"area={area}"]} if area else {})
    segments = issue.cells.order_by("-main", "id").values_list("place", flat=True)
    initial["treated"] = [segment for segment in segments if segment]
    if last := issue.alarms.order_by("period_start").last():
        initial["left_from"] = timezone.localdate(issue.started_at)
        initial["left_to"] = timezone.localdate(last.period_start)
    return initial


def terms_as_initial(measure: Measure) -> dict[str, Any]:
    """The initial values for a plan that takes the place of another."""
    fields = set(MeasureForm.base_fields) - {"expected_drop"}
    initial = {name: getattr(measure, name) for name in fields}
    return initial | {"expected_drop": measure.expected_drop_permille // 10}
