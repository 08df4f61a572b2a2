# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that fail, are slow, and are healed."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from zonelab.errors import LabError
from zonelab.failing import Failing

if TYPE_CHECKING:
    from pathlib import Path


def test_what_fails_is_told_until_it_is_healed(tmp_path: Path) -> None:
    failing = Failing(tmp_path / "failing")
    assert (failing.list(), failing.complaint("store", "az1")) == ([], None)
    failing.fail("store", "az1", "error")
    assert failing.complaint("store", "az1") == "a zone's image store (az1) was told to fail"
    assert failing.complaint("store", "az2") is None
    assert failing.list() == [{"kind": "store", "name": "az1", "how": "error"}]
    failing.heal("store", "az1")
    failing.heal("store", "az1")
    assert (failing.list(), failing.complaint("store", "az1")) == ([], None)


def test_who_waits_for_hanging_storage_goes_on_when_it_is_healed(tmp_path: Path) -> None:
    failing = Failing(tmp_path)
    failing.fail("backend", "az1", "hang")
    heal = threading.Timer(0.3, failing.heal, ("backend", "az1"))
    heal.start()
    assert failing.complaint("backend", "az1") is None
    assert not failing.list()
    heal.join()


def test_slow_part_answers_after_its_seconds_unless_it_is_healed_or_stopped(tmp_path: Path) -> None:
    failing = Failing(tmp_path)
    failing.fail("hypervisor", "host", "0.3")
    began = time.monotonic()
    assert failing.complaint("hypervisor", "host") is None
    assert time.monotonic() - began >= 0.3
    failing.fail("hypervisor", "host", "60")
    assert failing.complaint("hypervisor", "host", stop=lambda: True) is None
    failing.heal("hypervisor", "host")
    assert failing.complaint("hypervisor", "host") is None


@pytest.mark.parametrize("how", ["explode", "0", "-1", "nan", "inf", ""])
def test_a_way_that_is_none_is_refused(tmp_path: Path, how: str) -> None:
    with pytest.raises(LabError, match="give one of error, hang, or a number of seconds"):
        Failing(tmp_path).fail("hypervisor", "host", how)
