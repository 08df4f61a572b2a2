# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that talk to OpenStack have in common: their options, the library, the cloud of a region."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from .._plan.frame import Body, Library, Module, Run
from .._zones.schema.zone_map import Region
from .._zones.selection import ZONE_OPTIONS, zones_asked
from . import lazy_sdk  # noqa: F401  # pylint: disable=unused-import
from .cloud import Cloud, connect

__all__ = ["AUTH_OPTIONS", "ZONE_OPTIONS", "Run", "module", "region_cloud", "zones_asked"]

IMPORT_ERROR: str | None = None
try:
    import openstack.config  # noqa: F401  # pylint: disable=unused-import
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

AUTH_OPTIONS: dict[str, Any] = {
    "cloud": {"type": "raw"},
    "auth": {"type": "dict", "no_log": True},
    "auth_type": {"type": "str"},
    "region_name": {"type": "str"},
    "interface": {"type": "str", "choices": ["public", "internal", "admin"], "aliases": ["endpoint_type"]},
    "validate_certs": {"type": "bool", "aliases": ["verify"]},
    "ca_cert": {"type": "path", "aliases": ["cacert"]},
    "client_cert": {"type": "path", "aliases": ["cert"]},
    "client_key": {"type": "path", "no_log": False, "aliases": ["key"]},
    "connect_timeout": {"type": "float", "default": 10},
    "api_timeout": {"type": "float", "default": 60},
    "timeout": {"type": "float", "default": 600},
}


def region_cloud(params: Mapping[str, Any], region: Region) -> Cloud:
    """The cloud of a region: the module's own options first, then what the zone map says."""
    if isinstance(params["cloud"], Mapping):
        places = {name: getattr(region, name) for name in ("region_name", "interface") if getattr(region, name)}
        return connect({**params, "cloud": {**places, **params["cloud"]}})
    named = ("cloud", "region_name", "interface")
    return connect({**params, **{name: params[name] or getattr(region, name) for name in named}})


def module(body: Body, options: Mapping[str, Any], *more: Library, rules: Mapping[str, Any] | None = None) -> Module:
    """The module whose work is `body`.

    :param more: packages that it needs as well.
    :param rules: further rules of its options, such as required_if.
    """
    return Module(body, {**AUTH_OPTIONS, **options}, (Library("openstacksdk", IMPORT_ERROR), *more), rules or {})
