# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keystone and placement, which share a process with the neutron stub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, logging, policy, token_validation

if TYPE_CHECKING:
    from zonelab.lab import Lab


def keystone(lab: Lab) -> Config:
    """Cheap password hashes: thousands of logins are made in tests."""
    return {
        "DEFAULT": logging(),
        "database": database(lab, "keystone"),
        "token": {"provider": "fernet", "expiration": 86400},
        "fernet_tokens": {"key_repository": str(lab.state.keys / "fernet")},
        "fernet_receipts": {"key_repository": str(lab.state.keys / "fernet")},
        "credential": {"key_repository": str(lab.state.keys / "credential")},
        "identity": {"password_hash_rounds": 4},
        "cache": {"enabled": True, "backend": "oslo_cache.dict"},
        "oslo_messaging_notifications": {"driver": "noop"},
        **policy(lab, "keystone"),
    }


def placement(lab: Lab) -> Config:
    """The schema is made by bootstrap, never on start."""
    return {
        "DEFAULT": logging(),
        "api": {"auth_strategy": "keystone"},
        "placement_database": {**database(lab, "placement"), "sync_on_startup": False},
        "keystone_authtoken": {**credentials(lab, "placement"), **token_validation(lab)},
        **policy(lab, "placement"),
    }
