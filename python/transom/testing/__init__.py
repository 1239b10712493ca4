"""Runs an app without a display, to test its commands.

```python
@pytest.mark.anyio
async def test_greet():
    async with TestApp(commands) as app:
        main = app.window("main")
        assert await main.invoke("greet", {"name": "Ada"}) == "Hello, Ada!"
```

The actors, the executors, the event loop and the wire are those of a real app; the pages, and what
of Tauri a command can reach, are doubles. See `docs/guide/testing.md`.
"""

from .._exported import claim as _claim
from ._app import TestApp
from ._desktop.desktop import Emitted
from ._desktop.state import WindowState
from ._menus.bars import Popup
from ._page.body import UNSET
from ._page.call import TestCall
from ._page.channel import TestChannel
from ._page.errors import InvokeError
from ._page.jobs import Job
from ._page.stream import TestStream
from ._plugins.dialogs import Dialog, Dialogs, UnexpectedDialog
from ._tray import TestTray
from ._window import TestWindow

__all__ = [
    "UNSET",
    "Dialog",
    "Dialogs",
    "Emitted",
    "InvokeError",
    "Job",
    "Popup",
    "TestApp",
    "TestCall",
    "TestChannel",
    "TestStream",
    "TestTray",
    "TestWindow",
    "UnexpectedDialog",
    "WindowState",
]

_claim(globals())
