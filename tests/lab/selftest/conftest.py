# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for all tests that leave it as it was; tests of labs' lives start their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from selftest.api import Api
from selftest.commands import zonelab
from zonelab.client import LabClient

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabClient, dict[str, dict[str, float]]]]:
    """The lab, and its processes as they were before anybody asked anything of it."""
    state = tmp_path_factory.mktemp("lab") / "state"
    reports = ("--report-interval", "1", "--service-down-time", "9")
    zonelab(state, "up", *reports, "--with-parent", str(os.getpid()))
    lab = LabClient(state)
    yield lab, lab.info()["processes"]
    zonelab(state, "down")


@pytest.fixture(scope="session")
def lab(started: tuple[LabClient, dict[str, dict[str, float]]]) -> LabClient:
    """Three zones with two hosts each; a dead service is down after 9 s, and one that lives on a busy machine is not."""
    return started[0]


@pytest.fixture
def faults(lab: LabClient) -> Iterator[LabClient]:
    """The lab, without faults before and after."""
    lab.clear_faults()
    yield lab
    lab.clear_faults()


@pytest.fixture(scope="session")
def api(lab: LabClient) -> Api:
    """The administrator."""
    return Api(lab)


@pytest.fixture(scope="session")
def zones(api: Api) -> None:
    """Nova's availability zones, one aggregate each."""
    for zone in ("az1", "az2", "az3"):
        aggregate = {"name": zone, "availability_zone": zone}
        number = api.call("nova", "POST", "/os-aggregates", {"aggregate": aggregate})["aggregate"]["id"]
        for index in range(2):
            body = {"add_host": {"host": f"compute-{zone}-{index}"}}
            api.call("nova", "POST", f"/os-aggregates/{number}/action", body)
