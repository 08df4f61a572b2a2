# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region of zone1 to zone3 as the article has it, with a network, made by `site`, and a member in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from zonelab import qcow2
from zonelab.client import LabClient

from ..harness.play import Player
from .user import Looker, User

INVENTORY = Path(__file__).parent / "inventory"
ZONES = ("zone1", "zone2", "zone3")
SITE = "zoneops.openstack.site"
VERIFY = "zoneops.openstack.verify"
IMAGE = "cirros-0.4.0-x86_64-disk.img"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab with a real neutron; ZONEOPS_ARTICLE_LAB names one of these zones that is up already, and fresh."""
    running = os.environ.get("ZONEOPS_ARTICLE_LAB")
    state = Path(running) if running else tmp_path_factory.mktemp("article")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not running:
        size = ("--neutron", "--zones", ",".join(ZONES), "--hosts", "1")
        subprocess.run([*zonelab, "up", "--fresh", *size, "--with-parent", str(os.getpid())], check=True)
    lab = LabClient(state)
    (lab.web_folder / IMAGE).write_bytes(qcow2.make(b"cirros", 1 << 20))
    yield lab
    if not running:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture(scope="session")
def site(lab: LabClient) -> Player:
    """Runs playbooks on this lab."""
    return Player(lab, lab.clouds_file)


@pytest.fixture(scope="session")
def look(lab: LabClient) -> Looker:
    """The administrator."""
    return Looker(lab.clouds_file)


@pytest.fixture(scope="session")
def user(lab: LabClient, look: Looker, site: Player) -> User:
    """A member of a region that `site` has made, with what the article's user has already."""
    run = site(SITE, INVENTORY)
    assert run.rc == 0
    flavor = {"name": "tiny", "ram": 64, "vcpus": 1, "disk": 1}
    look.post("compute", "/flavors", {"flavor": flavor})
    member = User(lab.clouds_file)
    member.together(
        "openstack keypair create mykey > /dev/null",
        "openstack security group create basic",
        "openstack network create site2-network-0 && "
        "openstack subnet create --network site2-network-0 --subnet-range 10.2.0.0/24 site2-subnet-0",
    )
    return member
