# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook render: the same objects as files, with check and diff, and a real API takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.gitops.render import rendered
from ansible_collections.zoneops.openstack.tests.integration.harness.play import COLLECTION
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example

from .harness.cluster import CONTROL_PLANES, TOPOLOGIES, Cluster
from .harness.control_planes import base, control_plane, install
from .harness.modules import Modules
from .harness.play import KubePlayer, make_inventory, zone_map
from .harness.runs import Runs, errors

RENDER = COLLECTION / "playbooks" / "render.yml"


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}


def test_files_of_what_the_roles_apply(cluster: Cluster, play: KubePlayer, modules: Modules, tmp_path: Path) -> None:
    inventory, folder = make_inventory(tmp_path / "inventory", cluster.kube), tmp_path / "rendered"
    options = ("-e", f"zoneops_render_dir={folder}")
    check = play(RENDER, inventory, *options, "--check", "--diff")
    assert check.rc == 0
    assert not folder.exists()
    assert check.changed_hosts == {"localhost"}
    run = play(RENDER, inventory, *options)
    assert run.rc == 0
    assert run.requests == ()
    written = files(folder)
    assert {
        "kustomization.yaml",
        "region/topology-spread-pods.yaml",
        "zones/az3/topology-az3-node-affinity.yaml",
    } <= set(written)
    (folder / "zones" / "az9.yaml").write_text("---\n", encoding="utf-8")
    again = play(RENDER, inventory, *options)
    assert again.changed_hosts == set()
    assert "not in the zone map, and not changed: zones/az9.yaml" in again.output
    assert files(folder) == {**written, "zones/az9.yaml": "---\n"}

    assert modules("topologies", **zone_map(cluster.kube)).failures == {}
    for topology in cluster.api.list(TOPOLOGIES):
        (content,) = [
            text for path, text in written.items() if path.endswith(f"topology-{topology['metadata']['name']}.yaml")
        ]
        assert yaml.safe_load(content)["spec"] == topology["spec"]


def merged(one: Any, other: Any) -> Any:
    """As kustomize patches a custom resource: mappings are merged, everything else is replaced."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other[key]) if key in other else one[key] for key in {**one, **other}}
    return other


@pytest.mark.rhoso
@pytest.mark.parametrize("name", ["rhoso-ceph", "rhoso-third-party"])
def test_what_kustomize_builds_is_what_the_roles_apply(cluster: Cluster, name: str) -> None:
    """The installation's own control plane with the patches of all components in order, beside the object after a run."""
    zone_map = example(name)
    files = {file.path: file.data for file in rendered(zone_map)}
    built: dict[str, Any] = {**base(), "metadata": {"name": "built"}}
    for component in files["kustomization.yaml"]["components"]:
        for patch in files[f"{component}/kustomization.yaml"].get("patches", ()):
            built["spec"] = merged(built["spec"], files[f"{component}/{patch['path']}"]["spec"])
    topologies = {file["metadata"]["name"] for file in files.values() if file["kind"] == "Topology"}
    install(cluster, topologies)
    assert errors(Runs.on(cluster)(zone_map)) == []
    expected = cluster.api.call("POST", CONTROL_PLANES, built, query={"dryRun": "All"})
    assert control_plane(cluster)["spec"] == expected["spec"]
