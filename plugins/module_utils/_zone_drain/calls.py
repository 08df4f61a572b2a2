# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to nova for a server that goes to another zone: what is to be known later is written at the server first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from .._openstack.errors import ApiError
from .._openstack.service import Service
from .._servers.migrations import Found, Migrations
from .._servers.model import SHELVE, Move
from .model import REPINS
from .tags import ACTIVE, SHELVABLE, SHUTOFF, of_pin, status_in, tag_to_shelve, zone_in

#: As nova checks it: in no other status are tags written or removed.
TAGGABLE = frozenset(("ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF"))
#: Of a server that was migrated cold, until the confirmation has ended: its record is `confirmed` a moment earlier (nova, `_confirm_resize`).
VERIFY_RESIZE = "VERIFY_RESIZE"


class Crossings(Migrations):
    """Migrations of servers that are tagged, and unpinned where they are pinned, before they begin.

    A scheduler that is asked for a named host regards the pin, live and cold: such a migration ends in `error`, and the server stays where it is.

    :ivar tags: by server, of those that get one.
    :ivar begun: servers that have theirs.
    """

    def __init__(self, service: Service, sent: list[dict[str, Any]]) -> None:
        super().__init__(service, sent)
        self.tags: dict[str, str] = {}
        self.begun: set[str] = set()

    @property
    def newest(self) -> tuple[int, int]:
        return self._service.maximum() or (2, 1)

    def start(self, move: Move) -> str:
        if move.way == SHELVE:
            return self._shelve(move)
        tag = self.tags.get(move.server, "")
        if tag:
            self.begun.add(move.server)
            _surely(lambda: self.remember(move.server, tag))
        if of_pin(tag):
            _surely(lambda: self.pin(move.server, None))
        return super().start(move)

    def _shelve(self, move: Move) -> str:
        """POST shelve. It is to have the status again that it has now, unless an earlier run wrote down another."""
        found, tag = self.server(move.server), self.tags[move.server]
        if found is not None and tag not in found.tags:
            if found.status not in SHELVABLE:
                raise ApiError(f"the server is in status {found.status} now", status=409)
            self.tags[move.server] = tag = tag_to_shelve(zone_in(tag), found.status)
        self.begun.add(move.server)
        _surely(lambda: self.remember(move.server, tag))
        return self.act(move.server, "shelve")

    def unshelve(self, server: str, zone: str, host: str = "") -> str:
        """POST unshelve to a zone (2.77), and a host of it (2.91); the id of the request. Nova also pins the server to that zone."""
        self._act(server, {"unshelve": {"availability_zone": zone, **({"host": host} if host else {})}})
        return str(self._sent[-1]["request_id"] or "")

    def pin(self, server: str, zone: str | None) -> None:
        """PUT /servers/{id}: the zone that it is in, or None for no pin. Again is fine."""
        body = {"server": {"pinned_availability_zone": zone}}
        self._service.put(f"/servers/{quote(server)}", body, microversion=self._service.negotiate(REPINS, REPINS))

    def finish(self, server: str, tag: str, zones: Mapping[str, str], *, arrived: str = "") -> str:
        """Pin the server to the zone that it is in, and take its tag off. Why that is not done; empty where it is.

        :param zones: the availability zone of each host.
        :param arrived: the host that it came to a moment ago, without a pin; empty to look.
        """
        zone = zones.get(arrived, "")
        if not zone:
            found = self.server(server)
            if found is None:
                return ""
            if reason := unfinished(found):
                return reason
            if status_in(tag) == SHUTOFF and found.status == ACTIVE:
                return "it was SHUTOFF, and is to be stopped again"
            zone = zones.get(found.host or "", "") if found.pinned is None else ""
        if of_pin(tag) and zone:
            _surely(lambda: self.pin(server, zone))
        kept = not _surely(lambda: self.forget(server, tag))
        return f"nova keeps its tag {tag}" if kept else ""


def unfinished(found: Found) -> str:
    """Why a server cannot be pinned now."""
    if found.task:
        return f"a task is under way ({found.task})"
    if found.status not in TAGGABLE:
        return f"it is in status {found.status}"
    return "" if found.host else "it is on no host"


def _surely(call: Callable[[], Any]) -> Any:
    """A write that can be repeated, repeated where its answer is lost."""
    try:
        return call()
    except ApiError as error:
        if not error.uncertain:
            raise
    return call()
