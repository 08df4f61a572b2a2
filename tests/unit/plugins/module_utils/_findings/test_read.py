# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region none of whose services answers: the audit says so, and has asked in an order in which nothing new looks lost."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Question
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import PODS, SECTIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen, read
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

from .regions import zone_map


class Silent:
    """Every service: in the catalog, and behind a proxy that lets nothing through."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.deadline = Deadline(60)

    def service(self, _name: str, **_version: str) -> Silent:
        return self

    def present(self) -> bool:
        return True

    def negotiate(self, *_versions: tuple[int, int]) -> str:
        return "3.51"

    def maximum(self) -> NoReturn:
        self.get("/")

    def get(self, path: str, *_key: str, **_more: Any) -> NoReturn:
        self.paths.append(path)
        raise ZoneopsError("https://admin:hunter22@proxy.example.org does not answer")

    pages = get


def asked() -> tuple[Seen, list[str]]:
    cloud = Silent()
    return read(cast(Cloud, cloud), zone_map(), Question()), cloud.paths


def test_nothing_is_known_of_a_region_that_does_not_answer() -> None:
    found, _paths = asked()
    # Pods are not asked for here, and the map has none.
    assert set(found.unread) == {*SECTIONS} - {PODS}


def test_no_message_in_a_snapshot_signs_in() -> None:
    found, _paths = asked()
    assert "proxy.example.org does not answer" in found.unread["compute"]
    assert "hunter22" not in str(found.unread)


def test_servers_are_listed_after_volumes() -> None:
    """One that is created meanwhile must not be missing where its volume is listed."""
    _found, paths = asked()
    assert paths.index("/volumes/detail") < paths.index("/servers/detail")
