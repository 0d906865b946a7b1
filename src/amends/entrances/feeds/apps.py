from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class FeedsConfig(registry.AmendsApp):
    name = "amends.entrances.feeds"
    label = "feeds"
    waiting = "amends.entrances.feeds.waiting.SOURCES"
    verbose_name = _("Imports")
    decisions = (
        registry.ExemptDecision(
            name="feeds.import_records",
            title=_("Import subscribers and records from a page"),
            effect="pay",
            decides="admin",
            rule=_(
                "One administrator uploads the file and another confirms it; a file that no one "
                "confirms within a day is discarded. A sole administrator confirms it alone. "
                "The list of imports names both."
            ),
            undo_note=_(
                "Records are not removed. A record of the opposite is imported, and remedies are "
                "rejected until they are exported."
            ),
        ),
    )
    commands = {
        "classify": "amends.entrances.feeds.classify_file:classify",
        "export": "amends.entrances.feeds.cli_export:export",
        "import": "amends.entrances.feeds.cli:app",
    }
    urls = (("desk/imports/", "amends.entrances.feeds.web.urls"),)
    navigation = (
        registry.Entry(
            area="settings",
            name="imports",
            label=_("Imports"),
            icon="inbox",
            path="/desk/imports/",
            permission="complaints.import",
            order=40,
            within="settings",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="due",
            title=_("Files to confirm"),
            roles=("administrator",),
            rows="amends.entrances.feeds.web.home.to_confirm",
            page="imports",
            permission="complaints.import",
            empty=_("No uploaded file waits. Upload records and subscribers under “Imports”."),
        ),
    )
    settings_pages = (
        registry.SettingsPage(
            title=_("Imports"),
            description=_("Bring complaints of another system in from a file."),
            icon="inbox",
            name="imports",
            permission="complaints.import",
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
