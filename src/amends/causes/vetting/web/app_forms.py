"""Forms of apps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amends.causes.vetting.choices import AppType
from amends.causes.vetting.models import ConflictDecision, ConflictSide
from amends.causes.vetting.queries.checks import selectable_services
from amends.people.partners.queries import of_brand, partners
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese


class AppForm(forms.Form):
    """The app and what it belongs to."""

    file = forms.FileField(
        label=_("App file"),
        help_text=_("The .apk file, at most 150 MB. It is checked after you have sent it."),
        widget=forms.FileInput({"accept": ".apk,application/vnd.android.package-archive"}),
    )
    app_type = forms.ChoiceField(
        label=_("Type of app"),
        help_text=_("It decides which permissions the app may ask for."),
        choices=[("", _("not stated")), *AppType.choices],
        required=False,
    )
    partner = forms.ChoiceField(label=_("Partner"), required=False)
    service = forms.CharField(
        label=_("Offer or service"),
        help_text=_("The reference that its launch has; empty for none."),
        max_length=64,
        required=False,
    )

    def __init__(self, *args: Any, actor: Actor, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if actor.partner:
            del self.fields["partner"]
            self.fields["service"] = self._own_services(actor, language)
            return
        choices = [
            (partner.ref, partner.name_zh if is_chinese(language) else partner.name_en)
            for partner in partners()
            if not actor.brand or of_brand(partner.ref, actor.brand)
        ]
        self.fields["partner"] = forms.ChoiceField(
            label=_("Partner"),
            choices=[("", _("none: an app of the operator")), *choices],
            required=False,
        )

    @staticmethod
    def _own_services(actor: Actor, language: str) -> forms.ChoiceField:
        """The services under the partner's own contract."""
        named = selectable_services(actor.partner, now=timezone.now(), brand=actor.brand)
        choices = [
            (
                own_service.ref,
                (own_service.name_zh if is_chinese(language) else own_service.name_en)
                or own_service.ref,
            )
            for own_service in named
        ]
        return forms.ChoiceField(
            label=_("Offer or service"),
            help_text=_("Services under your contract; their launch waits for the app."),
            choices=[("", _("none")), *choices],
            required=False,
        )


class AppDecisionForm(forms.Form):
    """A decision and its reason."""

    accept = forms.ChoiceField(
        label=_("Decision"),
        choices=[("", _("Choose one")), ("yes", _("Accept it")), ("no", _("Reject it"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea({"rows": 3}))


class AppNoteForm(forms.Form):
    """An internal note."""

    text = forms.CharField(
        label=_("Internal note"), max_length=10_000, widget=forms.Textarea({"rows": 3})
    )


class ConflictStatementForm(forms.Form):
    """The statement of a side of a conflict; staff choose the side."""

    side = forms.ChoiceField(
        label=_("Side"), choices=[("", _("Choose one")), *ConflictSide.choices]
    )
    text = forms.CharField(
        label=_("Statement"), max_length=4_000, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: Any, actor: Actor, **named: Any) -> None:
        super().__init__(*args, **named)
        if actor.partner:
            del self.fields["side"]


class ConflictDecisionForm(forms.Form):
    """Whose a package is, and why."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=[("", _("Choose one")), *ConflictDecision.choices]
    )
    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea({"rows": 3}))


class HostForm(forms.Form):
    """A host, and why apps may call it."""

    host = forms.CharField(label=_("Host"), max_length=253)
    reason = forms.CharField(label=_("Reason"), max_length=400)
