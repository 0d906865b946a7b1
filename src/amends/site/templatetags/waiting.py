"""Rows that wait on the subject of a page.

{% load waiting %}{% waiting_on "copy" copy.ref %}
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from amends.people.access.queries import roles_that_may
from amends.people.access.queries.colleagues import names_with_roles
from amends.people.access.web.permission import actor_of
from amends.work.approvals.queries.waiting import WaitingRow
from amends.work.approvals.queries.waiting import waiting_on as rows_waiting_on
from amends.work.approvals.texts.waiting import ask_text
from amends.work.approvals.texts.waiting import waits_text as sentence

register = template.Library()


@register.inclusion_tag("approvals/on_subject.html", takes_context=True)
def waiting_on(context: template.Context, kind: str, key: Any) -> dict[str, Any]:
    """Rows that wait on a subject: whose turn it is, since when, the next action and where."""
    now, actor = timezone.now(), actor_of(context["request"])
    rows = rows_waiting_on(kind, str(key), actor, now=now)
    return {"rows": rows, "now": now, "path": context["request"].path}


@register.simple_tag(takes_context=True)
def who_may(context: template.Context, permission: str) -> str:
    """Whom to ask for an action that the reader may not do: "Ask Chen Li or Wu Fang."."""
    brand = actor_of(context["request"]).brand
    return ask_text(names_with_roles(roles_that_may(permission), brand=brand))


@register.simple_tag
def waits_text(waiting: WaitingRow) -> str:
    """Whose turn it is and since when, in a sentence."""
    return sentence(waiting, now=timezone.now())
