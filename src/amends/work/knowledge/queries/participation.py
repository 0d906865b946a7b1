"""Public questions with their answers, and suggestions by votes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from amends.work.knowledge.choices import IdeaState, QuestionState
from amends.work.knowledge.models import ImprovementIdea, PublicAnswer, PublicQuestion

PUBLIC_QUESTIONS = (QuestionState.PUBLISHED, QuestionState.ANSWERED, QuestionState.MERGED)
PUBLIC_IDEAS = (IdeaState.OPEN, IdeaState.PLANNED, IdeaState.DONE, IdeaState.DECLINED)


def public_questions(language: str, *, limit: int = 50) -> QuerySet[PublicQuestion]:
    """Checked questions of a language with their checked answers, the newest first."""
    answers = PublicAnswer.objects.filter(is_published=True)
    rows = PublicQuestion.objects.filter(state__in=PUBLIC_QUESTIONS, language=language)
    return rows.prefetch_related(Prefetch("answers", answers))[:limit]


def public_question(ref: str) -> PublicQuestion | None:
    """One checked question."""
    answers = PublicAnswer.objects.filter(is_published=True)
    rows = PublicQuestion.objects.filter(state__in=PUBLIC_QUESTIONS, ref=ref)
    return rows.prefetch_related(Prefetch("answers", answers)).first()


def public_ideas(language: str, *, limit: int = 100) -> QuerySet[ImprovementIdea]:
    """Checked suggestions of a language, those with most votes first."""
    return ImprovementIdea.objects.filter(state__in=PUBLIC_IDEAS, language=language)[:limit]


def visible_questions(brand: str) -> QuerySet[PublicQuestion]:
    """Questions that staff of a brand may see; "" for all brands."""
    rows = PublicQuestion.objects.order_by("asked_at", "ref")
    return rows.filter(brand__in=("", brand)) if brand else rows


def questions_for_desk(state: str, *, brand: str = "") -> QuerySet[PublicQuestion]:
    """Questions in a state with all their answers; "" for those with something to do."""
    rows = visible_questions(brand).prefetch_related("answers")
    if state:
        return rows.filter(state=state)
    waiting = PublicAnswer.objects.filter(is_published=False, is_refused=False)
    return rows.filter(state__in=(QuestionState.WAITING, QuestionState.PUBLISHED)) | rows.filter(
        pk__in=waiting.values("question")
    )


def ideas_for_desk(state: str, *, brand: str = "") -> QuerySet[ImprovementIdea]:
    """Suggestions in a state, "" for all."""
    rows = ImprovementIdea.objects.all()
    if brand:
        rows = rows.filter(brand__in=("", brand))
    return rows.filter(state=state) if state else rows


@dataclass(frozen=True, slots=True)
class ParticipationFigures:
    """Questions and suggestions of a period.

    questions       asked and not refused; answered: of them, those with a published answer
    first_answer_s  seconds to the first published answer of each that has one
    ideas           suggestions; decided: of them, those planned, done or declined
    """

    questions: int
    answered: int
    first_answer_s: tuple[int, ...]
    ideas: int
    decided: int


def participation(start: datetime, end: datetime, *, brand: str = "") -> ParticipationFigures:
    """Figures of the questions asked and the suggestions made in `[start, end)`."""
    question_rows = PublicQuestion.objects.filter(asked_at__gte=start, asked_at__lt=end)
    question_rows = question_rows.exclude(state=QuestionState.REFUSED)
    ideas = ImprovementIdea.objects.filter(suggested_at__gte=start, suggested_at__lt=end)
    if brand:
        question_rows, ideas = question_rows.filter(brand=brand), ideas.filter(brand=brand)
    times = list(question_rows.order_by("asked_at", "ref").values_list("asked_at", "answered_at"))
    seconds = tuple(
        int((answered_at - asked_at).total_seconds())
        for asked_at, answered_at in times
        if answered_at is not None
    )
    decided = (IdeaState.PLANNED, IdeaState.DONE, IdeaState.DECLINED)
    return ParticipationFigures(
        questions=len(times),
        answered=len(seconds),
        first_answer_s=seconds,
        ideas=ideas.count(),
        decided=ideas.filter(state__in=decided).count(),
    )
