# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request that creates a server as an old one was, and what it cannot have again. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._plan.disabled.reason import PREFIX
from .model import (
    BACKUP,
    FROM,
    KEPT_FOR,
    NEW,
    RESTORED,
    SELF,
    SHUTOFF,
    STOPS,
    Details,
    Offer,
    Port,
    Restoration,
    Seen,
    Wanted,
)

#: Of a flavor as a server has it, and in the list.
SIZES = (("vcpus", "vcpus"), ("ram", "ram"), ("disk", "disk"), ("ephemeral", "OS-FLV-EXT-DATA:ephemeral"))
#: From here on a server gets a host name of its own.
HOSTNAMES = (2, 90)
HOSTNAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")


@dataclass(frozen=True)
class Draft:
    """A request without its volumes, or why there is none.

    :ivar ports: that the new server gets from the old one.
    :ivar differs: what is not as it was.
    """

    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    hints: Mapping[str, Any] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    differs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def draft(seen: Seen, wanted: Wanted, zone: str, details: Details, status: str) -> Draft:
    """The request for a server in an availability zone.

    :param status: what it is to be in the end.
    """
    entry, offer = details.entry, seen.offer
    flavor, problem = _flavor(entry.get("flavor") or {}, offer)
    problems = [problem] if problem else []
    problems += _image_problem(entry, offer)
    problems += _port_problem(entry, details.ports, wanted)
    ports = tuple(sorted(details.ports or (), key=_interface(entry)))
    take = wanted.ports != NEW
    body: dict[str, Any] = {
        "name": entry.get("name"),
        "flavorRef": flavor,
        "availability_zone": zone,
        "metadata": _metadata(entry),
        "tags": _tags(entry, status),
        "networks": [{"port": port.id} if take or port.kept else {"uuid": port.network} for port in ports] or "none",
        **({"imageRef": image_of(entry)} if image_of(entry) else {}),
        **_optional(seen, entry),
    }
    if groups := sorted({group for port in ports if not take and not port.kept for group in port.groups}):
        body["security_groups"] = [{"name": group} for group in groups]
    key, lost = _key(seen, details)
    if key:
        body["key_name"] = key
    differs = (*_differs(seen, entry, status), *lost, *_other_ports(ports, wanted))
    hints = {"group": details.group} if details.group else {}
    return Draft(body, hints, tuple(port for port in ports if take or port.kept), tuple(differs), tuple(problems))


def _flavor(flavor: Mapping[str, Any], offer: Offer) -> tuple[str, str]:
    """The id of the flavor that it has; or what is wrong."""
    name = str(flavor.get("original_name") or "")
    named = offer.flavors.get(name, ())
    for one in named:
        sizes = all(_number(flavor.get(mine)) == _number(one.get(theirs)) for mine, theirs in SIZES)
        if (
            sizes
            and _number(flavor.get("swap")) == _number(one.get("swap"))
            and dict(flavor.get("extra_specs") or {}) == dict(one.get("extra_specs") or {})
        ):
            return str(one["id"]), ""
    values = "with the values that the server has (openstack server show)"
    if named:
        return (
            "",
            f"its flavor {name} has other values now: delete it, which changes no server, and create it again {values}",
        )
    return "", f"its flavor {name} is gone: create one of that name {values}"


def _number(value: Any) -> int:
    """Nova gives an empty text for no swap."""
    return int(value or 0)


def image_of(entry: Mapping[str, Any]) -> str:
    """Its id; empty for a server that boots from a volume."""
    return str((entry.get("image") or {}).get("id") or "")


def _image_problem(entry: Mapping[str, Any], offer: Offer) -> Iterator[str]:
    image = image_of(entry)
    if image and (reason := offer.images.get(image, "is unknown")):
        yield f"its image {image} {reason}"


def _interface(entry: Mapping[str, Any]) -> Callable[[Port], tuple[int, str]]:
    """Where a port comes in the order of interfaces: nova lists their addresses in it, network by network."""
    listed = (str(one.get("addr")) for found in (entry.get("addresses") or {}).values() for one in found)
    places = {address: place for place, address in enumerate(listed)}
    return lambda port: (min((places.get(one, len(places)) for one in port.addresses), default=len(places)), port.id)


