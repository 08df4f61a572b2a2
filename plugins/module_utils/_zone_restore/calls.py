# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to nova for servers that are created again, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .._openstack.errors import ApiError
from .._plan.text.scrub import MASK
from .._servers.migrations import Migrations
from .model import FROM, RESTORED, STOPS, Attached, Restored

#: So much of user data tells that a message has it, also where that is cut.
RECOGNISED = 12


class Restores(Migrations):
    """nova of one region, as one project is signed in to it."""

    @property
    def newest(self) -> tuple[int, int]:
        return self._service.maximum() or (2, 1)

    def restored(self) -> tuple[Restored, ...]:
        """GET /servers/detail?tags=: those of all projects that stand for others, on a host or not."""
        params = {"all_tenants": "True", "tags": RESTORED}
        listed = self._service.pages("/servers/detail", "servers", microversion=self.version, params=params)
        return tuple(_restored(entry) for entry in listed)

    def one(self, server: str) -> Restored | None:
        """GET /servers/{id}; None where it was deleted."""
        try:
            return _restored(self.entry(server))
        except ApiError as error:
            if error.status != 404:
                raise
            return None

    def entry(self, server: str) -> dict[str, Any]:
        """GET /servers/{id}, with all that its owner gave it."""
        return dict(self._service.get(f"/servers/{quote(server)}", microversion=self.version)["server"])

    def volumes_of(self, server: str, root: str) -> tuple[Attached, ...]:
        """GET /servers/{id}/os-volume_attachments.

        :param root: the device that it boots from.
        """
        path = f"/servers/{quote(server)}/os-volume_attachments"
        listed = self._service.get(path, microversion=self.version)["volumeAttachments"]
        return tuple(
            Attached(
                volume=str(one["volumeId"]),
                device=str(one.get("device") or ""),
                tag=str(one.get("tag") or ""),
                ends=bool(one.get("delete_on_termination")),
                root=bool(root) and one.get("device") == root,
            )
            for one in listed
        )

    def all_flavors(self) -> dict[str, tuple[dict[str, Any], ...]]:
        """GET /flavors/detail, private ones too, by name."""
        params = {"is_public": "None"}
        found: dict[str, tuple[dict[str, Any], ...]] = {}
        for entry in self._service.pages("/flavors/detail", "flavors", microversion=self.version, params=params):
            found[str(entry["name"])] = (*found.get(str(entry["name"]), ()), dict(entry))
        return found

    def keys(self) -> dict[str, str]:
        """GET /os-keypairs: fingerprints of the keys of the user that is signed in."""
        listed = self._service.pages("/os-keypairs", "keypairs", links="keypairs_links", microversion=self.version)
        return {str(one["keypair"]["name"]): str(one["keypair"]["fingerprint"]) for one in listed}

    def fingerprint(self, name: str, user: str) -> str:
        """GET /os-keypairs/{name}?user_id=: of a key of another user; empty where it has none of this name any more."""
        path = f"/os-keypairs/{quote(name, safe='')}"
        try:
            found = self._service.get(path, microversion=self.version, params={"user_id": user})
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            return ""
        return str(found["keypair"]["fingerprint"])

    def make(self, server: Mapping[str, Any], hints: Mapping[str, Any]) -> str:
        """POST /servers; the id."""
        more = {"os:scheduler_hints": dict(hints)} if hints else {}
        try:
            answer = self._service.post("/servers", {"server": dict(server), **more}, microversion=self.version)
        except ApiError as error:
            # Nova repeats the request that it does not like.
            shown, hidden, _rest = error.message.partition(str(server.get("user_data") or "")[:RECOGNISED] or "\n")
            if not hidden:
                raise
            raise ApiError(f"{shown}{MASK}", status=error.status, uncertain=error.uncertain) from None
        return str(answer["server"]["id"])


def _restored(entry: Mapping[str, Any]) -> Restored:
    failed = ""
    if entry.get("status") == "ERROR" and not entry.get("OS-SRV-USG:launched_at"):
        failed = str((entry.get("fault") or {}).get("message") or "nova names no reason").rstrip(".")
    return Restored(
        id=str(entry["id"]),
        origin=str((entry.get("metadata") or {}).get(FROM) or ""),
        project=str(entry.get("tenant_id") or ""),
        status=str(entry.get("status") or "UNKNOWN"),
        task=entry.get("OS-EXT-STS:task_state"),
        stops=STOPS in (entry.get("tags") or ()),
        failed=failed,
    )
