# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to nova for servers of dead hosts: what they are to be is written at each of them first, and none is evacuated twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..._openstack.errors import ApiError
from ..._openstack.service import Service
from ..._servers.dead import evacuation_tags
from ..._servers.migrations import Migrations
from ..._servers.model import EVACUATION, Move, Record

#: As nova records an evacuation that it works on. One that is done waits for its source to come back.
UNDER_WAY = ("accepted", "pre-migrating")


class Evacuations(Migrations):
    """Evacuations.

    :ivar tags: by server, of those that get one and have none yet; and `stale` ones, which they lose.
    """

    def __init__(self, service: Service, sent: list[dict[str, Any]]) -> None:
        super().__init__(service, sent)
        self.tags: dict[str, str] = {}
        self.stale: dict[str, tuple[str, ...]] = {}

    @property
    def newest(self) -> tuple[int, int]:
        return self._service.maximum() or (2, 1)

    def under_way(self) -> tuple[Record, ...]:
        """GET /os-migrations?status=: one list for each status, however many servers there are."""
        found: dict[str, Record] = {}
        for status in UNDER_WAY:
            listed = self._records({"migration_type": EVACUATION, "status": status})
            found |= {record.uuid: record for record in listed}
        return tuple(found.values())

    def start(self, move: Move) -> str:
        """POST evacuate to a named host; the id of the request. Nova takes a second one, after which the server is in status ERROR and its guest is lost."""
        if running := self._running(self._records({"migration_type": EVACUATION, "instance_uuid": move.server})):
            raise ApiError(f"an evacuation of it is under way already: {running}", status=409)
        self._note(move)
        self._act(move.server, {"evacuate": {"host": move.target}})
        return str(self._sent[-1]["request_id"] or "")

    def _note(self, move: Move) -> None:
        """Write down what the server is to be. What an earlier loss of this host left is wrong, and goes first; that of another one is right, and goes last."""
        stale = self.stale.get(move.server, ())
        old = evacuation_tags((move.source,))
        for tag in stale:
            if tag in old:
                self.forget(move.server, tag)
        if tag := self.tags.get(move.server, ""):
            self.remember(move.server, tag)
        for tag in stale:
            if tag not in old:
                self.forget(move.server, tag)

    def _running(self, records: Iterable[Record]) -> str:
        return next((record.text for record in records if record.status in UNDER_WAY), "")
