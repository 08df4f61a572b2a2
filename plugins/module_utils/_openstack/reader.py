# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the answers of a service: one that has another shape than its API documents is an error of that request, not of this code."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import ApiError

if TYPE_CHECKING:
    from .service import Service

# What Python raises where null, a number or a list is read as an object, and the reverse.
_SHAPE = (TypeError, AttributeError, KeyError, IndexError, ValueError)


class Reader:
    """The calls to one service. Whatever its methods stumble over in an answer names the request that was answered."""

    _service: Service

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in list(vars(cls).items()):
            if inspect.isfunction(member) and not name.startswith("__"):
                setattr(cls, name, _named(member))


def objects(found: Any) -> list[dict[str, Any]]:
    """A list of JSON objects, for those who read them later."""
    entries = list(found)
    if not all(isinstance(entry, dict) for entry in entries):
        raise TypeError("the list has items that are not objects")
    return entries


def _named(method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(method):

        @functools.wraps(method)
        def generated(self: Reader, *args: Any, **kwargs: Any) -> Iterator[Any]:
            with _reading(self):
                yield from method(self, *args, **kwargs)

        return generated

    @functools.wraps(method)
    def called(self: Reader, *args: Any, **kwargs: Any) -> Any:
        with _reading(self):
            return method(self, *args, **kwargs)

    return called


@contextmanager
def _reading(reader: Reader) -> Iterator[None]:
    try:
        yield
    except _SHAPE as error:
        last = reader._service.last
        raise ApiError(
            f"{last}: the answer does not match this API's documentation ({_detail(error)}). Check that this is the address of this service's API.",
            uncertain=not last.startswith(f"{reader._service.service_type} API: GET "),
        ) from error


def _detail(error: Exception) -> str:
    """What was found, in words of JSON."""
    text = " ".join(str(error).split())
    for python, json in (("'NoneType' object", "null"), ("'dict' object", "an object"), ("'list' object", "a list")):
        text = text.replace(python, json)
    for python, json in (("'str' object", "text"), ("'int' object", "a number"), ("'bool' object", "a truth value")):
        text = text.replace(python, json)
    return f"no {text}" if isinstance(error, KeyError) else text
