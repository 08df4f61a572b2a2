# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves a module: no secret in any spelling, nothing that steers a terminal, and all the rest as it was."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.journal import Journal
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Module, Run
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text import scrub
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import (
    MASK,
    SCRUBBER,
    UNPRINTABLE,
    Scrubber,
    is_address,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.progress import Progress as Lines
from hypothesis import given
from hypothesis import strategies as st

AUTH = {
    "auth_url": "https://admin:Url-pass@keystone.example.org:5000/v3",
    "username": "operator",
    "password": 'p4"ss/w§rd',
    "user_domain_name": "Default",
    "project_name": "admin",
    "application_credential_id": "0815-id",
    "application_credential_secret": "app-secret-1",
}


# What has an '@' or the word of a header, and no secret.
HARMLESS = (
    "cinder-volume lab@az2 is down: lab@az2#pool, move lab@az1:pool to lab@az2#pool",
    "az1: lab@az1, az2:lab, me@example.org, mailto:me@example.org, git@git.example.org:me/x.git",
    "registry.example.org:5000/x/y@sha256:0123 and y:1.2@sha256:0123",
    'User "oidc:me@example.org" cannot get topologies',
    "authorization failed; the token was refused, cookies are none",
    "sha256:0123456789012345678901234567890123456789",
)


def knowing(*secrets: object) -> Scrubber:
    scrubber = Scrubber()
    for secret in secrets:
        scrubber.remember(secret)
    return scrubber


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POST https://u:S3cret@k.example.org/v3: refused", f"POST https://{MASK}@k.example.org/v3: refused"),
        ("rabbit://u:a@b:c@rabbit:5672/?ssl=1", f"rabbit://{MASK}@rabbit:5672/?ssl=1"),
        ("https://token@git.example.org/x", f"https://{MASK}@git.example.org/x"),
        ("at https://k.example.org/v3/users/a@b", "at https://k.example.org/v3/users/a@b"),
        ("mail a@b and https://x.example.org", "mail a@b and https://x.example.org"),
        ("https://u:pa/ss#w@k.example.org:5000/v3", f"https://{MASK}@k.example.org:5000/v3"),
        ("https://[::1]:5000/v3/users/a@b", "https://[::1]:5000/v3/users/a@b"),
        ("https://k.example.org:5000/v3/users/a@b", "https://k.example.org:5000/v3/users/a@b"),
        (
            "no answer from u:S3cret@k.example.org:6443, host=u:S3cret@[::1]",
            f"no answer from {MASK}@k.example.org:6443, host={MASK}@[::1]",
        ),
        *((text, text) for text in HARMLESS),
        ("GET /v1?access_token=abc&x=1, --password='x y'", f"GET /v1?access_token={MASK}&x=1, --password='{MASK} y'"),
        (
            "{'X-Auth-Token': 'abc', \"authorization\": \"Basic YTpi\"}",
            f"{{'X-Auth-Token': '{MASK}', \"authorization\": \"Basic {MASK}\"}}",
        ),
        ("Authorization: Bearer abc.d-e, Set-Cookie: s=1; x", f"Authorization: Bearer {MASK}, Set-Cookie: {MASK}; x"),
        (f"token gAAAAAB{'x' * 60} refused", f"token {MASK} refused"),
        (f"sha256~{'x' * 43} and eyJhbGciOiJS.eyJpc3MiOiJr.c2lnbmF0dXJl", f"{MASK} and {MASK}"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x",
            f"-----BEGIN RSA PRIVATE KEY----- {MASK} -----END RSA PRIVATE KEY----- x",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMII", f"-----BEGIN PRIVATE KEY----- {MASK} "),
        ("az\x1b[31m1\r\u202e", f"az{UNPRINTABLE}[31m1{UNPRINTABLE}{UNPRINTABLE}"),
        ("Zürich\u00a0東京\n\t\u05e9\u05dc\u05d5\u05dd", "Zürich\u00a0東京\n\t\u05e9\u05dc\u05d5\u05dd"),
    ],
)
def test_secrets_known_by_their_looks(text: str, expected: str) -> None:
    assert Scrubber().text(text) == expected


def test_credentials_are_masked_in_every_spelling() -> None:
    scrubber = knowing(AUTH)
    password = AUTH["password"]
    for spelling in (password, json.dumps({"password": password}), quote(password, safe=""), repr({"p": password})):
        assert "w§rd" not in scrubber.text(f"keystone: 400 got {spelling}, bad")
        assert "w%C2%A7rd" not in scrubber.text(spelling)
    assert scrubber.text("refused: Url-pass, app-secret-1") == f"refused: {MASK}, {MASK}"


def test_what_is_no_secret_stays() -> None:
    text = "user operator of project admin in Default, credential 0815-id: refused"
    assert knowing(AUTH).text(text) == text


def test_a_password_that_is_also_a_public_name_gives_nothing_away() -> None:
    scrubber = knowing({"username": "admin", "password": "admin"})
    assert scrubber.text("this needs the admin role") == "this needs the admin role"


def test_short_secrets_are_masked_as_words_of_their_own() -> None:
    scrubber = knowing("gold", "abc", "longer-secret")
    assert scrubber.text("gold golden az1-gold abc xlonger-secretx") == f"{MASK} golden az1-{MASK} abc x{MASK}x"


def test_numbers_are_secrets_too() -> None:
    assert knowing({"password": 123456}).text("got 123456") == f"got {MASK}"


