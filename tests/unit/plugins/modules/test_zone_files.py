# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_files: files that Ansible reads back as the cloud has it, remarks as comments, nothing overwritten unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.inventory import plain
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.validation.entries import expanded
from ansible_collections.zoneops.openstack.plugins.modules import zone_files
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

REGION: dict[str, Any] = {
    "aggregates": [
        {"name": "b\n# x: 1", "availability_zone": "zwölf", "hosts": ["h2"], "metadata": {}},
        {"name": "b# x: 1", "availability_zone": "zwölf", "hosts": ["h2"], "metadata": {}},
        {"name": "zwölf", "availability_zone": "zwölf", "hosts": ["h10", "h1", "h2"], "metadata": {"tier": "01"}},
        {"name": "1", "availability_zone": "1", "hosts": [], "metadata": {}},
    ],
    "hosts": [],
    "default_availability_zone": "nova",
}
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Run the module with these options."""

    def run(found: Any, *, check: bool = False, **options: Any) -> dict[str, Any]:
        modes = {"_ansible_check_mode": check, "_ansible_diff": True}
        hand(monkeypatch, {"found": found, "dest": str(tmp_path / "inv"), **options, **modes})
        with pytest.raises(SystemExit):
            zone_files.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


def test_content(call: Call, tmp_path: Path) -> None:
    assert call(REGION, cloud="lab", region_name="R")["files"] == [
        "hosts.yml",
        "group_vars/zones.yml",
        "host_vars/1.yml",
        "host_vars/zwolf.yml",
    ]
    content = (tmp_path / "inv" / "host_vars" / "zwolf.yml").read_text(encoding="utf-8")
    assert content.startswith(
        "---\n# Availability zone 'zwölf' is also that of aggregate 'b# x: 1', which is not imported"
    )
    assert content.endswith("\n")
    assert yaml.safe_load(content)["zoneops_zone"] == {
        "availability_zone": "zwölf",
        "compute": {"hosts": ["h1", "h2", "h10"], "metadata": {"tier": "01"}},
    }
    text = (tmp_path / "inv" / "group_vars" / "zones.yml").read_text(encoding="utf-8")
    assert "# Aggregate 'b\\n# x: 1' was not imported: has the control character" in text
    assert yaml.safe_load(text)["zoneops_region"] == {"zones": ["1", "zwolf"], "cloud": "lab", "region_name": "R"}
    hosts = yaml.safe_load((tmp_path / "inv" / "hosts.yml").read_text(encoding="utf-8"))
    assert list(hosts["zones"]["hosts"]) == ["1", "zwolf"]


def test_the_same_region_gives_the_same_files(call: Call) -> None:
    turned = {**REGION, "aggregates": REGION["aggregates"][::-1]}
    first, again = call(REGION), call(turned)
    assert (first["changed"], len(first["diff"])) == (True, 4)
    assert (again["changed"], again["diff"], again["changed_files"]) == (False, [], [])


def test_check_mode_writes_nothing(call: Call, tmp_path: Path) -> None:
    answer = call(REGION, check=True)
    assert (answer["changed"], len(answer["diff"])) == (True, 4)
    assert not (tmp_path / "inv").exists()


def test_files_that_differ_are_overwritten_where_that_is_asked_for(call: Call, tmp_path: Path) -> None:
    call(REGION)
    for name in ("1", "zwolf"):
        (tmp_path / "inv" / "host_vars" / f"{name}.yml").write_text("mine\n")
    (tmp_path / "inv" / "hosts.yml").unlink()
    message = call(REGION)["msg"]
    assert "host_vars/1.yml" in message
    assert "host_vars/zwolf.yml exist and differ from what the cloud has" in message
    assert not (tmp_path / "inv" / "hosts.yml").exists()
    assert call(REGION, overwrite=True)["changed_files"] == ["hosts.yml", "host_vars/1.yml", "host_vars/zwolf.yml"]


@pytest.mark.parametrize("region", [{}, {"hosts": []}])
def test_what_is_no_region(call: Call, region: Any) -> None:
    assert "region_info" in call(region)["msg"]


def test_what_cannot_be_a_map(call: Call) -> None:
    found: dict[str, Any] = {"aggregates": [], "hosts": [], "default_availability_zone": None}
    assert "no host aggregate" in call(found)["msg"]


# What Ansible, the zone map and YAML each would take for something else than text.
TEXTS = [
    "{{ lookup('pipe', 'touch /x') }}",
    "{% for %}",
    "{# gone #}",
    "{{ '{%' }} {zone}",
    "{zone}",
    r"\{zone}",
    r"\\{zone}{zone}",
    "#jinja2: variable_start_string:'[['",
    "!unsafe x",
    "yes",
    "0o17",
    'it\'s "quoted": {{ x }} # no comment',
    "{{ ü 日本 }}",
]


def hostile(text: str) -> dict[str, Any]:
    """A cloud in which a text is everywhere where the services take any."""
    volume = {"id": "1", "name": f"v {text}", "public": False, "description": text, "projects": [text]}
    share = {"id": "2", "name": f"s {text}", "public": False, "description": text, "projects": [text]}
    both = {"availability_zones": f"{text.replace(',', '')} az,az2", "a": text, "share_backend_name": text}
    return {
        "aggregates": [
            {"name": f"agg {text}", "availability_zone": f"{text.replace(',', '').replace(':', '')} az",
             "hosts": ["h1"], "metadata": {"note": text}},
            {"name": "az2", "availability_zone": "az2", "hosts": ["h2"], "metadata": {"note": text}},
        ],
        "hosts": [
            {"name": "h1", "availability_zone": "x"}, {"name": "h2", "availability_zone": "az2"},
        ],
        "default_availability_zone": f"default {text.replace(':', '')}",
        "volume_types": [{**volume, "extra_specs": {"RESKEY:availability_zones": "az2", "a": text}}],
        "share_types": [
            {**share, "extra_specs": {"availability_zones": "az2", "a": text}},
            {**share, "name": f"t {text}", "extra_specs": {**both, "availability_zones": "az2"}},
        ],
    }  # fmt: skip


def read_back(folder: Path) -> dict[str, Any]:
    """The variables of the files as Ansible has them for the zone map: loaded and templated."""
    loader = DataLoader()
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*_vars/*.yml")):
        data = loader.load_from_file(str(path))
        templar = Templar(loader=loader, variables={**data, "zone": "WRONG", "x": "WRONG"})
        found[path.stem] = plain(templar.template(data))
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_the_cloud_is_no_template(call: Call, tmp_path: Path, text: str) -> None:
    cloud = hostile(text)
    answer = call(cloud)
    assert not answer.get("failed"), answer
    found = read_back(tmp_path / "inv")
    region = found.pop("zones")["zoneops_region"]
    zones = {name: value["zoneops_zone"] for name, value in found.items()}
    assert region["default_availability_zone"] == cloud["default_availability_zone"]
    assert zones["az2"]["compute"]["metadata"] == {"note": text}
    (other,) = (zone for name, zone in zones.items() if name != "az2")
    assert other["availability_zone"] == cloud["aggregates"][0]["availability_zone"]
    assert other["compute"] == {"aggregate": f"agg {text}", "hosts": ["h1"], "metadata": {"note": text}}
    zone_map = load_map(zones, region)
    kinds: dict[str, Any] = {
        item.name: item for item in (*expanded(zone_map.region.volume_types), *expanded(zone_map.region.share_types))
    }
    braces = text.replace("{zone}", "")
    if "{" in braces or "}" in braces:
        # A name with braces is none to the map: it is left out with a remark.
        assert kinds == {}
        assert sum("was not imported" in remark for remark in answer["remarks"]) == 3
        return
    assert set(kinds) == {f"v {text}", f"s {text}", f"t {text}"}
    for name, item in kinds.items():
        assert item.extra_specs == {"a": text}
        assert item.projects == (text,)
        assert name.startswith("v ") or item.description == text
    assert kinds[f"t {text}"].share_backend_name == text


@pytest.mark.parametrize("text", TEXTS)
def test_free_text_of_types_is_no_template(call: Call, tmp_path: Path, text: str) -> None:
    cloud = hostile(text)
    for index, kind in enumerate((*cloud["volume_types"], *cloud["share_types"])):
        kind["name"] = f"type-{index}"
    assert not [remark for remark in call(cloud)["remarks"] if "type" in remark]
    found = read_back(tmp_path / "inv")
    region = found.pop("zones")["zoneops_region"]
    region = load_map({name: value["zoneops_zone"] for name, value in found.items()}, region).region
    kinds: list[Any] = [*expanded(region.volume_types), *expanded(region.share_types)]
    assert [item.extra_specs for item in kinds] == [{"a": text}] * 3
    assert {item.projects for item in kinds} == {(text,)}
    assert [item.description for item in kinds] == [None, text, text]
