# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes everything that repeats the roles' argument specifications; `make generate` calls it.

A variable is described once, in the argument_specs.yml of its role, or by the only playbook that has it. From there come the role's defaults and the table of
its README, the table of docs/settings.md, the specification that the zone map's action checks, and the options of a role that stands for others (its `Copied`
block). What repeats it for each playbook is written by generate_playbooks.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

NOTE = "from meta/argument_specs.yml, by `make generate`"
BELOW = f"# Everything below is generated {NOTE}.\n"
BEGIN, END = f"<!-- Generated {NOTE}. -->\n", "<!-- End of what is generated. -->\n"
COPIED, COPIED_END = "      # Copied from other roles by `make generate`.\n", "      # End of what is copied.\n"
OF_ROLES = "      # Copied from the roles by `make generate`.\n"
SPECS = "roles/*/meta/argument_specs.yml"
SETTINGS = Path("plugins/module_utils/_zones/settings/of_roles.py")
PAGE = Path("docs/settings.md")
# The zone map's own variables may differ between zone hosts: they are in settings.py.
APART = "zone_map"
OPTION = re.compile(r"^      (zoneops_\w+):\n(?:        .*\n)+", re.MULTILINE)
WIDTH = 120

HEADER = '''\
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the {0}, generated from their {1}specifications by `make generate`."""

from __future__ import annotations

from .setting import Setting

OF_{2} = {{
'''
COMPUTED = """\
# Their defaults are results of the run, which do not exist yet when the settings are checked.
COMPUTED = frozenset(
    (
"""


def generated(root: Path) -> dict[Path, str]:
    """Every file that is generated, in whole or in part, by its path below the root, with the text that it has to have."""
    specs = _with_copies(root)
    roles = {path.parts[1]: yaml.safe_load(text)["argument_specs"]["main"] for path, text in specs.items()}
    options: dict[str, Mapping[str, Any]] = {role: main.get("options") or {} for role, main in roles.items()}
    files = dict(specs)
    for role, own in options.items():
        defaults, readme = Path("roles", role, "defaults", "main.yml"), Path("roles", role, "README.md")
        if own:
            files[defaults] = _defaults((root / defaults).read_text(encoding="utf-8"), own)
            files[readme] = between((root / readme).read_text(encoding="utf-8"), readme, _table(own, files[defaults]))
    ours = shared({role: own for role, own in options.items() if role != APART})
    everything = "".join(text for path, text in files.items() if path.name == "main.yml")
    # What one role has to be given, another one may do without.
    optional = {name: {**option, "required": False} for name, option in ours.items()}
    table = _table(dict(sorted({**optional, **apart(root)}.items())), everything, shortened=True)
    files[PAGE] = between((root / PAGE).read_text(encoding="utf-8"), PAGE, table)
    files[SETTINGS] = (
        HEADER.format("roles", "argument ", "ROLES")
        + "".join(setting(name, option) for name, option in ours.items())
        + "}\n"
        + COMPUTED
    )
    files[SETTINGS] += (
        "".join(f'        "{name}",\n' for name in ours if is_computed(name, ours[name], everything)) + "    )\n)\n"
    )
    return files


def by_role(root: Path) -> dict[str, dict[str, Any]]:
    """The variables of each role, by the files as they are."""
    specs = {path.parts[-3]: yaml.safe_load(path.read_text(encoding="utf-8")) for path in root.glob(SPECS)}
    return {
        role: spec["argument_specs"]["main"].get("options") or {}
        for role, spec in sorted(specs.items())
        if role != APART
    }


