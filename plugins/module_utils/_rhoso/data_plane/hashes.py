# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hash that the operators keep of a ConfigMap: how to know whether the hosts have what it says now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# k8s.io/apimachinery, util/rand: SafeEncodeString
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def config_map_hash(config_map: Mapping[str, Any]) -> str:
    """What a NodeSet's `status.configMapHashes` says of this ConfigMap once it is rolled out."""
    content = {key: dict(sorted(config_map[key].items())) for key in ("data", "binaryData") if config_map.get(key)}
    return object_hash(content)


def object_hash(content: Any) -> str:
    """lib-common's ObjectHash: SHA-256 of the JSON that Go writes, in letters that spell no words."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    digest = hashlib.sha256(text.encode()).digest()
    shown = f"[{' '.join(str(byte) for byte in digest)}]"
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in shown.encode())
