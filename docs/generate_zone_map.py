# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/zone-map.md from the schema: `python docs/generate_zone_map.py > docs/zone-map.md`, in the layout."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema import zone_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.fields import (
    REQUIRED,
    Derived,
    Prop,
    prop_of,
)

INTRODUCTION = """\
<!-- Made by docs/generate_zone_map.py. Change the schema (plugins/module_utils/_zones/schema/zone_map.py), not this page. -->
# The zone map

A zone is a host of the inventory group `zones`. Its variable `zoneops_zone` describes it; `zoneops_region`, set once for
the group, holds what is true of all zones. One inventory is one region. A first zone file is short:

```yaml
# host_vars/az1.yml            # group_vars/zones.yml
zoneops_zone:                  # zoneops_region:
  compute:                     #   zones: [az1, az2, az3]
    hosts: [compute-az1-0]     #   cloud: mycloud
```

The whole map is checked before anything is touched, also under `--limit`, and all problems are reported at once. Whole
inventories to copy are in [examples](../examples).

- What is left out is unmanaged, or has the default given here. Nothing is ever removed because a line is absent.
- Unknown keys are errors. So is a group that differs from `zoneops_region.zones`, and a value of the region that is not
  the same on all zone hosts.
- **No secret stands in a zone file.** Where an option needs one, its place is given: `{secret: NAME, key: KEY}`, a key of
  a Kubernetes Secret. Keys that have the name of a secret (password, token, ..._key) take nothing else, and an inline
  `!vault` value is refused too, also where a template brings it in. Messages never show such values. A value out of a file that is encrypted as a
  whole cannot be distinguished from others: keep such values out of the map.
- Used today is what nova needs (`availability_zone`, `compute` and the region's connection), what cinder needs
  (`volume_types`, `volume_backends`, `backup`), what manila needs (`share_types`, `share_backends`, `zone_local_projects`,
  `storage_networks`, `client_networks`) and glance (`images`, `image_store.name`). Where a zone has `kubernetes`, all of
  it is used: the map is what RHOSO's control plane and compute hosts are made of.

Beyond the rules in the tables, over all zones:

| what | rule |
| --- | --- |
| availability zones, host aggregates, image stores, share back ends (`name`) | each name once in the region |
| volume back ends (`name`) | each name once in its zone: in RHOSO every volume service is a host of its own |
| `kubernetes_name`, `kubernetes.name`, `node_label`, `topology`, load balancer addresses, nodes | once in the region |
| compute hosts | in one zone only |
| names and addresses of a data plane: NodeSet, nova service, ConfigMap, host names, addresses | once in the region |
| Ceph cluster (fsid), array (address and pool), NFS export, NFS gateway | behind one zone only, unless \
`allow_shared_backends` |
| types of the region | `zones` names zones of the region; after `{zone}` is filled in each name once |
| availability zone with volume or share back ends | no `,` in its name: types list zones with commas |
"""
RECORDS = {
    "zoneops_region": zone_map.Region,
    "zoneops_zone": zone_map.Zone,
}


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    parts += [f"## {name}\n\n{_doc(cls)}\n\n{_table(cls)}" for name, cls in RECORDS.items()]
    parts += [f"## {cls.__name__}\n\n{_doc(cls)}\n\n{_table(cls)}" for cls in _nested()]
    return "\n".join(parts)


def _doc(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _nested() -> list[type]:
    """The records inside the two variables, in the order in which they are met."""
    found: list[type] = []
    waiting: list[type] = list(RECORDS.values())
    while waiting:
        for hint in typing.get_type_hints(waiting.pop(0)).values():
            inner: list[type] = [item for item in _parts(hint) if _is_record(item) and item not in found]
            found += inner
            waiting += inner
    return found


def _is_record(hint: Any) -> bool:
    return isinstance(hint, type) and is_dataclass(hint)


def _parts(hint: Any) -> list[Any]:
    arguments = typing.get_args(hint)
    return [part for argument in arguments for part in _parts(argument)] if arguments else [hint]


def _table(cls: type) -> str:
    hints = typing.get_type_hints(cls)
    rows = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
    for item in fields(cls):
        prop = prop_of(item)
        if prop:
            word = f" or `{prop.word}`" if prop.word else ""
            rows.append(f"| `{item.name}` | {_type(hints[item.name])}{word} | {_default(prop)} | {_meaning(prop)} |")
    return "\n".join(rows) + "\n"


def _type(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type(item) for item in arguments if item is not types.NoneType)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"mapping to {_type(arguments[1])}"
    if is_dataclass(hint):
        name = typing.cast("type", hint).__name__
        return f"[{name}](#{name.lower()})"
    names = {"str": "text", "bool": "true or false", "int": "whole number", "float": "number", "object": "anything"}
    return names[hint.__name__]


def _default(prop: Prop) -> str:
    default = prop.default
    if default is REQUIRED:
        return "**required**"
    if isinstance(default, Derived):
        return default.text
    if default is None:
        return "none"
    if isinstance(default, type):
        return "all defaults"
    return f"`{'[]' if default == () else str(default).lower() if isinstance(default, bool) else default}`"


def _meaning(prop: Prop) -> str:
    parts = [prop.description]
    if prop.choices:
        parts.append(f"One of {', '.join(f'`{choice}`' for choice in prop.choices)}.")
    for label, rule in (("Rule", prop.rule), ("Names", prop.key_rule)):
        if rule:
            parts.append(f"{label}: {rule.text}.")
    sources = dict.fromkeys(source for source in (prop.source, prop.rule.source if prop.rule else "") if source)
    if sources:
        parts.append(f"({'; '.join(sources)})")
    return " ".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
