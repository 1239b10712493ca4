"""Writes the functions that pages expose: an interface to implement, and what exposes it."""

from collections.abc import Sequence
from typing import NamedTuple

from .names import Names, comment, quoted, to_camel

TEXT = """\
{documentation}export interface {interface} {{
{members}}}

/** Lets Python call these functions of this page. Returns what takes them back. */
export function {expose}(page: {interface}): () => void {{
  const exposed = [
{exposed}  ];
  return () => exposed.forEach((takeBack) => takeBack());
}}
"""


class Function(NamedTuple):
    """A function of a page. `None`: it takes no argument, or what it gives is not looked at."""

    name: str
    documentation: str
    argument: str | None
    result: str | None


def write(
    name: str, documentation: str, functions: Sequence[Function], types: Names, values: Names
) -> str:
    """The declarations. `types` and `values` are the names of the file."""
    interface = types.take(name)
    expose = values.take(f"expose{name[:1].upper()}{name[1:]}")
    own = Names(reserved=())
    members, exposed = list[str](), list[str]()
    for it in functions:
        method, result = own.take(it.name, to_camel), it.result or "void"
        argument = "" if it.argument is None else f"arg: {it.argument}"
        members.append(
            f"{comment(it.documentation, '  ')}"
            f"  {method}({argument}): {result} | Promise<{result}>;\n"
        )
        passed = argument and "arg"
        exposed.append(
            f"    python.expose({quoted(it.name)}, ({argument}) => page.{method}({passed})),\n"
        )
    return TEXT.format(
        documentation=comment(documentation),
        interface=interface,
        members="".join(members),
        expose=expose,
        exposed="".join(exposed),
    )
