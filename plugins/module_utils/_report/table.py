# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the zones: rows from the map, the verdicts of a run and what region_info found. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._plan.text.columns import left, width
from .._plan.text.reasons import by_reason, by_sentence
from .cells import NONE, cell, columns
from .looks import looks
from .row import FAILED, Row, row_of
from .shared import shared_changes
from .zone_names import differing_names

MOST_SERVERS = 20


@dataclass(frozen=True)
class Line:
    """A line for people.

    :ivar result: of the zone that it is about, for its colour; empty for a line of no colour.
    """

    text: str
    result: str = ""


@dataclass
class Report:
    """The lines of the table and of what is below it, and the outcome by zone.

    :ivar unusable: what the zone cannot do at all, by zone.
    """

    shown: list[Line] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    down: list[str] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    unusable: dict[str, list[str]] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        return [line.text for line in self.shown]


def report(
    zones: Mapping[str, Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    look: Mapping[str, Any],
    verified: Sequence[Mapping[str, Any]] = (),
    defaults: Mapping[str, Any] | None = None,
    *,
    only: Collection[str] | None = None,
    verify: bool = False,
    now: datetime | None = None,
) -> Report:
    """The table.

    :param zones: the zone map in normal form.
    :param results: results of bulk modules, empty where a step did not run.
    :param look: the result of region_info, or empty.
    :param verified: results of bulk modules that ran in check mode to verify: what they would change is wrong.
    :param defaults: what the map says of requests that name no zone, as zone_map returns it.
    :param only: zones of the play, None for all: what failed as a whole says nothing about the others.
    :param verify: a zone that cannot be used has failed.
    :param now: what time it is; None where the end of a maintenance is not compared with it.
    """
    asked = zones.keys() if only is None else [name for name in zones if name in only]
    together = shared_changes(results)
    own = looks(zones, look)
    rows = {
        name: row_of(name, zone, results, verified, own[name], together, asked=name in asked, verify=verify, now=now)
        for name, zone in zones.items()
    }
    found = Report(
        changed=[name for name, row in rows.items() if row.changed],
        failed=[name for name, row in rows.items() if row.failed],
        down=[name for name, row in rows.items() if row.status == "down"],
        degraded=[name for name, row in rows.items() if row.status == "degraded"],
        unusable={name: row.unusable for name, row in rows.items() if row.unusable},
    )
    images = {name: _images(row.verdicts) for name, row in rows.items()}
    table = _aligned(_cells(zones, rows, images, look, own))
    found.shown = [Line(table[0])]
    found.shown += [Line(text, row.result) for text, row in zip(table[1:], rows.values(), strict=True)]
    remarks = _said(rows, asked)
    changed = {zone: [text for text, sharing in together.items() if zone in sharing] for zone in zones}
    remarks += [Line(f"{about}: changed together: {text}") for about, text in by_sentence(changed, asked)]
    told = {sentence for row in rows.values() for sentence in row.wrong}
    notes = [
        *_findings(look.get("region") or {}),
        *(differing_names(look.get("region") or {}) if any(verified) and not any(results) else []),
        *_defaults(look, defaults or {}),
        *(_bootable(images) if any(verified) and not any(results) else []),
        *_unread(look, told),
    ]
    remarks += [Line(note) for note in notes]
    found.shown += [Line("")] * bool(remarks) + remarks
    return found


def _cells(
    zones: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Row],
    images: Mapping[str, Mapping[str, bool] | None],
    look: Mapping[str, Any],
    own: Mapping[str, Mapping[str, Any]],
) -> list[tuple[str, ...]]:
    """A column only where there is something to say; the result first, where a narrow terminal has it too."""
    cluster = {name: _cluster(row.verdicts) for name, row in rows.items()}
    named = ("AZ",) if any(zone["availability_zone"] != name for name, zone in zones.items()) else ()
    more = ("IMAGES",) if any(listed is not None for listed in images.values()) else ()
    kubernetes = ("NODES", "PODS") if any(listed is not None for listed in cluster.values()) else ()
    looked = columns(look)
    cells: list[tuple[str, ...]] = [("ZONE", "RESULT", "CHANGES", "STATE", *named, *kubernetes, *looked, *more)]
    for name, zone in zones.items():
        head = (name, rows[name].result, rows[name].changes, zone["zone_state"])
        place = tuple(zone["availability_zone"] for _heading in named)
        placed = tuple(_held((cluster[name] or {}).get(heading)) for heading in kubernetes)
        seen = tuple(cell(found, zone, own[name]) for found in looked.values())
        cells.append((*head, *place, *placed, *seen, *(_held(images[name]) for _heading in more)))
    return cells


def _said(rows: Mapping[str, Row], asked: Collection[str]) -> list[Line]:
    """What is wrong, then what is worth a note; what is said of several zones once."""
    wrong = by_sentence({name: row.wrong for name, row in rows.items()}, asked)
    notes = by_sentence({name: row.notes for name, row in rows.items()}, asked)
    return [
        *(Line(f"{about}: wrong: {sentence}", FAILED) for about, sentence in wrong),
        *(Line(f"{about}: note: {sentence}") for about, sentence in notes),
    ]


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
            "note: this nova does not show which zone a server is pinned to (from 2.96), so it is unknown which servers are out of place"
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
    notes = [f"note: images without a store go to store {store}"] if store else []
    if "defaults" not in region.get("gathered", ()) or "cinder" in look.get("absent", ()):
        return notes
    zone = of_map.get("cinder_availability_zone")
    if zone:
        where = f"to availability zone {zone}, by cinder's storage_availability_zone in the map"
    else:
        where = "to cinder's storage_availability_zone, which no API shows"
    return [*notes, f"note: volumes without a zone go {where}"]


def _unread(look: Mapping[str, Any], told: Collection[str]) -> list[str]:
    """What the table lacks. A reason for which zones failed stands above, and is not repeated."""
    lines = [
        f"not read, for the reason above: {what}" if reason in told else f"not read: {what}: {reason}"
        for what, reason in by_reason(look.get("errors", {}))
    ]
    reason = not_read(look)
    return lines if reason is None or set(reason.splitlines()) <= set(told) else [*lines, f"not read: {reason}"]


def not_read(look: Mapping[str, Any]) -> str | None:
    """Why there is no region in a registered result of region_info; None where there is one, or where region_info did not run.

    Not by its `failed`, which the task's `failed_when` may have taken away so that the table is printed.
    """
    return str(look.get("msg")) if look and "region" not in look and not look.get("skipped") else None


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    rows = list(rows)
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(left(cell, most) for cell, most in zip(row, widths, strict=True)).rstrip() for row in rows]
