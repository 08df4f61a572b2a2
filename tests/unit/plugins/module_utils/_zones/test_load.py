# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The normal form, and what holds for any data whatever."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import Compute, Zone, ZoneMap
from hypothesis import given
from hypothesis import strategies as st

Map = tuple[dict[str, Any], dict[str, Any]]
SECRET = "hunter2"
FSIDS = [f"3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a0{number}" for number in range(10)]


def test_smallest_zone() -> None:
    zone = load_map({"az1": {}}, {"zones": ["az1"]}).zones["az1"]
    assert (zone.name, zone.availability_zone, zone.zone_state) == ("az1", "az1", "active")
    assert [zone.compute, zone.kubernetes, zone.ceph, zone.image_store, zone.backup] == [None] * 5


def test_a_zone_in_nova_takes_every_default() -> None:
    compute = load_map({"az1": {"compute": {}}}, {"zones": ["az1"]}).zones["az1"].compute
    assert compute == Compute(aggregate="az1", hosts=(), metadata={})


def test_what_is_left_out_stays_left_out_in_plain_data() -> None:
    zone = as_dict(load_map({"az1": {}}, {"zones": ["az1"]}))["zones"]["az1"]
    assert not {"compute", "kubernetes", "data_plane", "ceph", "image_store", "backup"} & zone.keys()


def test_an_empty_key_is_not_the_same_as_none() -> None:
    with pytest.raises(MapError, match="compute = null: has to be a mapping"):
        load_map({"az1": {"compute": None}}, {"zones": ["az1"]})


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), (False, "false"), (None, "null"), (3, "3")])
def test_values_are_shown_as_yaml_has_them(value: object, shown: str) -> None:
    with pytest.raises(MapError) as caught:
        load_map({"az1": {"availability_zone": value}}, {"zones": ["az1"]})
    assert caught.value.problems[0].value == shown


def test_defaults_follow_the_names() -> None:
    raw: dict[str, Any] = {
        "availability_zone": "az1",
        "kubernetes": {"name": "one"},
        "ceph": {"fsid": FSIDS[0]},
        "image_store": {},
        "compute": {},
    }
    raw |= {
        "volume_backends": [{}, {"name": "fast_1"}],
        "share_backends": [{"gateway": "10.0.0.1", "nfs_cluster": "one"}],
    }
    zone = load_map({"zone-1": raw}, {"zones": ["zone-1"]}).zones["zone-1"]
    assert zone.compute
    assert zone.compute.aggregate == "az1"
    assert zone.kubernetes
    assert zone.image_store
    assert (zone.kubernetes.node_label, zone.kubernetes.topology) == ("zone-1", "one-node-affinity")
    assert (zone.image_store.name, zone.image_store.type, zone.image_store.pool) == ("zone-1", "rbd", "images")
    assert [backend.kubernetes_name for backend in zone.volume_backends] == ["one", "one-fast-1"]
    assert [backend.type for backend in zone.volume_backends] == ["rbd", "rbd"]
    assert (zone.share_backends[0].type, zone.share_backends[0].protocols) == ("cephfs_nfs", ("NFS",))


def test_metadata_becomes_text() -> None:
    metadata = {"number": 1, "yes": True, "no": False, "text": "1.0", "gone": None}
    compute = load_map({"az1": {"compute": {"metadata": metadata}}}, {"zones": ["az1"]}).zones["az1"].compute
    assert compute
    assert compute.metadata == {"number": "1", "yes": "true", "no": "false", "text": "1.0", "gone": None}


def test_secrets_by_reference_and_by_the_operator() -> None:
    options: dict[str, Any] = {
        "san_password": {"secret": "s", "key": "k"},
        "cinder_store_password": "{{ .ServicePassword }}",
    }
    options |= {"rbd_secret_uuid": FSIDS[0], "use_token": True}
    load_map({"az1": {"volume_backends": [{"options": options}]}}, {"zones": ["az1"]})


def test_zones_come_in_the_regions_order() -> None:
    assert list(load_map({"b": {}, "a": {}, "c": {}}, {"zones": ["c", "a", "b"]}).zones) == ["c", "a", "b"]


def test_the_input_is_not_changed() -> None:
    zones, region = {"az1": {"compute": {"hosts": ["h"], "metadata": {"a": 1}}}}, {"zones": ["az1"]}
    before = copy.deepcopy((zones, region))
    load_map(zones, region)
    assert (zones, region) == before


# Correct maps: every zone draws from names of its own, so that nothing is shared by chance.
def _zone(number: int) -> st.SearchStrategy[dict[str, Any]]:
    name = f"az{number}"
    options = st.dictionaries(
        st.sampled_from(["a", "b_c", "use_multipath"]), st.one_of(st.booleans(), st.integers(-9, 9), st.just("x"))
    )
    ceph = st.fixed_dictionaries({"fsid": st.just(FSIDS[number])}, optional={"user": st.just("me")})
    arrays = st.lists(st.sampled_from(["fast", "slow", "tape"]), unique=True).map(
        lambda names: [{"name": item, "driver": "x.Y", "address": f"10.0.{number}.{len(item)}"} for item in names]
    )
    return st.fixed_dictionaries(
        {"ceph": ceph},
        optional={
            "availability_zone": st.sampled_from([f"Zone {number}", f"ü{number}", f"a/{number}"]),
            "zone_state": st.sampled_from(["active", "new", "maintenance", "down"]),
            "compute": st.fixed_dictionaries(
                {},
                optional={
                    "hosts": st.lists(st.integers(0, 9), unique=True).map(lambda ns: [f"{name}-{n}" for n in ns]),
                    "metadata": st.dictionaries(
                        st.sampled_from("abc"), st.one_of(st.none(), st.booleans(), st.integers())
                    ),
                    "cell": st.just(f"cell{number}"),
                },
            ),
            "kubernetes": st.fixed_dictionaries({}, optional={"load_balancer_address": st.just(f"172.17.0.{number}")}),
            "image_store": st.fixed_dictionaries({}, optional={"options": options, "description": st.just("d")}),
            "volume_backends": arrays,
            "share_backends": st.just([{"name": f"cephfs-{number}"}]),
            "storage_networks": st.just([f"10.1.{number}.0/24"]),
        },
    )


