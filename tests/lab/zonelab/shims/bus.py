# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The in-process message bus, woken by messages.

oslo.messaging's fake driver has each RPC server look for messages twenty times a second: every call waits 25 ms on
average, and the dozens of servers in a process keep a processor busy for nothing. Here a message rings a bell.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import Any

from oslo_messaging._drivers import base, impl_fake

Queue = tuple[str, str | None]  # topic, and the server for messages to one of them
_bells: defaultdict[Queue, set[threading.Event]] = defaultdict(set)
_lock = threading.Lock()


def install() -> None:
    """Patch the driver of this process."""
    init, stop = impl_fake.FakeListener.__init__, impl_fake.FakeListener.stop
    deliver = impl_fake.FakeExchange.deliver_message

    def listener_init(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self._bell = threading.Event()
        with _lock:
            for target in self._targets:
                _bells[target.topic, target.server].add(self._bell)

    def listener_stop(self: Any) -> None:
        stop(self)
        with _lock:
            for target in self._targets:
                _bells[target.topic, target.server].discard(self._bell)
        self._bell.set()

    def deliver_message(
        self: Any, topic: str, context: Any, message: Any, server: str | None = None, fanout: bool = False, **rest: Any
    ) -> None:
        deliver(self, topic, context, message, server=server, fanout=fanout, **rest)
        with _lock:
            # Who listens to a server's queue also listens to its topic's: a fanout reaches all of these.
            for bell in _bells[topic, None if fanout else server]:
                bell.set()

    impl_fake.FakeListener.__init__ = listener_init
    impl_fake.FakeListener.stop = listener_stop
    impl_fake.FakeListener.poll = base.batch_poll_helper(poll)
    impl_fake.FakeExchange.deliver_message = deliver_message


def poll(self: Any, timeout: float | None = None) -> Any:
    """The next message for this listener; None when it stops, or when there is none within the timeout."""
    end = None if timeout is None else time.monotonic() + timeout
    while not self._stopped.is_set():
        self._bell.clear()  # before the look: what comes after it rings again
        for target in self._targets:
            exchange = self._exchange_manager.get_exchange(target.exchange)
            context, message, reply_queue, requeue = exchange.poll(target, self._pool)
            if message is not None:
                return impl_fake.FakeIncomingMessage(context, message, reply_queue, requeue)
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            return None
        self._bell.wait(left)
    return None
