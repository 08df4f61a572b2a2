# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a body does to its process is undone at its end, so that nothing of a run leaks into the next; and nothing of it reaches the terminal."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.plugin_utils.surroundings import surroundings

OPEN = Path("/proc/self/fd")
LOGGER = logging.getLogger("keystoneauth.session")


def state() -> dict[str, Any]:
    """What of a process is the same for all that runs in it."""
    files = {number: os.fstat(number).st_ino for number in (0, 1, 2)}
    return {
        "environment": dict(os.environ),
        "warnings": list(warnings.filters),
        "logging": logging.root.manager.disable,
        "files": files,
        "open": len(list(OPEN.iterdir())) if OPEN.is_dir() else 0,
        "streams": (sys.stdout, sys.stderr),
        "signals": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)},
        "threads": threading.active_count(),
    }


def leave_traces() -> None:
    os.environ["OS_CLOUD"] = "of-this-run"
    os.environ["HOME"] = "/nowhere"
    os.environ.pop("PATH", None)
    warnings.simplefilter("error")
    logging.disable(logging.NOTSET)


def fail() -> None:
    leave_traces()
    raise ValueError("a bug")


def leave() -> None:
    leave_traces()
    raise SystemExit(3)


@pytest.mark.parametrize("body", [leave_traces, fail, leave])
def test_everything_is_as_before(body: Callable[[], None]) -> None:
    before = state()
    for _run in range(2):
        try:
            with surroundings({"OS_REGION_NAME": "r", "HOME": "/elsewhere"}):
                assert (os.environ["OS_REGION_NAME"], os.environ["HOME"]) == ("r", "/elsewhere")
                assert "OS_CLOUD" not in os.environ
                body()
        except (ValueError, SystemExit):
            pass
        assert state() == before


def test_nothing_reaches_the_terminal_by_any_way(capfd: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    LOGGER.addHandler(handler)
    try:
        with surroundings({}):
            print("printed")
            sys.stderr.write("written")
            os.write(1, b"by number")
            subprocess.run(
                [sys.executable, "-c", "import sys; print('child'); print('child', file=sys.stderr)"], check=True
            )
            warnings.warn("warned", stacklevel=1)
            LOGGER.critical("logged")
        print("after")
        LOGGER.critical("logged after")
    finally:
        LOGGER.removeHandler(handler)
    assert capfd.readouterr() == ("after\n", "logged after\n")


def test_nobody_is_asked_for_anything() -> None:
    """A library that asks for a password would wait for ever."""
    with surroundings({}):
        assert os.read(0, 1) == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_body_and_then_does_what_it_did_before(number: signal.Signals) -> None:
    heard: list[int] = []
    before = signal.signal(number, lambda got, _frame: heard.append(got))
    cleaned = False
    try:
        with pytest.raises(KeyboardInterrupt), surroundings({}):
            try:
                signal.raise_signal(number)
            finally:
                # Ansible follows one signal with another: what is given back is not cut short.
                signal.raise_signal(number)
                cleaned = True
        assert (cleaned, heard) == (True, [number])
    finally:
        signal.signal(number, before)


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before = state()
    found: list[Any] = []

    def body() -> None:
        with surroundings({"OS_REGION_NAME": "r"}):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert found == [before["signals"][signal.SIGINT]]
    assert state() == before
