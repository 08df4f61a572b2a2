# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time limits for every request of a keystoneauth session: authentication, discovery, retries and redirects included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._plan.deadline import Deadline
from .._plan.errors import DeadlineExceeded
from .errors import READS

try:
    from keystoneauth1.session import TCPKeepAliveAdapter
except ImportError:  # reported by module.run before anything here is used
    TCPKeepAliveAdapter = object  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from keystoneauth1.session import Session
    from requests import PreparedRequest, Response


class DeadlineAdapter(TCPKeepAliveAdapter):
    """No request is begun after the deadline, and none waits beyond it. Below keystoneauth, whose retries keep the time limits of the first try.

    :param limits: seconds to wait for a connection and for the next byte of an answer.
    """

    def __init__(self, deadline: Deadline, limits: tuple[float, float]) -> None:
        super().__init__()
        self._deadline = deadline
        self._limits = limits

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self._deadline.check(f"{request.method} {request.url}")
        left = self._deadline.remaining()
        # A request that is known to take longer, such as an upload, brings its own two limits; clouds.yaml can only give one number.
        asked = kwargs.get("timeout")
        connect, read = asked if isinstance(asked, tuple) else self._limits
        response = super().send(request, *args, **{**kwargs, "timeout": (min(connect, left), min(read, left))})
        self._refuse_to_wait(request, response)
        return response

    def _refuse_to_wait(self, request: PreparedRequest, response: Response) -> None:
        """keystoneauth repeats what was refused after the time that the service names, however long."""
        wait = response.headers.get("Retry-After", "")
        repeated = response.status_code == 429 or (response.status_code >= 500 and request.method in READS)
        if repeated and wait.isdecimal() and int(wait) > self._deadline.remaining():
            raise DeadlineExceeded(
                f"{request.method} {request.url}: {response.status_code}, to be repeated after {wait} s (Retry-After), "
                f"which is later than the run's deadline of {self._deadline.seconds:g} s. Run it again then."
            )


def limit(session: Session, deadline: Deadline, limits: tuple[float, float]) -> None:
    """Every request of the session keeps the limits from now on."""
    for scheme in ("http://", "https://"):
        session.session.mount(scheme, DeadlineAdapter(deadline, limits))
