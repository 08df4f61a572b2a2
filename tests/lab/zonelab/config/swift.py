# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swift with one copy of each object; its servers take their settings from the process that runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.config.common import Config, Section, credentials, token_validation

if TYPE_CHECKING:
    from zonelab.lab import Lab

DEVICE = "disk"


def swift(_lab: Lab) -> Config:
    """What all servers have to agree about."""
    return {
        "swift-hash": {"swift_hash_path_prefix": "lab", "swift_hash_path_suffix": "lab"},
        "storage-policy:0": {"name": "one", "default": "yes"},
    }


def servers(lab: Lab) -> Section:
    """The settings of the servers of accounts, containers and objects, and of the proxy before them."""
    return {
        "swift_dir": str(lab.state.conf / "swift"),
        "devices": str(lab.state.data / "swift"),
        "mount_check": "false",
        "db_preallocation": "off",
        "fallocate_reserve": "0",
        "account_autocreate": "true",
        "__file__": str(lab.state.conf / "swift" / "swift.conf"),
        "__name__": "proxy-server",
    }


def tokens(lab: Lab) -> Section:
    """Who may ask; what keystone says of a token is the proxy's to judge."""
    return {**credentials(lab, "swift"), **token_validation(lab), "delay_auth_decision": True}
