# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only accepted zones change what zones share in the control plane; the same property as of types and images in `_zones/test_shared.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply import fields
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied, zone_manager
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.shared_lists import (
    Kept,
    Zones,
    dig,
    kept,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.ini import read
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import (
    CONFIG,
    body_of,
    region_part,
    region_spec,
    zone_part,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal.steps import without
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import (
    SmallCluster,
    made,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import FSIDS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

NAMES = ("az1", "az2", "az3")
SERVICES = ("image_store", "volume_backends", "share_backends")
Lists = dict[str, frozenset[str]]
zone_names = st.frozensets(st.sampled_from(NAMES), min_size=1)


def zone_map(
    names: Collection[str],
    *,
    renamed: bool = False,
    without_service: str = "",
    without_secret: str = "",
    backup: Mapping[str, Any] | None = None,
    **services: Any,
) -> ZoneMap:
    """Zones on Ceph. `renamed`: az1 has a new availability zone, and a store of that name."""
    zones: dict[str, Any] = {}
    for name in sorted(names):
        zones[name] = {
            "kubernetes": {},
            "ceph": {"fsid": FSIDS["az1"][:-1] + name[-1], "files_secret": f"files-{name}"},
            "image_store": {"config_secrets": [f"store-{name}"]},
            "volume_backends": [{}],
            "share_backends": [{"name": f"cephfs_{name}", "kubernetes_name": name}],
        }
        if name == "az3":
            zones[name]["share_backends"].append({"name": "nas", "driver": "x.Y", "protocols": ["NFS"]})
    if renamed and "az1" in zones:
        zones["az1"] |= {"availability_zone": "north", "image_store": {**zones["az1"]["image_store"], "name": "north"}}
    for zone in zones.values():
        zone.pop(without_service, None)
    if without_secret:
        del zones[without_secret]["image_store"]["config_secrets"]
    more = {"backup": backup} if backup else {}
    region = {"zones": list(zones), **more, "kubernetes": {"services": {"ceph_files_secret": "all", **services}}}
    return load_map(zones, region)


@cache
def loaded(names: frozenset[str], renamed: bool = False) -> ZoneMap:
    return zone_map(names, renamed=renamed)


@cache
def cluster_of(names: frozenset[str]) -> dict[str, Any]:
    return cluster_with(loaded(names))


def cluster_with(wanted: ZoneMap) -> dict[str, Any]:
    """The control plane object after a run for all zones of the map."""
    plane = body_of(wanted, {})
    cluster = SmallCluster(made(plane, "installer"))
    parts = [part for part in region_part(wanted) if part.ref.kind == plane["kind"]]
    parts += [zone_part(wanted, name) for name in wanted.zones]
    for part in parts:
        apply(cluster, part)
    return next(iter(cluster.objects.values()))


def apply(cluster: SmallCluster, part: Applied) -> None:
    cluster.apply(part.ref, part.body, part.manager, dry_run=False)


def config(spec: Mapping[str, Any], *path: str) -> dict[str, dict[str, Any]]:
    return read(dig(spec, path).get(CONFIG))


def glance(spec: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return config(spec, "glance", "template", "glanceAPIs", "default")


def lists(spec: Mapping[str, Any]) -> Lists:
    """What zones share."""
    stores = str(dig(glance(spec), ("DEFAULT",)).get("enabled_backends", ""))
    manila = dig(config(spec, "manila", "template", "manilaAPI"), ("DEFAULT",))
    entries = [entry for item in spec.get("extraMounts", []) for entry in item["extraVol"]]
    return {
        "stores": frozenset(item.partition(":")[0] for item in stores.split(",") if item),
        "places": frozenset(str(manila.get("storage_availability_zone", "")).split(",")) - {""},
        "mounts": frozenset(entry["volumes"][0]["name"].removeprefix("ceph-") for entry in entries) - {"ceph"},
        "secrets": frozenset(
            name.removeprefix("store-")
            for name in dig(spec, ("glance", "template", "glanceAPIs", "default")).get("customServiceConfigSecrets", [])
        ),
    }


def after_run(live: Mapping[str, Any], wanted: ZoneMap, accepted: Collection[str]) -> Kept:
    return kept(Zones(wanted, frozenset(accepted)), region_spec(wanted), live)


@settings(deadline=None, max_examples=40)
@given(there=zone_names, inventory=zone_names, accepted=st.frozensets(st.sampled_from(NAMES)), renamed=st.booleans())
def test_only_accepted_zones_change_what_is_shared(
    there: frozenset[str], inventory: frozenset[str], accepted: frozenset[str], renamed: bool
) -> None:
    live = cluster_of(there)
    wanted = loaded(inventory, renamed)
    accepted &= inventory
    found = after_run(live, wanted, accepted)
    before, after = lists(live["spec"]), lists(found.spec)
    new = {"az1": "north"} if renamed else {}
    stores = {new.get(zone, zone) for zone in accepted}
    for name in before:
        called = stores if name in ("stores", "places") else accepted
        assert after[name] - before[name] <= called
        assert called <= after[name]
        # Nothing says whose a Secret is, so they go when every store is of an accepted zone.
        free = set(NAMES) if name == "secrets" and after["stores"] <= stores else set()
        assert before[name] - after[name] <= ({"az1"} if renamed and "az1" in accepted else free), name
    for name in after["stores"] - stores:
        assert glance(found.spec)[name] == glance(live["spec"])[name]
    if after["stores"]:
        assert set(glance(found.spec)) - {"DEFAULT", "glance_store"} == after["stores"]
    # What is asked for is what is there afterwards: a second run changes nothing.
    assert after_run(fields.merged(live, {"spec": found.spec}), wanted, accepted).spec == found.spec


@settings(deadline=None, max_examples=40)
@given(there=zone_names, inventory=zone_names, leaving=st.sampled_from(NAMES))
def test_a_removal_takes_only_what_is_of_its_zone(
    there: frozenset[str], inventory: frozenset[str], leaving: str
) -> None:
    """Also with zones missing in the inventory, and others in it that are not applied yet."""
    assume(inventory != {leaving})
    live = cluster_of(there)
    wanted = loaded(inventory | {leaving})
    rest = without(wanted, frozenset([leaving]))
    found = kept(Zones(rest, frozenset(), (wanted.zones[leaving],)), region_spec(rest), live)
    before, after = lists(live["spec"]), lists(found.spec)
    for name in before:
        assert after[name] == before[name] - {leaving}, name


def test_a_run_for_all_zones_asks_for_what_the_map_says() -> None:
    for names in (("az1",), NAMES):
        wanted = zone_map(names)
        found = after_run(cluster_with(wanted), wanted, names)
        assert found.spec == region_spec(wanted)
        assert not list(found.notes())


def test_a_zone_that_left_the_inventory_is_noted_with_what_to_do() -> None:
    live, wanted = cluster_with(zone_map(NAMES)), zone_map(("az1", "az2"))
    notes = list(after_run(live, wanted, wanted.zones).notes())
    assert len(notes) == 3
    assert notes[0].startswith("the shared part of the control plane: mounts ceph-az3 are kept in it")
    assert all("zone_remove" in note for note in notes)


def test_a_zone_that_left_keeps_protocols_and_defaults() -> None:
    live = cluster_with(zone_map(NAMES))
    wanted = zone_map(("az2", "az1"))
    manila = config(after_run(live, wanted, wanted.zones).spec, "manila", "template", "manilaAPI")["DEFAULT"]
    assert manila["enabled_share_protocols"] == "cephfs,nfs"
    # az1 is the first zone of the region, so volumes and images without a zone go there.
    wanted = zone_map(("az2", "az3"))
    spec = after_run(live, wanted, wanted.zones).spec
    assert glance(spec)["glance_store"]["default_backend"] == "az1"
    assert config(spec, "cinder", "template")["DEFAULT"]["storage_availability_zone"] == "az1"
    # A person who names the default zone says so.
    wanted = zone_map(("az2", "az3"), default_zone="az2")
    spec = after_run(live, wanted, wanted.zones).spec
    assert glance(spec)["glance_store"]["default_backend"] == "az2"
    assert config(spec, "cinder", "template")["DEFAULT"]["storage_availability_zone"] == "az2"


def test_an_accepted_zone_that_is_renamed_gives_its_old_name_up() -> None:
    live, wanted = cluster_with(zone_map(NAMES)), zone_map(NAMES, renamed=True)
    found = after_run(live, wanted, NAMES)
    assert lists(found.spec)["stores"] == lists(found.spec)["places"] == {"north", "az2", "az3"}
    assert config(found.spec, "cinder", "template")["DEFAULT"]["storage_availability_zone"] == "north"
    assert not list(found.notes())
    refused = after_run(live, wanted, ("az2", "az3"))
    assert lists(refused.spec) == lists(live["spec"])
    assert config(refused.spec, "cinder", "template")["DEFAULT"]["storage_availability_zone"] == "az1"
    assert any("image stores north are not added" in note for note in refused.notes())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_only_a_missing_zone_has_keeps_its_shared_part(service: str) -> None:
    wanted = zone_map(("az1", "az2"), without_service=service)
    name = {"image_store": "glance", "volume_backends": "cinder", "share_backends": "manila"}[service]
    live = cluster_with(wanted)
    cluster = SmallCluster(live)
    whole = zone_map(NAMES)
    region = region_spec(whole)
    for part in region_part(whole):
        if part.ref.kind == live["kind"]:
            apply(cluster, part)
    apply(cluster, zone_part(whole, "az3"))
    now = next(iter(cluster.objects.values()))
    found = after_run(now, wanted, wanted.zones)
    assert dig(found.spec, (name,))
    if service == "volume_backends":
        assert found.spec[name] == region[name]
    else:
        assert "az3" in lists(found.spec)["stores" if service == "image_store" else "places"]


def test_an_accepted_zone_without_a_service_gives_it_up() -> None:
    live, wanted = cluster_with(zone_map(NAMES)), zone_map(NAMES, without_service="share_backends")
    assert "manila" not in after_run(live, wanted, NAMES).spec
    # What az3 was there with is its own to give up.
    assert lists(after_run(live, wanted, ("az1", "az2")).spec)["places"] == {"az3"}


def test_zones_are_told_by_their_managers() -> None:
    assert zone_manager("az1") in {
        entry["manager"] for entry in cluster_with(zone_map(("az1",)))["metadata"]["managedFields"]
    }


def tokens(found: Kept) -> list[str]:
    """Which pods see the clusters of all zones."""
    entries = found.spec["extraMounts"][0]["extraVol"]
    return [token for entry in entries if entry["volumes"][0]["name"] == "ceph" for token in entry["propagation"]]


def test_pods_keep_seeing_all_clusters_only_while_a_zone_is_away() -> None:
    live, here = cluster_with(zone_map(NAMES)), ("az1", "az2")
    volumes = live["spec"]["extraMounts"][0]["extraVol"]
    (wide,) = [entry for entry in volumes if entry["volumes"][0]["name"] == "ceph"]
    wide["propagation"].append("ManilaShare-old")
    assert "ManilaShare-old" in tokens(after_run(live, zone_map(here), here))
    assert "ManilaShare-old" not in tokens(after_run(live, zone_map(NAMES), NAMES))
    volumes.remove(wide)
    assert "ManilaShare-old" not in tokens(after_run(live, zone_map(here), here))


def test_a_zone_that_is_refused_and_was_never_there_adds_no_protocol_and_no_secret() -> None:
    live, wanted = cluster_with(zone_map(("az1",), without_secret="az1")), zone_map(NAMES, without_secret="az1")
    spec = after_run(live, wanted, ("az1",)).spec
    assert config(spec, "manila", "template", "manilaAPI")["DEFAULT"]["enabled_share_protocols"] == "cephfs"
    assert "customServiceConfigSecrets" not in dig(spec, ("glance", "template", "glanceAPIs", "default"))


def test_volumes_without_a_zone_go_to_the_first_zone_that_is_made() -> None:
    """The first zone of the region is refused, and nothing is there yet."""
    wanted = zone_map(NAMES)
    live = made(body_of(wanted, {}), "installer")
    zones = {
        name: config(after_run(live, wanted, accepted).spec, "cinder", "template")["DEFAULT"]
        for name, accepted in (("az1", NAMES), ("az2", ("az2", "az3")))
    }
    assert zones == {name: {"storage_availability_zone": name} for name in zones}


@pytest.mark.parametrize("release", ["18.0-fr4", "18.0-fr6"])
def test_backup_services_of_the_region_are_as_the_map_says(release: str) -> None:
    """Older releases have one of them and no name for it."""
    wanted = zone_map(
        NAMES,
        backup={"mode": "spread", "target": {"type": "nfs", "address": "10.0.0.1", "path": "/b"}},
        release=release,
    )
    template = dig(after_run(cluster_with(wanted), wanted, NAMES).spec, ("cinder", "template"))
    assert template == region_spec(wanted)["cinder"]["template"]
    assert ("cinderBackups" in template) == (release == "18.0-fr6")
