# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the value of a template has something in it that is encrypted with ansible-vault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

VAULTED: type
try:
    # ansible-core 2.19 and newer, which mark what was decrypted wherever it is handed on.
    from ansible.parsing.vault import EncryptedString, VaultHelper

    VAULTED = EncryptedString

    def _is_marked(value: Any) -> bool:
        return VaultHelper.get_ciphertext(value, with_tags=False) is not None

except ImportError:
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode

    VAULTED = AnsibleVaultEncryptedUnicode

    def _is_marked(value: Any) -> bool:
        return isinstance(value, VAULTED)


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A shorter secret is in other words by chance: it has to be the whole text.
_SHORTEST = 4


def holds_vaulted(template: Any, value: Any, variables: Mapping[str, Any]) -> bool:
    """Whether the value of a template is, or has in it, the plain text of an encrypted value of a variable that the template names.

    :param variables: as they are in the inventory, not templated.
    """
    texts = list(_texts(value))
    if any(_is_marked(text) for text in texts):
        return True
    secrets = set(_secrets(template, variables, set()))
    return any(secret == text or (len(secret) >= _SHORTEST and secret in text) for text in texts for secret in secrets)


def _secrets(raw: Any, variables: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    """The plain text of what is encrypted in a raw value, and in the variables that it names."""
    if isinstance(raw, VAULTED):
        yield str(raw)
    elif isinstance(raw, Mapping):
        for item in raw.values():
            yield from _secrets(item, variables, seen)
    elif isinstance(raw, (list, tuple)):
        for item in raw:
            yield from _secrets(item, variables, seen)
    elif isinstance(raw, str) and "{" in raw:
        for name in _NAME.findall(raw):
            if name in variables and name not in seen and name != "hostvars":
                seen.add(name)
                yield from _secrets(variables[name], variables, seen)


def _texts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_texts(item))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
