"""Runs the command line: `python -m transom`, or `transom`."""

import sys

MISSING = """\
The command line of Transom needs packages that are not installed: {error}.
Install them: pip install "transom[cli]"
"""


def main() -> None:
    """Ends the process with the status of the command: 0 if all went well."""
    try:
        from ._cli.main import app  # noqa: PLC0415 - its packages may be missing
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "watchfiles", "rich"):
            raise
        sys.stderr.write(MISSING.format(error=error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)  # the imports take a moment, too
    app()


if __name__ == "__main__":
    main()
