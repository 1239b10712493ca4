"""Connects Python to the windows of a Tauri app: commands that pages call, windows, and events.

```python
commands = Commands()

@commands.command()
async def greet(body: Person) -> str:
    return f"Hello, {body.name}!"

sys.exit(run(commands, HERE))
```
"""

from importlib import import_module
from os import environ as _environ
from typing import TYPE_CHECKING, Any

from ._library import EXT_MOD

# isort: split

from . import _renamed
from ._app.app import App, Builder, BuilderArgs, builder_factory, run
from ._app.assets import Assets
from ._call.context import CallContext
from ._codes import ERROR_CODES, ErrorCode
from ._commands.commands import Commands
from ._commands.handler import InvokeHandler
from ._commands.parameters import Headers, Parameter, ParametersType, State
from ._commands.policies import DropOldest, Latest, Limits, QueuePolicy, Reject, Serial, Wait
from ._dev.hook import on_swap
from ._executors.cluster import RayExecutor
from ._executors.process import ProcessPool
from ._executors.threads import ThreadExecutor
from ._exported import claim as _claim
from ._native import (
    IS_DEV,
    RESTART_EXIT_CODE,
    VERSION,
    AppHandle,
    CloseRequestApi,
    Context,
    CursorIcon,
    DragDropEvent,
    Effect,
    EffectState,
    Emitter,
    Event,
    EventTarget,
    ExitRequestApi,
    Listener,
    LogicalRect,
    Manager,
    Monitor,
    PathResolver,
    PhysicalRect,
    Position,
    ProgressBarState,
    ProgressBarStatus,
    Rect,
    RunEvent,
    SameSite,
    Size,
    Theme,
    TitleBarStyle,
    UserAttentionType,
    Webview,
    WebviewEvent,
    WebviewUrl,
    WebviewWindow,
    WebviewWindowBuilder,
    Window,
    WindowEvent,
    context_factory,
    webview_version,
)
from ._observe.calls import CallInfo, CallState, Progress
from ._observe.metrics import (
    CommandMetrics,
    ExecutorMetrics,
    Latency,
    Metrics,
    StreamMetrics,
    WindowMetrics,
    metrics,
)
from ._observe.workers import (
    ClusterMetrics,
    PoolMetrics,
    Worker,
    WorkerCall,
    WorkerMetrics,
    WorkerState,
)
from ._values.ready import JsonText
from ._windows.delegates import complete
from ._windows.dictionaries import Cookie, Effects
from ._windows.events import (
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
from .async_tools import AsyncTools
from .errors import (
    Cancelled,
    ForkedError,
    InvokeException,
    PageBehind,
    PageError,
    TransomError,
    UnawaitedError,
    WindowClosed,
)
from .webview import Color, WebviewWindowBuilderArgs

if TYPE_CHECKING:
    from .ipc import (
        ArgumentsType,
        Channel,
        Invoke,
        InvokeResolver,
        JavaScriptChannelId,
        PageFunctions,
        ResolvedArgumentsType,
        TypedEvent,
    )

complete()
_renamed.answer_imports()
if "TRANSOM_DEV_LINK" in _environ:  # `transom dev` has started this process
    import_module("._dev.agent.agent", __name__).begin()

ImplManager = App | AppHandle | WebviewWindow | Window | Webview
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
    "ArgumentsType",
    "Assets",
    "AsyncTools",
    "Builder",
    "BuilderArgs",
    "CallContext",
    "CallInfo",
    "CallState",
    "Cancelled",
    "Channel",
    "CloseRequestApi",
    "ClusterMetrics",
    "Color",
    "CommandMetrics",
    "Commands",
    "Context",
    "Cookie",
    "CursorIcon",
    "DragDropEvent",
    "DragDropEventType",
    "DropOldest",
    "Effect",
    "EffectState",
    "Effects",
    "Emitter",
    "ErrorCode",
    "Event",
    "EventId",
    "EventTarget",
    "EventTargetType",
    "ExecutorMetrics",
    "ExitRequestApi",
    "ForkedError",
    "Headers",
    "ImplEmitter",
    "ImplListener",
    "ImplManager",
    "Invoke",
    "InvokeException",
    "InvokeHandler",
    "InvokeResolver",
    "JavaScriptChannelId",
    "JsonText",
    "Latency",
    "Latest",
    "Limits",
    "Listener",
    "LogicalRect",
    "Manager",
    "Metrics",
    "Monitor",
    "PageBehind",
    "PageError",
    "PageFunctions",
    "Parameter",
    "ParametersType",
    "PathResolver",
    "PhysicalRect",
    "PoolMetrics",
    "Position",
    "PositionType",
    "ProcessPool",
    "Progress",
    "ProgressBarState",
    "ProgressBarStatus",
    "QueuePolicy",
    "RayExecutor",
    "Rect",
    "Reject",
    "ResolvedArgumentsType",
    "RunEvent",
    "RunEventType",
    "SameSite",
    "Serial",
    "Size",
    "SizeType",
    "State",
    "StreamMetrics",
    "Theme",
    "ThreadExecutor",
    "TitleBarStyle",
    "TransomError",
    "TypedEvent",
    "UnawaitedError",
    "Url",
    "UserAttentionType",
    "Wait",
    "Webview",
    "WebviewEvent",
    "WebviewEventType",
    "WebviewUrl",
    "WebviewUrlType",
    "WebviewWindow",
    "WebviewWindowBuilder",
    "WebviewWindowBuilderArgs",
    "Window",
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
    "on_swap",
    "run",
    "webview_version",
]

_LATE = {
    "ArgumentsType",
    "Channel",
    "Invoke",
    "InvokeResolver",
    "JavaScriptChannelId",
    "PageFunctions",
    "ResolvedArgumentsType",
    "TypedEvent",
}
"""Names of `transom.ipc`, which makes models of pydantic: a fifth of the time of this import."""

_LATE_MODULES = {"ffi", "ipc"}
"""Modules that are there after `import transom`, as in PyTauri."""

if not TYPE_CHECKING:  # where it would make every name an `Any`

    def __getattr__(name: str) -> Any:
        if name in _LATE_MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.ipc"), name)
        globals()[name] = value
        return value


_claim(globals())


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
