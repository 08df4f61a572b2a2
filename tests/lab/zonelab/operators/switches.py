# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked of the stand-in while it runs: a file that it reads in every turn."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zonelab.folder import replace_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Switches:
    """How the stand-in behaves.

    :ivar stopped: operators (openstack, glance, cinder, manila, infra, mariadb, ovn) that do nothing, as if their pod were gone.
    :ivar slow: seconds until an operator acts on a new generation.
    :ivar unready: StatefulSets whose pods run and are not ready.
    :ivar certificates: seconds until the certificate of a host is there.
    :ivar failing: services of the data plane whose Jobs have used all their retries.
    """

    stopped: tuple[str, ...] = ()
    slow: float = 0.0
    unready: tuple[str, ...] = ()
    certificates: float = 1.0
    failing: tuple[str, ...] = ()

    def save(self, file: Path) -> None:
        """For the stand-in."""
        replace_file(file, json.dumps(asdict(self)))

    @classmethod
    def load(cls, file: Path) -> Switches:
        """None set is no file."""
        if not file.exists():
            return cls()
        values = json.loads(file.read_text())
        found: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**found)
