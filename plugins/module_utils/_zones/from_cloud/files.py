# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of an inventory as YAML that Ansible reads back as it is: what looks like a template is text."""

from __future__ import annotations

from typing import Any

from ..errors import one_line
from .export import File

# How a template begins, and how a text begins that changes what that is.
TEMPLATES = ("{{", "{%", "{#")
HEADER = "#jinja2:"

try:
    import yaml

    class _Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - people edit these files
            return True

    def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        if value.startswith(HEADER) or any(begin in value for begin in TEMPLATES):
            return dumper.represent_scalar("!unsafe", value, style="'" if value.isprintable() else '"')
        return dumper.represent_str(value)

    _Dumper.add_representer(str, _text)
except ImportError:  # reported by the module before anything here is used
    pass


def content(file: File) -> str:
    """The file's text, its remarks as comments."""
    remarks = "".join(f"# {one_line(remark)}\n" for remark in file.remarks)
    return f"---\n{remarks}{yaml.dump(file.data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)}"
