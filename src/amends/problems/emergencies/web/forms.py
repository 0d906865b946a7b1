"""The forms of an emergency and of drills, one class for each kind of action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.texts.units import unit_names
from amends.causes.launches.queries import names_of_launches
from amends.people.access.queries.colleagues import colleagues, people
from amends.people.subscribers.queries.counts import services_by, users_by
from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.actors import Actor
from amends.platform.kit.money import sign_of
from amends.platform.kit.packs import pack
from amends.problems.emergencies.actions.declare import DeclaredScope, known_scope
from amends.problems.emergencies.queries.disaster import disaster_of
from amends.problems.emergencies.queries.levels import kind_of
from amends.problems.emergencies.rules.emergency import plan_on
from amends.problems.emergencies.web.words import FREEZES, KINDS
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.cause_words import KINDS as CAUSE_KINDS
from amends.problems.hotissues.texts.names import cause_name
from amends.problems.hotissues.texts.words import in_tongue
from amends.record.catalogue.queries import each_area_within

LEADERS = ("manager", "senior_handler")
INVENTED_OFFER = "offer:drill"
"""An offer that a drill takes from sale where no real one is on record."""
SCOPE = ("offers", "areas", "causes")
_UNKNOWN = _("Not in the list: %(value)s. Choose from the list.")


class PickedField(forms.MultipleChoiceField):
    """Several of a list; empty values, as in the address `?areas=`, are none."""

    default_error_messages = {"invalid_choice": _UNKNOWN}

    def to_python(self, value: Any) -> list[str]:
        return [text for text in super().to_python(value) if text]


class EmergencyForm(forms.Form):
    """A form about one issue.

    verb           the end of its address, and the beginning of the ids of its fields
    refusal_field  field with which a refusal of its action appears; None above the form
    """

    verb: ClassVar[str]
    refusal_field: ClassVar[str | None] = None
    initial: dict[str, Any]

    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, issue: HotIssue, actor: Actor, now: datetime, **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", f"{self.verb}-%s")
        super().__init__(*args, **kwargs)
        self.issue, self.actor, self.now = issue, actor, now


def _reason(label: Any, *, max_length: int = 400, **options: Any) -> CleanTextField:
    return CleanTextField(label=label, max_length=max_length, **options)


def _text(label: Any, language: str, *, rows: int = 4, **options: Any) -> CleanTextField:
    widget = forms.Textarea(attrs={"lang": language, "rows": rows})
    return CleanTextField(label=label, max_length=8000, widget=widget, **options)


def _line(label: Any, language: str, max_length: int) -> CleanTextField:
    widget = forms.TextInput(attrs={"lang": language})
    return CleanTextField(label=label, max_length=max_length, widget=widget)


class EmergencyScopeForm(EmergencyForm):
    """The affected users: by offers, areas and candidate causes, picked by name."""

    verb = "scope"

    kind = forms.ChoiceField(label=_("Kind"), choices=list(KINDS.items()))
    offers = PickedField(
        label=_("Offers that all affected users have bought"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    areas = PickedField(
        label=_("Areas they live in"), required=False, widget=forms.CheckboxSelectMultiple
    )
    causes = PickedField(
        label=_("Or touched by a candidate cause"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`choices`: those of `scope_choices`, where they were read before."""
        super().__init__(*args, **kwargs)
        if choices is None:
            proposed = known_scope(self.issue)
            self.initial = {
                "kind": kind_of(self.issue),
                **{name: getattr(proposed, name) for name in SCOPE},
                **self.initial,
            }
            brand = self.issue.brand or self.actor.brand
            choices = scope_choices(self.issue, proposed, brand=brand, at=self.now)
        self.choices = choices
        for name, field_choices in self.choices.items():
            self.fields[name].choices = field_choices
            if not field_choices:
                self.fields[name].widget = forms.MultipleHiddenInput()

    def scope(self) -> DeclaredScope:
        """The picked scope, or the proposed one where nothing was submitted."""
        values = self.cleaned_data if self.is_bound else self.initial
        return DeclaredScope(
            offers=tuple(values.get("offers", ())),
            areas=tuple(values.get("areas", ())),
            causes=tuple(values.get("causes", ())),
        )

    def kind_value(self) -> str:
        """The kind that is picked or proposed."""
        values = self.cleaned_data if self.is_bound else self.initial
        return str(values.get("kind") or kind_of(self.issue))


