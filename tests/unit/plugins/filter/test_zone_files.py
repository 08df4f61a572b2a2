# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter zone_files: content that YAML reads back, remarks as comments, clear errors."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.zoneops.openstack.plugins.filter.zone_files import FilterModule

zone_files = FilterModule().filters()["zone_files"]
REGION: dict[str, Any] = {
    "aggregates": [
        {"name": "b\n# x: 1", "availability_zone": "zwölf", "hosts": ["h2"], "metadata": {}},
        {"name": "zwölf", "availability_zone": "zwölf", "hosts": ["h1"], "metadata": {"tier": "01"}},
        {"name": "1", "availability_zone": "1", "hosts": [], "metadata": {}},
    ],
    "hosts": [],
    "default_availability_zone": "nova",
}


def test_content() -> None:
    files = {file["path"]: file for file in zone_files(REGION, cloud="lab", region_name="R")}
    content = files["host_vars/zwolf.yml"]["content"]
    assert content.startswith("---\n# Availability zone 'zwölf' is also that of aggregate 'b\\n# x: 1', which stays")
    assert content.endswith("\n")
    assert yaml.safe_load(content)["zoneops_zone"] == {
        "availability_zone": "zwölf",
        "compute": {"hosts": ["h1"], "metadata": {"tier": "01"}},
    }
    region = yaml.safe_load(files["group_vars/zones.yml"]["content"])["zoneops_region"]
    assert region == {"zones": ["1", "zwolf"], "cloud": "lab", "region_name": "R"}
    assert list(yaml.safe_load(files["hosts.yml"]["content"])["zones"]["hosts"]) == ["1", "zwolf"]


def test_the_same_region_gives_the_same_files() -> None:
    turned = {**REGION, "aggregates": REGION["aggregates"][::-1]}
    assert zone_files(turned) == zone_files(REGION)


@pytest.mark.parametrize("region", [None, [], {}, {"hosts": []}])
def test_what_is_no_region(region: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="region_info"):
        zone_files(region)


def test_what_cannot_be_a_map() -> None:
    with pytest.raises(AnsibleFilterError, match="no host aggregate"):
        zone_files({"aggregates": [], "hosts": [], "default_availability_zone": None})
