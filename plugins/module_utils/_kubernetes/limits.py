# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time limits and bounded repetition for every request: what is safe to send twice, a few times, never after the run's deadline."""

from __future__ import annotations

from typing import Any

from .._plan.deadline import Deadline
from .._plan.errors import DeadlineExceeded

try:
    from urllib3 import PoolManager
    from urllib3.exceptions import MaxRetryError, ResponseError
    from urllib3.util.retry import Retry
    from urllib3.util.timeout import Timeout
except ImportError:  # reported by module.run before anything here is used
    Retry = object  # type: ignore[assignment, misc]
    Timeout = object  # type: ignore[assignment, misc]

READ_STATUSES = frozenset({429, 500, 502, 503, 504})
# To apply the same set twice is the same as once. But 500 is what the server says of a field that it does not know.
PATCH_STATUSES = frozenset({429, 502, 503, 504})
# What was turned away was not begun, whatever it is.
OTHER_STATUSES = frozenset({429})
# The least that a socket can be given when no time is left.
SHORTEST = 0.001


class BoundedRetry(Retry):
    """Repeats reads and patches after passing failures, and what was turned away, until the deadline."""

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = deadline

    def new(self, **kwargs: Any) -> BoundedRetry:
        """The tries that are left; the library makes a new object after each."""
        return super().new(deadline=self.deadline, **kwargs)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: ARG002 - the library's signature
        wanted = {"GET": READ_STATUSES, "PATCH": PATCH_STATUSES}
        return status_code in wanted.get(method.upper(), OTHER_STATUSES)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Any = None,
        *rest: Any,
        **more: Any,
    ) -> BoundedRetry:
        if not self.deadline.remaining():
            raise MaxRetryError(more.get("_pool"), url or "", error or ResponseError("no time for another try"))  # type: ignore[arg-type]
        return super().increment(method, url, response, error, *rest, **more)

    def sleep(self, response: Any = None) -> None:
        """Wait for the next try, unless that is after the deadline."""
        asked = self.get_retry_after(response) if response is not None else None
        if asked is not None and asked > self.deadline.remaining():
            raise DeadlineExceeded(
                f"the Kubernetes API asks to be called again after {asked:g} s (Retry-After), which is later than the run's deadline "
                f"of {self.deadline.seconds:g} s. Run it again then."
            )
        super().sleep(response)


def retries(deadline: Deadline) -> BoundedRetry:
    """One more try where no answer came, three after an answer that says to come again."""
    return BoundedRetry(
        total=4,
        connect=1,
        read=1,
        status=3,
        other=0,
        redirect=0,
        allowed_methods=frozenset({"GET", "PATCH"}),
        backoff_factor=0.3,
        raise_on_status=False,
        raise_on_redirect=False,
        deadline=deadline,
    )


class DeadlineTimeout(Timeout):
    """The limits of one try, which is never waited for beyond the deadline. The library takes a clone for each try."""

    def __init__(self, deadline: Deadline, limits: tuple[float, float]) -> None:
        super().__init__(connect=limits[0], read=limits[1])
        self.deadline = deadline
        self.limits = limits

    def clone(self) -> Timeout:
        left = max(self.deadline.remaining(), SHORTEST)
        return Timeout(connect=min(self.limits[0], left), read=min(self.limits[1], left))


def limit(pool: PoolManager, deadline: Deadline, limits: tuple[float, float]) -> None:
    """Every request of the pool keeps the limits from now on.

    :param limits: seconds to wait for a connection and for the next byte of an answer.
    """
    plain = pool.request

    def request(method: str, url: str, **kwargs: Any) -> Any:
        deadline.check(f"{method} {url}")
        return plain(method, url, **{**kwargs, "timeout": DeadlineTimeout(deadline, limits)})

    setattr(pool, "request", request)  # noqa: B010 - mypy knows that it is a method
