"""Words for what the pages about looking show."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amends.platform.kit.formats import is_chinese

FIELDS: dict[str, str | Promise] = {
    "name": _("Name of the person"),
    "phone": _("Telephone number"),
    "id_card": _("Identity card"),
    "address": _("Address"),
    "email": _("Email address"),
}
SEEN: dict[str, str | Promise] = FIELDS | {
    "plan": _("Plan and services"),
    "bills": _("Bills"),
    "facts": _("Records of services"),
}
"""What other systems show beside personal data; nobody asks for it in an emergency."""


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return is_chinese(get_language() or "")


def field_words(names: tuple[str, ...] | list[str]) -> list[str | Promise]:
    """The fields as the reader calls them; kinds of facts keep their name."""
    return [SEEN.get(name, name) for name in names]
