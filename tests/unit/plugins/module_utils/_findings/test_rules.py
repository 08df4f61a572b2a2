# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: the built-in ones, and what is wrong with those of users."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.expression import Expression
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.model import Mute, Outcome, Rule
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.parameters import with_parameters
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.rules import RuleError, parsed, refuse_twice
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import FIELDS, SECTIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

ROOT = Path(__file__).parents[5]
FILES = sorted((ROOT / "roles" / "audit" / "files" / "rules").glob("*.yml"))


def builtin() -> list[Rule]:
    return [rule for file in FILES for rule in parsed(file.read_text(), str(file), FIELDS, SECTIONS)]


RULES = builtin()
GOOD = """
- id: zone-small
  title: A zone is small
  severity: note
  of: zone
  when: length(hosts) < `2`
  message: "it has {length(hosts)} hosts: {hosts}"
  remedy: add hosts
  source: ours
  examples:
    good: [{hosts: [a, b]}]
    bad: [{hosts: []}]
"""


def read(text: str) -> list[Rule]:
    return parsed(text, "own.yml", FIELDS, SECTIONS)


def test_the_built_in_rules_are_at_least_forty_each_with_its_own_id() -> None:
    assert len(RULES) >= 40
    refuse_twice(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_built_in_rule_points_to_a_page_that_exists_and_says_what_to_do(rule: Rule) -> None:
    assert (ROOT / "docs" / f"{rule.page}.md").is_file()
    named = re.search(r"playbooks? (\w+)", rule.remedy)
    assert rule.playbook == (named[1] if named else "")
    assert not rule.playbook or (ROOT / "playbooks" / f"{rule.playbook}.yml").is_file()
    for text in (rule.title, rule.message, rule.remedy, rule.source):
        assert not text.endswith(".")
    assert len(rule.title) <= 80


def test_a_rule_of_a_user() -> None:
    (rule,) = read(GOOD)
    assert (rule.id, rule.file, rule.line) == ("zone-small", "own.yml", 2)
    snapshot = {
        "unread": {},
        "taken": "2030-01-01T00:00:00Z",
        "objects": {
            "zone": [
                {"name": "az1", "zone": "az1", "hosts": ["a"]},
                {"name": "az2", "zone": "az2", "hosts": ["b", "c"]},
            ]
        },
    }
    outcome = evaluate([rule], snapshot)
    assert [(one.zone, one.message) for one in outcome.findings] == [("az1", "it has 1 hosts: a")]
    assert outcome.evaluated == {"zone-small": 2}


def test_a_rule_may_refer_to_what_the_one_before_it_says() -> None:
    first = GOOD.replace("source: ours", "source: &source ours").replace("examples:", "examples: &examples")
    second = GOOD.partition("  source")[0].replace("zone-small", "zone-little")
    one, other = read(f"{first}{second.lstrip()}  source: *source\n  examples: *examples\n")
    assert (other.source, other.good, other.bad) == (one.source, one.good, one.bad)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  source: ours", "  sauce: ours", r"own\.yml, line 9: a rule has no key 'sauce' \(did you mean source\?\)"),
        ("  source: ours\n", "", r"own\.yml, line 2: rule zone-small: 'source' is missing"),
        ("severity: note", "severity: bad", r"'severity' is 'bad'; choose from critical, warning, note"),
        ("of: zone", "of: zones", r"'of' is 'zones' \(did you mean zone\?\)"),
        (
            "length(hosts) < `2`",
            "length(hosts <",
            r"line 2: rule zone-small: 'length\(hosts <' is no JMESPath expression",
        ),
        ("length(hosts) < `2`", "size(hosts) < `2`", r"rule zone-small: .*size"),
        ("length(hosts) < `2`", "hoists", r"rule zone-small: no zone has a field 'hoists' \(did you mean hosts"),
        ("length(hosts) < `2`", "length(hosts) < `2` || hoists", r"no zone has a field 'hoists'"),
        ("length(hosts) < `2`", "length(hosts[?state]) < `2` && !gatways", r"no zone has a field 'gatways'"),
        ("{length(hosts)} hosts", "{hoists || 'no'} hosts", r"no zone has a field 'hoists'"),
        ("length(hosts) < `2`", "hosts == null", r"'null' is taken for a field: write `null`, in backquotes"),
        ("length(hosts) < `2`", "name && hosts", r"the bad example .* is no finding"),
        (
            "length(hosts) < `2`",
            "length(hosts) < '2'",
            r"'length\(hosts\) < '2'' cannot be evaluated: '<' not supported",
        ),
        ("length(hosts) < `2`", "length(hosts) < `3`", r"the good example .* is a finding"),
        ("{length(hosts)} hosts", "{name} hosts", r"'name' in the message has no value"),
        ("{length(hosts)} hosts", "{length(hosts) hosts", r"brace|JMESPath"),
        (
            "good: [{hosts: [a, b]}]",
            "good: [{host: [a, b]}]",
            r"an example has 'host', which no zone has \(did you mean hosts\?\)",
        ),
        ("    bad: [{hosts: []}]\n", "", r"'examples' has to have 'good' and 'bad'"),
        ("bad: [{hosts: []}]", "bad: []", r"'examples.bad' has to be a list of at least one object"),
        ("id: zone-small", "id: Zone_small", r"'id' has to be words of small letters"),
        ("  source: ours", "  source: ours\n  needs: [cinder]", r"'needs' has 'cinder'; choose from compute"),
        (
            "  source: ours",
            "  source: !ours 1",
            r"line 2: a rule has to be plain data: could not determine a constructor",
        ),
        ("  source: ours", "  source: ours\n  ? [a]\n  : b", r"own\.yml, line 10: a rule has no key '\["),
        (
            "  source: ours",
            "  source: ours\n  id: other",
            r"own\.yml, line 10: 'id' is there twice: begin the next rule with",
        ),
        ("  source: ours", "  source: ours\n  page: [audit]", r"'page' is missing or is no text"),
        ("  source: ours", "  source: ours\n  playbook: 5", r"'playbook' is missing or is no text"),
        ("    bad: [{hosts: []}]", "    bad: [{hosts: []}]\n    5: []", r"'examples' has to have 'good' and 'bad'"),
        ("of: zone", "of: zone\n  parameters: [3]", r"'parameters' has to be a mapping of names to numbers"),
        ("of: zone", "of: zone\n  parameters: {few: true}", r"'parameters' has to be a mapping of names to numbers"),
        ("of: zone", "of: zone\n  parameters: {hosts: 2}", r"parameter 'hosts' has to be .* no field of the object"),
        ("of: zone", "of: zone\n  parameters: {few: 2}", r"no expression reads parameter 'few'"),
        ("length(hosts) < `2`", "length(hosts) < few", r"no zone has a field 'few'"),
        ("bad: [{hosts: []}]", "bad: [{hosts: [], 5: 6}]", r"an example has '5', which no zone has"),
        ("- id", "  id", r"own\.yml, line 1: has to be a list of rules|own\.yml, line"),
        ("  title: A zone", "  title: [A zone", r"own\.yml, line \d+: no YAML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(RuleError, match=message):
        read(GOOD.replace(old, new))


def test_users_set_the_numbers_of_a_rule() -> None:
    text = GOOD.replace("length(hosts) < `2`", "length(hosts) < few").replace(
        "of: zone", "of: zone\n  parameters: {few: 2}"
    )
    rules = read(text.replace("{length(hosts)} hosts", "fewer than {few} hosts"))
    zones = [{"name": "az1", "zone": "az1", "hosts": ["a", "b"]}]
    snapshot = {"unread": {}, "taken": "2030-01-01T00:00:00Z", "objects": {"zone": zones}}
    assert evaluate(rules, snapshot).findings == ()
    (finding,) = evaluate(with_parameters(rules, {"zone-small": {"few": 3}}), snapshot).findings
    assert finding.message == "it has fewer than 3 hosts: a, b"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"zone-smal": {"few": 3}}, r"'parameters': no rule is named zone-smal \(did you mean zone-small"),
        (
            {"zone-small": {"fewer": 3}},
            r"rule zone-small has no parameter 'fewer' \(did you mean few\?\); its parameters are few: 2",
        ),
        *(
            ({"zone-small": {"few": text}}, rf"rule zone-small: few is '{text}'; give a number, such as 2")
            for text in ("three", "", "nan", "1e3", "0x3")
        ),
        ({"zone-small": 3}, r"rule zone-small has '3': give a mapping, such as \{few: 2\}"),
        ({"zone-plain": {"few": 3}}, r"rule zone-plain has no parameter 'few'; it has none"),
    ],
)
def test_wrong_numbers_are_named(given: dict[str, Any], message: str) -> None:
    text = GOOD.replace("length(hosts) < `2`", "length(hosts) < few").replace(
        "of: zone", "of: zone\n  parameters: {few: 2}"
    )
    rules = [*read(text), *read(GOOD.replace("zone-small", "zone-plain"))]
    with pytest.raises(ZoneopsError, match=message):
        with_parameters(rules, given)


