"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="examinations.correction",
        title=_("Finding to correct"),
        action=_("Correct it"),
        model="examinations.ExaminationFinding",
        where={"corrected_at": None},
        decides="examination.correct",
        subject="process",
        key="process",
        page="process",
        labels="amends.cases.examinations.web.home.process_titles",
        asked_by="found_by",
        since="found_at",
    ),
    registry.WaitingSource(
        name="examinations.recheck",
        title=_("Correction to check"),
        action=_("Check the correction"),
        model="examinations.ExaminationFinding",
        where={"corrected_at__isnull": False, "rechecked_at": None},
        decides="examination.check",
        subject="process",
        key="process",
        page="process",
        labels="amends.cases.examinations.web.home.process_titles",
        asked_by="corrected_by",
        since="corrected_at",
        due_at="recheck_on",
    ),
)
