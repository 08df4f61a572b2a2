# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as SARIF 2.1.0, with the zone file that a finding is about as its location. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..model import CRITICAL, NOTE, WARNING, Finding, Outcome, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {CRITICAL: "error", WARNING: "warning", NOTE: "note"}


def sarif(
    outcome: Outcome, rules: Sequence[Rule], files: Mapping[str, str], texts: Mapping[str, str] | None = None
) -> str:
    """A document.

    :param files: the file of each zone, where it is known.
    :param texts: what is in them, where they can be read.
    """
    known = texts or {}
    driver = {
        "name": "zoneops.openstack audit",
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "help": {"text": f"{rule.remedy}. Source: {rule.source}"},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
                "properties": {"page": rule.page, "playbook": rule.playbook},
            }
            for rule in rules
        ],
    }
    run = {"tool": {"driver": driver}, "results": [_result(one, files, known) for one in outcome.findings]}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _line(finding: Finding, text: str) -> int:
    """The first line that names the object, comments apart; the first of all where none does."""
    word = re.compile(rf"(?<![\w.-]){re.escape(finding.name)}(?![\w.-])")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if word.search(line.partition("#")[0])), 1)


def _result(finding: Finding, files: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Any]:
    name = finding.name if not finding.zone or finding.kind == "zone" else f"{finding.zone}/{finding.name}"
    location: dict[str, Any] = {"logicalLocations": [{"name": finding.name, "fullyQualifiedName": name}]}
    if finding.zone in files:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(files[finding.zone])},
            "region": {"startLine": _line(finding, texts.get(finding.zone, ""))},
        }
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.about}: {finding.message}"},
        "locations": [location],
    }
    if finding.muted:
        result["suppressions"] = [{"kind": "external", "justification": finding.muted}]
    return result
