# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of the policy in the flow of a writer: observe, plan, write, look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._block_storage.api.cinder import Cinder
from .._compute.nova import Nova
from .._plan.apply import Undo
from .._plan.change import Change, Plan
from .._plan.converge import Reconciler
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._zones.schema.zone_map import ZoneMap
from .content import Files, kinds_needed
from .glance import Glance
from .model import Content, Observed
from .options import Options
from .plan import make_plan, needs_servers
from .policy.metadata import shown
from .policy.resolve import Policy
from .policy.users import boots_from_volumes
from .simulate import simulate
from .transfer import Report
from .write import Writer


class Images(Reconciler[Observed, Change]):
    """The reconciler that `_plan.converge` works in.

    A no-op costs four calls for any number of zones and images (up to a page of 1000): glance's version document, its stores, its images and
    its hidden images. A file without a checksum is read once on the way.

    :param project: tells the project of the credentials.
    """

    def __init__(
        self,
        glance: Glance,
        nova: Nova,
        cinder: Cinder,
        zone_map: ZoneMap,
        options: Options,
        deadline: Deadline,
        report: Report,
        project: Callable[[], str],
    ) -> None:
        self.glance = glance
        self.nova = nova
        self.cinder = cinder
        self.zone_map = zone_map
        self.options = options
        self.project = project
        self.policy = Policy(zone_map)
        self.entries = {entry.name: entry for entry in self.policy.named}
        self.writer = Writer(glance, nova, self.entries, deadline, report, options.parallel)
        self._files = Files()

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    def observe(self) -> Observed:
        observed = Observed(self.glance.detailed_stores(), self.glance.images(), self.project())
        return replace(observed, files=self._read(observed))

    def observe_details(self, observed: Observed, plan: Plan[Change]) -> Observed | None:
        """Servers, and the volumes that they boot from: only where an image would go away from somewhere."""
        if observed.servers is not None or not needs_servers(plan.changes):
            return None
        servers, incomplete = self.nova.servers()
        return self._with_volumes(replace(observed, servers=servers, incomplete=incomplete))

    def _with_volumes(self, observed: Observed) -> Observed:
        if not boots_from_volumes(observed):
            return observed
        try:
            return replace(observed, volumes=tuple(self.cinder.image_volumes()))
        except ZoneopsError as error:
            # What cinder does not tell keeps images where they are; all else goes on.
            return replace(observed, incomplete=(*observed.incomplete, error.message))

    def plan(self, observed: Observed) -> Plan[Change]:
        return make_plan(self.policy, observed, self.options)

    def start_from(self, observed: Observed, plan: Plan[Change]) -> None:
        self.writer.start_from(observed, plan.changes)

    def simulate(self, observed: Observed, change: Change) -> Observed:
        return simulate(observed, change, self.entries)

    def write(self, change: Change) -> Undo | None:
        return self.writer.write(change)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        store = self.zone_map.zones[zone].image_store
        if store is None:
            return {}
        targets = self.policy.targets(observed)
        images = {
            target.key: shown(target.entry, target.image, store.name, observed)
            for target in targets
            if zone in target.zones
        }
        state: dict[str, Any] = {"store": store.name, "images": dict(sorted(images.items()))}
        if self.options.purge_stores:
            elsewhere = [
                target.key
                for target in targets
                if zone not in target.zones and target.image and store.name in target.image.stores
            ]
            state["surplus"] = sorted(elsewhere)
        older = {
            image.id: f"replaced {target.key}" for target in targets for image in target.older if zone in target.zones
        }
        return state | ({"older": older} if older else {})

    def _read(self, observed: Observed) -> dict[str, Content]:
        """The files of the policy, as far as the plan has to compare them."""
        files: dict[str, Content] = {}
        for target in self.policy.targets(observed):
            entry = target.entry
            if entry is not None and entry.file is not None:
                image = target.image if target.image and target.image.active else None
                known = files.get(entry.file, Content())
                found = self._files.content(entry.file, kinds_needed(entry, image) - set(known.digests))
                files[entry.file] = replace(found, digests={**known.digests, **found.digests})
        return files
