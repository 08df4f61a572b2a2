# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_map as ansible-playbook runs it: real inventories, real templating, on the core of this environment."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.zoneops.openstack.plugins.action.zone_map import SPEC
from ansible_collections.zoneops.openstack.plugins.module_utils._region.choice import SECTIONS
from ansible_collections.zoneops.openstack.plugins.modules.zone_map import DOCUMENTATION

from .playing import HOME, LAYOUT, PATIENCE, PRELOADED

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
PLAY: dict[str, Any] = {
    "hosts": "all,localhost",
    "connection": "local",
    "gather_facts": False,
    "strategy": "linear",
    "tasks": [
        {
            "block": [{"zoneops.openstack.zone_map": {}, "run_once": True, "register": "found"}],
            # Out of the process without starting a module, and the same on every core.
            "always": [
                {"ansible.builtin.debug": {"msg": "ANSWER:{{ found | to_json | b64encode }}:"}, "run_once": True}
            ],
        }
    ],
}
REGION: dict[str, Any] = {"zones": ["az1", "az2"], "cloud": "lab"}


def play(tmp_path: Path, inventory: Path, *options: str, **keys: Any) -> subprocess.CompletedProcess[str]:
    """A play of this one task."""
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump([{**PLAY, **keys}]), encoding="utf-8")
    environ = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(LAYOUT), "ANSIBLE_LOCALHOST_WARNING": "0"}
    environ |= {"ANSIBLE_HOME": str(Path(HOME.name) / "ansible"), "LC_ALL": "C.UTF-8"}
    command, files = ["-i", str(inventory), str(playbook), *options], [tmp_path / "stdout", tmp_path / "stderr"]
    code = PRELOADED.run(command, cwd=tmp_path, environ=environ, output=files[0], errors=files[1], patience=PATIENCE)
    done = subprocess.CompletedProcess(command, code, *(file.read_text() for file in files))
    assert "Traceback" not in done.stdout + done.stderr
    return done


def run(tmp_path: Path, inventory: Path, *options: str) -> dict[str, Any]:
    """The action's result."""
    done = play(tmp_path, inventory, *options)
    answer = re.search(r"ANSWER:([\w+/=]+):", done.stdout)
    assert answer, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(base64.b64decode(answer[1]))
    assert bool(result.get("failed")) is (done.returncode != 0), done.stdout + done.stderr
    return result


