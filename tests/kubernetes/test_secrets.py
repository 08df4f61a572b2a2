# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets made from vaulted variables on a real API: they are there, a change is seen, and nobody ever sees a value."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from .harness.cluster import Cluster, core
from .harness.control_planes import install
from .harness.modules import Answer, Modules
from .harness.play import KubePlayer, make_inventory, zone_map

VALUE, OTHER = "[netapp]\nnetapp_password = Tr0ub4dor&3\n", "[netapp]\nnetapp_password = c0rrect-horse\n"
WORDS = ("Tr0ub4dor", "c0rrect-horse", *(base64.b64encode(text.encode()).decode()[12:40] for text in (VALUE, OTHER)))
ARRAY = {"name": "array", "data": [{"key": "netapp.conf", "variable": "vault_array"}]}
PATH = f"{core('secrets')}/array"
TOPOLOGIES = ("spread-pods", "spread-quorum-pods")


def data(cluster: Cluster) -> dict[str, str]:
    return {key: base64.b64decode(text).decode() for key, text in cluster.api.get(PATH)["data"].items()}


def test_vaulted_variables_of_a_zone(cluster: Cluster, play: KubePlayer, tmp_path: Path) -> None:
    install(cluster, TOPOLOGIES)
    inventory = make_inventory(tmp_path / "inventory", cluster.kube, az2={"secrets": [ARRAY]})
    password, journal = tmp_path / "password", tmp_path / "journal"
    password.write_text("opensesame")
    quick = ("-e", "zoneops_control_plane_wait=false", "-e", '{"zoneops_allow": ["force_conflicts"]}')
    loud = ("-e", f"zoneops_journal={journal}", "--vault-password-file", str(password), "--diff", "-vvvv")

    zone_file = inventory / "host_vars" / "az2.yml"
    text = zone_file.read_text()
    zone_file.write_text(text + vaulted("vault_array", VALUE))
    made = play.role("control_plane", inventory, *quick, *loud)
    assert made.rc == 0, made.output
    assert data(cluster) == {"netapp.conf": VALUE}
    assert [entry["manager"] for entry in cluster.api.get(PATH)["metadata"]["managedFields"]] == ["zoneops-az2"]

    zone_file.write_text(text + vaulted("vault_array", OTHER))
    check = play.role("control_plane", inventory, *quick, *loud, "--check")
    assert check.changed_hosts == {"az2"}
    assert "(hidden, new value)" in check.output
    for said in (made.output, check.output, journal.read_text()):
        assert not [word for word in WORDS if word in said]


def vaulted(name: str, value: str) -> str:
    """As `ansible-vault encrypt_string` writes it."""
    lines = VaultLib([("default", VaultSecret(b"opensesame"))]).encrypt(value).decode().splitlines()
    return "\n".join([f"{name}: !vault |", *(f"  {line}" for line in lines), ""])


def test_a_change_is_seen_and_no_value_is(cluster: Cluster, modules: Modules, tmp_path: Path) -> None:
    install(cluster, TOPOLOGIES)
    options: dict[str, Any] = zone_map(cluster.kube, az2={"secrets": [ARRAY]})
    options |= {"wait": False, "allow": ["force_conflicts"], "journal": str(tmp_path / "journal")}

    def run(value: str, **more: Any) -> Answer:
        values = {"zones": {"az2": {"vault_array": value}}}
        return modules("control_plane", **{**options, "secret_values": values, **more})

    answers = [run(VALUE)]
    assert answers[0].changed == {"az2"}
    version = cluster.api.get(PATH)["metadata"]["resourceVersion"]
    answers.append(run(VALUE))
    assert answers[-1].changed == set()
    assert cluster.api.get(PATH)["metadata"]["resourceVersion"] == version
    answers += [run(OTHER, check=True), run(OTHER)]
    for answer in answers[-2:]:
        assert answer.changed == {"az2"}
        assert answer.plans["az2"] == ["Secret array of az2: change Secret array: .data.netapp.conf"]
        assert "Secret array of az2: restarts the pods of the services that read it." in answer.warnings
    assert data(cluster) == {"netapp.conf": OTHER}

    # Somebody else writes another value: named by its field alone.
    theirs = base64.b64encode(b"theirs").decode()
    cluster.api.merge(PATH, {"data": {"netapp.conf": theirs}}, "kubectl-edit")
    answers.append(run(OTHER, allow=[]))
    assert "field .data.netapp.conf is owned by manager kubectl-edit" in answers[-1].failures["az2"]
    for text in (*(str(answer.result) for answer in answers), (tmp_path / "journal").read_text()):
        assert not [word for word in (*WORDS, theirs) if word in text]
