# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of nodes in the flow of a writer: one list of all nodes, and one apply for each node whose label is not the zone's own yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..._kubernetes.apply import reconcile
from ..._kubernetes.apply.observe import Seen, look
from ..._kubernetes.apply.reconcile import AppliedReconciler, Finding, Options
from ..._kubernetes.client import Body, Cluster
from ..._kubernetes.objects import Applied, Ref
from ..._zones.schema.zone_map import ZoneMap
from ..names import ZONE_LABEL, kubernetes_zones
from .labels import NodeRules, Nodes, node_labels, zone_of


@dataclass(frozen=True)
class Observed(reconcile.Observed):
    """The nodes of the map against the cluster.

    :ivar nodes: all of the cluster, by name.
    """

    nodes: Nodes = field(default_factory=dict)


class NodesReconciler(AppliedReconciler[Observed]):
    """A no-op costs one request for all nodes together."""

    def __init__(self, cluster: Cluster, zones: Sequence[str], zone_map: ZoneMap, options: Options) -> None:
        super().__init__(cluster, zones, node_labels(zone_map, zones), options, Observed())
        self.rules = NodeRules(zone_map, options.allow)
        self.having = [zone for zone in zones if zone in kubernetes_zones(zone_map)]

    def observe(self) -> Observed:
        if not self.having:
            return Observed()
        nodes = {node["metadata"]["name"]: node for node in self.cluster.items(Ref("v1", "Node"))}
        seen = (self._seen(part, nodes[part.ref.name]) for part in self.parts if part.ref.name in nodes)
        return Observed(tuple(seen), nodes)

    def _seen(self, part: Applied, live: Body) -> Seen:
        wanted = part.body["metadata"]["labels"][ZONE_LABEL]
        found = zone_of(live)
        if found and found != wanted:
            return Seen(part, live, live)  # refused by the rules
        return look(self.cluster, [part], force=self.takes_all, lives={part.ref.path: live})[0]

    def guard(self, observed: Observed) -> Iterator[Finding]:
        for zone in self.having:
            yield from self.rules.findings(zone, observed.nodes)
