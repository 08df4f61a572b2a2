# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deletion of access rules, which manila does in the background: killed or dropped at every one, the next run ends where a clean one does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.shares import Shares
from .module_process import PATIENCE
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, Bench

DROPPED_AFTER = DROPS[1]
INSIDE, BEYOND = "10.1.0.5", ("10.2.0.0/24", "10.3.0.0/24")


@pytest.fixture(scope="module")
def shares(lab: LabClient) -> Iterator[Shares]:
    """With one share, of a type that is meant for its own zone."""
    found = Shares(Cloud(lab.clouds_file))
    found.empty()
    found.add_type("local", {"availability_zones": "az1"})
    found.add_share("data", "local", "az1")
    yield found
    lab.clear_faults()
    found.empty()


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        often = fault in (KILLED_AFTER, DROPPED_AFTER)
        yield pytest.param(fault, id=fault.name.replace(" ", "-"), marks=() if often else (pytest.mark.full,))


@pytest.mark.parametrize("fault", sweeps())
def test_rules(bench: Bench, shares: Shares, fault: Fault) -> None:
    for index in range(len(BEYOND)):
        struck(bench, shares, fault, index)


def struck(bench: Bench, shares: Shares, fault: Fault, index: int) -> None:
    """The fault at one deletion, then a run without."""
    what = f"deletion {index + 1} {fault.name}"
    (share,) = shares.all()
    rules = {address: shares.add_rule(share, "ip", address) for address in (INSIDE, *BEYOND)}
    inside = {rules[INSIDE]}
    about = {"name": "local", "zones": ["az1"], "zone_local": True}
    asked = {
        "zones": {"az1": {"storage_networks": ["172.18.1.0/24"], "client_networks": ["10.1.0.0/16"]}},
        "region": {"zones": ["az1"], "cloud": "lab", "share_types": [about]},
        "delete_rules": [rules[address] for address in BEYOND],
        "timeout": 60,
        "api_timeout": 20,
    }
    ended = strike(bench.lab, bench.modules, "share_access", asked, fault, index)
    if ended is not None:
        found = shares.rules(share)
        assert ended.failed or found == inside, what
        assert ended.answer["changed"] == (found != set(rules.values())), f"{what}: {ended.answer['msg']}"
    assert inside <= shares.rules(share), what
    again = bench.modules.run("share_access", asked)
    assert not again.failed, f"{what}: {again.answer['msg']}"
    assert shares.rules(share) == inside, what
    last = bench.modules.run("share_access", asked)
    assert (last.failed, last.answer["changed"]) == (False, False), what
    empty(shares, share)


def empty(shares: Shares, share: str) -> None:
    """Without rules, for the next one."""
    for rule in shares.rules(share):
        shares.delete_rule(share, rule)
    end = time.monotonic() + PATIENCE
    while shares.rules(share):
        assert time.monotonic() < end, "rules are still there after their deletion"
        time.sleep(0.05)
