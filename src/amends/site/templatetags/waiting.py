"""Requests that wait on the subject of a page.

{% load waiting %}{% waiting_on "copy" copy.ref %}
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of
from amends.platform.kit.formats import join_words
from amends.work.approvals import queries

register = template.Library()


@register.inclusion_tag("approvals/on_subject.html", takes_context=True)
def waiting_on(context: template.Context, kind: str, key: Any) -> dict[str, Any]:
    """Requests that wait on a subject: who may decide, since when, and where."""
    items, now, actor = (
        queries.waiting_on(kind, str(key)),
        timezone.now(),
        actor_of(context["request"]),
    )
    names = people({item.asked_by for item in items})
    rows = []
    for item in items:
        able = sorted(queries.deciders(item, now=now).values())
        rows.append(
            {
                "item": item,
                "title": queries.decision_named(item.decision).title,
                "deciders": able,
                "names": join_words(able, get_language() or "en"),
                "asked_by": names.get(item.asked_by, "Amends"),
                "may_decide": queries.may_decide(item, actor, now=now),
            }
        )
    return {"rows": rows}
