# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves a module (result, warning, error, journal, progress file) holds no secret and cannot steer a terminal."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

MASK = "********"
#: Stands for a character that a terminal would act on.
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"

# Control characters without tab and line feed, separators of lines, what changes the direction of text, half characters.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# After a scheme everything up to the host, also where a password that is not quoted ends the host too early.
_USERINFO = re.compile(
    r"(?<=://)(?:[^\s/?#\"'<>]{0,4096}|(?!\[)[^\s/?#\"'<>@:]{0,256}:(?!\d{0,6}(?:[/?#\s\"'<>]|$))[^\s\"'<>]{0,4096})(?=@)"
)
# Without a scheme only NAME:PASSWORD@HOST: 'host@backend#pool', a mail's address, 'image:tag@sha256:...' and 'User "oidc:me@here"' are none.
_LOGIN = re.compile(
    r"(?<![^\s\"'<>=(,])(?<!User \")(?!mailto:)[^\s/?#\"'<>@:=(,]{1,256}:[^\s/?#\"'<>@]{1,256}(?=@(?!sha\d+:)[\w\[])"
)
# What signs in a request, wherever one is quoted, and tokens of keystone, OpenShift and Kubernetes.
_HEADER = re.compile(
    r"(\b(?:(?:proxy-)?authorization|x-[\w-]{0,40}token|(?:set-)?cookie)[\"'\\]*\s*[:=]\s*[\"'\\]*(?:(?:bearer|basic|negotiate)\s+)?)[^\s\"',;}\\]+",
    re.IGNORECASE,
)
# As in the query of an address and on a command line.
_GIVEN = re.compile(
    r"((?<![\w-])[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api_?key)=[\"']?)[^\s\"'&,;)]+", re.IGNORECASE
)
_TOKEN = re.compile(r"\b(?:gAAAA[\w=-]{40,}|sha256~[\w-]{20,}|eyJ[\w-]{8,2000}\.[\w-]{8,}\.[\w-]{8,})")
# Names of hosts and zones, states and dates, which most of a result is: too short for a token, and without the characters that all else needs.
_NAME = re.compile(r"[A-Za-z0-9_. -]{0,24}")
# An option that is an address. What is in front of its '@' signs in, with a scheme or without.
_ADDRESS = re.compile(r"host|server|.*proxy|.*url", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)
# Of a mapping with credentials, what can be shown. Everything else in it is taken for a secret.
_PUBLIC = re.compile(
    r"auth_?url|auth_type|.*(domain|project|tenant|user)(_?(name|id))?|system_scope|trust_id|application_credential_(id|name)"
    r"|protocol|identity_provider|.*(endpoint|discovery|_type|_url)|client_id|reauthenticate|default_.*",
    re.IGNORECASE,
)
# Of a cloud's entry, the keys with credentials.
_CREDENTIALS = re.compile(r"auth|.*(passw|passcode|token|secret).*", re.IGNORECASE)
#: Options with data that is checked for secrets by the body of the module.
UNCHECKED = {"zones", "region"}
# A shorter value would mask ordinary words; up to the second length it is masked as a word of its own only.
_SHORTEST, _ANYWHERE = 4, 8


class Scrubber:
    """The secrets of one process, and text without them. One module call has one, see `SCRUBBER`."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._public: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def remember(self, credentials: Any) -> None:
        """Never show these.

        :param credentials: a secret, or a mapping of such, in which names as of users, projects and domains are none.
        """
        for name, value in _leaves("", credentials):
            kept = self._public if name and _PUBLIC.fullmatch(name) else self._secrets
            kept.update({value} if kept is self._public else _spellings(value))
            if "://" in value or _ADDRESS.fullmatch(name):
                self._keep_login(value)
        self._learn()

    def remember_address(self, address: str | None) -> None:
        """Never show what signs in there, with a scheme in front of it or without; the rest is no secret."""
        self._keep_login(address or "")
        self._learn()

    def _keep_login(self, address: str) -> None:
        login = (address.partition("://")[2] or address).rpartition("@")[0]
        if login:
            self._secrets.update(_spellings(login) | _spellings(login.partition(":")[2]))

    def _learn(self) -> None:
        words = sorted((text for text in self._secrets - self._public if len(text) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_matched, words))) if words else None

    def remember_cloud(self, cloud: Mapping[str, Any]) -> None:
        """Never show what signs in of an entry as in clouds.yaml, which can have it inside `auth` and outside."""
        self.remember({name: value for name, value in cloud.items() if _CREDENTIALS.fullmatch(str(name))})

    def remember_options(self, params: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
        """Never show what a module was given in options that are not logged."""
        for name, option in spec.items():
            if option.get("no_log") and params.get(name) is not None:
                self.remember(params[name])
            elif isinstance(params.get(name), Mapping) and "options" in option:
                self.remember_options(params[name], option["options"])
            elif name == "cloud" and isinstance(params.get(name), Mapping):
                self.remember_cloud(params[name])
            elif _ADDRESS.fullmatch(name) and isinstance(params.get(name), str):
                self.remember_address(params[name])

    def leaving(self, params: Mapping[str, Any], spec: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a module as it is shown, with the options that Ansible adds to it for `-vvv`.

        What nobody has checked can be a secret in the wrong place: a misspelt option, a zone map that was not accepted.
        """
        known = {alias for name, option in spec.items() for alias in (name, *option.get("aliases", ()))}
        known -= set() if "changed" in result else UNCHECKED
        shown = {name: value if name in known or value is None else MASK for name, value in params.items()}
        return dict(self.data({"invocation": {"module_args": shown}, **result}))

    def text(self, text: str) -> str:
        """The same text, secrets and what steers a terminal replaced."""
        return self._known(_shape(text))

    def data(self, value: Any) -> Any:
        """The same data. Keys keep words that are also a secret: zones are found by them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {_shape(key) if isinstance(key, str) else key: self.data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.data(item) for item in value]
        return value

    def _known(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(MASK, text)


#: Of this process: a module runs in one of its own, or in a fork of the controller for one task.
SCRUBBER = Scrubber()


def is_address(url: str) -> bool:
    """Whether it can be used as one: the libraries quote of another what they cannot read, be it half of a password."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _shape(text: str) -> str:
    """Secrets that are known by their looks: what signs in at an address or in a header, a token, a private key. And no control characters."""
    if _NAME.fullmatch(text):
        return text
    if "@" in text:
        text = _LOGIN.sub(MASK, _USERINFO.sub(MASK, text))
    if "=" in text:
        text = _GIVEN.sub(rf"\1{MASK}", text)
    if ":" in text or "=" in text:
        text = _HEADER.sub(rf"\1{MASK}", text)
    text = _TOKEN.sub(MASK, text)
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub(rf"\1 {MASK} \2", text)
    return _CONTROL.sub(UNPRINTABLE, text)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(str(key), item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(name, item)
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def _spellings(secret: str) -> set[str]:
    """As it is, and as JSON, a URL, Python, a Kubernetes Secret and the scrubber itself write it."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
        repr(secret)[1:-1],
        base64.b64encode(secret.encode(errors="surrogatepass")).decode(),
        _shape(secret),
    }


def _matched(secret: str) -> str:
    found = re.escape(secret)
    return found if len(secret) >= _ANYWHERE else rf"(?<!\w){found}(?!\w)"
