"""Which product a complaint is about, as far as its dossier says."""

from __future__ import annotations

from collections.abc import Sequence

from amends.engines.decisions.dossier.model import Dossier
from amends.engines.decisions.evidence import NamedService


def product_of(papers: Dossier, service: str = "", named: Sequence[NamedService] = ()) -> str:
    """The offer with the largest part that facts do not support; "" where nothing points to one.

    service  the service the complainant picked, if any: then its offer
    named    services in the text: then the first that is ordered by itself, one of those that facts
             do not support before others

    >>> from amends.engines.decisions.dossier.model import ChargeGround, ServiceName
    >>> names = tuple(ServiceName(*n, "", "") for n in (("s1", "ring", "v"), ("s2", "fibre", "l")))
    >>> ground = ChargeGround("unconfirmed", "q", "s1", "s1", "c1", 0, 0, 500, 500, 0, "CNY")
    >>> product_of(Dossier("c", "", "v", (), (ground,), names)), product_of(
    ...     Dossier("c", "", "v", (), (), names), "s2")
    ('ring', 'fibre')
    >>> product_of(Dossier("c", "", "v", (), (ground,), names), named=(
    ...     NamedService(offer="pod-video", zh="", en=""),))
    'pod-video'
    """
    offers = {named_service.service: named_service.offer for named_service in papers.services}
    if service:
        return offers.get(service, "")
    largest_ground = max(papers.grounds, key=lambda ground: ground.excess_minor, default=None)
    unsupported = offers.get(largest_ground.service, "") if largest_ground else ""
    ordered_alone = [each.offer for each in named if not each.is_line]
    if ordered_alone and unsupported not in ordered_alone:
        return ordered_alone[0]
    return unsupported
