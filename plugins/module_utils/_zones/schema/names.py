# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names as nova takes them.

Measured on nova 34.0.0: an availability zone's name may hold inner spaces, '/' and letters of any script; it may not
hold ':', control characters or characters beyond the basic multilingual plane. In an aggregate's name ':' is accepted.
"""

from __future__ import annotations

import re
import unicodedata

from .fields import Rule

NOVA = "nova 34.0.0, API schema"
LONGEST = 255
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_METADATA_KEY = re.compile(r"[A-Za-z0-9_:. -]+")
# What the schema of an image in glance has beside free properties.
OF_GLANCE = frozenset(
    (
        *(
            "id",
            "name",
            "status",
            "visibility",
            "protected",
            "checksum",
            "os_hash_algo",
            "os_hash_value",
            "owner",
            "size",
        ),
        *(
            "virtual_size",
            "container_format",
            "disk_format",
            "created_at",
            "updated_at",
            "tags",
            "direct_url",
            "min_ram",
        ),
        *("min_disk", "self", "file", "schema", "locations", "stores", "os_hidden"),
    )
)
RESERVED_ZONES = {
    "nova": "nova shows hosts without a zone in it and, until it is created, places its servers anywhere",
    "internal": "nova shows its own services in it",
}


def _bad_character(name: str) -> str:
    for char in name:
        if ord(char) >= 0xFFFF:
            return f"has the character {char!r} beyond the basic multilingual plane, which nova refuses"
        category = unicodedata.category(char)
        if category.startswith("C") or category in ("Zl", "Zp"):
            return f"has the control character U+{ord(char):04X}, which nova refuses"
    return ""


def _bad_name(name: str) -> str:
    if not name:
        return "is empty; give a name of 1 to 255 characters"
    if len(name) > LONGEST:
        return f"has {len(name)} characters; shorten it to {LONGEST}"
    wrong = _bad_character(name)
    if wrong:
        return f"{wrong}; leave it out"
    if unicodedata.category(name[0]) == "Zs" or unicodedata.category(name[-1]) == "Zs":
        return "begins or ends with a space; remove it"
    return ""


def _bad_zone_name(name: str) -> str:
    if ":" in name:
        return "has a ':', which nova refuses because it writes zone:host with it; choose a name without it"
    return _bad_name(name)


def _bad_own_zone_name(name: str) -> str:
    reserved = RESERVED_ZONES.get(name)
    return f"cannot be a zone's name: {reserved}; choose another" if reserved else _bad_zone_name(name)


def _bad_host(name: str) -> str:
    if not name:
        return "is empty; give the host's name as `openstack compute service list` shows it"
    if len(name) > LONGEST:
        return f"has {len(name)} characters; a compute host's name has at most {LONGEST}"
    if not _HOST.fullmatch(name):
        return "is not a host name for nova (letters, digits, '-', '.', '_'); see `openstack compute service list`"
    return ""


def _bad_metadata_key(key: str) -> str:
    if key == "availability_zone":
        return "is not free metadata: it is what makes the zone; set availability_zone of the zone instead"
    if not 1 <= len(key) <= LONGEST:
        return f"has {len(key)} characters; a metadata key has 1 to {LONGEST}"
    if not _METADATA_KEY.fullmatch(key):
        return "is not a metadata key (letters, digits, '-', '_', ':', '.', space); choose another"
    return ""


def _bad_metadata_value(value: str) -> str:
    return f"has {len(value)} characters; a metadata value has at most {LONGEST}" if len(value) > LONGEST else ""


def _bad_type_name(name: str) -> str:
    if not name or name != name.strip():
        return "is empty or begins or ends with a space; correct it"
    if len(name) > LONGEST:
        return f"has {len(name)} characters; shorten it to {LONGEST}"
    wrong = _bad_character(name)
    return f"{wrong}; leave it out" if wrong else ""


def _bad_spec_key(key: str) -> str:
    if not 1 <= len(key) <= LONGEST:
        return f"has {len(key)} characters; the key of an extra spec has 1 to {LONGEST}"
    if not _METADATA_KEY.fullmatch(key):
        return "is not the key of an extra spec (letters, digits, '-', '_', ':', '.', space); choose another"
    return ""


def _bad_volume_spec_key(key: str) -> str:
    if key == "RESKEY:availability_zones":
        return "is derived from the entry's `zones`; set those instead"
    if key == "volume_backend_name":
        return "is a property of the entry; set it there instead"
    return _bad_spec_key(key)


def _bad_share_spec_key(key: str) -> str:
    if key == "availability_zones":
        return "is derived from the entry's `zones`; set those instead"
    if key in ("share_backend_name", "driver_handles_share_servers"):
        return "is a property of the entry; set it there instead"
    if " " in key:
        return "has a space, which manila refuses; choose another"
    return _bad_spec_key(key)


def _bad_spec_value(value: str) -> str:
    if not value:
        return "is empty; give a value, or leave the key out"
    return f"has {len(value)} characters; shorten it to {LONGEST}" if len(value) > LONGEST else ""


def _bad_image_property(key: str) -> str:
    if key in OF_GLANCE or key.startswith("os_glance_"):
        return "is glance's own; remove it, or set the property of the entry that has this name"
    if key.startswith("zoneops_"):
        return "is reserved for this collection; choose another"
    return f"has {len(key)} characters; a property has 1 to {LONGEST}" if not 1 <= len(key) <= LONGEST else ""


def _bad_tag(tag: str) -> str:
    if not 1 <= len(tag) <= LONGEST:
        return f"has {len(tag)} characters; a tag has 1 to {LONGEST}"
    wrong = _bad_character(tag)
    return f"{wrong}; leave it out" if wrong else ""


AVAILABILITY_ZONE = Rule(
    "1 to 255 characters, no ':', no space at either end, no control characters, nothing beyond the basic multilingual "
    "plane; never `nova`, `internal` or the cloud's default availability zone",
    NOVA,
    _bad_own_zone_name,
)
DEFAULT_ZONE = Rule("a name nova takes for an availability zone", NOVA, _bad_zone_name)
AGGREGATE = Rule("as an availability zone's name, but ':' is allowed", NOVA, _bad_name)
HOST = Rule("1 to 255 letters, digits, '-', '.', '_'", NOVA, _bad_host)
METADATA_KEY = Rule(
    "1 to 255 letters, digits, '-', '_', ':', '.', spaces; not `availability_zone`", NOVA, _bad_metadata_key
)
TYPE = Rule("1 to 255 characters, no space at either end, no control characters", "", _bad_type_name)
VOLUME_SPEC_KEY = Rule(
    "1 to 255 letters, digits, '-', '_', ':', '.', spaces; neither `RESKEY:availability_zones` nor "
    "`volume_backend_name`",
    "",
    _bad_volume_spec_key,
)
SHARE_SPEC_KEY = Rule(
    "1 to 255 letters, digits, '-', '_', ':', '.'; none of `availability_zones`, `share_backend_name`, "
    "`driver_handles_share_servers`",
    "manila",
    _bad_share_spec_key,
)
SPEC_VALUE = Rule("1 to 255 characters", "", _bad_spec_value)
IMAGE = Rule("1 to 255 characters, no space at either end, no control characters", "", _bad_type_name)
IMAGE_TAG = Rule("1 to 255 characters, no control characters", "", _bad_tag)
IMAGE_PROPERTY = Rule(
    "1 to 255 characters; none that glance has a meaning for, such as `status`, and not `zoneops_...`",
    "glance: schema of an image",
    _bad_image_property,
)
METADATA_VALUE = Rule("at most 255 characters", NOVA, _bad_metadata_value)
