# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the zones: rows from the map, the verdicts of a run and what region_info found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cells import NONE, cell, columns
from .zone_names import differing_names

MOST_SERVERS = 20


@dataclass
class Report:
    """The lines of the table and of what is below it."""

    lines: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def report(
    zones: Mapping[str, Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    look: Mapping[str, Any],
    verified: Sequence[Mapping[str, Any]] = (),
    defaults: Mapping[str, Any] | None = None,
) -> Report:
    """The table.

    :param zones: the zone map in normal form.
    :param results: results of bulk modules, empty where a step did not run.
    :param look: the result of region_info, or empty.
    :param verified: results of bulk modules that ran in check mode to verify: what they would change is wrong.
    :param defaults: what the map says of requests that name no zone, as zone_map returns it.
    """
    found = Report()
    told = {name: (_verdicts(name, results), _verdicts(name, verified)) for name in zones}
    images = {name: _images([*verdicts, *checks]) for name, (verdicts, checks) in told.items()}
    cluster = {name: _cluster([*verdicts, *checks]) for name, (verdicts, checks) in told.items()}
    # A column only where there is something to say.
    named = ("AZ",) if any(zone["availability_zone"] != name for name, zone in zones.items()) else ()
    more = ("IMAGES",) if any(listed is not None for listed in images.values()) else ()
    kubernetes = ("NODES", "PODS") if any(listed is not None for listed in cluster.values()) else ()
    looked = columns(look)
    rows: list[tuple[str, ...]] = [("ZONE", "STATE", *named, *kubernetes, *looked, *more, "CHANGES", "RESULT")]
    remarks: list[str] = []
    for name, zone in zones.items():
        verdicts, checks = told[name]
        failures = [verdict["msg"] for verdict in (*verdicts, *checks) if verdict["failed"]]
        failures += [
            f"not as its file says; a run would: {verdict['msg']}"
            for verdict in checks
            if verdict["changed"] and not verdict["failed"]
        ]
        failures += [
            str(result.get("msg"))
            for result in (*results, *verified)
            # Not by its `failed`, which the task's `failed_when` took away so that each zone fails by itself.
            if result and "zones" not in result and not result.get("skipped")
        ]
        wrong = [message for verdict in checks for message in verdict.get("wrong", ())]
        failures += wrong
        changed = any(verdict["changed"] for verdict in verdicts)
        # A zone that failed changed by what stands of its plan; "done" is empty in check mode, where nothing fails half way.
        changes = sum(
            len(verdict["done"] if verdict["failed"] else verdict["plan"]) for verdict in verdicts if verdict["changed"]
        )
        if changed:
            found.changed.append(name)
        if failures:
            found.failed.append(name)
        outcome = "FAILED" if failures else "changed" if changed else "ok" if verdicts or checks else "not run"
        head = (name, zone["zone_state"], *(zone["availability_zone"] for _heading in named))
        placed = tuple(_held((cluster[name] or {}).get(heading)) for heading in kubernetes)
        cells = (*(cell(found, zone, look) for found in looked.values()), *(_held(images[name]) for _heading in more))
        rows.append((*head, *placed, *cells, str(changes or NONE), outcome))
        remarks += [f"{name}: wrong: {message}" for message in dict.fromkeys(failures)]
        warnings = [warning for verdict in (*verdicts, *checks) for warning in verdict["warnings"]]
        remarks += [f"{name}: note: {warning}" for warning in dict.fromkeys(warnings) if warning not in wrong]
    remarks += _findings(look.get("region") or {})
    remarks += differing_names(look.get("region") or {}) if any(verified) and not any(results) else []
    remarks += _defaults(look, defaults or {})
    remarks += _bootable(images) if any(verified) and not any(results) else []
    found.lines = _aligned(rows) + [""] * bool(remarks) + remarks + _unread(look)
    return found


def _images(verdicts: Sequence[Mapping[str, Any]]) -> Mapping[str, bool] | None:
    """Whether each image of the policy is in the zone's store, by the last look; None where images were not looked at."""
    states = [state["images"] for state in _states(verdicts) if "images" in state and "store" in state]
    return {name: bool(image["in_store"]) for name, image in states[-1].items()} if states else None


def _cluster(verdicts: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, bool]] | None:
    """Which of the zone's nodes and of the pods on them are ready, by the last look; None where pods were not looked at."""
    states = [state for state in _states(verdicts) if "nodes" in state and "pods" in state]
    if not states:
        return None
    return {"NODES": states[-1]["nodes"], "PODS": {row["pod"]: row["ready"] for row in states[-1]["pods"]}}


