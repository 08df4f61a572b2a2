# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enable a cinder-volume by freezing and thawing it, so that wherever a run ends, the next one knows it again.

Freezing wipes the reason of a service out. Until one of ours can be written again, a QoS spec tells that it was this collection that froze it: it
is empty, nothing uses it, and only administrators see it.
"""

from __future__ import annotations

from ..._plan.disabled.reason import marked
from ..._plan.errors import ZoneopsError
from ..api.cinder import Cinder
from ..api.model import Service
from .model import is_ours

ON_THE_WAY = "frozen on the way to being enabled"
_MARK = "zoneops: thaw "


class Thaw:
    """The writes in their order."""

    def __init__(self, cinder: Cinder) -> None:
        self.cinder = cinder

    def under_way(self) -> frozenset[str]:
        """The hosts of services that were marked and not yet thawed."""
        return frozenset(name.removeprefix(_MARK) for name in self.cinder.qos_specs() if name.startswith(_MARK))

    def enable(self, service: Service) -> None:
        """From a service that is disabled and not frozen."""
        self.cinder.add_qos_spec(_mark(service))
        self.cinder.set_service("freeze", service.binary, service.host)
        try:
            self._claim(service)
            self._unmark(service)
        except ZoneopsError:
            # What can be thawed is not left frozen.
            self._thaw(service)
            self._unmark(service)
            raise
        self._thaw(service)

    def finish(self, service: Service) -> None:
        """From a service that is frozen."""
        if not is_ours(service):
            self._claim(service)
        self._unmark(service)
        self._thaw(service)

    def _claim(self, service: Service) -> None:
        self.cinder.set_service("disable-log-reason", service.binary, service.host, marked(ON_THE_WAY))

    def _unmark(self, service: Service) -> None:
        """Before it is thawed: a mark that outlived that would make the freezing of others ours."""
        number = self.cinder.qos_specs().get(_mark(service))
        if number is not None:
            self.cinder.delete_qos_spec(number)

    def _thaw(self, service: Service) -> None:
        self.cinder.set_service("thaw", service.binary, service.host)


def _mark(service: Service) -> str:
    return f"{_MARK}{service.host}"
