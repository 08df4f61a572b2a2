# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the services when servers are to be created again: two calls for each of them, and lists for all together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.relocate.model import Limits
from .._capacity.model import Workload
from .._compute.nova import Nova
from .._image.glance import Glance
from .._network.neutron import ANY_TAG, Neutron
from .._openstack.cloud import Cloud
from .._openstack.errors import ApiError, CloudError
from .calls import Restores
from .draft import image_of
from .model import KEPT_FOR, Details, Offer, Port


class Sessions:
    """The projects of servers, each signed in to once: what is created belongs to the project that creates it."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._found: dict[str, Cloud] = {}

    def of(self, project: str) -> Cloud:
        """Raises CloudError where keystone does not let the user in."""
        if project not in self._found:
            self._found[project] = self._cloud.in_project(project)
        return self._found[project]

    def problem(self, project: str, backups_of: Collection[str | None]) -> str:
        """Why nothing can be created in a project; empty where it can.

        :param backups_of: the projects of the backups that are restored there.
        """
        user = self._cloud.user_id()
        try:
            found = self.of(project)
            roles = found.roles()
        except CloudError as error:
            # What keystone itself said is the cause: it tells nobody why.
            return error.message if error.__cause__ is None else _no_role(project, user, "member")
        foreign = sorted({one for one in backups_of if one not in (None, project)} - {None})
        if foreign and "admin" not in roles:
            return f"a backup of it belongs to project {foreign[0]}, which only an administrator can restore here. {_no_role(project, user, 'admin')}"
        return ""


def _no_role(project: str, user: str, role: str) -> str:
    return (
        f"user {user} cannot create servers and volumes in project {project}: give it a role there for as long as it takes "
        f"(openstack role add --project {project} --user {user} {role})"
    )


def details_of(cloud: Cloud, calls: Restores, servers: Sequence[Workload]) -> dict[str, Details]:
    """By server."""
    groups = _groups(cloud)
    ports = _ports(cloud, [server.id for server in servers])
    known: dict[tuple[str, str], str] = {}
    found: dict[str, Details] = {}
    for server in servers:
        entry = calls.entry(server.id)
        root = str(entry.get("OS-EXT-SRV-ATTR:root_device_name") or "")
        found[server.id] = Details(
            entry=entry,
            attached=calls.volumes_of(server.id, "" if image_of(entry) else root) if server.volumes else (),
            ports=ports.get(server.id, ()),
            fingerprint=_fingerprint(calls, entry, known),
            group=groups.get(server.id, ""),
        )
    return found


def _groups(cloud: Cloud) -> dict[str, str]:
    listed = Nova(cloud.service("compute")).server_groups()
    return {str(member): str(one["id"]) for one in listed for member in one.get("members") or ()}


def _fingerprint(calls: Restores, entry: Mapping[str, Any], known: dict[tuple[str, str], str]) -> str:
    key = (str(entry.get("key_name") or ""), str(entry.get("user_id") or ""))
    if key[0] and key not in known:
        known[key] = calls.fingerprint(*key)
    return known.get(key, "")


def _ports(cloud: Cloud, servers: Sequence[str]) -> dict[str, tuple[Port, ...]]:
    """Of each server, with those that an interrupted run has taken from it."""
    service = cloud.service("network", version="2")
    if not servers or not service.present():
        return {}
    neutron = Neutron(service)
    found: dict[str, list[Port]] = {}
    for entry in neutron.ports_with("device_id", servers):
        found.setdefault(str(entry["device_id"]), []).append(_port(entry, kept=False))
    wanted = {f"{KEPT_FOR}{server}": server for server in servers}
    for entry in neutron.ports_with(ANY_TAG, wanted):
        # One that has a device is the old server's still, or another one's by now.
        if not entry.get("device_id"):
            server = next(wanted[tag] for tag in entry.get("tags") or () if tag in wanted)
            found.setdefault(server, []).append(_port(entry, kept=True))
    return {server: tuple(sorted(ports, key=lambda port: port.id)) for server, ports in found.items()}


def _port(entry: Mapping[str, Any], *, kept: bool) -> Port:
    return Port(
        id=str(entry["id"]),
        network=str(entry["network_id"]),
        addresses=tuple(str(one["ip_address"]) for one in entry.get("fixed_ips") or ()),
        groups=tuple(sorted(map(str, entry.get("security_groups") or ()))),
        kept=kept,
        project=str(entry.get("project_id") or ""),
    )


def offer_of(
    cloud: Cloud,
    calls: Restores,
    api: VolumeApi,
    details: Iterable[Details],
    stores: Collection[str],
    projects: Mapping[str, str],
) -> Offer:
    """What new servers can have.

    :param stores: of glance, of the zones that are lost.
    :param projects: why nothing can be created in one.
    """
    details = tuple(details)
    keys = calls.keys() if any(one.fingerprint for one in details) else {}
    return Offer(
        flavors=calls.all_flavors(),
        images=dict(_images(cloud, {image_of(one.entry) for one in details} - {""}, stores)),
        keys=keys,
        projects=projects,
        limits=Limits(services=tuple(api.services()), pools=tuple(api.pools()), types=api.types(), quota={}),
    )


def _images(cloud: Cloud, images: Collection[str], stores: Collection[str]) -> Iterator[tuple[str, str]]:
    glance = Glance(cloud.service("image", version="2"))
    for number in sorted(images):
        try:
            image = glance.image(number)
        except ApiError as error:
            if error.status != 404:
                raise
            yield number, "is gone: its owner uploads it again, under another id, and creates the server"
            continue
        reason = "" if image.active else f"is '{image.status}'"
        if not reason and image.stores and set(image.stores) <= set(stores):
            reason = f"has its only copy in store {', '.join(image.stores)}, which is lost: copy or upload it to another store"
        yield number, reason
