from collections.abc import Callable

from ._app_handle import AppHandle
from ._context import Context
from ._host import Host

class Builder:
    def build(
        self,
        context: Context,
        host: Host,
        setup: Callable[[AppHandle], object] | None = None,
        commands: bool = True,
    ) -> App: ...

class App:
    def handle(self) -> AppHandle: ...
    def run_return(self, callback: Callable[..., object] | None = None, /) -> int: ...
    def watch_signals(self, signals: list[int]) -> SignalWatch: ...
    def end_process_in(self, seconds: float, code: int) -> Doom: ...
    def run_on_main_thread(self, f: Callable[[], object], /) -> None: ...
    def cleanup_before_exit(self) -> None: ...

class SignalWatch:
    """Exits the app for the signals whose numbers are written to `fileno()`."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...

class Doom:
    """The announced end of the process."""

    def avert(self) -> None: ...

def builder() -> Builder: ...
def start_host(
    *,
    calls_per_window: int = 256,
    calls: int = 1024,
    max_body: int = ...,
    queued_bytes: int = ...,
    result_bytes: int = ...,
) -> Host: ...
