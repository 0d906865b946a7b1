"""Sample data of the previous release, written by its own code: run with PYTHONPATH naming it.

Prints one JSON document: where the code lies, the token of an API client, and the pages of each app
that an address alone opens.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
PASSWORD = "harbour-kite-42"
PHONE = "13900001234"
SCOPES = ["complaints:write", "complaints:read", "orders:write"]
ROLES = [
    "handler",
    "senior_handler",
    "manager",
    "network",
    "marketing",
    "partner_manager",
    "privacy_officer",
    "administrator",
]


def _fill() -> str:
    """A partner, offers, a subscriber with a plan, a user, an API client; the client's token."""
    from amends.access.actions.add_user import add_user
    from amends.catalogue.actions.publish_offers import NewOffer, publish_offers
    from amends.knowledge.actions.starter import publish_starter
    from amends.ledger.actions.append import append
    from amends.ledger.actions.sequence import sequence
    from amends.partners.actions.register import register_partners
    from amends.partners.queries import PartnerView
    from amends.portals.actions.clients import make_client
    from amends.subscribers.actions.open_services import NewService, open_services
    from amends.subscribers.actions.register import NewSubscriber, register
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    call_command("migrate", interactive=False, verbosity=0)
    now = timezone.now()
    born = now - timedelta(days=400)
    offers = [
        NewOffer(
            ref=ref,
            version="1",
            kind=kind,
            name_zh=f"{ref}业务",
            name_en=f"{ref} service",
            price_minor=price_minor,
            currency="CNY",
            valid_from=born,
            provider=provider,
        )
        for ref, kind, price_minor, provider in (
            ("plan", "mobile_plan", 5000, ""),
            ("ring", "value_added", 1000, "ring-co"),
        )
    ]
    with transaction.atomic():
        register_partners([PartnerView("ring-co", "provider", "铃声公司", "Ring Co")])
        append(publish_offers(offers), now=born)
        person = register(
            NewSubscriber(name="李雨", phone=PHONE, email="li@invented.example", language="en"),
            now=born,
        )
        open_services([NewService(person, "mobile_plan", born, "plan", "1")])
    add_user("wei", password=PASSWORD, roles=ROLES)
    publish_starter(now=now)
    sequence(now=now, holder="sample")
    return make_client("crm", scopes=SCOPES, now=now)


def _pages() -> dict[str, list[str]]:
    """App → its addresses without a parameter."""
    from django.urls import get_resolver

    pages: dict[str, list[str]] = {}
    for module, route in _routes(get_resolver().url_patterns):
        package, _dot, rest = module.partition(".")
        if package == "amends" and "<" not in route and not route.startswith(("api/", "account/")):
            pages.setdefault(rest.partition(".")[0], []).append(f"/{route}")
    return pages


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield getattr(pattern.callback, "__module__", ""), route


def main() -> None:
    """Fill the database that the AMENDS_* variables name."""
    import django

    django.setup()
    import amends

    token = _fill()
    about = {"code": amends.__file__, "token": token, "pages": _pages()}
    sys.stdout.write(json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
