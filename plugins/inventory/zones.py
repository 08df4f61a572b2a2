# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin zones."""

from __future__ import annotations

DOCUMENTATION = r"""
name: zones
short_description: Availability zones, compute hosts or servers of a region as an inventory
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Lists the availability zones, the compute hosts or the servers of a region, grouped by availability zone, host aggregate and state.
  - The groups are C(az_NAME), C(aggregate_NAME) and C(state_STATE). Characters that Ansible does not allow in the name of a group become underscores.
  - It makes two requests, and for servers one more for each page of them. With a cache that is still valid it makes none.
  - What cannot be read completely is an error, and so is a region in which there is nothing, or nothing that is asked for. Ansible itself only warns of
    an inventory that cannot be read and continues without hosts, so set C(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to V(true).
  - The name of the file has to end in C(zoneops.yml) or C(zoneops.yaml).
notes:
  - Needs the admin role, unless policies of nova say otherwise.
  - "Every host has the variable C(openstack). All kinds have C(name), C(availability_zone) and C(aggregates)."
  - "Compute hosts also have C(service_id), C(state), C(status), C(disabled_reason), C(forced_down) and C(maintenance), which is none, or the
    C(phase) and the C(reason) of a maintenance by this collection, and with C(of_zone) whether it is that of a whole zone."
  - "Zones also have C(state), C(hosts), and C(serving_hosts), those that are up and enabled."
  - "Servers also have C(id), C(project_id), C(status), C(host), C(pinned_availability_zone) (from nova 2.96), C(addresses) as nova shows them, C(flavor),
    C(image_id), C(key_name), C(metadata) and C(tags)."
  - A server is listed under its name. It is listed under its id if another server has the same name, if a compute host, an availability zone, or a host or
    group of the inventory files before this one does, or if the name is one that Ansible would not take for a plain name of a host, such as C(localhost),
    an address or a template, because users choose these names.
  - Variables are never templated, whatever users have written into a name or into metadata.
extends_documentation_fragment:
  - zoneops.openstack.openstack_auth
  - constructed
  - inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [zoneops.openstack.zones]
  hosts:
    description: What the hosts of the inventory are.
    type: str
    choices: [compute_hosts, servers, zones]
    default: compute_hosts
  states:
    description:
      - Only hosts in one of these states. Without it, all.
      - Compute hosts are V(up) or V(down), and can also be V(disabled), V(forced_down) or in V(maintenance) by this collection.
      - Zones are V(up) if all their hosts are up and enabled, V(down) if none is, else V(degraded).
      - Servers have nova's statuses in lower case, such as V(active), V(shutoff) or V(error).
    type: list
    elements: str
    default: []
  availability_zones:
    description: Only what is in one of these availability zones. Without it, all.
    type: list
    elements: str
    default: []
  allow_empty:
    description:
      - Whether there may be nothing in the states of O(states). If not, that is an error, because Ansible takes a play without hosts for a success.
      - Set it for a play that often finds nothing to do, such as one that works on the servers in V(error). A region or a zone without anything is an
        error in any case.
    type: bool
    default: false
  group_by:
    description: Which groups there are, in addition to those of O(groups) and O(keyed_groups).
    type: list
    elements: str
    choices: [availability_zones, aggregates, states]
    default: [availability_zones, aggregates, states]
  strict:
    description:
      - Whether an expression of O(compose), O(groups) or O(keyed_groups) that cannot be evaluated for a host is an error. If not, it is skipped there.
    type: bool
    default: true
"""

EXAMPLES = r"""
# compute.zoneops.yml: all compute hosts of the cloud "mycloud" of clouds.yaml.
# "ansible-playbook -i compute.zoneops.yml patch.yml --limit 'az_az1:&state_maintenance'" works on those of zone az1 that are in maintenance.
plugin: zoneops.openstack.zones
cloud: mycloud

# Their addresses, where the names of the hosts are not in the DNS, and a cache of ten minutes.
# plugin: zoneops.openstack.zones
# cloud: mycloud
# compose:
#   ansible_host: openstack.name ~ '.ctlplane.example.org'
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: /var/cache/zoneops
# cache_timeout: 600

# Servers that are active in two zones, by the project's id as well.
# plugin: zoneops.openstack.zones
# cloud: mycloud
# hosts: servers
# states: [active]
# availability_zones: [az1, az2]
# keyed_groups:
#   - key: openstack.project_id
#     prefix: project
# compose:
#   ansible_host: (openstack.addresses.values() | first | first).addr
"""

import json
import traceback
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.zoneops.openstack.plugins.module_utils._inventory import entries
from ansible_collections.zoneops.openstack.plugins.module_utils._inventory.entries import Entry
from ansible_collections.zoneops.openstack.plugins.module_utils._inventory.read import read
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module as frame
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud, connect
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError, unexpected
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Library, need
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import SCRUBBER
from ansible_collections.zoneops.openstack.plugins.plugin_utils.plain import plain
from ansible_collections.zoneops.openstack.plugins.plugin_utils.surroundings import surroundings

