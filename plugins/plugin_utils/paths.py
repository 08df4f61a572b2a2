# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of this machine that options name: a relative path begins where ansible-playbook was started, wherever the module then runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.paths import absolute


def with_whole_paths(arguments: Mapping[str, Any], options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The arguments, with whole paths in all options of type path, also in lists and in other options.

    A module process starts in the playbook's folder, which may be the collection.
    """
    specs = {alias: spec for name, spec in options.items() for alias in (name, *spec.get("aliases", ()))}
    return {name: _whole(value, specs.get(name, {})) for name, value in arguments.items()}


def _whole(value: Any, spec: Mapping[str, Any]) -> Any:
    if spec.get("type") == "path":
        return absolute(value) if isinstance(value, str) and value else value
    if spec.get("elements") == "path" and isinstance(value, (list, tuple)):
        return [_whole(one, {"type": "path"}) for one in value]
    if spec.get("type") == "dict" and "options" in spec and isinstance(value, Mapping):
        return with_whole_paths(value, spec["options"])
    return value


# Variables by which a person names files, as the libraries of both clouds read them where an option is left out.
VARIABLES = (
    *("KUBECONFIG", "K8S_AUTH_KUBECONFIG", "K8S_AUTH_SSL_CA_CERT", "K8S_AUTH_CERT_FILE", "K8S_AUTH_KEY_FILE"),
    *("OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_CACERT", "OS_CERT", "OS_KEY"),
)


def whole_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables that change when each path in them is whole. KUBECONFIG may have several."""
    given = {name: environment[name] for name in VARIABLES if environment.get(name)}
    whole = {
        name: os.pathsep.join(absolute(path) if path else path for path in value.split(os.pathsep))
        for name, value in given.items()
    }
    return {name: value for name, value in whole.items() if value != given[name]}
