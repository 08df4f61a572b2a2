# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks functions of the collection in the controller, before it forks: what the environment names, as module:name."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, NoReturn

from ansible.plugins.callback import CallbackBase

PLUGINS = "ansible_collections.zoneops.openstack.plugins"


def _bug(*_arguments: Any, **_named: Any) -> NoReturn:
    """With an address that has a password."""
    raise TypeError("made to crash at https://user:s3cret@nowhere/")


class CallbackModule(CallbackBase):
    """Prints nothing."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "breaker"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        for name in os.environ["BREAK"].split():
            module, _colon, function = name.partition(":")
            getattr(import_module(f"{PLUGINS}.{module}"), function)
            setattr(import_module(f"{PLUGINS}.{module}"), function, _bug)
