"""What the first page after sign-in shows of hot issues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow
from amends.problems.hotissues.queries import issues
from amends.problems.hotissues.texts.names import name_of


def open_issues(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The open issues with the most people more than expected."""
    hot_issues = issues(state="open", brand=actor.brand)
    hot_issues.sort(key=lambda issue: issue.excess, reverse=True)
    return [
        HomeRow(
            name_of(issue),
            reverse("hotissue", args=[issue.id]),
            ngettext("%(n)s person complained", "%(n)s people complained", issue.persons)
            % {"n": issue.persons},
        )
        for issue in hot_issues
    ]
