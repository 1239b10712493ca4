"""Writes the events of an app: the types of what comes with them, and functions that know them."""

from collections.abc import Sequence
from typing import NamedTuple

from .names import Names, key

PACKAGE = "@tauri-apps/api/event"
TEXT = """\
/** What comes with the events that Python sends, by their names. */
export interface {heard} {{
{all_heard}}}

/** What a page sends with the events that Python hears, by their names. */
export interface {sent} {{
{all_sent}}}

/** Calls a function for every event of this name. */
export function {listen}<Name extends keyof {heard}>(
  name: Name,
  handler: tauri.EventCallback<{heard}[Name]>,
  options?: tauri.Options,
): Promise<tauri.UnlistenFn> {{
  return tauri.listen(name, handler, options);
}}

/** Calls a function for the next event of this name. */
export function {once}<Name extends keyof {heard}>(
  name: Name,
  handler: tauri.EventCallback<{heard}[Name]>,
  options?: tauri.Options,
): Promise<tauri.UnlistenFn> {{
  return tauri.once(name, handler, options);
}}

/** Sends an event to Python, and to all pages. */
export function {emit}<Name extends keyof {sent}>(
  name: Name,
  payload: {sent}[Name],
): Promise<void> {{
  return tauri.emit(name, payload);
}}
"""


class EventTypes(NamedTuple):
    """The types of what comes with an event: what pages hear, and what they send."""

    name: str
    heard: str
    sent: str


def write(events: Sequence[EventTypes], types: Names, functions: Names) -> str:
    """The declarations. `types` and `functions` are the names of the file."""
    return TEXT.format(
        heard=types.take("Events"),
        sent=types.take("SentEvents"),
        listen=functions.take("listen"),
        once=functions.take("once"),
        emit=functions.take("emit"),
        all_heard="".join(f"  {key(it.name)}: {it.heard};\n" for it in events),
        all_sent="".join(f"  {key(it.name)}: {it.sent};\n" for it in events),
    )
