# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cinder's posix backup driver, with a target that can be made to fail."""

from __future__ import annotations

from typing import Any

from cinder import exception, interface
from cinder.backup.drivers import posix

from zonelab.failing import TARGET, Failing


@interface.backupdriver
class FileBackupDriver(posix.PosixBackupDriver):
    """Every piece that is written, read or deleted reaches the target."""

    def _reach(self) -> None:
        if complaint := Failing.of_this_process().complaint("backup-target", TARGET):
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
