# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects get another default volume type: those that are meant, once, and what they had is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.default_types import DefaultTypes
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.defaults.model import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.defaults.reconcile import (
    ProjectDefaults,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError, CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_file, zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    version_document,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    StandIn as StandInCloud,
)

from .stand_in import StandIn

MAP = zone_map(az1="a", az2="b", az3=zone_file("c", zone_state="down"))
ZONE = "RESKEY:availability_zones"
OWN = "admin"


@dataclass
class Defaults:
    """Of cinder, in memory.

    :ivar found: the id of the type by project.
    :ivar gone: projects that keystone does not know.
    """

    found: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def all(self) -> dict[str, str]:
        self.calls.append("all")
        return dict(self.found)

    def exists(self, project: str) -> bool:
        self.calls.append(f"exists {project}")
        return project not in self.gone

    def put(self, project: str, type_id: str) -> None:
        self.calls.append(f"put {project}")
        if project in self.gone:
            raise ApiError("404", status=404)
        self.found[project] = type_id


class Region:
    """One in which two projects have a type of the first zone, and one has another."""

    def __init__(self) -> None:
        self.cinder = StandIn()
        for name, zones in (("one", "az1"), ("two", "az2"), ("three", "az3"), ("any", ""), ("both", "az1,az3")):
            self.cinder.add_type(name, {ZONE: zones} if zones else {})
        self.cinder.add_type("secret", {}, public=False)
        self.defaults = Defaults({"p1": self.id("one"), "p2": self.id("one"), "p3": self.id("any")})

    def id(self, name: str) -> str:
        return self.cinder.named()[name].id

    def names(self) -> dict[str, str]:
        return {project: self.cinder.types_by_id[number].name for project, number in self.defaults.found.items()}

    def run(self, types: dict[str, str], *projects: str, check: bool = False) -> Verdict:
        options = Options("az1", types, projects or None)
        reconciler = ProjectDefaults(
            cast(Cinder, self.cinder), cast(DefaultTypes, self.defaults), OWN, MAP, ("az1",), options
        )
        return Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()["az1"]


def rules(verdict: Verdict) -> list[str]:
    return [one.rule for one in verdict.refusals]


@pytest.fixture
def region() -> Region:
    return Region()


def test_projects_with_the_type_get_the_other_one(region: Region) -> None:
    check = region.run({"one": "two"}, check=True)
    assert sorted(region.defaults.calls) == ["all", "exists p1", "exists p2"]
    done = region.run({"one": "two"})
    assert (done.errors, [one.text for one in done.plan]) == ([], [one.text for one in check.plan])
    assert (done.after, region.names()) == (check.after, {"p1": "two", "p2": "two", "p3": "any"})
    assert [one.as_dict()["undo"] for one in done.plan] == [
        f"cinder --os-volume-api-version 3.62 default-type-set one {project}" for project in ("p1", "p2")
    ]
    assert done.plan[0].text == "set the default volume type of project p1 to two (was one)"
    region.defaults.calls.clear()
    region.cinder.calls.clear()
    assert (region.run({"one": "two"}).changed, region.defaults.calls, region.cinder.calls) == (
        False,
        ["all"],
        ["types"],
    )


def test_projects_that_are_named_get_one_of_their_own(region: Region) -> None:
    region.cinder.default = region.cinder.named()["one"]
    done = region.run({"one": "two"}, "p2", "p4")
    assert (done.errors, region.names()) == ([], {"p1": "one", "p2": "two", "p3": "any", "p4": "two"})
    (last,) = [one.as_dict() for one in done.plan if one.as_dict()["project"] == "p4"]
    assert (last["before"], last["undo"]) == (None, "cinder --os-volume-api-version 3.62 default-type-unset p4")
    assert not region.run({"one": "two"}, "p2", "p4").changed


