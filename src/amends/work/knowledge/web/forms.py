"""Forms of the knowledge base."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.work.knowledge.choices import ArticleCategory, Audience


class ArticleForm(forms.Form):
    """An article in both languages, next to each other; one of the two may be missing."""

    slug = forms.SlugField(
        label=_("Address"), max_length=80, help_text=_("Lower-case letters, digits and dashes.")
    )
    category = forms.ChoiceField(label=_("Category"), choices=ArticleCategory)
    audience = forms.ChoiceField(label=_("Audience"), choices=Audience)
    review_date = forms.DateField(
        label=_("Review by"), widget=forms.DateInput(attrs={"type": "date"})
    )
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=160, required=False)
    text_zh = forms.CharField(
        label=_("Text in Chinese"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "lang": "zh"}),
    )
    title_en = forms.CharField(label=_("Title in English"), max_length=160, required=False)
    text_en = forms.CharField(
        label=_("Text in English"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "lang": "en"}),
    )

    def clean(self) -> dict[str, Any]:
        """Each language has title and text, or neither; one of them must be there."""
        cleaned: dict[str, Any] = super().clean() or {}
        complete = 0
        for language in ("zh", "en"):
            title, text = cleaned.get(f"title_{language}"), cleaned.get(f"text_{language}")
            complete += bool(title and text)
            if bool(title) != bool(text):
                missing = f"text_{language}" if title else f"title_{language}"
                self.add_error(missing, _("Title and text belong together."))
        if not complete and not self.errors:
            self.add_error("title_zh", _("Write the article in one of the languages."))
        return cleaned


class AskForm(forms.Form):
    """A question for everybody to read and answer."""

    text = forms.CharField(
        label=_("Your question"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Without names and numbers; everybody can read it once it is checked."),
    )
    email = forms.EmailField(
        label=_("E-mail, if you want the answer sent to you"), required=False, max_length=200
    )


class AnswerQuestionForm(forms.Form):
    """An answer to a public question."""

    text = forms.CharField(
        label=pgettext_lazy("question", "Your answer"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class IdeaForm(forms.Form):
    """A suggestion for improvement."""

    text = forms.CharField(
        label=_("What should we improve?"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    email = forms.EmailField(
        label=_("E-mail, if you want to know what comes of it"), required=False, max_length=200
    )


class SubscriptionForm(forms.Form):
    """Notices of known problems."""

    email = forms.EmailField(label=_("E-mail"), max_length=200)


class AddressCodeForm(forms.Form):
    """The code that confirms an address."""

    code = forms.CharField(label=_("Code from the e-mail"), max_length=12)