SUFFIXES = ("zoneops.yml", "zoneops.yaml")
#: The variable that every host has.
VARIABLE = "openstack"
#: Of what a cache keeps. What was kept in another format is read again.
FORMAT = 1
PREFIXES = {
    "availability_zones": entries.ZONE_GROUP,
    "aggregates": entries.AGGREGATE_GROUP,
    "states": entries.STATE_GROUP,
}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads all that is asked for before it adds the first host, so that an error leaves no half of an inventory."""

    NAME = "zoneops.openstack.zones"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(SUFFIXES)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_options(loader, path)
        before = set(inventory.hosts)
        try:
            self._add(self._hosts(path, cache=cache), inventory)
        except AnsibleError:
            # An expression of the file, which Ansible names. Hosts without what it gives them, such as their address, are none.
            for name in set(inventory.hosts) - before:
                inventory.remove_host(inventory.hosts[name])
            raise
        except ZoneopsError as error:
            # Without the error below it, which newer cores show and which may have secrets.
            raise AnsibleParserError(SCRUBBER.text(error.message)) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            self.display.vvv(SCRUBBER.text(traceback.format_exc()))
            raise AnsibleParserError(SCRUBBER.text(unexpected(error).message)) from None

    def _read_options(self, loader: Any, path: str) -> None:
        try:
            self._read_config_data(path)
        except AnsibleError as error:
            # Ansible quotes a value of the wrong type, and 'auth' has passwords.
            given = loader.load_from_file(path)
            SCRUBBER.remember(plain({"auth": given.get("auth")} if isinstance(given, dict) else {}))
            raise AnsibleParserError(SCRUBBER.text(str(error))) from None

    def _hosts(self, path: str, *, cache: bool) -> list[Entry]:
        need(Library("openstacksdk", frame.IMPORT_ERROR))
        credentials = {name: plain(self.templar.template(self.get_option(name))) for name in frame.AUTH_OPTIONS}
        SCRUBBER.remember_options(credentials, frame.AUTH_OPTIONS)
        kind = self.get_option("hosts")
        key = self._cache_key(path)
        kept = self._kept(key) if key and cache else None
        # Libraries warn, and log failed requests on the terminal. So would nobody see a warning of ours.
        with surroundings({}):
            listed = self._listed(connect(credentials), kind, key, kept)
        return entries.chosen(
            listed,
            kind=kind,
            states=self.get_option("states"),
            zones=self.get_option("availability_zones"),
            allow_empty=self.get_option("allow_empty"),
        )

    def _cache_key(self, path: str) -> str:
        """Empty where nothing is kept."""
        if not self.get_option("cache"):
            return ""
        self.load_cache_plugin()
        return str(self.get_cache_key(path))

    def _kept(self, key: str) -> Any:
        try:
            return self._cache.get(key)
        except (AnsibleError, AttributeError, KeyError, TypeError, ValueError):
            # A file that was cut off, or cannot be read. Newer cores also stumble over what they have not written.
            self.display.warning(
                "the cache cannot be read, or has another content than it was given: the cloud is read again"
            )
            return None

    def _listed(self, cloud: Cloud, kind: str, key: str, kept: Any) -> Sequence[Entry]:
        """From the cache, if it has what this file asks for now: another cloud or user can be meant by the environment."""
        asked = json.dumps([FORMAT, kind, cloud.place])
        if isinstance(kept, dict) and kept.get("asked") == asked and isinstance(kept.get("entries"), list):
            return list(kept["entries"])
        found = read(cloud, kind)
        if key:
            self._cache[key] = {"asked": asked, "entries": found}
        return found

    def _add(self, listed: Sequence[Entry], inventory: Any) -> None:
        found = self._renamed(listed, inventory)
        members = self._groups(found)
        strict = self.get_option("strict")
        for entry in found:
            inventory.add_host(entry["name"])
            inventory.set_variable(entry["name"], VARIABLE, _inert(plain(entry["variables"])))
        for group, names in members.items():
            inventory.add_group(group)
            for name in names:
                # Not as a child, which would be a group where one has this name.
                inventory.add_host(name, group)
        for entry in found:
            name = entry["name"]
            variables = inventory.get_host(name).get_vars()
            self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
        if not found:
            self.display.warning(
                "no host is in one of the states of option 'states': the inventory is empty, as 'allow_empty' allows"
            )

    def _renamed(self, listed: Sequence[Entry], inventory: Any) -> list[Entry]:
        """With the id of a server for a name that is in this inventory already: whoever names it so would be in plays on that host or group."""
        taken = {*inventory.hosts, *inventory.groups, *self.get_option("groups")}
        return [
            {**entry, "name": entry["variables"]["id"]}
            if "id" in entry["variables"] and entry["name"] in taken
            else entry
            for entry in listed
        ]

    def _groups(self, found: Sequence[Entry]) -> dict[str, list[str]]:
        """The hosts of each group. Raises ZoneopsError where two names become the same: a play on one would work on the other, too."""
        prefixes = tuple(PREFIXES[kind] for kind in self.get_option("group_by"))
        spelt: dict[str, set[str]] = defaultdict(set)
        members: dict[str, list[str]] = defaultdict(list)
        for entry in found:
            for raw in entries.groups(entry):
                if raw.startswith(prefixes):
                    group = self._sanitize_group_name(raw)
                    spelt[group].add(raw)
                    members[group].append(entry["name"])
        for group, names in spelt.items():
            if len(names) > 1:
                first, *others = (name.partition("_")[2] for name in sorted(names))
                raise ZoneopsError(
                    f"group {group} would hold both {first} and {', '.join(others)}, because Ansible allows no other characters in names of groups: "
                    "leave these groups out with 'group_by', and make your own with 'keyed_groups'."
                )
        return members


def _inert(value: Any) -> Any:
    """The same data, in which no text is taken for a template: users name their servers. Cores before 2.19 template all that is not marked."""
    if isinstance(value, dict):
        return {key: _inert(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return wrap_var(value) if isinstance(value, str) and "{" in value else value
