# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of maintenances, run in the test's own process: a run that changes something while it is watched, without the start of Ansible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Module, Run
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from ansible_collections.zoneops.openstack.plugins.modules import (
    host_maintenance,
    zone_drain,
    zone_evacuate,
    zone_maintenance,
    zone_restore_servers,
    zone_return,
)
from zonelab.client import LabClient, Request

from .cloud import Cloud
from .inventory import ZONES, hosts_of


@dataclass(frozen=True)
class Answer:
    """What one call returned.

    :ivar said: the lines for the terminal.
    :ivar requests: those that the lab saw meanwhile.
    """

    result: dict[str, Any]
    said: list[str]
    requests: list[Request]

    def zone(self, name: str = "az1") -> dict[str, Any]:
        return dict(self.result["zones"][name])

    def host(self, name: str) -> dict[str, Any]:
        return dict(self.zone()["state"][name])

    @property
    def moves(self) -> dict[str, tuple[str, str]]:
        """Way and outcome by the server's name."""
        return {move["name"]: (move["way"], move["outcome"]) for move in self.result["moves"]}

    @property
    def written(self) -> list[str]:
        return [f"{request.service} {request.method} {request.path}" for request in self.requests if request.writes]

    @property
    def repeated(self) -> dict[str, int]:
        """What was read more than once, and how often; signing in and version documents apart."""
        lists = (one for one in self.requests if not one.writes and one.path.rstrip("/").count("/") > 1)
        asked = Counter(f"{one.service} {one.path}" for one in lists if one.service != "keystone")
        return {call: times for call, times in asked.items() if times > 1}


@dataclass
class Maintenance:
    """Calls about hosts of the first zone of the lab, whose guests have no disks of their own."""

    cloud: Cloud
    lab: LabClient

    def begin(self, *hosts: str, check: bool = False, **options: Any) -> Answer:
        return self._call("begin", hosts, check, options)

    def end(self, *hosts: str, check: bool = False, **options: Any) -> Answer:
        return self._call("end", hosts, check, options)

    def _call(self, state: str, hosts: tuple[str, ...], check: bool, options: dict[str, Any]) -> Answer:
        given = {
            "region": {"zones": list(ZONES)},
            "zones": {zone: {"compute": {"hosts": hosts_of(zone)}} for zone in ZONES},
            "state": state,
            **({"hosts": list(hosts)} if hosts else {}),
            **options,
        }
        return answer(host_maintenance.MODULE, self.cloud, self.lab, given, check=check)


@dataclass
class ZoneMaintenance:
    """Calls about the first zone of the lab. Its file says that it is in maintenance, unless `files` says otherwise."""

    cloud: Cloud
    lab: LabClient

    def begin(self, *, check: bool = False, **options: Any) -> Answer:
        return self._call("begin", check, options)

    def end(self, *, check: bool = False, **options: Any) -> Answer:
        """By freezing and thawing: the lab's cinder enables no service otherwise."""
        return self._call("end", check, {"allow": ["thaw"], **options})

    def _call(self, state: str, check: bool, options: dict[str, Any]) -> Answer:
        options = dict(options)
        changes: dict[str, dict[str, Any]] = {"az1": {"zone_state": "maintenance"}, **options.pop("files", {})}
        given = {
            "region": {"zones": list(ZONES), **options.pop("region", {})},
            "zones": {zone: {"compute": {"hosts": hosts_of(zone)}, **changes.get(zone, {})} for zone in ZONES},
            "state": state,
            **options,
        }
        return answer(zone_maintenance.MODULE, self.cloud, self.lab, given, check=check)


def in_the_lab(options: Mapping[str, Any], **usual: Any) -> dict[str, Any]:
    """The options of a call about the zones of the lab.

    :param options: those of a test; `files` changes what zone files say, by zone.
    :param usual: what they are unless a test says otherwise.
    """
    options = dict(options)
    changes: dict[str, dict[str, Any]] = options.pop("files", {})
    zones = {zone: {"compute": {"hosts": hosts_of(zone)}, **changes.get(zone, {})} for zone in ZONES}
    return {"region": {"zones": list(ZONES)}, "zones": zones, **usual, **options}


@dataclass
class ZoneDrain:
    """Calls that empty the first zone of the lab, whose storage all zones reach."""

    cloud: Cloud
    lab: LabClient

    def __call__(self, *, check: bool = False, **options: Any) -> Answer:
        given = in_the_lab(options, storage_reachable=True)
        return answer(zone_drain.MODULE, self.cloud, self.lab, given, check=check)


@dataclass
class ZoneEvacuate:
    """Calls that evacuate dead hosts of the first zone of the lab. All of its hosts are cut off, unless `fencing` says otherwise."""

    cloud: Cloud
    lab: LabClient

    def __call__(
        self, *, check: bool = False, heard: Callable[[str], None] = lambda _text: None, **options: Any
    ) -> Answer:
        """:param heard: gets each line for the terminal."""
        given = {
            "region": {"zones": list(ZONES)},
            "zones": {zone: {"compute": {"hosts": hosts_of(zone)}} for zone in ZONES},
            "fencing": [fenced(*(host for zone in options.get("limit", ["az1"]) for host in hosts_of(zone)))],
            **options,
        }
        with reported_to(heard):
            return answer(zone_evacuate.MODULE, self.cloud, self.lab, given, check=check)


def fenced(*hosts: str, hours: float = 0) -> dict[str, Any]:
    """Evidence of this moment, or of so many hours ago."""
    at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    return {"hosts": list(hosts), "kind": "attestation", "by": "a test", "at": at, "what": "the lab has stopped it"}


@dataclass
class ZoneReturn:
    """Calls that bring the first zone of the lab back."""

    cloud: Cloud
    lab: LabClient

    def __call__(self, *, check: bool = False, **options: Any) -> Answer:
        """By freezing and thawing: the lab's cinder enables no service otherwise."""
        given = in_the_lab(options, allow=["thaw"])
        return answer(zone_return.MODULE, self.cloud, self.lab, given, check=check)


@dataclass
class ZoneRestoreServers:
    """Calls that restore servers of the first zone of the lab in the second one."""

    cloud: Cloud
    lab: LabClient

    def __call__(self, *, check: bool = False, **options: Any) -> Answer:
        given = in_the_lab(options, to="az2")
        return answer(zone_restore_servers.MODULE, self.cloud, self.lab, given, check=check)


def answer(module: Module, cloud: Cloud, lab: LabClient, options: Mapping[str, Any], *, check: bool) -> Answer:
    """What a module returns, called for the first zone."""
    region = cloud.region
    given = {
        "cloud": {"auth": dict(region.config["auth"]), "region_name": region.config.get("region_name")},
        "limit": ["az1"],
        **({"shared_disks": True} if "shared_disks" in module.options else {}),
        **options,
    }
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate(given)
    assert not checked.error_messages, checked.error_messages
    mark = lab.mark()
    said: list[str] = []
    with reported_to(said.append):
        result = dict(module.result(Run(checked.validated_parameters, check_mode=check)))
    return Answer(result, said, list(lab.requests(mark)))
