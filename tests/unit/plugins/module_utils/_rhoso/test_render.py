# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes side of a zone map as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files import folder as on_disk
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.gitops import files as render_files
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.gitops import render
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

ZONES: dict[str, Any] = {
    "az1": {
        "kubernetes": {"masters": ["m1"], "workers": ["w1", "w2"]},
        "volume_backends": [{"name": "iscsi", "driver": "cinder.volume.drivers.x.Driver", "kubernetes_name": "x1"}],
    },
    "az2": {"kubernetes": {"node_label": "zoneB"}},
    "az3": {},
}


def rendered(zones: dict[str, Any] | None = None) -> dict[str, str]:
    zones = ZONES if zones is None else zones
    files = render.rendered(load_map(zones, {"zones": list(zones)}))
    return {file.path: render_files.text_of(file) for file in files}


def data(files: dict[str, str], path: str) -> Any:
    return yaml.safe_load(files[path])


def test_a_folder_for_what_is_shared_and_one_for_each_zone() -> None:
    files = rendered()
    assert data(files, "kustomization.yaml") == {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "components": ["region", "zones/az1", "zones/az2"],
    }
    assert sorted(path for path in files if path.startswith("zones/az1/")) == [
        "zones/az1/kustomization.yaml",
        "zones/az1/node-m1.yaml",
        "zones/az1/node-w1.yaml",
        "zones/az1/node-w2.yaml",
        "zones/az1/openstackcontrolplane-controlplane.yaml",
        "zones/az1/topology-az1-node-affinity.yaml",
    ]
    own = data(files, "zones/az1/kustomization.yaml")
    assert own["resources"] == ["node-m1.yaml", "node-w1.yaml", "node-w2.yaml", "topology-az1-node-affinity.yaml"]
    assert own["patches"] == [{"path": "openstackcontrolplane-controlplane.yaml"}]


def test_every_file_that_is_named_is_there_and_the_other_way_round() -> None:
    files = rendered()
    named = {"kustomization.yaml"}
    for folder in data(files, "kustomization.yaml")["components"]:
        content = data(files, f"{folder}/kustomization.yaml")
        listed = [*content.get("resources", ()), *(patch["path"] for patch in content.get("patches", ()))]
        named |= {f"{folder}/{name}" for name in ("kustomization.yaml", *listed)}
    assert named == set(files)


def test_configuration_has_its_lines() -> None:
    patch = rendered()["zones/az1/openstackcontrolplane-controlplane.yaml"]
    assert "customServiceConfig: |\n" in patch
    assert "\\n" not in patch


def test_the_same_objects_as_the_roles_apply() -> None:
    zone_map = load_map(ZONES, {"zones": list(ZONES)})
    files = rendered()
    bodies = [yaml.safe_load(content) for path, content in files.items() if not path.endswith("kustomization.yaml")]
    assert len(bodies) == len(render.wanted(zone_map))
    assert all(part.body in bodies for part in render.wanted(zone_map))


def test_a_secret_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "array"}, "data": {"password": "czNjcmV0"}}
    part = Applied("zoneops-az1", secret, ("az1",), may_create=True, step="credentials of az1")
    monkeypatch.setattr(render, "wanted", lambda _map: [part])
    with pytest.raises(ZoneopsError, match=r"Secret array .* would be written with its values") as caught:
        rendered()
    assert "czNjcmV0" not in str(caught.value)


def test_nothing_to_render() -> None:
    with pytest.raises(ZoneopsError, match="no zone of the map has `kubernetes`"):
        rendered({"az1": {}})


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    files = render.rendered(load_map(ZONES, {"zones": list(ZONES)}))
    folder = tmp_path / "new" / "folder"
    first = render_files.compare(folder, files)
    assert all(file.differs and file.before is None for file in first)
    on_disk.write(folder, first)
    assert not any(file.differs for file in render_files.compare(folder, files))
    (folder / "region" / "topology-spread-pods.yaml").write_text("---\n", encoding="utf-8")
    (folder / "zones" / "old").mkdir()
    (folder / "zones" / "old" / "node-w9.yaml").write_text("---\n", encoding="utf-8")
    again = render_files.compare(folder, files)
    assert [file.path for file in again if file.differs] == ["region/topology-spread-pods.yaml"]
    assert render_files.surplus(folder, files) == ["zones/old/node-w9.yaml"]
    assert not list(folder.rglob(".zoneops-*"))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    files = render.rendered(load_map(ZONES, {"zones": list(ZONES)}))
    (tmp_path / "region").write_text("", encoding="utf-8")
    with pytest.raises(ZoneopsError, match="cannot be"):
        on_disk.write(tmp_path, render_files.compare(tmp_path, files))


def test_what_is_in_a_file_twice_is_written_twice() -> None:
    same = {"name": "w1"}
    assert (
        render_files.text_of(render.File("x.yaml", {"a": same, "b": same})) == "---\na:\n  name: w1\nb:\n  name: w1\n"
    )
