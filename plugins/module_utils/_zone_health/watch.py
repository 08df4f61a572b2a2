# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source's work: look, think, report, sleep. The event loop, in which the rules are too, never waits for a request."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from .._plan.errors import ZoneopsError
from .._plan.text.scrub import SCRUBBER
from .arguments import Arguments, arguments_of
from .events import Origin, event_of
from .hysteresis import Watch
from .judge import judge
from .read import Eyes

T = TypeVar("T")


class Queue(Protocol):
    """What ansible-rulebook hands to a source."""

    async def put(self, item: Any) -> None:
        """Hand one event over."""


async def watch(queue: Queue, given: Mapping[str, Any]) -> None:
    """Until it is cancelled. Raises ZoneopsError at the start only, for what no waiting changes."""
    arguments = _checked(given)
    eyes = Eyes(arguments)
    try:
        await in_thread(eyes.sign_in)
    except ZoneopsError as error:
        # Without the error below it, which may have secrets.
        raise ZoneopsError(SCRUBBER.text(error.message)) from None
    seen = Watch(arguments.patience)
    while True:
        begun, at = time.monotonic(), time.time()
        look = judge(await in_thread(eyes.look), seen.zones)
        origin = Origin(arguments.seen_from, *eyes.place, names=arguments.names)
        for change in seen.step(look, at):
            await queue.put(SCRUBBER.data(event_of(change, look, origin, time.time())))
        await asyncio.sleep(max(0.0, begun + arguments.interval - time.monotonic()))


def _checked(given: Mapping[str, Any]) -> Arguments:
    arguments = arguments_of(given)
    needed = {"openstack": "openstacksdk", **({"kubernetes": "kubernetes"} if arguments.cluster is not None else {})}
    for module, package in needed.items():
        if importlib.util.find_spec(module) is None:
            raise ZoneopsError(
                f"the Python of ansible-rulebook, {sys.executable}, has no {package}: install it there "
                "(requirements.txt of the collection), or use a decision environment that was built with the collection."
            )
    return arguments


async def in_thread(work: Callable[[], T]) -> T:
    """The result of `work`, done in a thread that nobody waits for when this is cancelled, nor when the process ends."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def hand_over(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            failed = error
        # The loop has ended if nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(hand_over, result, failed)

    threading.Thread(target=run, name="zone_health", daemon=True).start()
    return await done
