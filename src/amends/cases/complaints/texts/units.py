"""The names of what complaints are counted by: classes and their groups, areas, channels,
products and partners."""

from __future__ import annotations

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.queries import class_names, scheme, schemes
from amends.channels.queries.capabilities import channel_titles
from amends.people.access.web.signs import Words
from amends.people.partners.queries import partners
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import areas, code_names, offer_names
from amends.record.facts.coverage import EVERYONE

GROUPS: dict[str, Words] = {
    "network": _("Network"),
    "service": _("Service"),
    "billing": _("Charges"),
    "consent": _("Opened, changed or stopped without consent"),
    "reminder": _("Reminders"),
    "marketing": _("Marketing"),
    "privacy": _("Personal data"),
    "nuisance": _("Nuisance"),
    "thirdparty": _("Value-added services"),
    "handling": _("How complaints are handled"),
    "other": _("Others"),
}
PRODUCT_KINDS: dict[str, Words] = {
    "mobile_plan": _("mobile plans"),
    "broadband": _("home broadband"),
    "value_added": _("value-added services"),
    "roaming": _("roaming"),
}
_SOLD_BY: dict[str, Words] = {"partner": _("Partner"), "agent": _("Agent")}
"""Channels that orders come by and complaints do not."""
DIMENSIONS: dict[str, Words] = {
    "total": _("everything"),
    "root": _("group of classes"),
    "code": _("class"),
    "area": _("area"),
    "product": _("product"),
    "partner": _("partner"),
    "channel": _("channel"),
    "brand": _("brand"),
}


def dimension_word(dimension: str) -> Words:
    """A dimension in words: those of `DIMENSIONS`, and regulators' classes by their version."""
    if scheme_words := schemes().get(dimension):
        return scheme_words[0] if is_chinese(get_language() or "") else scheme_words[1]
    return DIMENSIONS[dimension]


def unit_names(dimension: str) -> dict[str, str]:
    """Unit of a dimension → its name in the reader's language; {} where units name themselves."""
    chinese = is_chinese(get_language() or "")
    if dimension == "area":
        return {area.code: area.name_zh if chinese else area.name_en for area in areas()}
    if dimension == "product":
        kinds = {f"kind:{kind}": str(kind_label) for kind, kind_label in PRODUCT_KINDS.items()}
        return kinds | {ref: zh if chinese else en for ref, (zh, en) in offer_names().items()}
    if dimension in ("brand", "campaign"):
        named = code_names(dimension).items()
        return {code: zh if chinese else en for code, (zh, en) in named}
    if dimension == "partner":
        return {
            partner.ref: partner.name_zh if chinese else partner.name_en for partner in partners()
        }
    if dimension == "code":
        return {code: zh if chinese else en for code, (zh, en) in class_names().items()}
    if dimension in schemes():
        classes = scheme(dimension).classes
        return {class_id: zh if chinese else en for class_id, (zh, en) in classes.items()}
    if dimension == "root":
        return {root: str(group_label) for root, group_label in GROUPS.items()}
    if dimension == "channel":
        sold_by = {code: str(name) for code, name in _SOLD_BY.items()}
        return sold_by | {code: str(title) for code, title in channel_titles().items()}
    return {}


def scope_words(scope: str) -> str:
    """Whom a statement of completeness speaks for: everyone, an area, or a brand."""
    what, _colon, which = scope.partition(":")
    if scope == EVERYONE:
        return gettext("everyone")
    return unit_names(what).get(which, which) if what in ("area", "brand") else which or scope
