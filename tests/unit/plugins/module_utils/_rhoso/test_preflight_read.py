# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight reads, and what it makes of what it may not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.observe import read
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.observed import Cluster
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small

TEMPLATE = {"apiVersion": "snr.io/v1", "kind": "SelfNodeRemediationTemplate", "name": "t", "namespace": "snr"}
CALLED = "SelfNodeRemediationTemplate snr/t"


class Api:
    """Answers by path; paths in `errors` are answered with that status."""

    def __init__(self, template: dict[str, Any] | None = None) -> None:
        self.errors: dict[str, int] = {}
        self.status: dict[str, Any] = {"resourceRules": [{"verbs": ["get"]}]}
        self.template = template or TEMPLATE
        self.asked: list[str] = []

    def items(self, ref: Ref) -> Iterator[dict[str, Any]]:
        self._fail(ref)
        if ref.kind == "NodeHealthCheck":
            yield {"metadata": {"name": "workers"}, "spec": {"remediationTemplate": self.template}}
        if ref.kind == "Service":
            yield {"metadata": {"name": "s", "namespace": ref.namespace or "elsewhere"}}

    def get(self, ref: Ref) -> dict[str, Any] | None:
        self._fail(ref)
        return {"metadata": {"name": ref.name}, "spec": {}} if ref.kind != "OpenStackControlPlane" else None

    def create(self, _ref: Ref, _body: object, _manager: str, *, dry_run: bool) -> dict[str, Any]:
        return {"status": self.status} if dry_run else {}

    def _fail(self, ref: Ref) -> None:
        self.asked.append(ref.path)
        if ref.path in self.errors:
            raise ApiError("no", status=self.errors[ref.path])


def found(api: Any) -> Cluster:
    return read(api, small())


def test_services_of_all_namespaces_have_addresses() -> None:
    assert [item["metadata"]["namespace"] for item in found(Api()).all("Service")] == ["elsewhere"]


def test_services_of_the_own_namespace_where_others_may_not_be_read() -> None:
    api = Api()
    api.errors["/api/v1/services"] = 403
    cluster = found(api)
    assert [item["metadata"]["namespace"] for item in cluster.all("Service")] == ["openstack"]
    assert cluster.unread == {"Service of other namespaces": "the user lacks the right to read it"}
    api.errors["/api/v1/services"] = 500
    with pytest.raises(ApiError):
        found(api)


def test_operators_are_looked_for_where_they_may_be_seen() -> None:
    api = Api()
    path = "/apis/apps/v1/namespaces/openstack-operators/deployments"
    assert found(api).unread == {}
    assert path in api.asked
    api.errors[path] = 403
    assert found(api).unread == {"Deployment in openstack-operators": "the user lacks the right to read it"}
    api.errors[path] = 500
    with pytest.raises(ApiError):
        found(api)


TEMPLATE_PATH = "/apis/snr.io/v1/namespaces/snr/selfnoderemediationtemplates/t"


@pytest.mark.parametrize(("status", "there"), [(None, True), (404, False), (403, None)])
def test_the_template_of_a_check_is_looked_up(status: int | None, there: bool | None) -> None:
    api = Api()
    if status:
        api.errors[TEMPLATE_PATH] = status
    cluster = found(api)
    assert TEMPLATE_PATH in api.asked
    assert cluster.templates == {CALLED: there}
    assert ("SelfNodeRemediationTemplate" in cluster.unread) is (status == 403)


def test_a_template_of_another_kind_cannot_be_looked_up() -> None:
    cluster = found(Api({**TEMPLATE, "kind": "Other"}))
    assert cluster.templates == {"Other snr/t": None}
    assert cluster.unread == {"Other snr/t": "a kind that is not known here"}


def test_a_list_of_rights_that_is_not_whole() -> None:
    api = Api()
    assert (found(api).rules, found(api).hidden_rules) == (({"verbs": ["get"]},), "")
    api.status |= {"incomplete": True, "evaluationError": "webhook"}
    assert found(api).hidden_rules == "the cluster cannot list all rights of the user (webhook)"


def test_the_definition_of_cinder_tells_the_release() -> None:
    api = Api()
    assert found(api).all("CustomResourceDefinition")[0]["metadata"]["name"] == "cinders.cinder.openstack.org"
    path = next(path for path in api.asked if "customresourcedefinitions" in path)
    api.errors[path] = 403
    assert found(api).all("CustomResourceDefinition") == ()
