# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the configuration files of all services have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.lab import HOST, PASSWORD, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonelab.lab import Lab

Value = str | int | bool
Section = dict[str, Value]
Config = dict[str, Section]


def render(config: Mapping[str, Mapping[str, Value]]) -> str:
    """The text of one configuration file."""
    lines = []
    for section, values in config.items():
        lines.append(f"[{section}]")
        lines += [
            f"{key} = {str(value).lower() if isinstance(value, bool) else value}" for key, value in values.items()
        ]
        lines.append("")
    return "\n".join(lines)


# Which write a line for each request; the lab has a log of all requests.
OF_REQUESTS = (
    "cinder.api.openstack.wsgi",
    "manila.api.openstack.wsgi",
    "nova.api.openstack.requestlog",
    "placement.requestlog",
)
# Of which oslo.log has warnings only, where it is told nothing.
LOUD = (
    "keystoneauth",
    "keystonemiddleware",
    "routes.middleware",
    "sqlalchemy",
    "stevedore",
    "taskflow",
    "urllib3.connectionpool",
)


def logging() -> Section:
    """All that a process says goes to its standard error, which is its one log file."""
    levels = ",".join(f"{name}=WARN" for name in (*OF_REQUESTS, *LOUD))
    return {"use_stderr": True, "debug": False, "default_log_levels": levels}


def defaults(lab: Lab, project: str) -> Section:
    """The DEFAULT section of a project with hosts and messages; the bus is a queue inside the process."""
    return {
        **logging(),
        "transport_url": "fake://",
        "state_path": str(lab.state.data / project),
        "host": HOST,
        "my_ip": "127.0.0.1",
        "report_interval": lab.options.report_interval,
        "service_down_time": lab.options.service_down_time,
        "periodic_fuzzy_delay": 0,
    }


def shared(lab: Lab, project: str) -> Config:
    """Sections of the common libraries."""
    return {
        **policy(lab, project),
        "oslo_concurrency": {"lock_path": str(lab.state.locks)},
        "oslo_messaging_notifications": {"driver": "noop"},
    }


def policy(lab: Lab, project: str) -> Config:
    """Files that exist: others are looked for in six folders each time a rule is asked. Tests write into the first."""
    folder = lab.state.conf / project
    return {"oslo_policy": {"policy_file": str(folder / "policy.yaml"), "policy_dirs": str(folder / "policy.d")}}


def database(lab: Lab, name: str) -> Section:
    """One sqlite file; durability against power loss is not asked of a lab."""
    return {"connection": database_url(lab, name), "sqlite_synchronous": False}


def database_url(lab: Lab, name: str) -> str:
    """SQLAlchemy's address of one database."""
    return f"sqlite:///{lab.state.database(name)}?timeout=120"


def credentials(lab: Lab, user: str) -> Section:
    """How a service signs in to the others."""
    return {
        "auth_url": lab.url("keystone", "/v3"),
        "auth_type": "password",
        "username": user,
        "password": PASSWORD,
        "user_domain_name": "Default",
        "project_name": "service",
        "project_domain_name": "Default",
        "region_name": REGION,
    }


def token_validation(lab: Lab) -> Section:
    """How a service validates its clients' tokens."""
    return {
        "www_authenticate_uri": lab.public_url("keystone", "/v3"),
        "interface": "internal",
        "service_token_roles": "service",
        "service_token_roles_required": True,
        "token_cache_time": 300,
    }
