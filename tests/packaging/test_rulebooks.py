# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No rule writes by itself: it starts what only reads, or a workflow in which a person approves what a check shows. And the event source is documented."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from .documented import ROOT, load
from .test_aap import DATA, READING, TEMPLATES

EDA = ROOT / "extensions" / "eda"
RULEBOOKS = sorted((EDA / "rulebooks").glob("*.yml"))
SOURCES = sorted((EDA / "plugins" / "event_source").glob("*.py"))
#: Actions that change nothing but what the rules know.
INNER = {"debug", "print_event", "none"}
# That each of them writes only what a person approved, test_aap.py tests.
WORKFLOWS = {one["name"]: one for one in DATA["controller_workflows"]}
PLAYBOOKS = {f"zoneops.openstack.{name.removesuffix('.yml')}" for name in READING}
Rule = dict[str, Any]


def rules(rulebook: Path) -> Iterator[Rule]:
    for ruleset in load(rulebook):
        yield from ruleset["rules"]


ALL = [pytest.param(rule, id=f"{path.stem}-{rule['name']}") for path in RULEBOOKS for rule in rules(path)]


def actions(rule: Rule) -> list[tuple[str, dict[str, Any]]]:
    found = rule["actions"] if "actions" in rule else [rule["action"]]
    return [pair for action in found for pair in action.items()]


def writes(kind: str, what: Mapping[str, Any]) -> bool:
    """Whether an action can change the cloud without a person who approves it."""
    if kind in INNER:
        return False
    if kind == "run_playbook":
        # Only the playbook itself, and nothing that is handed to it.
        return what["name"] not in PLAYBOOKS or "extra_vars" in what
    arguments = what.get("job_args") or {}
    if kind == "run_job_template":
        template = TEMPLATES.get(what["name"], {})
        reads = template.get("job_type") == "check" or template.get("playbook") in READING
        return not reads or arguments.keys() != {"limit"}
    if kind == "run_workflow_template":
        # What the event says is no variable of a workflow that writes.
        return what["name"] not in WORKFLOWS or arguments.keys() != {"limit"} or what.get("include_events") is not False
    return True


@pytest.mark.parametrize("rule", ALL)
def test_no_rule_writes_by_itself(rule: Rule) -> None:
    assert [kind for kind, what in actions(rule) if writes(kind, what)] == []


@pytest.mark.parametrize(
    "action",
    [
        {"run_playbook": {"name": "zoneops.openstack.site"}},
        {"run_playbook": {"name": "zoneops.openstack.verify", "extra_vars": {"zoneops_playbook": "site"}}},
        {"run_playbook": {"name": "verify.yml"}},
        {"run_module": {"name": "zoneops.openstack.availability_zones"}},
        {"run_job_template": {"name": "zone: return run", "job_args": {"limit": "az1"}}},
        {"run_job_template": {"name": "zones: verify", "job_args": {"limit": "az1", "job_type": "run"}}},
        {"run_job_template": {"name": "unknown", "job_args": {"limit": "az1"}}},
        {"run_workflow_template": {"name": "zone: return", "job_args": {"limit": "az1"}}},
        {"run_workflow_template": {"name": "unknown", "job_args": {"limit": "az1"}, "include_events": False}},
        {"run_job_template_of_tomorrow": {}},
    ],
)
def test_what_would_write_is_noticed(action: dict[str, Any]) -> None:
    assert all(writes(kind, what) for kind, what in actions({"action": action}))


@pytest.mark.parametrize("rule", ALL)
def test_one_at_a_time_on_one_zone_and_not_for_every_event(rule: Rule) -> None:
    started = [what for kind, what in actions(rule) if kind.startswith("run_")]
    for what in started:
        assert what["lock"] == "zoneops"
    if not started:
        return
    timed = isinstance(rule["condition"], dict) and "timeout" in rule["condition"]
    assert timed or rule["throttle"]["once_within"]
    for kind, what in actions(rule):
        if kind != "run_playbook":
            assert re.fullmatch(r"\{\{ events?\.(first\.)?\w+\.zone \}\}", what["job_args"]["limit"])
            template = TEMPLATES.get(what["name"]) or WORKFLOWS[what["name"]]
            # Otherwise ansible-rulebook removes the limit, and starts it for all zones.
            assert template["ask_limit_on_launch"]
            assert what["organization"] == WORKFLOWS["zone: return"]["organization"]


def test_rulebooks_are_read() -> None:
    assert {path.stem for path in RULEBOOKS} >= {"zone_health", "zone_health_controller", "zone_alerts"}
    assert (
        sum(kind.startswith("run_") for path in RULEBOOKS for rule in rules(path) for kind, _what in actions(rule)) > 5
    )
    sources = {key for path in RULEBOOKS for ruleset in load(path) for source in ruleset["sources"] for key in source}
    own = {f"zoneops.openstack.{path.stem}" for path in SOURCES}
    assert own <= sources


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_source_is_documented(source: Path) -> None:
    named = {
        node.targets[0].id: node.value.value
        for node in ast.parse(source.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    about, examples = (yaml.safe_load(str(named[name])) for name in ("DOCUMENTATION", "EXAMPLES"))
    assert about["short_description"]
    assert all(option["description"] and option["type"] for option in about["options"].values())
    for example in examples:
        (arguments,) = example.values()
        assert arguments.keys() <= about["options"].keys()
