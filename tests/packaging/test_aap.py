# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example for the automation platform: what the controller's modules take, surveys as the controller wants them, and nothing that writes unapproved.

The argument specs in awx_arguments.json are those of awx.awx 24.6.1, as PyPI's ansible 12.3.0 has it; ansible.controller, made from it, cannot be had here.
Those in eda_arguments.json are what infra.aap_configuration's roles hand to the modules of ansible.eda, under the names that the roles take.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import openstack.config
import pytest
import requests
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.checks import (
    PHASE,
    SETTINGS,
    wrong_value,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_playbooks import (
    INSTEAD,
    REQUIRED,
    TAKEN,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import PLAYBOOKS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .documented import ROOT, load

FOLDER = ROOT / "examples" / "aap"
SPECS = json.loads((ROOT / "tests" / "packaging" / "awx_arguments.json").read_text())
EDA_SPECS = json.loads((ROOT / "tests" / "packaging" / "eda_arguments.json").read_text())
# What infra.aap_configuration calls each list, and the module that it hands the entries to.
MODULES = {
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_execution_environments": "execution_environment",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_inventory_sources": "inventory_source",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_notifications": "notification_template",
    "controller_schedules": "schedule",
    "eda_credential_types": "credential_type",
    "eda_credentials": "credential",
    "eda_projects": "project",
    "eda_decision_environments": "decision_environment",
    "eda_event_streams": "event_stream",
    "eda_rulebook_activations": "rulebook_activation",
}
# Of infra.aap_configuration, not of a module.
NODES = "simplified_workflow_nodes"
NODE = {
    "identifier",
    "extra_data",
    "unified_job_template",
    "approval_node",
    "success_nodes",
    "failure_nodes",
    "always_nodes",
    "all_parents_must_converge",
}
# Of the controller itself.
BUILT_IN = {"OpenShift or Kubernetes API Bearer Token"}
LINKS = ("success_nodes", "failure_nodes", "always_nodes")
# The check before this phase shows another: all of the begin.
BEFORE = {"prepare": "plan"}
# What changes nothing.
READING = {"verify.yml", "audit.yml", "report.yml", "zone_capacity.yml"}
# After these a zone or a host is away on purpose, or is still lost.
NOT_VERIFIED = {
    "zone: maintenance",
    "zone: maintenance in steps",
    "hosts: maintenance",
    "zone: drain",
    "zone: evacuate",
}
# Their run leaves something to do in the zone files, and until then a verify says little.
FILES_CHANGE_AFTERWARDS = {"zone: return", "zone: remove"}
# What several templates have.
ANCHORS = ("template", "journal")
TYPES = {"text": str, "textarea": str, "integer": int, "float": float, "multiplechoice": str, "multiselect": list}
DATA: dict[str, list[dict[str, Any]]] = {
    name: entries
    for file in sorted(FOLDER.glob("*.yml"))
    for name, entries in load(file).items()
    if name not in ANCHORS
}
ENTRIES = [(name, entry) for name, entries in DATA.items() for entry in entries]
TEMPLATES = {one["name"]: one for one in DATA["controller_templates"]}


def _id(value: Any) -> str:
    return str(value.get("name")) if isinstance(value, dict) else str(value)


def errors_of(module: str, entry: Mapping[str, Any], specs: Mapping[str, Any] = SPECS) -> list[str]:
    given = {key: value for key, value in entry.items() if key != NODES}
    return list(ArgumentSpecValidator(specs[module]).validate(given).error_messages)


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=_id)
def test_the_modules_of_the_controller_take_it(name: str, entry: dict[str, Any]) -> None:
    assert errors_of(MODULES[name], entry, EDA_SPECS if name.startswith("eda_") else SPECS) == []


def test_wrong_entries_are_noticed() -> None:
    template = TEMPLATES["zones: run"]
    for wrong in ({"ask_limits_on_launch": True}, {"job_type": "dry"}, {"timeout": "soon"}):
        assert errors_of("job_template", {**template, **wrong})
    (activation, *_others) = DATA["eda_rulebook_activations"]
    for misspelt in ({"rulebok": "x"}, {"restart_policy": "sometimes"}, {"event_streams": [{"stream": "x"}]}):
        assert errors_of("rulebook_activation", {**activation, **misspelt}, EDA_SPECS)


def surveys() -> Iterator[dict[str, Any]]:
    for _name, entry in ENTRIES:
        assert bool(entry.get("survey_enabled")) == ("survey_spec" in entry), entry["name"]
        if "survey_spec" in entry:
            yield entry["survey_spec"]


@pytest.mark.parametrize("survey", list(surveys()), ids=lambda survey: survey["spec"][0]["variable"])
def test_a_survey_asks_what_the_playbooks_know(survey: dict[str, Any]) -> None:
    assert {"name", "description", "spec"} == survey.keys()
    variables = [question["variable"] for question in survey["spec"]]
    assert len(variables) == len(set(variables))
    for question in survey["spec"]:
        assert {"type", "question_name", "variable", "required"} <= question.keys()
        assert isinstance(question["required"], bool)
        assert isinstance(question["default"], TYPES[question["type"]])
        # The controller hands an empty answer on as empty text.
        assert question["required"] or not wrong_value(question["variable"], question["default"])
        setting = SETTINGS[question["variable"]]
        if question["type"] == "multiplechoice":
            assert set(question["choices"]) <= set(setting.choices)
            assert question["default"] in question["choices"]


def test_what_is_asked_or_set_is_read_by_the_playbook() -> None:
    for name, entry in ENTRIES:
        nodes = entry.get(NODES, [entry] if name == "controller_templates" else [])
        templates = [
            TEMPLATES[node.get("unified_job_template", node.get("name"))]
            for node in nodes
            if "approval_node" not in node
        ]
        asked = {question["variable"] for question in entry.get("survey_spec", {}).get("spec", ())}
        for template in templates:
            playbook = template["playbook"].removesuffix(".yml")
            # A workflow hands the answers to all nodes; what only reads at its end warns of those that it does not read.
            unread = asked if template["playbook"] in READING else set()
            assert (asked - unread) | template.get("extra_vars", {}).keys() <= TAKEN[playbook]
            if name == "controller_workflows":
                needed = REQUIRED.get(playbook, {}).keys()
                assert needed <= asked | {one for one, other in INSTEAD.items() if _in_all_nodes(nodes, other)}
        for node in nodes:
            for variable, value in node.get("extra_data", {}).items():
                assert variable in TAKEN[TEMPLATES[node["unified_job_template"]]["playbook"].removesuffix(".yml")]
                assert wrong_value(variable, value) == ""
        for variable, value in entry.get("extra_vars", {}).items():
            assert wrong_value(variable, value) == ""


def _in_all_nodes(nodes: list[dict[str, Any]], variable: str) -> bool:
    return all("approval_node" in node or variable in node.get("extra_data", {}) for node in nodes)


def test_what_is_named_is_there() -> None:
    names = {name: {one["name"] for one in entries} for name, entries in DATA.items()}
    for one in TEMPLATES.values():
        assert one["inventory"] in names["controller_inventories"]
        assert one["project"] in names["controller_projects"]
        assert one["execution_environment"] in names["controller_execution_environments"]
        assert set(one["credentials"]) <= names["controller_credentials"]
        (play,) = load(FOLDER / "project" / one["playbook"])
        playbook = play["ansible.builtin.import_playbook"].removeprefix("zoneops.openstack.")
        assert (ROOT / "playbooks" / f"{playbook}.yml").exists()
    for one in DATA["controller_credentials"]:
        assert one["credential_type"] in names["controller_credential_types"] | BUILT_IN
    for one in DATA["controller_schedules"]:
        assert TEMPLATES[one["unified_job_template"]]["playbook"] in READING
    lists = [(key, value) for _name, entry in ENTRIES for key, value in entry.items()]
    sent = {one for key, value in lists if key.startswith("notification_templates_") for one in value}
    assert sent == names["controller_notifications"]
    for one in DATA["controller_workflows"]:
        assert one["notification_templates_approvals"]
    for one in DATA["controller_schedules"]:
        assert TEMPLATES[one["unified_job_template"]]["notification_templates_error"]
    used = {one["playbook"] for one in TEMPLATES.values()}
    assert used == {path.name for path in (FOLDER / "project").iterdir()}


def test_no_template_can_do_half_of_its_work_or_run_twice() -> None:
    for one in TEMPLATES.values():
        assert (one["job_slice_count"], one["allow_simultaneous"]) == (1, False), one["name"]
        assert one["ask_limit_on_launch"]
        assert not {"job_tags", "skip_tags", "ask_tags_on_launch", "ask_skip_tags_on_launch"} & one.keys()


@pytest.mark.parametrize("template", DATA["controller_templates"], ids=_id)
def test_what_is_written_is_kept_where_a_job_does_not_lose_it(template: dict[str, Any]) -> None:
    """And only there: what reads has no journal, and one that checks writes none."""
    given = template.get("extra_vars", {})
    journal, container = (given.get(name) for name in ("zoneops_journal", "zoneops_journal_container"))
    assert (journal, container) == (("/tmp/zones.journal", "zoneops") if _writes_by(template) else (None, None))


@pytest.mark.parametrize("workflow", DATA["controller_workflows"], ids=_id)
def test_a_workflow_writes_what_a_person_approved_only(workflow: dict[str, Any]) -> None:
    nodes = {node["identifier"]: node for node in workflow[NODES]}
    assert len(nodes) == len(workflow[NODES])
    parents: dict[str, list[str]] = {name: [] for name in nodes}
    for name, node in nodes.items():
        assert node.keys() <= NODE
        assert ("approval_node" in node) != ("unified_job_template" in node)
        for link in LINKS:
            for child in node.get(link, ()):
                parents[child].append(name)
    writing = [name for name, node in nodes.items() if _writes(node)]
    assert writing
    for name in writing:
        (approval,) = parents[name]
        assert "approval_node" in nodes[approval]
        assert nodes[approval]["success_nodes"] == [name]
        (check,) = parents[approval]
        checked, run = (TEMPLATES[nodes[one]["unified_job_template"]] for one in (check, name))
        assert checked["playbook"] == run["playbook"]
        assert not _writes(nodes[check])
        assert _phase(nodes[check]) == BEFORE.get(_phase(nodes[name]), _phase(nodes[name]))


@pytest.mark.parametrize("workflow", DATA["controller_workflows"], ids=_id)
def test_a_verify_waits_for_the_zone_files_where_a_person_changes_them(workflow: dict[str, Any]) -> None:
    """After a return a file that still has `zone_state: maintenance` fails no verify, whatever the hosts are."""
    nodes = {node["identifier"]: node for node in workflow[NODES]}
    waits = [name for name, node in nodes.items() if "approval_node" in node and "verify" in node["success_nodes"]]
    after = [name for name, node in nodes.items() if "verify" in node.get("success_nodes", ()) and name not in waits]
    if workflow["name"] in FILES_CHANGE_AFTERWARDS:
        assert (waits, after) == (["approve_verify"], [])
        assert nodes["run"]["success_nodes"] == waits
        assert nodes["approve_verify"]["approval_node"]["timeout"] >= 7 * 24 * 3600
    else:
        assert waits == []


@pytest.mark.parametrize("workflow", DATA["controller_workflows"], ids=_id)
def test_a_workflow_ends_with_verify_where_the_zones_work_then(workflow: dict[str, Any]) -> None:
    nodes = {node["identifier"]: node for node in workflow[NODES]}
    (last,) = (node for node in nodes.values() if not any(link in node for link in LINKS))
    verifies = last["unified_job_template"] == "zones: verify"
    assert verifies is (workflow["name"] not in NOT_VERIFIED)
    page = (ROOT / "docs" / "aap.md").read_text()
    assert verifies or f"| `{workflow['name']}` |" in page


def test_every_playbook_of_the_day_has_a_workflow() -> None:
    """All that write, but for what the page explains, and those that write files or are tried by hand."""
    run = {
        TEMPLATES[node["unified_job_template"]]["playbook"].removesuffix(".yml")
        for workflow in DATA["controller_workflows"]
        for node in workflow[NODES]
        if _writes(node)
    }
    assert {name for name, playbook in PLAYBOOKS.items() if playbook.plans} - run == {"zone_restore_servers"}


@pytest.mark.parametrize("workflow", DATA["controller_workflows"], ids=_id)
def test_no_variable_of_a_launch_replaces_one_of_a_node(workflow: dict[str, Any]) -> None:
    """The controller prefers those of the launch: `zoneops_phase: move` would move servers at each node that runs."""
    of_nodes = {variable for node in workflow[NODES] for variable in node.get("extra_data", {})}
    asked = {question["variable"] for question in workflow.get("survey_spec", {}).get("spec", ())}
    assert not of_nodes & asked
    assert not (of_nodes and workflow.get("ask_variables_on_launch"))


def _phase(node: Mapping[str, Any]) -> str:
    return str(node.get("extra_data", {}).get(PHASE, ""))


def _writes(node: Mapping[str, Any]) -> bool:
    """By its template alone: what a node sets besides can be replaced."""
    return _writes_by(TEMPLATES.get(node.get("unified_job_template", ""), {}))


def _writes_by(template: Mapping[str, Any]) -> bool:
    return template.get("job_type") == "run" and template["playbook"] not in READING


def injected(injectors: Mapping[str, Any], inputs: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The files and the environment as awx_plugins makes them: no file has a name before all files are written."""
    tower = SimpleNamespace(filename=None)
    environment = ImmutableSandboxedEnvironment()

    def rendered(texts: Mapping[str, str]) -> dict[str, str]:
        return {name: environment.from_string(text).render(tower=tower, **inputs) for name, text in texts.items()}

    files = {name.partition(".")[2]: text for name, text in rendered(injectors["file"]).items()}
    tower.filename = SimpleNamespace(**{name: f"/{name}" for name in files})
    return files, rendered(injectors["env"])


def test_the_credential_is_a_clouds_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    (kind,) = DATA["controller_credential_types"]
    values = {
        "auth_url": "https://k:5000",
        "application_credential_id": "i",
        "application_credential_secret": "a: 'b' \"c\" {{ 1 }}",
    }
    for more in ({}, {"region_name": "R", "cacert": "PEM"}):
        files, environ = injected(kind["injectors"], {**values, **more})
        cloud = yaml.safe_load(files["clouds"])["clouds"][environ["OS_CLOUD"]]
        assert cloud["auth"] == values
        assert cloud.get("region_name") == more.get("region_name")
        assert environ["OS_CLIENT_CONFIG_FILE"] == "/clouds"
        assert files["cacert"] == more.get("cacert", "")
        monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", environ["REQUESTS_CA_BUNDLE"])
        settings = requests.Session().merge_environment_settings(values["auth_url"], {}, None, True, None)
        assert settings["verify"] == ("/cacert" if more else True)
    fields = {field["id"] for field in kind["inputs"]["fields"]}
    assert set(kind["inputs"]["required"]) <= fields
    assert {*values, "region_name", "cacert"} == fields
    assert [field["id"] for field in kind["inputs"]["fields"] if field.get("secret")] == [
        "application_credential_secret"
    ]


def test_activations_name_what_is_there() -> None:
    names = {name: {one["name"] for one in entries} for name, entries in DATA.items()}
    for one in DATA["eda_rulebook_activations"]:
        # infra.aap_configuration: lower case, letters, digits and underscores.
        assert re.fullmatch(r"[a-z0-9_]+", one["name"])
        assert one["project"] in names["eda_projects"]
        assert one["decision_environment"] in names["eda_decision_environments"]
        assert set(one["eda_credentials"]) <= names["eda_credentials"]
        (ruleset,) = load(ROOT / "extensions" / "eda" / "rulebooks" / one["rulebook"])
        for stream in one.get("event_streams", ()):
            assert stream["event_stream"] in names["eda_event_streams"]
            assert stream["source_name"] in {source["name"] for source in ruleset["sources"]}
    assert {one["credential_name"] for one in DATA["eda_event_streams"]} <= names["eda_credentials"]
    own = {one["credential_type"] for one in DATA["eda_credentials"]} & names["eda_credential_types"]
    assert own == names["eda_credential_types"]
    started = {one["name"] for one in DATA["eda_rulebook_activations"]}
    assert started == {"zone_health", "zone_alerts"}


def test_the_event_source_signs_in_with_its_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variables are those that openstacksdk takes without a clouds.yaml."""
    (kind,) = DATA["eda_credential_types"]
    fields = {field["id"]: f"the-{field['id']}" for field in kind["inputs"]["fields"]}
    for name, text in kind["injectors"]["env"].items():
        monkeypatch.setenv(name, jinja2.Environment().from_string(text).render(**fields))
    config = openstack.config.OpenStackConfig(config_files=[], load_yaml_config=False).get_one()
    assert config.config["auth_type"] == "v3applicationcredential"
    assert config.region_name == fields.pop("region_name")
    assert config.config["auth"] == fields
    assert set(kind["inputs"]["required"]) == {field["id"] for field in kind["inputs"]["fields"]}


@pytest.mark.parametrize("kind", ["execution", "decision"])
def test_an_environment_can_be_laid_out(kind: str, tmp_path: Path) -> None:
    """As far as it goes without a container engine."""
    file = ROOT / "examples" / "ee" / f"{kind}-environment.yml"
    subprocess.run(
        ["ansible-builder", "create", "-f", file, "-c", tmp_path, "--output-filename", "Containerfile"], check=True
    )
    assert load(file)["images"]["base_image"]["name"] in (tmp_path / "Containerfile").read_text()
    assert load(tmp_path / "_build" / "requirements.yml")["collections"][0]["name"] == "zoneops.openstack"
