# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which requests a fault hits."""

from __future__ import annotations

import pytest
from zonelab.errors import LabError
from zonelab.proxy.faults import Fault, Faults


@pytest.mark.parametrize(
    ("fault", "hit"),
    [
        (Fault("hang"), True),
        (Fault("hang", service="nova"), True),
        (Fault("hang", service="glance"), False),
        (Fault("hang", method="post"), True),
        (Fault("hang", method="PO"), False),
        (Fault("hang", method="PUT|POST"), True),
        (Fault("hang", path="aggregates"), True),
        (Fault("hang", path="^/aggregates"), False),
        (Fault("hang", path=r"\?x=1$"), True),
        (Fault("hang", writes=True), True),
    ],
)
def test_request_is_matched_by_service_method_and_path(fault: Fault, hit: bool) -> None:
    assert fault.matches("nova", "POST", "/v2.1/os-aggregates?x=1") is hit


@pytest.mark.parametrize(
    ("fault", "service", "hit"),
    [
        (Fault("hang"), "web", False),
        (Fault("hang", service="web"), "web", True),
        (Fault("cut"), "web", True),
        (Fault("cut"), "glance", False),
        (Fault("cut", service="web"), "web", True),
    ],
)
def test_web_server_is_hit_only_when_it_is_meant(fault: Fault, service: str, hit: bool) -> None:
    assert fault.matches(service, "GET", "/a.img") is hit


def test_reading_and_signing_in_are_no_writes() -> None:
    fault = Fault("drop-before", writes=True)
    assert not fault.matches("nova", "GET", "/servers")
    assert not fault.matches("keystone", "POST", "/v3/auth/tokens")
    assert fault.matches("keystone", "POST", "/v3/projects")


@pytest.mark.parametrize(
    ("skip", "count", "hits"),
    [(0, None, "yyyyy"), (2, None, "nnyyy"), (0, 1, "ynnnn"), (1, 2, "nyynn"), (9, 1, "nnnnn")],
)
def test_first_ones_pass_then_so_many_are_hit(skip: int, count: int | None, hits: str) -> None:
    faults = Faults()
    faults.add(Fault("drop-before", skip=skip, count=count))
    assert "".join("y" if faults.match("nova", "GET", "/") else "n" for _number in hits) == hits


def test_exhausted_fault_leaves_the_request_to_the_next_one() -> None:
    faults = Faults()
    first = faults.add(Fault("drop-before", count=1))
    second = faults.add(Fault("hang", count=1))
    matched = [faults.match("nova", "GET", "/") for _number in range(3)]
    assert [active.number if active else None for active in matched] == [first, second, None]


def test_fault_after_another_one_sees_nothing_before_that_has_hit() -> None:
    faults = Faults()
    first = faults.add(Fault("hang", writes=True, skip=1, count=1))
    then = faults.add(Fault("hang", service="nova", after=first))
    asked = ["GET", "POST", "GET", "POST", "GET", "POST"]
    matched = [faults.match("nova", method, "/") for method in asked]
    assert [active.number if active else None for active in matched] == [None, None, None, first, then, then]
    faults.clear(first)
    assert faults.match("nova", "GET", "/") is None
    with pytest.raises(LabError, match=f"fault after {first}: no such fault"):
        faults.add(Fault("hang", after=first))


def test_cleared_fault_lets_go_who_waits_in_it() -> None:
    faults = Faults()
    number = faults.add(Fault("hang"))
    other = faults.add(Fault("delay", seconds=1))
    active = faults.match("nova", "GET", "/")
    assert active is not None
    faults.clear(number)
    assert active.cleared.is_set()
    assert [fault["id"] for fault in faults.list()] == [other]
    faults.clear()
    assert faults.list() == []
    with pytest.raises(LabError, match="fault 1: no such fault"):
        faults.clear(number)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "explode"}, "'explode': give one of delay, hang"),
        ({"kind": "status"}, "exactly when"),
        ({"kind": "hang", "status": 500}, "exactly when"),
        ({"kind": "delay"}, "seconds"),
        ({"kind": "throttle"}, "seconds"),
        ({"kind": "cut", "service": "glance"}, "only the web server"),
        ({"kind": "hang", "service": "heat"}, "'heat': give one of keystone"),
        ({"kind": "hang", "path": "("}, "not a regular expression"),
    ],
)
def test_fault_that_cannot_be_meant_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(LabError, match=message):
        Fault(**values)  # type: ignore[arg-type]