@pytest.mark.parametrize(("text", "value"), [("3", 3), (" -3\n", -3), ("0.5", 0.5)])
def test_a_number_that_a_template_computes_is_text_on_older_cores(text: str, value: float) -> None:
    numbered = GOOD.replace("< `2`", "< few").replace("of: zone", "of: zone\n  parameters: {few: 2}")
    (rule,) = with_parameters(read(numbered), {"zone-small": {"few": text}})
    assert rule.parameters == {"few": value}


OLD = """
- id: host-old
  title: A host is as it is
  severity: note
  of: host
  when: "%s"
  parameters: {max_hours: 100}
  message: "it is {name}, and {max_hours}"
  remedy: look
  source: ours
  examples:
    good: [%s]
    bad: [%s]
"""


@pytest.mark.parametrize(
    ("when", "hours", "others"),
    [
        ("hours_in_state > `24` && hours_in_state < max_hours", 50, 24),
        ("!(hours_in_state > max_hours)", 100, 101),
        ("hours_in_state == `7` || max_hours < `0`", 7, 8),
        ("contains(`[24, 48]`, hours_in_state) || max_hours < `0`", 48, 47),
        ("hours_in_state > vcpus_used && hours_in_state < vcpus_needed || max_hours < `0`", 9, 8),
        ("hours_in_state > `0.5` && hours_in_state < `1.5` || max_hours < `0`", 1, 2),
    ],
)
def test_what_depends_on_hours_that_nobody_knows_is_neither_passed_nor_found(
    when: str, hours: int, others: int
) -> None:
    def example(number: int | None) -> dict[str, Any]:
        return {"name": "h1", "vcpus_used": 8, "vcpus_needed": 12, "hours_in_state": number}

    rules = read(OLD % (when, example(others), example(hours)))

    def outcome(number: int | None) -> Outcome:
        return evaluate(rules, {**SNAPSHOT, "objects": {"host": [example(number)]}})

    assert (len(outcome(hours).findings), len(outcome(others).findings)) == (1, 0)
    assert (outcome(None).findings, outcome(None).undated) == ((), frozenset(["host-old"]))


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("name == 'h1' && (hours_in_state > max_hours || hours_in_state <= max_hours)", 1),
        ("name == 'h2' && hours_in_state > max_hours", 0),
        ("name == 'h1' || hours_in_state > max_hours", 1),
        ("hosts[:2] || name == 'h1' && hours_in_state == `null` || max_hours < `0`", 1),
    ],
)
def test_what_is_so_for_any_hours_needs_no_history(when: str, found: int) -> None:
    rule = replace(RULES[0], of="host", when=when, message="x", parameters={"max_hours": 100})
    about = {"name": "h1", "hours_in_state": None, "hosts": None}
    outcome = evaluate([rule], {**SNAPSHOT, "objects": {"host": [about]}})
    assert (len(outcome.findings), outcome.undated) == (found, frozenset())


