# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loss of a zone can leave behind, as it was seen. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..._block_storage.api.attachments import Attachment
from ..._block_storage.api.volume_model import Volume
from ..._plan.change import Change
from ..._servers.migrations import Found
from ..._servers.model import Record


@dataclass(frozen=True)
class Holder:
    """The server of an attachment.

    :ivar found: None where nova does not know it any more.
    :ivar held: its volumes, with the attachment that nova keeps for each; empty where this nova does not tell it (before 2.89), or was not asked.
    """

    found: Found | None
    held: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Consumer:
    """Who holds resources of a host without being a server on it.

    :ivar host: of the provider.
    :ivar where: the host that nova places it on; None where it is no server that nova knows.
    """

    id: str
    host: str
    provider: str
    where: str | None


@dataclass(frozen=True)
class Seen:
    """What was seen.

    :ivar servers: on hosts of the zones; `hosts_up`, those of all hosts that are up; `back`, those that are worked on and are up, or come back in this run.
    :ivar hosts: of the region.
    :ivar guests: ids of the servers that hypervisors are said to run, by host.
    :ivar evacuations: all of which nova has a record.
    :ivar volumes: of the zones.
    :ivar holders: by id of the server; of attachments that have to be looked at.
    :ivar restored: servers that were created again for those of a lost zone, wherever they are.
    :ivar places: the availability zone of each host.
    :ivar unread: what could not be read, and why.
    """

    servers: tuple[Found, ...] = ()
    hosts_up: frozenset[str] = frozenset()
    back: AbstractSet[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    guests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evacuations: tuple[Record, ...] = ()
    volumes: tuple[Volume, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    holders: Mapping[str, Holder] = field(default_factory=dict)
    consumers: tuple[Consumer, ...] = ()
    restored: tuple[Found, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeleteAttachment(Change):
    """An attachment that belongs to no server any more."""

    action: ClassVar[str] = "delete_attachment"
    alone: ClassVar[bool] = True
    stray: Attachment
    what: str

    @property
    def target(self) -> str:
        return f"attachment {self.stray.id}"

    @property
    def before(self) -> dict[str, Any]:
        return {"volume": self.stray.volume, "server": self.stray.server, "status": self.stray.status}

    @property
    def text(self) -> str:
        return f"delete attachment {self.stray.id}: {self.what}"


@dataclass(frozen=True)
class ForgetTag(Change):
    """The tag of a server that was to be evacuated and was not. Its host is back: the next loss would go by it."""

    action: ClassVar[str] = "forget_tag"
    alone: ClassVar[bool] = True
    server: Found
    tag: str

    @property
    def target(self) -> str:
        return f"server {self.server.id}"

    @property
    def before(self) -> dict[str, Any]:
        return {"tag": self.tag}

    @property
    def text(self) -> str:
        return f"remove tag {self.tag} of server {self.server.name} ({self.server.id}), which was not evacuated"


@dataclass(frozen=True)
class LeftOver:
    """One thing.

    :ivar command: what a person does about it.
    :ivar mend: what ends it safely; None for what is a person's to decide.
    """

    zone: str
    kind: str
    id: str
    text: str
    command: str
    mend: Change | None = None

    def as_dict(self) -> dict[str, str]:
        return {"zone": self.zone, "kind": self.kind, "id": self.id, "text": self.text, "command": self.command}
