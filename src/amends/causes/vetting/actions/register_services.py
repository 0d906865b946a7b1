"""Register services with their chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.vetting.models import LinkKind, RegisteredService, ServiceLink, ServiceOrigin
from amends.people.partners.queries import partner
from amends.platform.kit.errors import BadInput
from amends.record.catalogue.queries import is_registered

_PERIODS = ("", "month", "once", "year", "use")


class UnableToRegisterService(BadInput):
    """The kind is unknown, or a partner or an offer that it names is not on record."""

    code = "service_not_registered"


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A link as it is registered: its name, kind (of `LinkKind`) and partner."""

    name: str
    kind: str
    partner: str = ""


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service as it is registered; see `RegisteredService` for the fields."""

    ref: str
    origin: str
    name_zh: str
    name_en: str
    provider: str = ""
    contract: str = ""
    offer: str = ""
    charge_text: str = ""
    number: str = ""
    price_minor: int | None = None
    currency: str = ""
    charge_period: str = ""
    stop_zh: str = ""
    stop_en: str = ""
    answers: str = ""
    brand: str = ""
    is_listed: bool = True
    links: Sequence[LinkEntry] = field(default_factory=tuple)


def register_service(entry: ServiceEntry, *, now: datetime) -> bool:
    """Add a service or change what is on record; whether anything changed.

    Its links are those given; where none are given, those on record remain. Raises
    UnableToRegisterService.
    """
    _check(entry)
    values = asdict(entry)
    del values["links"]
    with transaction.atomic():
        before = RegisteredService.objects.filter(ref=entry.ref).first()
        changed = before is None or any(
            getattr(before, name) != value for name, value in values.items()
        )
        if changed:
            RegisteredService.objects.update_or_create(
                ref=values.pop("ref"), defaults={**values, "changed_at": now}
            )
        return _store_links(entry) or changed


def _check(entry: ServiceEntry) -> None:
    if not entry.ref or not (entry.name_zh or entry.name_en):
        raise UnableToRegisterService(_("A service needs a reference and a name."))
    for name in ("ref", "provider", "contract", "offer", "charge_text", "number", "brand"):
        max_length = RegisteredService._meta.get_field(name).max_length or 0
        if len(getattr(entry, name)) > max_length:
            raise UnableToRegisterService(
                _("%(field)s has more than %(most)s characters")
                % {"field": name, "most": max_length}
            )
    if entry.origin not in ServiceOrigin.values:
        raise _unknown(_("origin"), entry.origin, ServiceOrigin.values)
    if entry.charge_period not in _PERIODS:
        raise _unknown(_("period"), entry.charge_period, _PERIODS[1:])
    if entry.price_minor is not None and (entry.price_minor < 0 or len(entry.currency) != 3):
        raise UnableToRegisterService(_("A price is not negative and has a currency."))
    for ref in {entry.provider, *(link.partner for link in entry.links)} - {""}:
        if partner(ref) is None:
            raise UnableToRegisterService(
                _("There is no partner %(partner)s.") % {"partner": ref},
                next_step=_("Import the partners first."),
            )
    if entry.offer and not is_registered(entry.offer):
        raise UnableToRegisterService(
            _("There is no offer %(offer)s in the catalogue.") % {"offer": entry.offer},
            next_step=_("Leave the offer empty, or register it first."),
        )
    names = [link.name for link in entry.links]
    if len(set(names)) < len(names) or "" in names:
        raise UnableToRegisterService(_("The links of a service have different names."))
    for link in entry.links:
        if link.kind not in LinkKind.values:
            raise _unknown(_("link"), link.kind, LinkKind.values)


def _unknown(what: str, text: str, allowed: Sequence[str]) -> UnableToRegisterService:
    return UnableToRegisterService(
        _("“%(given)s” is no %(what)s of a service.") % {"given": text, "what": what},
        next_step=_("Use one of %(known)s.") % {"known": ", ".join(allowed)},
    )


def _store_links(entry: ServiceEntry) -> bool:
    if not entry.links:
        return False
    before = {
        service_link.name: (service_link.kind, service_link.partner)
        for service_link in ServiceLink.objects.filter(service=entry.ref)
    }
    wanted = {link.name: (link.kind, link.partner) for link in entry.links}
    if before == wanted:
        return False
    ServiceLink.objects.filter(service=entry.ref).exclude(name__in=wanted).delete()
    for name, (kind, party) in wanted.items():
        ServiceLink.objects.update_or_create(
            service_id=entry.ref, name=name, defaults={"kind": kind, "partner": party}
        )
    return True
