# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of every module: its body sees the same small interface in a process of its own and in the controller's."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .errors import ZoneopsError, unexpected
from .text.scrub import SCRUBBER


@dataclass(frozen=True)
class Library:
    """A Python package that a module needs.

    :param error: the traceback of its import, None where it is there.
    """

    name: str
    error: str | None


class MissingLibrary(ZoneopsError):
    """A package is not there. `trace` is what its import said."""

    def __init__(self, library: Library) -> None:
        super().__init__(str(missing_required_lib(library.name)))
        self.trace = library.error


def need(*libraries: Library) -> None:
    """Raise MissingLibrary for the first that is not there."""
    for library in libraries:
        if library.error:
            raise MissingLibrary(library)


@dataclass
class Run:
    """One call of a module, as its body sees it.

    :ivar params: the checked options.
    :ivar warnings: what was warned of.
    :ivar traces: tracebacks of faults that became a message.
    """

    params: dict[str, Any]
    check_mode: bool = False
    diff: bool = False
    warnings: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


class _Process(AnsibleModule):
    """With what Ansible itself says of wrong options without secrets, too: it masks options only, not what is in an address."""

    def _log_invocation(self) -> None:
        """What the system's log gets: a cloud that is a mapping has credentials that no specification marks."""
        given = self.params
        SCRUBBER.remember_options(given, self.argument_spec)
        self.params = SCRUBBER.data(given)
        super()._log_invocation()
        self.params = given

    def fail_json(self, msg: str, **details: Any) -> NoReturn:
        params = getattr(self, "params", None) or {}
        SCRUBBER.remember_options(params, self.argument_spec)
        super().fail_json(**SCRUBBER.leaving(params, self.argument_spec, {"msg": msg, **details}))


def _empty(params: Mapping[str, Any]) -> list[str]:
    """A call for no zone at all looks like one that found nothing to do."""
    return ["option 'limit' is empty: there is no zone to work on."] if params.get("limit") == [] else []


Body = Callable[[Run], dict[str, Any]]


@dataclass(frozen=True)
class Module:
    """What a module is: the work, its options, and what it needs.

    :ivar rules: further rules of the options, such as required_if, as AnsibleModule takes them.
    """

    body: Body
    options: Mapping[str, Any]
    libraries: tuple[Library, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

    def result(self, run: Run) -> dict[str, Any]:
        """What the body says, without secrets; an error, whatever its kind, is a failure with a message."""
        SCRUBBER.remember_options(run.params, self.options)
        try:
            need(*self.libraries)
            result = self.body(run)
        except MissingLibrary as error:
            result = {"failed": True, "msg": error.message, "exception": error.trace}
        except ZoneopsError as error:
            result = {"failed": True, "msg": str(error)}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is said; a library may end the process, too
            result = {"failed": True, "msg": unexpected(error).message, "exception": traceback.format_exc()}
        warnings = [*run.warnings, *_empty(run.params), *result.pop("warnings", [])]
        if run.traces and "exception" not in result:
            result["exception"] = "\n".join(run.traces)
        return SCRUBBER.leaving(run.params, self.options, {**result, "warnings": warnings})

    def main(self) -> None:
        """Run as a process of its own."""
        module = _Process(argument_spec=dict(self.options), supports_check_mode=True, **self.rules)
        result = self.result(Run(module.params, module.check_mode, module._diff))
        for warning in result.pop("warnings"):
            module.warn(warning)
        if "changed" in result:
            # Also where zones failed: that is a result, and no error of the module.
            module.exit_json(**result)
        module.fail_json(**result)
