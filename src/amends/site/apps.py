from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class SiteConfig(registry.AmendsApp):
    name = "amends.site"
    label = "site"
    commands = {
        "serve": "amends.site.cli.serve:serve",
        "work": "amends.site.cli.work:work",
        "migrate": "amends.site.cli.database:migrate",
        "user": "amends.site.cli.database:user",
        "import": "amends.site.cli.imports:app",
        "operation": "amends.site.cli.operation:app",
        "backup": "amends.site.cli.backup:backup",
        "restore": "amends.site.cli.backup:restore",
        "retention": "amends.site.cli.retention:retention",
        "holds": "amends.site.cli.holds:app",
    }
    urls = (("", "amends.site.web.urls"),)
    navigation = (
        registry.Entry(
            "compliance", "ledger", _("Ledger"), "ledger", "/desk/ledger/", "ledger.verify", 70
        ),
        registry.Entry(
            "settings",
            "operation",
            _("Operation"),
            "settings",
            "/desk/operation/",
            "operation.read",
            10,
        ),
    )
    jobs = (
        registry.Job("dispatch", 1, "amends.site.dispatch.dispatch"),
        registry.Job("examine", 86400, "amends.site.examination.learn_from_complaints"),
        registry.Job("retention", 3600, "amends.site.retention.carry_out_daily"),
        registry.Job("certificate", 3600, "amends.site.certificate.note_certificate"),
    )