def inventory(tmp_path: Path, zones: Mapping[str, str | None], region: str | None = None, group: str = "zones") -> Path:
    """An inventory with the given host_vars and group_vars as text."""
    folder = tmp_path / "inventory"
    for name in ("host_vars", "group_vars"):
        (folder / name).mkdir(parents=True)
    hosts: dict[str, Any] = {group: {"hosts": {zone: {} for zone in zones}}, "others": {"hosts": {"other": {}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
    shared = yaml.safe_dump({"zoneops_region": REGION}) if region is None else region
    (folder / "group_vars" / f"{group}.yml").write_text(shared, encoding="utf-8")
    for zone, text in zones.items():
        if text is not None:
            (folder / "host_vars" / f"{zone}.yml").write_text(text, encoding="utf-8")
    return folder


EXAMPLES = {
    "lab-rhoso": ["az1", "az2", "az3"],
    "lab": ["az1", "az2", "az3"],
    "plain-openstack": ["north", "south"],
    "rhoso-ceph": ["az1", "az2", "az3"],
    "rhoso-third-party": ["az0", "az1", "az2"],
}


def test_options_are_the_documented_ones() -> None:
    documented = yaml.safe_load(DOCUMENTATION)["options"]
    assert documented["playbook"]["choices"] == SPEC["playbook"]["choices"]
    assert {name: option.get("default") for name, option in documented.items()} == {
        name: option.get("default") for name, option in SPEC.items()
    }


# Of an automation controller and its execution environment: no inventories.
OTHER_EXAMPLES = ("aap", "ee")


def test_every_example_is_named() -> None:
    found = sorted(path.name for path in (COLLECTION / "examples").iterdir() if path.is_dir())
    assert found == sorted([*EXAMPLES, *OTHER_EXAMPLES])


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_keep_all_rules(tmp_path: Path, name: str) -> None:
    found = run(tmp_path, COLLECTION / "examples" / name, "--check")
    assert list(found["zones"]) == found["region"]["zones"] == found["batch"] == EXAMPLES[name]
    assert set(SECTIONS) < set(found["sections"])
    first = found["region"]["zones"][0]
    wanted = found["zones"][first]["availability_zone"] if "rhoso" in name else None
    assert found["defaults"] == {"cinder_availability_zone": wanted}
    assert found["changed"] is False


def test_a_first_zone_file_is_short() -> None:
    text = (COLLECTION / "examples" / "lab" / "host_vars" / "az1.yml").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line and not line.startswith(("#", "---"))]) < 10


def test_limit_checks_the_whole_map_and_says_which_zones_are_meant(tmp_path: Path) -> None:
    found = run(tmp_path, COLLECTION / "examples" / "lab", "--limit", "az2")
    assert list(found["zones"]) == ["az1", "az2", "az3"]
    assert found["batch"] == ["az2"]


def test_values_are_templated_for_their_own_host(tmp_path: Path) -> None:
    zone = """
prefix: "compute-{{ inventory_hostname }}"
count: 2
zoneops_zone:
  compute:
    hosts: ["{{ prefix }}-0", "{{ prefix }}-{{ groups.zones | length }}"]
    metadata: "{{ {'size': count, 'of': hostvars['az1'].prefix} }}"
"""
    found = run(tmp_path, inventory(tmp_path, {"az1": zone, "az2": zone}))
    assert found["zones"]["az2"]["compute"] == {
        "aggregate": "az2",
        "hosts": ["compute-az2-0", "compute-az2-2"],
        "metadata": {"size": "2", "of": "compute-az1"},
    }


PASSWORD = "vault-password"
MARKER = "s3cret-of-the-vault"
# Each with the same secret, however it comes into the map.
VAULTED = [
    "!vault |\n{secret}",
    "'{{{{ vault_one }}}}'",
    "'{{{{ vault_list[0] }}}}'",
    "'{{{{ vault_deep.a.b[1] }}}}'",
    "'https://u:{{{{ vault_one }}}}@h'",
    "'{{{{ through }}}}'",
    "'{{{{ vault_list | first }}}}'",
]


@pytest.mark.parametrize("value", VAULTED)
def test_what_is_encrypted_is_refused_however_it_comes_in(tmp_path: Path, value: str) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    secret = VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(MARKER.encode()).decode()
    indented = secret.replace("\n", "\n          ").join(("          ", "")).rstrip()
    vault = f"!vault |\n{indented}"
    own = f"""
vault_one: {vault}
vault_list:
  - {vault}
vault_deep:
  a:
    b:
      - x
      - {vault}
through: "{{{{ vault_list[0] }}}}-suffix"
harmless: az1
zoneops_zone:
  compute:
    hosts: [one]
    metadata:
      harmless: "{{{{ harmless }}}}"
      note: {value.format(secret=indented)}
"""
    zones = {"az1": own, "az2": "zoneops_zone: {compute: {hosts: [two]}}"}
    options = ("--vault-password-file", str(tmp_path / "password"))
    message = run(tmp_path, inventory(tmp_path, zones), *options)["msg"]
    assert MARKER not in message
    assert message.splitlines() == [
        "The zone map has 1 problem:",
        "- zone az1: compute.metadata.note: is encrypted with ansible-vault, but the map must not contain secrets; give a reference to where it is kept",
    ]


def test_all_problems_come_at_once_and_no_secret_with_them(tmp_path: Path) -> None:
    wrong = """
zoneops_allow: [host_moves]
zoneops_region: {zones: [az1, az2], cloud: other}
zoneops_zone:
  availability_zone: "{{ nowhere }}"
  compute:
    hosts: [good, "{{ gone.x }}", one]
    metadata: {mark: !vault "$ANSIBLE_VAULT;1.1;AES256\\n3631"}
  volume_backends:
    - options: {san_password: hunter2, api_token: "{{ 'hunter2' | no_such_filter }}"}
"""
    zones = {"az1": "zoneops_zone: {compute: {hosts: [one]}}", "az2": wrong, "az3": None}
    message = run(tmp_path, inventory(tmp_path, zones), "--limit", "az1")["msg"]
    assert "hunter2" not in message
    for part in (
        "- region: cloud: differs between zones ('lab' on az1, az3; 'other' on az2)",
        "- region: zoneops_allow: differs between zones (not set on az1, az3; a list on az2)",
        "- zone az2: availability_zone: cannot be templated ('nowhere' is undefined",
        "- zone az2: compute.hosts[1]: cannot be templated ('gone' is undefined",
        "- zone az2: compute.hosts[2] = 'one': is also that of zone az1 (compute.hosts[0])",
        "- zone az2: compute.metadata.mark: is encrypted with ansible-vault",
        "- zone az2: volume_backends[0].options.san_password = (not shown): is a secret in plain",
        "- zone az2: volume_backends[0].options.api_token: cannot be templated; define",
        "- zone az3: zoneops_zone: is not set; write it into host_vars/az3.yml",
        "- zone az3: is in the inventory's group but not in zoneops_region.zones",
    ):
        assert part in message, message
    assert message.startswith("The zone map has 10 problems:")


def test_what_is_wrong_for_all_zones_is_said_once(tmp_path: Path) -> None:
    region = "zoneops_region: {zones: [az1, az2], cloud: '{{ nowhere }}'}"
    zones = {"az1": "zoneops_zone: {}", "az2": "zoneops_zone: {}"}
    message = run(tmp_path, inventory(tmp_path, dict(zones), region))["msg"]
    assert message.startswith(
        "The zone map has 1 problem:\n- region: cloud: cannot be templated ('nowhere' is undefined"
    )


def test_a_misspelt_word_that_would_lift_nothing_is_refused(tmp_path: Path) -> None:
    folder = inventory(tmp_path, {"az1": "zoneops_zone: {}", "az2": "zoneops_zone: {}"})
    found = run(tmp_path, folder, "-e", '{"zoneops_allow": ["host_move"]}')
    assert "zoneops_allow[0] = 'host_move': is not an override (did you mean host_moves" in found["msg"]
    assert not run(tmp_path, folder, "-e", '{"zoneops_allow": ["host_moves", "successor_types"]}').get("failed")


def test_settings_are_checked_wherever_they_are_set(tmp_path: Path) -> None:
    """Of a host, of the group, of the play, of the command line; also those that nothing would use."""
    shared = f"{yaml.safe_dump({'zoneops_region': REGION})}zoneops_images_parallel: 0\nzoneops_allow:\n"
    zone = "zoneops_zone: {}\nzoneops_test_volume_type: [fast]"
    folder = inventory(tmp_path, {"az1": zone, "az2": "zoneops_zone: {}"}, shared)
    wrong = ("-e", '{"zoneops_journal": "/", "zoneops_deadline": "1e15"}', "-e", "zoneops_purge_hosts=maybe")
    done = play(tmp_path, folder, *wrong, vars={"zoneops_parallel": 0})
    assert done.returncode != 0
    said = done.stdout.replace("\\n", "\n")
    for part in (
        "The zone map has 7 problems:",
        "- region: zoneops_allow = null: has to be a list",
        "- region: zoneops_deadline = '1e15': must be at most 2592000 seconds, which is 30 days",
        "- region: zoneops_images_parallel = 0: has to be a whole number of at least 1",
        "- region: zoneops_journal = '/': is a folder; name a file",
        "- region: zoneops_parallel = 0: has to be a whole number of at least 1",
        "- region: zoneops_purge_hosts = 'maybe': has to be true or false",
        "- zone az1: zoneops_test_volume_type = a list: has to be text",
    ):
        assert part in said, said


def test_settings_of_the_play_can_be_templates(tmp_path: Path) -> None:
    """Those of a role too, whose defaults a play shows to every task: of the table they are results that come later."""
    folder = inventory(tmp_path, {"az1": "zoneops_zone: {}", "az2": "zoneops_zone: {}"})
    later = {"zoneops_report_gather": "{{ later.sections }}", "zoneops_report_region": "{{ later.region }}"}
    sound = play(tmp_path, folder, vars={"mine": 500, "zoneops_deadline": "{{ mine + 100 }}", **later})
    assert sound.returncode == 0, sound.stdout + sound.stderr
    wrong = play(tmp_path, folder, vars={"mine": "soon", "zoneops_deadline": "{{ mine }}", **later})
    assert "- region: zoneops_deadline = 'soon': has to be a number of seconds" in wrong.stdout.replace("\\n", "\n")


def test_misspelt_variables_are_refused(tmp_path: Path) -> None:
    """With the other problems of the map, and with the zone that has them; what only looks like a setting is a warning."""
    zone = "zoneops_zone: {comptue: {}}\nzoneops_purge_host: true"
    folder = inventory(tmp_path, {"az1": zone, "az2": "zoneops_zone: {}"})
    options = ("-e", "zoneops_paralel=8", "-e", "zoneops_parallel=8", "-e", "zoneops_purge_hosts=yes")
    found = run(tmp_path, folder, *options, "-e", '{"zoneops_changed_zones": [], "zoneops_acme": 1}')
    said = "is not a setting of this collection and has no effect"
    assert [line.partition(";")[0] for line in found["msg"].splitlines()] == [
        "The zone map has 3 problems:",
        f"- region: zoneops_paralel: {said} (did you mean zoneops_parallel?)",
        f"- zone az1: zoneops_purge_host: {said} (did you mean zoneops_purge_hosts?)",
        "- zone az1: comptue: is not a key of the zone map (did you mean compute?)",
    ]
    done = site_play(tmp_path, "-e", "zoneops_cluod=mycloud", playbook="import")
    assert f"zoneops_cluod: {said} (did you mean zoneops_cloud?)" in done


def test_variables_that_are_the_users_own(tmp_path: Path) -> None:
    """Named in zoneops_own_variables, or taken by the map as a secret: neither a mistake nor a warning."""
    folder = inventory(tmp_path, {"az1": "zoneops_zone: {}\nzoneops_regions: []", "az2": "zoneops_zone: {}"})
    own = '{"zoneops_own_variables": ["zoneops_region?", "zoneops_acme_*"], "zoneops_acme_x": 1}'
    assert "warnings" not in run(tmp_path, folder, "-e", own)
    found = run(tmp_path, folder, "-e", "zoneops_acme_x=1", "-e", '{"zoneops_own_variables": ["zoneops_regions"]}')
    assert [message.partition(";")[0] for message in found["warnings"]] == [
        "variable zoneops_acme_x is not a setting of this collection and has no effect"
    ]
    wrong = run(tmp_path, folder, "-e", "zoneops_own_variables=zoneops_regions")
    assert "region: zoneops_own_variables = 'zoneops_regions': has to be a list" in wrong["msg"]


def site_play(tmp_path: Path, *options: str, playbook: str = "site", **keys: Any) -> str:
    """What a play says that checks the map as the playbook does."""
    task = {"zoneops.openstack.zone_map": {"playbook": playbook}, "run_once": True, "tags": ["always"]}
    more = {"ansible.builtin.debug": {"msg": "IMAGES"}, "tags": ["images"]}
    done = play(tmp_path, COLLECTION / "examples" / "lab", *options, tasks=[task, more], **keys)
    assert ("FAILED" in done.stdout) is (done.returncode != 0)
    return done.stdout


def test_what_a_playbook_needs_is_asked_for(tmp_path: Path) -> None:
    said = "zoneops_import_dir: is not set, and the playbook import needs it; set it to the folder to write the files of the zones"
    assert said in site_play(tmp_path, playbook="import")
    assert said in site_play(tmp_path, "-e", "zoneops_import_dir=", playbook="import")
    assert "needs it" not in site_play(tmp_path, "-e", "zoneops_import_dir=x", playbook="import")
    said = site_play(tmp_path, "-e", "zoneops_parallel=0", playbook="zone_maintenance").replace("\\n", "\n")
    assert "- region: zoneops_maintenance: is not set, and the playbook zone_maintenance needs it" in said
    assert "- region: zoneops_parallel = '0'" in said
    assert "zone_maintenance needs it" not in site_play(
        tmp_path, vars={"zoneops_maintenance": "end"}, playbook="zone_maintenance"
    )


def test_what_a_playbook_does_not_read_is_a_warning(tmp_path: Path) -> None:
    """Only on the command line, and only where nothing else can read it: the files of the group are those of all playbooks."""
    said = "variable zoneops_drain_to has no effect in the playbook site, which does not read it"
    task = {"zoneops.openstack.zone_map": {"playbook": "site"}, "run_once": True, "register": "found"}
    show = {
        "ansible.builtin.debug": {"msg": "WARNINGS:{{ found.warnings | default([]) | join('|') }}:"},
        "run_once": True,
    }
    shared = yaml.safe_dump({"zoneops_region": REGION, "zoneops_drain_servers": ["web"]})
    folder = inventory(tmp_path, {"az1": "zoneops_zone: {}", "az2": "zoneops_zone: {}"}, shared)

    def warnings(*options: str, **keys: Any) -> str:
        found = re.search(r"WARNINGS:(.*?):", play(tmp_path, folder, *options, tasks=[task, show], **keys).stdout)
        assert found
        return found[1]

    drain = ("-e", "zoneops_drain_to=az2")
    assert warnings("-e", "zoneops_parallel=2") == ""
    assert warnings(*drain) == said
    assert warnings(*drain, vars={"zoneops_journal": "{{ '' if zoneops_drain_to else '' }}"}) == ""
    work = tmp_path / "work.yml"
    work.write_text("[]\n", encoding="utf-8")
    assert warnings(*drain, "-e", f"zoneops_work_tasks={work}") == ""


def test_tags_that_leave_nothing_are_refused(tmp_path: Path) -> None:
    assert "no tag image (did you mean images?); its tags are" in site_play(tmp_path, "--tags", "image")
    assert "no tag imges (did you mean images?)" in site_play(tmp_path, "--skip-tags", "imges")
    assert "the tags choose node_zones, which the zone map does not have" in site_play(tmp_path, "--tags", "node_zones")
    assert "IMAGES" in site_play(tmp_path, "--tags", "images")


def test_a_limit_that_leaves_nothing_is_refused(tmp_path: Path) -> None:
    folder = inventory(tmp_path, {"az1": "zoneops_zone: {}", "az2": "zoneops_zone: {}"})
    task = {"zoneops.openstack.zone_map": {"playbook": "site"}, "run_once": True}
    done = play(tmp_path, folder, "--limit", "other", tasks=[task])
    assert done.returncode != 0
    assert "--limit leaves no zone to work on; the zones are az1, az2" in done.stdout
    assert "--limit excludes localhost" in site_play(tmp_path, "--limit", "az1", playbook="import")


def test_a_region_that_is_not_set(tmp_path: Path) -> None:
    zones: dict[str, str | None] = {"az1": "zoneops_zone: {}", "az2": "zoneops_zone: {}"}
    message = run(tmp_path, inventory(tmp_path, zones, region="{}"))["msg"]
    assert message.startswith("The zone map has 1 problem:\n- region: zoneops_region: is not set")


@pytest.mark.parametrize(
    ("group", "zones", "expected"),
    [
        ("zones", {}, "The group zones is empty, so there is no zone to work on; add a host for each zone"),
        ("zone", {"az1": None}, "The group zones is not in the inventory (did you mean zone?), so there"),
        (
            "elsewhere",
            {"az1": None},
            "The group zones is not in the inventory (its groups: elsewhere, others), so there",
        ),
    ],
)
def test_a_group_without_zones(tmp_path: Path, group: str, zones: dict[str, str | None], expected: str) -> None:
    assert run(tmp_path, inventory(tmp_path, zones, group=group))["msg"].startswith(expected)


@pytest.mark.parametrize("strategy", ["free", "ansible.builtin.host_pinned"])
def test_strategies_that_break_run_once_are_refused(tmp_path: Path, strategy: str) -> None:
    done = play(tmp_path, COLLECTION / "examples" / "lab", strategy=strategy)
    assert done.returncode != 0
    assert f"The play has the strategy {strategy.rsplit('.', 1)[-1]}: each zone" in done.stdout + done.stderr


def test_check_mode_that_fails_leaves_no_older_plan(tmp_path: Path) -> None:
    """It would be carried out by mistake, in place of the one that could not be saved. Other files stay."""
    plan = tmp_path / "plan.yml"
    broken = inventory(tmp_path, {"az1": "zoneops_zone: {compute: 7}", "az2": "zoneops_zone: {compute: {}}"})
    options = ("-e", f"zoneops_plan={plan}")
    plan.write_text("zoneops_plan: 1\n", encoding="utf-8")
    assert run(tmp_path, broken, *options)["failed"]
    assert plan.exists(), "only check mode saves plans"
    assert run(tmp_path, broken, "--check", *options)["failed"]
    assert not plan.exists()
    # A phase that only plans is as good as check mode, in the playbooks that have phases.
    plan.write_text("zoneops_plan: 1\n", encoding="utf-8")
    # Of a play that names none it is not known.
    for playbook, kept in ((None, True), ("site", True), ("zone_maintenance", False)):
        task = {"zoneops.openstack.zone_map": {"playbook": playbook} if playbook else {}, "run_once": True}
        assert play(tmp_path, broken, *options, "-e", "zoneops_phase=plan", tasks=[task]).returncode
        assert plan.exists() is kept
    plan.write_text("mine", encoding="utf-8")
    assert "is not a plan, so it is not overwritten" in run(tmp_path, broken, "--check", *options)["msg"]
    assert plan.read_text(encoding="utf-8") == "mine"
