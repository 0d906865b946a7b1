"""What an identity provider's claims make of a person here: roles, brand, second factor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_KNOWN = {"claim", "roles", "brand_claim", "strong_methods", "strong_contexts"}


class UnableToReadClaimRules(BadInput):
    """The file that maps claims to roles cannot be used."""

    code = "claim_rules_unreadable"


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """How claims are read.

    claim            where the groups stand, dots lead into objects: "groups", "realm_access.roles"
    roles            group of the provider -> roles here; a group not named gives nothing
    brand_claim      where the one brand a person may see stands; "": every brand
    strong_methods   values of `amr` (RFC 8176) that prove a second factor
    strong_contexts  values of `acr` that do
    """

    claim: str
    roles: Mapping[str, tuple[str, ...]]
    brand_claim: str = ""
    strong_methods: frozenset[str] = frozenset({"mfa"})
    strong_contexts: frozenset[str] = frozenset()


def claim_rules(document: Mapping[str, Any], known_roles: Collection[str]) -> ClaimRules:
    """Read the mapping strictly; raises UnableToReadClaimRules for anything not understood.

    >>> claim_rules({"claim": "groups", "roles": {"desk": ["handler"]}}, {"handler"}).roles
    {'desk': ('handler',)}
    """
    if strange := sorted(set(document) - _KNOWN):
        raise _unreadable(
            _("%(strange)s is not known; it can hold %(known)s."),
            strange=", ".join(strange),
            known=", ".join(sorted(_KNOWN)),
        )
    claim, table = document.get("claim"), document.get("roles")
    if not isinstance(claim, str) or not claim or not isinstance(table, dict) or not table:
        raise _unreadable(_('It needs claim = "…" and a table [roles] of group = ["role", …].'))
    roles = {
        group: tuple(_texts(f"roles.{group}", role_names)) for group, role_names in table.items()
    }
    for group, role_names in roles.items():
        if stranger := next((role for role in role_names if role not in known_roles), None):
            raise _unreadable(
                _("%(group)s: there is no role %(role)s; there are %(known)s."),
                group=group,
                role=stranger,
                known=", ".join(sorted(known_roles)),
            )
    brand = document.get("brand_claim", "")
    if not isinstance(brand, str):
        raise _unreadable(_("%(key)s is not a text."), key="brand_claim")
    return ClaimRules(
        claim=claim,
        roles=roles,
        brand_claim=brand,
        strong_methods=frozenset(_texts("strong_methods", document.get("strong_methods", ["mfa"]))),
        strong_contexts=frozenset(_texts("strong_contexts", document.get("strong_contexts", []))),
    )


def roles_of(claims: Mapping[str, Any], rules: ClaimRules) -> tuple[str, ...]:
    """The roles that claims give, in the order of the mapping; () for a stranger.

    >>> rules = ClaimRules("realm_access.roles", {"desk": ("handler",), "lead": ("manager",)})
    >>> roles_of({"realm_access": {"roles": ["lead", "canteen"]}}, rules)
    ('manager',)
    """
    groups = _words(_at(claims, rules.claim))
    role_names = [role for group, roles in rules.roles.items() if group in groups for role in roles]
    return tuple(dict.fromkeys(role_names))


def brand_of(claims: Mapping[str, Any], rules: ClaimRules) -> str | None:
    """The brand a person is bound to: "" for every one, None where a claim should say and does not.

    >>> brand_of({"brand": "blue"}, ClaimRules("groups", {}, brand_claim="brand"))
    'blue'
    """
    if not rules.brand_claim:
        return ""
    claimed_brand = _at(claims, rules.brand_claim)
    return (
        claimed_brand if isinstance(claimed_brand, str) and 0 < len(claimed_brand) <= 40 else None
    )


def why_outside(claims: Mapping[str, Any], rules: ClaimRules) -> str:
    """Why claims let nobody in, for the log: no value of them, for it may name somebody.

    >>> rules = ClaimRules("groups", {"desk": ("handler",)}, brand_claim="brand")
    >>> why_outside({}, rules)
    'the ID token has no groups in the claim groups'
    >>> why_outside({"groups": ["canteen", "night"]}, rules)
    'none of its 2 groups in the claim groups is in the mapping'
    >>> why_outside({"groups": ["desk"]}, rules)
    'the ID token names no brand in the claim brand'
    """
    if roles_of(claims, rules):
        return f"the ID token names no brand in the claim {rules.brand_claim}"
    groups = _words(_at(claims, rules.claim))
    if not groups:
        return f"the ID token has no groups in the claim {rules.claim}"
    return f"none of its {len(groups)} groups in the claim {rules.claim} is in the mapping"


def is_strong(claims: Mapping[str, Any], rules: ClaimRules) -> bool:
    """Whether the provider says that it saw a second factor.

    >>> is_strong({"amr": ["pwd", "mfa"]}, ClaimRules("groups", {}))
    True
    >>> is_strong({"amr": ["pwd"]}, ClaimRules("groups", {}))
    False
    """
    if not rules.strong_methods.isdisjoint(_words(claims.get("amr"))):
        return True
    return claims.get("acr") in rules.strong_contexts


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The value at a path; a claim whose own name holds dots or slashes is found by its name."""
    if path in claims:
        return claims[path]
    node: Any = claims
    for step in path.split("."):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _words(claim: Any) -> set[str]:
    if isinstance(claim, str):
        return {claim}
    return {word for word in claim if isinstance(word, str)} if isinstance(claim, list) else set()


def _texts(name: str, texts: Any) -> list[str]:
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise _unreadable(_("%(key)s is not a list of words."), key=name)
    return texts


def _unreadable(what: str, **values: object) -> UnableToReadClaimRules:
    return UnableToReadClaimRules(
        what,
        where="AMENDS_OIDC_CLAIMS_FILE",
        next_step=_("docs/operator/sign-in.md shows one."),
        values=values,
    )
