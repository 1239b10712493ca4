"""Looks at a project: its configuration, and what its windows may do."""

import difflib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from .._native import Authority
from .configuration import (
    Capability,
    Configuration,
    find_configurations,
    read_capabilities,
    read_configuration,
)
from .finding import Finding, ok, problem, warning
from .pages import look_at_pages
from .sources import SourceTexts, read_sources


def look_at_project(root: Path) -> Iterator[Finding]:
    """What is wrong with the app in a folder, if there is one."""
    files = find_configurations(root)
    if not files:
        yield _no_configuration(root)
        return
    for other in files[1:]:
        yield warning(
            "configuration",
            f"`{_shown(other, root)}` is another app, which was not looked at",
            f"run `transom doctor {_shown(other.parent, root)}`",
        )
    file = files[0]
    # What the app itself would say at its start.
    if (said := _refusal(file.parent)) is not None:
        yield problem("configuration", said, f"correct it, in `{_shown(file.parent, root)}`")
    try:
        configuration = read_configuration(file)
        capabilities = read_capabilities(configuration)
    except ValueError as error:
        if said is None:
            yield problem("configuration", str(error), "correct it where it says")
        return
    if said is None:
        yield ok("configuration", f"`{_shown(file, root)}`")
    if configuration.table is None:
        yield warning(
            "configuration",
            "JSON5 is read by the app alone: its windows and pages were not looked at",
            "write it as TOML or JSON",
        )
        return
    yield from _look_at_capabilities(configuration, capabilities, read_sources(root))
    yield from look_at_pages(configuration, root)


def _no_configuration(root: Path) -> Finding:
    written = [it for it in ("pyproject.toml", "package.json") if (root / it).exists()]
    if not written and not any(root.glob("*.py")):
        return warning(
            "configuration",
            f"there is no app in `{root}`",
            "`transom new NAME` makes one; or run this in the folder of yours",
        )
    return problem(
        "configuration",
        f"there is no configuration in `{root}`: no Tauri.toml, and no tauri.conf.json",
        "write a Tauri.toml, as `transom new` makes one",
    )


def _refusal(folder: Path) -> str | None:
    """Why an app would not start from a folder. `None`: it would."""
    try:
        Authority.of_folder(folder.absolute())
    except (ValueError, OSError) as error:
        return str(error)
    return None


def _look_at_capabilities(
    configuration: Configuration, capabilities: list[Capability], sources: SourceTexts
) -> Iterator[Finding]:
    found: list[Finding] = []
    labels = [str(it.get("label", "main")) for it in configuration.windows()]
    for capability in capabilities:
        found += _unknown_windows(capability, labels, sources)
        found += _unknown_commands(capability, sources)
    for label in labels:
        if not any(
            fnmatchcase(label, it) for capability in capabilities for it in capability.labels()
        ):
            found.append(
                problem(
                    "capabilities",
                    f"the window `{label}` is in no capability, so it may call nothing",
                    f'add a file to `capabilities` with `windows = ["{label}"]`',
                )
            )
    found += _uncallable(capabilities, sources)
    yield from found
    if not found:
        count = f"{len(capabilities)} capabilities" if len(capabilities) != 1 else "one capability"
        yield ok("capabilities", f"{count}, with windows and commands that are there")


def _unknown_windows(
    capability: Capability, labels: list[str], sources: SourceTexts
) -> Iterator[Finding]:
    reached = [
        it["window"] for it in capability.entries("allow") if isinstance(it.get("window"), str)
    ]
    for pattern in [*capability.labels(), *reached]:
        is_there = any(fnmatchcase(label, pattern) for label in labels)
        if not is_there and not sources.has_label(pattern):
            yield problem(
                "capabilities",
                f"`{capability.origin}` names the window `{pattern}`, which the configuration does "
                "not have and no source makes",
                f"{_nearest(pattern, labels)}make a window with that label",
            )


def _unknown_commands(capability: Capability, sources: SourceTexts) -> Iterator[Finding]:
    for kind in ("allow", "deny"):
        for entry in capability.entries(kind):
            pattern = entry.get("command")
            if not isinstance(pattern, str) or not sources.commands:
                continue
            if any(fnmatchcase(it, pattern) for it in sources.commands):
                continue
            said = f"`{capability.origin}` names the command `{pattern}`, which no source registers"
            remedy = f"{_nearest(pattern, sources.commands)}remove the entry"
            if sources.is_complete:
                yield problem("capabilities", said, remedy)
            else:
                yield warning("capabilities", said, remedy)


def _uncallable(capabilities: list[Capability], sources: SourceTexts) -> Iterator[Finding]:
    if any(it.grants_all() for it in capabilities):
        return
    patterns = [
        str(entry["command"])
        for capability in capabilities
        for entry in capability.entries("allow")
        if "command" in entry
    ]
    for command in sorted(sources.commands):
        if not any(fnmatchcase(command, it) for it in patterns):
            yield warning(
                "capabilities",
                f"no window may call the command `{command}`",
                f'allow it where it is called: `{{ command = "{command}" }}`',
            )


def _nearest(name: str, known: "list[str] | set[str]") -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"write `{near[0]}`, or " if near else ""


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
