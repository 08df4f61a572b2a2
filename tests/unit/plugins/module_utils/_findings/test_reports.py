# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of a report, read back with what reads them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.audit import Report
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.compare import compared
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.files import (
    earlier,
    refuse_unfit,
    rules_in,
    write,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.model import Finding, Mute, Outcome
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.mutes import severities_of
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.render import html
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.junit import junit
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.prometheus import prometheus
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.sarif import sarif
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.table import lines
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.verdicts import problems, verdicts
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.columns import width

from .regions import NOW, ZONES, seen, server, zone_map
from .test_rules import FILES, GOOD, RULES

MUTE = Mute("host-down", "broken fan", "2030-02-01", "az3-a")


def report(**changes: Any) -> Report:
    found = build(seen(**changes), zone_map(), NOW)
    return Report(found, RULES, evaluate(RULES, found, mutes=[MUTE], zones=ZONES), ZONES)


def test_junit_has_a_suite_for_each_zone_and_a_case_for_each_rule() -> None:
    one = report()
    root = ET.fromstring(junit(one.outcome, RULES, one.snapshot, ZONES))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [*ZONES, "region"]
    assert {len(suite) for suite in suites.values()} == {len(RULES)}
    case = next(case for case in suites["az3"] if case.get("name") == "host-down")
    (failure,) = case.findall("failure")
    assert failure.get("type") == "critical"
    assert "host az3-b: nova-compute is down" in str(failure.text)
    assert "az3-a" not in str(failure.text)
    assert "[muted: broken fan (until 2030-02-01)]" in str(case.findtext("system-out"))
    skipped = next(case for case in suites["az1"] if case.get("name") == "zone-loss-does-not-fit")
    assert "placement does not answer" in str(skipped.find("skipped").get("message"))  # type: ignore[union-attr]
    assert int(str(root.get("failures"))) == len(root.findall(".//failure")) > 5
    # A note is no failure.
    assert not [
        case for case in suites["region"] if case.get("name") == "image-not-raw-on-rbd" and case.findall("failure")
    ]


def test_prometheus_text() -> None:
    one = report()
    text = prometheus(one.outcome, one.snapshot)
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values['zoneops_zone_hosts{zone="az3",state="down"}'] == "2"
    assert values['zoneops_zone_hosts{zone="az1",state="up"}'] == "2"
    assert values['zoneops_finding{rule="host-down",severity="critical",zone="az3"}'] == "1"
    assert float(values["zoneops_verified_timestamp_seconds"]) == NOW.timestamp()
    assert float(values["zoneops_rules_unknown"]) == len(one.outcome.unknown) > 0
    assert not [name for name in values if name.startswith("zoneops_zone_loss_fits")]


def test_a_metric_on_hosts_is_there_where_the_number_is_none() -> None:
    """`zoneops_zone_hosts{state="up"} == 0`, as on the page events, is never true of a series that is missing."""
    one = report()
    assert 'zoneops_zone_hosts{zone="az3",state="up"} 0' in prometheus(one.outcome, one.snapshot).splitlines()
    gone = report(servers=[])
    gone.snapshot["objects"]["zone"][0].update(hosts=[], missing_hosts=["az1-a"])
    gone.snapshot["objects"]["host"][:] = []
    assert 'zoneops_zone_hosts{zone="az1",state="up"} 0' in prometheus(gone.outcome, gone.snapshot).splitlines()
    silent = report(unread={"compute": "nova is silent"})
    silent.snapshot["objects"]["host"][:] = []
    assert "zoneops_zone_hosts{" not in prometheus(silent.outcome, silent.snapshot)


def test_sarif_names_the_file_of_the_zone() -> None:
    one = report()
    run = json.loads(sarif(one.outcome, RULES, {"az3": "my zones/host_vars/az3.yml"}))["runs"][0]
    ids = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    results = {
        (found["ruleId"], found["locations"][0]["logicalLocations"][0]["name"]): found for found in run["results"]
    }
    assert {rule for rule, _name in results} <= ids
    (rule,) = (rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "host-down")
    assert rule["properties"] == {"page": "compute-services", "playbook": "zone_evacuate"}
    down = results[("host-down", "az3-b")]
    assert (down["level"], "suppressions" in down) == ("error", False)
    assert down["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20zones/host_vars/az3.yml"
    assert results[("host-down", "az3-a")]["suppressions"][0]["justification"] == "broken fan (until 2030-02-01)"


def test_sarif_names_the_line_of_the_object(tmp_path: Path) -> None:
    text = "# az3-b is old\nzoneops_zone:\n  compute:\n    hosts:\n      - az3-b.example\n      - az3-b\n"
    (tmp_path / "az3.yml").write_text(text)
    files = {"az3": str(tmp_path / "az3.yml"), "az1": str(tmp_path / "none.yml")}
    path = tmp_path / "audit.sarif"
    write(report(), {"sarif": str(path)}, files)
    lines = {
        (one["ruleId"], one["locations"][0]["logicalLocations"][0]["name"]): one["locations"][0]["physicalLocation"]
        for one in json.loads(path.read_text())["runs"][0]["results"]
        if "physicalLocation" in one["locations"][0]
    }
    assert lines[("host-down", "az3-b")]["region"]["startLine"] == 6
    assert {place["region"]["startLine"] for (_rule, _name), place in lines.items()} == {1, 6}


def test_names_of_users_break_no_form() -> None:
    name = '<b>\x00\x1b[31m\u202e{{ 1 }} "\\\n\ud800😀'
    one = report(servers=[server("in", "az3-a", None, name=name)])
    root = ET.fromstring(junit(one.outcome, RULES, one.snapshot, ZONES))
    assert "<b>" in "".join(root.itertext())
    junit(one.outcome, RULES, one.snapshot, ZONES).encode()
    assert [line for line in lines(one.outcome) if not line.isprintable()] == []
    assert any("<b>\\x00\\x1b[31m\\u202e{{ 1 }}" in line for line in lines(one.outcome))
    json.loads(sarif(one.outcome, RULES, {}))
    assert all(line.count('"') % 2 == 0 for line in prometheus(one.outcome, one.snapshot).splitlines())


def test_the_table_fits_a_terminal_and_says_what_to_do() -> None:
    found = lines(report().outcome)
    assert max(map(len, found)) <= 80
    assert found[0].startswith("Findings: ")
    assert "1 muted" in found[0]
    text = "\n".join(found)
    assert "    az3: host az3-b: nova-compute is down" in text
    assert "    -> start nova-compute; if the host is lost" in text
    assert "NOT EVALUATED" in text
    many = report(servers=[server(str(number), "az3-a", "az3") for number in range(40)])
    assert "    and 35 more" in lines(many.outcome)


def test_the_table_fits_a_terminal_whatever_users_name_things() -> None:
    for name in ("日本語" * 40, "😀 " * 80, "Ko\u0308ln" * 30, "❤\ufe0f" * 70):
        found = lines(report(servers=[server("in", "az3-a", None, name=name)]).outcome)
        assert max(map(width, found)) <= 80
        assert "".join(name.split()) in "".join("".join(found).split())


def test_zones_fail_by_severity() -> None:
    outcome = report().outcome
    assert [name for name, one in verdicts(outcome, ZONES, "never").items() if one["failed"]] == []
    critical = verdicts(outcome, ZONES, "critical")
    assert critical["az3"]["failed"]
    assert "critical: host az3-b: nova-compute is down" in critical["az3"]["msg"]
    assert (critical["az2"]["failed"], critical["az2"]["msg"]) == (
        False,
        "nothing found; 3 rules could not be evaluated",
    )
    assert problems(outcome, "never") == []
    problem, unknown = problems(outcome, "critical")
    assert unknown == "3 rules could not be evaluated: capacity could not be read: placement does not answer"
    assert problem == (
        "critical: volume type gold: it is bound to az9, which cinder does not offer (rule volume-type-of-gone-zone); "
        "correct the type in the region's file and run the playbook site"
    )


def test_a_message_names_ten_findings() -> None:
    found = report(servers=[server(str(number), "free", "az9") for number in range(40)], unread={})
    region = [one for one in problems(found.outcome, "critical") if "server" in one]
    assert len(region) == 10
    assert re.fullmatch(r"and \d+ more findings", problems(found.outcome, "critical")[-1])
    lost = report(servers=[server(str(number), "az3-a", "az3") for number in range(40)], unread={})
    assert "more findings" in verdicts(lost.outcome, ZONES, "critical")["az3"]["msg"]
    assert verdicts(lost.outcome, ZONES, "critical")["az2"]["msg"] == "1 finding"


def test_junit_of_many_findings_compares_none_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    many = report(servers=[server(str(number), "az3-a", "az3") for number in range(40)])

    def refuse(_one: object, _other: object) -> bool:
        raise AssertionError("as many comparisons as findings squared")

    monkeypatch.setattr(Finding, "__eq__", refuse)
    assert junit(many.outcome, RULES, many.snapshot, ZONES).count("name-39") == 1


def test_a_report_is_read_back_and_compared(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    first = report()
    assert earlier(str(path)) is None
    assert write(first, {"json": str(path), "junit": None}, {}) == [str(path)]
    assert path.stat().st_mode & 0o777 == 0o644
    before = earlier(str(path))
    assert before is not None
    assert before["snapshot"]["objects"] == first.snapshot["objects"]
    assert before["zones"] == list(ZONES)
    assert {one["playbook"] for one in before["findings"] if one["rule"] == "host-down"} == {"zone_evacuate"}
    assert compared(first.outcome, before["findings"], ZONES, before["zones"]) == {"new": [], "gone": []}
    second = report(servers=[server("bad", "az1-a", "az1", status="ERROR")])
    changes = compared(second.outcome, before["findings"], ZONES, ZONES)
    assert {one["rule"] for one in changes["new"]} == {"server-in-error", "volume-attached-to-nothing"}
    assert "server-on-dead-host" in {one["rule"] for one in changes["gone"]}


def test_what_only_one_of_two_audits_looked_at_is_neither_new_nor_gone() -> None:
    every = report()
    found = every.outcome.findings
    before = [one.as_dict() for one in found]
    limited = Outcome(tuple(one for one in found if one.zone in ("", "az1")))
    assert compared(limited, before, ["az1"], ZONES) == {"new": [], "gone": []}
    assert compared(every.outcome, [one.as_dict() for one in limited.findings], ZONES, ["az1"])["new"] == []
    assert len(compared(every.outcome, [], ZONES, None)["new"]) == len(found)
    silent = report(unread={"servers": "nova is silent"}, servers=[])
    gone = compared(silent.outcome, before, ZONES, ZONES)["gone"]
    assert not {one["rule"] for one in gone} & set(silent.outcome.unknown)


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "{}", "no", '{"snapshot": {}, "findings": []}', '{"snapshot": 5, "findings": []}'),
        '{"snapshot": {"format": 1}, "findings": []}',
        '{"snapshot": {"format": 1, "objects": {}}, "findings": [{}]}',
        '{"snapshot": {"format": 1, "objects": []}, "findings": []}',
        '{"snapshot": {"format": 1, "objects": {"host": ["a"]}}, "findings": []}',
        '{"snapshot": {"format": 1, "objects": {"host": [{"state": "up"}]}}, "findings": []}',
        '{"snapshot": {"format": 1, "objects": {"host": [{"since": "yesterday"}]}}, "findings": []}',
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "audit.json"
    path.write_text(text)
    with pytest.raises(ZoneopsError, match=f"^file {path} is no report of an audit: name another file in 'previous'"):
        earlier(str(path))
    # Nobody has named the copy of something, and it is gone when the message is read.
    with pytest.raises(ZoneopsError, match=r"^object a\.json is no report of an audit: delete it, or name another one"):
        earlier(str(path), "object a.json")


def test_a_report_with_fewer_fields_and_kinds_is_compared(tmp_path: Path) -> None:
    """As an earlier version wrote it: fields and kinds are added to a format."""
    one = report()
    old = {
        "host": [{"name": "az1-a", "zone": "az1", "state": "down", "status": "enabled"}],
        "zone": [{"name": "az1", "zone": "az1", "servers": 7}],
    }
    path = tmp_path / "audit.json"
    path.write_text(json.dumps({"snapshot": {"format": 1, "objects": old}, "findings": []}))
    before = earlier(str(path))
    assert before is not None
    assert build(seen(), zone_map(), NOW, before["snapshot"])["objects"]["host"][0]["hours_in_state"] == 0
    text = html(replace(one, before=before))
    assert "down → up" in text


def test_a_newer_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    path.write_text('{"snapshot": {"format": 99}, "findings": []}')
    with pytest.raises(
        ZoneopsError, match=f"^file {path} has format 99; this version reads up to 1: name another file"
    ):
        earlier(str(path))
    with pytest.raises(ZoneopsError, match=r"^object a\.json has format 99; .*: delete it, or name another one"):
        earlier(str(path), "object a.json")


def test_a_report_that_cannot_be_written_is_named_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    good = {"json": str(tmp_path / "new" / "audit.json"), "junit": str(tmp_path / "file"), "sarif": None}
    refuse_unfit(good)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file"]
    for path, reason in (
        ("/dev/null", "is a device; name a file"),
        (str(tmp_path), "is a folder; name a file"),
        (str(tmp_path / "file" / "audit.json"), "cannot be created: .*/file is not a folder"),
    ):
        with pytest.raises(ZoneopsError, match=reason):
            refuse_unfit({"json": path})
    with pytest.raises(ZoneopsError, match="is named twice in 'outputs'"):
        refuse_unfit({**good, "sarif": good["json"]})


def test_a_link_stays_and_leads_to_the_report(tmp_path: Path) -> None:
    link, file = tmp_path / "audit.prom", tmp_path / "metrics" / "zoneops.prom"
    link.symlink_to(file)
    refuse_unfit({"prometheus": str(link)})
    assert write(report(), {"prometheus": str(link)}, {}) == [str(link)]
    assert link.is_symlink()
    assert "zoneops_zone_hosts" in file.read_text()


def test_rules_come_from_folders_and_files(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(GOOD)
    (tmp_path / "note.txt").write_text("nothing")
    assert [rule.id for rule in rules_in([str(tmp_path)])] == ["zone-small"]
    assert len(rules_in([str(FILES[0].parent), str(tmp_path / "own.yml")])) == len(RULES) + 1
    with pytest.raises(ZoneopsError, match=r"file .*none\.yml (does not exist|.*)"):
        rules_in([str(tmp_path / "none.yml")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ZoneopsError, match=r"has no files that end in \.yml or \.yaml"):
        rules_in([str(tmp_path / "empty")])
    with pytest.raises(ZoneopsError, match="there is no rule to evaluate"):
        rules_in([])


def test_severities_are_checked_and_off_needs_no_quotes() -> None:
    assert severities_of({"host-down": "note", "host-in-no-zone": False}) == {
        "host-down": "note",
        "host-in-no-zone": "off",
    }
    for wrong in ("criticl", True, None, ["note"]):
        with pytest.raises(ZoneopsError, match=r"rule host-down has .*choose from critical, warning, note, off"):
            severities_of({"host-down": wrong})
