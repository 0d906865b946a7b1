"""Components with content: page header, card, table, fact, note, dialog, menu.

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
from django.utils.translation import gettext

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


@register.simple_block_tag(takes_context=True)
def dialog(
    context: template.Context,
    content: SafeString,
    name: str,
    title: Any,
    action: str = "",
    button: Any = "",
    icon: str = "",
    css: str = "",
) -> SafeString:
    """A modal dialog; opened by `data-dialog="NAME"`.

    action  address its form is posted to; without one it only shows something
    button  words of the button that sends the form; icon, its sign
    css     "wide" for tables
    """
    head = format_html(
        '<div class="dialog-head"><h2 id="{name}-title">{title}</h2>'
        '<button class="button plain square" type="button" data-close aria-label="{close}">'
        '{cross}</button></div><div class="dialog-body">{content}</div>',
        name=name,
        title=title,
        close=gettext("Close"),
        cross=icon_svg("cross"),
        content=content,
    )
    if action:
        head = format_html(
            '<form method="post" action="{action}">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="{token}">{head}'
            '<div class="dialog-foot">'
            '<button class="button" type="button" data-close>{cancel}</button>'
            '<button class="button main" type="submit">{sign}{button}</button></div></form>',
            action=action,
            token=context.get("csrf_token", ""),
            head=head,
            cancel=gettext("Cancel"),
            sign=icon_svg(icon) if icon else "",
            button=button,
        )
    return format_html(
        '<dialog id="{name}" class="{css}" aria-labelledby="{name}-title">{content}</dialog>',
        name=name,
        css=css,
        content=head,
    )


@register.simple_block_tag
def menu(
    content: SafeString, label: Any, css: str = "", button: str = "button", icon: str = "down"
) -> SafeString:
    """A button that opens a small sheet of links, buttons or facts.

    css     of the menu: "end" opens it to the left, "peek" also when the pointer rests on it
    button  class of what is pressed: "button", or "chip" for a fact in a header
    """
    return format_html(
        '<details class="menu {}"><summary class="{}">{}{}</summary>'
        '<div class="sheet">{}</div></details>',
        css,
        button,
        label,
        icon_svg(icon) if icon else "",
        content,
    )


@register.simple_tag
def tab(name: str, label: Any, selected: str, address: str, count: Any = "") -> SafeString:
    """One tab of a `<div class="tabs" role="tablist" data-tabs>`; its panel is `panel-NAME`.

    Without a script it is a link to `address`, which opens the page with this tab.
    """
    on = name == selected
    return format_html(
        '<a role="tab" id="tab-{name}" href="{address}" aria-controls="panel-{name}"'
        ' aria-selected="{chosen}" tabindex="{index}" data-tab="{name}">{label}{count}</a>',
        name=name,
        address=address,
        chosen="true" if on else "false",
        index="0" if on else "-1",
        label=label,
        count=format_html('<span class="count">{}</span>', count) if count else "",
    )
