# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source on the lab, started as ansible-rulebook starts it: services that fail, hang or refuse tokens, and a control plane that loses all hosts."""

from __future__ import annotations

import asyncio
import os
import runpy
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .activation import COLLECTION

SOURCE = COLLECTION / "extensions" / "eda" / "plugins" / "event_source" / "zone_health.py"
Event = dict[str, Any]
# On a busy machine.
PATIENCE = 120


class Watching:
    """A source at work, and what it has told."""

    def __init__(self, queue: asyncio.Queue[Event], task: asyncio.Task[None]) -> None:
        self.task = task
        self.told: list[Event] = []
        self._queue = queue

    async def until(self, about: str | None, state: str) -> Event:
        """The event of a zone, or with None of the region, that has this state."""
        while True:
            event = (await asyncio.wait_for(self._queue.get(), PATIENCE))["zone_health"]
            self.told.append(event)
            if (event.get("zone"), event["state"]) == (about, state):
                return dict(event)

    @property
    def zones(self) -> set[tuple[str, str]]:
        return {(event["zone"], event["state"]) for event in self.told if event["about"] == "zone"}


@asynccontextmanager
async def watching(lab: LabClient, **more: Any) -> AsyncIterator[Watching]:
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(lab.clouds_file)
    queue: asyncio.Queue[Event] = asyncio.Queue(1)
    given = {"cloud": "lab", "interval": 0.3, "confirm": 2, "recover": 2, "timeout": 4, "api_timeout": 4, **more}
    task = asyncio.create_task(runpy.run_path(str(SOURCE))["main"](queue, given))
    try:
        yield Watching(queue, task)
    finally:
        task.cancel()
        await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 3)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    asyncio.run(whole())


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "hang"}, {"kind": "drop-before"}])
def test_a_service_that_fails_is_a_sign_and_no_zone_is_down_for_it(lab: LabClient, fault: dict[str, Any]) -> None:
    async def story() -> None:
        async with watching(lab) as source:
            lab.add_fault(service="cinder", **fault)
            event = await source.until(None, "partly")
            assert list(event["unread"]) == ["cinder"]
            lab.stop_zone("az2", now=True)
            event = await source.until("az2", "down")
            assert event["services"]["nova"] == "down"
            lab.clear_faults()
            await source.until(None, "sees")
            assert not source.task.done()

    run(story)


def test_a_cloud_that_is_away_for_a_while_and_tokens_that_are_refused(lab: LabClient) -> None:
    async def story() -> None:
        async with watching(lab) as source:
            lab.add_fault("status", status=503)
            event = await source.until(None, "blind")
            assert set(event["unread"]) == {"nova", "cinder", "manila"}
            lab.clear_faults()
            await source.until(None, "sees")
            # As if they had expired: it signs in again, and nobody is told.
            lab.add_fault("status", service="nova", status=401, count=1)
            lab.stop_zone("az3", now=True, services=["nova"])
            await source.until("az3", "down")
            assert source.zones == {("az3", "down")}
            assert [event["state"] for event in source.told if event["about"] == "region"] == ["blind", "sees"]

    run(story)


def test_all_hosts_down_at_once_are_no_zones_down(lab: LabClient) -> None:
    async def story() -> None:
        async with watching(lab, services="nova") as source:
            # No look begins in between: this holds up the loop.
            for zone in ("az1", "az2", "az3"):
                lab.stop_zone(zone, now=True, services=["nova"])
            event = await source.until(None, "all_down")
            assert event["suspects"] == ["nova"]
            lab.start_zone("az1")
            lab.start_zone("az3")
            await source.until(None, "sees")
            # This one was really down.
            await source.until("az2", "down")
            assert ("az1", "down") not in source.zones

    run(story)


def test_what_no_waiting_changes_ends_it_at_the_start(lab: LabClient) -> None:
    async def ended(**more: Any) -> str:
        async with watching(lab, **more) as source:
            await asyncio.wait_for(asyncio.wait([source.task]), PATIENCE)
            return str(source.task.exception())

    assert "The user lacks the right" in asyncio.run(ended(cloud="lab-member"))
    refused = asyncio.run(ended(auth={"password": "not-the-password"}))
    assert "keystone refused the credentials" in refused
    assert "not-the-password" not in refused


def test_the_collection_is_found_by_the_file_alone(tmp_path: Path) -> None:
    """ansible-rulebook runs it by its path, and Python knows nothing of collections."""
    code = f"import asyncio, runpy; asyncio.run(runpy.run_path({str(SOURCE)!r})['main'](None, {{'cloud': 'nowhere'}}))"
    assert "cloud 'nowhere'" in _failing(code, tmp_path)


def test_a_copy_of_the_file_needs_the_collection(tmp_path: Path) -> None:
    copy = tmp_path / "zone_health.py"
    copy.write_bytes(SOURCE.read_bytes())
    code = f"import asyncio, runpy; asyncio.run(runpy.run_path({str(copy)!r})['main'](None, {{'cloud': 'nowhere'}}))"
    said = _failing(code, tmp_path, ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "empty"))
    assert f"collection zoneops.openstack is not found in {tmp_path / 'empty'}" in said
    assert "ANSIBLE_COLLECTIONS_PATH" in said
    assert "cloud 'nowhere'" in _failing(code, tmp_path, ANSIBLE_COLLECTIONS_PATH=str(COLLECTION.parents[2]))


def _failing(code: str, folder: Path, **more: str) -> str:
    """What Python says at the end, where nothing is on its path."""
    environ = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ANSIBLE_COLLECTIONS_PATH")
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**environ, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]
