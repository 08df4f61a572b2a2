# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that talk to Kubernetes have in common: their options, the library, the cluster of a region."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.parameters import env_fallback

from .._plan.frame import Body, Library, Module, Run
from .._plan.verdict import Verdict, bulk_result
from .._zones.schema.zone_map import Region, ZoneMap
from .._zones.selection import ZONE_OPTIONS, zones_asked
from .access.connect import connect
from .client import Cluster

__all__ = [
    "AUTH_OPTIONS",
    "NO_KUBERNETES",
    "ZONE_OPTIONS",
    "Run",
    "kubernetes_zones",
    "module",
    "nothing_to_do",
    "region_cluster",
    "zones_asked",
]

#: What a look says that looked at nothing.
NO_KUBERNETES = "no zone of the call has a Kubernetes side: nothing was checked"
IMPORT_ERROR: str | None = None
try:
    import kubernetes.dynamic  # noqa: F401  # pylint: disable=unused-import
except ImportError:
    IMPORT_ERROR = traceback.format_exc()


def _from(variable: str) -> dict[str, Any]:
    """The value of a variable of the environment, as kubernetes.core and credentials of the automation controller name it."""
    return {"fallback": (env_fallback, [f"K8S_AUTH_{variable}"])}


AUTH_OPTIONS: dict[str, Any] = {
    "kubeconfig": {"type": "path", **_from("KUBECONFIG")},
    "context": {"type": "str", **_from("CONTEXT")},
    "host": {"type": "str", **_from("HOST")},
    "api_key": {"type": "str", "no_log": True, **_from("API_KEY")},
    "username": {"type": "str", **_from("USERNAME")},
    "password": {"type": "str", "no_log": True, **_from("PASSWORD")},
    "validate_certs": {"type": "bool", **_from("VERIFY_SSL"), "aliases": ["verify_ssl"]},
    "ca_cert": {"type": "path", **_from("SSL_CA_CERT"), "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", **_from("CERT_FILE"), "aliases": ["cert_file"]},
    "client_key": {"type": "path", "no_log": False, **_from("KEY_FILE"), "aliases": ["key_file"]},
    "proxy": {"type": "str", **_from("PROXY")},
    "no_proxy": {"type": "str", **_from("NO_PROXY")},
    "proxy_headers": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "proxy_basic_auth": {"type": "str", "no_log": True, **_from("PROXY_HEADERS_PROXY_BASIC_AUTH")},
            "basic_auth": {"type": "str", "no_log": True, **_from("PROXY_HEADERS_BASIC_AUTH")},
            "user_agent": {"type": "str", **_from("PROXY_HEADERS_USER_AGENT")},
        },
    },
    "impersonate_user": {"type": "str", **_from("IMPERSONATE_USER")},
    "impersonate_groups": {"type": "list", "elements": "str", **_from("IMPERSONATE_GROUPS")},
    "connect_timeout": {"type": "float", "default": 10},
    "api_timeout": {"type": "float", "default": 60},
    "timeout": {"type": "float", "default": 600},
}


def kubernetes_zones(zone_map: ZoneMap, only: tuple[str, ...]) -> tuple[str, ...]:
    """Of the zones that this call may touch, those with a Kubernetes side."""
    return tuple(name for name in only if zone_map.zones[name].kubernetes is not None)


def nothing_to_do(only: tuple[str, ...]) -> dict[str, Any]:
    """The result where no zone has a Kubernetes side: nothing is asked for, not even a kubeconfig."""
    return {**bulk_result({zone: Verdict() for zone in only}), "msg": NO_KUBERNETES}


def region_cluster(params: Mapping[str, Any], region: Region) -> Cluster:
    """The cluster of a region: the module's own options first, then what the zone map says."""
    return connect({**params, "context": params["context"] or region.kubernetes.context})


def module(body: Body, options: Mapping[str, Any], *, rules: Mapping[str, Any] | None = None) -> Module:
    """The module whose work is `body`.

    :param rules: further rules of its options, such as required_if.
    """
    return Module(body, {**AUTH_OPTIONS, **options}, (Library("kubernetes", IMPORT_ERROR),), rules or {})
