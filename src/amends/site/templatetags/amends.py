"""Components of the one visual language: icon, badge, dot, field, empty state, pager, toast.

What is not here is plain markup with a class of `static/amends/css`; the gallery shows every one.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from amends.people.operator.queries import current, has_logo, operator
from amends.platform.kit.citations import cited
from amends.platform.kit.formats import is_chinese
from amends.site.templatetags.figures import icon_svg

register = template.Library()

_SIGNS = {
    "ok": "check",
    "bad": "cross",
    "warn": "warn",
    "info": "info",
    "nothing": "nothing",
    "uncovered": "uncovered",
}


@register.simple_tag
def icon(name: str, css: str = "icon") -> SafeString:
    """A sign from our own sprite."""
    return icon_svg(name, css)


@register.simple_tag
@cache
def wordmark() -> str:
    """The logo: a ring mended with a piece of another colour."""
    return render_to_string("amends/wordmark.html")


@register.simple_tag
def operator_name() -> str:
    """The operator as the reader of the page knows it; where no setting names it, the software."""
    name: str = operator().name_in(get_language() or "")
    return name or "Amends"


@register.simple_tag
def operator_logo() -> str:
    """The operator's logo where it has one of its own, else ours."""
    if not has_logo():
        return wordmark()
    return format_html('<img class="brand-logo" src="{}" alt="">', reverse("brand_logo"))


@register.simple_tag
def operator_colours() -> str:
    """The style sheet of the operator's colour, where it chose one."""
    saved = current()
    if saved is None or not saved.accent:
        return ""
    return format_html('<link rel="stylesheet" href="{}">', reverse("brand_colours"))


@register.inclusion_tag("public/operator.html")
def operator_contact() -> dict[str, str]:
    """The operator's hotline with its hours, as far as they are set."""
    own = operator()
    return {
        "hotline": own.hotline,
        "hours": own.hours_in(get_language() or ""),
    }


@register.simple_tag(takes_context=True)
def large_type(context: template.Context) -> bool:
    """Whether the reader chose large type (大字版), by the cookie of the switch."""
    request = context.get("request")
    return request is not None and request.COOKIES.get(settings.LARGE_TYPE_COOKIE) == "1"


@register.simple_tag
def reads(language: str) -> str:
    """Whether the page is in this language: true or false, as attributes say it."""
    return "true" if get_language() == language else "false"


@register.simple_tag
def badge(tone: str, label: Any, sign: str = "") -> SafeString:
    """A status in a word with a tone: ok, warn, bad, info, plum, plain, nothing, uncovered."""
    name = sign or _SIGNS.get(tone, "")
    drawn = icon_svg(name) if name and name != "none" else ""
    return _marked(f"badge {tone}", drawn, label)


@register.simple_tag
def status(choice: Any) -> SafeString:
    """The badge of a member of `BadgeChoices`."""
    return badge(choice.tone, choice.label)


@register.simple_tag
def dot(tone: str, label: Any) -> SafeString:
    """A state in a table: a coloured dot and its word."""
    return _marked(f"dot {tone}", "", label)


def _marked(css: str, drawn: str, content: Any) -> SafeString:
    escaped = conditional_escape(content)
    return mark_safe(f'<span class="{escape(css)}">{drawn}{escaped}</span>')  # noqa: S308 (escaped)


_MOST_WITHOUT_SEARCH = 30
"""Longer lists of choices have a search box."""


@register.inclusion_tag("amends/field.html")
def field(bound: BoundField, css: str = "", hint: str = "") -> dict[str, Any]:
    """A form field: label, hint, error that says how to fix it, control."""
    widget = bound.field.widget
    described = []
    if hint or bound.help_text:
        described.append(f"{bound.id_for_label}_hint")
    if bound.errors:
        described.append(f"{bound.id_for_label}_error")
    attrs = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "css": css,
        "hint": hint or bound.help_text,
        "group": group,
        "searchable": group and len(bound.subwidgets) > _MOST_WITHOUT_SEARCH,
        "single": isinstance(widget, CheckboxInput) and not group,
        "text": isinstance(widget, Textarea),
    }


@register.inclusion_tag("amends/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What is wrong in a form, on top, each error leading to its field."""
    return {"form": form}


@register.inclusion_tag("amends/empty.html")
def empty(
    drawing: str, title: Any, why: Any, action: Any = "", href: str = "", more: Any = ""
) -> dict[str, Any]:
    """An empty list: what is not here, why, and what to do.

    drawing  inbox, search, done or proof
    """
    return {
        "drawing": drawing,
        "title": title,
        "why": why,
        "action": action,
        "href": href,
        "more": more,
    }


@register.inclusion_tag("amends/pager.html", takes_context=True)
def pager(
    context: template.Context, shown: int, total: Any = None, before: str = "", after: str = ""
) -> dict[str, Any]:
    """Keyset pager: `before` and `after` are the cursors of the neighbouring pages, or empty."""
    return {
        "shown": shown,
        "total": total,
        "before": address_with(context, before=before, after="") if before else "",
        "after": address_with(context, after=after, before="") if after else "",
    }


def address_with(context: template.Context, **changes: Any) -> str:
    """The present address with query fields changed; an empty value removes the field."""
    present = context["request"].GET if "request" in context else QueryDict()
    fields = [
        (name, value) for name, values in present.lists() if name not in changes for value in values
    ]
    fields += [(name, str(value)) for name, value in changes.items() if value not in ("", None)]
    return f"?{urlencode(fields)}"


@register.simple_tag(takes_context=True)
def here_with(context: template.Context, **changes: Any) -> str:
    """The present address with query fields changed."""
    return address_with(context, **changes)


@register.simple_tag(takes_context=True)
def filter_link(context: template.Context, field: str, value: str = "") -> str:
    """The present list narrowed by one more filter, or with one taken away, from its start."""
    return address_with(context, **{field: value, "after": "", "before": ""})


@register.filter(name="cited")
def cited_here(source: Any) -> str:
    """The source of a rule in the reader's language."""
    return cited(str(source or ""), get_language() or "en")


_TRACKING_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.ASCII)


@register.filter
def tracking_links(text: SafeString | str) -> SafeString:
    """A text in which each tracking code is a link to the page where the complaint is followed."""
    return mark_safe(  # noqa: S308 (escaped)
        _TRACKING_CODE.sub(
            lambda code: f'<a href="{reverse("public:followed", args=[code[0]])}">{code[0]}</a>',
            conditional_escape(text),
        )
    )


@register.filter
def in_language(value: Any) -> str:
    """The reader's language of data that carry both: a mapping or object with `zh` and `en`."""
    chinese = is_chinese(get_language() or "")
    first, second = ("zh", "en") if chinese else ("en", "zh")
    for name in (first, second):
        text = value.get(name) if isinstance(value, dict) else getattr(value, name, "")
        if text:
            return str(text)
    return ""
