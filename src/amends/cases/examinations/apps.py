from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ExaminationsConfig(registry.AmendsApp):
    name = "amends.cases.examinations"
    label = "examinations"
    waiting = "amends.cases.examinations.waiting.SOURCES"
    part = registry.Part(
        name="examinations",
        title=_("Self-checks"),
        description=_("Every process is checked against its duties each quarter."),
    )
    rule_sets = {"amends.cases.examinations": _("Self-examination")}
    commands = {"notices examination": "amends.cases.examinations.cli:examination"}
    urls = (("desk/examination/", "amends.cases.examinations.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="examination",
            label=_("Self-examination"),
            icon="check",
            path="/desk/examination/",
            permission="examination.read",
            order=30,
            within="ledger",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="due",
            title=_("Processes to check"),
            roles=("manager", "regulator"),
            rows="amends.cases.examinations.web.home.to_do",
            page="examination",
            permission="examination.read",
            empty=_("Every process is checked this quarter and has no open finding."),
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
