# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines on the terminal while a body works, and a heartbeat when it has nothing to say."""

from __future__ import annotations

import threading
import time

import pytest
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.plugin_utils import progress
from ansible_collections.zoneops.openstack.plugins.plugin_utils.progress import Progress


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is displayed; ten silent seconds are a tenth of one."""
    lines: list[str] = []
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(Display, "display", lambda _self, text, *_args, **_more: lines.append(text))
    return lines


def wait_for(lines: list[str], count: int) -> None:
    patience = time.monotonic() + 20
    while len(lines) < count and time.monotonic() < patience:
        time.sleep(0.02)


def test_a_step_is_shown_at_once_and_what_is_waited_for_again_and_again(shown: list[str]) -> None:
    with Progress("zoneops.openstack.images", silent=False) as say:
        wait_for(shown, 1)
        assert shown[0].startswith("images: reading ... ")
        say("image cirros -> az2: begun")
        wait_for(shown, shown.index("images: image cirros -> az2: begun") + 3)
    step = shown.index("images: image cirros -> az2: begun")
    assert all(line.startswith("images: image cirros -> az2: begun ... ") for line in shown[step + 1 : step + 3])


def test_no_heartbeat_outlasts_its_body(shown: list[str]) -> None:
    with pytest.raises(KeyError), Progress("images", silent=False):
        wait_for(shown, 1)
        raise KeyError
    count = len(shown)
    time.sleep(0.3)
    assert len(shown) == count
    assert "zoneops-heartbeat" not in [thread.name for thread in threading.enumerate()]


def test_silence_is_silent(shown: list[str]) -> None:
    with Progress("images", silent=True) as say:
        say("image cirros -> az2: begun")
        time.sleep(0.3)
    assert shown == []
