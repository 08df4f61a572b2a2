# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage that fails and is healed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

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
