from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ExaminationsConfig(registry.AmendsApp):
    name = "amends.cases.examinations"
    label = "examinations"
    rule_sets = {"amends.cases.examinations": _("Self-examination")}
    commands = {"notices examination": "amends.cases.examinations.cli:examination"}
    urls = (("desk/examination/", "amends.cases.examinations.web.urls"),)
    navigation = (
        registry.Entry(
            "compliance",
            "examination",
            _("Self-examination"),
            "check",
            "/desk/examination/",
            "examination.read",
            30,
            within="ledger",
        ),
    )
    home_panels = (
        registry.HomePanel(
            "due",
            _("Processes to check"),
            ("manager", "regulator"),
            "amends.cases.examinations.web.home.to_do",
            "examination",
            "examination.read",
            _("Every process is checked this quarter and has no open finding."),
        ),
    )
    jobs = (
        registry.Job(
            "examine",
            86400,
            "amends.cases.examinations.actions.learn_from_complaints.learn_from_complaints",
            group="heavy",
        ),
    )
