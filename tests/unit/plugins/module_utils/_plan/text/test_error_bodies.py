# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of errors as one line: the heading of a page and its text, nothing of its markup, and not five pages of it."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.error_bodies import LONGEST, error_text
from hypothesis import given
from hypothesis import strategies as st

NGINX = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>"
)
TITLE_ONLY = "<!DOCTYPE html><html><head><title>504 Gateway Time-out</title></head><body>nginx/1.2</body></html>"
ROUTER = (
    "<html><head><style type='text/css'>body { color: red; }</style></head><body><div><h1>Application is not available</h1>"
    "<p>The application is currently not serving requests at this endpoint.</p><!-- x --><script>alert(1)</script></div></body></html>"
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (NGINX, "502 Bad Gateway: nginx"),
        (TITLE_ONLY, "504 Gateway Time-out: nginx/1.2"),
        (
            ROUTER,
            "Application is not available: The application is currently not serving requests at this endpoint.",
        ),
        ("<html>no</html>", "no"),
        ("  upstream connect error\n or disconnect ", "upstream connect error or disconnect"),
        ("a < b and <x> is text", "a < b and <x> is text"),
        ("<html><h1></h1><title>x</title></html>", "x"),
        ("", ""),
    ],
)
def test_what_is_said(body: str, expected: str) -> None:
    assert error_text(body) == expected


def test_a_long_body_is_cut() -> None:
    assert error_text("x" * 5000) == "x" * (LONGEST - 1) + "…"


@given(st.text(), st.text())
def test_any_body(head: str, body: str) -> None:
    for text in (head, f"<html>{head}</html>", f"<html><h1>{head}</h1>{body}"):
        found = error_text(text)
        assert "\n" not in found
        assert len(found) <= LONGEST
