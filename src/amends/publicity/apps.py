from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class PublicityConfig(registry.AmendsApp):
    name = "amends.publicity"
    label = "publicity"
    verbose_name = _("Publicity")
    rule_sets = {"amends.publicity": _("Publicity")}
    commands = {
        "publicity": "amends.publicity.cli:app",
        "catalogue": "amends.publicity.catalogue_cli:app",
    }
    urls = (
        ("desk/publicity/", "amends.publicity.web.urls"),
        ("tariffs/", "amends.publicity.web.public_urls"),
    )
    navigation = (
        registry.Entry(
            "problems", "publicity", _("Publicity"), "eye", "/desk/publicity/", "publicity.read", 60
        ),
    )
    home_panels = (
        registry.HomePanel(
            "worse",
            _("Adverts to correct"),
            ("marketing", "regulator"),
            "amends.publicity.web.home.blocked",
            "publicity",
            "publicity.read",
            _(
                "No live advert has a finding that must be corrected. "
                "Check a new text before it goes live."
            ),
        ),
    )
    jobs = (
        registry.Job(
            "publicity check", 300, "amends.publicity.jobs.check_live.check_live", group="heavy"
        ),
        registry.Job(
            "co-orders",
            86_400,
            "amends.publicity.jobs.count_co_orders.count_co_orders",
            group="heavy",
        ),
        registry.Job(
            "publicity pages", 600, "amends.publicity.jobs.fetch_pages.fetch_pages", group="fetch"
        ),
    )
    text_judge = "amends.publicity.queries.judge_texts"
    panels = (registry.Panel(_("Adverts it rests on"), "amends.publicity.web.complaints.panel"),)
    gates = {"publicity": "amends.publicity.queries.gate"}
    gate_pages = {
        "publicity": registry.GatePage("publicity", "publicity.read", "publicity.decide"),
        "key_facts": registry.GatePage("publicity_offers", "publicity.read", "publicity.decide"),
    }
    demonstration = "amends.publicity.demonstration.play"
