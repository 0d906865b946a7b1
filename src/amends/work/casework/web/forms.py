"""Forms of the settings of case work, and of a review."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amends.engines.classification.taxonomy import taxonomy
from amends.people.access.queries import roles_that_may
from amends.people.access.queries.colleagues import colleagues, people
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import areas
from amends.work.casework.actions.review import ReviewAnswer, ReviewQuestion
from amends.work.casework.choices import AssignTo, ComposerMode
from amends.work.casework.models import AssignmentRule, Team, TextModule
from amends.work.casework.queries.kinds import case_kinds
from amends.work.casework.queries.staff import teams

Choices = list[tuple[str, Any]]
LANGUAGES = (("zh", _("Chinese")), ("en", _("English")))


def staff_choices(actor: Actor) -> Choices:
    """People who may see cases, of the actor's brand or of every brand, by name."""
    staff = colleagues(roles_that_may("complaints.read"), brand=actor.brand)
    names = people(colleague.ref for colleague in staff)
    return sorted(names.items(), key=lambda pair: pair[1])


def class_choices() -> Choices:
    """Classes under their roots in the reader's language; a root stands for all of its classes."""
    chinese = is_chinese(get_language() or "en")
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, complaint_class in taxonomy().codes.items():
        root = code.split(".")[0]
        groups.setdefault(root, [(root, f"{root}.*")]).append(
            (code, complaint_class.zh if chinese else complaint_class.en)
        )
    return list(groups.items())


def area_choices() -> Choices:
    """Areas by name in the reader's language."""
    chinese = is_chinese(get_language() or "en")
    return [(area.code, area.name_zh if chinese else area.name_en) for area in areas()]


def _many(label: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )


def _day(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **options)


