# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages, module documentation, task files and pages use the words of docs/glossary.md, and not those that it replaced."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .documented import ROOT

# A phrase, as a regular expression, and what to say instead. Each is enforced in every file; there is no list of exceptions.
BANNED = {
    r"(stands?|items\)|what is|something is|deployments?) in the way": "blocks, blockers",
    r"(made|makes|make|create) .{0,40}\banew": "recreated",
    r"(is|are|was|were) carried over|carries over|carry .{0,30} over": "copied, moved",
    r"(did|does) not take\b(?! (the others|it for))": "had no effect, accepts no",
    r"(is|are|was|were|be) put back|puts back|could not be put back": "rolled back, returned",
    r"(is|are) (not )?whole|become whole": "is complete, is incomplete",
    r"all the same": "anyway",
    r"somebody else": "others",
    r"\bbeside (the (first|storage)|those|what|a bare|having|`)": "in addition to, in parallel with, compared with",
    r"side by side": "in parallel",
    r"called like": "named after",
    r"(take|takes|taken) (a|the) (zone|rule|lock|region's lock|availability zones) away": "remove",
    r"takes? it out (there|here)|(is|are) taken out": "remove it there",
    r"(stands in this list|stands there) twice": "is there twice",
    r"(is|are) none of the region's zones": "is not a zone of the region",
    r"(is|are) (not )?an? whole path": "absolute path",
    r"by a long way": "say what is meant",
    r"has not got|has not taken in": "does not have yet",
    r"on (its|their) way between zones": "an unfinished move",
    r"cannot be told|(is|are) not known: |nothing is known of": "it is unknown whether",
    r"go on|goes on|gone on (with|from)": "continue, resume",
    r"(nothing|something|anything|what) lives|lives? (there|on it)|living (items|zones?|one)": "in use, workloads",
    r"takes out of one zone": "removes from",
    r"meanwhile": "in the meantime, while it runs",
    r"outlive": "survive",
    r"look who|look at its log": "find out by whom, check its log",
    r"Mend the": "correct the",
    r"allow: \{": "add to zoneops_allow (option allow)",
    r"makes it so|ever after|slip of the pen|by chance": "applies the changes, for every later change, typing error, by mistake",
    r"whatever (still )?hangs": "even if a request is still waiting",
    r"makes and keeps": "creates and updates, manages",
    r"(has|have|is|are) (still )?at work": "is running, is working on",
    r"in vain": "until the timeout, without result",
    r"(is|are|was|be) told\b(?! by)": "is reported, is configured to",
    r"(zone|zones|host|hosts|image|backup|key|finalizers?) (that )?goes": "is removed",
    r"(called|named) otherwise": "named differently",
    r"no (cluster|cloud) is asked": "no cluster is used, no request is sent",
    r"(asked|read) for once|asked once": "each list is read once",
    r"bears? the same": "has the same",
    r"(made|begun) again": "created again, recreated",
    r"(is|are) (not )?brought (to|into)|brought at once": "copied",
    r"proved empty|prove empty": "checked to be empty",
    r"takes? it up|taken up by": "resumes",
    r"dead letters?|says no goodbye|speaks of": "say what is meant",
    r"shall (be|become|not|have)": "desired, must",
    r"refusals that are lifted": "refusals to lift",
    r"may not be (read|seen)": "cannot be read, the user lacks the right to read it",
    r"bears? (the|that)": "has, survives, has room without",
    r"(kept|left) where (it is|they are)": "is kept there, is not removed",
    r"whatever is allowed": "no override allows it",
    r"(is|are) kept for (other|servers|images|the marks)": "is reserved for",
    r"needs? an? [\w ]+ of (its|their) own": "needs its own",
    r"(is|are) asked about": "is checked, is calculated",
    r"(is|are) as (its file|the map|the policy) says": "matches its file, matches the map",
    r"not as (its file|the map|the policy) says": "differs from its file, differs from the map",
    r"(was|were) not made|is gone again": "was not created, was deleted",
    r"what (was|is) (created|written) (could|since|after)": "name it: the objects, the data",
    r"enabled it would|bound to it for ever": "one clause each: if it is enabled, ...",
}
PHRASES = {phrase: re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in BANNED}
SPACE = re.compile(r"\s+")


def literals(path: Path) -> Iterator[str]:
    """Strings of a Python file as they are shown, apart from docstrings; a value inside one is `{}`."""
    tree = ast.parse(path.read_text())
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.add(node.value)
        if isinstance(node, ast.JoinedStr):
            hidden.update(node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    for node in ast.walk(tree):
        if node not in hidden and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts() -> dict[str, list[str]]:
    """What an operator may read, by file."""
    found = {path: list(literals(path)) for path in ROOT.glob("plugins/**/*.py")}
    for pattern in ("roles/**/*.yml", "playbooks/**/*.yml", "docs/*.md", "README.md", "roles/*/README.md"):
        found.update({path: [path.read_text()] for path in ROOT.glob(pattern)})
    return {
        str(path.relative_to(ROOT)): [SPACE.sub(" ", text) for text in content]
        for path, content in sorted(found.items())
    }


READ = texts()


@pytest.mark.parametrize("phrase", BANNED)
def test_the_words_of_the_glossary(phrase: str) -> None:
    found = [
        f"{file}: ...{text[max(0, hit.start() - 40) : hit.end() + 40]}..."
        for file, content in READ.items()
        for text in content
        for hit in PHRASES[phrase].finditer(text)
    ]
    assert not found, f"say instead: {BANNED[phrase]}\n" + "\n".join(found)


def test_all_kinds_of_text_are_read() -> None:
    folders = {"plugins/modules", "plugins/module_utils", "plugins/action", "roles", "playbooks", "docs"}
    assert {one for one in folders if not any(file.startswith(f"{one}/") for file in READ)} == set()
    assert sum(len(content) for content in READ.values()) > 5000


def test_strings_are_read_as_they_are_shown() -> None:
    shown = list(literals(ROOT / "plugins/module_utils/_plan/converge.py"))
    assert any(text.startswith("the zone could not be read afterwards: {}") for text in shown)


def test_every_term_has_one_line() -> None:
    lines = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    terms = [term for term, _meaning in lines if term not in {"term", "---"}]
    assert len(terms) > 30
    assert len(terms) == len(set(terms))
