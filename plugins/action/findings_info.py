# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action findings_info: the module of that name, run in the controller's process, with the rules of the collection, and its findings on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.zoneops.openstack.plugins.modules import findings_info
from ansible_collections.zoneops.openstack.plugins.plugin_utils.tabled import Tabled

#: Data of the role. Ansible does not copy it with a module that runs as a process, so the module gets its path.
RULES = Path(__file__).resolve().parents[2] / "roles" / "audit" / "files" / "rules"


class ActionModule(Tabled):
    module = findings_info.MODULE

    def arguments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        found = super().arguments(variables)
        given = found.get("rules") or []
        if boolean(found.get("builtin", True), strict=False):
            # As Ansible splits a list that is given as text.
            found["rules"] = [str(RULES), *(given.split(",") if isinstance(given, str) else given)]
        return found

    def _as_process(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        rules = list(arguments.get("rules") or [])
        if rules[:1] == [str(RULES)] and not self._reads_here():
            arguments = {**arguments, "rules": [*self._carried(), *rules[1:]]}
        return super()._as_process(arguments, variables)

    def _reads_here(self) -> bool:
        """Whether the process can read the files of the collection: on this machine, as the same user."""
        return self._connection.transport in ("local", "ansible.builtin.local") and not self._connection.become

    def _carried(self) -> list[str]:
        """The rules of the collection, copied to where the process runs. The base removes the folder."""
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        files = sorted(RULES.glob("*.yml"))
        carried = [self._connection._shell.join_path(folder, file.name) for file in files]
        for file, path in zip(files, carried, strict=True):
            self._transfer_file(str(file), path)
        self._fixup_perms2((folder, *carried))
        return carried
