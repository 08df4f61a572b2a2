# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""neutron's agents without a data plane: they speak the agents' RPC, inside neutron's process.

Each compute host has an Open vSwitch agent, the first one of each zone a DHCP and an L3 agent too. (neutron adds the hosts
of a physical network to aggregates of nova, and ends that batch at a host which nova does not know: so no others.)
"""

from __future__ import annotations

import queue
import threading
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import oslo_messaging
from neutron.common import utils
from neutron_lib import constants, context, rpc
from neutron_lib.agent import topics
from oslo_utils import timeutils

from zonelab.config.neutron import EXTERNAL, physical_network
from zonelab.errors import LabError
from zonelab.hosts import ComputeHost, read_hosts, zone_of
from zonelab.services.lifecycle import LONG_AGO, age_heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonelab.lab import Lab

WORKERS = 2


@dataclass
class Agent:
    """One agent: what it reports."""

    host: str
    zone: str
    state: dict[str, Any] = field(repr=False)

    @property
    def topic(self) -> str | None:
        """Where neutron sends it messages; the Open vSwitch agents hear broadcasts only."""
        topic: str = self.state["topic"]
        return topic if topic != "N/A" else None


def agent(host: str, zone: str, kind: str, binary: str, topic: str, configurations: dict[str, Any]) -> Agent:
    """As the real one describes itself."""
    state = {
        "host": host,
        "availability_zone": zone,
        "agent_type": kind,
        "binary": binary,
        "topic": topic,
        "configurations": configurations,
    }
    return Agent(host, zone, state)


def switch(host: str, zone: str) -> Agent:
    """Binds the ports of the host's servers."""
    configurations = {
        "bridge_mappings": {EXTERNAL: "br-ex", physical_network(zone): f"br-{zone}"},
        "tunnel_types": ["vxlan"],
        "tunneling_ip": "127.0.0.1",
        "integration_bridge": "br-int",
        "datapath_type": "system",
        "ovs_hybrid_plug": False,
        "ovs_capabilities": {},
        "extensions": [],
        "in_distributed_mode": False,
    }
    return agent(host, zone, constants.AGENT_TYPE_OVS, "neutron-openvswitch-agent", "N/A", configurations)


def network_node(host: str, zone: str) -> list[Agent]:
    """DHCP and routers of a zone."""
    dhcp = {"dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq", "networks": 0, "subnets": 0, "ports": 0}
    l3 = {
        "agent_mode": "legacy",
        "handle_internal_only_routers": True,
        "routers": 0,
        "ex_gw_ports": 0,
        "interfaces": 0,
        "floating_ips": 0,
    }
    return [
        agent(host, zone, constants.AGENT_TYPE_DHCP, "neutron-dhcp-agent", topics.DHCP_AGENT, dhcp),
        agent(host, zone, constants.AGENT_TYPE_L3, "neutron-l3-agent", topics.L3_AGENT, l3),
    ]


class Endpoint:
    """Takes every message that neutron sends to agents; those that matter are worked on later."""

    target = oslo_messaging.Target(version="1.99")

    def __init__(self, put: Callable[[str, dict[str, Any]], None]) -> None:
        """Hand over what comes."""
        self._put = put

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "oslo_")) or name == "filter_rule":
            raise AttributeError(name)

        def take(_context: Any, **arguments: Any) -> None:
            self._put(name, arguments)

        return take


def client(topic: str, version: str, namespace: str | None = None) -> Any:
    """To call neutron."""
    return rpc.get_client(oslo_messaging.Target(topic=topic, namespace=namespace, version=version))


def serve(topic: str, server: str, put: Callable[[str, dict[str, Any]], None], *, fanout: bool = False) -> None:
    """Hear what neutron sends."""
    target = oslo_messaging.Target(topic=topic, server=server, fanout=fanout)
    rpc.get_server(target, [Endpoint(put)]).start()


def admin() -> Any:
    """On whose behalf agents call."""
    return context.get_admin_context_without_session()