class ScopeForm(forms.Form):
    """What is worked on; what is left empty is no limit."""

    classes = _many(_("Classes"), _("None chosen: every class."))
    areas = _many(_("Areas"), _("None chosen: every area."))
    languages = forms.MultipleChoiceField(
        label=_("Languages of customers"),
        help_text=_("None chosen: every language."),
        required=False,
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["classes"].choices = class_choices()
        self.fields["areas"].choices = area_choices()


class TeamForm(ScopeForm):
    """A team: its people and what it works on."""

    title = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.SlugField(
        label=_("Short name"),
        help_text=_("Letters, digits and dashes. Colleagues mention the team as @short-name."),
        max_length=40,
    )
    members = forms.MultipleChoiceField(
        label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )
    lead = forms.ChoiceField(
        label=_("Lead"),
        help_text=_("Is notified of what comes into the queue."),
        required=False,
    )
    brand = forms.CharField(
        label=_("Brand"), help_text=_("Empty: every brand."), required=False, max_length=40
    )
    field_order = ("title", "slug", "members", "lead", "brand", "classes", "areas", "languages")

    def __init__(self, *args: Any, actor: Actor, team: Team | None = None, **named: Any) -> None:
        if team is not None:
            named["initial"] = {
                "title": team.title,
                "slug": team.slug,
                "members": [member.person for member in team.members.all()],
                "lead": team.lead,
                "brand": team.brand,
                "classes": team.classes,
                "areas": team.areas,
                "languages": team.languages,
            }
        super().__init__(*args, **named)
        staff = staff_choices(actor)
        self.fields["members"].choices = staff
        self.fields["lead"].choices = [("", "—"), *staff]
        if team is not None:
            self.fields["slug"].disabled = True
        if actor.brand:
            self.fields["brand"].disabled = True
            self.initial["brand"] = actor.brand


class RuleForm(ScopeForm):
    """An assignment rule."""

    title = forms.CharField(label=_("Name"), max_length=80)
    position = forms.IntegerField(
        label=_("Order"),
        help_text=_("The rule with the lowest number that matches counts."),
        min_value=1,
        max_value=9999,
        initial=100,
    )
    case_kind = forms.ChoiceField(label=_("What it assigns"), required=False)
    team = forms.ChoiceField(label=_("Team"))
    assign_to = forms.ChoiceField(
        label=_("What the rule does"), choices=AssignTo, widget=forms.RadioSelect, initial="queue"
    )
    most_open = forms.IntegerField(
        label=_("Limit of open cases for each person"),
        help_text=_("People at this limit are not assigned new cases. Empty: no limit."),
        required=False,
        min_value=1,
        max_value=9999,
    )
    valid_from = _day(_("First day"))
    valid_until = _day(_("Last day"), required=False, help_text=_("Empty: no end."))
    field_order = (
        "title",
        "position",
        "case_kind",
        "classes",
        "areas",
        "languages",
        "team",
        "assign_to",
        "most_open",
        "valid_from",
        "valid_until",
    )

    def __init__(
        self, *args: Any, actor: Actor, rule: AssignmentRule | None = None, **named: Any
    ) -> None:
        if rule is not None:
            names = set(self.base_fields) - {"team"}
            named["initial"] = {name: getattr(rule, name) for name in names}
            named["initial"]["team"] = rule.team.slug
        super().__init__(*args, **named)
        kinds = [(kind.name, kind.title) for kind in case_kinds().values()]
        self.fields["case_kind"].choices = [("", _("Every kind of case")), *kinds]
        self.fields["team"].choices = [(team.slug, team.title) for team in teams(brand=actor.brand)]


class TextModuleForm(forms.Form):
    """A text module."""

    title = forms.CharField(label=_("Title"), max_length=80)
    slug = forms.SlugField(label=_("Short name"), max_length=40)
    language = forms.ChoiceField(label=_("Language of the customer"), choices=LANGUAGES)
    mode = forms.ChoiceField(label=_("Used for"), choices=ComposerMode)
    classes = _many(_("Classes"), _("None chosen: every class."))
    brand = forms.CharField(
        label=_("Brand"), help_text=_("Empty: every brand."), required=False, max_length=40
    )
    subject = forms.CharField(label=_("Subject"), required=False, max_length=200)
    text = forms.CharField(
        label=_("Words"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 10})
    )

    def __init__(
        self, *args: Any, actor: Actor, module: TextModule | None = None, **named: Any
    ) -> None:
        if module is not None:
            named["initial"] = {name: getattr(module, name) for name in self.base_fields}
        super().__init__(*args, **named)
        self.fields["classes"].choices = class_choices()
        if module is not None:
            self.fields["slug"].disabled = self.fields["language"].disabled = True
            self.fields["brand"].disabled = True
        elif actor.brand:
            self.fields["brand"].disabled = True
            self.initial["brand"] = actor.brand


class AbsenceForm(forms.Form):
    """Days somebody is away."""

    person = forms.ChoiceField(label=_("Person"))
    first_day = _day(_("First day away"))
    last_day = _day(_("Last day away"))

    def __init__(self, *args: Any, people: Choices, today: date, **named: Any) -> None:
        super().__init__(*args, initial={"first_day": today, "last_day": today}, **named)
        self.fields["person"].choices = people


class SampleForm(forms.Form):
    """How many closed cases are drawn."""

    number = forms.IntegerField(label=_("Number of cases"), min_value=1, max_value=200, initial=10)
    days = forms.IntegerField(
        label=_("Closed within the last days"), min_value=1, max_value=366, initial=30
    )


class ReviewForm(forms.Form):
    """The four questions about one case."""

    words = forms.CharField(
        label=_("For the handler"),
        help_text=_("What was good, and what to do better. Needed where an answer is no."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = (*ReviewQuestion.values, "words")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for question in ReviewQuestion:
            self.fields[question.value] = forms.ChoiceField(
                label=question.label, choices=ReviewAnswer, widget=forms.RadioSelect
            )
        self.order_fields(self.field_order)