def test_keys_of_data_stay_so_that_zones_are_found() -> None:
    data = {"zones": {"production": {"msg": "production", "n": 1, "ok": True, "items": ("x", None)}}}
    expected = {"zones": {"production": {"msg": MASK, "n": 1, "ok": True, "items": ["x", None]}}}
    assert knowing("production").data(data) == expected
    assert Scrubber().data({"a\x1b": 1, "http://u:p@h": 2}) == {f"a{UNPRINTABLE}": 1, f"http://{MASK}@h": 2}


def test_options_that_are_not_logged_are_secrets() -> None:
    scrubber = Scrubber()
    spec = {"api_key": {"no_log": True}, "values": {"no_log": True}, "host": {}, "client_key": {"no_log": False}}
    params = {
        "api_key": "sha256~abcdefg",
        "values": {"s": {"k": ["v4lue-of-it"]}},
        "host": "h",
        "client_key": "/k/file",
    }
    scrubber.remember_options(params, spec)
    assert scrubber.text("sha256~abcdefg v4lue-of-it h /k/file") == f"{MASK} {MASK} h /k/file"


def test_the_options_that_are_shown_are_scrubbed() -> None:
    shown = Scrubber().leaving({"host": "https://u:S3cret@h"}, {"host": {}}, {"changed": False})
    assert shown == {"changed": False, "invocation": {"module_args": {"host": f"https://{MASK}@h"}}}


def test_options_that_nobody_has_checked_are_not_shown() -> None:
    params = {"zones": {"az1": {"password": "S3cret"}}, "pasword": "S3cret", "verify_ssl": True, "only": None}
    spec = {"zones": {}, "validate_certs": {"aliases": ["verify_ssl"]}, "only": {}}
    shown = Scrubber().leaving(params, spec, {"failed": True, "msg": "wrong"})["invocation"]["module_args"]
    assert shown == {"zones": MASK, "pasword": MASK, "verify_ssl": True, "only": None}
    assert Scrubber().leaving(params, spec, {"changed": True})["invocation"]["module_args"]["zones"] == params["zones"]


@pytest.mark.parametrize("address", ["me:pa/ss w#rd@h:6443", "https://me:pa/ss w#rd@h:6443", "pa/ss w#rd@h"])
def test_of_an_address_only_what_signs_in_is_a_secret(address: str) -> None:
    scrubber = Scrubber()
    scrubber.remember_address(address)
    shown = scrubber.text(f"no answer from {address}: wrong password pa/ss w#rd")
    assert "ss w#rd" not in shown
    assert "h:6443" in shown or "@h" in shown
    scrubber.remember_address("https://k.example.org")
    scrubber.remember_address(None)
    assert scrubber.text("https://k.example.org") == "https://k.example.org"


def test_an_error_of_any_kind_is_scrubbed_with_its_traceback() -> None:
    def crash(_run: Run) -> dict[str, Any]:
        raise KeyError("marker-of-the-crash")

    module = Module(crash, {"api_key": {"no_log": True}})
    result = module.result(Run({"api_key": "marker-of-the-crash"}))
    assert MASK in result["msg"]
    assert MASK in result["exception"]
    # The line of this file apart, which a traceback quotes.
    assert "KeyError: 'marker" not in json.dumps(result)


@pytest.mark.parametrize(
    "piece",
    [
        "x-",
        "a:",
        "=a:",
        "a:b@",
        "password",
        "secret-",
        "eyJaaaaaaaaa-",
        "eyJaaaaaaaaa.",
        "http://",
        "http://a:b",
        "cookie: ",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    Scrubber().text(f"{piece * (40_000 // len(piece))} = @")
    assert time.process_time() - began < 2


@given(st.text(), st.text(min_size=8))
def test_any_text(text: str, secret: str) -> None:
    assert secret not in knowing(secret).text(f"{text}{secret}{text}").replace(MASK, "")


@given(st.from_regex(scrub._NAME, fullmatch=True))
def test_what_is_taken_for_a_name_holds_nothing_that_is_looked_for(text: str) -> None:
    looked_for = (
        scrub._LOGIN,
        scrub._USERINFO,
        scrub._GIVEN,
        scrub._HEADER,
        scrub._TOKEN,
        scrub._PRIVATE_KEY,
        scrub._CONTROL,
    )
    assert [pattern.pattern for pattern in looked_for if pattern.search(text)] == []


def test_files_are_scrubbed(tmp_path: Path) -> None:
    SCRUBBER.remember("marker-of-the-files")
    text = "marker-of-the-files at https://u:S3cret@h \x1b]0;x\x07"
    Journal(str(tmp_path / "journal"), []).begin({"az1": {"x": text}}, [])
    Progress(str(tmp_path / "progress"), "image", "store")(text, "az1", text)
    Lines(str(tmp_path / "lines"))(text)
    for name in ("journal", "progress", "lines"):
        found = (tmp_path / name).read_text()
        assert MASK in found
        assert not any(hidden in found for hidden in ("marker-of", "S3cret", "\x1b", "\\u001b", "\x07"))


@pytest.mark.parametrize("url", ["https://h", "http://[::1]:80/v3", "https://u:p@h:1"])
def test_addresses(url: str) -> None:
    assert is_address(url)


@pytest.mark.parametrize("url", ["", "h", "ftp://h", "https://", "https://u:pa/ss@h", "https://h:x", "https://[h"])
def test_no_addresses(url: str) -> None:
    assert not is_address(url)


@pytest.mark.parametrize(
    "written",
    [
        '"back\\\\slash \\"and\\" more"',  # JSON
        "'back\\\\slash \"and\" more'",  # Python
        "https://k.example.org/?x=back%5Cslash%20%22and%22%20more",
        "x=back%5Cslash+%22and%22+more",
    ],
)
def test_each_spelling(written: str) -> None:
    said = knowing('back\\slash "and" more').text(written)
    assert MASK in said
    assert "slash" not in said
