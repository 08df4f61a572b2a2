# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service catalog, written into keystone's database before each boot: ports change, identities stay."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from zonelab.lab import PASSWORD, REGION
from zonelab.state import services

if TYPE_CHECKING:
    from zonelab.lab import Lab

TYPES = {
    "keystone": "identity",
    "placement": "placement",
    "nova": "compute",
    "glance": "image",
    "cinder": "block-storage",
    "manila": "shared-file-system",
    "neutron": "network",
    "masakari": "instance-ha",
    "swift": "object-store",
}
PATHS = {
    "keystone": "/v3",
    "nova": "/v2.1",
    "cinder": "/v3",
    "manila": "/v2",
    "masakari": "/v1",
    "swift": "/v1/AUTH_$(project_id)s",
}


def types(lab: Lab) -> dict[str, str]:
    """The type of each service of the lab, by its name."""
    return {service: TYPES[service] for service in services(lab.options)}


def write_endpoints(lab: Lab) -> None:
    """Public endpoints are the proxies, internal ones the services."""
    urls = {"public": lab.public_url, "internal": lab.url}
    with closing(sqlite3.connect(lab.state.database("keystone"))) as database, database:  # pylint: disable=confusing-with-statement
        for service, kind in types(lab).items():
            for interface, url in urls.items():
                database.execute(
                    "UPDATE endpoint SET url = ? WHERE interface = ?"
                    " AND service_id = (SELECT id FROM service WHERE type = ?)",
                    (url(service, PATHS.get(service, "")), interface, kind),
                )


def clouds_yaml(lab: Lab) -> str:
    """The clients' file: the administrator's cloud and a plain member's."""

    def cloud(name: str, user: str, project: str) -> str:
        return (
            f"  {name}:\n"
            f"    region_name: {REGION}\n"
            "    interface: public\n"
            "    identity_api_version: 3\n"
            "    auth:\n"
            f"      auth_url: {lab.public_url('keystone', '/v3')}\n"
            f"      username: {user}\n"
            f"      password: {PASSWORD}\n"
            f"      project_name: {project}\n"
            "      user_domain_name: Default\n"
            "      project_domain_name: Default\n"
        )

    return "---\nclouds:\n" + cloud("lab", "admin", "admin") + cloud("lab-member", "member", "demo")
