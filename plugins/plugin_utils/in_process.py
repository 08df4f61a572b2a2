# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of a module whose body runs in the process that Ansible has forked for the task: a task costs its work, not a start of Python.

Imported by Ansible once, before it forks. Where the body may not run here, the module runs as a process, with the same result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Module, Run
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import SCRUBBER
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.paths import whole_variables, with_whole_paths
from ansible_collections.zoneops.openstack.plugins.plugin_utils.plain import plain
from ansible_collections.zoneops.openstack.plugins.plugin_utils.process_ended import explained
from ansible_collections.zoneops.openstack.plugins.plugin_utils.progress import Progress
from ansible_collections.zoneops.openstack.plugins.plugin_utils.surroundings import surroundings
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people

# What Python and its libraries read when they start, so that it means nothing to a process that runs already.
READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "TZ", "MALLOC_")


class InProcess(Framed):
    """The base; a plugin names its module.

    :cvar module: what runs.
    """

    module: ClassVar[Module]

    _supports_check_mode = True
    _supports_async = True

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            arguments = self.arguments(variables)
        except ZoneopsError as error:
            return {"failed": True, "msg": error.message}
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        if self._connection.transport in ("local", "ansible.builtin.local"):
            arguments = with_whole_paths(arguments, self.module.options)
            whole = whole_variables({**os.environ, **{name: str(value) for name, value in environment.items()}})
            if whole:
                environment |= whole
                before = self._task.environment or []
                self._task.environment = [*(before if isinstance(before, list) else [before]), whole]
        if self._has_to_be_a_process(variables, environment):
            return self._as_process(arguments, variables)
        return self._here(arguments, {name: str(value) for name, value in environment.items()}, variables)

    def arguments(self, _variables: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of the task, to which a plugin may add. A ZoneopsError is a failure with that message."""
        return dict(self._task.args)

    def _has_to_be_a_process(self, variables: Mapping[str, Any], environment: Mapping[str, Any]) -> bool:
        task = self._task
        return bool(
            task.async_val
            or task.delegate_to
            or self._connection.transport not in ("local", "ansible.builtin.local")
            or self._connection.become
            or any(library.error for library in self.module.libraries)
            or any(str(name).startswith(READ_AT_START) for name in environment)
            or not _is_this_python(self._interpreter(variables))
        )

    def _interpreter(self, variables: Mapping[str, Any]) -> str | None:
        """The Python that the task is to run with; None where Ansible would look for one."""
        named = variables.get("ansible_python_interpreter")
        if named is None:
            named = constants.config.get_config_value("INTERPRETER_PYTHON", variables=dict(variables))
        named = str(self._templar.template(named) or "")
        return None if named.startswith("auto") else named

    def _as_process(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        answer = self._execute_module(module_args=arguments, task_vars=variables, wrap_async=bool(self._task.async_val))
        if not self._task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return self.traced(explained(answer, self._task.action))

    def _here(
        self, arguments: dict[str, Any], environment: dict[str, str], variables: dict[str, Any]
    ) -> dict[str, Any]:
        name = self._task.action
        told: dict[str, Any] = {}  # what Ansible tells a module of the task
        self._update_module_args(name, told, variables)
        silent = bool(self._task.no_log) or not stdout_is_for_people()
        with surroundings(environment), Progress(name, silent=silent) as progress:
            given = plain(arguments)
            checked = ArgumentSpecValidator(dict(self.module.options), **self.module.rules).validate(given)
            # With what is refused, as a module process shows what it was given.
            params = {**given, **checked.validated_parameters}
            secrets = set(checked._no_log_values)
            if checked.error_messages:
                SCRUBBER.remember_options(params, self.module.options)
                refused = {"failed": True, "msg": _refusal(checked.errors, name)}
                result = SCRUBBER.leaving(params, self.module.options, refused)
            else:
                run = Run(
                    params,
                    bool(told["_ansible_check_mode"]),
                    bool(told["_ansible_diff"]),
                    _warnings(checked._warnings),
                )
                with reported_to(progress):
                    result = self.module.result(run)
        if not told.get("_ansible_inject_invocation", True):
            del result["invocation"]
        if not result.get("warnings"):
            result.pop("warnings", None)
        plainly = {key: value for key, value in result.items() if value is None or isinstance(value, bool)}
        data = plain(result)
        return self.traced({**(remove_values(data, secrets) if secrets else data), **plainly})


def _is_this_python(interpreter: str | None) -> bool:
    """Also under another name in the same folder; the same program in another folder has other packages."""
    if not interpreter:
        return False
    asked, own = Path(interpreter), Path(sys.executable)
    return asked == own or (asked.parent == own.parent and asked.resolve() == own.resolve())


def _refusal(errors: Any, name: str) -> str:
    """What is wrong with the options, in the words of a module process."""
    if isinstance(errors[0], UnsupportedError):
        return f"Unsupported parameters for ({name}) module: {errors.msg}"
    return str(errors.msg)


def _warnings(found: list[dict[str, Any]]) -> list[str]:
    return [f"Both option {one['option']} and its alias {one['alias']} are set." for one in found]
