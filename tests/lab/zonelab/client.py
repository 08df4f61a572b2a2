# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control a running lab from tests: standard library only, so that any interpreter can import it.

PYTHONPATH=tests/lab
from zonelab.client import LabClient
lab = LabClient(state_dir)
"""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zonelab.cache import default_state
from zonelab.errors import LabError
from zonelab.ports import ADDRESS
from zonelab.proxy.log import Request, parse
from zonelab.state import LabRecord, StateFolder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LabClient", "LabError", "Request"]


class LabClient:
    """One lab, found by its state folder."""

    def __init__(self, state_dir: str | Path | None = None) -> None:
        """No request is made yet, and the lab need not run."""
        self.state = StateFolder(Path(state_dir) if state_dir else default_state())

    @property
    def record(self) -> LabRecord:
        """What lab.json says."""
        record = self.state.read()
        if record is None or not self.state.is_running():
            raise LabError(
                f"{self.state.path}: no lab is up here; start one with `zonelab --state {self.state.path} up`"
            )
        return record

    @property
    def clouds_file(self) -> Path:
        """The clouds.yaml with the clouds `lab` and `lab-member`."""
        return self.state.clouds_file

    @property
    def ports(self) -> dict[str, int]:
        """The public port of each service: that of its proxy."""
        return self.record.public

    def info(self) -> dict[str, Any]:
        """Options, ports, cloud age, faults, and each process with pid, memory and log."""
        return dict(self._call("info"))

    def mark(self) -> int:
        """The position in the request log: pass it to requests() later."""
        return int(self._call("mark"))

    def requests(self, since: int | None = None) -> list[Request]:
        """The requests of clients, all or since a mark; each is logged before its client has the answer."""
        return parse(self._call("requests", since=since or 0))

    def add_fault(
        self,
        kind: str,
        *,
        service: str | None = None,
        method: str = ".*",
        path: str = ".*",
        skip: int = 0,
        count: int | None = None,
        seconds: float = 0.0,
        status: int | None = None,
        retry_after: int | None = None,
        writes: bool = False,
    ) -> int:
        """Set a fault (see zonelab.proxy.faults); its number."""
        fault = {key: value for key, value in locals().items() if key != "self"}
        return int(self._call("add_fault", **fault))

    def faults(self) -> list[dict[str, Any]]:
        """All faults that are set, with how often each was seen and has hit."""
        return list(self._call("faults"))

    def clear_faults(self, number: int | None = None) -> None:
        """Remove all faults, or one; whoever hangs in it is let go."""
        self._call("clear_faults", number=number)

    @property
    def web_folder(self) -> Path:
        """What is put here is served by the lab's web server, which glance may fetch from."""
        return self.state.web

    def web_url(self, name: str) -> str:
        """The address of a file of that folder."""
        return f"http://{ADDRESS}:{self.record.web}/{name}"

    def fail(self, kind: str, name: str | None = None, *, how: str = "error") -> None:
        """Have a store, backend, share-backend or the backup-target fail (or "hang") while its service lives."""
        self._call("fail", kind=kind, name=name, how=how)

    def heal(self, kind: str | None = None, name: str | None = None) -> None:
        """One of them works again, or all."""
        self._call("heal", kind=kind, name=name)

    def failing(self) -> list[dict[str, str]]:
        """All that fail now: kind, name, how."""
        return list(self._call("failing"))

    def set_policy(self, project: str, rules: Mapping[str, str]) -> None:
        """What the project's policy.yaml says from its next request on; without rules its defaults hold."""
        (self.state.conf / project / "policy.yaml").write_text(json.dumps(rules))

    def set_age(self, age: str) -> None:
        """Pose as "antelope" (2023.1), or be "current"."""
        self._call("set_age", age=age)

    def stop_host(self, host: str, *, now: bool = False) -> None:
        """Kill the nova-compute of a host; with `now` it counts as down at once, not after service_down_time."""
        self._call("stop_host", name=host, now=now)

    def start_host(self, host: str) -> None:
        """Start it again."""
        self._call("start_host", name=host)

    def stop_zone(self, zone: str, *, now: bool = False, services: Sequence[str] | None = None) -> None:
        """Kill computes, cinder-volume, cinder-backup and manila-share of a zone, or of some of nova, cinder, manila."""
        self._call("stop_zone", zone=zone, now=now, services=services)

    def start_zone(self, zone: str, *, services: Sequence[str] | None = None) -> None:
        """Start them again."""
        self._call("start_zone", zone=zone, services=services)

    def add_host(self, name: str, *, zone: str | None = None, running: bool = True) -> None:
        """One compute host more, with a nova-compute or as a record only; the zone is for stop_zone and start_zone."""
        self._call("add_host", name=name, zone=zone, running=running)

    def snapshot(self, name: str) -> Path:
        """Copy the running lab; `up --from NAME` starts another one from it."""
        return Path(self._call("snapshot", name=name))

    def _call(self, command: str, **arguments: Any) -> Any:
        connection = http.client.HTTPConnection(ADDRESS, self.record.control, timeout=180)
        try:
            connection.request("POST", f"/{command}", json.dumps(arguments))
            answer = json.loads(connection.getresponse().read())
        except OSError as error:
            raise LabError(f"{self.state.path}: the lab does not answer: {error}") from error
        finally:
            connection.close()
        if "error" in answer:
            raise LabError(answer["error"])
        return answer["result"]
