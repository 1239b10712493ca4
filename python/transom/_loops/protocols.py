"""Keeps an event loop alive when a protocol on it exits.

uvloop calls the methods of a protocol, and the factory that a server has, by ways that are not
callbacks of the loop. It ends at any exception there that is no `Exception`. asyncio's own loop
calls some of them for ever: it has neither read nor closed anything when `eof_received` exits.
"""

import asyncio
import logging
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import MethodType
from typing import Any, cast

from .._observe.failures import report

METHODS = (
    "connection_made",
    "connection_lost",
    "pause_writing",
    "resume_writing",
    "data_received",
    "eof_received",
    "get_buffer",
    "buffer_updated",
    "datagram_received",
    "error_received",
    "pipe_data_received",
    "pipe_connection_lost",
    "process_exited",
)
SERVERS = ("create_server", "create_unix_server")
"""Methods of a loop whose factory is called when a connection comes."""
CONNECTIONS = (
    "create_connection",
    "create_unix_connection",
    "connect_accepted_socket",
    "create_datagram_endpoint",
    "subprocess_exec",
    "subprocess_shell",
    "connect_read_pipe",
    "connect_write_pipe",
)
"""Methods of a loop whose factory is called in the task that awaits them."""

RAISED = "a protocol on the event loop raised"

Run = Callable[..., Any]
"""Calls a callback of a loop, and contains the exits that come out of it."""

log = logging.getLogger("transom")


class Refused(asyncio.Protocol):
    """The protocol of a connection for which the factory of a server has raised. Without one the
    server would take no more connections.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()


def contain_protocols(loop: Any, run: Run) -> None:
    """Contains the protocols that are made for this loop from now on."""

    def made(method: Callable[..., Any], make: Callable[..., Any]) -> Callable[..., Any]:
        def call(protocol_factory: Callable[[], Any], *args: Any, **kwargs: Any) -> Any:
            return method(partial(make, run, protocol_factory), *args, **kwargs)

        return call

    def start_tls(transport: Any, protocol: Any, *args: Any, **kwargs: Any) -> Any:
        return upgrade(transport, contained(run, protocol), *args, **kwargs)

    upgrade, loop.start_tls = loop.start_tls, start_tls
    for name in SERVERS:
        setattr(loop, name, made(getattr(loop, name), make_for_server))
    for name in CONNECTIONS:
        setattr(loop, name, made(getattr(loop, name), make_protocol))


def make_protocol(run: Run, factory: Callable[[], Any]) -> Any:
    return contained(run, factory())


def make_for_server(run: Run, factory: Callable[[], Any]) -> Any:
    protocol = run_method(run, factory)
    return Refused() if protocol is None else contained(run, protocol)


def contained(run: Run, protocol: Any) -> Any:
    """The same protocol, whose methods let no exit out from now on."""
    try:
        for name in METHODS:
            method = getattr(protocol, name, None)
            if method is not None and not isinstance(method, ContainedMethod):
                setattr(protocol, name, ContainedMethod(run, method))
    except Exception:  # noqa: BLE001 - has slots only, or a `__setattr__` of its own
        # Where that fails too, as for a class that is written in C, it stays as it is.
        with suppress(Exception):
            protocol.__class__ = subclass(run, cast("Any", type(protocol)))
    return protocol


class ContainedMethod:
    """A method of a protocol. It does not keep the protocol, which keeps it."""

    __slots__ = ("_method", "_protocol", "_run")

    def __init__(self, run: Run, method: Callable[..., Any]) -> None:
        self._run = run
        self._protocol: weakref.ref[Any] | None = None
        self._method = method
        if isinstance(method, MethodType):
            self._protocol = weakref.ref(method.__self__)
            self._method = method.__func__

    def __call__(self, *args: Any) -> Any:
        if self._protocol is not None:
            args = (self._protocol(), *args)
        return run_method(self._run, self._method, *args)


def subclass(run: Run, cls: Any) -> Any:
    """A class like `cls`, whose methods let no exit out."""
    if getattr(cls, "_transom_contained", False):
        return cls

    def contain(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: run_method(run, method, *args)  # pyright: ignore[reportUnknownLambdaType]

    methods = {name: contain(getattr(cls, name)) for name in METHODS if hasattr(cls, name)}
    names = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__slots__": ()}
    return type(cls)(cls.__name__, (cls,), {**names, **methods, "_transom_contained": True})


def run_method(run: Run, method: Callable[..., Any], /, *args: Any) -> Any:
    try:
        return run(method, *args)
    except Exception:
        raise  # the loop contains it
    except BaseException as error:
        main = threading.current_thread() is threading.main_thread()
        if main and isinstance(error, KeyboardInterrupt):
            raise
        report(log, RAISED, error=error)
