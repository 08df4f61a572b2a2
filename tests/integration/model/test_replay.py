# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of nova that the unit and property tests trust, against a real nova: every status, and every listing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from random import Random, SystemRandom

import pytest
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.integration.model.calls import Call, Draw
from ansible_collections.zoneops.openstack.tests.integration.model.sides import ModelSide, RealSide, possible
from zonelab.client import LabClient

SEQUENCES = {"current": 155, "antelope": 55}
CALLS = 8
# Servers that stay are named so.
FIRST = "first-"
# Set to repeat a run; the seed of a run is in its output and in every failure.
SEED = int(os.environ.get("ZONEOPS_SEED") or SystemRandom().randrange(10**6))
# What a run must have met, so that agreement means something: accepted and refused.
MUST_MEET = {
    (kind, status)
    for kind, statuses in {
        "create": (200, 400, 409),
        "delete": (200, 400, 404),
        "rename": (200, 404, 409),
        "set_zone": (200, 400, 404),
        "set_metadata": (200, 400),
        "add_host": (200, 404, 409),
        "remove_host": (200, 404, 409),
        "set_service": (200, 400, 404),
    }.items()
    for status in statuses
}


@pytest.fixture
def aged(lab: LabClient) -> Iterator[LabClient]:
    """The lab, and its own age again afterwards."""
    age = lab.info()["age"]
    yield lab
    lab.set_age(age)


@pytest.mark.parametrize("age", SEQUENCES)
def test_model_and_nova_agree(age: str, aged: LabClient, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    aged.set_age(age)
    with capsys.disabled():
        print(f"\n{age}: {SEQUENCES[age]} sequences of {CALLS} calls, ZONEOPS_SEED={SEED}")
    model, real = ModelSide(cloud.services()), RealSide(cloud)
    met: Counter[tuple[str, int]] = Counter()
    for host in list(real.services)[:2]:  # the hosts that have a server from the start, in no zone
        both(Call("add_server", name=f"{FIRST}{host}", host=host), model, real, "the first servers", [])
    for number in range(SEQUENCES[age]):
        # Each sequence starts where the one before it ended, so that there is always something in its way.
        draw = Draw(Random(f"{SEED} {age} {number}"), sorted(real.services))
        start, made = model.shown(), list[Call]()
        for _step in range(CALLS):
            call = draw.call(
                len(model.ids) - 1, model.alive, [name for name in model.servers if not name.startswith(FIRST)]
            )
            if possible(call, model):
                met[call.kind, both(call, model, real, f"seed {SEED}, sequence {number} from {start}", made)] += 1
                made.append(call)
        assert real.shown() == model.shown(), (
            f"seed {SEED}, sequence {number} from {start}: {'; '.join(map(str, made))}"
        )
    if age == "current":
        assert not MUST_MEET - set(met), f"seed {SEED}: too tame, never met"


def both(call: Call, model: ModelSide, real: RealSide, where: str, made: list[Call]) -> int:
    """The status that the call has in the model and in nova."""
    before = model.shown()
    foreseen, came = model.make(call), real.make(call)
    if came != foreseen:
        lines = [
            f"'{call}' is {foreseen} in the model, {came} in nova",
            f"there before it: {before}, aggregates by number: {model.names}",
        ]
        lines += [f"servers: {model.servers}", where, *(f"  {earlier}" for earlier in made)]
        pytest.fail("\n".join(lines), pytrace=False)
    return came
