# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute hosts that are rows in the databases and nothing else, for scale: thousands cost no thread and no memory.

They look like any host to the APIs. nova's API calls a compute host by RPC when its service is enabled or disabled
(`set_host_enabled`, which sets a trait in placement) and when an aggregate changes; without an answer that request fails
after the RPC timeout. So messages to the record hosts that are alive go to one server, which answers like nova-compute.
"""

from __future__ import annotations

import types
from typing import Any

import oslo_messaging
from nova import rpc
from nova.compute import manager, rpcapi
from nova.objects import base
from nova.scheduler.client import report
from oslo_messaging._drivers import impl_fake

from zonelab.shims.compute_driver import UPTIME, node_uuid

SERVER = "zonelab-record-hosts"


class RecordHosts:
    """The alive record hosts, and the one RPC server that answers for them."""

    target = oslo_messaging.Target(version="6.5")

    def __init__(self) -> None:
        """Nobody is alive yet."""
        self.alive: set[str] = set()
        self._placement = report.report_client_singleton()
        self._virtapi = manager.ComputeVirtAPI(types.SimpleNamespace(reportclient=self._placement))

    def start(self) -> None:
        """Answer from now on."""
        self._divert_messages()
        target = oslo_messaging.Target(topic=rpcapi.RPC_TOPIC, server=SERVER)
        self._server = rpc.get_server(target, [self], base.NovaObjectSerializer())
        self._server.start()

    def _divert_messages(self) -> None:
        deliver = impl_fake.FakeExchange.deliver_message
        alive = self.alive

        def deliver_message(
            self: Any, topic: str, context: Any, message: Any, server: str | None = None, **rest: Any
        ) -> None:
            if topic == rpcapi.RPC_TOPIC and server in alive:
                message = {**message, "args": {**message["args"], "record_host": server}}
                server = SERVER
            deliver(self, topic, context, message, server=server, **rest)

        impl_fake.FakeExchange.deliver_message = deliver_message

    def set_host_enabled(self, context: Any, enabled: bool, record_host: str) -> str:
        """As nova-compute does: the scheduler looks at the trait."""
        provider = node_uuid(record_host)
        self._placement.get_provider_tree_and_ensure_root(context, provider, name=record_host)
        self._virtapi.update_compute_provider_status(context, provider, enabled)
        return "enabled" if enabled else "disabled"

    def get_host_uptime(self, context: Any, record_host: str) -> str:
        return UPTIME

    def add_aggregate_host(self, context: Any, record_host: str, **unused: Any) -> None:
        """No hypervisor pool to join."""

    def remove_aggregate_host(self, context: Any, record_host: str, **unused: Any) -> None:
        """No hypervisor pool to leave."""