def test_the_page_lists_the_numbers_of_the_built_in_rules() -> None:
    text = (ROOT / "docs" / "audit.md").read_text()
    for rule in RULES:
        for name, value in rule.parameters.items():
            assert re.search(rf"`{rule.id}`[^;.]*\(`{name}`, {value}\)", text), rule.id


def test_fields_of_what_is_in_an_object_are_its_own() -> None:
    for when in (
        *("hosts[?state == 'up'] | [0]", "hosts[].name", "hosts.x.y", "hosts.*.x", "hosts[:2].[a, b]", 'hosts."a-b"'),
        *('"a-b" || hosts', "sort_by(hosts, &name)", "hosts[*].{n: name}", "@ && hosts", "{n: hosts}", "[hosts]"),
    ):
        assert Expression(when).fields <= {"hosts", "a-b"}, when
    assert Expression("a.b || c[?d] && !e | f").fields == {"a", "c", "e"}


def test_an_id_is_given_once() -> None:
    with pytest.raises(RuleError, match=r"own\.yml, line \d+: rule zone-small is in own\.yml, line 2, too"):
        refuse_twice(read(GOOD + GOOD.lstrip("\n")))


SNAPSHOT = {
    "unread": {"capacity": "placement does not answer"},
    "taken": "2030-01-31T23:00:00Z",
    "objects": {
        "host": [
            {
                "name": "h1",
                "zone": "az1",
                "state": "down",
                "status": "enabled",
                "forced_down": False,
                "hours_in_state": 0,
            },
            {
                "name": "h2",
                "zone": "az2",
                "state": "down",
                "status": "enabled",
                "forced_down": False,
                "hours_in_state": 0,
            },
            {
                "name": "h3",
                "zone": None,
                "state": "down",
                "status": "enabled",
                "forced_down": False,
                "hours_in_state": 0,
            },
        ],
    },
}


