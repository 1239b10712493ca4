"""Maps PyTauri's names to Transom's, and defines what rewriting a file returns."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MODULES = {
    "pytauri": "transom",
    "pytauri_wheel.ext_mod": "transom._native",
    "pytauri_wheel.lib": "transom",
    "pytauri_wheel": "transom",
    "pytauri_plugins": "transom.plugins",
    "pytauri_plugin_notification": "transom.plugins.notification",
    "pytauri_utils": "transom",
}
"""Modules of Python, each with all below it. The first that fits counts, the longest first."""
PLUGIN_FFI = re.compile(r"^(pytauri_plugins\.\w+)\.ffi\b")
"""The module that a plugin takes its names from. Here they are in the plugin's own."""
ROOTS = frozenset(name.partition(".")[0] for name in MODULES)

CRATES = {
    "pytauri": "transom",
    "tauri_plugin_pytauri": "transom",
}
PERMISSIONS = {
    "pytauri:default": "transom:default",
    "pytauri:allow-pyfunc": "transom:allow-all",
    "pytauri:deny-pyfunc": "transom:deny-call",
}
CLIENT = "tauri-plugin-transom-api"
"""The page's package; its part `/pytauri` rejects with texts, as the peer's package does."""
PEER_CLIENT = "tauri-plugin-pytauri-api"
KEPT_CLIENT = (
    "the page's package of PyTauri stays, because this app's Python code names where npm finds it: "
    "its calls are answered; with `--index` it is renamed"
)
"""Why a line that names the peer's package for pages was left."""

FEATURE = re.compile(r"\b(?:tauri-plugin-)?pytauri(?=\??/(?:standalone|plugin-[a-z-]+)\b)")
"""A feature of the crate, as `cargo` and the configuration of Tauri take it."""
DOTTED = re.compile(r"(pytauri\w*)(\.[A-Za-z_]\w*)+")
MENTION = re.compile("pytauri", re.IGNORECASE)


@dataclass(frozen=True)
class Left:
    """A line that was left as it is, or that somebody has to look at."""

    line: int
    reason: str


@dataclass
class Rewritten:
    """A file's new text, and what was left in it."""

    text: str
    left: list[Left] = field(default_factory=list[Left])


def module(name: str) -> str | None:
    """What replaces the module or the dotted name, or `None` if it is none of the peer's."""
    name = PLUGIN_FFI.sub(r"\1", name)
    for old in sorted(MODULES, key=len, reverse=True):
        if name == old or name.startswith(f"{old}."):
            return MODULES[old] + name[len(old) :]
    return None


def named(text: str) -> str | None:
    """What replaces a text that can mean nothing but a module or a permission."""
    if text in PERMISSIONS:
        return PERMISSIONS[text]
    if text in {"pytauri_wheel.lib", "pytauri_utils.async_tools"} or DOTTED.fullmatch(text):
        return module(text)
    return None


def rewrite_features(text: str) -> str:
    """The text with features of the crate `transom`."""
    return FEATURE.sub("transom", text)


def mentions(text: str, reason: Callable[[int, str], str | None]) -> list[Left]:
    """The lines that name the peer, with the reason for each; without those that have none."""
    left = list[Left]()
    for number, line in enumerate(text.splitlines(), 1):
        if MENTION.search(line.replace(f"{CLIENT}/pytauri", "")):
            why = reason(number, line)
            if why is not None:
                left.append(Left(number, why))
    return left
