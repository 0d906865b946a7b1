"""Give brands and campaigns the names pages call them by."""

from __future__ import annotations

from collections.abc import Mapping

from amends.record.catalogue.models import CodeName


def name_codes(kind: str, names: Mapping[str, tuple[str, str]]) -> None:
    """Code of a brand or a campaign (`kind`) → its name in Chinese and in English; others stay."""
    CodeName.objects.bulk_create(
        (
            CodeName(kind=kind, code=code, name_zh=zh, name_en=en)
            for code, (zh, en) in names.items()
        ),
        update_conflicts=True,
        unique_fields=["kind", "code"],
        update_fields=["name_zh", "name_en"],
    )
