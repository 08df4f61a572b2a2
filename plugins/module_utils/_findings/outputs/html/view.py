# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the HTML report shows, as plain data: the templates only lay it out, and the file has it inside. Pure."""

from __future__ import annotations

from typing import Any

from ...audit import Report
from .lists import changes, findings, images, latency, unknown
from .zones import cards

#: Of the data in the file.
FORMAT = 1


def view(report: Report) -> dict[str, Any]:
    snapshot, outcome = report.snapshot, report.outcome
    return {
        "format": FORMAT,
        "region": snapshot["region"],
        "taken": snapshot["taken"],
        "summary": report.summary,
        "counts": outcome.counts(),
        "muted": len(outcome.findings) - len(outcome.open),
        "rules": len(outcome.evaluated),
        "not_evaluated": len(outcome.unknown),
        "unread": dict(snapshot["unread"]),
        "zones": cards(snapshot, report.zones, outcome.open),
        "findings": findings(outcome.open),
        "accepted": findings(one for one in outcome.findings if one.muted),
        "unknown": unknown(outcome),
        "mute_notes": list(outcome.mute_notes),
        "images": images(snapshot),
        "latency": latency(report.latency, report.zones, report.latency_limit),
        "changes": None if report.before is None else changes(snapshot, report.before, report.changes),
    }
