# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openstacksdk without its services, of which this collection uses none: to import the package imports all of them, half of what a module's start takes.

Import this before anything of `openstack`. The package then runs when something is asked of it that only it defines, such as `openstack.connect`.
With a release of the SDK whose parts do not come without the whole, the whole is imported as usual.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NAME = "openstack"
# What this collection uses.
PARTS = (f"{NAME}.config.cloud_region", f"{NAME}.config.loader", f"{NAME}.exceptions")


def _postponed(spec: ModuleSpec) -> ModuleType:
    """The package, in which its parts are found, before it has run."""
    package = importlib.util.module_from_spec(spec)

    def missing(name: str) -> Any:
        # Python asks for a part before it imports it, and for names with underscores all the time.
        if name.startswith("__") or importlib.util.find_spec(f"{NAME}.{name}") is not None:
            raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
        del package.__dict__["__getattr__"]
        if spec.loader is not None:
            spec.loader.exec_module(package)
        return getattr(package, name)

    package.__dict__["__getattr__"] = missing
    return package


def _import_parts(spec: ModuleSpec) -> None:
    sys.modules[NAME] = _postponed(spec)
    try:
        for part in PARTS:
            importlib.import_module(part)
    except Exception:  # noqa: BLE001 - what is wrong with the whole, whoever imports it next is told
        for name in [one for one in sys.modules if one.partition(".")[0] == NAME]:
            del sys.modules[name]


if NAME not in sys.modules:
    FOUND = importlib.util.find_spec(NAME)
    if FOUND is not None:
        _import_parts(FOUND)
