# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop around the looks: cancelled at once, never blocked, and its errors."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health import watch as loop
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

pytestmark = pytest.mark.usefixtures("impatient")


def arguments(cloud: StandIn, **more: Any) -> dict[str, Any]:
    return {
        **cloud.params(),
        "interval": 0.05,
        "confirm": 1,
        "recover": 1,
        "services": ["nova"],
        "seen_from": "here",
        **more,
    }


async def first(count: int, given: dict[str, Any]) -> list[dict[str, Any]]:
    """So many events, then it is cancelled."""
    queue: asyncio.Queue[Any] = asyncio.Queue(1)
    task = asyncio.create_task(loop.watch(queue, given))
    try:
        return [await asyncio.wait_for(queue.get(), 20) for _number in range(count)]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def down(cloud: StandIn, *, state: str = "down", **more: str) -> None:
    usual = {"status": "enabled", "disabled_reason": None, "forced_down": False, "binary": "nova-compute"}
    cloud.on_get(
        "/compute/os-services",
        {
            "services": [
                {"id": "s-2", "host": "compute-2", "zone": "az1", "state": state, **usual, **more},
                {"id": "s-1", "host": "compute-1", "zone": "nova", "state": "up", **usual},
            ]
        },
    )


def test_a_zone_goes_down_and_comes_back(cloud: StandIn) -> None:
    fill(cloud)
    down(cloud)

    async def story() -> list[dict[str, Any]]:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        task = asyncio.create_task(loop.watch(queue, arguments(cloud)))
        events = [await asyncio.wait_for(queue.get(), 20)]
        down(cloud, state="up")
        events.append(await asyncio.wait_for(queue.get(), 20))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return events

    told = [event["zone_health"] for event in asyncio.run(story())]
    assert [(one["zone"], one["state"], one["at_start"]) for one in told] == [
        ("az1", "down", True),
        ("az1", "up", False),
    ]
    assert all(one["seen_from"] == "here" for one in told)


#: Seconds: how long the request hangs, and what is at once on a machine that has much else to do.
HANGS, AT_ONCE = 30.0, 5.0


@pytest.fixture
def hanging(cloud: StandIn) -> Iterator[StandIn]:
    fill(cloud)
    cloud.on("GET", "/compute/os-services", Answer(after="hang"))
    yield cloud
    cloud.released.set()


def test_a_request_that_hangs_blocks_neither_the_loop_nor_its_end(hanging: StandIn) -> None:
    async def story() -> float:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        task = asyncio.create_task(loop.watch(queue, arguments(hanging, api_timeout=HANGS, timeout=2 * HANGS)))
        slowest, ticks, end = 0.0, 0, time.monotonic() + HANGS
        while ticks < 40 or ("GET", "/compute/os-services") not in hanging.seen:
            assert time.monotonic() < end, "it never came to the request"
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            slowest, ticks = max(slowest, time.monotonic() - begun), ticks + 1
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - begun < AT_ONCE
        return slowest

    begun = time.monotonic()
    # This waits for the threads of the loop as well.
    assert asyncio.run(story()) < AT_ONCE
    assert time.monotonic() - begun < HANGS
    assert all(thread.daemon for thread in threading.enumerate() if "zone_health" in thread.name)


def test_what_hangs_is_a_sign_after_the_time_limit(hanging: StandIn) -> None:
    (event,) = asyncio.run(first(1, arguments(hanging, api_timeout=0.5, timeout=1)))
    told = event["zone_health"]
    assert (told["about"], told["state"]) == ("region", "blind")
    assert list(told["unread"]) == ["nova"]


def test_secrets_are_in_no_event(cloud: StandIn) -> None:
    fill(cloud)
    cloud.on("GET", "/compute/os-services", Answer(500, {"error": {"message": f"bad {PASSWORD} of operator"}}))
    (event,) = asyncio.run(first(1, arguments(cloud)))
    assert PASSWORD not in str(event)
    assert "******" in str(event)


def test_a_reason_that_is_a_secret_is_in_no_event(cloud: StandIn) -> None:
    """People write anything into the reason of a host that they disable."""
    fill(cloud)
    down(cloud, state="up", status="disabled", disabled_reason=f"ipmi {PASSWORD}")
    (event,) = asyncio.run(first(1, arguments(cloud)))
    assert "is disabled (ipmi" in str(event)
    assert PASSWORD not in str(event)


def test_errors_of_the_start_have_no_secrets(cloud: StandIn) -> None:
    given = arguments(cloud)
    given["auth"]["password"] = "another-secret-word"
    with pytest.raises(ZoneopsError) as caught:
        asyncio.run(loop.watch(asyncio.Queue(1), given))
    assert "keystone refused the credentials" in str(caught.value)
    assert "another-secret-word" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ZoneopsError, match="has no openstacksdk: install it there"):
        asyncio.run(loop.watch(asyncio.Queue(1), {}))
