# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes everything that repeats the playbooks' specifications, playbooks/<name>.meta.yml; `make generate` calls it.

Which variables a playbook takes is found in its tasks and those of its roles; what they are is described by the roles. By hand are the page, what has to be
given, what a survey asks, and the variables that only the playbook has.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.managed_parts import KUBERNETES
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import PLAYBOOKS
from generate_settings import (
    HEADER,
    OF_ROLES,
    apart,
    between,
    by_hand,
    by_role,
    markdown,
    paragraphs,
    plain,
    setting,
    shared,
    shown_default,
)

TABLE = Path("plugins/module_utils/_zones/settings/of_playbooks.py")
PAGE = Path("docs/playbooks.md")
SURVEYS = ("examples/aap/templates.yml", "examples/aap/workflows.yml")
SURVEY = re.compile(
    r"(?P<begin>^ *# Generated from playbooks/(?P<name>\w+)\.meta\.yml, by `make generate`\.\n)"
    r".*?(?P<end>^ *# End of what is generated\.\n)",
    re.MULTILINE | re.DOTALL,
)
KEYS = ("type", "elements", "required", "choices", "default", "description")
# Empty text as all other files write it.
EMPTY, DOUBLE = re.compile(r"(?<=: )''$"), '""'
BAR = "\\|"
# A variable that more playbooks read is the concern of none of them.
SEVERAL = 6
# Read by the action zone_map itself.
ALWAYS = "zoneops_own_variables"
DEFAULTS, VARIABLES = "roles/*/defaults/main.yml", "roles/*/vars/main.yml"


def generated(root: Path) -> dict[Path, str]:
    """Every file that is generated, in whole or in part, by its path below the root, with the text that it has to have."""
    of_playbooks = apart(root)
    roles = by_role(root)
    known = {**shared(roles), **of_playbooks}
    files: dict[Path, str] = {}
    specs: dict[str, dict[str, Any]] = {}
    for path in sorted(root.glob("playbooks/*.meta.yml")):
        name, spec = path.name.partition(".")[0], by_hand(path)
        tasks = _tasks(root, root / "playbooks" / f"{name}.yml", {})
        own = [roles[role] for role in dict.fromkeys(file.parts[-3] for file in tasks) if role in roles]
        here = {
            one: {**_described(known[one], [role[one] for role in own if one in role]), **spec["differs"].get(one, {})}
            for one in taken(root, tasks.values())
            if one in known
        }
        needed = spec["required"].keys() - spec["instead"].keys()
        options = {one: _option(option, required=one in needed) for one, option in here.items()}
        copies = {one: option for one, option in options.items() if one not in spec["options"]}
        files[path.relative_to(root)] = _with_options(path, copies)
        specs[name] = {**spec, "options": options, "marked": here}
    files[TABLE] = _table(specs, of_playbooks)
    defaults = "".join(_code(path) for path in sorted(root.glob(DEFAULTS)))
    common = Counter(one for spec in specs.values() for one in spec["options"])
    sections = [_section(name, spec, defaults, common) for name, spec in specs.items()]
    text = "\n".join([_overview(specs), *sections])
    files[PAGE] = between((root / PAGE).read_text(encoding="utf-8"), PAGE, text)
    for name in SURVEYS:
        files[Path(name)] = SURVEY.sub(
            lambda found: found["begin"] + _survey(specs[found["name"]]) + found["end"],
            (root / name).read_text(encoding="utf-8"),
        )
    return files


def taken(root: Path, texts: Iterable[str]) -> list[str]:
    """The variables that tasks read."""
    found = set(re.findall(r"\bzoneops_\w+", "".join(texts))) | {ALWAYS}
    # A default or a variable of a role that is computed reads others.
    computed = "".join(_code(path) for pattern in (DEFAULTS, VARIABLES) for path in sorted(root.glob(pattern)))
    for name in sorted(found):
        for value in re.findall(rf"^{name}: (.*\n(?:  .*\n)*)", computed, re.MULTILINE):
            found |= set(re.findall(r"\bzoneops_\w+", value))
    return sorted(found)


def _code(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("#"))


def _described(option: Mapping[str, Any], own: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """With all of its description where the roles that the playbook includes say the same, else with what is true for all roles."""
    texts = [paragraphs(one) for one in own or [option]]
    agreed = all(text == texts[0] for text in texts)
    return {**option, "description": " ".join(texts[0] if agreed else texts[0][:1])}


def _tasks(root: Path, file: Path, found: dict[Path, str]) -> dict[Path, str]:
    """The text of a file of tasks, and of all that it includes."""
    if file in found:
        return found
    found[file] = _code(file)
    for data in _mappings(yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)):
        for key, value in data.items():
            action = str(key).rpartition(".")[2]
            if action in ("include_tasks", "import_tasks"):
                name = value["file"] if isinstance(value, dict) else value
                # A template is a file of the user's.
                if "{{" not in name:
                    _tasks(root, file.parent / name, found)
            elif action in ("include_role", "import_role"):
                tasks = root / "roles" / value["name"].rpartition(".")[2] / "tasks"
                for entry in _entries(str(value.get("tasks_from", "main"))):
                    _tasks(root, tasks / f"{entry}.yml", found)
    return found


def _entries(chosen: str) -> list[str]:
    """A template names each of its files in quotes."""
    return re.findall(r"'(\w+)'", chosen) if "{{" in chosen else [chosen]