def _states(verdicts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What each part saw of the zone: a verdict of several parts has the states by part."""
    found: list[Mapping[str, Any]] = []
    for verdict in verdicts:
        state = verdict.get("state") or {}
        found += state.values() if "parts" in verdict else [state]
    return found


def _held(things: Mapping[str, bool] | None) -> str:
    return NONE if not things else f"{sum(things.values())}/{len(things)}"


def _bootable(images: Mapping[str, Mapping[str, bool] | None]) -> list[str]:
    """Which zone can boot which image of the policy from its own store."""
    lines = []
    for image in dict.fromkeys(name for listed in images.values() for name in listed or {}):
        here = [zone for zone, listed in images.items() if (listed or {}).get(image)]
        missing = [zone for zone, listed in images.items() if (listed or {}).get(image) is False]
        lacking = f"; missing in {', '.join(missing)}" if missing else ""
        lines.append(f"note: image {image} boots from the zone's own store in {', '.join(here) or 'no zone'}{lacking}")
    return lines


def _findings(region: Mapping[str, Any]) -> list[str]:
    """What concerns servers and placement, where region_info gathered it: notes, since no file of a zone is broken by it."""
    servers = [f"note: {entry['message']}" for entry in region.get("servers_out_of_place", [])]
    if len(servers) > MOST_SERVERS:
        servers = [
            *servers[:MOST_SERVERS],
            f"note: {len(servers) - MOST_SERVERS} more servers out of place, see region_info",
        ]
    if region.get("pins_seen") is False:
        servers.append(
            "note: this nova does not show which zone a server is pinned to (from 2.96), so servers out of place are not known"
        )
    placement = [
        f"note: placement does not mirror aggregate {entry['aggregate']}: missing {', '.join(entry['missing']) or 'none'}, "
        f"surplus {', '.join(entry['surplus']) or 'none'}; zoneops_placement_mirror=true repairs it"
        for entry in region.get("placement_drift", [])
    ]
    return servers + placement


def _defaults(look: Mapping[str, Any], of_map: Mapping[str, Any]) -> list[str]:
    """What requests use that name no zone: they fail while that zone is lost."""
    region = look.get("region") or {}
    store = region.get("defaults", {}).get("glance_store")
    notes = [f"note: images that name no store go to store {store}"] if store else []
    if "defaults" not in region.get("gathered", ()) or "cinder" in look.get("absent", ()):
        return notes
    zone = of_map.get("cinder_availability_zone")
    if zone:
        where = f"to availability zone {zone}, by cinder's storage_availability_zone as the map has it"
    else:
        where = "where cinder's storage_availability_zone says, which no API shows"
    return [*notes, f"note: volumes that name no zone go {where}"]


def _verdicts(zone: str, results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [result["zones"][zone] for result in results if zone in result.get("zones", {})]


def _unread(look: Mapping[str, Any]) -> list[str]:
    lines = [f"not read: {what}: {message}" for what, message in look.get("errors", {}).items()]
    if reason := not_read(look):
        lines.append(f"not read: {reason}")
    return lines


def not_read(look: Mapping[str, Any]) -> str | None:
    """Why there is no region in a registered result of region_info; None where there is one, or where region_info did not run.

    Not by its `failed`, which the task's `failed_when` may have taken away so that the table is printed.
    """
    return str(look.get("msg")) if look and "region" not in look and not look.get("skipped") else None


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
