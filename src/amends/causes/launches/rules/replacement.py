"""Whether another offer is equal or better for whoever has the one that is withdrawn."""

from __future__ import annotations

from typing import Any, Protocol

from amends.platform.kit.errors import gettext_noop as _


class Terms(Protocol):
    """The terms of an offer; money in minor units, None where it has none of it."""

    @property
    def kind(self) -> str: ...
    @property
    def currency(self) -> str: ...


_NO_MORE = {
    "price_minor": _("price a month"),
    "contract_months": _("months of contract"),
    "exit_fee_minor": _("exit fee"),
    "out_of_plan_minor_per_mb": _("price of a further megabyte"),
}
_NO_LESS = {
    "allowance_mb": _("megabytes included"),
    "allowance_minutes": _("minutes included"),
    "allowance_messages": _("messages included"),
    "speed_down_kbps": _("speed down"),
    "speed_up_kbps": _("speed up"),
    "speed_min_kbps": _("minimum speed"),
}
OTHER_KIND = _("kind of service")


def worse_in(old: Terms, new: Terms) -> list[str]:
    """The terms in which `new` is worse than `old`, in words to translate; empty: equal or better.

    What the old offer has and the new one does not is worse; another kind or currency as well.
    """
    worse_terms = [] if (old.kind, old.currency) == (new.kind, new.currency) else [OTHER_KIND]
    worse_terms += [term for name, term in _NO_MORE.items() if _of(new, name) > _of(old, name)]
    worse_terms += [term for name, term in _NO_LESS.items() if _of(new, name) < _of(old, name)]
    return worse_terms


def _of(terms: Terms, name: str) -> Any:
    return getattr(terms, name) or 0
