# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job counts as managed hosts: those that it wrote to, each once and for good the same. The results were recorded on a lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import jq
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
QUERIES: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "extensions" / "audit" / "event_query.yml").read_text())
MODULES = [name.removeprefix("zoneops.openstack.") for name in QUERIES]
RECORDED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "recorded.json").read_text())
# Those that Ansible's page about resource reporting lists, as far as they are used here.
DEVICE_TYPES = {"hypervisor"}


def counted(module: str, result: dict[str, Any]) -> list[dict[str, Any]]:
    return list(jq.compile(QUERIES[f"zoneops.openstack.{module}"]["query"]).input_value(result).all())


@pytest.mark.parametrize("recorded", RECORDED)
def test_every_host_that_was_written_to_counts(recorded: str) -> None:
    module = recorded.partition(" ")[0]
    found = counted(module, RECORDED[recorded]["result"])
    assert sorted(one["name"] for one in found) == RECORDED[recorded]["hosts"]
    ids = [one["canonical_facts"]["nova_service_id"] for one in found]
    assert len(set(ids)) == len(ids)
    # The id that nova gave the service, which stays what it is when a host gets another name.
    assert [str(UUID(one)) for one in ids] == ids
    for one in found:
        # A record without a name can end the count of a whole job.
        assert one.keys() == {"name", "canonical_facts", "facts"}
        assert one["facts"].keys() == {"infra_type", "infra_bucket", "device_type", "platform"}
        assert one["facts"]["device_type"] in DEVICE_TYPES


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "result", [{"failed": True, "msg": "no cloud"}, {"zones": {"az1": {"failed": True, "done": [], "state": {}}}}]
)
def test_a_call_that_failed_counts_nothing(module: str, result: dict[str, Any]) -> None:
    assert counted(module, result) == []


def test_only_modules_that_write_are_counted() -> None:
    names = set(MODULES)
    assert {name for name in names if name.endswith("_info")} == set()
    assert all((ROOT / "plugins" / "modules" / f"{name}.py").exists() for name in names)
    assert {name.partition(" ")[0] for name in RECORDED} == names
