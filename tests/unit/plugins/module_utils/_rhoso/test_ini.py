# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When two configurations are the same."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso import ini

TEXT = "[DEFAULT]\na = 1\nb = True\n[az1]\nc = x:y, z\n"


@pytest.mark.parametrize(
    "other",
    [
        TEXT,
        "[az1]\nc = x:y, z\n[DEFAULT]\nb = True\na = 1\n",
        "[DEFAULT]\na=1\nb=true\n\n[az1]\nc=x:y, z",
        "# mine\n[DEFAULT]\n; old\nb : TRUE\na =   1  \n[az1]\n\nc = x:y, z\n[empty]\n",
    ],
)
def test_the_same(other: str) -> None:
    assert ini.same(TEXT, other)
    assert ini.same(other, TEXT)


@pytest.mark.parametrize(
    "other",
    [
        "",
        None,
        {"a": 1},
        TEXT.replace("1", "2"),
        TEXT.replace("True", "yes"),
        TEXT.replace("a = 1", "A = 1"),
        TEXT.replace("[az1]", "[az2]"),
        TEXT.replace("x:y, z", "X:y, z"),
        TEXT + "d = 1\n",
        TEXT + "c = w\n",  # an option may have several values
        "a = 1\n" + TEXT,  # in no section
        "{{ if .Tls }}\n" + TEXT,
    ],
)
def test_not_the_same(other: object) -> None:
    assert not ini.same(TEXT, other)
    assert not ini.same(other, TEXT)


def test_live_text_is_kept_only_where_it_means_the_same() -> None:
    wanted = {
        "one": {"config": "[a]\nb = 1\n"},
        "two": {"config": "[a]\nb = 2\n"},
        "three": {"config": "[a]\nb = 3\n", "n": 1},
    }
    live = {"one": {"config": "[a]\nb=1", "n": 2}, "two": {"config": "[a]\nb=3"}, "three": None}
    assert ini.with_text_of(wanted, live, "config") == {**wanted, "one": {"config": "[a]\nb=1"}}
