"""The complainant's account as the facts tell it: services, charges, refunds, offers, claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from amends.engines.decisions.evidence import CoverageBook, FactLike, Matter
from amends.platform.kit.periods import to_ms

Seen = tuple[int, FactLike]
"""When it happened (milliseconds UTC), and the fact."""

VALUE_ADDED = "value_added"
RECURRING = frozenset(("monthly_fee", VALUE_ADDED))


@dataclass(slots=True)
class AccountCharge:
    """One charge; `start_ms` and `end_ms` are its billing period, or 0."""

    ref: str
    service: str
    offer: str
    kind: str
    amount_minor: int
    currency: str
    at_ms: int
    start_ms: int
    end_ms: int
    fact: str
    units: int = 0
    unit: str = ""
    order: str = ""
    refunded_minor: int = 0
    refund_facts: tuple[str, ...] = ()


@dataclass(slots=True)
class Beginning:
    """A service coming into being, or changing its offer; `before` is the offer it left, or ""."""

    at_ms: int
    service: str
    offer: str
    before: str
    version: str
    initiator: str
    order: str
    claim: str
    fact: str
    ordered_ms: int = 0
    channel: str = ""
    agreed_minor: int | None = None
    technology: str = ""


@dataclass(slots=True)
class AccountService:
    """One service of the complainant; `technology` is its access technology, or ""."""

    ref: str
    offer: str = ""
    kind: str = ""
    technology: str = ""
    beginnings: list[Beginning] = field(default_factory=list)
    stops: list[Seen] = field(default_factory=list)
    charges: list[AccountCharge] = field(default_factory=list)

    @property
    def earlier_offers(self) -> tuple[str, ...]:
        """The offers it had before its present one, the earliest first."""
        offers = (offer for begun in self.beginnings for offer in (begun.before, begun.offer))
        return tuple(dict.fromkeys(offer for offer in offers if offer and offer != self.offer))


@dataclass(slots=True)
class RecordedOffer:
    """What an offer said from `at_ms` on."""

    at_ms: int
    version: str
    price_minor: int
    fact: FactLike

    def number(self, name: str) -> int | None:
        """An integer field of the offer, or None where it does not state it."""
        value = self.fact.payload.get(name)
        return value if isinstance(value, int) else None

    def text(self, name: str) -> str:
        """A text field of the offer, or ""."""
        return str(self.fact.payload.get(name, ""))

    @property
    def technology(self) -> str:
        """The access technology these terms are for, or "" where they are for any."""
        return technology_of(self.fact)


class Account:
    """The facts about one complaint, ordered and indexed."""

    def __init__(
        self, matter: Matter, facts: Iterable[FactLike], book: CoverageBook, *, window_ms: int = 0
    ) -> None:
        self.matter = matter
        self.book = book
        self.scopes = matter.scopes
        self.until_ms = matter.until_ms
        self.start_ms = matter.start_ms
        # Charges older than this are beyond dispute, so their records need not be complete.
        self.window_ms = max(matter.start_ms, window_ms)
        self._by_kind: dict[str, list[Seen]] = {}
        self._sort(facts)
        self.services: dict[str, AccountService] = {}
        self.charges: list[AccountCharge] = []
        self.offers: dict[str, list[RecordedOffer]] = {}
        self.claims: dict[str, Seen] = {
            str(fact.payload["claim"]): (at_ms, fact) for at_ms, fact in self.of("ClaimPublished")
        }
        self._read_offers()
        self._read_services()
        self._read_charges()
        for service in self.services.values():
            service.kind = self._kind_of(service)
            service.technology = self._technology_of(service)

    def of(self, kind: str) -> list[Seen]:
        """All facts of a kind, earliest first."""
        return self._by_kind.get(kind, [])

    def gaps(self, kinds: tuple[str, ...], start: int, end: int) -> list[tuple[int, int]]:
        """Where records of `kinds` about this person are not known to be complete."""
        return self.book.gaps(kinds, self.scopes, start, end)

    def stated(self, kinds: tuple[str, ...], start: int, end: int) -> tuple[str, ...]:
        """Ids of the statements of coverage that `gaps` rests on."""
        return self.book.statements(kinds, start, end)

    def version_at(self, offer: str, at_ms: int, version: str = "") -> RecordedOffer | None:
        """The version named, or else the newest published by then, or else the first known."""
        versions = self.offers.get(offer)
        if not versions:
            return None
        if version:
            for each in versions:
                if each.version == version:
                    return each
        past = [each for each in versions if each.at_ms <= at_ms]
        return past[-1] if past else versions[0]

    def terms_at(self, offer: str, at_ms: int, version: str = "") -> list[RecordedOffer]:
        """All that `version_at` says of the offer: one each technology its terms differ by.

        Where a version was told more than once, the first counts if it is named, else the last.
        """
        chosen = self.version_at(offer, at_ms, version)
        if chosen is None:
            return []
        until_ms = max(at_ms, chosen.at_ms)
        terms_stated = [
            each
            for each in self.offers[offer]
            if each.version == chosen.version and (version or each.at_ms <= until_ms)
        ]
        by_technology = {
            each.technology: each for each in (reversed(terms_stated) if version else terms_stated)
        }
        return sorted(by_technology.values(), key=terms_stated.index)

    def names(self, offer: str) -> tuple[str, str]:
        """An offer in words, Chinese and English; its reference where it has no name."""
        for version in reversed(self.offers.get(offer, ())):
            zh, en = version.text("name_zh"), version.text("name_en")
            if zh or en:
                return zh or en, en or zh
        return offer, offer

    def _sort(self, facts: Iterable[FactLike]) -> None:
        seen: set[str] = set()
        for fact in facts:
            if fact.id not in seen:
                seen.add(fact.id)
                # The ledger's facts carry their milliseconds, which saves a conversion.
                at_ms = getattr(fact, "happened_at_ms", None)
                at_ms = to_ms(fact.happened_at) if at_ms is None else at_ms
                self._by_kind.setdefault(fact.kind, []).append((at_ms, fact))
        for listed in self._by_kind.values():
            if len(listed) > 1:
                listed.sort(key=lambda row: (row[0], row[1].id))

    def _read_offers(self) -> None:
        for at_ms, fact in self.of("OfferPublished"):
            offer, version = str(fact.payload["offer"]), str(fact.payload["offer_version"])
            row = RecordedOffer(
                at_ms=at_ms,
                version=version,
                price_minor=int(fact.payload["price_minor"]),
                fact=fact,
            )
            self.offers.setdefault(offer, []).append(row)

    def _mine(self, ref: str) -> AccountService | None:
        listed = self.matter.services
        if listed and ref not in listed:
            return None
        service = self.services.get(ref)
        if service is None:
            service = self.services[ref] = AccountService(ref)
        return service

    def _read_services(self) -> None:
        orders: dict[str, Seen] = {}
        for seen in self.of("ServiceOrdered"):
            if self._mine(seen[1].subject) is not None:
                orders[str(seen[1].payload["order"])] = seen
        started = [*self.of("ServiceActivated"), *self.of("ServiceChanged")]
        for at_ms, fact in sorted(started, key=lambda row: row[0]):
            service = self._mine(fact.subject)
            if service is None:
                continue
            beginning = _beginning(at_ms, fact)
            _add_order(beginning, orders.get(beginning.order))
            service.beginnings.append(beginning)
            service.offer = beginning.offer
        for at_ms, fact in self.of("ServiceStopped"):
            service = self._mine(fact.subject)
            if service is not None:
                service.stops.append((at_ms, fact))

    def _read_charges(self) -> None:
        charges_by_ref: dict[str, AccountCharge] = {}
        for at_ms, fact in self.of("ChargeMade"):
            ref = str(fact.payload["charge"])
            service = self._mine(fact.subject)
            # One charge reported twice is one charge.
            if service is None or ref in charges_by_ref or at_ms > self.until_ms:
                continue
            charge = charges_by_ref[ref] = _charge(at_ms, fact, ref)
            service.charges.append(charge)
            service.offer = service.offer or charge.offer
            self.charges.append(charge)
        for _, fact in self.of("RefundMade"):
            paid = charges_by_ref.get(str(fact.payload["charge"]))
            if paid is not None:
                paid.refunded_minor += int(fact.payload["amount_minor"])
                paid.refund_facts = (*paid.refund_facts, fact.id)

    def _kind_of(self, service: AccountService) -> str:
        if any(charge.kind == VALUE_ADDED for charge in service.charges):
            return VALUE_ADDED
        for version in reversed(self.offers.get(service.offer, ())):
            if kind := version.text("kind"):
                return kind
        return ""

    def _technology_of(self, service: AccountService) -> str:
        """What the last activation or change says, else the one its offer is sold over.

        A change of offer that names no technology leaves the line as it was, if the new offer is
        sold over that technology.
        """
        if not service.beginnings:
            return _only(self._sold_over(service.offer))
        last = service.beginnings[-1]
        offered = self._sold_over(last.offer, last.version)
        if last.technology or len(offered) == 1:
            return last.technology or _only(offered)
        for begun in reversed(service.beginnings[:-1]):
            technology = begun.technology or _only(self._sold_over(begun.offer, begun.version))
            if technology:
                return technology if not offered or technology in offered else ""
        return ""

    def _sold_over(self, offer: str, version: str = "") -> set[str]:
        """The technologies an offer is sold over; none where its terms are for any of them."""
        technologies = {each.technology for each in self.terms_at(offer, self.until_ms, version)}
        return set() if "" in technologies else technologies


def _only(technologies: set[str]) -> str:
    return next(iter(technologies)) if len(technologies) == 1 else ""


def technology_of(fact: FactLike) -> str:
    """The access technology a fact names, in small letters, or ""."""
    return str(fact.payload.get("technology", "")).strip().lower()


def _beginning(at_ms: int, fact: FactLike) -> Beginning:
    payload = fact.payload
    changed = fact.kind == "ServiceChanged"
    return Beginning(
        at_ms=at_ms,
        service=fact.subject,
        offer=str(payload["to_offer"] if changed else payload["offer"]),
        before=str(payload["from_offer"]) if changed else "",
        version=str(payload.get("offer_version", "")),
        initiator=str(payload["initiator"]),
        order=str(payload.get("order", "")),
        claim=str(payload.get("claim", "")),
        fact=fact.id,
        technology=technology_of(fact),
    )


def _add_order(beginning: Beginning, ordered: Seen | None) -> None:
    if ordered is None:
        return
    at_ms, fact = ordered
    beginning.ordered_ms = at_ms
    beginning.channel = str(fact.payload["channel"])
    beginning.claim = beginning.claim or str(fact.payload.get("claim", ""))
    price = fact.payload.get("price_minor")
    beginning.agreed_minor = price if isinstance(price, int) else None


def _charge(at_ms: int, fact: FactLike, ref: str) -> AccountCharge:
    payload = fact.payload
    return AccountCharge(
        ref=ref,
        service=fact.subject,
        offer=str(payload["offer"]),
        kind=str(payload["charge_kind"]),
        amount_minor=int(payload["amount_minor"]),
        currency=str(payload["currency"]),
        at_ms=at_ms,
        start_ms=int(payload.get("period_start_ms", 0)),
        end_ms=int(payload.get("period_end_ms", 0)),
        fact=fact.id,
        units=int(payload.get("units", 0)),
        unit=str(payload.get("unit", "")),
        order=str(payload.get("order", "")),
    )
