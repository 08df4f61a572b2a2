# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each API hangs in turn: whatever runs ends within its deadline and says what it knows."""

from __future__ import annotations

import pytest

from .scenarios import SCENARIOS
from .sweep import Bench

CREATE = next(scenario for scenario in SCENARIOS if scenario.name == "create_new")
DEADLINE = 8.0
# Also a busy machine has come to its last write by then.
LATER = 15.0
# Starting, answering and a busy machine; less than a request may wait where a run sets no limit.
SLACK = 30.0
LIMITS = {"timeout": DEADLINE, "api_timeout": 2.0, "connect_timeout": 2.0}
# In which a busy machine answers what does not hang.
PATIENT = {"timeout": 10.0, "api_timeout": 4.0, "connect_timeout": 4.0}


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("keystone", "swap"),
        ("nova", "swap"),
        ("placement", "swap"),
        ("placement", "mirror"),
        ("nova", "enable_services"),
    ],
)
def test_module_ends_and_wrote_nothing(bench: Bench, service: str, name: str) -> None:
    (scenario,) = (scenario for scenario in SCENARIOS if scenario.name == name)
    bench.start(scenario)
    bench.lab.add_fault("hang", service=service)
    ended = bench.modules.run(scenario.module, {**scenario.arguments, **LIMITS})
    assert ended.seconds < DEADLINE + SLACK
    assert ended.failed
    assert "no answer in time" in ended.answer["msg"] or "deadline" in ended.answer["msg"], ended.answer["msg"]
    bench.lab.clear_faults()
    assert bench.region.state() == scenario.start


@pytest.mark.parametrize("index", range(1, 6))
def test_module_ends_when_nova_hangs_from_a_write_on(bench: Bench, index: int) -> None:
    """Nothing can be put back then: it says what stands, and the next run goes on from there."""
    bench.start(CREATE)
    number = bench.lab.add_fault("hang", service="nova", writes=True, skip=index, count=1)
    # All that comes behind that write, reads as well.
    bench.lab.add_fault("hang", service="nova", after=number)
    ended = bench.modules.run(CREATE.module, {**CREATE.arguments, **LIMITS, "timeout": LATER})
    assert bench.hits(number), f"the run did not come that far: {ended.answer['msg']}"
    assert ended.seconds < LATER + 90 + SLACK
    assert ended.failed
    assert "zones" in ended.answer, ended.answer["msg"]
    assert any(verdict["failed"] for verdict in ended.answer["zones"].values())
    bench.lab.clear_faults()
    again = bench.run(CREATE)
    assert not again.failed, again.answer["msg"]
    assert bench.region.state() == CREATE.end


@pytest.mark.parametrize("service", ["keystone", "nova", "placement", "cinder", "manila", "neutron"])
def test_region_info_ends_with_what_the_others_say(bench: Bench, service: str) -> None:
    bench.start(CREATE)
    bench.lab.add_fault("hang", service=service)
    ended = bench.modules.run("region_info", {"cloud": "lab", **PATIENT})
    assert ended.seconds < PATIENT["timeout"] + SLACK
    if service == "keystone":
        assert ended.failed
        return
    answer = ended.answer
    assert bool(answer["errors"]) == (service != "placement"), answer["errors"]
    assert bool(answer["region"]["aggregates"]) == (service != "nova")
    # The lab has no agents of neutron.
    assert {entry["service"] for entry in answer["region"]["services"]} == {"nova", "cinder", "manila"} - {service}
