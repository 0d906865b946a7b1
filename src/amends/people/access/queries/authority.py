"""Ask the decision point about real cases, users and partners; refuse with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from amends.people.access.models import Case, Grant
from amends.people.access.queries.rights import rules_on
from amends.people.access.refusals import UnableToAccess
from amends.people.access.rules.decide import (
    AccessRequest,
    AccessRules,
    CaseTerms,
    Ruling,
    decide_access,
)
from amends.people.partners.queries import PartnerStatus, partner_status
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices

_GRANTS = PreparedQueryForKeys(
    lambda refs: Grant.objects.filter(case__in=refs).values_list(
        "case_id", "grantee_kind", "grantee", "until"
    )
)


def authorise(
    actor: Actor,
    verb: str,
    *,
    now: datetime,
    purpose: str,
    fields: Collection[str] = (),
    brand: str = "",
) -> Ruling:
    """Rule on something done without a case (or before there is one); raises UnableToAccess.

    brand  the brand of the person concerned
    """
    status = partner_status(actor.partner, now) if actor.partner else PartnerStatus(False)
    request = _request(actor, verb, purpose, fields, brand, None, status)
    return _allowed(request, rules_on(timezone.localdate(now)))


def authorise_case(
    actor: Actor, verb: str, case: Case, *, now: datetime, fields: Collection[str] = ()
) -> Ruling:
    """Rule on something done in one case; raises UnableToAccess."""
    return authorise_cases(actor, verb, [case], now=now, fields=fields)[case.ref]


def authorise_cases(
    actor: Actor,
    verb: str,
    cases: Iterable[Case],
    *,
    now: datetime,
    fields: Collection[str] = (),
) -> dict[str, Ruling]:
    """Rule on something done in many cases, all or none; raises UnableToAccess for the first no."""
    cases = list(cases)
    rules = rules_on(timezone.localdate(now))
    grants = {}
    if actor.kind in {"user", "partner"}:
        # The opener and the desk of a case need no grant; partners always do.
        unsettled = [
            case for case in cases if actor.partner or relation(actor, case, {}, rules) == "none"
        ]
        grants = _grants(unsettled, now)
    status = partner_status(actor.partner, now) if actor.partner else PartnerStatus(False)
    rulings = {}
    for case in cases:
        terms = CaseTerms(case.closed_at is None, relation(actor, case, grants, rules))
        request = _request(actor, verb, case.purpose, fields, case.brand, terms, status)
        rulings[case.ref] = _allowed(request, rules)
    return rulings


def relation(
    actor: Actor,
    case: Case,
    grants: Mapping[str, Collection[tuple[str, str]]],
    rules: AccessRules,
) -> str:
    """How an actor stands to a case: "opener", "granted", "desk", "self" or "none"."""
    if actor.kind == "subscriber":
        return "self" if actor.ref == case.subscriber else "none"
    if actor.kind == "system":
        return "desk"
    if case.opener_kind == actor.kind and case.opened_by == actor.ref:
        return "opener"
    let_in = grants.get(case.ref, ())
    own = {("user", actor.ref), *(("role", role) for role in actor.roles if not actor.partner)}
    if actor.partner:
        own.add(("partner", actor.partner))
    if not own.isdisjoint(let_in):
        return "granted"
    desk = rules.desks.get(case.purpose, frozenset())
    return "desk" if case.shared_with_desk and not desk.isdisjoint(actor.roles) else "none"


def _request(
    actor: Actor,
    verb: str,
    purpose: str,
    fields: Collection[str],
    subject_brand: str,
    case: CaseTerms | None,
    status: PartnerStatus,
) -> AccessRequest:
    return AccessRequest(
        actor_kind=actor.kind,
        roles=actor.roles,
        verb=verb,
        purpose=purpose,
        fields=tuple(fields),
        case=case,
        subject_brand=subject_brand,
        brand=actor.brand,
        partner=actor.partner,
        contract_valid=status.valid,
        partner_serves=status.serves(subject_brand),
    )


def _allowed(request: AccessRequest, rules: AccessRules) -> Ruling:
    ruling = decide_access(request, rules)
    if not ruling.allowed:
        raise UnableToAccess(ruling)
    return ruling


def _grants(cases: list[Case], now: datetime) -> dict[str, set[tuple[str, str]]]:
    """Whom each case is shared with at a moment."""
    grants_by_case: dict[str, set[tuple[str, str]]] = defaultdict(set)
    refs = [case.ref for case in cases]
    for part in slices(refs):
        for case, kind, grantee, until in _GRANTS.rows(part):
            if until is None or now < until:
                grants_by_case[case].add((kind, grantee))
    return grants_by_case
