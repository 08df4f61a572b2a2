# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to nova that move servers, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from .._capacity.facts.servers import stands_for
from .._openstack.errors import ApiError, gone
from .._openstack.reader import Reader
from .._openstack.service import Service
from .model import EVACUATION, LIVE, Move, Record

# 2.74: a server is created on a named host, which the canary of a host needs. A host is named in a cold migration from 2.56, records are listed by
# the time of their change from 2.59.
LEAST = (2, 74)
BEST = (2, 96)
#: Of migrations that nova works on. One that is finished waits for a confirmation, an evacuation that is done for its source to come back.
WORKED_ON = (
    "accepted",
    "queued",
    "preparing",
    "pre-migrating",
    "migrating",
    "running",
    "post-migrating",
    "confirming",
    "reverting",
)
LEFT = ("finished", "done")
#: Of the metadata of a server that a canary creates.
CANARY_KEY, CANARY_VALUE = "zoneops", "canary"
#: The tag of a server that the maintenance of its zone stopped: its end starts these, and no other.
STOPPED = "zoneops:stopped"


@dataclass(frozen=True)
class Found:
    """A server as it is now.

    :ivar canary: whether it was created to see whether servers start on a host.
    :ivar pinned: the zone that it must stay in, where nova shows that (2.96).
    :ivar tags: all of them.
    :ivar volumes: ids of those that it has.
    :ivar stands_for: the id of the server of a lost zone that it was created again for; empty for any other.
    """

    id: str
    name: str
    host: str | None
    status: str
    task: str | None
    canary: bool = False
    pinned: str | None = None
    tags: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    project: str = ""
    stands_for: str = ""


