"""How a reply reaches the customer."""

from __future__ import annotations

from amends.cases.complaints.models import Complainant
from amends.channels.queries.capabilities import written_contacts


def reply_channel(ref: str) -> str:
    """The channel on which the customer of a complaint is answered; "" where only the status page
    shows the reply."""
    channel = Complainant.objects.filter(complaint=ref).values_list("answer_on", flat=True).first()
    return channel if channel in written_contacts() else ""
