"""How a reply reaches the customer."""

from __future__ import annotations

from amends.channels.queries.capabilities import written_contacts


def reply_channel(answer_on: str) -> str:
    """The channel on which a customer is answered (`CaseFile.answer_on`); "" where only the status
    page shows the reply."""
    return answer_on if answer_on in written_contacts() else ""
