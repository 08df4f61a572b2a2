#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module object_store_file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: object_store_file
short_description: Keep a file in the region's object store, and fetch it again
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(state=stored) it stores a file as an object, where one with the same content and type is not there yet. With O(state=fetched) it writes the object
    into the file.
  - It is meant for what a job in a container would lose with it, such as the report, the audit's JSON or the journal. The playbook C(report) uses it.
  - Objects belong to the project that the user is signed in to. Nobody else can read them, unless the rights of the container say so, which this module never
    changes.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
options:
  state:
    description: Whether the file goes into the object store, or comes from there.
    type: str
    choices: [stored, fetched]
    default: stored
  path:
    description: The file. At most 256 MiB.
    type: path
    required: true
  container:
    description: Name of the container. One that does not exist is created with O(state=stored).
    type: str
    required: true
  name:
    description: Name of the object. Without it, the name of the file, without its folders.
    type: str
  content_type:
    description: What browsers take the object for. Without it, what the file's name says.
    type: str
  keep_days:
    description:
      - Days after which the store deletes the object, counted from when it was stored. Without it, the object stays.
      - It has no effect on an object that already has the content.
    type: int
notes:
  - Works with swift and with the Ceph Object Gateway's swift API. The object is replaced as a whole, and the store compares its MD5 sum with what arrives.
  - Diff mode shows size, type and MD5 sum of an object that is stored, and never its content.
  - Costs one request where there is nothing to change.
"""

EXAMPLES = r"""
- name: Keep the journal of this job for 90 days
  zoneops.openstack.object_store_file:
    cloud: mycloud
    path: zones.journal
    container: zoneops
    name: "journal-{{ ansible_date_time.iso8601 }}"
    keep_days: 90

- name: Read the last audit from the object store
  zoneops.openstack.object_store_file:
    cloud: mycloud
    state: fetched
    path: audit.json
    container: zoneops
"""

RETURN = r"""
found:
  description: Whether the object is in the store.
  returned: success
  type: bool
msg:
  description: What was done, or would be in check mode.
  returned: always
  type: str
"""

from pathlib import Path
from typing import Any

from ..module_utils._object_store.keep import fetch, read, store
from ..module_utils._object_store.objects import Objects, Place
from ..module_utils._openstack import module as frame
from ..module_utils._openstack.cloud import connect
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.kept import MOST_DAYS, wrong_container

STORED = "stored"
FETCHED = "fetched"
DAY = 86_400
#: Of swift and of Ceph, in bytes of UTF-8.
LONGEST_NAME = 1024
OPTIONS: dict[str, Any] = {
    "state": {"type": "str", "choices": [STORED, FETCHED], "default": STORED},
    "path": {"type": "path", "required": True},
    "container": {"type": "str", "required": True},
    "name": {"type": "str"},
    "content_type": {"type": "str"},
    "keep_days": {"type": "int"},
}


def keep(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    place, days = _place(params), params["keep_days"]
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise ZoneopsError(f"option 'keep_days' is {days}: give 1 to {MOST_DAYS} days.")
    file = read(params["path"], params["content_type"]) if params["state"] == STORED else None
    objects = Objects(connect(params).service("object-store"))
    if not objects.present():
        raise ZoneopsError("the catalog of this cloud and region has no object store: keep the file in another place.")
    if file is None:
        return fetch(objects, place, params["path"], check=module.check_mode)
    return store(objects, place, file, None if days is None else days * DAY, check=module.check_mode)


def _place(params: dict[str, Any]) -> Place:
    container, name = params["container"], params["name"] or Path(params["path"]).name
    if reason := wrong_container(container):
        raise ZoneopsError(f"option 'container' is '{container}': {reason}.")
    if len(name.encode()) > LONGEST_NAME:
        raise ZoneopsError(f"option 'name' has {len(name.encode())} bytes: at most {LONGEST_NAME} are allowed.")
    wrong = {".", ".."}.intersection(name.split("/"))
    if not name or wrong:
        # HTTP takes these for a folder and the one above: it would be another object, or the container itself.
        raise ZoneopsError(
            f"option 'name' is '{name}': {'the name is empty' if not name else 'no part of them may be . or ..'}."
        )
    return Place(container, name)


MODULE = frame.module(keep, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
