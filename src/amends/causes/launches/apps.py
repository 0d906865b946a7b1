from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class LaunchesConfig(registry.AmendsApp):
    name = "amends.causes.launches"
    label = "launches"
    waiting = "amends.causes.launches.waiting.SOURCES"
    part = registry.Part(
        name="launches",
        title=_("Launches"),
        description=_("Offers are calculated, approved and watched while they are sold."),
    )
    verbose_name = _("Launches")
    decisions = (
        registry.ExemptDecision(
            name="launches.approve",
            title=_("Approve a launch"),
            effect="publish",
            decides="launches.approve",
            rule=_(
                "All gates are green, each checked in its own app; past a gate that is red or "
                "open two people approve it."
            ),
            undo_note=_("The launch is stopped."),
        ),
        registry.ExemptDecision(
            name="launches.stop",
            title=_("Stop a launch"),
            effect="block",
            decides="launches.approve",
            rule=_(
                "It only protects users: new orders are refused, by a person or by the "
                "stop-loss limits fixed before the launch."
            ),
            undo_note=_("The launch is assessed and approved again."),
        ),
    )
    rule_sets = {"amends.causes.launches": _("Launches")}
    commands = {"launches": "amends.causes.launches.cli:app"}
    urls = (("desk/launches/", "amends.causes.launches.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="launches",
            label=_("Launches"),
            icon="flag",
            path="/desk/launches/",
            permission="launches.read",
            order=20,
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="worse",
            title=_("Launches stopped"),
            roles=("manager", "marketing", "regulator"),
            rows="amends.causes.launches.web.home.stopped",
            page="launches",
            permission="launches.read",
            empty=_("No launch was stopped in the last quarter. Limits are checked every minute."),
        ),
        registry.HomePanel(
            question="helped",
            title=_("On sale within their limits"),
            roles=("marketing",),
            rows="amends.causes.launches.web.home.on_sale",
            page="launches",
            permission="launches.read",
            empty=_("No launch is on sale. Assess one from its workbook."),
        ),
    )
    jobs = (
        registry.Job(
            "launch assessments", 2, "amends.causes.launches.jobs.assess.assess_next", group="heavy"
        ),
        registry.Job("launch stop-loss", 60, "amends.causes.launches.jobs.stop_loss.check"),
        registry.Job("launch withdrawals", 60, "amends.causes.launches.jobs.withdraw.ask"),
        registry.Job(
            "launch comparisons", 3600, "amends.causes.launches.jobs.compare.compare", group="heavy"
        ),
    )
    demonstration = "amends.causes.launches.demonstration.play"
