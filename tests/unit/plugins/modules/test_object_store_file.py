# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that no object store takes are refused before a cloud is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules.object_store_file import MODULE


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"container": ""}, "option 'container' is '': give 1 to 256 bytes"),
        ({"container": "a/b"}, "option 'container' is 'a/b'"),
        ({"container": "ä" * 129}, "give 1 to 256 bytes without '/'"),
        ({"name": "x" * 1025}, "option 'name' has 1025 bytes: at most 1024"),
        ({"container": ".."}, "option 'container' is '..': the name may not be . or .."),
        ({"name": "a/../../other/report.html"}, "no part of them may be . or .."),
        ({"path": "/"}, "the name is empty"),
        ({"keep_days": 0}, "option 'keep_days' is 0: give 1 to 3650 days"),
        ({"path": "/nowhere/report.html"}, "file /nowhere/report.html "),
    ],
)
def test_options_that_are_refused(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    (tmp_path / "report.html").write_text("x")
    given = {"path": str(tmp_path / "report.html"), "container": "zoneops", **options}
    params = {name: asked.get("default") for name, asked in MODULE.options.items()}
    result = MODULE.result(Run({**params, **given}))
    assert result["failed"]
    assert said in result["msg"]
