"""Components with content: page header, card, table, fact, note.

    {% card "Cause" %}
      <p>…</p>
    {% endcard %}

Components without content (icon, badge, field, pager, empty state) are in `amends`; the page
/gallery/ shows each of them.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from amends.site.templatetags.figures import icon_svg

register = template.Library()


@register.simple_block_tag
def pageheader(
    content: SafeString, title: Any, beside: Any = "", back: str = "", back_label: Any = ""
) -> SafeString:
    """The head of a desk page; its content are the actions at the right.

    beside            small text after the title, such as a number
    back, back_label  address and name of the page above
    """
    way_back = (
        format_html('<p><a class="back" href="{}">{}{}</a></p>', back, icon_svg("left"), back_label)
        if back
        else ""
    )
    small = format_html(' <span class="quiet small">{}</span>', beside) if beside else ""
    actions = (
        format_html('<div class="actions">{}</div>', content) if content.strip() else SafeString()
    )
    return format_html(
        '<div class="page-head"><div>{}<h1>{}{}</h1></div>{}</div>',
        way_back,
        title,
        small,
        actions,
    )


@register.simple_block_tag
def card(content: SafeString, title: Any = "", beside: Any = "") -> SafeString:
    """A card; `beside` is small text at the right of its title."""
    small = format_html('<span class="quiet small mono">{}</span>', beside) if beside else ""
    head = format_html("<header><h2>{}</h2>{}</header>", title, small) if title else ""
    return format_html(
        '<section class="card">{}<div class="body stack">{}</div></section>', head, content
    )


@register.simple_block_tag
def datatable(content: SafeString, label: Any, css: str = "") -> SafeString:
    """A table that scrolls sideways on small screens; its content are `thead` and `tbody`.

    label  what the table lists, for people who do not see it
    css    "list": on a phone each row is a block, and each cell begins with its `data-name`
    """
    return format_html(
        '<div class="table-frame{}" role="region" tabindex="0" aria-label="{}">'
        '<table class="table">{}</table></div>',
        f" {css}" if css else "",
        label,
        content,
    )


@register.simple_block_tag
def fact(content: SafeString, label: Any) -> SafeString:
    """A row of `<dl class="facts">`."""
    return format_html("<dt>{}</dt><dd>{}</dd>", label, content)


@register.simple_block_tag
def note(content: SafeString, tone: str = "") -> SafeString:
    """A notice within a page; tone: warn, bad or nothing."""
    role = ' role="alert"' if tone == "bad" else ""
    return format_html('<div class="note {}"{}>{}</div>', tone, SafeString(role), content)