def test_what_was_not_read_is_unknown_and_never_good() -> None:
    outcome = evaluate(RULES, SNAPSHOT)
    assert outcome.unknown["zone-loss-does-not-fit"] == "capacity could not be read: placement does not answer"
    assert "zone-loss-does-not-fit" not in outcome.evaluated
    assert outcome.evaluated["host-down"] == 3


def test_severities_and_zones() -> None:
    ids = ["host-down"]
    rules = [rule for rule in RULES if rule.id in ids]
    assert [one.name for one in evaluate(rules, SNAPSHOT, zones=["az1"]).findings] == ["h3", "h1"]
    assert {one.severity for one in evaluate(rules, SNAPSHOT, severities={"host-down": "note"}).findings} == {"note"}
    assert evaluate(rules, SNAPSHOT, severities={"host-down": "off"}).findings == ()
    with pytest.raises(ZoneopsError, match=r"'severities': no rule is named host-dawn \(did you mean host-down\?\)"):
        evaluate(rules, SNAPSHOT, severities={"host-dawn": "off"})


def test_a_rule_that_stumbles_over_one_object_is_evaluated_for_the_others() -> None:
    (rule,) = read(GOOD)
    zones = [{"name": "az1", "zone": "az1", "hosts": None}, {"name": "az2", "zone": "az2", "hosts": []}]
    outcome = evaluate([rule], {**SNAPSHOT, "objects": {"zone": zones}})
    assert [one.name for one in outcome.findings] == ["az2"]
    assert outcome.unknown["zone-small"].startswith("own.yml, line 2: rule zone-small at zone az1: 'length(hosts)")


@pytest.mark.parametrize(
    ("mute", "muted"),
    [
        (Mute("host-down", "broken fan", "2030-01-31"), ["h1", "h2", "h3"]),
        (Mute("host-down", "broken fan", "2030-01-31", "h2"), ["h2"]),
        (Mute("host-down", "broken fan", "2030-01-30"), []),
    ],
)
def test_a_mute_has_an_end(mute: Mute, muted: list[str]) -> None:
    rules = [rule for rule in RULES if rule.id == "host-down"]
    outcome = evaluate(rules, SNAPSHOT, mutes=[mute])
    assert sorted(one.name for one in outcome.findings if one.muted) == muted
    assert len(outcome.open) == 3 - len(muted)
    assert all(one.muted == "broken fan (until 2030-01-31)" for one in outcome.findings if one.muted)


def test_the_examples_have_only_fields_of_their_kind_and_names_of_sections_are_plain() -> None:
    text = "".join(file.read_text() for file in FILES)
    assert len(yaml.safe_load(text.replace("---\n", ""))) == len(RULES)
    assert all(re.fullmatch("[a-z_]+", section) for section in SECTIONS)
