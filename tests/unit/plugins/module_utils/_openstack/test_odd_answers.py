# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of another shape than the API documents: our own error, which names the request, and never one of Python's."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.placement import Placement
from ansible_collections.zoneops.openstack.plugins.module_utils._identity.keystone import Keystone
from ansible_collections.zoneops.openstack.plugins.module_utils._image.glance import Glance
from ansible_collections.zoneops.openstack.plugins.module_utils._network.neutron import Neutron
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import Answer, ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.look import Look
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.service import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._region.entries import SERVICES
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.manila import Manila
from hypothesis import given, settings
from hypothesis import strategies as st


class Odd(Service):
    """A service whose answers are what a test says."""

    def __init__(self, answers: Iterable[Any], service_type: str = "compute") -> None:
        self.service_type = service_type
        self.last = service_type
        self._answers = None
        self._look = Look()
        self._given = iter(answers)

    def maximum(self) -> tuple[int, int]:
        return (2, 96)

    def negotiate(self, best: tuple[int, int], least: tuple[int, int]) -> str:
        return "2.96"

    def _request(self, method: str, path: str, retries: Mapping[str, Any], **kwargs: Any) -> Answer:
        self.last = call = f"{self.service_type} API: {method} {path}"
        return Answer(call, next(self._given, {}))


def services(name: str, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What readers of the list make of it."""
    return [SERVICES[name](entry) for entry in listed]


CALLS: dict[str, Callable[[Service], Any]] = {
    "nova aggregates": lambda api: Nova(api).aggregates(),
    "nova lock": lambda api: Nova(api).lock(),
    "nova services": lambda api: services("nova", Nova(api).services()),
    "nova hosts": lambda api: Nova(api).hosts(),
    "nova zones": lambda api: Nova(api).availability_zones(),
    "nova servers": lambda api: Nova(api).servers(),
    "nova migrations": lambda api: Nova(api).unfinished_migrations("h"),
    "nova providers": lambda api: Nova(api).providers(["h"], of=1),
    "nova all providers": lambda api: Nova(api).all_providers(),
    "nova instances": lambda api: Nova(api).instances(),
    "nova create": lambda api: Nova(api).create_aggregate("a", "z"),
    "placement consumers": lambda api: Placement(api).consumers("p"),
    "placement members": lambda api: Placement(api).members("a"),
    "placement disabled": lambda api: Placement(api).is_disabled("p"),
    "placement change": lambda api: Placement(api).change_aggregates("p", lambda found: found | {"a"}),
    "cinder services": lambda api: services("cinder", Cinder(api).services()),
    "cinder found services": lambda api: Cinder(api).found_services(),
    "cinder zones": lambda api: Cinder(api).availability_zones(),
    "cinder pools": lambda api: Cinder(api).pools(),
    "cinder types": lambda api: Cinder(api).types(),
    "cinder default type": lambda api: Cinder(api).default_type(),
    "cinder projects": lambda api: Cinder(api).projects("t"),
    "cinder volumes": lambda api: Cinder(api).volumes_of("t", 5),
    "cinder image volumes": lambda api: Cinder(api).image_volumes(),
    "cinder qos": lambda api: Cinder(api).qos_specs(),
    "manila services": lambda api: services("manila", Manila(api).services()),
    "manila share services": lambda api: Manila(api).share_services(),
    "manila zones": lambda api: Manila(api).availability_zones(),
    "manila pools": lambda api: Manila(api).pools(),
    "manila types": lambda api: Manila(api).types(),
    "manila default type": lambda api: Manila(api).default_type(),
    "manila projects": lambda api: Manila(api).projects_of("t"),
    "manila shares": lambda api: Manila(api).shares(),
    "manila instances": lambda api: Manila(api).instances(),
    "manila exports": lambda api: Manila(api).exports_of("i"),
    "manila rules": lambda api: Manila(api).rules_of("s"),
    "glance stores": lambda api: Glance(api).stores(),
    "glance detailed stores": lambda api: Glance(api).detailed_stores(),
    "glance images": lambda api: Glance(api).images(),
    "glance image": lambda api: Glance(api).image("i"),
    "glance tasks": lambda api: Glance(api).tasks("i"),
    "glance create": lambda api: Glance(api).create({}),
    "keystone projects": lambda api: Keystone(api).projects(["p"]),
    "neutron agents": lambda api: services("neutron", Neutron(api).agents()),
    "neutron zones": lambda api: Neutron(api).availability_zones(),
}
PARTS: dict[str, type] = {
    "nova": Nova,
    "placement": Placement,
    "cinder": Cinder,
    "manila": Manila,
    "glance": Glance,
    "keystone": Keystone,
    "neutron": Neutron,
}


def keys_of(name: str) -> list[str]:
    """The keys that a reader knows."""
    module = inspect.getmodule(PARTS[name.partition(" ")[0]])
    return sorted(set(re.findall(r'"([A-Za-z_:-]+)"', inspect.getsource(module))))  # type: ignore[arg-type]


def odd(random: Random, keys: list[str], depth: int) -> Any:
    """JSON that consists of what a reader looks for, in any shape."""
    leaves = [None, True, 3, 1.5, "", "x", "nova-compute", random.choice(keys)]
    kind = random.random()
    if depth == 0 or kind < 0.3:
        return random.choice(leaves)
    if kind < 0.6:
        return [odd(random, keys, depth - 1) for _number in range(random.randint(0, 2))]
    few = random.sample(keys, random.randint(0, min(12, len(keys))))
    return {key: odd(random, keys, depth - 1) for key in few}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_error_but_ours(name: str, seed: int) -> None:
    random, keys = Random(seed), keys_of(name)
    bodies = [{key: odd(random, keys, 2) for key in keys} for _number in range(3)]
    try:
        CALLS[name](Odd(bodies))
    except ZoneopsError as error:
        assert "compute API: " in error.message


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        (
            "nova aggregates",
            {"aggregates": None},
            r"GET /os-aggregates: the answer does not match .* \(null is not iterable\)",
        ),
        ("nova aggregates", {}, r"GET /os-aggregates: the answer has no 'aggregates'"),
        (
            "nova aggregates",
            {"aggregates": [{"id": 1}]},
            r"GET /os-aggregates: the answer has no '\w+' in aggregates\[0\]",
        ),
        ("nova aggregates", {"aggregates": {"a": 1}}, r"GET /os-aggregates: the answer does not match"),
        (
            "cinder services",
            {"services": ["x"]},
            r"GET /os-services: the answer does not match .* items that are not objects",
        ),
        ("neutron agents", {"agents": [None]}, r"GET /agents: 'agents' of the answer is no list of objects"),
        (
            "nova servers",
            {"servers": [], "servers_links": 5},
            r"GET /servers/detail: 'servers_links' of the answer is no",
        ),
    ],
)
def test_the_request_is_named(call: str, body: dict[str, Any], expected: str) -> None:
    with pytest.raises(ApiError, match=f"compute API: {expected}"):
        CALLS[call](Odd([body]))


def test_an_odd_answer_to_a_write_is_uncertain() -> None:
    with pytest.raises(ApiError) as caught:
        Nova(Odd([{"aggregate": 5}])).create_aggregate("a", "z")
    assert caught.value.uncertain
