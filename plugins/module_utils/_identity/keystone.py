# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to keystone that zones need, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._openstack.reader import Reader
from .._openstack.service import Service
from .._plan.text.near import nearest


class Keystone(Reader):
    """keystone of one cloud; `service` is its API v3."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._names: tuple[str, ...] = ()

    def projects(self, wanted: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Ids of the projects that the names or ids may mean: none where there is no such project, several where domains have one each.

        One call for all of them; one more for each that a shortened list lacks.
        """
        listed = self._service.get("/projects")
        self._names = tuple(str(entry["name"]) for entry in listed["projects"])
        found = {item: _matching(item, listed["projects"]) for item in wanted}
        if listed.get("truncated"):
            for item in (item for item, ids in found.items() if not ids):
                named = self._service.get("/projects", params={"name": item})["projects"]
                # An id that no list shows is taken at its word: the service says when it is none.
                found[item] = _matching(item, named) or ((item,) if _is_id(item) else ())
        return found

    def hints(self, found: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """For each of them that is no project what it may be a misspelling of, as a question."""
        return {item: nearest(item, self._names) for item, ids in found.items() if not ids}


def _matching(item: str, projects: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(entry["id"] for entry in projects if item in (entry["id"], entry["name"]))


def _is_id(item: str) -> bool:
    return len(item) == 32 and set(item) <= set("0123456789abcdef")
