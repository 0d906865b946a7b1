"""Draw the operator's map: areas and what they are part of."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from amends.platform.kit.errors import BadInput
from amends.record.catalogue.models import Area
from amends.record.catalogue.queries import AreaView


class UnableToDefineAreas(BadInput):
    """An area is part of one that does not exist, or of itself."""

    code = "areas_not_defined"


def define_areas(areas: Sequence[AreaView]) -> None:
    """Add or change areas, all or none; a parent must exist or stand in the same list."""
    known_codes = set(Area.objects.values_list("code", flat=True)) | {area.code for area in areas}
    for area in areas:
        if area.parent and (area.parent not in known_codes or area.parent == area.code):
            raise UnableToDefineAreas(
                _("Area %(area)s is part of %(parent)s, which is not known.")
                % {"area": area.code, "parent": area.parent}
            )
    rows = [
        Area(
            code=area.code,
            name_zh=area.name_zh,
            name_en=area.name_en,
            parent_id=area.parent or None,
            province=area.province,
            subscribers_count=area.subscribers_count,
        )
        for area in areas
    ]
    with transaction.atomic():
        Area.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name_zh", "name_en", "parent", "province", "subscribers_count"],
        )
