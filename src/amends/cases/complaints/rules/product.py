"""Which product a complaint is about, as far as its dossier says."""

from __future__ import annotations

from amends.engines.decisions.dossier.model import Dossier


def product_of(papers: Dossier, service: str = "") -> str:
    """The offer with the largest part that facts do not support; "" where nothing points to one.

    service  the service the complainant named, if any: then its offer

    >>> from amends.engines.decisions.dossier.model import ChargeGround, ServiceName
    >>> names = tuple(ServiceName(*n, "", "") for n in (("s1", "ring", "v"), ("s2", "fibre", "l")))
    >>> ground = ChargeGround("unconfirmed", "q", "s1", "s1", "c1", 0, 0, 500, 500, 0, "CNY")
    >>> product_of(Dossier("c", "", "v", (), (ground,), names)), product_of(
    ...     Dossier("c", "", "v", (), (), names), "s2")
    ('ring', 'fibre')
    """
    offers = {named_service.service: named_service.offer for named_service in papers.services}
    if service:
        return offers.get(service, "")
    largest_ground = max(papers.grounds, key=lambda ground: ground.excess_minor, default=None)
    return offers.get(largest_ground.service, "") if largest_ground else ""
