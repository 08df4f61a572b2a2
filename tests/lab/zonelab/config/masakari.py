# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""masakari's API, which finds hosts in nova; what an engine would do with notifications is left undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, database_url, logging, shared, token_validation
from zonelab.lab import PASSWORD, REGION

if TYPE_CHECKING:
    from zonelab.lab import Lab


def masakari(lab: Lab) -> Config:
    """It signs in to nova with credentials of its own."""
    return {
        "DEFAULT": {
            **logging(),
            "transport_url": "fake://",
            "auth_strategy": "keystone",
            "os_privileged_user_name": "masakari",
            "os_privileged_user_password": PASSWORD,
            "os_privileged_user_tenant": "service",
            "os_privileged_user_auth_url": lab.url("keystone", "/v3"),
            "os_user_domain_name": "Default",
            "os_project_domain_name": "Default",
            "os_region_name": REGION,
            "nova_catalog_admin_info": "compute:nova:internalURL",
        },
        "database": database(lab, "masakari"),
        "taskflow": {"connection": database_url(lab, "masakari")},
        "keystone_authtoken": {**credentials(lab, "masakari"), **token_validation(lab)},
        **shared(lab, "masakari"),
    }