def apart(root: Path) -> dict[str, Any]:
    """The variables of the zone map's role, and those that only a playbook has."""
    path = root / "roles" / APART / "meta" / "argument_specs.yml"
    found = dict(yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
    # No setting of the user's.
    del found["zoneops_playbook"]
    for meta in sorted(root.glob("playbooks/*.meta.yml")):
        found |= by_hand(meta)["options"]
    return dict(sorted(found.items()))


def by_hand(path: Path) -> dict[str, Any]:
    """The specification of a playbook without what is generated; its options are those that only this playbook has."""
    file = yaml.safe_load(path.read_text(encoding="utf-8").partition(OF_ROLES)[0])
    (spec,) = file["argument_specs"].values()
    defaults = {"survey": {}, "required": {}, "instead": {}, "differs": {}}
    return {**defaults, **spec, "options": spec["options"] or {}, "description": file["description"]}


def shared(options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The variables of all roles, each once. It is one variable, so it means the same in each role that takes it."""
    found: dict[str, Any] = {}
    for role, own in options.items():
        for name, option in own.items():
            first = found.setdefault(name, option)
            if _meaning(first) != _meaning(option) or not _nested(first, option):
                raise SystemExit(
                    f"{name}: role {role} describes it in another way: type, default and first paragraph must agree, and "
                    "the choices of one role be among those of the other"
                )
            if len(option.get("choices", ())) > len(first.get("choices", ())):
                found[name] = option
    return dict(sorted(found.items()))


def _meaning(option: Mapping[str, Any]) -> dict[str, Any]:
    return {**option, "description": paragraphs(option)[0], "choices": "choices" in option}


def _nested(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether the choices of one are among those of the other: a role may know fewer."""
    one, other = set(first.get("choices", ())), set(second.get("choices", ()))
    return one <= other or other <= one


def paragraphs(option: Mapping[str, Any]) -> list[str]:
    text = option["description"]
    return [text] if isinstance(text, str) else list(text)


def _with_copies(root: Path) -> dict[Path, str]:
    """The argument specifications, with the options that a role has from others."""
    files = sorted(root.glob(SPECS))
    specs = {path.relative_to(root): path.read_text(encoding="utf-8") for path in files}
    own = {path: text for path, text in specs.items() if COPIED not in text}
    blocks = {match[1]: match[0] for text in reversed(own.values()) for match in OPTION.finditer(text)}
    for path in specs.keys() - own.keys():
        before, _note, rest = specs[path].partition(COPIED)
        after = rest.partition(COPIED_END)[2]
        tasks = sorted((root / path.parent.parent / "tasks").glob("*.yml"))
        named = re.findall(r"zoneops_\w+", "".join(task.read_text(encoding="utf-8") for task in tasks))
        kept = {match[1] for match in OPTION.finditer(before + after)}
        copies = [blocks[name] for name in dict.fromkeys(named) if name in blocks and name not in kept]
        specs[path] = before + COPIED + "".join(copies) + COPIED_END + after
    return specs


def _defaults(text: str, options: Mapping[str, Any]) -> str:
    """What is above the note is written by hand: the header, and defaults that are computed."""
    above = text.partition(BELOW)[0]
    return above + BELOW + "".join(_default(name, option) for name, option in options.items() if "default" in option)


def _default(name: str, option: Mapping[str, Any]) -> str:
    value = yaml.safe_dump(option["default"], default_flow_style=True, width=1000).removesuffix("...\n").strip()
    value = '""' if value == "''" else value
    return f"# {plain(paragraphs(option)[0])}\n{name}: {value}\n"


def between(text: str, path: Path, table: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _table, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: no place for the table; it needs the lines\n{BEGIN}{END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _table(options: Mapping[str, Any], defaults: str, *, shortened: bool = False) -> str:
    """The variables as a table.

    :param defaults: the files that set them: what has no documented default may have a computed one.
    :param shortened: without what only one role says of a variable.
    """
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, option in options.items():
        texts = paragraphs(option)[: 1 if shortened else None]
        if "choices" in option:
            texts.append(f"Choices: {', '.join(f'`{choice}`' for choice in option['choices'])}.")
        meaning = " ".join(markdown(text) for text in texts).replace("|", "\\|")
        rows.append(f"| `{name}` | {shown_default(name, option, defaults)} | {meaning} |")
    return "\n".join(rows) + "\n"


def shown_default(name: str, option: Mapping[str, Any], defaults: str) -> str:
    if option.get("required"):
        return "required"
    value = option.get("default")
    if value in (None, "", []):
        return "computed" if is_computed(name, option, defaults) else "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def is_computed(name: str, option: Mapping[str, Any], defaults: str) -> bool:
    return "default" not in option and f"\n{name}:" in defaults


def markdown(text: str) -> str:
    """Ansible's markup as Markdown."""
    text = re.sub(r"O\([\w.]+\.(\w+)#\w+:(\w+)\)", r"`\2` (module `\1`)", text)
    text = re.sub(r"[MP]\((?:\w+\.)*(\w+)(?:#\w+)?\)", r"`\1`", text)
    return re.sub(r"\b[COV]\(([^)]*)\)", r"`\1`", text)


def plain(text: str) -> str:
    return markdown(text).replace("`", "")


def setting(name: str, option: Mapping[str, Any]) -> str:
    arguments = [f'"{option["type"]}"', *(f"{key}={_literal(value)}" for key, value in _limits(option))]
    line = f'    "{name}": Setting({", ".join(arguments)}),\n'
    if len(line) <= WIDTH + 1:
        return line
    return f'    "{name}": Setting(\n' + "".join(f"        {argument},\n" for argument in arguments) + "    ),\n"


def _limits(option: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if option.get("default") is not None:
        yield "default", option["default"]
    if "choices" in option:
        yield "choices", tuple(option["choices"])
    if "elements" in option:
        yield "elements", option["elements"]
    yield from _range(option).items()
    text = paragraphs(option)[0]
    if option["type"] == "path" and option.get("default") == "":
        # Paths of roles are files: of tasks, or files to which lines are appended.
        yield ("read" if text.startswith("File of tasks") else "appended"), True
    if text.startswith("Container of the region's object store"):
        yield "container", True
    if "separated by commas" in text:
        yield "separated", True


def _range(option: Mapping[str, Any]) -> dict[str, int]:
    """The range in the description is the one that is checked. A count is 0 or more; a number without a range is a time limit."""
    text = paragraphs(option)[0]
    if both := re.search(r"\bfrom (\d+) to (\d+)\b", text):
        return {"least": int(both[1]), "most": int(both[2])}
    if option["type"] != "int":
        return {}
    least = re.search(r"\bat least (\d+)\b", text)
    return {"least": int(least[1]) if least else 0}


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    return str(value)


def main(root: Path) -> None:
    for path, text in generated(root).items():
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text:
            (root / path).write_text(text, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1])
