"""The chain of a service: the links from who provides it to who bills it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PROVIDER = "provider"
DELIVERY = "delivery"
NETWORK = "network"
BILLING = "billing"
APP = "app"
LINK_KINDS = (PROVIDER, DELIVERY, NETWORK, BILLING, APP)

_USES = {
    PROVIDER: frozenset[str](),
    DELIVERY: frozenset({PROVIDER}),
    NETWORK: frozenset[str](),
    BILLING: frozenset[str](),
    APP: frozenset({PROVIDER, DELIVERY, NETWORK}),
}


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link: its id, its kind (of LINK_KINDS) and the ids of its probes."""

    id: str
    kind: str
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceChain:
    """All links of a service, in any order."""

    service: str
    links: tuple[ChainLink, ...]

    def link(self, link_id: str) -> ChainLink | None:
        """A link by its id."""
        return next((link for link in self.links if link.id == link_id), None)

    def uses(self, link: ChainLink) -> frozenset[str]:
        """The links that a request to `link` passes in addition to itself, by id.

        A delivery uses the providers; the app uses every link but billing.
        """
        kinds = _USES[link.kind]
        return frozenset(chain_link.id for chain_link in self.links if chain_link.kind in kinds)


def chain_of(service: str, links: Iterable[tuple[str, str, Iterable[str]]]) -> ServiceChain:
    """A chain of `(id, kind, probes)`; ValueError where an id repeats or a kind is unknown."""
    links_by_id: dict[str, ChainLink] = {}
    for link_id, kind, probes in links:
        if kind not in LINK_KINDS:
            raise ValueError(f"{link_id}: kind {kind!r} is not one of {', '.join(LINK_KINDS)}")
        if not link_id or link_id in links_by_id:
            raise ValueError(f"link id {link_id!r} is empty or repeated")
        links_by_id[link_id] = ChainLink(link_id, kind, tuple(probes))
    if not links_by_id:
        raise ValueError("no links")
    return ServiceChain(service, tuple(links_by_id.values()))
