# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the configuration of a lab: all files, and the folders that they name."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.catalog import clouds_yaml
from zonelab.config.cinder import cinder
from zonelab.config.common import render
from zonelab.config.glance import glance
from zonelab.config.identity import keystone, placement
from zonelab.config.manila import manila
from zonelab.config.masakari import masakari
from zonelab.config.neutron import ml2, neutron
from zonelab.config.nova import nova
from zonelab.config.swift import swift
from zonelab.failing import VARIABLE
from zonelab.state import on_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonelab.config.common import Config
    from zonelab.lab import Lab

FILES = {
    "keystone/keystone.conf": keystone,
    "placement/placement.conf": placement,
    "nova/nova.conf": nova,
    "glance/glance-api.conf": glance,
    "cinder/cinder.conf": cinder,
    "manila/manila.conf": manila,
}
NEUTRON_FILES = {
    "neutron/neutron.conf": neutron,
    "neutron/plugins/ml2/ml2_conf.ini": ml2,
}
ON_REQUEST_FILES = {
    "masakari/masakari.conf": masakari,
    "swift/swift.conf": swift,
}
ALL_FILES = FILES | NEUTRON_FILES | ON_REQUEST_FILES
SUBFOLDERS = {
    "nova": ("instances",),
    "glance": ("staging", "tasks", "work", "cache"),
    "cinder": ("backup", "conversion", "volumes", "coordination"),
    "manila": ("coordination",),
}


def conf_file(lab: Lab, project: str) -> str:
    """The path of a project's configuration file."""
    return next(str(lab.state.conf / name) for name in ALL_FILES if name.startswith(f"{project}/"))


def files_of(lab: Lab) -> dict[str, Callable[[Lab], Config]]:
    """Those of the services that the lab has."""
    neutron_files = NEUTRON_FILES if lab.options.neutron else {}
    asked = {name: make for name, make in ON_REQUEST_FILES.items() if Path(name).parts[0] in on_request(lab.options)}
    return {**FILES, **neutron_files, **asked}


def write_configuration(lab: Lab) -> None:
    """Everything is written anew on each start: ports and options may have changed."""
    state = lab.state
    for folder in (state.db, state.log, state.locks, state.web, state.keys / "fernet", state.keys / "credential"):
        folder.mkdir(parents=True, exist_ok=True)
    for project, names in SUBFOLDERS.items():
        for name in (*names, *lab.options.zones):
            (state.data / project / name).mkdir(parents=True, exist_ok=True)
    for name, make in files_of(lab).items():
        file = state.conf / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render(make(lab)))
    for project in {Path(name).parts[0] for name in ALL_FILES}:
        rules = state.conf / project / "policy.yaml"
        (rules.parent / "policy.d").mkdir(parents=True, exist_ok=True)
        if not rules.exists():
            rules.write_text("{}")
    for project in ("nova", "masakari"):
        shutil.copy(Path(sys.prefix, "etc", project, "api-paste.ini"), state.conf / project)
    state.clouds_file.write_text(clouds_yaml(lab))


def set_environment(lab: Lab) -> None:
    """How the services find their files; and native threads, no eventlet."""
    for project in ("keystone", "placement", "nova", "glance", "neutron", "masakari"):
        os.environ[f"OS_{project.upper()}_CONFIG_DIR"] = str(lab.state.conf / project)
    for project in ("NOVA", "CINDER", "MANILA"):
        os.environ[f"OS_{project}_DISABLE_EVENTLET_PATCHING"] = "1"
    os.environ[VARIABLE] = str(lab.state.failing)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # the services only talk to 127.0.0.1
