# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aggregates of a provider: written from a fresh read, again where another writer was faster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.placement import ATTEMPTS, Placement
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError


@dataclass
class Provider:
    """A provider of which each write fails with the next status.

    :ivar statuses: of the writes to come; none is success.
    """

    statuses: list[int]
    generation: int = 1
    written: list[Mapping[str, Any]] = field(default_factory=list)

    def get(self, _path: str, **_more: Any) -> dict[str, Any]:
        self.generation += 1
        return {"aggregates": ["of-others"], "resource_provider_generation": self.generation}

    def put(self, _path: str, body: Mapping[str, Any], **_more: Any) -> None:
        self.written.append(body)
        if self.statuses:
            raise ApiError("placement says no", status=self.statuses.pop(0))


def change(provider: Provider) -> None:
    Placement(provider).change_aggregates("p1", lambda found: found | {"mine"})  # type: ignore[arg-type]


def test_a_conflict_is_read_and_written_again() -> None:
    provider = Provider([409] * (ATTEMPTS - 1))
    change(provider)
    assert [body["resource_provider_generation"] for body in provider.written] == list(range(2, ATTEMPTS + 2))
    assert provider.written[-1]["aggregates"] == ["mine", "of-others"]


@pytest.mark.parametrize(("statuses", "writes"), [([500, 0], 1), ([409] * ATTEMPTS, ATTEMPTS)])
def test_another_error_and_the_last_conflict_are_raised(statuses: list[int], writes: int) -> None:
    provider = Provider(statuses)
    with pytest.raises(ApiError, match="placement says no"):
        change(provider)
    assert len(provider.written) == writes
