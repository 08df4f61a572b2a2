# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request in the name of another user: the headers of Kubernetes, where each group is a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

try:
    from urllib3._collections import HTTPHeaderDict
except ImportError:  # reported by module.run before anything here is used
    HTTPHeaderDict = dict  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from urllib3 import PoolManager


def impersonate(pool: PoolManager, user: str, groups: Sequence[str]) -> None:
    """From now on. The client's own headers are a dictionary, which has room for one group."""
    plain = pool.request

    def request(method: str, url: str, **kwargs: Any) -> Any:
        headers = HTTPHeaderDict(kwargs.get("headers") or {})
        headers.add("Impersonate-User", user)
        for group in groups:
            headers.add("Impersonate-Group", group)
        return plain(method, url, **{**kwargs, "headers": headers})

    setattr(pool, "request", request)  # noqa: B010 - mypy knows that it is a method
