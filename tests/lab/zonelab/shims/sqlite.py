# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sqlite for threaded services: transactions that write begin with BEGIN IMMEDIATE.

oslo.db begins each transaction as a reader. When two of them turn into writers, sqlite fails one at once with
"database is locked" (a stale snapshot cannot be waited for, whatever the timeout). A writer that says so from the start
waits for its turn instead. Without this a 12 s stress gave 172 such errors, with it none.
"""

from __future__ import annotations

from typing import Any

from oslo_db.sqlalchemy import enginefacade, engines
from sqlalchemy import event, pool
from sqlalchemy.engine import Engine

OPTION = "lab_writer"


def install() -> None:
    """Patch the engine facade of this process."""
    _keep_connections()
    engines._thread_yield = lambda *_arguments: None  # for green threads; these are native ones
    event.listen(Engine, "begin", _begin)
    for factory in vars(enginefacade).copy().values():
        if isinstance(factory, type) and "_create_session" in vars(factory):
            _mark_writers(factory)


class _Kept(pool.QueuePool):
    """Connections that are kept, as many as are in use at the same time."""

    def __init__(self, creator: Any, **options: Any) -> None:
        super().__init__(creator, **{**options, "pool_size": 8, "max_overflow": -1})


def _keep_connections() -> None:
    """oslo.db opens the file anew for each transaction, and sqlite then reads the whole schema: a fifth of what nova takes."""
    engines._init_connection_args.dispatch_for("sqlite")(_connection_args)
    event.listen(_Kept, "checkin", _forget_transaction)


def _connection_args(_url: Any, engine_args: dict[str, Any], kw: dict[str, Any]) -> None:
    for option in ("max_pool_size", "max_overflow"):
        kw.pop(option, None)
        engine_args.pop(option, None)
    engine_args["poolclass"] = _Kept
    engine_args["pool_pre_ping"] = False  # a file does not hang up; the question is a twelfth of a request
    engine_args["connect_args"]["check_same_thread"] = False


def _forget_transaction(_connection: Any, record: Any) -> None:
    """A connection that comes back in a transaction has been rolled back by the pool, which tells nobody."""
    record.info.pop("in_transaction", None)


def join_independent_writers() -> None:
    """manila opens an "independent" writer inside a writer, which on one file waits for itself: join the outer one."""
    enginefacade._TransactionContextManager.independent = property(lambda self: self._clone())


def _begin(connection: Any) -> None:
    if connection.dialect.name != "sqlite" or "in_transaction" in connection.info:
        return
    writer = connection.get_execution_options().get(OPTION)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
    connection.info["in_transaction"] = True  # oslo.db's own listener then does nothing


def _mark_writers(factory: Any) -> None:
    create_connection, create_session = factory._create_connection, factory._create_session

    def connection(self: Any, mode: Any) -> Any:
        made = create_connection(self, mode)
        return made.execution_options(**{OPTION: True}) if mode is enginefacade._WRITER else made

    def session(self: Any, mode: Any, bind: Any = None) -> Any:
        if mode is enginefacade._WRITER and bind is None:
            if not self._started:
                self._start()
            bind = _writer_engine(self)
        return create_session(self, mode, bind=bind)

    factory._create_connection, factory._create_session = connection, session


def _writer_engine(factory: Any) -> Any:
    """The marked twin of the factory's engine, made once per engine: both share the pool."""
    engine = factory._writer_engine
    known = factory.__dict__.get("_lab_writer")
    if known is None or known[0] is not engine:
        known = factory.__dict__["_lab_writer"] = (engine, engine.execution_options(**{OPTION: True}))
    return known[1]
