# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clouds.yaml with the clouds of the lab and, beside them, each way in which a cloud's entry can be wrong."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# Port 1 of this machine: nothing listens there, and a connection is refused at once.
CLOSED = "http://127.0.0.1:1"
WRONG_PASSWORD = "not-the-password-of-the-lab"
INVALID_TOKEN = "not-a-token-of-the-lab"


def with_broken_clouds(clouds_file: Path, folder: Path) -> Path:
    lab = yaml.safe_load(clouds_file.read_text())["clouds"]
    url = lab["lab"]["auth"]["auth_url"]
    token = {"auth_url": url, "token": INVALID_TOKEN, "project_name": "admin", "project_domain_name": "Default"}
    clouds = {
        **lab,
        "wrong-password": _changed(lab["lab"], auth={**lab["lab"]["auth"], "password": WRONG_PASSWORD}),
        "invalid-token": _changed(lab["lab"], auth_type="v3token", auth=token),
        "keystone-down": _changed(lab["lab"], auth={**lab["lab"]["auth"], "auth_url": f"{CLOSED}/v3"}),
        "nova-down": _changed(lab["lab"], compute_endpoint_override=f"{CLOSED}/v2.1"),
        "wrong-region": _changed(lab["lab"], region_name="RegionTwo"),
    }
    path = folder / "clouds.yaml"
    path.write_text(yaml.safe_dump({"clouds": clouds}))
    return path


def add_cloud(clouds_file: Path, name: str, **changes: Any) -> None:
    """One more cloud, like `lab` but for the changes."""
    content = yaml.safe_load(clouds_file.read_text())
    content["clouds"][name] = _changed(content["clouds"]["lab"], **changes)
    clouds_file.write_text(yaml.safe_dump(content))


def _changed(cloud: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(cloud)), **changes}
