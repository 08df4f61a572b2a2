# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that openstacksdk reads clouds from: why one cannot be read, and which clouds there are. Never their content."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._plan.text.yaml_problem import problem_of
from . import lazy_sdk  # noqa: F401  # pylint: disable=unused-import

try:
    import yaml
    from openstack.config import loader
except ImportError:  # reported by module.run before anything here is used
    pass


def unreadable() -> str:
    """Which file cannot be read, where and why; empty where all can."""
    return next(filter(None, (_problem(path) for path in _files())), "")


def _problem(path: Path) -> str:
    try:
        yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        return f"{path} cannot be read: {problem_of(error)}."
    except (OSError, UnicodeDecodeError) as error:
        return f"{path} cannot be read: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8'}."
    return ""


def explained() -> str:
    """Which file cannot be read and why; else which clouds the files have."""
    if problem := unreadable():
        return problem
    known = []
    for path in _files():
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        clouds = data.get("clouds") if isinstance(data, Mapping) else None
        if not isinstance(clouds, Mapping):
            known.append(f"{path} has no mapping 'clouds'")
        else:
            known.append(f"{path} has {', '.join(map(str, clouds)) or 'no clouds'}")
    if known:
        return f"{'; '.join(known)}."
    return "There is no clouds.yaml in ~/.config/openstack or /etc/openstack, nor one named by OS_CLIENT_CONFIG_FILE."


def _files() -> list[Path]:
    """Those that exist, of each kind the first, as openstacksdk takes them."""
    kinds = (("OS_CLIENT_CONFIG_FILE", loader.CONFIG_FILES), ("OS_CLIENT_SECURE_FILE", loader.SECURE_FILES))
    found = []
    for variable, usual in kinds:
        named = os.environ.get(variable)
        paths = [Path(path) for path in ([named] if named else []) + list(usual)]
        found += [path for path in paths if path.is_file()][:1]
    return found
