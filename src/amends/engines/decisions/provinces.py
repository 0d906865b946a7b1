"""Which parts a pack knows: provinces, States, countries of a union."""

from __future__ import annotations

from datetime import date

from amends.engines.decisions.clocks import UnableToCountDeadlines
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.packs import jurisdictions, pack


def provinces(jurisdiction: str, *, on: date) -> tuple[str, ...]:
    """The parts of a jurisdiction its rules or its calendar tell apart; none where they do not.

    >>> provinces("uk", on=date(2026, 4, 9)), provinces("us", on=date(2026, 4, 9))
    (('ENG', 'NIR', 'SCT', 'WLS'), ())
    """
    head = jurisdiction.partition("-")[0]
    if head not in jurisdictions():
        return ()
    data = pack(head, on).data
    return tuple(data.get("provinces", ())) or tuple(data.get("parts", ()))


def refuse_unknown_province(jurisdiction: str, province: str, *, on: date) -> None:
    """Refuse a part the pack does not know, or another one than the pack is of.

    jurisdiction  a pack (`cn`, `cn-41`, `au-NSW`, …)
    province      as asked for; of China the code of a place in it will do ("410100")

    >>> refuse_unknown_province("cn", "410100", on=date(2026, 4, 9))
    >>> refuse_unknown_province("uk", "sct", on=date(2026, 4, 9))
    """
    if not province:
        return
    head, _, tail = jurisdiction.partition("-")
    known_provinces = provinces(head, on=on)
    province_asked = province[:2] if head == "cn" and province.isdecimal() else province.upper()
    if not known_provinces:
        raise UnableToCountDeadlines(
            gettext_noop("The pack “%(jurisdiction)s” does not distinguish provinces."),
            next_step=gettext_noop("Leave --province out: its rules are the same everywhere."),
            values={"jurisdiction": jurisdiction},
        )
    if province_asked not in known_provinces:
        raise UnableToCountDeadlines(
            gettext_noop("The pack “%(jurisdiction)s” knows no province “%(province)s”."),
            next_step=gettext_noop("Choose one of %(known)s."),
            values={
                "jurisdiction": head,
                "province": province,
                "known": ", ".join(known_provinces),
            },
        )
    if tail and tail.upper() != province_asked:
        raise UnableToCountDeadlines(
            gettext_noop("The pack “%(jurisdiction)s” is not that of the province “%(province)s”."),
            next_step=gettext_noop("Name the pack %(head)s and the province, or the pack alone."),
            values={"jurisdiction": jurisdiction, "province": province, "head": head},
        )
