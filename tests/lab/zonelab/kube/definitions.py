# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom resource definitions: from a folder, sent as they are, or the lab's own."""

from __future__ import annotations

import http.client
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.errors import LabError
from zonelab.kube import schema
from zonelab.kube.api import ApiError

if TYPE_CHECKING:
    from zonelab.kube.api import KubeApi

OWN = "own"  # what the lab's own schema is called
PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CHECKOUT = Path(__file__).parents[4]
AT_ONCE = 4
ATTEMPTS = 4
# Folders beside that of a release: further definitions of the same one, and those of what watches nodes.
MORE, WATCHERS = "more-{}", "medik8s"


def source(given: str | None) -> str:
    """The folder that is given, that ZONEOPS_CRDS names, or that lies beside the checkout; else the lab's own schema.

    A folder with one folder per release means the newest of them.
    """
    named = given or os.environ.get("ZONEOPS_CRDS")
    if named == OWN:
        return OWN
    if named:
        path = release(Path(named))
        if not in_folder(path):
            raise LabError(f"{path}: no custom resource definition in there; see docs/lab.md for how to export them")
        return str(path)
    beside = release(CHECKOUT.parent / "shared" / "crds")
    return str(beside) if in_folder(beside) else OWN


def definitions(source_: str) -> dict[str, bytes]:
    """The text of every definition, by its name; of a release's folder, with what lies beside it."""
    if source_ == OWN:
        return schema.definitions()
    path = Path(source_)
    beside = (path.parent / name for name in (MORE.format(path.name), WATCHERS) if path.name != name)
    found: dict[str, bytes] = {}
    for folder in (*beside, path):
        found |= in_folder(folder)
    return found


def for_operators() -> dict[str, bytes]:
    """What the stand-in for the operators needs beside them."""
    return schema.definitions(schema.FOR_OPERATORS)


def release(path: Path) -> Path:
    """The folder itself, or its newest release: those are called by a number."""
    if any(path.glob("*.yaml")):
        return path
    releases = [child for child in path.glob("[0-9]*") if child.is_dir() and any(child.rglob("*.yaml"))]
    return max(releases, key=_numbers, default=path)


def _numbers(path: Path) -> list[int]:
    """18.0-fr10 is newer than 18.0-fr6."""
    return [int(number) for number in re.findall(r"\d+", path.name)]


def in_folder(path: Path) -> dict[str, bytes]:
    """Those below a folder. The text is cut at the document marks and never parsed."""
    found = {}
    for file in sorted(path.rglob("*.yaml")):
        for text in re.split(r"(?m)^---\s*$", file.read_text()):
            if re.search(r"(?m)^kind: CustomResourceDefinition\s*$", text) and (
                name := re.search(r"(?m)^  name: (\S+)", text)
            ):
                found[name[1]] = text.encode()
    return found


def apply(api: KubeApi, wanted: dict[str, bytes]) -> None:
    """Send all, the largest first."""
    largest_first = sorted(wanted, key=lambda name: -len(wanted[name]))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _done in pool.map(lambda name: _apply(api, name, wanted[name]), largest_first):
            pass


def _apply(api: KubeApi, name: str, text: bytes) -> None:
    """A server of a busy machine may give a large one up (504); an apply can be repeated."""
    for left in reversed(range(ATTEMPTS)):
        try:
            api.apply(f"{PATH}/{name}", text, "zonelab-crds", force=True)
        except ApiError as error:
            if error.status != http.client.GATEWAY_TIMEOUT or not left:
                raise
        else:
            return


def established(api: KubeApi, name: str) -> bool:
    """Whether the API server serves the kind. Asked one by one: a list of all is megabytes."""
    answer = api.get(f"{PATH}/{name}")
    conditions = answer["status"].get("conditions") or ()
    if not any(one["type"] == "Established" and one["status"] == "True" for one in conditions):
        return False
    spec = answer["spec"]
    version = next(version["name"] for version in spec["versions"] if version["served"])
    api.list(f"/apis/{spec['group']}/{version}/{spec['names']['plural']}", limit="1")
    return True
