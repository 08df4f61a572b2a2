# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a region has and its zone map does not: it is left out, and a remark says so. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..._plan.text.scrub import MASK, UNPRINTABLE
from ..errors import MapError, holds_credentials, is_secret_name
from ..load import load_map
from ..natural_order import natural
from ..schema.fields import Rule

# The services whose availability zones are not those of nova, and what puts a zone into them.
_SERVICES = {"cinder": "cinder-volume", "manila": "manila-share"}


def is_altered(text: str) -> bool:
    """Whether a module masked or replaced something in it, so that it is not what the cloud has."""
    return MASK in text or UNPRINTABLE in text


def taken(pairs: Mapping[str, str], key_rule: Rule, rule: Rule) -> tuple[dict[str, str], dict[str, str]]:
    """Of keys and values as the cloud has them, those that the map can hold; and of the others why not."""
    found, left_out = {}, {}
    for key, value in sorted(pairs.items()):
        why = _unfit(key, value, key_rule, rule)
        if why:
            left_out[key] = why
        else:
            found[key] = value
    return found, left_out


def _unfit(key: str, value: str, key_rule: Rule, rule: Rule) -> str:
    if is_secret_name(key) or holds_credentials(value) or MASK in value:
        return "looks like a secret"
    if is_altered(key) or is_altered(value):
        return "has control characters"
    return "cannot be part of a zone map" if key_rule.broken(key) or rule.broken(value) else ""


def take_out_what_breaks(name: str, data: dict[str, Any], default: str) -> list[str]:
    """Take the parts of a zone that break a rule of the map out of it, and say so. What no zone can be without stays, as an error of the map."""
    region = {"zones": [name], "default_availability_zone": default}
    remarks = []
    try:
        load_map({name: data}, region)
    except MapError as error:
        for problem in error.problems:
            part = problem.path.partition(".")[0].partition("[")[0]
            if (
                problem.zone == name
                and part not in ("", "availability_zone", "compute")
                and data.pop(part, None) is not None
            ):
                remarks.append(f"{part} was not imported: {problem}.")
    return remarks


def without_zone(hosts: Iterable[Mapping[str, Any]]) -> list[str]:
    """The compute hosts that no zone has."""
    lost = sorted((host["name"] for host in hosts if not host["availability_zone"]), key=natural)
    return [f"Compute hosts in no availability zone: {', '.join(lost)}."] if lost else []


def zones_of_others(found: Mapping[str, Any], of_nova: Collection[str]) -> list[str]:
    """The availability zones that only cinder or manila have: a zone of the map begins with nova's."""
    remarks = []
    for service, binary in _SERVICES.items():
        zones: dict[str, list[str]] = {
            entry["name"]: [] for entry in found.get("availability_zones", {}).get(service, [])
        }
        for entry in found.get("services", []):
            if entry["binary"] == binary and entry["availability_zone"]:
                zones.setdefault(entry["availability_zone"], []).append(str(entry["host"]))
        remarks += [
            f"Availability zone {zone!r} of {service} was not imported, because no aggregate of nova has it. Its back ends: "
            f"{', '.join(sorted(zones[zone], key=natural)) or 'none'}."
            for zone in sorted(zones, key=natural)
            if zone not in of_nova
        ]
    return remarks


def fitting(
    key: str, entries: list[dict[str, Any]], zones: Mapping[str, Mapping[str, Any]], remarks: list[str]
) -> list[dict[str, Any]]:
    """The entries of the region that the map takes; of the others the remarks say why not.

    :param key: where they stand in the region.
    :param zones: zone files by inventory name.
    """
    return (
        entries if not _broken(key, entries, zones) else [one for one in entries if not _told(key, one, zones, remarks)]
    )


def _told(key: str, entry: dict[str, Any], zones: Mapping[str, Mapping[str, Any]], remarks: list[str]) -> bool:
    broken = _broken(key, [entry], zones)
    if broken:
        noun = key.removesuffix("s").replace("_", " ").capitalize()
        remarks.append(f"{noun} {entry['name']!r} was not imported: {broken}.")
    return bool(broken)


def _broken(key: str, entries: list[dict[str, Any]], zones: Mapping[str, Mapping[str, Any]]) -> str:
    if any(is_altered(text) for text in _texts(entries)):
        return "it contains masked or replaced text"
    try:
        load_map(zones, {"zones": list(zones), key: entries})
    except MapError as error:
        return "; ".join(str(problem) for problem in error.problems)
    return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_texts(item))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
