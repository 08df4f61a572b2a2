# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration files of the services."""

from __future__ import annotations

import configparser
from dataclasses import replace
from pathlib import Path

import pytest
from zonelab.catalog import clouds_yaml, types
from zonelab.config.cinder import cinder
from zonelab.config.common import render
from zonelab.config.files import ALL_FILES, files_of
from zonelab.config.glance import glance
from zonelab.config.manila import manila
from zonelab.config.neutron import ml2, neutron
from zonelab.config.nova import nova
from zonelab.lab import Lab
from zonelab.options import Options
from zonelab.state import SERVICES, StateFolder, processes, services


@pytest.fixture
def lab() -> Lab:
    """Two zones, one with back ends."""
    public = {service: 1000 + number for number, service in enumerate(SERVICES)}
    internal = {service: 2000 + number for number, service in enumerate(SERVICES)}
    options = Options(zones=("az1", "az2"), backends=1, service_down_time=9)
    return Lab(StateFolder(Path("/state")), options, public, internal)


def read(text: str) -> configparser.RawConfigParser:
    """As oslo.config would, more or less."""
    parser = configparser.RawConfigParser(default_section="none", strict=True)
    parser.read_string(text)
    return parser


def test_values_are_written_as_oslo_config_reads_them() -> None:
    text = render({"DEFAULT": {"debug": False, "on": True, "number": 3, "text": "a b"}, "other": {}})
    assert text == "[DEFAULT]\ndebug = false\non = true\nnumber = 3\ntext = a b\n\n[other]\n"


@pytest.mark.parametrize("name", ALL_FILES)
def test_services_use_each_other_directly_so_that_faults_hit_clients_only(lab: Lab, name: str) -> None:
    config = read(render(ALL_FILES[name](lab)))
    for section in config.sections():
        for key, value in config.items(section):
            if key != "www_authenticate_uri":
                assert "127.0.0.1:1" not in value, f"[{section}] {key} = {value} is a proxy's address"


def test_stores_are_those_of_all_zones_and_the_first_is_the_default(lab: Lab) -> None:
    config = glance(lab)
    assert config["DEFAULT"]["enabled_backends"] == "az1:file,az2:file"
    assert config["glance_store"]["default_backend"] == "az1"
    assert config["az2"]["filesystem_store_datadir"] == "/state/data/glance/az2"


def test_only_the_first_zones_have_back_ends_when_told_so(lab: Lab) -> None:
    assert cinder(lab)["DEFAULT"]["enabled_backends"] == "az1"
    assert manila(lab)["DEFAULT"]["enabled_share_backends"] == "az1"
    assert cinder(lab)["az1"]["backend_availability_zone"] == manila(lab)["az1"]["backend_availability_zone"] == "az1"
    assert "az2" not in cinder(lab)


def test_second_back_end_of_a_zone_is_in_its_availability_zone(lab: Lab) -> None:
    config = cinder(replace(lab, options=replace(lab.options, volume_backends=2)))
    assert config["DEFAULT"]["enabled_backends"] == "az1,az1-2"
    assert config["az1-2"]["backend_availability_zone"] == "az1"
    assert config["az1-2"]["volume_backend_name"] == "az1-2"


def test_each_zone_has_a_physical_network_of_its_own(lab: Lab) -> None:
    ranges = ml2(lab)["ml2_type_vlan"]["network_vlan_ranges"]
    assert ranges == "physnet-az1:100:199,physnet-az2:100:199"
    assert neutron(lab)["DEFAULT"]["agent_down_time"] == 9


def test_heartbeats_fit_the_service_down_time(lab: Lab) -> None:
    for config in (nova(lab), cinder(lab), manila(lab)):
        assert (config["DEFAULT"]["service_down_time"], config["DEFAULT"]["report_interval"]) == (9, 3)


def test_clouds_are_an_administrator_and_a_plain_member(lab: Lab) -> None:
    text = clouds_yaml(lab)
    assert text.count("http://127.0.0.1:1000/v3") == 2
    assert [line.split()[-1] for line in text.splitlines() if "username" in line] == ["admin", "member"]
    assert [line.split()[-1] for line in text.splitlines() if "project_name" in line] == ["admin", "demo"]


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [("masakari", "instance-ha", "masakari/masakari.conf"), ("swift", "object-store", "swift/swift.conf")],
)
def test_some_services_are_in_the_catalog_only_where_they_are_asked_for(
    lab: Lab, name: str, kind: str, file: str
) -> None:
    with_it = replace(lab, options=Options.from_dict({**lab.options.as_dict(), name: True}))
    assert name not in {*services(lab.options), *processes(lab.options), *types(lab)}
    assert services(with_it.options) == (*SERVICES, name)
    assert processes(with_it.options) == (*processes(lab.options), name)
    assert types(with_it) == {**types(lab), name: kind}
    assert files_of(with_it).keys() - files_of(lab).keys() == {file}
    assert with_it.options.shape() != lab.options.shape()
