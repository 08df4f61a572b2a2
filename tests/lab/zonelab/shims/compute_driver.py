# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nova's fake hypervisor, made to outlive its nova-compute, and to fail or be slow when servers leave it or are evacuated to it.

The fake driver names its nodes at random in each process (nova refuses to start with other ones on an existing
database), answers no uptime, and forgets its guests with the driver object. On a real host guests run on while
nova-compute is stopped, and nova-compute finds them (or destroys those evacuated meanwhile) when it starts again.
It also migrates at once and never fails, and a guest that was migrated live is on both hosts afterwards.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import nova.virt.fake
from nova import context, exception, objects
from nova.compute import power_state, task_states

from zonelab.failing import Failing

if TYPE_CHECKING:
    from collections.abc import Callable

Host = tuple[dict[str, Any], Any]
_hosts: dict[str, Host] = {}


def node_uuid(name: str) -> str:
    """The same for the same host, in each process and each lab."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


class LabComputeDriver(nova.virt.fake.FakeDriver):
    """The fake driver of one host."""

    instances: dict[str, Any]
    resources: Any

    def init_host(self, host: str) -> None:
        """Meet the guests that this host already runs."""
        super().init_host(host)
        self.failing = Failing.of_this_process()
        self.name = host
        self.aborted: set[str] = set()
        if host not in _hosts:
            _hosts[host] = (self.instances, self.resources)
            self._recall_guests(host)
        self.instances, self.resources = _hosts[host]

    def _recall_guests(self, host: str) -> None:
        """After a restart of the whole lab: the guests are those that nova's database has on this host."""
        for instance in objects.InstanceList.get_by_host(context.get_admin_context(), host):
            if instance.power_state in (power_state.RUNNING, power_state.SHUTDOWN, power_state.PAUSED):
                flavor = instance.flavor
                self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
                guest = nova.virt.fake.FakeInstance(instance.name, instance.power_state, instance.uuid)
                self.instances[instance.uuid] = guest

    def spawn(self, context: Any, instance: Any, *args: Any, **kwargs: Any) -> None:
        """A server that is evacuated to this host, or rebuilt there, arrives slowly, or not."""
        arrives = instance.task_state == task_states.REBUILD_SPAWNING
        if complaint := self.failing.complaint("hypervisor", self.name) if arrives else None:
            raise exception.InstanceDeployFailure(reason=complaint)
        super().spawn(context, instance, *args, **kwargs)

    def live_migration(
        self,
        context: Any,
        instance: Any,
        dest: str,
        post_method: Callable[..., None],
        recover_method: Callable[..., None],
        block_migration: bool = False,
        migrate_data: Any = None,
    ) -> None:
        """Slow, failing, hanging or at once; who aborts it ends the wait. A failure is rolled back as libvirt's driver does."""
        complaint = self.failing.complaint("hypervisor", self.name, stop=lambda: instance.uuid in self.aborted)
        if instance.uuid in self.aborted:
            self.aborted.discard(instance.uuid)
            recover_method(context, instance, dest, migrate_data, migration_status="cancelled")
        elif complaint:
            recover_method(context, instance, dest, migrate_data)
        else:
            post_method(context, instance, dest, block_migration, migrate_data)

    def live_migration_abort(self, instance: Any) -> None:
        """The wait of live_migration finds it."""
        self.aborted.add(instance.uuid)

    def post_live_migration(self, context: Any, instance: Any, *args: Any, **kwargs: Any) -> None:
        """The guest has left this host."""
        self.destroy(context, instance, network_info=None)

    def migrate_disk_and_power_off(self, context: Any, instance: Any, *args: Any, **kwargs: Any) -> Any:
        """The same for a cold migration: after a failure the server is what it was."""
        if complaint := self.failing.complaint("hypervisor", self.name):
            raise exception.InstanceFaultRollback(inner_exception=exception.ResizeError(reason=complaint))
        return super().migrate_disk_and_power_off(context, instance, *args, **kwargs)

    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        resources: dict[str, Any] = super().get_available_resource(nodename)
        return {**resources, "uuid": node_uuid(nodename)} if resources else resources

    def get_nodenames_by_uuid(self, refresh: bool = False) -> dict[str, str]:
        return {node_uuid(name): name for name in self.get_available_nodes()}

    def get_host_uptime(self) -> str:
        return UPTIME


UPTIME = " 00:00:00 up 1 day,  0:00,  1 user,  load average: 0.00, 0.00, 0.00"


def install() -> None:
    """nova loads drivers from nova.virt only."""
    nova.virt.fake.LabComputeDriver = LabComputeDriver
