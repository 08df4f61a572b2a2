# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No list of texts in the zone map has an item twice: in every list of the schema, not in those somebody thought of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import get_args, get_origin, get_type_hints

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.fields import Prop, prop_of

SCHEMA = "ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema"


def lists() -> Iterator[tuple[str, Prop]]:
    for module in ("zone_map", "control_plane", "data_plane", "kubernetes", "common"):
        for record in vars(import_module(f"{SCHEMA}.{module}")).values():
            if not (isinstance(record, type) and is_dataclass(record) and record.__module__.endswith(f".{module}")):
                continue
            hints = get_type_hints(record)
            for item in fields(record):
                prop = prop_of(item)
                if prop and get_origin(hints[item.name]) is tuple and get_args(hints[item.name])[0] is str:
                    yield f"{record.__name__}.{item.name}", prop


def test_no_item_twice() -> None:
    found = dict(lists())
    assert len(found) > 40
    assert [name for name, prop in found.items() if not prop.unique] == []
