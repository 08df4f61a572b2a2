# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a lab."""

from __future__ import annotations

import pytest
from zonelab.errors import LabError
from zonelab.hosts import ComputeHost, hosts_of, zone_of
from zonelab.options import Options, parse_zones


@pytest.mark.parametrize(
    ("text", "zones"), [("2", ("az1", "az2")), ("north, south", ("north", "south")), ("north", ("north",))]
)
def test_zones_are_a_number_or_names(text: str, zones: tuple[str, ...]) -> None:
    assert parse_zones(text) == zones


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"zones": ("a b",)}, r"zone names \['a b'\]"),
        ({"zones": ("a", "a")}, "each name once"),
        ({"zones": ()}, "at least one"),
        ({"hosts": 0}, "--hosts 0"),
        ({"hosts": 0, "record_hosts": 1, "declared": True}, "there is none"),
        ({"record_hosts": -1}, "--record-hosts -1"),
        ({"backends": 4}, "give 1 to 3"),
        ({"volume_backends": 0}, "--volume-backends 0"),
        ({"zones": ("a", "a-2"), "volume_backends": 2}, "a zone has the name"),
        ({"backups": "nowhere"}, "give one of per_zone, zone, spread"),
        ({"service_down_time": 2}, "at least 3 seconds"),
        ({"report_seconds": 0}, "at least 1 second"),
    ],
)
def test_what_could_not_boot_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(LabError, match=message):
        Options(**values)  # type: ignore[arg-type]


def test_options_survive_the_file() -> None:
    options = Options(zones=("a", "b"), hosts=3, record_hosts=4, backends=1, service_down_time=9, backups="spread")
    assert Options.from_dict(options.as_dict()) == options


def test_shape_tells_what_the_databases_hold_and_nothing_else() -> None:
    assert Options(service_down_time=9).shape() == Options().shape()
    assert Options(backends=3).shape() == Options().shape()
    assert Options(hosts=3).shape() != Options().shape()


def test_volume_back_ends_are_named_after_their_zone() -> None:
    options = Options(zones=("a", "b", "c"), backends=2, volume_backends=2)
    assert options.volume_backend_zones == {"a": "a", "a-2": "a", "b": "b", "b-2": "b"}


@pytest.mark.parametrize(
    ("mode", "hosts", "targets"),
    [
        ("per_zone", {"lab-a": "a", "lab-b": "b"}, ("a", "b")),
        ("spread", {"lab-a": "a", "lab-b": "b"}, ("target",)),
        ("zone", {"lab-a-0": "a", "lab-a-1": "a", "lab-a-2": "a"}, ("target",)),
    ],
)
def test_backup_services_are_where_the_mode_says(mode: str, hosts: dict[str, str], targets: tuple[str, ...]) -> None:
    options = Options(zones=("a", "b"), backups=mode)
    assert (options.backup_hosts, options.backup_targets) == (hosts, targets)


@pytest.mark.parametrize("down_time", [3, 6, 25, 60, 600])
def test_several_heartbeats_fit_into_the_service_down_time(down_time: int) -> None:
    interval = Options(service_down_time=down_time).report_interval
    assert 1 <= interval <= 10
    assert 3 * interval <= down_time


def test_services_report_as_often_as_asked() -> None:
    assert Options(report_seconds=2).report_interval == 2
    assert Options(report_seconds=9, service_down_time=6).report_interval == 2


def test_hosts_are_named_after_their_zone_and_records_come_last() -> None:
    hosts = hosts_of(Options(zones=("az1", "az2"), hosts=1, record_hosts=1))
    assert hosts == [
        ComputeHost("compute-az1-0", "az1"),
        ComputeHost("compute-az1-1", "az1", record=True),
        ComputeHost("compute-az2-0", "az2"),
        ComputeHost("compute-az2-1", "az2", record=True),
    ]


@pytest.mark.parametrize(
    ("name", "zone"), [("compute-az1-x", "az1"), ("compute-az11-0", None), ("compute-az1", None), ("other", None)]
)
def test_zone_is_read_from_a_hosts_name(name: str, zone: str | None) -> None:
    assert zone_of(name, Options(zones=("az1", "az2"))) == zone


def test_a_lab_whose_hosts_are_declared_needs_none() -> None:
    assert hosts_of(Options(hosts=0, declared=True)) == []
