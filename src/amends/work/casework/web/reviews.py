"""Quality review: the sample, one case with its four questions, and reviews of one's own work."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from amends.people.access.web.permission import actor_of, requires, signed_in
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.kit.errors import AmendsError
from amends.work.casework.actions.review import (
    LEADS,
    ReviewAnswer,
    ReviewQuestion,
    draw_sample,
    review,
    reviews_seen,
)
from amends.work.casework.queries.reviews import ReviewView, review_figures, reviews_of, sample
from amends.work.casework.refusals import UnableToFindCase
from amends.work.casework.web.forms import ReviewForm, SampleForm

KIND = "complaint"


def _answered(views: list[ReviewView]) -> list[tuple[ReviewView, list[tuple[str, str, str]]]]:
    """Each review with its questions and answers in words."""
    return [
        (
            view,
            [
                (
                    str(ReviewQuestion(question).label),
                    answer,
                    str(ReviewAnswer(answer).label),
                )
                for question, answer in view.answers.items()
            ],
        )
        for view in views
    ]


@requires(LEADS)
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request: HttpRequest) -> HttpResponse:
    """The sample under review, its figures, and the form that draws more."""
    actor = actor_of(request)
    form = SampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        drawn = draw_sample(KIND, actor=actor, now=timezone.now(), **form.cleaned_data)
        message = ngettext("%(n)s case drawn.", "%(n)s cases drawn.", len(drawn)) % {
            "n": len(drawn)
        }
        messages.success(request, message)
        return redirect("quality_reviews")
    review_views = sample(actor)
    context = {
        "form": form,
        "waiting": [review_view for review_view in review_views if review_view.reviewed_at is None],
        "done": _answered(
            [review_view for review_view in review_views if review_view.reviewed_at is not None]
        ),
        "figures": [
            (ReviewQuestion(review_figure.question).label, review_figure.yes, review_figure.asked)
            for review_figure in review_figures(review_views)
        ],
        "own": actor.ref,
    }
    return render(request, "casework/reviews.html", context)


@requires(LEADS)
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def review_case(request: HttpRequest, number: int) -> HttpResponse:
    """One case of the sample: the four questions."""
    actor = actor_of(request)
    view = next((review_view for review_view in sample(actor) if review_view.id == number), None)
    if view is None:
        raise UnableToFindCase(
            _("There is no such case in the sample."), next_step=_("Choose one from the list.")
        )
    initial = {**view.answers, "words": view.words}
    form = ReviewForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            cleaned = dict(form.cleaned_data)
            try:
                review(
                    number,
                    remarks=cleaned.pop("words"),
                    answers=cleaned,
                    actor=actor,
                    now=timezone.now(),
                )
            except AmendsError as refusal:
                form.add_error(None, str(refusal_text(refusal)))
            else:
                messages.success(request, _("Saved. The handler can read it."))
                return redirect("quality_reviews")
    return render(request, "casework/review.html", {"form": form, "view": view}, status=status)


@signed_in
@require_safe
def own_reviews(request: HttpRequest) -> HttpResponse:
    """The reviews of the reader's own work."""
    actor = actor_of(request)
    review_views = reviews_of(actor)
    reviews_seen(actor.ref, now=timezone.now())
    return render(request, "casework/own_reviews.html", {"rows": _answered(review_views)})
