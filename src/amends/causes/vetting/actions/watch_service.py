"""Configure how the links of a service are probed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.vetting.models import (
    LinkKind,
    LinkProbe,
    ProbeKind,
    RegisteredService,
    ServiceLink,
)
from amends.platform.kit.errors import BadInput

_FASTEST_S, _SLOWEST_S = 60, 86_400
_LONGEST_MS = 60_000


class UnableToWatchService(BadInput):
    """The service is unknown, or a link or probe is described wrongly."""

    code = "service_not_watched"


@dataclass(frozen=True, slots=True)
class ServiceWatched:
    """Links and probes of a service after the change, and probes that were removed."""

    service: str
    links: int
    probes: int
    removed: int


def watch_service(document: Mapping[str, Any], *, now: datetime) -> ServiceWatched:
    """Take the links and probes of a service as `vetting locate` reads them; all or nothing.

    document  `{"service", "links": [{"id", "kind", "partner", "probes": [{"id", "kind", "target",
              "options", "every_s", "most_ms"}]}]}`; probes that it does not list are switched off
    """
    service = RegisteredService.objects.filter(ref=str(document.get("service", ""))).first()
    links = document.get("links")
    if service is None or not isinstance(links, list):
        raise UnableToWatchService(
            _("There is no service “%(ref)s”, or no list of links.")
            % {"ref": str(document.get("service", ""))[:64]},
            next_step=_("Register it with “amends import services”."),
        )
    listed: set[int] = set()
    with transaction.atomic():
        for entry in links:
            link = _link(service, entry)
            for probe in entry.get("probes") or []:
                listed.add(_probe(link, probe, now).pk)
        left = LinkProbe.objects.filter(link__service=service, is_active=True)
        removed = left.exclude(pk__in=listed).update(is_active=False)
    return ServiceWatched(
        service=service.ref, links=len(links), probes=len(listed), removed=removed
    )


def _link(service: RegisteredService, entry: Any) -> ServiceLink:
    if not isinstance(entry, dict) or not str(entry.get("id", "")).strip():
        raise UnableToWatchService(_("A link has no id."))
    if entry.get("kind") not in LinkKind.values:
        raise UnableToWatchService(
            _("Link %(link)s is none of %(known)s.")
            % {"link": entry["id"], "known": ", ".join(LinkKind.values)}
        )
    values = {"kind": entry["kind"]}
    if "partner" in entry:
        values["partner"] = str(entry["partner"])[:64]
    link, _created = ServiceLink.objects.update_or_create(
        service=service, name=str(entry["id"])[:64], defaults=values
    )
    return link


def _probe(link: ServiceLink, entry: Any, now: datetime) -> LinkProbe:
    if not isinstance(entry, dict) or entry.get("kind") not in ProbeKind.values:
        raise UnableToWatchService(
            _("A probe of link %(link)s has no kind of %(known)s.")
            % {"link": link.name, "known": ", ".join(ProbeKind.values)}
        )
    name, target = str(entry.get("id", "")).strip(), str(entry.get("target", "")).strip()
    options = entry.get("options") or {}
    every_s = _number(entry.get("every_s", 300), _FASTEST_S, _SLOWEST_S)
    most_ms = _number(entry.get("most_ms", 5_000), 1, _LONGEST_MS)
    steps: Sequence[Any] = options.get("steps", ()) if isinstance(options, dict) else ()
    has_target = bool(target) or (entry["kind"] == ProbeKind.JOURNEY and bool(steps))
    if not name or not has_target or not isinstance(options, dict) or not (every_s and most_ms):
        raise UnableToWatchService(
            _("Probe “%(probe)s” of link %(link)s is incomplete.")
            % {"probe": name, "link": link.name},
            next_step=_("Give id, target, every_s of 60 to 86,400 and most_ms of up to 60,000."),
        )
    probe, _created = LinkProbe.objects.update_or_create(
        link=link,
        name=name[:64],
        defaults={
            "kind": entry["kind"],
            "target": target[:300],
            "options": options,
            "every_s": every_s,
            "most_ms": most_ms,
            "is_active": True,
        },
        create_defaults={
            "kind": entry["kind"],
            "target": target[:300],
            "options": options,
            "every_s": every_s,
            "most_ms": most_ms,
            "next_at": now,
        },
    )
    return probe


def _number(number: Any, low: int, high: int) -> int:
    """The number, 0 unless it is a whole number from `low` to `high`."""
    is_whole = isinstance(number, int) and not isinstance(number, bool)
    return number if is_whole and low <= number <= high else 0
