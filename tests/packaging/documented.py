# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation says, read with ansible-doc (fragments included), and where the collection's files are."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FQCN = "zoneops.openstack"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.parent.name for path in (ROOT / "roles").glob("*/tasks"))


@functools.cache
def ansible_doc(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(["ansible-doc", "--json", *arguments], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def module_docs(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`doc`, `examples` (text) and `return` of modules, by their full names, in one call."""
    return ansible_doc("--type", "module", *names)


def own_modules() -> dict[str, dict[str, Any]]:
    """All modules of the collection, by short name."""
    documented = module_docs(f"{FQCN}.{name}" for name in MODULES)
    return {name: documented[f"{FQCN}.{name}"] for name in MODULES}


class _Loader(yaml.CSafeLoader):
    """Also reads what Ansible marks as no template."""


_Loader.add_constructor("!unsafe", lambda _loader, node: str(node.value))


def loaded(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)


def load(path: Path) -> Any:
    return loaded(path.read_text())
