"""The one decision point: may this actor do this, to whose data, and why not.

Deny by default: a right must name the role, the verb, the purpose and every field asked for, and
the case must be open, of the actor's brand, and shared with the actor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EVERYTHING = "*"
CASELESS = frozenset({"open_case", "ask_break_glass", "approve_break_glass", "break_glass"})

REFUSALS: dict[str, tuple[str, str]] = {
    "no_case": ("没有关联的案件。", "There is no case for this."),
    "case_closed": ("案件已结案。", "The case is closed."),
    "other_brand": ("案件属于其他品牌。", "The case belongs to another brand."),
    "contract_ended": (
        "合作方目前没有有效合同。",
        "The partner has no contract in force.",
    ),
    "not_shared": ("案件没有共享给您。", "The case is not shared with you."),
    "not_yours": ("这不是您本人的数据。", "These are not your own data."),
    "role_may_not": (
        "您的角色不能为此目的进行这一操作。",
        "Your role may not do this for this purpose.",
    ),
    "field_not_allowed": (
        "您的角色不能查看其中的某些项目。",
        "Your role may not see some of these fields.",
    ),
}


@dataclass(frozen=True, slots=True)
class Right:
    """Roles that may do `verbs` for `purposes` with `fields`; `id` is what a ruling cites."""

    id: str
    roles: frozenset[str]
    verbs: frozenset[str]
    purposes: frozenset[str]
    fields: frozenset[str]

    def allows(self, fields: Iterable[str]) -> bool:
        """Whether every field asked for is among those of this right."""
        return EVERYTHING in self.fields or set(fields) <= self.fields


@dataclass(frozen=True, slots=True)
class AccessRules:
    """The rights of one version of the rules, with roles, purposes, pages and limits.

    people         roles that a person can have
    partner_roles  those of them that only people of a partner can have
    """

    version: str
    rights: tuple[Right, ...]
    desks: Mapping[str, frozenset[str]]
    pages: Mapping[str, frozenset[str]]
    roles: Mapping[str, tuple[str, str]]
    purposes: Mapping[str, tuple[str, str]]
    people: frozenset[str]
    break_glass_minutes: int
    partner_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """What a decision must know of a case.

    relation  how the actor stands to it: "opener", "granted", "desk", "self" or "none"
    """

    is_open: bool
    relation: str


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Who asks for what.

    subject_brand   the brand of the person whose data are asked for
    brand           the brand the actor is confined to, "" for every brand
    partner_serves  the contracts in force of the actor's partner cover `subject_brand`
    """

    actor_kind: str
    roles: tuple[str, ...]
    verb: str
    purpose: str
    fields: tuple[str, ...] = ()
    case: CaseTerms | None = None
    subject_brand: str = ""
    brand: str = ""
    partner: str = ""
    contract_valid: bool = False
    partner_serves: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer: allowed under right `rule`, or refused with `reason` (a key of `REFUSALS`)."""

    allowed: bool
    rule: str = ""
    role: str = ""
    reason: str = ""

    @property
    def zh(self) -> str:
        """Why not, in Chinese; "" if allowed."""
        return REFUSALS[self.reason][0] if self.reason else ""

    @property
    def en(self) -> str:
        """Why not, in English; "" if allowed."""
        return REFUSALS[self.reason][1] if self.reason else ""


def decide_access(request: AccessRequest, rules: AccessRules) -> Ruling:
    """Allow or refuse one request.

    >>> look = Right("handler.look", *map(frozenset, (["handler"], ["look"], ["complaint"],
    ...              ["phone"])))
    >>> rules = AccessRules("access@2021-11-01", (look,), {}, {}, {}, {}, frozenset(), 30)
    >>> case = CaseTerms(is_open=True, relation="desk")
    >>> decide_access(AccessRequest("user", ("handler",), "look", "complaint", ("phone",), case),
    ...               rules).rule
    'handler.look'
    >>> decide_access(AccessRequest("user", ("handler",), "look", "complaint", ("phone",)),
    ...               rules).reason
    'no_case'
    """
    against = _against_the_case(request) or _against_the_brand(request)
    if against:
        return Ruling(False, reason=against)
    fitting = [
        (right, role)
        for right in rules.rights
        for role in request.roles
        if role in right.roles and request.verb in right.verbs and request.purpose in right.purposes
    ]
    if not fitting:
        return Ruling(False, reason="role_may_not")
    for right, role in fitting:
        if right.allows(request.fields):
            return Ruling(True, right.id, role)
    return Ruling(False, reason="field_not_allowed")


def may_open_page(roles: Iterable[str], page: str, rules: AccessRules) -> bool:
    """Whether any of the roles holds the permission of a page; an undeclared page is refused."""
    return not rules.pages.get(page, frozenset()).isdisjoint(roles)


def effective_roles(roles: Iterable[str], partner: str, rules: AccessRules) -> tuple[str, ...]:
    """The roles that count: those of people, and roles for a partner's people with a partner.

    >>> people, partner_roles = frozenset(["agent", "handler"]), frozenset(["agent"])
    >>> rules = AccessRules("a@2021-11-01", (), {}, {}, {}, {}, people, 30, partner_roles)
    >>> effective_roles(["agent", "handler"], "", rules)
    ('handler',)
    >>> effective_roles(["agent"], "par-a", rules)
    ('agent',)
    """
    return tuple(
        role
        for role in roles
        if role in rules.people and (partner or role not in rules.partner_roles)
    )


def lacks_partner(roles: Iterable[str], partner: str, rules: AccessRules) -> bool:
    """Whether one of the roles is for people of a partner and there is none."""
    return not partner and not rules.partner_roles.isdisjoint(roles)


def rules_from(version: str, data: Mapping[str, Any]) -> AccessRules:
    """Read the tables of `access@….toml`; a right with an unknown role or purpose is an error."""
    roles = {row["id"]: (row["zh"], row["en"]) for row in data["roles"]}
    purposes = {row["id"]: (row["zh"], row["en"]) for row in data["purposes"]}
    rights = tuple(
        Right(
            id=row["id"],
            roles=frozenset(row["roles"]),
            verbs=frozenset(row["verbs"]),
            purposes=frozenset(row["purposes"]),
            fields=frozenset(row.get("fields", ())),
        )
        for row in data["rights"]
    )
    for right in rights:
        strangers = right.roles - roles.keys() | right.purposes - purposes.keys() - {"break_glass"}
        if strangers:
            raise ValueError(f"{right.id} names unknown {', '.join(sorted(strangers))}")
    return AccessRules(
        version=version,
        rights=rights,
        desks={row["id"]: frozenset(row["desk"]) for row in data["purposes"]},
        pages={row["id"]: frozenset(row["roles"]) for row in data["pages"]},
        roles=roles,
        purposes=purposes,
        people=frozenset(row["id"] for row in data["roles"] if row.get("person", True)),
        break_glass_minutes=int(data["limits"]["break_glass_minutes"]),
        partner_roles=frozenset(row["id"] for row in data["roles"] if row.get("partner", False)),
    )


def _against_the_case(request: AccessRequest) -> str:
    if request.verb in CASELESS:
        return ""
    case = request.case
    if case is None:
        return "no_case"
    if not case.is_open:
        return "case_closed"
    if request.actor_kind == "subscriber":
        return "" if case.relation == "self" else "not_yours"
    # A partner's people see nothing of the operator's desk, only what was handed to them.
    if case.relation == "none" or (request.partner and case.relation != "granted"):
        return "not_shared"
    return ""


def _against_the_brand(request: AccessRequest) -> str:
    if request.brand and request.subject_brand != request.brand:
        return "other_brand"
    if not request.partner:
        return ""
    if not request.contract_valid:
        return "contract_ended"
    return "" if request.partner_serves else "other_brand"
