"""Look at a person's data, masked: enough to talk to them, too little to take away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from amends.people.access.actions.disclosure import EVIDENCE, disclose_cases, shown_only_if_recorded
from amends.people.access.queries.authority import authorise_cases
from amends.people.access.queries.cases import find_many
from amends.people.subscribers.queries.personal import PERSONAL_FIELDS, open_personal
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.vault.masks import (
    mask_address,
    mask_email,
    mask_id_card,
    mask_name,
    mask_phone,
)

_MASKS = {
    "name": mask_name,
    "phone": mask_phone,
    "id_card": mask_id_card,
    "address": mask_address,
    "email": mask_email,
}


class UnableToLook(BadInput):
    """No field is named, or one that does not exist."""

    code = "field_unknown"


@dataclass(frozen=True, slots=True)
class MaskedValue:
    """A value as it may be shown; `text` is "" where none is held (never given, or erased)."""

    field: str
    text: str
    erased: bool = False


def look(
    actor: Actor,
    case: str,
    fields: Collection[str],
    *,
    now: datetime,
    with_evidence: bool = False,
) -> dict[str, MaskedValue]:
    """The masked values of a case's subscriber; leaves a `DataAccessed` fact or shows nothing.

    fields         of "name", "phone", "id_card", "address", "email"
    with_evidence  the caller shows the facts of the case beside them: one look states both
    """
    return look_many(actor, [case], fields, now=now, with_evidence=with_evidence)[case]


def look_many(
    actor: Actor,
    cases: Iterable[str],
    fields: Collection[str],
    *,
    now: datetime,
    with_evidence: bool = False,
) -> dict[str, dict[str, MaskedValue]]:
    """The masked values of many cases' subscribers, by case; see `look`."""
    wanted = checked_fields(fields)
    with shown_only_if_recorded(actor):
        case_rows = find_many(dict.fromkeys(cases))
        rulings = authorise_cases(actor, "look", case_rows, now=now, fields=wanted)
        values = open_personal((case.subscriber for case in case_rows), wanted)
        shown_fields = (*wanted, EVIDENCE) if with_evidence else wanted
        disclose_cases(actor, rulings, case_rows, fields=shown_fields, now=now)
    return {case.ref: _masked(values.get(case.subscriber), wanted) for case in case_rows}


def checked_fields(fields: Collection[str]) -> tuple[str, ...]:
    """The fields asked for, once each; raises UnableToLook for one that does not exist."""
    wanted = tuple(dict.fromkeys(fields))
    strangers = [field for field in wanted if field not in PERSONAL_FIELDS]
    if strangers or not wanted:
        raise UnableToLook(
            _("There is no field %(field)s.") % {"field": ", ".join(strangers)}
            if strangers
            else _("No field is named."),
            next_step=_("Use some of %(known)s.") % {"known": ", ".join(PERSONAL_FIELDS)},
        )
    return wanted


def _masked(values: dict[str, str] | None, fields: tuple[str, ...]) -> dict[str, MaskedValue]:
    if values is None:
        return {field: MaskedValue(field, "", erased=True) for field in fields}
    return {
        field: MaskedValue(field, _MASKS[field](values[field]) if values[field] else "")
        for field in fields
    }
