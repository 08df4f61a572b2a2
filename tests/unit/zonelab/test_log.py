# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from zonelab.proxy.log import Request, RequestLog, is_write, parse

if TYPE_CHECKING:
    from pathlib import Path


def append(log: RequestLog, path: str) -> None:
    log.append(
        time=1.5, service="nova", method="GET", path=path, status=200, microversion=None,
        milliseconds=1.234, request_id="req-1", user_agent="me", fault=None,
    )  # fmt: skip


def test_requests_are_read_from_any_number_on(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "log")
    assert (log.mark(), log.since()) == (0, b"")
    for path in ("/a", "/ü", "/c"):
        append(log, path)
    assert log.mark() == 3
    assert [request.path for request in parse(log.since().decode())] == ["/a", "/ü", "/c"]
    [last] = parse(log.since(2).decode())
    assert last == Request(2, 1.5, "nova", "GET", "/c", 200, None, 1.2, "req-1", "me", None)
    assert log.since(3) == b""


@pytest.mark.parametrize(
    ("service", "method", "path", "writes"),
    [
        ("nova", "GET", "/servers", False),
        ("nova", "HEAD", "/servers", False),
        ("nova", "DELETE", "/servers/1", True),
        ("keystone", "POST", "/v3/auth/tokens", False),
        ("keystone", "POST", "/v3/users", True),
        ("nova", "POST", "/v3/auth/tokens", True),
    ],
)
def test_what_counts_as_a_write(service: str, method: str, path: str, writes: bool) -> None:
    assert is_write(service, method, path) is writes
