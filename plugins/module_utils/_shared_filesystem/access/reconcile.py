# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports and access rules of shares in the flow of a writer: looked at; rules that the operator names are deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._identity.keystone import Keystone
from ..._openstack.errors import ApiError, gone
from ..._plan.apply import Undo
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._zones.schema.zone_map import ZoneMap
from ..api.manila import Manila
from ..api.model import Rule, Share
from .model import DeleteRule, Observed, Options
from .plan import Look, describe, meant_for_their_zone, plan_access, unseen


class ShareAccess(Reconciler[Observed, DeleteRule]):
    """The reconciler that `_plan.converge` works in.

    Costs one call for the shares and one for their copies; one for each address outside its zone, and one for each share
    that is meant for its own zone, because manila lists access rules share by share only. One to
    keystone where a project of the map has no share. Nothing where the map asks for none of this.
    """

    def __init__(self, manila: Manila, keystone: Keystone, zone_map: ZoneMap, options: Options) -> None:
        self.manila = manila
        self.keystone = keystone
        self.zone_map = zone_map
        self.options = options
        # By the first look: what a run has deleted is not there at a later one.
        self._first: Observed | None = None

    @property
    def warnings(self) -> list[str]:
        """What no zone's verdict says."""
        return [] if self._first is None else unseen(self._first, self.options)

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    def observe(self) -> Observed:
        observed = self._observe()
        self._first = self._first or observed
        return observed

    def _observe(self) -> Observed:
        if not self._asked():
            return Observed()
        if not self.manila.present():
            return Observed(present=False)
        shares = {share.id: share for share in self.manila.shares()}
        observed = Observed(shares=shares, instances=self.manila.instances(), strange=self._strange(shares.values()))
        return self._with_rules(self._with_admin_exports(observed))

    def _asked(self) -> bool:
        """Whether the map says anything that exports and rules could break."""
        region = self.zone_map.region
        networks = any(self.zone_map.zones[name].storage_networks for name in self.options.only)
        return networks or bool(region.zone_local_projects) or any(item.zone_local for item in region.share_types)

    def _strange(self, shares: Iterable[Share]) -> Mapping[str, str]:
        """What is wrong with projects of the map that have no share: one that does not exist looks like one whose shares keep to their zone."""
        owners = {share.project_id for share in shares}
        without = [one for one in self.zone_map.region.zone_local_projects if one not in owners]
        found = self.keystone.projects(without) if without else {}
        hints = self.keystone.hints(found)
        return {
            one: f"is a name; give the id: {', '.join(ids)}" if ids else f"is no project{hints[one]}"
            for one, ids in found.items()
            if one not in ids
        }

    def _with_admin_exports(self, observed: Observed) -> Observed:
        """An address of a back end is for administrators in all its shares: one share tells it."""
        look = Look(self.zone_map, observed)
        outside = [item for name in self.options.only for item in look.outside(self.zone_map.zones[name])]
        first = {item.key: item for item in reversed(outside)}
        admin_only: set[tuple[str, str]] = set()
        for key, item in first.items():
            exports = self.manila.exports_of(item.instance.id)
            admin_only |= {key for export in exports if export.path == item.path and export.admin_only}
        return replace(observed, admin_only=frozenset(admin_only))

    def _with_rules(self, observed: Observed) -> Observed:
        rules: dict[str, tuple[Rule, ...]] = {}
        unseen: dict[str, str] = {}
        for share in meant_for_their_zone(self.zone_map, self.options.only, observed):
            try:
                rules[share.id] = self.manila.rules_of(share.id)
            except ApiError as error:
                if error.status is None:
                    raise
                # 404: deleted meanwhile.
                unseen |= {} if error.status == 404 else {share.id: error.message}
        return replace(observed, rules=rules, unseen=unseen)

    def observe_details(self, observed: Observed, plan: Plan[DeleteRule]) -> Observed | None:
        """The services, where one of them has to carry a deletion out."""
        if observed.services is not None or not plan.changes:
            return None
        return replace(observed, services=tuple(self.manila.share_services()))

    def plan(self, observed: Observed) -> Plan[DeleteRule]:
        return plan_access(self.zone_map, observed, self.options)

    def simulate(self, observed: Observed, change: DeleteRule) -> Observed:
        left = tuple(rule for rule in observed.rules[change.share.id] if rule.id != change.rule.id)
        return replace(observed, rules={**observed.rules, change.share.id: left})

    def write(self, change: DeleteRule) -> Undo | None:
        # Made again it would have another id; and who is locked out of a share stays so until somebody decides otherwise.
        if not change.rule.going:
            share, rule = change.share.id, change.rule.id
            with gone(lambda: any(one.id == rule and not one.going for one in self.manila.rules_of(share))):
                self.manila.delete_rule(change.rule)
        return None

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        return describe(self.zone_map, observed, self.zone_map.zones[zone])
