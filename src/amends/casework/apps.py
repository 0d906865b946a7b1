from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class CaseworkConfig(registry.AmendsApp):
    name = "amends.casework"
    label = "casework"
    verbose_name = _("Case work")
    jobs = (registry.Job("follow ups", 60, "amends.casework.actions.follow_up.end_due_follow_ups"),)
