# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_map: the zone map out of the inventory, checked as a whole, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.vars import load_extra_vars
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.paths import absolute, size
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.file import forget, read
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import digests_of, unfit_for
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.near import nearest
from ansible_collections.zoneops.openstack.plugins.module_utils._region.choice import sections_of_table
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.services.cinder import (
    default_availability_zone,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.calls import calls_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError, Problem, show
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.inventory import NOT_SET, differences
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.managed_parts import parts_of, steps_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import unknown_words
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.checks import (
    JOURNAL,
    JOURNAL_CONTAINER,
    PHASE,
    SETTINGS,
    missing,
    not_kept,
    only_plans,
    without_effect,
    wrong_value,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.names import (
    OWN_VARIABLES,
    Unknown,
    unknown,
    variables_of,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_playbooks import OF_PLAYBOOKS
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_roles import COMPUTED, OF_ROLES
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import (
    PLAYBOOKS,
    chosen_parts,
    not_in_map,
    only_preflight,
    wrong_confirm,
    wrong_limit,
    wrong_plan,
    wrong_tags,
)
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.inventory import Inventory

SPEC: dict[str, Any] = {
    "group": {"type": "str", "default": "zones"},
    "settings": {"type": "list", "elements": "str", "default": []},
    "playbook": {"type": "str", "choices": sorted(PLAYBOOKS)},
}
ZONE, REGION, ALLOW, PLAN, CONFIRM = (
    "zoneops_zone",
    "zoneops_region",
    "zoneops_allow",
    "zoneops_plan",
    "zoneops_confirm",
)
# Files of tasks that are the user's.
OF_TASKS = [name for name, setting in SETTINGS.items() if setting.read]


class ActionModule(Framed):
    """Runs on the controller, opens no connection."""

    _requires_connection = False

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        extra = load_extra_vars(self._loader)
        asked = _Asked.of(options["playbook"], variables, extra, check=bool(self._task.check_mode))
        if options["playbook"] == "import":
            inventory = Inventory(self._loader, variables, [])
            return _failed(asked.refusal(())) or _checked(inventory, [], asked)
        refusal = self._refusal(options["group"], variables["groups"])
        if refusal:
            return _failed(refusal)
        hosts = list(dict.fromkeys(str.__str__(host) for host in variables["groups"][options["group"]]))
        inventory = Inventory(self._loader, variables, hosts)
        by_phase = only_plans(asked.playbook, _set(inventory, PHASE))
        # Whatever comes now: an older plan is not to be taken for the one that was asked for. A play of which nothing is known may be there to carry it out.
        replaces = asked.check or (by_phase and asked.playbook is not None)
        if replaces and (reason := asked.without_plan(str(_set(inventory, PLAN) or ""))):
            return _failed(reason)
        asked = replace(asked, check=asked.check or by_phase)
        return _failed(asked.refusal(hosts)) or _answer(inventory, options["settings"], asked)

    def _refusal(self, group: str, groups: Mapping[str, list[str]]) -> str:
        """Why the map cannot even be looked for."""
        strategy = str(self._task.get_play().strategy).rsplit(".", 1)[-1]
        if strategy.endswith(("free", "host_pinned")):
            return (
                f"The play has the strategy {strategy}: each zone would repeat the steps that are for all zones; "
                "set `strategy: linear` for the play, as the playbooks of this collection do"
            )
        if groups.get(group):
            return ""
        others = [name for name in groups if name not in ("all", "ungrouped", group)]
        hint = nearest(group, others) or f" (its groups: {', '.join(others) or 'none'})"
        what = "is empty" if group in groups else f"is not in the inventory{hint}"
        return f"The group {group} {what}, so there is no zone to work on; add a host for each zone"


@dataclass(frozen=True)
class _Asked:
    """What the command line leaves of a playbook. Of plays that are not this collection's nothing is known.

    :ivar check: whether the run only plans.
    """

    playbook: str | None
    run: list[str]
    skip: list[str]
    hosts: list[str]
    extra: list[str]
    check: bool

    @classmethod
    def of(cls, playbook: str | None, variables: Mapping[str, Any], extra: Iterable[str], *, check: bool) -> _Asked:
        run, skip, hosts = (
            [str.__str__(item) for item in variables.get(name) or ()]
            for name in ("ansible_run_tags", "ansible_skip_tags", "ansible_play_batch")
        )
        return cls(playbook, run, skip, hosts, [str.__str__(name) for name in extra], check)

    def refusal(self, zones: Sequence[str]) -> str:
        """Why nothing would be run."""
        if self.playbook is None:
            return ""
        return wrong_tags(self.playbook, self.run, self.skip) or wrong_limit(self.playbook, self.hosts, zones)

    def chosen(self, parts: Sequence[str]) -> list[str]:
        """The parts that the tags leave."""
        return list(parts) if self.playbook is None else chosen_parts(self.playbook, self.run, self.skip, parts)

    def only_preflight(self) -> bool:
        """Whether the cluster is looked at before there is a cloud."""
        return self.playbook is not None and only_preflight(self.run)

    def without_plan(self, path: str) -> str:
        """Remove the plan that this run is to replace; why that is impossible."""
        if not path or (self.playbook is not None and wrong_plan(self.playbook)):
            return ""
        try:
            forget(absolute(path))
        except ZoneopsError as error:
            return error.message
        return ""

    def wrong_plan(self, path: str, zones: Mapping[str, Any], region: Mapping[str, Any]) -> str:
        """Why a plan cannot be saved, or the saved one cannot be carried out."""
        if not path:
            return ""
        if self.playbook is not None and (reason := wrong_plan(self.playbook)):
            return reason
        if self.check:
            return ""
        try:
            saved = read(absolute(path))
        except ZoneopsError as error:
            return error.message
        batch = [name for name in zones if name in self.hosts]
        return unfit_for(saved, self.playbook, digests_of(zones, region), batch)

    def wrong_confirm(self, *, wanted: bool) -> str:
        """Why nobody can be asked before the first write."""
        return wrong_confirm(self.playbook) if wanted and self.playbook is not None else ""

    def missing(self, inventory: Inventory) -> list[Problem]:
        """What the playbook has to be given."""
        found = {} if self.playbook is None else missing(self.playbook, inventory.gives)
        return [Problem("", name, "", rule, "") for name, rule in found.items()]

    def not_kept(self, inventory: Inventory) -> list[Problem]:
        """Why the journal would be lost, which would else be found after the last write."""
        container, journal = (_set(inventory, name) for name in (JOURNAL_CONTAINER, JOURNAL))
        found = not_kept(self.playbook, container, journal)
        return [Problem("", found[0], show(_set(inventory, found[0])), found[1], "")] if found else []

    def warnings(self, inventory: Inventory, strange: Iterable[Unknown]) -> dict[str, Any]:
        """What was set, and has no effect in this run."""
        found = [f"variable {one.name} {one.rule}" for one in strange if not one.misspelt]
        # Tasks of the user's may read everything.
        if self.playbook is not None and not any(inventory.gives(name) for name in OF_TASKS):
            unread = [name for name in without_effect(self.playbook, self.extra) if not inventory.refers_to(name)]
            found += [
                f"variable {name} has no effect in the playbook {self.playbook}, which does not read it"
                for name in unread
            ]
        return {"warnings": found} if found else {}

    def not_in_map(self, parts: Iterable[str]) -> str:
        return "" if self.playbook is None else not_in_map(self.playbook, self.run, self.skip, parts)


def _failed(message: str) -> dict[str, Any]:
    return {"failed": True, "msg": message} if message else {}


def _checked(inventory: Inventory, settings: list[str], asked: _Asked) -> dict[str, Any]:
    """The result where there is no map yet: the settings alone."""
    strange = _strange(inventory, settings)
    problems = [
        *_wrong_settings(inventory, settings),
        *_misspelt(inventory, strange),
        *asked.missing(inventory),
    ]
    if problems:
        return _failed("; ".join(str(problem).removeprefix("region: ") for problem in problems))
    return {"changed": False, "msg": "The settings can be used", **asked.warnings(inventory, strange)}


def _strange(inventory: Inventory, settings: Iterable[str], data: Any = None) -> list[Unknown]:
    """The variables that look like settings and are none.

    :param data: the map, which takes values of Secrets from variables of any name.
    """
    listed = [inventory.of_play(OWN_VARIABLES), *inventory.each(OWN_VARIABLES).values()]
    own = {name for names in listed if isinstance(names, list) for name in names if isinstance(name, str)}
    return unknown(inventory.names(), own | set(settings) | variables_of(data))


def _misspelt(inventory: Inventory, strange: Iterable[Unknown]) -> list[Problem]:
    """What somebody meant to set has no effect: no run on something else than what the operator believes."""
    return [
        Problem(host, one.name, "", one.rule, "")
        for one in strange
        if one.misspelt
        for host in inventory.where(one.name)
    ]


def _wrong_settings(inventory: Inventory, settings: list[str]) -> list[Problem]:
    """What is wrong with the settings of the run, wherever they are set."""
    found: dict[tuple[str, str], Any] = {
        ("", setting): inventory.shared(setting) for setting in sorted({*OF_ROLES, *settings})
    }
    for name in OF_PLAYBOOKS:
        values = inventory.each(name)
        same = values and not differences(name, values)
        found |= {("" if same else host, name): value for host, value in values.items()}
    problems = [problem for (host, name), value in found.items() for problem in _wrong(host, name, value)]
    for name in [name for name in SETTINGS if name not in COMPUTED]:
        problems += _wrong("", name, inventory.of_play(name))
    return list(dict.fromkeys([*inventory.problems, *problems]))


def _wrong(host: str, name: str, value: Any) -> list[Problem]:
    if value is NOT_SET or name not in SETTINGS:
        return []
    rule = wrong_value(name, value)
    words = unknown_words(name, value) if name == ALLOW else ()
    return [*([Problem(host, name, show(value, name), rule, "")] if rule else []), *words]


def _answer(inventory: Inventory, settings: list[str], asked: _Asked) -> dict[str, Any]:
    zones, region = inventory.each(ZONE), inventory.shared(REGION)
    strange = _strange(inventory, settings, [*zones.values(), region])
    problems = [
        *_wrong_settings(inventory, settings),
        *_misspelt(inventory, strange),
        *asked.missing(inventory),
    ]
    if not problems:
        problems += asked.not_kept(inventory)
    for host, value in zones.items():
        if value is NOT_SET:
            rule = f"is not set; write it into host_vars/{host}.yml (`compute: {{}}` for its aggregate in nova)"
            problems.append(Problem(host, ZONE, "", rule, ""))
    if region is NOT_SET:
        rule = "is not set; write it into group_vars of the group, with the list `zones` of all zones"
        problems.append(Problem("", REGION, "", rule, ""))
        region = {"zones": list(zones)}
    try:
        zone_map = load_map({host: {} if value is NOT_SET else value for host, value in zones.items()}, region)
    except MapError as error:
        unusable = {(problem.zone, problem.path) for problem in problems}
        problems += [problem for problem in error.problems if (problem.zone, problem.path) not in unusable]
    if problems:
        return {"failed": True, "msg": str(MapError(problems))}
    names, parts = list(zone_map.zones), parts_of(zone_map)
    if reason := asked.not_in_map(parts):
        return _failed(reason)
    chosen = asked.chosen(parts)
    plain_map = as_dict(zone_map, words=True)
    if reason := asked.wrong_plan(str(_set(inventory, PLAN) or ""), plain_map["zones"], plain_map["region"]):
        return _failed(reason)
    if reason := asked.wrong_confirm(wanted=boolean(_set(inventory, CONFIRM) or False, strict=False)):
        return _failed(reason)
    named = _set(inventory, JOURNAL)
    journal = absolute(named) if named else ""
    return {
        "changed": False,
        "msg": f"The map of {len(names)} zones is valid: {', '.join(names)}",
        **asked.warnings(inventory, strange),
        "batch": [name for name in names if name in asked.hosts],
        "parts": [*chosen, *steps_of(zone_map, chosen)],
        "calls": calls_of(asked.playbook),
        "journal": {"path": journal, "size": size(journal) if journal else 0},
        "sections": [] if asked.only_preflight() else list(sections_of_table(zone_map)),
        "defaults": {"cinder_availability_zone": default_availability_zone(zone_map)},
        **plain_map,
    }


def _set(inventory: Inventory, name: str) -> Any:
    """The value of a setting, wherever it is set; None where it is not."""
    values = (inventory.shared(name), inventory.of_play(name))
    return next((value for value in values if value is not NOT_SET and value), None)
