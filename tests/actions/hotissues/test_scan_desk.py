"""The scan of the desk: what is an issue, what follows it, and what is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from tests.actions.hotissues.test_issues import LIN

from amends.cases.complaints.models import Complaint
from amends.problems.hotissues.actions.fill_cube import rebuild_cube
from amends.problems.hotissues.actions.join import join, leave
from amends.problems.hotissues.actions.open_issue import close_issue, give_owner
from amends.problems.hotissues.actions.scan_desk import SCAN, scan_desk
from amends.problems.hotissues.actions.update_issues import grow
from amends.problems.hotissues.models import Cell, HotIssue
from amends.problems.hotissues.queries import issues, members
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.hotissues.queries.reasons import NOT_THERE
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView


def test_a_batch_is_one_issue_while_it_lasts(db: None) -> None:
    ordinary(1)
    refs = write([2] * 14, "network.outage", area="south")
    first = scan_desk(now=NOW - timedelta(days=1))
    assert len(first.issues) == 1
    assert 0 < first.false_a_week <= 1.1
    refs += write([0] * 16, "network.outage", area="south")
    assert scan_desk(now=NOW).issues == first.issues
    found = issues()
    assert [one.id for one in found] == first.issues
    assert set(refs) <= {one.complaint for one in members(found[0].id)}
    assert found[0].persons >= 30 > 5 * found[0].expected
    assert found[0].started_at.date() in {date(2026, 11, 21), date(2026, 11, 22)}
    main = found[0].cells.get(main=True).place
    assert "network" in main
    assert Complaint.objects.filter(hot_issue=found[0].number).count() == found[0].complaints


def test_an_issue_is_named_anew_by_what_explains_clearly_more_of_it(db: None) -> None:
    """Refunds asked for in the south at first; then everybody with one package, everywhere."""
    ordinary(7)
    write([1] * 7, "billing.refund_credit", area="south", product="pack-9")
    write([1] * 2, "billing.refund_credit", area="south")
    first = scan_desk(now=NOW - timedelta(hours=20))
    (found,) = issues()
    assert "billing" in found.cells.get(main=True).place
    for code, area in (("consent.cancel_stop", "north"), ("thirdparty.value_added", "south")):
        write([0] * 12, code, area=area, product="pack-9")
    assert scan_desk(now=NOW).issues == first.issues
    assert "product=pack-9" in found.cells.get(main=True).place
    assert issues()[0].persons >= 31


def test_an_issue_is_named_anew_by_the_part_that_is_all_of_it(db: None) -> None:
    """A town ran hot, and it turns out that nearly all of them say their line is cut."""
    ordinary(7)
    write([1] * 14, "network.outage", area="south")
    first = scan_desk(now=NOW - timedelta(hours=20))
    (found,) = issues()
    found.cells.update(main=False)
    Cell.objects.update_or_create(
        issue=found, place="area=south", defaults={"main": True, "added_at": NOW}
    )
    HotIssue.objects.filter(id=found.id).update(expected=8.0)
    write([0] * 16, "network.outage", area="south")
    assert scan_desk(now=NOW).issues == first.issues
    assert "outage" in found.cells.get(main=True).place


def test_an_issue_counts_only_what_stands_where_it_is_named_now(db: None) -> None:
    """A town ran hot and named the issue; it turns out to be the cut lines alone. The others of
    the town leave it, each with its reason; what a person joined stays."""
    ordinary(7)
    batch = write([1] * 14, "network.outage", area="south")
    scan_desk(now=NOW - timedelta(hours=20))
    (found,) = issues()
    found.cells.update(main=False)
    Cell.objects.update_or_create(
        issue=found, place="area=south", defaults={"main": True, "added_at": NOW}
    )
    HotIssue.objects.filter(id=found.id).update(expected=8.0)
    rows = rows_between(date(2026, 11, 1), date(2026, 11, 24))
    grow(rows, brand="", now=NOW - timedelta(hours=19), actor=SCAN, means={})
    there = {one.complaint for one in members(found.id)}
    (by_hand,) = write([1], "billing.wrong_charge", area="north")
    join(found.id, [by_hand], because="same cable", actor=LIN, now=NOW)
    others = there - set(batch)
    assert others
    write([0] * 16, "network.outage", area="south")
    scan_desk(now=NOW)
    found.refresh_from_db()
    now_there = {one.complaint for one in members(found.id)}
    assert by_hand in now_there
    assert not others & now_there
    assert set(batch) <= now_there
    assert found.complaints == len(now_there)
    left = [one for one in members(found.id, left_too=True) if one.left_at]
    assert {one.complaint for one in left} == others
    assert {(one.left_by, one.leave_reason) for one in left} == {(SCAN.ref, NOT_THERE)}
    assert not Complaint.objects.filter(id__in=others, hot_issue=found.number).exists()
    assert found.happenings.filter(verb="left", reason=NOT_THERE).exists()


def test_a_class_set_right_leaves_and_may_come_back_and_what_a_person_took_out_does_not(
    db: None,
) -> None:
    ordinary(1)
    batch = write([0] * 20, "network.outage", area="south")
    scan_desk(now=NOW)
    (found,) = issues()
    leave(found.id, batch[:1], because="his own router", actor=LIN, now=NOW)
    assert Complaint.objects.get(id=batch[0]).hot_issue is None
    Complaint.objects.filter(id__in=batch[1:3]).update(code="billing.wrong_charge", area="north")
    rebuild_cube()
    scan_desk(now=NOW)
    assert {one.complaint for one in members(found.id)} == set(batch[3:])
    Complaint.objects.filter(id=batch[1]).update(code="network.outage", area="south")
    rebuild_cube()
    scan_desk(now=NOW)
    assert {one.complaint for one in members(found.id)} == {batch[1], *batch[3:]}


def test_a_storm_beside_a_slow_area_is_an_issue_of_its_own(db: None) -> None:
    """All of them are complaints about the network, which must not name, and swallow, both."""
    ordinary(9)
    write([9, 8, 7, 6, 5, 4, 3, 2] * 5, "network.congestion", area="south")
    slow = scan_desk(now=NOW - timedelta(days=1))
    write([0] * 3, "network.congestion", area="south")
    write([0] * 14, "network.outage", area="east")
    done = scan_desk(now=NOW)
    places = {one.cells.get(main=True).place for one in issues()}
    assert len(set(done.issues) - set(slow.issues)) == 1
    assert any("outage" in place or "east" in place for place in places)


def test_a_wide_name_swallows_no_second_cause(db: None) -> None:
    """A slow area named an issue after its class; when a storm cuts lines elsewhere, the issue goes
    on as the slow area alone, and the storm is an issue of its own."""
    ordinary(9)
    write([9, 8, 7, 6, 5, 4, 3, 2] * 5, "network.congestion", area="south")
    (slow,) = scan_desk(now=NOW - timedelta(days=1)).issues
    cells = HotIssue.objects.get(id=slow).cells
    cells.update(main=False)
    cells.update_or_create(place="code=network", defaults={"main": True, "added_at": NOW})
    write([1, 0] * 3, "network.congestion", area="south")
    storm = write([0] * 14, "network.outage", area="east")
    done = scan_desk(now=NOW)
    assert slow in done.issues
    (new,) = set(done.issues) - {slow}
    assert cells.get(main=True).place != "code=network"
    assert set(storm) <= {one.complaint for one in members(new)}
    assert not set(storm) & {one.complaint for one in members(slow)}


def test_what_an_older_issue_lacks_is_expected_as_on_the_day_it_began(db: None) -> None:
    """Found before expectations were kept, closed since: as many as its first scan would say."""
    ordinary(1)
    write([9, 8, 7] * 6, "network.outage", area="south")
    scan_desk(now=NOW - timedelta(days=7))
    (found,) = issues()
    known = found.usual
    write([5, 4, 3, 2, 1] * 6, "network.outage", area="south")
    close_issue(found.id, because="线路已修复", actor=LIN, now=NOW - timedelta(days=1))
    HotIssue.objects.update(usual={})
    scan_desk(now=NOW)
    found.refresh_from_db()
    place = found.cells.get(main=True).place
    assert {"", place} <= found.usual.keys()
    assert found.usual[""] == pytest.approx(10.0, abs=1.5)
    assert found.usual[place] < 0.5
    assert found.usual[place] <= known[place]


def test_two_batches_of_one_day_are_two_issues(db: None) -> None:
    ordinary(2)
    write([0] * 20, "network.outage", area="south")
    write([0] * 20, "marketing.promise_not_kept", product="fibre-300")
    scan_desk(now=NOW)
    places = [one.cells.get(main=True).place for one in issues()]
    assert len(places) == 2
    assert any("marketing" in place or "fibre" in place for place in places)


def test_one_person_ten_thousand_times_is_no_issue(db: None) -> None:
    ordinary(3)
    before = [one.id for one in _found()]
    write([0] * 10_000, "billing.refund_credit", person="the-same")
    assert [one.id for one in _found()] == before


def test_yesterdays_file_raises_no_alarm_today(db: None) -> None:
    ordinary(4)
    before = [one.id for one in _found()]
    write([day for day in range(1, 30) for _ in range(40)], "network.outage", history=True)
    assert [one.id for one in _found()] == before


def test_a_class_that_was_split_is_no_outbreak(db: None) -> None:
    """From one day on the classifier calls slow lines congestion: the group and the sum stay."""
    ordinary(5)
    since = NOW - timedelta(days=3)
    turned = Complaint.objects.filter(code="network.speed", received_at__gt=since)
    assert turned.update(code="network.coverage") > 8
    done = scan_desk(now=NOW)
    assert issues() == []
    assert any("network.coverage" in place for place in done.moves)


def test_an_area_drawn_anew_is_no_outbreak(db: None) -> None:
    define_areas([AreaView(code, code, code, "", "41", 0) for code in ("north", "south", "new")])
    ordinary(6)
    since = NOW - timedelta(days=3)
    assert Complaint.objects.filter(area="south", received_at__gt=since).update(area="new") > 8
    scan_desk(now=NOW)
    assert issues() == []


def test_a_renamed_class_is_counted_under_its_new_name(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amends.problems.hotissues.queries import cube

    ordinary(7)
    Complaint.objects.filter(code="network.speed", received_at__lt=NOW - timedelta(days=30)).update(
        code="network.slow"
    )
    trees = cube.trees()
    renamed = cube.Trees(trees.areas, trees.products, {"network.slow": "network.speed"})
    monkeypatch.setattr(cube, "trees", lambda: renamed)
    scan_desk(now=NOW)
    assert issues() == []


def test_what_is_quiet_again_is_closed_unless_somebody_took_it(db: None) -> None:
    ordinary(8, until=0)
    write([20] * 25, "network.outage", area="south")
    write([20] * 25, "marketing.promise_not_kept", product="fibre-300")
    scan_desk(now=NOW - timedelta(days=20))
    one, two = HotIssue.objects.order_by("id")
    give_owner(one.id, owner="lin", actor=LIN, now=NOW)
    scan_desk(now=NOW)
    assert {each.id: each.state for each in HotIssue.objects.all()} == {
        one.id: "open",
        two.id: "closed",
    }


def test_too_short_a_past_is_not_judged(db: None) -> None:
    ordinary(9, days=15)
    done = scan_desk(now=NOW)
    assert (done.places, done.days) == (0, 14)


def test_an_ordinary_quarter_is_quiet(db: None) -> None:
    """At one false issue a week, thirty days scanned one by one open at most a few."""
    ordinary(10)
    for day in range(30, -1, -3):
        scan_desk(now=NOW - timedelta(days=day))
    assert HotIssue.objects.count() <= 5


def _found() -> list[HotIssue]:
    scan_desk(now=NOW)
    return issues()