def _mappings(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _mappings(item)


class _Loader(yaml.CSafeLoader):
    """Also reads what Ansible marks as no template."""


_Loader.add_constructor("!unsafe", lambda _loader, node: str(node.value))


class _Indented(yaml.SafeDumper):
    """Lists as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


_Indented.add_representer(
    list,
    lambda dumper, data: dumper.represent_sequence(
        "tag:yaml.org,2002:seq", data, flow_style=not any(isinstance(item, dict) for item in data)
    ),
)


def _dumped(data: Any, spaces: int) -> str:
    text = yaml.dump(data, Dumper=_Indented, sort_keys=False, width=140 - spaces, allow_unicode=True)
    return "".join(f"{' ' * spaces}{EMPTY.sub(DOUBLE, line)}\n" for line in text.splitlines())


def _option(option: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """One option as ansible-lint's schema wants it: the description is one text."""
    found = {**option, "description": plain(option["description"])}
    if required:
        found["required"] = True
        found.pop("default", None)
    return {key: found[key] for key in KEYS if key in found}


def _with_options(path: Path, options: Mapping[str, Any]) -> str:
    above, note, _rest = path.read_text(encoding="utf-8").partition(OF_ROLES)
    if not note:
        raise SystemExit(f"{path}: no place for the options; it needs, last, the line\n{OF_ROLES}")
    return above + note + _dumped(dict(options), 6)


def _table(specs: Mapping[str, Any], of_playbooks: Mapping[str, Any]) -> str:
    """What the action zone_map knows of the playbooks."""
    text = HEADER.format("playbooks", "", "PLAYBOOKS")
    text += "".join(setting(name, option) for name, option in of_playbooks.items()) + "}\n"
    text += "# What each playbook reads.\nTAKEN = {\n"
    for name, spec in specs.items():
        names = "".join(f'            "{one}",\n' for one in sorted(spec["options"]))
        text += f'    "{name}": frozenset(\n        (\n{names}        )\n    ),\n'
    text += "}\n# What it has to be given, with the values that can be given.\nREQUIRED = {\n"
    for name, spec in specs.items():
        if spec["required"]:
            hints = "".join(f'        "{one}": {json.dumps(hint)},\n' for one, hint in spec["required"].items())
            text += f'    "{name}": {{\n{hints}    }},\n'
    text += "}\n# What can be given in place of one.\nINSTEAD = {\n"
    instead = {one: other for spec in specs.values() for one, other in spec["instead"].items()}
    return text + "".join(f'    "{one}": "{other}",\n' for one, other in instead.items()) + "}\n"


def _overview(specs: Mapping[str, Any]) -> str:
    """All playbooks, with what each has to be given."""
    rows = ["| playbook | what it is for | has to be given |", "| --- | --- | --- |"]
    for name, spec in specs.items():
        given = ["`--limit`"] if " --limit " in spec["examples"] else []
        given += [" or ".join(f"`{name}`" for name in _either(spec, one)) for one in spec["required"]]
        rows.append(f"| [{name}](#{name}) | {spec['short_description']} | {', '.join(given)} |")
    return "\n".join(rows) + "\n"


def _either(spec: Mapping[str, Any], name: str) -> list[str]:
    """A variable that has to be given, and the one that can be given in its place."""
    return [name, spec["instead"][name]] if name in spec["instead"] else [name]


def _section(name: str, spec: Mapping[str, Any], defaults: str, common: Mapping[str, int]) -> str:
    """What the page says of one playbook: first what is its own, last what most playbooks have.

    :param common: how many playbooks read each variable.
    """
    rows = ["| variable | type | default | meaning |", "| --- | --- | --- | --- |"]
    options = sorted(
        spec["options"].items(), key=lambda item: (not item[1].get("required"), common[item[0]] > SEVERAL, item[0])
    )
    for one, option in options:
        text = spec["marked"][one]["description"]
        if "choices" in option:
            text += f" Choices: {', '.join(f'`{choice}`' if choice else 'empty' for choice in option['choices'])}."
        kind = f"{option['type']} of {option['elements']}" if "elements" in option else option["type"]
        rows.append(
            f"| `{one}` | {kind} | {shown_default(one, option, defaults)} | {markdown(text).replace('|', BAR)} |"
        )
    title, file = spec["page"]
    head = f"## {name}\n\n{spec['short_description']}: [{title}]({file}). {spec['description']}\n\n"
    return f"{head}    {spec['examples']}\n\n{_tags(name)}\n\n" + "\n".join(rows) + "\n"


def _tags(name: str) -> str:
    """What `--tags` and `--skip-tags` can choose of a playbook."""
    tags = PLAYBOOKS[name].tags
    if not tags:
        return "It has no tags and runs as a whole."
    known = [*([KUBERNETES] if KUBERNETES in tags.values() else ()), *tags]
    return f"Its tags: {', '.join(f'`{tag}`' for tag in known)} ([what they choose](settings.md#parts-of-a-run))."


def _survey(spec: Mapping[str, Any]) -> str:
    """A survey as infra.aap_configuration wants it, indented as one of a template."""
    questions = [_question(name, asked, spec["options"][name]) for name, asked in spec["survey"].items()]
    return _dumped({"survey_spec": {"name": "", "description": "", "spec": questions}}, 4)


def _question(name: str, asked: Mapping[str, Any], option: Mapping[str, Any]) -> dict[str, Any]:
    choices = asked.get("choices", option.get("choices"))
    kind = "multiplechoice" if choices else {"int": "integer", "float": "float"}.get(option["type"], "text")
    default = asked.get("default", option.get("default"))
    return {
        "question_name": asked["question_name"],
        "question_description": asked.get("question_description", ""),
        "type": kind,
        "variable": name,
        **({"choices": choices} if choices else {}),
        "default": default if default not in (None, []) else "",
        "required": bool(choices) or asked.get("required", bool(option.get("required"))),
    }


def main(root: Path) -> None:
    for path, text in generated(root).items():
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text:
            (root / path).write_text(text, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1])
