"""An outage is logged when it begins, then as counts, and when it ends."""

from __future__ import annotations

import logging

import pytest

from amends.platform.kit.outage_log import OutageLog

pytestmark = pytest.mark.no_database


def test_a_server_that_is_down_for_an_hour_is_logged_in_seven_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    outages = OutageLog(logging.getLogger("amends.test"), every_s=600, clock=lambda: now[0])
    with caplog.at_level(logging.WARNING, "amends.test"):
        outages.works("mail")
        while now[0] < 3600:
            outages.failed("mail", "connection refused")
            now[0] += 2
        outages.works("mail")
        outages.works("mail")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "mail: connection refused"
    assert lines[1] == "mail: still failing, 301 times in 600 s: connection refused"
    assert lines[-1] == "mail: works again after 3600 s and 1,800 failures"
    assert len(lines) == 7


def test_outages_are_counted_by_name(caplog: pytest.LogCaptureFixture) -> None:
    outages = OutageLog(logging.getLogger("amends.test"))
    with caplog.at_level(logging.WARNING, "amends.test"):
        outages.failed("mail", "refused")
        outages.failed("sms", "refused")
        outages.works("sms")
        outages.failed("sms", "refused")
    assert len(caplog.records) == 4