class Agents:
    """The agents of all hosts with a running nova-compute."""

    def __init__(self, lab: Lab) -> None:
        """Nothing runs yet."""
        self._lab = lab
        self._agents: list[Agent] = []
        self._hosts: dict[str, str] = {}
        self._down: set[str] = set()
        self._work: queue.SimpleQueue[tuple[str, dict[str, Any], str | None]] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._one_network_at_a_time = threading.Lock()  # two messages announce a network and its subnet together
        self._reports = client(topics.REPORTS, "1.4", constants.RPC_NAMESPACE_STATE)
        self._plugin = client(topics.PLUGIN, "1.9")
        self._dhcp = client(topics.PLUGIN, "1.8", constants.RPC_NAMESPACE_DHCP_PLUGIN)
        self._l3 = client(topics.L3PLUGIN, "1.13")

    def start(self) -> None:
        """On return neutron knows all of them."""
        for what in ((topics.PORT, topics.UPDATE), (topics.PORT_BINDING, topics.ACTIVATE)):
            topic = topics.get_topic_name(topics.AGENT, *what)
            serve(topic, "lab", self._queue(None), fanout=True)
        for host in read_hosts(self._lab.state.hosts_file, self._lab.options):
            if not host.record:
                self._add(host)
        threading.Thread(target=self._report_all, name="agent-reports", daemon=True).start()
        for number in range(WORKERS):
            threading.Thread(target=self._work_on, name=f"agents-{number}", daemon=True).start()

    def _queue(self, host: str | None) -> Callable[[str, dict[str, Any]], None]:
        return lambda name, arguments: self._work.put((name, arguments, host))

    def _add(self, host: ComputeHost) -> None:
        if host.zone is None:
            return
        made = [switch(host.name, host.zone)]
        if host.zone not in self._hosts.values():
            made += network_node(host.name, host.zone)
        self._hosts[host.name] = host.zone
        for new in made:
            self._report(new, first=True)
            self._agents.append(new)
            if new.topic:
                serve(new.topic, new.host, self._queue(new.host))

    def _report(self, agent_: Agent, *, first: bool = False) -> None:
        state = {**agent_.state, "start_flag": True} if first else agent_.state
        now = timeutils.utcnow().strftime(constants.ISO8601_TIME_FORMAT)
        self._reports.prepare(timeout=30).call(admin(), "report_state", agent_state={"agent_state": state}, time=now)

    def _report_all(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._lab.options.report_interval):
            for agent_ in list(self._agents):
                with self._lock:
                    if agent_.host not in self._down:
                        self._try(self._report, agent_)

    def _try(self, do: Callable[..., None], *arguments: Any) -> None:
        """What fails once must not end the agents, as in neutron's own; the log tells it."""
        try:
            do(*arguments)
        except Exception:  # noqa: BLE001 - an error of the server comes over the bus as whatever class it has there
            traceback.print_exc()

    def _work_on(self) -> None:
        while True:
            name, arguments, host = self._work.get()
            if host not in self._down:
                self._try(self._do, name, arguments, host)

    def _do(self, name: str, arguments: dict[str, Any], host: str | None) -> None:
        if name == "port_update":
            port = arguments["port"]
            if port.get("status") != constants.PORT_STATUS_ACTIVE:
                self._plug(port["id"], port.get("binding:host_id"))
        elif name == "binding_activate":  # a live migration ends: the port's new host
            self._plug(arguments["port_id"], arguments["host"])
        elif name in ("network_create_end", "subnet_create_end"):
            payload = arguments["payload"]
            network = payload["network"]["id"] if "network" in payload else payload["subnet"]["network_id"]
            with self._one_network_at_a_time:
                self._serve_addresses(network, str(host))
        elif name in ("port_create_end", "port_update_end") and host:
            self._addresses_ready([arguments["payload"]["port"]["id"]])
        elif name in ("routers_updated", "router_added_to_agent"):
            routers = arguments.get("routers") or arguments.get("payload") or []
            self._l3.prepare(timeout=60).call(admin(), "sync_routers", host=host, router_ids=list(routers))

    def _plug(self, port: str, host: str | None) -> None:
        if host in self._hosts and host not in self._down:
            self._plugin.call(admin(), "update_device_up", device=port, agent_id=f"ovs-{host}", host=host)

    def _serve_addresses(self, network: str, host: str) -> None:
        """The DHCP agent's own port, once per network."""
        info = self._dhcp.call(admin(), "get_network_info", network_id=network, host=host)
        if not info:
            return
        device = utils.get_dhcp_agent_device_id(network, host)
        subnets = [subnet["id"] for subnet in info["subnets"] if subnet["enable_dhcp"]]
        if subnets and not [port for port in info["ports"] if port["device_id"] == device]:
            port = {
                "name": "",
                "admin_state_up": True,
                "device_id": device,
                "network_id": network,
                "tenant_id": info["project_id"],
                "project_id": info["project_id"],
                "fixed_ips": [{"subnet_id": subnet} for subnet in subnets],
            }
            self._dhcp.call(admin(), "create_dhcp_port", host=host, port={"port": port})
        self._addresses_ready([port["id"] for port in info["ports"]])

    def _addresses_ready(self, ports: list[str]) -> None:
        self._dhcp.call(admin(), "dhcp_ready_on_ports", port_ids=ports)

    def start_host(self, name: str) -> None:
        """The command: its agents report and work again."""
        self._start([name])

    def stop_host(self, name: str, now: bool) -> None:
        """The command: kill its agents."""
        self._stop([name], now)

    def start_zone(self, zone: str) -> None:
        """The command."""
        self._start(self._of_zone(zone))

    def stop_zone(self, zone: str, now: bool) -> None:
        """The command."""
        self._stop(self._of_zone(zone), now)

    def add_host(self, name: str, zone: str | None) -> None:
        """The command: a host more."""
        with self._lock:
            self._add(ComputeHost(name, zone or zone_of(name, self._lab.options)))

    def _of_zone(self, zone: str) -> list[str]:
        hosts = [host for host, of in self._hosts.items() if of == zone]
        if not hosts:
            raise LabError(f"zone {zone!r}: no agents; zones: {list(self._lab.options.zones)}")
        return hosts

    def _start(self, hosts: list[str]) -> None:
        with self._lock:
            back = self._down.intersection(hosts)
            self._down -= back
            for agent_ in self._agents:
                if agent_.host in back:
                    self._report(agent_, first=True)

    def _stop(self, hosts: list[str], now: bool) -> None:
        with self._lock:
            self._down.update(hosts)
        if now and hosts:
            change = f"heartbeat_timestamp = {LONG_AGO}"
            age_heartbeat(self._lab.state.database("neutron"), change, hosts, "neutron-", table="agents")
