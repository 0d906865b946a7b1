"""Evidence of a fault of a link, as text."""

from __future__ import annotations

from collections.abc import Callable

from amends.causes.vetting.rules.chain_events import FaultEvidence


def why(evidence: FaultEvidence, _: Callable[[str], str]) -> str:
    """Evidence against a link, as one sentence; `_` translates."""
    parts = []
    if evidence.failed:
        parts.append(
            _("%(failed)s of %(probes)s probe results failed")
            % {"failed": evidence.failed, "probes": evidence.probes}
        )
    if evidence.slow:
        parts.append(
            _("%(slow)s of %(probes)s took much longer than usual")
            % {"slow": evidence.slow, "probes": evidence.probes}
        )
    if evidence.unconfirmed or evidence.repeated:
        parts.append(
            _("of %(charges)s charges %(unconfirmed)s without confirmation, %(repeated)s repeated")
            % {
                "charges": evidence.charges,
                "unconfirmed": evidence.unconfirmed,
                "repeated": evidence.repeated,
            }
        )
    if evidence.incidents:
        parts.append(_("incident open: %(kinds)s") % {"kinds": ", ".join(evidence.incidents)})
    if evidence.complaints > 2 * evidence.usual_complaints + 3:
        parts.append(
            _("%(count)s complaints, usual are %(usual)s")
            % {"count": evidence.complaints, "usual": f"{evidence.usual_complaints:.0f}"}
        )
    return "; ".join(parts)
