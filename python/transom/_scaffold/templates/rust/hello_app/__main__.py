"""The program: `python -m hello_app`."""

import sys

from anyio.from_thread import start_blocking_portal
from transom import builder_factory, context_factory

from .commands import commands


def main() -> int:
    """Runs the app until its last window closes, and returns its exit code."""
    with start_blocking_portal("asyncio") as portal:
        # The crate has the configuration and the pages: see `src/lib.rs`.
        app = builder_factory().build(
            context=context_factory(),
            invoke_handler=commands.generate_handler(portal),
        )
        return app.run_return()


if __name__ == "__main__":
    sys.exit(main())
