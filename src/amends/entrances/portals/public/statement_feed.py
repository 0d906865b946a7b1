"""Known problems and public statements as an Atom feed, one for each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _

from amends.network.quality.queries.known_problems import KnownProblem, known_problems
from amends.people.access.web.permission import PUBLIC
from amends.people.operator.queries import operator, public_address
from amends.platform.kit.formats import format_moment
from amends.problems.emergencies.queries import PublicStatement, public_statements
from amends.record.catalogue.queries import areas

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry; `ref` never changes, whatever becomes of the problem."""

    ref: str
    title: str
    text: str
    published_at: datetime
    updated_at: datetime


class StatementFeed(Feed):  # type: ignore[type-arg]
    """`/statements/atom/zh/` and `/statements/atom/en/`; any other language is 404."""

    amends_permission = PUBLIC
    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = LANGUAGES.get(kwargs["language"])
        if language is None:
            raise Http404
        with override(language):
            response: HttpResponse = super().__call__(request, *args, **kwargs)
        return response

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """The language of the address."""
        return str(kwargs["language"])

    def title(self, language: str) -> str:
        """The name of the page, with that of the operator."""
        return f"{_('Known problems')} · {operator().name_in(LANGUAGES[language])}"

    def link(self) -> str:
        """The page."""
        return f"{public_address()}{reverse('public:statements')}"

    def feed_url(self, language: str) -> str:
        """The address of the feed itself."""
        path = reverse("public:statement_feed", kwargs={"language": language})
        return f"{public_address()}{path}"

    def items(self, language: str) -> Sequence[FeedEntry]:
        """Problems and statements, the latest change first."""
        chinese = language == "zh"
        names = {area.code: area.name_zh if chinese else area.name_en for area in areas()}
        entries = [
            *(_problem_entry(problem, names) for problem in known_problems(now=timezone.now())),
            *(_statement_entry(row, chinese=chinese) for row in public_statements()),
        ]
        return sorted(entries, key=lambda entry: entry.updated_at, reverse=True)

    def item_title(self, entry: FeedEntry) -> str:
        """The title."""
        return entry.title

    def item_description(self, entry: FeedEntry) -> str:
        """The text."""
        return entry.text

    def item_link(self, entry: FeedEntry) -> str:
        """The page that has it."""
        return f"{self.link()}#{entry.ref}"

    def item_guid(self, entry: FeedEntry) -> str:
        """The id, the same in each version."""
        return self.item_link(entry)

    def item_pubdate(self, entry: FeedEntry) -> datetime:
        """When it was first published."""
        return entry.published_at

    def item_updateddate(self, entry: FeedEntry) -> datetime:
        """When it last changed."""
        return entry.updated_at


def _moment(at: datetime) -> str:
    return format_moment(at, get_language() or "", timezone.get_current_timezone_name())


def _problem_entry(problem: KnownProblem, names: dict[str, str]) -> FeedEntry:
    places = ", ".join(names.get(area, area) for area in problem.areas)
    since = pgettext("known problem", "since")
    text = f"{places} · {since} {_moment(problem.started_at)}"
    if problem.ended_at:
        repaired = pgettext("known problem", "repaired")
        text = f"{text}, {repaired} {_moment(problem.ended_at)}"
    return FeedEntry(
        ref=f"incident-{problem.number}",
        title=f"{problem.kind.label} · {places}",
        text=text,
        published_at=problem.started_at,
        updated_at=problem.ended_at or problem.started_at,
    )


def _statement_entry(statement: PublicStatement, *, chinese: bool) -> FeedEntry:
    newest = statement.newest
    title = newest.title_zh if chinese else newest.title_en
    text = newest.text_zh if chinese else newest.text_en
    changes = (newest.published_at, newest.withdrawn_at, statement.ended_at)
    if newest.withdrawn_at:
        at = _moment(newest.withdrawn_at)
        notice = _("This no longer holds. It was withdrawn on %(at)s.") % {"at": at}
        text = f"{notice}\n\n{text}"
    elif statement.ended_at:
        ended = pgettext("known problem", "The cause ended")
        text = f"{text}\n\n{ended} {_moment(statement.ended_at)}"
    return FeedEntry(
        ref=f"statement-{statement.issue}",
        title=title,
        text=text,
        published_at=statement.versions[-1].published_at,
        updated_at=max(change for change in changes if change),
    )
