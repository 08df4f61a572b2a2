# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nova makes a class for each validation of a request; here one for each schema, which is a tenth of a request's processor time."""

from __future__ import annotations

from typing import Any


def install() -> None:
    """Schemas are constants of nova's modules: they live as long as the process, and so does what is made of them."""
    from nova.api.validation import validators

    made: dict[tuple[int, bool, bool], Any] = {}
    original = validators._SchemaValidator

    def validator(schema: Any, relax_additional_properties: bool = False, is_body: bool = True) -> Any:
        key = id(schema), relax_additional_properties, is_body
        if key not in made:
            made[key] = original(schema, relax_additional_properties, is_body)
        return made[key]

    validators._SchemaValidator = validator