@st.composite
def maps(draw: st.DrawFn) -> Map:
    count = draw(st.integers(1, 4))
    zones = {f"az{number}": draw(_zone(number)) for number in range(1, count + 1)}
    return zones, {"zones": draw(st.permutations(list(zones)))}


@given(maps())
def test_normal_form_is_its_own(data: Map) -> None:
    zone_map = load_map(*data)
    normal = as_dict(zone_map)
    assert load_map(**normal) == zone_map
    assert as_dict(load_map(**normal)) == normal


MUTATIONS = {
    "availability_zone": "a:b",
    "zone_state": "gone",
    "compute": {"hosts": ["x y"]},
    "ceph": {"fsid": "1"},
    "image_store": {"type": "tape"},
    "volume_backends": [{"name": "DEFAULT"}],
    "share_backends": [{"name": "a b"}],
    "storage_networks": ["10.0.0.1/8"],
    "unknown": 1,
}
PLACES = {
    "compute": "compute.hosts[0]",
    "ceph": "ceph.fsid",
    "image_store": "image_store.type",
    "volume_backends": "volume_backends[0].name",
    "share_backends": "share_backends[0].name",
    "storage_networks": "storage_networks[0]",
}


@given(maps(), st.data(), st.sampled_from(sorted(MUTATIONS)))
def test_what_breaks_a_rule_is_reported_where_it_is(data: Map, draws: st.DataObject, key: str) -> None:
    zones, region = data
    zone = draws.draw(st.sampled_from(sorted(zones)))
    zones[zone][key] = MUTATIONS[key]
    with pytest.raises(MapError) as caught:
        load_map(zones, region)
    assert (zone, PLACES.get(key, key)) in [(problem.zone, problem.path) for problem in caught.value.problems]


@given(maps(), st.data())
def test_a_host_of_another_zone_is_reported(data: Map, draws: st.DataObject) -> None:
    zones, region = data
    hosts = [(zone, host) for zone, raw in zones.items() for host in raw.get("compute", {}).get("hosts", [])]
    if not hosts or len(zones) < 2:
        return
    owner, host = draws.draw(st.sampled_from(hosts))
    thief = draws.draw(st.sampled_from([zone for zone in zones if zone != owner]))
    zones[thief].setdefault("compute", {}).setdefault("hosts", []).append(host)
    with pytest.raises(MapError) as caught:
        load_map(zones, region)
    (problem,) = caught.value.problems
    assert problem.path.startswith("compute.hosts[")
    assert {problem.zone, owner, thief} == {owner, thief}


KEYS = [
    "compute",
    "hosts",
    "metadata",
    "options",
    "san_password",
    "kubernetes",
    "volume_backends",
    "zones",
    "name",
    "ceph",
]
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.dates()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(KEYS), st.text(max_size=3), st.integers(), st.none()), inner, max_size=4
        ),
    ),
    max_leaves=20,
)


@given(ANYTHING, ANYTHING)
def test_any_data_give_a_map_or_a_map_error(zones: Any, region: Any) -> None:
    try:
        assert isinstance(load_map(zones, region), ZoneMap)
    except MapError as error:
        assert error.problems
        assert all("\n" not in str(problem) for problem in error.problems)
        str(error).encode()  # can be written to any terminal


FIELDS = ["compute", "kubernetes", "image_store", "volume_backends", "share_backends", "ceph", "backup", "zone_state"]
SECRETS = st.sampled_from(
    [
        {"password": SECRET},
        {"metadata": {"api_token": SECRET}},
        {"options": {"san_password": SECRET}},
        {"options": {"netapp_password": [SECRET]}},
        {"options": {"x": {"secret": SECRET, "key": SECRET + "!"}}},
        {"options": {"x": {"secret": "s", SECRET: "k"}}},
        {"options": {"url": f"http://me:{SECRET}@host/"}},
        {"config_secrets": [SECRET + " "]},
        {"config_secrets": SECRET + " "},
        {"private_key": f"-----BEGIN KEY-----{SECRET}"},
        {"name": f"-----BEGIN KEY-----{SECRET}"},
        {"files_secret": SECRET + "!"},
    ]
)


@given(st.sampled_from(FIELDS), SECRETS, st.booleans())
def test_no_message_shows_a_secret(field: str, secret: dict[str, Any], in_a_list: bool) -> None:
    with pytest.raises(MapError) as caught:
        load_map({"az1": {field: [secret] if in_a_list else secret}}, {"zones": ["az1"]})
    assert SECRET not in str(caught.value)


def test_a_hundred_zones_of_a_hundred_hosts_take_no_time() -> None:
    zones = {f"az{zone}": {"compute": {"hosts": [f"h-{zone}-{host}" for host in range(100)]}} for zone in range(100)}
    start = time.process_time()
    zone_map = load_map(zones, {"zones": list(zones)})
    assert sum(len(zone.compute_hosts) for zone in zone_map.zones.values()) == 10_000
    assert time.process_time() - start < 1
    assert isinstance(zone_map.zones["az99"], Zone)
