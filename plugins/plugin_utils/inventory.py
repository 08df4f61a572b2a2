# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the zone hosts, templated for their own host, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleError
from ansible.template import Templar
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import Problem, is_secret_name, one_line
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.inventory import NOT_SET, differences, plain
from ansible_collections.zoneops.openstack.plugins.plugin_utils.vaulted import VAULTED, holds_vaulted

_VAULTED = "is encrypted with ansible-vault, but the map must not contain secrets; give a reference to where it is kept"


# Variables that hold all others.
_OF_ANSIBLE = ("hostvars", "vars", "groups")
# A text with none of these is no template, whatever its first line says of the delimiters: most are names of hosts, and a region has thousands.
_TEMPLATED = ("{", "#jinja2:")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, VAULTED):
        yield value
    elif isinstance(value, (Mapping, list, tuple)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


class Inventory:
    """The variables of the zone hosts as plain data; what cannot be templated is a problem of its host."""

    def __init__(self, loader: Any, variables: dict[str, Any], hosts: list[str]) -> None:
        self.problems: list[Problem] = []
        self._of_play: tuple[Mapping[str, Any], Templar] = variables, Templar(loader=loader, variables=variables)
        self._of_host: dict[str, tuple[Mapping[str, Any], Templar]] = {}
        for host in hosts:
            own = {**variables["hostvars"].raw_get(host), "hostvars": variables["hostvars"]}
            self._of_host[host] = own, Templar(loader=loader, variables=own)

    def each(self, name: str) -> dict[str, Any]:
        """The variable's value on each host, NOT_SET where there is none."""
        return {
            host: self._resolved(templar, own[name], host, "") if name in own else NOT_SET
            for host, (own, templar) in self._of_host.items()
        }

    def names(self) -> list[str]:
        """Every variable that a zone host or the play has."""
        known = dict.fromkeys(self._of_play[0])
        for own, _templar in self._of_host.values():
            known |= dict.fromkeys(own)
        return [str.__str__(name) for name in known if isinstance(name, str)]

    def gives(self, name: str) -> bool:
        """Whether a zone host or the play sets the variable to anything."""
        values = [own[name] for own, _templar in (self._of_play, *self._of_host.values()) if name in own]
        return any(isinstance(value, VAULTED) or value not in (None, "") for value in values)

    def refers_to(self, name: str) -> bool:
        """Whether the value of another variable may be taken from this one."""
        return any(
            name in text
            for own, _templar in (self._of_play, *self._of_host.values())
            for key, value in own.items()
            if key not in (name, *_OF_ANSIBLE)
            for text in _texts(value)
        )

    def where(self, name: str) -> list[str]:
        """The hosts that have the variable, where it is not one of all: then one empty name."""
        hosts = [host for host, (own, _templar) in self._of_host.items() if name in own]
        return hosts if 0 < len(hosts) < len(self._of_host) else [""]

    def of_play(self, name: str) -> Any:
        """The value that the play itself gives the variable, NOT_SET where all that it has is a host's."""
        variables, templar = self._of_play
        if name not in variables or any(own.get(name) == variables[name] for own, _templar in self._of_host.values()):
            return NOT_SET
        return self._resolved(templar, variables[name], "", name)

    def shared(self, name: str) -> Any:
        """The value that the variable has on all hosts."""
        before, self.problems = self.problems, []
        values = self.each(name)
        wrong = [problem.rule for problem in self.problems]
        everywhere = [problem for problem in self.problems if wrong.count(problem.rule) == len(values)]
        own = [replace(problem, path=problem.path or name) for problem in self.problems if problem not in everywhere]
        common = dict.fromkeys(replace(problem, zone="", path=problem.path or name) for problem in everywhere)
        self.problems = [*before, *common, *own]
        if not self.problems[len(before) :]:
            self.problems += differences(name, values)
        return next((value for value in values.values() if value is not NOT_SET), NOT_SET)

    def _resolved(self, templar: Templar, raw: Any, host: str, path: str) -> Any:
        """The value as plain data.

        :param host: empty for a value of the play itself.
        """
        if isinstance(raw, Mapping):
            keys = {key: f"{path}.{key}".lstrip(".") for key in raw}
            return {plain(key): self._resolved(templar, raw[key], host, where) for key, where in keys.items()}
        if isinstance(raw, (list, tuple)):
            return [self._resolved(templar, value, host, f"{path}[{index}]") for index, value in enumerate(raw)]
        if isinstance(raw, VAULTED):
            return self._unusable(host, path, _VAULTED)
        if isinstance(raw, str) and not any(mark in raw for mark in _TEMPLATED):
            return plain(raw)
        try:
            value = templar.template(raw)
            variables, _templar = self._of_host.get(host, self._of_play)
            if value is not raw and holds_vaulted(raw, value, variables):
                return self._unusable(host, path, _VAULTED)
            return plain(value)
        except AnsibleError as error:
            reason = "" if any(is_secret_name(part) for part in path.split(".")) else f" ({one_line(str(error))})"
            return self._unusable(host, path, f"cannot be templated{reason}; define for this host what it needs")

    def _unusable(self, host: str, path: str, rule: str) -> None:
        self.problems.append(Problem(host, path, "", rule, ""))
