"""Python behind a multi-window Tauri app: windows and commands as actors.

```python
commands = Commands()

@commands.command()
async def greet(body: Person) -> str:
    return f"Hello, {body.name}!"

sys.exit(run(commands, HERE))
```
"""

from . import _native as EXT_MOD  # noqa: N812 - the name that PyTauri's users know
from ._app import App, Builder, BuilderArgs, builder_factory, run
from ._assets import Assets
from ._calls import CallInfo, CallState, Progress
from ._codes import ERROR_CODES, ErrorCode
from ._commands import Commands
from ._context import CallContext
from ._events import (
    DragDropEventType,
    EventId,
    EventTargetType,
    PositionType,
    RunEventType,
    SizeType,
    Url,
    WebviewEventType,
    WebviewUrlType,
    WindowEventType,
)
from ._handler import InvokeHandler
from ._metrics import (
    CommandMetrics,
    ExecutorMetrics,
    Latency,
    Metrics,
    StreamMetrics,
    WindowMetrics,
    metrics,
)
from ._native import (
    IS_DEV,
    RESTART_EXIT_CODE,
    VERSION,
    AppHandle,
    CloseRequestApi,
    Context,
    CursorIcon,
    DragDropEvent,
    Emitter,
    Event,
    EventTarget,
    ExitRequestApi,
    Listener,
    Manager,
    PhysicalRect,
    Position,
    Rect,
    RunEvent,
    Size,
    Theme,
    UserAttentionType,
    WebviewEvent,
    WebviewUrl,
    WebviewWindow,
    WindowEvent,
    context_factory,
    webview_version,
)
from ._parameters import State
from ._policies import DropOldest, Latest, Limits, QueuePolicy, Reject, Serial, Wait
from ._process import ProcessPool
from ._tasks import complete
from ._threads import ThreadExecutor
from ._workers import PoolMetrics, Worker, WorkerCall, WorkerMetrics, WorkerState
from .errors import Cancelled, ForkedError, InvokeException, PageError, WindowClosed

complete()

ImplManager = App | AppHandle | WebviewWindow
"""What the functions of `Manager` take as their first argument."""
ImplEmitter = ImplManager
"""What the functions of `Emitter` take as their first argument."""
ImplListener = ImplManager
"""What the functions of `Listener` take as their first argument."""

__all__ = [
    "ERROR_CODES",
    "EXT_MOD",
    "IS_DEV",
    "RESTART_EXIT_CODE",
    "VERSION",
    "App",
    "AppHandle",
    "Assets",
    "Builder",
    "BuilderArgs",
    "CallContext",
    "CallInfo",
    "CallState",
    "Cancelled",
    "CloseRequestApi",
    "CommandMetrics",
    "Commands",
    "Context",
    "CursorIcon",
    "DragDropEvent",
    "DragDropEventType",
    "DropOldest",
    "Emitter",
    "ErrorCode",
    "Event",
    "EventId",
    "EventTarget",
    "EventTargetType",
    "ExecutorMetrics",
    "ExitRequestApi",
    "ForkedError",
    "ImplEmitter",
    "ImplListener",
    "ImplManager",
    "InvokeException",
    "InvokeHandler",
    "Latency",
    "Latest",
    "Limits",
    "Listener",
    "Manager",
    "Metrics",
    "PageError",
    "PhysicalRect",
    "PoolMetrics",
    "Position",
    "PositionType",
    "ProcessPool",
    "Progress",
    "QueuePolicy",
    "Rect",
    "Reject",
    "RunEvent",
    "RunEventType",
    "Serial",
    "Size",
    "SizeType",
    "State",
    "StreamMetrics",
    "Theme",
    "ThreadExecutor",
    "Url",
    "UserAttentionType",
    "Wait",
    "WebviewEvent",
    "WebviewEventType",
    "WebviewUrl",
    "WebviewUrlType",
    "WindowClosed",
    "WindowEvent",
    "WindowEventType",
    "WindowMetrics",
    "Worker",
    "WorkerCall",
    "WorkerMetrics",
    "WorkerState",
    "builder_factory",
    "context_factory",
    "metrics",
    "run",
    "webview_version",
]
