# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the cluster to what a reconcile function wants, as operators do: read, modify, write, and try again later."""

from __future__ import annotations

import copy
import sys
import time
from typing import TYPE_CHECKING, Any

from zonelab.kube.api import ApiError
from zonelab.operators.world import Object, Wanted, World, collection, digest, own_finalizer

if TYPE_CHECKING:
    from zonelab.kube.api import KubeApi

FROZEN = ("Service", "Job", "OpenStackDataPlaneService")  # whose specification the stand-in never changes, only adds to
LATER = (404, 409, 422)  # somebody was faster, or the object is wrong: another turn tells


class Writer:
    """Writes through one API server; remembers what it wrote, since the API server adds defaults to it."""

    def __init__(self, api: KubeApi) -> None:
        """Nothing is written yet."""
        self._api = api
        self._written: dict[str, tuple[str, int]] = {}

    def write(self, own: Object, wanted: Wanted, world: World) -> bool:
        """All of it; whether all went well."""
        results = [self._try(self._mark, world, *mark) for mark in wanted.marks]
        results += [self._try(self._child, one, world) for one in wanted.children]
        for kind, name in wanted.gone:
            live = world.find(kind, name)
            if live and not live["metadata"].get("deletionTimestamp"):
                results.append(self._try(self._api.delete, f"{collection(kind)}/{name}"))
        if wanted.status is not None:
            results.append(self._try(self._status, own, wanted.status))
        if all(results):  # an object that is gone can take its marks back no more
            results.append(self._try(self._finalizer, own, wanted.releases))
        return all(results)

    def _try(self, work: Any, *arguments: Any) -> bool:
        try:
            work(*arguments)
        except ApiError as error:
            if error.status not in LATER:
                raise
            print(f"{time.strftime('%H:%M:%S')} {error}", file=sys.stderr, flush=True)
            return False
        return True

    def _child(self, wanted: Object, world: World) -> None:
        name = wanted["metadata"]["name"]
        live = world.find(wanted["kind"], name)
        if live is None:
            made = self._api.create(collection(wanted["kind"]), wanted)
            self._written[made["metadata"]["uid"]] = digest(wanted), made["metadata"].get("generation", 0)
            return
        uid, told = live["metadata"]["uid"], digest(wanted)
        if live["metadata"].get("deletionTimestamp") or self._written.get(uid) == (
            told,
            live["metadata"].get("generation", 0),
        ):
            return
        body = copy.deepcopy(live)
        for part in ("labels", "annotations"):
            body["metadata"][part] = {**(live["metadata"].get(part) or {}), **(wanted["metadata"].get(part) or {})}
        if wanted["kind"] not in FROZEN:
            body["spec"] = {**wanted["spec"], **self._kept(live)}
        made = self._api.call("PUT", f"{collection(wanted['kind'])}/{name}", body)
        self._written[uid] = told, made["metadata"].get("generation", 0)

    @staticmethod
    def _kept(live: Object) -> Object:
        """What may not change in a StatefulSet."""
        fixed = ("selector", "serviceName", "podManagementPolicy")
        return {key: live["spec"][key] for key in fixed if key in live["spec"]} if live["kind"] == "StatefulSet" else {}

    def _mark(self, world: World, topology: str, finalizer: str, present: bool) -> None:
        live = world.find("Topology", topology)
        if live is None:
            return
        has = list(live["metadata"].get("finalizers") or ())
        wanted = sorted({*has, finalizer} if present else {*has} - {finalizer})
        if wanted != sorted(has) and not (present and live["metadata"].get("deletionTimestamp")):
            world.objects["Topology"][topology] = self._finalizers(live, wanted)  # others of this turn go on from it

    def _finalizer(self, own: Object, releases: bool) -> None:
        mine, has = own_finalizer(own["kind"]), list(own["metadata"].get("finalizers") or ())
        if releases and mine in has:
            self._finalizers(own, [one for one in has if one != mine])
        elif not releases and own["kind"] == "OpenStackControlPlane" and mine not in has:
            self._finalizers(own, [*has, mine])

    def _finalizers(self, live: Object, wanted: list[str]) -> Object:
        metadata = {"finalizers": wanted, "resourceVersion": live["metadata"]["resourceVersion"]}
        answer = self._api.merge(f"{collection(live['kind'])}/{live['metadata']['name']}", {"metadata": metadata})
        return {**answer, "kind": live["kind"]}

    def _status(self, own: Object, wanted: Object) -> None:
        before = own.get("status") or {}
        wanted = {key: value for key, value in wanted.items() if value is not None}
        stamp(wanted.get("conditions"), before.get("conditions"))
        for name, conditions in (wanted.get("nodeSetConditions") or {}).items():
            stamp(conditions, (before.get("nodeSetConditions") or {}).get(name))
        kept = {
            key: value for key, value in before.items() if key not in wanted and key not in ("lastAppliedTopology",)
        }
        wanted = {**kept, **wanted}
        if wanted != before and self._written.get(own["metadata"]["uid"] + "/status") != (
            digest(wanted),
            own["metadata"].get("generation", 0),
        ):
            body = {**own, "status": wanted}
            self._api.call("PUT", f"{collection(own['kind'])}/{own['metadata']['name']}/status", body)
            self._written[own["metadata"]["uid"] + "/status"] = digest(wanted), own["metadata"].get("generation", 0)


def stamp(conditions: list[Object] | None, before: list[Object] | None) -> None:
    """Since when each of them has been so."""
    since = {one["type"]: one for one in before or ()}
    for condition in conditions or ():
        old = since.get(condition["type"]) or {}
        same = old.get("status") == condition["status"]
        condition["lastTransitionTime"] = old["lastTransitionTime"] if same else now()


def now() -> str:
    """As Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
