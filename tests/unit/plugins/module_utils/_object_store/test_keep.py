# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file kept in an object store in memory: stored once, replaced where it differs, and what is believed is what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._object_store import keep
from ansible_collections.zoneops.openstack.plugins.module_utils._object_store.keep import File, fetch, read, store
from ansible_collections.zoneops.openstack.plugins.module_utils._object_store.objects import Kept, Objects, Place
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

PLACE = Place("zoneops", "pages/report.html")
FILE = File(b"<p>", "text/html")


class InMemory(Objects):
    """An account.

    :ivar fails: how a write ends; "lost" keeps the object and loses the answer.
    """

    def __init__(self) -> None:
        self.containers: dict[str, dict[str, File]] = {}
        self.writes: list[str] = []
        self.fails = ""

    def has_container(self, name: str) -> bool:
        return name in self.containers

    def find(self, place: Place) -> Kept | None:
        found = self.containers.get(place.container, {}).get(place.name)
        return None if found is None else found.kept

    def create_container(self, name: str) -> None:
        self.writes.append(f"create {name}")
        self.containers.setdefault(name, {})

    def store(self, place: Place, content: bytes, md5: str, content_type: str, seconds: int | None) -> None:
        self.writes.append(f"store {place.name} {seconds}")
        if self.fails == "refused":
            raise ApiError("object-store API: PUT: 403 Forbidden.", status=403)
        if self.fails != "nothing":
            self.containers[place.container][place.name] = File(content, content_type)
        if self.fails in ("lost", "nothing"):
            raise ApiError("object-store API: PUT: no answer.", uncertain=True)

    def content(self, place: Place) -> bytes:
        return self.containers[place.container][place.name].content


@pytest.fixture
def objects() -> InMemory:
    return InMemory()


def test_a_file_is_stored_once_and_check_mode_predicts_it(objects: InMemory) -> None:
    predicted = store(objects, PLACE, FILE, 60, check=True)
    assert (objects.writes, predicted["found"]) == ([], False)
    done = store(objects, PLACE, FILE, 60, check=False)
    assert objects.writes == ["create zoneops", "store pages/report.html 60"]
    assert done["msg"] == predicted["msg"]
    assert done["msg"] == "create container zoneops; store object zoneops/pages/report.html (3 bytes)"
    assert done["diff"] == {"before": "", "after": f"3 bytes of text/html, md5 {FILE.kept.md5}\n"}
    again = store(objects, PLACE, FILE, 60, check=False)
    assert (again["changed"], again["found"], len(objects.writes)) == (False, True, 2)
    assert again["msg"] == "object zoneops/pages/report.html has this content"


@pytest.mark.parametrize("other", [File(b"<q>", "text/html"), File(b"<p>", "text/plain")])
def test_what_differs_is_replaced(objects: InMemory, other: File) -> None:
    store(objects, PLACE, FILE, None, check=False)
    done = store(objects, PLACE, other, None, check=False)
    assert done["msg"] == "replace object zoneops/pages/report.html (3 bytes)"
    assert objects.containers["zoneops"]["pages/report.html"] == other


def test_an_answer_that_was_lost_is_looked_up(objects: InMemory) -> None:
    objects.fails = "lost"
    assert store(objects, PLACE, FILE, None, check=False)["changed"]
    objects.fails = "nothing"
    with pytest.raises(ApiError, match="no answer"):
        store(objects, PLACE, File(b"other", "text/html"), None, check=False)
    objects.fails = "refused"
    with pytest.raises(ApiError, match="403"):
        store(objects, PLACE, File(b"other", "text/html"), None, check=False)


def test_it_is_fetched_where_the_file_differs(objects: InMemory, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert fetch(objects, PLACE, str(file), check=False) == {
        "changed": False,
        "found": False,
        "msg": "there is no object zoneops/pages/report.html",
    }
    store(objects, PLACE, FILE, None, check=False)
    predicted = fetch(objects, PLACE, str(file), check=True)
    assert not file.exists()
    assert fetch(objects, PLACE, str(file), check=False) == predicted
    assert (predicted["changed"], file.read_bytes()) == (True, b"<p>")
    assert not fetch(objects, PLACE, str(file), check=False)["changed"]


def test_half_an_answer_replaces_no_file(objects: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(b"mine")
    store(objects, PLACE, FILE, None, check=False)
    monkeypatch.setattr(objects, "content", lambda _place: b"<")
    with pytest.raises(ZoneopsError, match="has 3 bytes, and 1 arrived"):
        fetch(objects, PLACE, str(file), check=False)
    assert file.read_bytes() == b"mine"
    monkeypatch.setattr(keep, "MOST_BYTES", 2)
    for check in (True, False):
        with pytest.raises(ZoneopsError, match="at most 2 are fetched"):
            fetch(objects, PLACE, str(file), check=check)


def test_files_that_cannot_be_used_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZoneopsError, match=r"file .*none\.html "):
        read(str(tmp_path / "none.html"), None)
    (tmp_path / "big").write_bytes(b"12345")
    monkeypatch.setattr(keep, "MOST_BYTES", 4)
    with pytest.raises(ZoneopsError, match="has 5 bytes: at most 4 are stored"):
        read(str(tmp_path / "big"), None)


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("a.html", None, "text/html"),
        ("a.json", None, "application/json"),
        ("a.journal", None, "application/octet-stream"),
        ("a.journal", "application/x-ndjson", "application/x-ndjson"),
    ],
)
def test_the_type_follows_from_the_name(tmp_path: Path, name: str, given: str | None, kind: str) -> None:
    (tmp_path / name).write_text("x")
    assert read(str(tmp_path / name), given).content_type == kind


def test_names_are_safe_in_a_path() -> None:
    assert Place("my box", "a/b c?d#e%").path == "/my%20box/a/b%20c%3Fd%23e%25"
