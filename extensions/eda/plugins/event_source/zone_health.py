# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or
# https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: CPY001 - the hub's linter wants a year
"""Event source zone_health."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Report availability zones that are degraded or down, and that recover
description:
  - Lists the services of nova, cinder and manila again and again, and reports
    each zone whose state changes, and each that is not up at the start.
  - One look costs two requests to nova and one to each other service, however
    many zones and hosts there are.
  - A zone is V(up), V(degraded), V(down), in V(maintenance) by this
    collection, or V(gone) from nova's lists. Where all of a service is down in
    the whole region, its control plane is suspected, and no zone is reported
    as down for it. Instead an event about the region says V(all_down).
  - An API that is away or hangs does not end the source. A wrong cloud name,
    refused credentials or a missing right end it at the start.
requirements:
  - The collection zoneops.openstack where ansible-galaxy finds it.
  - openstacksdk in the Python of ansible-rulebook.
options:
  cloud:
    description:
      - Name of a cloud in C(clouds.yaml), or a mapping with what an entry of
        it has. Without it, the cloud comes from the environment.
    type: raw
  auth:
    description:
      - Credentials for the authentication plugin O(auth_type). Prefer
        C(clouds.yaml) or a credential of the automation platform.
    type: dict
  auth_type:
    description:
      - Name of a keystoneauth plugin.
    type: str
  region_name:
    description:
      - Region to watch.
    type: str
  interface:
    description:
      - Which endpoints of the catalog to use.
    type: str
    choices: ["public", "internal", "admin"]
  validate_certs:
    description:
      - Whether the certificates of the API are verified.
    type: bool
  ca_cert:
    description:
      - File with the certificates of the authorities to trust.
    type: path
  client_cert:
    description:
      - File with a client certificate.
    type: path
  client_key:
    description:
      - File with the key of O(client_cert).
    type: path
  services:
    description:
      - What is watched. A service that the cloud does not have is passed over.
    type: list
    elements: str
    choices: ["nova", "cinder", "manila"]
    default: ["nova", "cinder", "manila"]
  kubeconfig:
    description:
      - With it, the nodes of the zones are watched, too, by their label
        C(topology.kubernetes.io/zone), whose value has to be the name of the
        availability zone.
    type: path
  context:
    description:
      - Context of O(kubeconfig).
    type: str
  interval:
    description:
      - Seconds from the begin of a look to the begin of the next.
    type: float
    default: 10
  confirm:
    description:
      - How many looks in a row have to see that something is worse. Between
        the first and the last of them there should be more than nova's
        C(report_interval), 10 seconds. Hosts go down one by one also where
        nova's control plane fails.
    type: int
    default: 3
  recover:
    description:
      - How many looks in a row have to see that something is better.
    type: int
    default: 3
  timeout:
    description:
      - Seconds that one look may take. A service that has not answered by
        then counts as one that cannot be read.
    type: float
    default: 30
  connect_timeout:
    description:
      - Seconds to wait for a connection to an API.
    type: float
    default: 10
  api_timeout:
    description:
      - Seconds to wait for the next byte of an API's answer.
    type: float
    default: 20
  seen_from:
    description:
      - Name of the place that the looks are made from. It is in each event, so
        that a rule can ask two sources.
    type: str
    default: default
  inventory_names:
    description:
      - The inventory name of each availability zone that has another one
        there. Playbooks are limited to it.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- zoneops.openstack.zone_health:
    cloud: mycloud

- zoneops.openstack.zone_health:
    cloud: mycloud
    interface: internal
    services: [nova, cinder]
    interval: 15
    seen_from: control plane network
"""

COLLECTION = ("ansible_collections", "zoneops", "openstack")
CODE = ".".join(
    (*COLLECTION, "plugins", "module_utils", "_zone_health", "watch"),
)
PATHS = "~/.ansible/collections:/usr/share/ansible/collections"


class NotFoundError(Exception):
    """The collection is not where it is looked for."""


def _roots() -> list[Path]:
    """Return folders that may have the collection, the likeliest first."""
    here = Path(__file__).absolute()
    # ansible-rulebook runs this file by its path: rarely out of its collection.
    own = [root for root in here.parents if root.joinpath(*COLLECTION) in here.parents]
    named = os.environ.get("ANSIBLE_COLLECTIONS_PATH") or PATHS
    return own + [Path(path).expanduser() for path in named.split(":") if path]


def _code() -> Any:  # noqa: ANN401
    """Return the module of the collection that does the work."""
    roots = [str(root) for root in _roots()]
    for root in reversed(roots):
        if Path(root).joinpath(*COLLECTION).is_dir() and root not in sys.path:
            # Nothing else is in there but ansible_collections.
            sys.path.insert(0, root)
    try:
        return importlib.import_module(CODE)
    except ModuleNotFoundError as error:
        if not CODE.startswith(str(error.name)):
            raise
        msg = (
            "collection zoneops.openstack is not found in "
            f"{', '.join(roots)}: install it there with ansible-galaxy, or "
            "name its folder in ANSIBLE_COLLECTIONS_PATH."
        )
        raise NotFoundError(msg) from error


async def main(queue: Any, args: dict[str, Any]) -> None:  # noqa: ANN401
    """Report changes of the zones until the activation ends."""
    await _code().watch(queue, args)
