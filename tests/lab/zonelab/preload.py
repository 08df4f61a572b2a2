# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that all services use, imported once before they are forked: their memory and import time are shared."""

from __future__ import annotations

import gc
import importlib

# Not in here: oslo_messaging, oslo_versionedobjects, os_brick, taskflow and tooz import eventlet, which nova refuses
# when it finds it loaded already.
MODULES = (
    "alembic.config",
    "cryptography.fernet",
    "jsonschema",
    "keystoneauth1.loading",
    "keystoneauth1.session",
    "lxml.etree",
    "netaddr",
    "oslo_cache",
    "oslo_concurrency.processutils",
    "oslo_config.cfg",
    "oslo_context.context",
    "oslo_db.options",
    "oslo_db.sqlalchemy.enginefacade",
    "oslo_log.log",
    "oslo_middleware",
    "oslo_policy.policy",
    "oslo_serialization.jsonutils",
    "oslo_utils.timeutils",
    "osprofiler.profiler",
    "paste.deploy",
    "requests",
    "routes",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.orm",
    "stevedore",
    "waitress",
    "webob.dec",
)


def preload() -> None:
    """Import, and keep the garbage collector away from it: its marks would unshare the pages."""
    for module in MODULES:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
