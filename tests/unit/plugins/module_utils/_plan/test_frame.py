# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of a module: whatever its body does, a result comes out, and a failure has a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import OWN, ZoneopsError, unexpected
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Library, Module, Run, need

PARAMS = {"token": "s3cret-token", "name": "az1"}
OPTIONS: dict[str, Any] = {"token": {"type": "str", "no_log": True}, "name": {"type": "str"}}


def result(body: Any, *libraries: Library) -> dict[str, Any]:
    return Module(body, OPTIONS, libraries).result(Run(dict(PARAMS)))


def test_what_the_body_returns_with_its_warnings_and_the_options() -> None:
    def body(run: Run) -> dict[str, Any]:
        run.warn("first")
        return {"changed": True, "name": run.params["name"], "warnings": ["second, s3cret-token"]}

    assert result(body) == {
        "changed": True,
        "name": "az1",
        "warnings": ["first", "second, ********"],
        "invocation": {"module_args": {"token": "********", "name": "az1"}},
    }


def test_an_error_of_ours_is_a_message_without_a_traceback() -> None:
    def body(_run: Run) -> dict[str, Any]:
        raise ZoneopsError("the cloud says no to s3cret-token")

    found = result(body)
    assert (found["failed"], found["msg"]) == (True, "the cloud says no to ********")
    assert "exception" not in found


@pytest.mark.parametrize(
    "error", [TypeError("'str' and\n int"), SystemExit("a library ends the process"), RecursionError()]
)
def test_any_other_error_is_a_message_with_type_text_and_place(error: BaseException) -> None:
    def body(_run: Run) -> dict[str, Any]:
        raise error

    found = result(body)
    assert found["failed"]
    assert found["msg"].startswith(
        f"unexpected {type(error).__name__}{': ' if str(error) else ' (at '}{' '.join(str(error).split())}"
    )
    assert "report it with the output of -vvv" in found["msg"]
    assert found["exception"].startswith("Traceback (most recent call last)")


def test_the_place_is_the_innermost_line_of_the_collection() -> None:
    with pytest.raises(TypeError) as caught:
        Deadline("soon")  # type: ignore[arg-type]
    message = unexpected(caught.value).message
    assert "(at module_utils/_plan/deadline.py:" in message
    assert OWN not in message


def test_a_secret_in_an_unexpected_error_is_not_shown() -> None:
    def body(run: Run) -> dict[str, Any]:
        raise ValueError(f"cannot use {run.params['token']}")

    assert "s3cret" not in str(result(body))


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "https://me:s3cret-token@h"},
        {"kind": "a", "number": "https://me:s3cret-token@h"},
        {"kind": "a", "unknown": "x", "name": "https://me:s3cret-token@h"},
        {"kind": "a", "token": "s3cret-token", "number": "x s3cret-token"},
    ],
)
def test_options_that_ansible_refuses_in_a_process_are_shown_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: dict[str, str]
) -> None:
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)  # new in ansible-core 2.19
    options: dict[str, Any] = {**OPTIONS, "kind": {"type": "str", "choices": ["a"]}, "number": {"type": "int"}}
    with pytest.raises(SystemExit):
        Module(lambda _run: pytest.fail("was run"), options).main()
    out = capsys.readouterr().out
    answer = json.loads(out)
    assert answer["failed"]
    assert answer["msg"]
    assert "s3cret" not in out


def test_a_missing_library_is_named_before_anything_is_done() -> None:
    found = result(lambda _run: pytest.fail("was run"), Library("there", None), Library("jmespath", "ImportError: no"))
    assert "Failed to import the required Python library (jmespath)" in found["msg"]
    assert found["exception"] == "ImportError: no"
    need(Library("there", None))


def test_the_traceback_of_a_fault_in_a_zone_is_part_of_the_result() -> None:
    def body(run: Run) -> dict[str, Any]:
        run.traces.append("Traceback of one change")
        return {"changed": True, "failed": True, "msg": "failed: az1"}

    assert result(body)["exception"] == "Traceback of one change"


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert "unexpected KeyError: 'x' (at an unknown place)." in unexpected(KeyError("x")).message
