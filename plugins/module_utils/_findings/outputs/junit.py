# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as JUnit: a suite is a zone, a case is a rule, so that every tool that shows tests shows an audit. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from ..model import NOTE, Finding, Outcome, Rule

#: The suite of what belongs to no zone.
REGION = "region"


def junit(outcome: Outcome, rules: Sequence[Rule], snapshot: Mapping[str, Any], zones: Sequence[str]) -> str:
    """A document. Notes and muted findings are no failures, but are in the output of their case."""
    root = ET.Element("testsuites", name="zoneops audit")
    by_suite: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in outcome.findings:
        by_suite[finding.zone or REGION][finding.rule.id].append(finding)
    looked_at = [rule for rule in rules if rule.id in outcome.evaluated or rule.id in outcome.unknown]
    for suite in (*zones, REGION):
        node = ET.SubElement(root, "testsuite", name=suite, timestamp=str(snapshot["taken"]).removesuffix("Z"))
        found = by_suite.get(suite, {})
        for rule in looked_at:
            _case(node, suite, rule, found.get(rule.id, []), outcome.unknown.get(rule.id, ""))
        _count(node)
    _count(root)
    ET.indent(root)
    return f"{ET.tostring(root, encoding='unicode', xml_declaration=True)}\n"


def _case(suite: ET.Element, zone: str, rule: Rule, findings: Sequence[Finding], unknown: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"{zone}.{rule.of}", name=rule.id)
    bad = [one for one in findings if not one.muted and one.severity != NOTE]
    if bad:
        node = ET.SubElement(case, "failure", message=_clean(rule.title), type=bad[0].severity)
        node.text = _clean("\n".join([*(_line(one) for one in bad), f"Remedy: {rule.remedy}"]))
    elif unknown:
        ET.SubElement(case, "skipped", message=_clean(unknown))
    if rest := [one for one in findings if one.muted or one.severity == NOTE]:
        ET.SubElement(case, "system-out").text = _clean("\n".join(_line(one) for one in rest))


def _line(finding: Finding) -> str:
    return f"{finding.about}: {finding.message}{f' [muted: {finding.muted}]' if finding.muted else ''}"


def _count(node: ET.Element) -> None:
    node.set("tests", str(len(node.findall(".//testcase"))))
    node.set("failures", str(len(node.findall(".//failure"))))
    node.set("skipped", str(len(node.findall(".//skipped"))))
    node.set("errors", "0")


def _clean(text: str) -> str:
    """Without characters that XML 1.0 cannot have; users name their servers."""
    return "".join(
        one
        if one in "\t\n" or (one >= " " and one not in "\ufffe\uffff" and not "\ud800" <= one <= "\udfff")
        else "\N{REPLACEMENT CHARACTER}"
        for one in text
    )
