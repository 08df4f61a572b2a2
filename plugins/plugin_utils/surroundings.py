# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What surrounds a body that runs in the controller's process: its environment, no terminal, and nothing that outlasts it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

STANDARD = (0, 1, 2)
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A signal ended the body. No Exception: nothing that only catches errors goes on after it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextlib.contextmanager
def surroundings(environment: Mapping[str, str]) -> Iterator[None]:
    """Everything is as before afterwards.

    :param environment: variables on top of those of the process.
    """
    with (
        _stopped_by_signals(),
        _environment(environment),
        warnings.catch_warnings(),
        _no_logging(),
        _no_terminal(),
    ):
        yield


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def _no_logging() -> Iterator[None]:
    """Libraries log requests and answers; with ANSIBLE_LOG_PATH the controller has a handler for all of it."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _no_terminal() -> Iterator[None]:
    """The standard files lead nowhere, for Python and for what it starts."""
    with Path(os.devnull).open("w+", encoding="utf-8") as nowhere:
        kept = {number: os.dup(number) for number in STANDARD if _is_open(number)}
        try:
            for number in kept:
                os.dup2(nowhere.fileno(), number)
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                yield
        finally:
            for number, copy in kept.items():
                os.dup2(copy, number)
                os.close(copy)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the body by an exception, so that it gives back what it holds. Then the signal does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    handled = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        handled.set()
        # Ansible follows one signal with another; what is given back must not be cut short by it. It has time limits.
        for one in SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    stopped: Stopped | None = None
    try:
        with _noticed(handled):
            yield
    except Stopped as reason:
        stopped = reason
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
    if stopped is not None:
        os.kill(os.getpid(), stopped.number)
        raise stopped


@contextlib.contextmanager
def _noticed(handled: threading.Event) -> Iterator[None]:
    """A signal that comes just before the main thread begins to wait for an answer does not end that wait: it is sent again until it is handled."""
    heard, written = os.pipe()
    os.set_blocking(written, False)
    before = signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    waiting = threading.main_thread().ident or 0

    def listen() -> None:
        while number := os.read(heard, 1):
            while number[0] in SIGNALS and not handled.wait(0.2):
                signal.pthread_kill(waiting, number[0])

    listener = threading.Thread(target=listen, name="zoneops-signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(written)
        listener.join()
        os.close(heard)
