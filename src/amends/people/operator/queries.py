"""The profile of the operator and the settings of the installation, with their earlier versions."""

from __future__ import annotations

from dataclasses import fields

from django.conf import settings
from django.core.cache import caches

from amends.people.operator.models import Installation, OperatorProfile
from amends.platform import registry
from amends.platform.environment.operator import Operator

REMEMBERED_S = 10
"""Each process asks so often: a change is on every page this many seconds later."""
_KEY = "operator.profile"
_INSTALLATION_KEY = "operator.installation"


def operator() -> Operator:
    """The newest profile that was saved; before one is, what the settings say."""
    saved = current()
    if saved is None:
        configured: Operator = settings.OPERATOR
        return configured
    return Operator(**{field.name: getattr(saved, field.name) for field in fields(Operator)})


def current() -> OperatorProfile | None:
    """The newest profile without its logo, None where none was saved."""
    cache = caches["process"]
    profile = cache.get(_KEY)
    if profile is None:
        profile = OperatorProfile.objects.defer("logo").order_by("-id").first() or ""
        cache.set(_KEY, profile, REMEMBERED_S)
    return profile or None


def forget() -> None:
    """Ask again at the next page of this process."""
    caches["process"].delete_many([_KEY, _INSTALLATION_KEY])


def logo() -> bytes:
    """The logo in force as PNG; empty for the default."""
    newest = OperatorProfile.objects.order_by("-id").values_list("logo", flat=True).first()
    return bytes(newest or b"")


def has_logo() -> bool:
    """Whether the operator has a logo of its own."""
    saved = current()
    return (
        saved is not None and OperatorProfile.objects.filter(id=saved.id).exclude(logo=b"").exists()
    )


def profiles() -> list[OperatorProfile]:
    """Every version without its logo, the newest first."""
    return list(OperatorProfile.objects.defer("logo").order_by("-id")[:50])


def installation() -> Installation:
    """The settings of the installation in force; the defaults where they are unchanged."""
    cache = caches["process"]
    row = cache.get(_INSTALLATION_KEY)
    if row is None:
        row = Installation.objects.order_by("-id").first() or Installation()
        cache.set(_INSTALLATION_KEY, row, REMEMBERED_S)
    newest: Installation = row
    return newest


def public_address() -> str:
    """The address that links to this installation begin with, without the last slash.

    `AMENDS_BASE_URL` wins over the page of settings.
    """
    fixed: str = settings.BASE_URL
    if settings.BASE_URL_IS_SET:
        return fixed
    return installation().public_address or fixed


def parts_off() -> frozenset[str]:
    """Names of the parts that are switched off, with those that need one of them."""
    switched_off = set(installation().parts_off)
    if not switched_off:
        return frozenset()
    return frozenset(
        name
        for name, part in registry.parts().items()
        if name in switched_off or part.needs in switched_off
    )


def parts_in_use() -> frozenset[str]:
    """Names of the parts that are switched on."""
    return frozenset(registry.parts()) - parts_off()


def installations() -> list[Installation]:
    """Every version of the settings of the installation, the newest first."""
    return list(Installation.objects.order_by("-id")[:50])
