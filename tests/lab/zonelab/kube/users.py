# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users with few rights: service accounts, each with a ClusterRole, a binding and a token."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from zonelab.errors import LabError
from zonelab.kube import kubeconfig
from zonelab.kube.kubeconfig import NAMESPACE

if TYPE_CHECKING:
    from pathlib import Path

    from zonelab.kube.api import KubeApi, Object
    from zonelab.kube.folder import KubeFolder

ACCOUNTS = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
ASK = "authorization.k8s.io/v1"
# A resource that nobody has: who may get it has the rules that came with it.
MARKS = "zonelab.example"
PATIENCE = 60


def add_user(folder: KubeFolder, api: KubeApi, port: int, name: str, rules: list[Object]) -> Path:
    """The kubeconfig; a user who is there already gets these rules instead of those he has."""
    api.apply(
        f"{ACCOUNTS}/{name}", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, "zonelab"
    )
    mark = {"apiGroups": [MARKS], "resources": [secrets.token_hex(8)], "verbs": ["get"]}
    role = {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [*rules, mark]}
    api.apply(f"{RBAC}/clusterroles/{name}", role, "zonelab")
    binding = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
    }
    api.apply(f"{RBAC}/clusterrolebindings/{name}", binding, "zonelab")
    _await_rules(api, name, mark["resources"][0])
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = api.create(f"{ACCOUNTS}/{name}/token", asked)["status"]["token"]
    file = folder.users / name
    kubeconfig.write(file, port=port, authority=folder.authority, user=name, token=token)
    return file


def _await_rules(api: KubeApi, name: str, mark: str) -> None:
    """Until the API server goes by the rules that came with the mark, and by no older ones: it hears of them a moment after it has stored them."""
    wanted = {"group": MARKS, "resource": mark, "verb": "get"}
    spec = {"user": f"system:serviceaccount:{NAMESPACE}:{name}", "resourceAttributes": wanted}
    body = {"apiVersion": ASK, "kind": "SubjectAccessReview", "spec": spec}
    end = time.monotonic() + PATIENCE
    while not api.create(f"/apis/{ASK}/subjectaccessreviews", body)["status"]["allowed"]:
        if time.monotonic() > end:
            raise LabError(f"user {name}: the API server does not go by the new rules")
        time.sleep(0.02)


def unknown_user(folder: KubeFolder, port: int) -> Path:
    """The kubeconfig of nobody: its token is answered with 401, as one that has expired."""
    file = folder.users / "unknown"
    kubeconfig.write(file, port=port, authority=folder.authority, user="unknown", token=secrets.token_hex(16))
    return file