def _port_problem(entry: Mapping[str, Any], ports: tuple[Port, ...] | None, wanted: Wanted) -> Iterator[str]:
    project = str(entry.get("tenant_id") or "")
    # Anybody can give a port of their own the id or the mark of a server.
    foreign = next((port for port in ports or () if project and port.project not in ("", project)), None)
    if ports is None:
        yield "its ports could not be read"
    elif foreign is not None:
        mark = f"remove the tag {KEPT_FOR}{entry['id']} from it" if foreign.kept else "detach it from the server"
        yield f"port {foreign.id}, which counts as its own, belongs to another project ({foreign.project}): {mark}, or its owner creates the server"
    elif not wanted.ports and any(not port.kept for port in ports):
        shown = ", ".join(f"{port.id} ({' '.join(port.addresses) or 'no address'})" for port in ports)
        yield (
            f"what becomes of its ports is to be decided: {shown}. With zoneops_restore_ports=take (option 'ports') the new server gets them, and the old one "
            "loses them; with new it gets others, with other addresses"
        )


def _metadata(entry: Mapping[str, Any]) -> dict[str, str]:
    own = {key: str(value) for key, value in (entry.get("metadata") or {}).items() if key not in (BACKUP, SELF)}
    return {**own, FROM: str(entry["id"])}


def _tags(entry: Mapping[str, Any], status: str) -> list[str]:
    own = [str(tag) for tag in entry.get("tags") or () if not str(tag).startswith(PREFIX)]
    return [*own, RESTORED, *([STOPS] if status == SHUTOFF else [])]


def _optional(seen: Seen, entry: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if str(entry.get("config_drive") or "").lower() == "true":
        found["config_drive"] = True
    if data := entry.get("OS-EXT-SRV-ATTR:user_data"):
        found["user_data"] = data
    if description := entry.get("description"):
        found["description"] = description
    hostname = str(entry.get("OS-EXT-SRV-ATTR:hostname") or "")
    if seen.newest >= HOSTNAMES and HOSTNAME.fullmatch(hostname):
        found["hostname"] = hostname
    return found


def _key(seen: Seen, details: Details) -> tuple[str, list[str]]:
    """Nova gives a server a key of the user who creates it, and of no other."""
    name = str(details.entry.get("key_name") or "")
    if not name:
        return "", []
    if details.fingerprint and seen.offer.keys.get(name) == details.fingerprint:
        return name, []
    return "", [
        f"it has no key: user {seen.user} has none that is called {name} and is the same. What is on its disk stays"
    ]


def _differs(seen: Seen, entry: Mapping[str, Any], status: str) -> Iterator[str]:
    image, was = image_of(entry), str(entry.get("status"))
    if image:
        yield f"its disk is created from image {image}: what was on the old one is lost"
    if _number((entry.get("flavor") or {}).get("ephemeral")):
        yield "its ephemeral disk is empty"
    if entry.get("user_id") != seen.user:
        yield f"it belongs to user {seen.user}, the old one to {entry.get('user_id')}"
    if status == SHUTOFF:
        yield "it is started once, and stopped again: nova creates no server that is off"
    elif was != "ACTIVE":
        yield f"it was in status {was}, and is started"


def _other_ports(ports: tuple[Port, ...], wanted: Wanted) -> Iterator[str]:
    if len(ports) > 1:
        yield f"its {len(ports)} network interfaces may come in another order"
    if any(wanted.ports != NEW or port.kept for port in ports):
        yield "its ports get other MAC addresses, and keep their IP addresses"
    if wanted.ports == NEW and any(not port.kept for port in ports):
        yield "it gets other ports and addresses; floating IPs stay at the old ports"
        groups = {port.groups for port in ports if not port.kept}
        if len(groups) > 1:
            yield "each of its ports gets the security groups of all of them"


def disks_of(wanted: Restoration, volumes: dict[str, str]) -> dict[str, Any]:
    """The devices, the one to boot from first."""
    disks: list[dict[str, Any]] = []
    image = str(wanted.body.get("imageRef") or "")
    if image and wanted.copies:
        root = {"uuid": image, "source_type": "image", "destination_type": "local"}
        disks.append({**root, "boot_index": 0, "delete_on_termination": True})
    for copy in wanted.copies:
        place = copy.attached
        disks.append(
            {
                "uuid": volumes[copy.source.id],
                "source_type": "volume",
                "destination_type": "volume",
                "boot_index": 0 if place.root else -1,
                "delete_on_termination": place.ends,
                **({"tag": place.tag} if place.tag else {}),
            }
        )
    return {"block_device_mapping_v2": disks} if disks else {}
