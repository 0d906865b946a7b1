"""The sample of closed cases under review, and the reviews of somebody's own work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.work.casework.models import QualityReview
from amends.work.casework.queries.kinds import CaseSummary
from amends.work.casework.queries.work import visible_summaries

MOST = 200


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One case of the sample; `answers` is empty until it is reviewed."""

    id: int
    case: CaseSummary
    handler: str
    handler_name: str
    reviewer_name: str
    answers: dict[str, str]
    words: str
    drawn_at: datetime
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """How often a question was answered yes, among those where it applies."""

    question: str
    yes: int
    asked: int


def sample(actor: Actor) -> list[ReviewView]:
    """The sample that the actor may see, those still to review first, at most `MOST`."""
    rows = QualityReview.objects.order_by("reviewed_at", "-drawn_at", "-id")
    waiting = list(rows.filter(reviewed_at__isnull=True)[:MOST])
    reviewed = list(rows.filter(reviewed_at__isnull=False).order_by("-reviewed_at")[:MOST])
    return _views([*waiting, *reviewed], actor)


def reviews_of(actor: Actor) -> list[ReviewView]:
    """The reviews of the actor's own work, the newest first."""
    rows = QualityReview.objects.filter(handler=actor.ref, reviewed_at__isnull=False)
    return _views(list(rows.order_by("-reviewed_at")[:MOST]), actor)


def review_figures(views: list[ReviewView]) -> list[ReviewFigures]:
    """Shares of yes over some reviews, by question."""
    questions: dict[str, list[str]] = {}
    for view in views:
        for question, answer in view.answers.items():
            if answer != "na":
                questions.setdefault(question, []).append(answer)
    return [
        ReviewFigures(question, answers.count("yes"), len(answers))
        for question, answers in questions.items()
    ]


def _views(rows: list[QualityReview], actor: Actor) -> list[ReviewView]:
    cases = visible_summaries([(row.kind, row.key) for row in rows], actor)
    names = people({row.handler for row in rows} | {row.reviewer for row in rows} - {""})
    return [
        ReviewView(
            id=row.pk,
            case=cases[row.kind, row.key],
            handler=row.handler,
            handler_name=names.get(row.handler, row.handler),
            reviewer_name=names.get(row.reviewer, ""),
            answers=row.answers,
            words=row.words,
            drawn_at=row.drawn_at,
            reviewed_at=row.reviewed_at,
        )
        for row in rows
        if (row.kind, row.key) in cases
    ]
