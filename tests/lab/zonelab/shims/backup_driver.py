# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cinder's posix backup driver, with a target that can be made to fail, and with one target per zone."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cinder import exception, interface
from cinder.backup.drivers import posix

from zonelab.failing import Failing
from zonelab.options import TARGET

if TYPE_CHECKING:
    from collections.abc import Callable


@interface.backupdriver
class FileBackupDriver(posix.PosixBackupDriver):
    """Every piece that is written, read or deleted reaches the target."""

    def __init__(self, context: Any, backup_path: str | None = None, target: str = TARGET) -> None:
        """Know the target's name."""
        super().__init__(context, backup_path)
        self._target = target

    def _reach(self) -> None:
        if complaint := Failing.of_this_process().complaint("backup-target", self._target):
            raise exception.BackupDriverException(reason=complaint)

    def check_for_setup_error(self) -> None:
        self._reach()

    def get_object_writer(self, *args: Any, **kwargs: Any) -> Any:
        self._reach()
        return super().get_object_writer(*args, **kwargs)

    def get_object_reader(self, *args: Any, **kwargs: Any) -> Any:
        self._reach()
        return super().get_object_reader(*args, **kwargs)

    def delete_object(self, *args: Any, **kwargs: Any) -> Any:
        self._reach()
        return super().delete_object(*args, **kwargs)


def of_zone(zone: str) -> Callable[..., FileBackupDriver]:
    """What makes a zone's driver: a cinder-backup makes one for each of its works."""
    path = Path(posix.CONF.backup_posix_path) / zone
    path.mkdir(parents=True, exist_ok=True)
    return functools.partial(FileBackupDriver, backup_path=str(path), target=zone)
