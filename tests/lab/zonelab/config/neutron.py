# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""neutron with ML2 and the Open vSwitch driver, which binds a port to any host that has a live agent of that kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, defaults, shared, token_validation

if TYPE_CHECKING:
    from zonelab.lab import Lab

UNLIMITED = ("network", "subnet", "port", "security_group", "security_group_rule", "router", "floatingip")
EXTERNAL = "physnet1"
NOT_OF_NEUTRON = frozenset({"my_ip", "report_interval", "service_down_time", "periodic_fuzzy_delay"})


def physical_network(zone: str) -> str:
    """What only the hosts of the zone reach."""
    return f"physnet-{zone}"


def neutron(lab: Lab) -> Config:
    """Networks and routers are served in all zones, unless they name some."""
    general = {key: value for key, value in defaults(lab, "neutron").items() if key not in NOT_OF_NEUTRON}
    return {
        "DEFAULT": {
            **general,
            "setproctitle": "off",
            "api_paste_config": f"{sys.prefix}/etc/neutron/api-paste.ini",
            "core_plugin": "ml2",
            "service_plugins": "router,network_ip_availability,segments",
            "default_availability_zones": ",".join(lab.options.zones),
            "network_scheduler_driver": "neutron.scheduler.dhcp_agent_scheduler.AZAwareWeightScheduler",
            "router_scheduler_driver": "neutron.scheduler.l3_agent_scheduler.AZLeastRoutersScheduler",
            "dhcp_load_type": "networks",
            "agent_down_time": lab.options.service_down_time,
            "rpc_workers": 1,
            "rpc_state_report_workers": 0,
            "send_events_interval": 1,
        },
        "database": database(lab, "neutron"),
        "keystone_authtoken": {**credentials(lab, "neutron"), **token_validation(lab)},
        "nova": {**credentials(lab, "neutron"), "endpoint_type": "internal"},
        "placement": {**credentials(lab, "neutron"), "endpoint_type": "internal"},
        "quotas": {f"quota_{name}": -1 for name in UNLIMITED},
        **shared(lab, "neutron"),
    }


def ml2(lab: Lab) -> Config:
    """Overlay networks for projects; provider networks of all hosts (flat) and of one zone (vlan)."""
    return {
        "ml2": {
            "type_drivers": "vlan,vxlan,flat,local",
            "tenant_network_types": "vxlan",
            "mechanism_drivers": "openvswitch",
            "extension_drivers": "port_security",
        },
        "ml2_type_vlan": {
            "network_vlan_ranges": ",".join(f"{physical_network(zone)}:100:199" for zone in lab.options.zones)
        },
        "ml2_type_vxlan": {"vni_ranges": "1:1000"},
        "ml2_type_flat": {"flat_networks": EXTERNAL},
    }
