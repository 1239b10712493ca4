"""Runs an app while it is written: `transom dev`.

`tool` is in the process of the command line: it starts the app and what serves its pages, and
watches files. `agent` is in the process of the app, only when the tool has started it. The two
speak in lines of JSON over a socket pair. `debugger` is in the app and its workers, if asked for.
"""

LINK = "TRANSOM_DEV_LINK"
"""The environment variable with the descriptor of the app's end of the link."""

DEBUGGER = "TRANSOM_DEV_DEBUGGER"
"""The environment variable that says how a debugger attaches, if one may."""
