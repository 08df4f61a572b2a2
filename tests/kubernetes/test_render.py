# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook render: the same objects as files, with check and diff, and a real API takes them."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.zoneops.openstack.tests.integration.harness.play import COLLECTION

from .harness.cluster import TOPOLOGIES, Cluster
from .harness.modules import Modules
from .harness.play import KubePlayer, make_inventory, zone_map

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
    assert "left alone" in again.output
    assert files(folder) == {**written, "zones/az9.yaml": "---\n"}

    assert modules("topologies", **zone_map(cluster.kube)).failures == {}
    for topology in cluster.api.list(TOPOLOGIES):
        (content,) = [
            text for path, text in written.items() if path.endswith(f"topology-{topology['metadata']['name']}.yaml")
        ]
        assert yaml.safe_load(content)["spec"] == topology["spec"]