class Migrations(Reader):
    """nova of one region, as far as servers are moved."""

    def __init__(self, service: Service, sent: list[dict[str, Any]]) -> None:
        """:param sent: every write of this connection: nova's own account of a migration goes by the id of its request."""
        self._service = service
        self._sent = sent
        self._version: str | None = None

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = self._service.negotiate(BEST, LEAST)
        return self._version

    def start(self, move: Move) -> str:
        """POST os-migrateLive or migrate; the id of the request. Answered before anything is known of how it goes."""
        host = {"host": move.target} if move.named else {}
        if move.way == LIVE:
            self._act(move.server, {"os-migrateLive": {"host": None, "block_migration": "auto", **host}})
        else:
            self._act(move.server, {"migrate": host or None})
        return str(self._sent[-1]["request_id"] or "")

    def confirm(self, server: str) -> None:
        """POST confirmResize: the source gives up what it kept."""
        self._act(server, {"confirmResize": None})

    def changed(self, since: str) -> Iterator[Record]:
        """GET /os-migrations?changes-since=: one list, however many servers move."""
        return self._records({"changes-since": since})

    def evacuations(self, source: str | None = None) -> tuple[Record, ...]:
        """GET /os-migrations?migration_type=: every one that nova has a record of, of whatever status; or those from a host."""
        params = {"migration_type": EVACUATION, **({"source_compute": source} if source else {})}
        return tuple(record for record in self._records(params) if source in (None, record.source))

    def took(self) -> list[float]:
        """GET /os-migrations?migration_type=: how many seconds the evacuations took that have ended well."""
        params = {"migration_type": EVACUATION}
        listed = self._service.pages("/os-migrations", "migrations", microversion=self.version, params=params)
        return [_seconds(entry) for entry in listed if entry["status"] in ("done", "completed")]

    def unfinished(self, *, all_of_them: bool) -> tuple[Record, ...]:
        """GET /os-migrations?status=: one list for each status, however many hosts there are.

        :param all_of_them: those under way as well, which can be seen on their servers, too.
        """
        wanted = (*LEFT, *WORKED_ON) if all_of_them else LEFT
        found: dict[str, Record] = {}
        for status in wanted:
            # One that goes on between two lists is in both.
            found |= {record.uuid: record for record in self._records({"status": status})}
        return tuple(found.values())

    def server(self, server: str) -> Found | None:
        """GET /servers/{id}; None where it was deleted."""
        try:
            answer = self._service.get(f"/servers/{quote(server)}", microversion=self.version)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return as_found(answer["server"])

    def attached(self, server: str) -> dict[str, str]:
        """GET /servers/{id}/os-volume_attachments: the attachment of each volume, empty where nova does not tell it (before 2.89)."""
        path = f"/servers/{quote(server)}/os-volume_attachments"
        listed = self._service.get(path, microversion=self.version)["volumeAttachments"]
        return {str(one["volumeId"]): str(one.get("attachment_id") or "") for one in listed}

    def servers_on(self, host: str) -> tuple[Found, ...]:
        """GET /servers/detail?host=, of all projects, soft-deleted ones too."""
        return self._found({"soft_deleted": "True", "host": host})

    def servers_in(self, zone: str) -> tuple[Found, ...]:
        """GET /servers/detail?availability_zone=: those of all projects that are there now. One list, however many hosts the zone has."""
        return self._found({"availability_zone": zone})

    def everywhere(self) -> tuple[Found, ...]:
        """GET /servers/detail: those of all projects, soft-deleted ones too."""
        return self._found({"soft_deleted": "True"})

    def rebuilding(self) -> tuple[Found, ...]:
        """GET /servers/detail?status=: those of all projects that are rebuilt, or arrive somewhere by an evacuation."""
        return self._found({"status": "REBUILD"})

    def stopped(self) -> tuple[Found, ...]:
        """GET /servers/detail?tags=: those of all projects that the maintenance of a zone stopped, wherever they are now."""
        return self._found({"tags": STOPPED})

    def tagged(self, tags: Iterable[str]) -> tuple[Found, ...]:
        """GET /servers/detail?tags-any=: those of all projects that have one of these tags, shelved ones too."""
        return self._found({"tags-any": ",".join(sorted(tags))})

    def remember(self, server: str, tag: str = STOPPED) -> None:
        """PUT /servers/{id}/tags/: such as that it is stopped for the maintenance of its zone; it may have the tag already."""
        self._service.put(_tag(server, tag), None, microversion=self.version)

    def forget(self, server: str, tag: str = STOPPED) -> bool:
        """DELETE /servers/{id}/tags/: a tag that is not there, or a server, is fine. False where nova refuses it, as in status ERROR or SHELVED."""
        try:
            self._service.delete(_tag(server, tag), microversion=self.version)
        except ApiError as error:
            if error.status not in (404, 409):
                raise
            return error.status == 404
        return True

    def stopped_by(self, server: str) -> list[str]:
        """GET /servers/{id}/os-instance-actions: the users who stopped it, the last one first; none where that is not to be seen."""
        try:
            answer = self._service.get(f"/servers/{quote(server)}/os-instance-actions", microversion=self.version)
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            return []
        stops = [action for action in answer["instanceActions"] if action["action"] == "stop"]
        stops.sort(key=lambda action: str(action.get("start_time") or ""), reverse=True)
        return [str(action.get("user_id") or "") for action in stops]

    def act(self, server: str, action: str) -> str:
        """POST an action without arguments, such as os-stop; the id of the request. Answered before anything is known of how it goes."""
        self._act(server, {action: None})
        return str(self._sent[-1]["request_id"] or "")

    def named(self, name: str) -> tuple[Found, ...]:
        """GET /servers/detail?name=: those of all projects whose name has this text."""
        return self._found({"name": name})

    def create(self, server: Mapping[str, Any]) -> str:
        """POST /servers on a named host (2.74); the id."""
        answer = self._service.post("/servers", {"server": server}, microversion=self.version)
        return str(answer["server"]["id"])

    def fault(self, server: str) -> str:
        """GET /servers/{id}: why it is in status ERROR."""
        answer = self._service.get(f"/servers/{quote(server)}", microversion=self.version)
        return str((answer["server"].get("fault") or {}).get("message") or "nova names no reason")

    def delete(self, server: str) -> None:
        """DELETE /servers/{id}; one that is seen to be gone already is fine."""
        with gone(lambda: self.server(server) is not None):
            self._service.delete(f"/servers/{quote(server)}", microversion=self.version)

    def flavors(self) -> dict[str, list[str]]:
        """GET /flavors, private ones too: ids by name."""
        params = {"is_public": "None"}
        return _by_name(self._service.pages("/flavors", "flavors", microversion=self.version, params=params))

    def reason(self, server: str, request: str) -> str:
        """GET /servers/{id}/os-instance-actions/{request}: why a migration could not be placed; empty where nova does not say."""
        if not request:
            return ""
        path = f"/servers/{quote(server)}/os-instance-actions/{quote(request)}"
        try:
            action = self._service.get(path, microversion=self.version)["instanceAction"]
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            return ""
        return "; ".join(dict.fromkeys(_details(action.get("events") or ())))

    def _found(self, wanted: Mapping[str, str]) -> tuple[Found, ...]:
        params = {"all_tenants": "True", **wanted}
        listed = self._service.pages("/servers/detail", "servers", microversion=self.version, params=params)
        return tuple(as_found(entry) for entry in listed)

    def _records(self, params: Mapping[str, str]) -> Iterator[Record]:
        listed = self._service.pages("/os-migrations", "migrations", microversion=self.version, params=params)
        for entry in listed:
            yield Record(
                uuid=str(entry["uuid"]),
                server=str(entry["instance_uuid"]),
                kind=str(entry["migration_type"]),
                status=str(entry["status"]),
                source=str(entry["source_compute"]),
                target=entry.get("dest_compute"),
                user=str(entry.get("user_id") or ""),
            )

    def _act(self, server: str, body: Mapping[str, Any]) -> None:
        self._service.post(f"/servers/{quote(server)}/action", body, microversion=self.version)


def as_found(entry: Mapping[str, Any]) -> Found:
    return Found(
        id=str(entry["id"]),
        name=str(entry.get("name") or ""),
        host=entry.get("OS-EXT-SRV-ATTR:host"),
        status=str(entry.get("status") or "UNKNOWN"),
        task=entry.get("OS-EXT-STS:task_state"),
        canary=(entry.get("metadata") or {}).get(CANARY_KEY) == CANARY_VALUE,
        pinned=entry.get("pinned_availability_zone"),
        tags=tuple(entry.get("tags") or ()),
        volumes=tuple(str(one["id"]) for one in entry.get("os-extended-volumes:volumes_attached") or ()),
        project=str(entry.get("tenant_id") or ""),
        stands_for=stands_for(entry),
    )


def _seconds(entry: Mapping[str, Any]) -> float:
    begin, end = (datetime.fromisoformat(str(entry[name])) for name in ("created_at", "updated_at"))
    return (end - begin).total_seconds()


def _tag(server: str, tag: str) -> str:
    return f"/servers/{quote(server)}/tags/{quote(tag)}"


def _by_name(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(str(entry["name"]), []).append(str(entry["id"]))
    return found


def _details(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What went wrong: its own words from 2.84 on, before that the last line of the traceback."""
    for event in events:
        if event.get("result") == "Error":
            lines = str(event.get("details") or event.get("traceback") or "").strip().splitlines()
            if lines:
                yield lines[-1].strip().removeprefix("nova.exception.").rstrip(".")
