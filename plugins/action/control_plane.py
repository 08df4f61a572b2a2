# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action control_plane: the module of that name, with the values that its Secrets are made from. They come from the variables of each zone host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.modules import control_plane
from ansible_collections.zoneops.openstack.plugins.plugin_utils.in_process import InProcess

OPTION = "secret_values"


class ActionModule(InProcess):
    """The values are handed from the inventory to the module, whose option is never shown. Nothing else has them."""

    module = control_plane.MODULE

    def arguments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        arguments = super().arguments(variables)
        if not arguments.get(OPTION):
            values, wrong = _values(arguments, variables.get("hostvars") or {})
            if wrong:
                raise ZoneopsError(f"Values of Secrets: {'; '.join(wrong)}")
            if values:
                arguments[OPTION] = values
        return arguments


def _values(arguments: Mapping[str, Any], hostvars: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The value of each variable that the map names, as the option wants them, and what is wrong with some."""
    zones = arguments.get("zones") or {}
    wrong: list[str] = []
    found = {zone: _of(zone, part, hostvars, wrong) for zone, part in zones.items()}
    region = _of(next(iter(zones), ""), arguments.get("region"), hostvars, wrong)
    return {"zones": found, "region": region} if region or any(found.values()) else {}, wrong


def _of(host: str, part: Any, hostvars: Mapping[str, Any], wrong: list[str]) -> dict[str, str]:
    values = {}
    for variable in _variables(part):
        try:
            value = _value(hostvars, host, variable)
        except AnsibleError:
            # What the templating says of a value may have it.
            wrong.append(f"{variable} of {host} cannot be read: check what it refers to, and the vault's password")
        except TypeError:
            wrong.append(f"{variable} of {host} is not text: write it in quotes, or as a block of text")
        else:
            if value is not None:
                values[variable] = value
    return values


def _variables(part: Any) -> Iterator[str]:
    """The module checks the map; here only what is in its right place is looked at."""
    kubernetes = part.get("kubernetes") if isinstance(part, Mapping) else None
    for secret in (kubernetes.get("secrets") or ()) if isinstance(kubernetes, Mapping) else ():
        for item in (secret.get("data") or ()) if isinstance(secret, Mapping) else ():
            if isinstance(item, Mapping) and isinstance(item.get("variable"), str):
                yield str.__str__(item["variable"])


def _value(hostvars: Mapping[str, Any], host: str, variable: str) -> str | None:
    """Plain text; None where the host has no such variable, which the module names."""
    if host not in hostvars or variable not in hostvars[host]:
        return None
    found = hostvars[host][variable]
    if isinstance(found, (Mapping, bool, int, float, list, tuple)) or found is None:
        raise TypeError(variable)
    # Older releases of ansible-core hand out an object that is decrypted here.
    text = str(found)
    return str.__str__(text)
