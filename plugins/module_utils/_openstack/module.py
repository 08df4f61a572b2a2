# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of a module that talks to OpenStack: common options, missing libraries, errors as messages."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._plan.errors import ZoneopsError
from .._plan.scrub import SCRUBBER
from .._zones.asked import ZONE_OPTIONS, zones_asked
from .._zones.errors import MapError
from .._zones.schema import Region
from . import lazy_sdk  # noqa: F401  # pylint: disable=unused-import
from .cloud import Cloud, connect

__all__ = ["AUTH_OPTIONS", "ZONE_OPTIONS", "region_cloud", "run", "zones_asked"]

IMPORT_ERROR: str | None = None
try:
    import openstack.config  # noqa: F401  # pylint: disable=unused-import
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

AUTH_OPTIONS: dict[str, Any] = {
    "cloud": {"type": "str"},
    "auth": {"type": "dict", "no_log": True},
    "auth_type": {"type": "str"},
    "region_name": {"type": "str"},
    "interface": {"type": "str", "choices": ["public", "internal", "admin"]},
    "validate_certs": {"type": "bool"},
    "ca_cert": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "connect_timeout": {"type": "float", "default": 10},
    "read_timeout": {"type": "float", "default": 60},
    "deadline": {"type": "float", "default": 600},
}


def region_cloud(params: Mapping[str, Any], region: Region) -> Cloud:
    """The cloud of a region: the module's own options first, then what the zone map says."""
    named = ("cloud", "region_name", "interface")
    return connect({**params, **{name: params[name] or getattr(region, name) for name in named}})


def run(body: Callable[[AnsibleModule], dict[str, Any]], options: Mapping[str, Any]) -> None:
    """Run a module whose work is `body`: its dictionary is the result, a ZoneopsError is a failure with that message."""
    module = AnsibleModule(argument_spec={**AUTH_OPTIONS, **options}, supports_check_mode=True)
    if IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("openstacksdk"), exception=IMPORT_ERROR)
    SCRUBBER.remember_options(module.params, module.argument_spec)
    try:
        result = body(module)
    except (ZoneopsError, MapError) as error:
        module.fail_json(**SCRUBBER.leaving(module.params, {"msg": str(error)}))
    result = SCRUBBER.leaving(module.params, result)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    module.exit_json(**result)
