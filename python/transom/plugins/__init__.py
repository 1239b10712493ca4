"""Tauri's plugins: one module each, with `init()` or a `Builder` that makes the plugin.

```python
from transom.plugins import dialog, opener

builder.build(context, invoke_handler=handler, plugins=[dialog.init(), opener.init()])
```

The wheel has all of them. `PLUGIN_DIALOG` and so on say whether a build has one: the Cargo feature
`plugin-dialog` and so on. Without it, the import of the module raises `ImportError`.
"""

from typing import Final

from .._native import PLUGINS

__all__ = [
    "PLUGIN_AUTOSTART",
    "PLUGIN_CLIPBOARD_MANAGER",
    "PLUGIN_DEEP_LINK",
    "PLUGIN_DIALOG",
    "PLUGIN_FS",
    "PLUGIN_GLOBAL_SHORTCUT",
    "PLUGIN_HTTP",
    "PLUGIN_LOG",
    "PLUGIN_NOTIFICATION",
    "PLUGIN_OPENER",
    "PLUGIN_OS",
    "PLUGIN_PERSISTED_SCOPE",
    "PLUGIN_POSITIONER",
    "PLUGIN_PROCESS",
    "PLUGIN_SHELL",
    "PLUGIN_SINGLE_INSTANCE",
    "PLUGIN_STORE",
    "PLUGIN_UPDATER",
    "PLUGIN_UPLOAD",
    "PLUGIN_WEBSOCKET",
    "PLUGIN_WINDOW_STATE",
]

PLUGIN_AUTOSTART: Final[bool] = "autostart" in PLUGINS
PLUGIN_CLIPBOARD_MANAGER: Final[bool] = "clipboard_manager" in PLUGINS
PLUGIN_DEEP_LINK: Final[bool] = "deep_link" in PLUGINS
PLUGIN_DIALOG: Final[bool] = "dialog" in PLUGINS
PLUGIN_FS: Final[bool] = "fs" in PLUGINS
PLUGIN_GLOBAL_SHORTCUT: Final[bool] = "global_shortcut" in PLUGINS
PLUGIN_HTTP: Final[bool] = "http" in PLUGINS
PLUGIN_LOG: Final[bool] = "log" in PLUGINS
PLUGIN_NOTIFICATION: Final[bool] = "notification" in PLUGINS
PLUGIN_OPENER: Final[bool] = "opener" in PLUGINS
PLUGIN_OS: Final[bool] = "os" in PLUGINS
PLUGIN_PERSISTED_SCOPE: Final[bool] = "persisted_scope" in PLUGINS
PLUGIN_POSITIONER: Final[bool] = "positioner" in PLUGINS
PLUGIN_PROCESS: Final[bool] = "process" in PLUGINS
PLUGIN_SHELL: Final[bool] = "shell" in PLUGINS
PLUGIN_SINGLE_INSTANCE: Final[bool] = "single_instance" in PLUGINS
PLUGIN_STORE: Final[bool] = "store" in PLUGINS
PLUGIN_UPDATER: Final[bool] = "updater" in PLUGINS
PLUGIN_UPLOAD: Final[bool] = "upload" in PLUGINS
PLUGIN_WEBSOCKET: Final[bool] = "websocket" in PLUGINS
PLUGIN_WINDOW_STATE: Final[bool] = "window_state" in PLUGINS
