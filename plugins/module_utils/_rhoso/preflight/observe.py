# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists that the preflight judges by. What cannot be read costs its own checks, never the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._kubernetes.client import Cluster as Api
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import PLURALS, Ref
from ..._zones.schema.zone_map import ZoneMap
from ..spec import secrets as secrets_made
from .node_health import called, templates_of
from .observed import Cluster
from .secrets_named import secrets_of_region, secrets_of_zone

# Kind, its API, and whether it is looked for in the region's namespace only.
LISTS = (
    ("v1", "Node", False),
    ("core.openstack.org/v1beta1", "OpenStackVersion", True),
    ("network.openstack.org/v1beta1", "NetConfig", True),
    ("network.openstack.org/v1beta1", "DNSData", True),
    ("remediation.medik8s.io/v1alpha1", "NodeHealthCheck", False),
    ("metallb.io/v1beta1", "IPAddressPool", False),
)
CINDER = Ref("apiextensions.k8s.io/v1", "CustomResourceDefinition", "cinders.cinder.openstack.org")
REVIEW = "authorization.k8s.io/v1"
# Where OpenShift installs RHOSO's operators.
OPERATORS = "openstack-operators"


def read(api: Api, zone_map: ZoneMap) -> Cluster:
    """One list for each kind, one GET for each Secret that the map names and each remediation template, and what the user may do."""
    region = zone_map.region.kubernetes
    reader = _Reader(api, region.namespace)
    lists: dict[str, tuple[dict[str, Any], ...]] = {}
    for version, kind, within in LISTS:
        found = reader.list(Ref(version, kind, namespace=region.namespace if within else None))
        if found is not None:
            lists[kind] = found
    lists["Service"] = reader.services()
    lists["Deployment"] = reader.operators()
    made = reader.get(CINDER)
    if made:
        lists[CINDER.kind] = (made,)
    templates = {
        called(template): reader.template(template)
        for check in lists.get("NodeHealthCheck", ())
        for template in templates_of(check)
    }
    plane = reader.get(
        Ref("core.openstack.org/v1beta1", "OpenStackControlPlane", region.control_plane, region.namespace)
    )
    lists["OpenStackControlPlane"] = (plane,) if plane else ()
    name = ((plane or {}).get("spec") or {}).get("storageClass")
    item = reader.get(Ref("storage.k8s.io/v1", "StorageClass", name)) if name else None
    lists["StorageClass"] = (item,) if item else ()
    named = dict(secrets_of_region(zone_map))
    for zone in zone_map.zones.values():
        named |= secrets_of_zone(zone)
    # What is made by the step after this one need not be there.
    secrets = {name: reader.exists(name) for name in sorted(set(named) - secrets_made.names(zone_map))}
    rules, hidden = reader.rules()
    return Cluster(lists, reader.unread, secrets, templates, rules, hidden)


class _Reader:
    def __init__(self, api: Api, namespace: str) -> None:
        self.api = api
        self.namespace = namespace
        self.unread: dict[str, str] = {}

    def list(self, ref: Ref) -> tuple[dict[str, Any], ...] | None:
        try:
            return tuple(self.api.items(ref))
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            # A kind that the cluster does not know has no objects: what needs one says so.
            if error.status == 404 and ref.kind == "NodeHealthCheck":
                return ()
            self.unread[ref.kind] = (
                "the user lacks the right to read it" if error.status == 403 else "the cluster does not know this kind"
            )
            return None

    def services(self) -> tuple[dict[str, Any], ...]:
        """Those of all namespaces, since each may have an address of the pool; else those that may be seen."""
        try:
            return tuple(self.api.items(Ref("v1", "Service")))
        except ApiError as error:
            if error.status != 403:
                raise
        self.unread["Service of other namespaces"] = "the user lacks the right to read it"
        return self.list(Ref("v1", "Service", namespace=self.namespace)) or ()

    def operators(self) -> tuple[dict[str, Any], ...]:
        """Their Deployments; often only an administrator of the cluster may see them."""
        try:
            return tuple(self.api.items(Ref("apps/v1", "Deployment", namespace=OPERATORS)))
        except ApiError as error:
            if error.status != 403:
                raise
        self.unread[f"Deployment in {OPERATORS}"] = "the user lacks the right to read it"
        return ()

    def template(self, reference: Mapping[str, Any]) -> bool | None:
        """Whether a remediation template is there; None where it cannot be looked for."""
        kind, name = str(reference.get("kind")), str(reference.get("name"))
        if kind not in PLURALS or not reference.get("apiVersion"):
            self.unread[called(reference)] = "a kind that is not known here"
            return None
        try:
            ref = Ref(str(reference["apiVersion"]), kind, name, reference.get("namespace"))
            return self.api.get(ref) is not None
        except ApiError as error:
            if error.status == 404:
                return False
            if error.status != 403:
                raise
            self.unread[kind] = "the user lacks the right to read it"
            return None

    def get(self, ref: Ref) -> dict[str, Any] | None:
        try:
            return self.api.get(ref)
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            self.unread[ref.kind] = (
                "the user lacks the right to read it" if error.status == 403 else "the cluster does not know this kind"
            )
            return None

    def exists(self, name: str) -> bool | None:
        """Only whether: what is in it is dropped at once. None where nobody may say."""
        try:
            return self.api.get(Ref("v1", "Secret", name, self.namespace)) is not None
        except ApiError as error:
            if error.status != 403:
                raise
            return None

    def rules(self) -> tuple[tuple[dict[str, Any], ...], str]:
        """What the user may do in the namespace, and in the whole cluster; and why that may not be all."""
        body = {"apiVersion": REVIEW, "kind": "SelfSubjectRulesReview", "spec": {"namespace": self.namespace}}
        answer = self.api.create(Ref(REVIEW, "SelfSubjectRulesReview"), body, "zoneops-region", dry_run=True)
        status = answer.get("status") or {}
        hidden = ""
        if status.get("incomplete"):
            why = status.get("evaluationError")
            hidden = "the cluster cannot list all rights of the user" + (f" ({why})" if why else "")
        return tuple(status.get("resourceRules") or ()), hidden
