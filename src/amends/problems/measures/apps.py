from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

if TYPE_CHECKING:
    from amends.network.quality.queries.improvements import AreaMeasure


class MeasuresConfig(registry.AmendsApp):
    name = "amends.problems.measures"
    label = "measures"
    waiting = "amends.problems.measures.waiting.SOURCES"
    part = registry.Part(
        name="measures",
        title=_("Measures"),
        description=_("What was done about a hot issue, judged by the complaint rate."),
        needs="hotissues",
    )
    commands = {
        "hotissues measures": "amends.problems.measures.cli:measures",
        "hotissues effect": "amends.problems.measures.cli:effect",
    }
    urls = (("desk/measures/", "amends.problems.measures.web.urls"),)
    navigation = (
        registry.Entry(
            area="problems",
            name="measures",
            label=_("Measures"),
            icon="check",
            path="/desk/measures/",
            permission="hotissues.read",
            order=30,
            within="hotissues",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="due",
            title=_("Measures to be judged"),
            roles=("manager", "network", "marketing", "partner_manager"),
            rows="amends.problems.measures.web.home.soon_judged",
            page="measures",
            permission="hotissues.read",
            empty=_("No measure is judged in the next two weeks. Plan one from a hot issue."),
        ),
        registry.HomePanel(
            question="helped",
            title=_("Measures that worked"),
            roles=(
                "handler",
                "senior_handler",
                "manager",
                "network",
                "marketing",
                "partner_manager",
            ),
            rows="amends.problems.measures.web.home.that_worked",
            page="measures",
            permission="hotissues.read",
            empty=_(
                "No measure of the last half year was shown to work. Plan one from a hot issue."
            ),
        ),
    )
    jobs = (
        registry.Job("measures", 3600, "amends.problems.measures.jobs.judge_due", group="heavy"),
    )
    hot_issue = {
        "details": "amends.problems.measures.web.issue_parts.details",
        "facts": "amends.problems.measures.web.issue_parts.facts",
        "buttons": "amends.problems.measures.web.issue_parts.buttons",
    }

    def ready(self) -> None:
        from amends.network.quality.queries.signals import area_measures_requested

        area_measures_requested.connect(_measures_by_area)


# Loaded when the signal is sent, so that each command starts faster.
def _measures_by_area(**request: Any) -> dict[str, AreaMeasure]:
    from amends.problems.measures.web.areas import measures_by_area

    return measures_by_area(**request)