def test_what_projects_get_without_one_can_be_another_type_or_unseen(region: Region) -> None:
    left = region.run({"one": "two"}, "p4")
    assert "gets __DEFAULT__, which option 'types' does not name" in left.warnings[0]
    region.cinder.default = region.cinder.named()["one"]
    region.defaults.found[OWN] = region.id("one")
    left = region.run({"one": "two"}, "p4")
    assert "it cannot be seen which one cinder is configured with" in left.warnings[0]
    assert (left.changed, "p4" in region.names()) == (False, False)


@pytest.mark.parametrize(
    ("types", "rule", "said"),
    [
        ({"one": "tow"}, "unknown_type", "no volume type named tow"),
        ({"none": "two"}, "unknown_type", "no volume type named none"),
        ({"one": "three"}, "type_in_zone", "volume type three is only in zones that are away (az3)"),
        ({"one": "both"}, "type_in_zone", "az1, az3"),
        ({"one": "secret"}, "private_type", "openstack volume type set --project p1 secret"),
    ],
)
def test_types_that_are_refused(region: Region, types: dict[str, str], rule: str, said: str) -> None:
    before = region.names()
    refused = region.run(types)
    assert set(rules(refused)) == {rule}
    assert said in refused.refusals[0].message
    assert region.names() == before


def test_a_private_type_that_projects_may_use(region: Region) -> None:
    region.cinder.access[region.id("secret")] = {"p1", "p2"}
    assert region.run({"one": "secret"}).errors == []
    assert region.names()["p1"] == "secret"


def test_projects_that_are_gone(region: Region) -> None:
    region.defaults.gone = {"p1"}
    done = region.run({"one": "two"})
    assert (done.failed, region.names()["p1"], region.names()["p2"]) == (False, "one", "two")
    assert "keystone knows them no more: projects p1" in done.warnings[0]
    assert rules(region.run({"one": "two"}, "p1")) == ["unknown_project"]
    assert rules(region.run({"one": "two"}, "p9")) == []
    region.defaults.gone = {"p9"}
    assert rules(region.run({"one": "two"}, "p9")) == ["unknown_project"]


def test_a_type_that_is_not_bound_to_the_zone_is_said(region: Region) -> None:
    done = region.run({"any": "two"})
    assert "volume type any is not bound to zone az1 alone" in done.warnings[0]
    assert region.names()["p3"] == "two"


def test_a_type_that_cinder_does_not_list(region: Region) -> None:
    region.defaults.found["p5"] = "deleted"
    assert region.run({"one": "two"}).errors == []
    assert region.defaults.found["p5"] == "deleted"


@pytest.fixture
def calls(cloud: StandInCloud) -> DefaultTypes:
    cloud.on("GET", "/volume", version_document("3.71", "3.0"))
    return DefaultTypes(connect(cloud.params()).service("block-storage"))


def test_calls(cloud: StandInCloud, calls: DefaultTypes) -> None:
    path = "/volume/default-types"
    cloud.on_get(path, {"default_types": [{"project_id": "p1", "volume_type_id": "t1"}]})
    assert calls.all() == {"p1": "t1"}
    for project, status, message in (
        ("p1", 200, ""),
        ("p2", 404, "Default type for project p2 not found."),
        ("p3", 404, "Project with id p3 not found."),
    ):
        cloud.on("GET", f"{path}/{project}", Answer(status, {"itemNotFound": {"code": status, "message": message}}))
    assert [calls.exists(project) for project in ("p1", "p2", "p3")] == [True, True, False]
    cloud.on("GET", f"{path}/p4", Answer(403, {"forbidden": {"code": 403, "message": "no"}}))
    with pytest.raises(ApiError):
        calls.exists("p4")
    cloud.on("PUT", f"{path}/p1", Answer(200, {"default_type": {}}))
    calls.put("p1", "t2")
    assert cloud.seen[-1] == ("PUT", f"{path}/p1")
    assert cloud.headers[-1]["OpenStack-API-Version"] == "volume 3.62"


def test_a_cinder_that_is_too_old(cloud: StandInCloud) -> None:
    cloud.on("GET", "/volume", version_document("3.59", "3.0"))
    with pytest.raises(CloudError, match=r"at least 3\.62 is needed"):
        DefaultTypes(connect(cloud.params()).service("block-storage")).all()