class DeclareForm(EmergencyScopeForm):
    """The declaration, with the scope that was counted."""

    verb = "declare"
    refusal_field = "reason"

    level = forms.ChoiceField(label=_("Level"), required=False)
    reason = _reason(_("Reason, if another level than the plan's"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", *SCOPE):
            self.fields[name].widget = self.fields[name].hidden_widget()
        plan = plan_on(timezone.localdate(self.now))
        levels = [(level.id, in_tongue(level.zh, level.en)) for level in plan.levels]
        empty = [] if self.initial.get("level") else [("", _("choose"))]
        self.fields["level"].choices = [*empty, *levels]


class LevelForm(EmergencyForm):
    """Another level, and why."""

    verb = "level"
    refusal_field = "level"

    level = forms.ChoiceField(label=_("Level"))
    reason = _reason(_("Why"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = plan_on(timezone.localdate(self.now))
        self.fields["level"].choices = [
            ("", "—"),
            *(
                (level.id, in_tongue(level.zh, level.en))
                for level in plan.levels
                if level.id != self.issue.level
            ),
        ]


class OwnerForm(EmergencyForm):
    """The owner; `seen` is who it was on the page."""

    verb = "assign"
    refusal_field = "owner"

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    owner = forms.ChoiceField(label=_("Owner"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": self.issue.owner, "owner": self.issue.owner, **self.initial}
        refs = [colleague.ref for colleague in colleagues(LEADERS, brand=self.issue.brand)]
        names = people(refs)
        self.fields["owner"].choices = [(ref, names.get(ref, ref)) for ref in refs]


class FreezeForm(EmergencyForm):
    """The offer, launch or campaign to take from sale: `kind:reference`."""

    verb = "freeze"
    refusal_field = "what"

    what = forms.ChoiceField(
        label=_("What is frozen"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _UNKNOWN},
        help_text=_("offers, launches, and campaigns that may be the cause or have a name"),
    )
    reason = _reason(_("Reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = freezable(self.issue, brand=self.actor.brand, at=self.now)


class ResumeForm(EmergencyForm):
    """An offer, launch or campaign to sell again, and why."""

    verb = "resume"
    refusal_field = "reason"

    kind = forms.ChoiceField(choices=list(FREEZES.items()), widget=forms.HiddenInput)
    ref = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = _reason(_("Why it may be sold again"), max_length=200)


class PublicStatementForm(EmergencyForm):
    """A version of the public statement."""

    verb = "publish"

    title_zh = _line(_("Title in Chinese"), "zh", 120)
    zh = _text(_("Text in Chinese"), "zh")
    title_en = _line(_("Title in English"), "en", 200)
    en = _text(_("Text in English"), "en")


class WithdrawForm(EmergencyForm):
    """Why a statement no longer applies."""

    verb = "withdraw"
    refusal_field = "reason"

    reason = _reason(_("Why it no longer applies"), max_length=200)


class AnswerDraftForm(EmergencyForm):
    """The text that opens every letter."""

    verb = "draft"

    zh = _text(_("Opening in Chinese"), "zh")
    en = _text(_("Opening in English"), "en")


class AnswerSendForm(EmergencyForm):
    """`seen` is the digest of the text that was read."""

    verb = "send"

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class StepNotifiedForm(EmergencyForm):
    """A notification outside Amends."""

    verb = "told"
    refusal_field = "reason"

    step = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = _reason(_("Who was notified, and how"))


class NoticeDraftForm(EmergencyForm):
    """The message to affected users who have not complained."""

    verb = "notice"

    zh = _text(_("Message in Chinese"), "zh")
    en = _text(_("Message in English"), "en")


class NoticeSendForm(EmergencyForm):
    """`seen` is the digest of the message that was read, `most` the number of users shown."""

    verb = "tell"

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    most = forms.IntegerField(
        required=False, min_value=0, max_value=999_999_999, widget=forms.HiddenInput
    )


class ReliefForm(EmergencyForm):
    """The same credit for each affected user, with its reason."""

    verb = "relieve"
    refusal_field = "amount"

    amount = forms.DecimalField(
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "10.00"}),
        error_messages={"invalid": _("The amount cannot be read. Write it like 12.50.")},
    )
    zh = _line(_("Reason in Chinese"), "zh", 400)
    en = _line(_("Reason in English"), "en", 400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("Credit for each (%(sign)s)") % {
            "sign": sign_of(self.currency())
        }

    def currency(self) -> str:
        """The currency of the jurisdiction."""
        return pack(settings.JURISDICTION, timezone.localdate(self.now)).currency


class CauseEndedForm(EmergencyForm):
    """How the cause ended."""

    verb = "cause"
    refusal_field = "reason"

    reason = _reason(_("How the cause ended"))


class EmergencyReviewForm(EmergencyForm):
    """The review."""

    verb = "review"
    refusal_field = "review"

    review = CleanTextField(
        label=_("What happened, what was late and why, what will change"),
        max_length=8000,
        widget=forms.Textarea,
    )


class CloseForm(EmergencyForm):
    """Why it is over."""

    verb = "close"
    refusal_field = "reason"

    reason = _reason(_("Why it is over"))


class DisasterForm(EmergencyForm):
    """Marks a natural disaster, or takes the mark away."""

    verb = "disaster"
    refusal_field = "reason"

    disaster = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)
    reason = _reason(_("What happened, and who says so"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "disaster" not in self.initial:
            self.initial["disaster"] = "no" if disaster_of(self.issue) else "yes"


class JoinForm(EmergencyForm):
    """Complaints that belong to an issue that is closed."""

    verb = "join"
    refusal_field = "complaints"

    complaints = CleanTextField(
        label=_("Tracking codes, one in a line"), max_length=8000, widget=forms.Textarea
    )
    reason = _reason(_("Why it belongs here"))


class DrillForm(forms.Form):
    """The invented issue of a drill."""

    title = CleanTextField(label=_("What has happened"), max_length=160, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KINDS.items()), initial="billing")
    over = forms.ChoiceField(
        label=_("They complain"),
        choices=[("days", _("over three days")), ("hours", _("within six hours"))],
        required=False,
    )
    persons = forms.IntegerField(
        label=_("Invented people"),
        required=False,
        min_value=0,
        max_value=999_999_999,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


def area_choices(
    *, at: datetime, brand: str = "", first: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Areas by name with the customers who live there or within; `first` at the beginning.

    Those of the catalogue, and areas with customers.
    """
    users = users_by("area", at=at, brand=brand)
    names = unit_names("area")
    within = each_area_within([*names, *users])
    counts = {area: sum(users.get(part, 0) for part in parts) for area, parts in within.items()}
    return _named(names, counts, first, _customers)


def offer_choices(
    *, at: datetime, brand: str = "", first: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Offers by name with the services that run on them; `first` at the beginning."""
    names = {ref: name for ref, name in unit_names("product").items() if ":" not in ref}
    return _named(names, services_by("offer", at=at, brand=brand), first, _services)


def freezable(issue: HotIssue, *, brand: str, at: datetime) -> list[tuple[str, str]]:
    """`kind:reference` of campaigns that may be the cause, then offers, launches and campaigns."""
    named_campaigns = unit_names("campaign")
    causes = issue.causes.filter(kind="campaign").order_by("rank", "id")
    campaigns = dict.fromkeys([*causes.values_list("reference", flat=True), *named_campaigns])
    names = {ref: named_campaigns.get(ref) or ref for ref in campaigns}
    drill = [(INVENTED_OFFER, _("an invented offer"))] if issue.drill else []
    return [
        *drill,
        *((f"campaign:{ref}", f"{FREEZES['campaign']} · {name}") for ref, name in names.items()),
        *((f"offer:{ref}", name) for ref, name in offer_choices(at=at, brand=brand)),
        *(
            (f"launch:{offer}", f"{FREEZES['launch']} · {name}")
            for offer, name in names_of_launches(brand=brand).items()
        ),
    ]


def scope_choices(
    issue: HotIssue, proposed: DeclaredScope, *, brand: str, at: datetime
) -> dict[str, Sequence[tuple[str, str]]]:
    """Choices of the scope of an emergency; the proposed ones come first."""
    return {
        "offers": offer_choices(at=at, brand=brand, first=proposed.offers),
        "areas": area_choices(at=at, brand=brand, first=proposed.areas),
        "causes": _cause_choices(issue),
    }


def _cause_choices(issue: HotIssue) -> list[tuple[str, str]]:
    causes = issue.causes.exclude(judged="ruled_out").order_by("rank", "id")
    return [
        (
            f"{cause.kind}:{cause.reference}",
            " · ".join(
                [
                    cause_name(cause.kind, cause.reference, cause.numbers),
                    str(CAUSE_KINDS.get(cause.kind, cause.kind)),
                    *([gettext("is the cause")] if cause.judged == "confirmed" else []),
                    f"{cause.fit:.0%}",
                ]
            ),
        )
        for cause in causes
    ]


def _named(
    names: Mapping[str, str],
    counts: Mapping[str, int],
    first: Iterable[str],
    counted: Callable[[int], str],
) -> list[tuple[str, str]]:
    """Each with its name and count, by name; those in `first` at the beginning."""
    beginning = dict.fromkeys(first)
    codes = {code for code in (*names, *counts, *beginning) if code}
    ordered = [*beginning, *sorted(codes - set(beginning), key=lambda code: names.get(code, code))]
    return [(code, f"{names.get(code, code)} · {counted(counts.get(code, 0))}") for code in ordered]


def _customers(count: int) -> str:
    return ngettext("%(n)s customer", "%(n)s customers", count) % {"n": f"{count:,}"}


def _services(count: int) -> str:
    return ngettext("%(n)s service", "%(n)s services", count) % {"n": f"{count:,}"}
