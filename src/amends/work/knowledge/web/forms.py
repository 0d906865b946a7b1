"""Forms of the knowledge base."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.form_fields import CleanTextField
from amends.work.knowledge.choices import ArticleCategory, Audience, IdeaState, SearchGapState
from amends.work.knowledge.models import PublicAnswer, PublicQuestion


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
        label=_("Email, if you want the answer sent to you"), required=False, max_length=200
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
        label=_("Email, if you want to know what comes of it"), required=False, max_length=200
    )


class SubscriptionForm(forms.Form):
    """Notices of known problems."""

    email = forms.EmailField(label=_("Email"), max_length=200)


class AddressCodeForm(forms.Form):
    """The code that confirms an address."""

    code = forms.CharField(label=_("Code from the email"), max_length=12)


class PreviewForm(forms.Form):
    """Texts of an article to preview, cut at 20,000 characters."""

    text_zh = forms.CharField(required=False)
    text_en = forms.CharField(required=False)


class SearchGapForm(forms.Form):
    """The reason why a search is closed."""

    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in SearchGapState if state != "open"]
    )


class HelpedForm(forms.Form):
    """Whether an article helped."""

    helped = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


class SuggestForm(forms.Form):
    """A text being written, for which articles are suggested."""

    text = CleanTextField(required=False)


class QuestionVerbForm(forms.Form):
    """The action of staff on a question; each reads the fields of `NEEDED`."""

    NEEDED = {
        "publish": "",
        "refuse": "",
        "answer": "text",
        "merge": "article",
        "publish-answer": "answer",
        "refuse-answer": "answer",
    }

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in NEEDED], widget=forms.HiddenInput)
    text = CleanTextField(
        label=pgettext_lazy("verb", "Answer"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    article = forms.ChoiceField(label=_("Article"), required=False)
    answer = forms.ModelChoiceField(
        PublicAnswer.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(
        self,
        *args: Any,
        question: PublicQuestion,
        articles: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, auto_id=f"{question.ref}-%s", **kwargs)
        self.fields["article"].choices = articles
        self.fields["answer"].queryset = question.answers.all()

    def clean(self) -> dict[str, Any]:
        """Refuse an action without what it needs."""
        cleaned: dict[str, Any] = super().clean() or {}
        needed = self.NEEDED.get(cleaned.get("verb", ""), "")
        if needed and not cleaned.get(needed) and needed not in self.errors:
            self.add_error(needed, self.fields[needed].default_error_messages["required"])
        return cleaned

    def refusal_field(self) -> str | None:
        """The field with which a refusal of the action appears."""
        return self.NEEDED[self.cleaned_data["verb"]] or None


class IdeaDecisionForm(forms.Form):
    """The state of a suggestion, and its outcome."""

    state = forms.ChoiceField(label=_("State"), choices=IdeaState)
    outcome = CleanTextField(label=_("What came of it"), required=False, max_length=600)
