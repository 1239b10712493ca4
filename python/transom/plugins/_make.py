"""Makes plugins of this build, and says which one a build lacks."""

from collections.abc import Mapping
from typing import Any

from .._native import PLUGINS, make_plugin
from ..plugin import Plugin


def need(name: str) -> None:
    """Checks that this build has a plugin.

    Raises:
        ImportError: It has not.
    """
    if name not in PLUGINS:
        feature = name.replace("_", "-")
        raise ImportError(
            f"this build has no plugin `{name}`: build the crate `transom` with the Cargo feature "
            f"`plugin-{feature}`",
            name=f"transom.plugins.{name}",
        )


def make(name: str) -> Plugin:
    """Makes a plugin that takes no arguments."""
    return make_plugin(name)


def check_type(what: str, value: object, kind: type) -> None:
    """Checks the type of an argument.

    Raises:
        TypeError: It is another one.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{what} must be a {kind.__name__}, not {value!r}")


def check_keys(what: str, args: Mapping[str, Any], known: type) -> None:
    """Checks the keywords of a call against the keys of a `TypedDict`.

    Raises:
        TypeError: One is unknown.
    """
    keys = known.__annotations__
    if unknown := sorted(args.keys() - keys.keys()):
        raise TypeError(
            f"{what} got unknown arguments: {', '.join(unknown)}; it takes {', '.join(keys)}"
        )
