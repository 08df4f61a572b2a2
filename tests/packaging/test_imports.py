# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports point one way: between the folders of `module_utils`, and between the folders of one of them; what is pure imports nothing that reads or writes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

UTILS = Path(__file__).parents[2] / "plugins" / "module_utils"
PACKAGES = sorted(
    path for path in UTILS.iterdir() if path.is_dir() and path.name.startswith("_") and path.name != "__pycache__"
)
# What a plan may not have: the modules that ask a service, the disk or the clock.
IMPURE = {
    "os",
    "pathlib",
    "socket",
    "subprocess",
    "time",
    "urllib",
    "requests",
    "openstack",
    "kubernetes",
    "tempfile",
    "shutil",
}
IMPURE_OF_OURS = {"_openstack", "_kubernetes.client", "_kubernetes.access", "_plan.files"}
# The folders of a region's Kubernetes side, each with those that it may know.
RHOSO = {
    "spec": {""},
    "status": {""},
    "nodes": {"", "spec"},
    "fencing": {""},
    "instance_ha": {""},
    "node_maintenance": {"", "nodes", "fencing"},
    "control_plane": {"", "spec", "status"},
    "data_plane": {"", "spec", "status"},
    "pod_placement": {"", "status"},
    "pod_spread": {"", "status", "pod_placement", "node_maintenance"},
    "zone_removal": {"", "spec", "status", "control_plane", "data_plane"},
    "preflight": {"", "spec", "status", "data_plane", "pod_placement"},
    "gitops": {"", "spec", "nodes"},
}


def modules(folder: Path) -> Iterator[tuple[tuple[str, ...], ast.Module]]:
    for path in folder.rglob("*.py"):
        yield path.relative_to(UTILS).with_suffix("").parts, ast.parse(path.read_text())


def imported(name: tuple[str, ...], tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """Modules below `module_utils`, also where a name of the module is imported from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and node.level <= len(name):
            base = name[: len(name) - node.level]
            target = (*base, *(node.module.split(".") if node.module else ()))
            found = [
                (*target, alias.name) for alias in node.names if (UTILS.joinpath(*target) / f"{alias.name}.py").exists()
            ]
            yield from found or [target]


def folder_of(name: tuple[str, ...], depth: int) -> str:
    """A module's folder at that depth; empty for a file that stands beside the folders."""
    return name[depth] if len(name) > depth + 1 else ""


def acyclic(graph: Mapping[str, Iterable[str]]) -> None:
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"imports go round: {' -> '.join(error.args[1])}")


def arrows(folder: Path, depth: int) -> dict[str, set[str]]:
    """From each folder to those it imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules(folder):
        own = folder_of(name, depth)
        for target in imported(name, tree):
            if target[:depth] == name[:depth] and (other := folder_of(target, depth)) != own:
                found[own].add(other)
    return found


def test_no_folder_of_module_utils_imports_in_a_circle() -> None:
    graph = arrows(UTILS, 0)
    assert len(graph) > 10
    acyclic(graph)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_no_folder_within_imports_in_a_circle(package: Path) -> None:
    graph = arrows(package, 1)
    # Files beside the folders are names and formats that all know, or the way in, which knows all.
    acyclic({own: others - {""} for own, others in graph.items() if own})


def test_the_kubernetes_side_knows_what_is_below_it_only() -> None:
    graph = arrows(UTILS / "_rhoso", 1)
    assert set(graph) - {""} == set(RHOSO)
    assert {own: others - RHOSO[own] for own, others in graph.items() if own and others - RHOSO[own]} == {}
    assert graph.get("", set()) == set()


@pytest.mark.parametrize(
    "folder", ["_rhoso/spec", "_rhoso/status", "_zones/schema", "_zones/validation", "_capacity/packing"]
)
def test_what_is_pure_asks_nobody(folder: str) -> None:
    seen = 0
    for name, tree in modules(UTILS / folder):
        seen += 1
        for target in imported(name, tree):
            assert not {".".join(target[:depth]) for depth in (1, 2)} & IMPURE_OF_OURS, (
                f"{'/'.join(name)} imports {'.'.join(target)}"
            )
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not {one.partition(".")[0] for one in names} & IMPURE, f"{'/'.join(name)} imports {names}"
            assert not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"open", "print", "input"}
            )
    assert seen > 3
