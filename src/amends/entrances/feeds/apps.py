from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class FeedsConfig(registry.AmendsApp):
    name = "amends.entrances.feeds"
    label = "feeds"
    verbose_name = _("Imports")
    commands = {
        "classify": "amends.entrances.feeds.classify_file:classify",
        "import": "amends.entrances.feeds.cli:app",
    }
    urls = (("desk/imports/", "amends.entrances.feeds.web.urls"),)
    navigation = (
        registry.Entry(
            "settings",
            "imports",
            _("Imports"),
            "inbox",
            "/desk/imports/",
            "complaints.import",
            40,
            within="settings",
        ),
    )
    settings_pages = (
        registry.SettingsPage(
            _("Imports"),
            _("Bring complaints of another system in from a file."),
            "inbox",
            "imports",
            "complaints.import",
        ),
    )
    queues = {"uploaded files": "amends.entrances.feeds.actions.uploads.oldest_queued_at"}
    jobs = (
        registry.Job(
            "uploaded files",
            2,
            "amends.entrances.feeds.jobs.import_uploads.import_uploads",
            group="heavy",
        ),
        registry.Job(
            "files nobody confirmed",
            3600,
            "amends.entrances.feeds.jobs.import_uploads.tidy_uploads",
        ),
    )
