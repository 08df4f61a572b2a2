# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rolled out to the hosts of a zone, and what is not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane import deployments as made
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployed import Live, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import Deployment
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.hashes import config_map_hash
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.rollout import (
    Blocked,
    Options,
    Step,
    rollout,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.data_plane import GROUP, data_plane
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes

FIRST, SECOND = "r1-compute-0", "r1-compute-1"


def wanted(zone: dict[str, Any] | None = None) -> Wanted:
    whole = planes.loaded({"az0": planes.zone(0), "az1": zone or planes.zone(1)})
    return Wanted(*(item.body for item in data_plane(whole.zones["az1"], whole.region)))


def changed(**plane: Any) -> Wanted:
    zone = planes.zone(1)
    zone["data_plane"] |= plane
    return wanted(zone)


def larger() -> Wanted:
    return wanted(planes.zone(1, hosts=3))


class Cloud:
    """The operators, as far as they decide what is rolled out."""

    def __init__(self) -> None:
        self.deployments: list[dict[str, Any]] = []
        self.made = 0
        self.live = Live()
        self.status: dict[str, Any] = {}

    def apply(self, want: Wanted) -> None:
        node_set = copy.deepcopy(dict(want.node_set))
        self.status["configHash"] = json.dumps(node_set["spec"])
        node_set["status"] = self.status
        self.live = Live(copy.deepcopy(want.config_map), copy.deepcopy(want.service), node_set)

    def deploy(self, step: Step, want: Wanted, *, ours: bool = True, end: str = "done") -> None:
        """The measured dishonesty: whatever a deployment brought, the set takes it for everything."""
        found = [Deployment.of(item) for item in self.deployments]
        name = made.next_name(want.name, found)
        body = made.body(
            name, "openstack", GROUP, [want.name], step.rolls_out, step.had, services=step.services, hosts=step.hosts
        )
        if not ours:
            del body["metadata"]["annotations"]
        body["metadata"]["creationTimestamp"] = f"2026-01-01T00:{self.made // 60:02}:{self.made % 60:02}Z"
        self.made += 1
        error = {"type": "DeploymentReady", "status": "False", "message": "unreachable"}
        final, passing = error | {"reason": "BackoffLimitExceeded"}, error | {"reason": "Error", "severity": "Error"}
        body["status"] = {
            "done": {"deployed": True},
            "failed": {"conditions": [final]},
            "running": {"conditions": [passing]},
        }[end]
        self.deployments.append(body)
        if end == "done":
            self.status["deployedConfigHash"] = self.status["configHash"]
            self.status["configMapHashes"] = {"nova-extra-config-az1": config_map_hash(self.live.config_map)}

    def plan(self, want: Wanted, options: Options | None = None) -> tuple[list[Step], Blocked | None]:
        return rollout(want, self.live, [Deployment.of(item) for item in self.deployments], options or Options())

    def converge(self, want: Wanted, options: Options | None = None) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        self.apply(want)
        steps, blocked = self.plan(want, options)
        assert blocked is None, blocked
        for step in steps:
            self.deploy(step, want)
        assert self.plan(want, options) == ([], None), "a second run has to find nothing"
        return [(step.services, step.hosts) for step in steps]


@pytest.fixture
def cloud() -> Cloud:
    """A set that this collection deployed."""
    found = Cloud()
    assert found.converge(wanted()) == [((), ())]
    return found


@pytest.fixture
def foreign() -> Cloud:
    """A set that somebody else deployed, with the very same content."""
    found = Cloud()
    found.apply(wanted())
    (step,), _blocked = found.plan(wanted())
    found.deploy(step, wanted(), ours=False)
    return found


NOVA = changed(config={"DEFAULT": {"reserved_host_memory_mb": 4096}})
SHARED = changed(ansible_vars={"edpm_x": 1})
ONE = planes.zone(1)
ONE["data_plane"]["nodes"][FIRST]["ansible_vars"] = {"edpm_y": 1}


def test_novas_configuration_brings_nova_only(cloud: Cloud) -> None:
    assert cloud.converge(NOVA) == [(("nova-custom-az1",), ())]


def test_and_back_again_is_rolled_out_again(cloud: Cloud) -> None:
    cloud.converge(NOVA)
    assert cloud.converge(wanted()) == [(("nova-custom-az1",), ())]


def test_new_hosts_get_everything_and_the_others_only_their_keys(cloud: Cloud) -> None:
    assert cloud.converge(larger()) == [((), ("r1-compute-2",)), (("ssh-known-hosts",), ())]


def test_new_hosts_and_new_configuration_at_once(cloud: Cloud) -> None:
    zone = planes.zone(1, hosts=3)
    zone["data_plane"]["config"] = {"DEFAULT": {"a": 1}}
    assert cloud.converge(wanted(zone)) == [
        ((), ("r1-compute-2",)),
        (("nova-custom-az1",), (FIRST, SECOND)),
        (("ssh-known-hosts",), ()),
    ]


def test_a_host_that_left_disturbs_no_guest_of_the_others() -> None:
    cloud = Cloud()
    cloud.converge(larger())
    assert cloud.converge(wanted()) == [(("ssh-known-hosts",), ())]


def test_a_host_that_left_a_set_without_known_hosts() -> None:
    cloud, services = Cloud(), ["bootstrap", "libvirt", "nova"]
    zone = planes.zone(1, hosts=3)
    zone["data_plane"]["services"] = services
    cloud.converge(wanted(zone))
    assert cloud.converge(changed(services=services)) == [(("nova-custom-az1",), ())]


def test_a_changed_set_is_not_deployed_as_a_whole_on_hosts_with_guests(cloud: Cloud) -> None:
    cloud.apply(SHARED)
    steps, blocked = cloud.plan(SHARED)
    assert steps == []
    assert blocked is not None
    assert (blocked.rule, blocked.hosts) == ("full_deployment", (FIRST, SECOND))
    assert "r1-compute-nodes" in blocked.message


def test_unless_it_is_allowed(cloud: Cloud) -> None:
    assert cloud.converge(SHARED, Options(full=True)) == [((), ())]


def test_or_the_services_are_named(cloud: Cloud) -> None:
    assert cloud.converge(SHARED, Options(services=("run-os",))) == [(("run-os",), ())]


def test_named_services_and_novas_configuration(cloud: Cloud) -> None:
    both = changed(ansible_vars={"edpm_x": 1}, config={"DEFAULT": {"a": 1}})
    assert cloud.converge(both, Options(services=("run-os",))) == [(("run-os", "nova-custom-az1"), ())]


def test_one_hosts_own_part(cloud: Cloud) -> None:
    assert cloud.converge(wanted(ONE), Options(services=("run-os",))) == [(("run-os",), (FIRST,))]


def test_in_batches(cloud: Cloud) -> None:
    assert cloud.converge(NOVA, Options(batch=1)) == [
        (("nova-custom-az1",), (FIRST,)),
        (("nova-custom-az1",), (SECOND,)),
    ]


def test_a_run_that_ended_between_two_batches_goes_on(cloud: Cloud) -> None:
    """The operators say that all is deployed: one batch was enough for them."""
    options = Options(batch=1)
    cloud.apply(NOVA)
    steps, _blocked = cloud.plan(NOVA, options)
    cloud.deploy(steps[0], NOVA)
    assert not cloud.live.undeployed
    rest, blocked = cloud.plan(NOVA, options)
    assert blocked is None
    assert [step.hosts for step in rest] == [(SECOND,)]


def test_a_run_that_ended_before_its_deployment_goes_on(cloud: Cloud) -> None:
    cloud.apply(NOVA)
    assert cloud.converge(NOVA) == [(("nova-custom-az1",), ())]


def test_a_deployment_that_failed_brought_nothing(cloud: Cloud) -> None:
    cloud.apply(NOVA)
    (step,), _blocked = cloud.plan(NOVA)
    cloud.deploy(step, NOVA, end="failed")
    assert cloud.plan(NOVA) == ([step], None)


def test_somebody_elses_set_that_is_the_same_is_left_alone(foreign: Cloud) -> None:
    assert foreign.plan(wanted()) == ([], None)


def test_somebody_elses_set_gets_what_is_new(foreign: Cloud) -> None:
    assert foreign.plan(NOVA)[0][0].services == ("nova-custom-az1",)


def test_somebody_elses_config_map_that_is_not_rolled_out_is(foreign: Cloud) -> None:
    foreign.status["configMapHashes"] = {"nova-extra-config-az1": "n5dq"}
    assert [step.services for step in foreign.plan(wanted())[0]] == [("nova-custom-az1",)]


def test_somebody_elses_set_that_differs_is_not_deployed_as_a_whole(foreign: Cloud) -> None:
    steps, blocked = foreign.plan(SHARED)
    assert (steps, blocked.rule if blocked else "") == ([], "full_deployment")


def test_somebody_elses_host_that_leaves(foreign: Cloud) -> None:
    foreign.live.node_set["spec"]["nodes"]["r1-compute-9"] = {"hostName": "r1-compute-9"}
    assert [step.services for step in foreign.plan(wanted())[0]] == [("ssh-known-hosts",)]


def test_somebody_elses_change_is_not_hidden_behind_nova(cloud: Cloud) -> None:
    """A deployment of one service marks the whole set as deployed."""
    cloud.apply(NOVA)
    cloud.live.node_set["spec"]["tags"] = ["x"]
    cloud.status["configHash"] = "other"
    steps, blocked = cloud.plan(NOVA)
    assert steps == []
    assert blocked is not None
    assert "changes by others" in blocked.message
    assert cloud.plan(NOVA, Options(full=True))[0]


def test_deployments_of_other_sets_say_nothing(cloud: Cloud) -> None:
    cloud.deployments[0]["spec"]["nodeSets"] = ["r2-compute-nodes"]
    cloud.status.clear()
    assert cloud.plan(wanted())[0][0].reason == "first deployment of the set"


def test_an_annotation_that_nobody_understands_is_not_ours(cloud: Cloud) -> None:
    for text in ("", "no json", "[]", '{"a": 1}', '{"a": ["x"]}'):
        cloud.deployments[0]["metadata"]["annotations"] = {made.ANNOTATION: text}
        assert Deployment.of(cloud.deployments[0]).rolls_out is None, text


def test_names_are_counted_up() -> None:
    found = [{"metadata": {"name": name}} for name in ("r1-compute-nodes-2", "r1-compute-nodes-x", "other-9")]
    assert made.next_name("r1-compute-nodes", [Deployment.of(item) for item in found]) == "r1-compute-nodes-3"


def test_the_limit_as_people_write_it() -> None:
    for text, hosts in (("", ()), ("*", ()), ("all", ()), ("a", ("a",)), ("a,b", ("a", "b")), ("a:b", ("a", "b"))):
        item = {"metadata": {"name": "x"}, "spec": {"nodeSets": ["s"], "ansibleLimit": text}}
        assert Deployment.of(item).hosts == hosts
