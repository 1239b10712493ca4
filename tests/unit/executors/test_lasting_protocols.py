"""Tests that a protocol which exits, or its factory, ends neither its event loop nor its server."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from doubles import PipeInbox
from serving import LOOPS, Loop, Served, serve

from transom._loops.protocols import METHODS

ASYNCIO = {name: loop for name, loop in LOOPS.items() if name != "trio"}
ERRORS = [SystemExit(3), KeyboardInterrupt("no"), BaseException("odd"), GeneratorExit()]
HOST = "127.0.0.1"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its loop is asyncio's own")


@pytest.fixture(params=ASYNCIO.values(), ids=list(ASYNCIO))
def served(request: pytest.FixtureRequest, inbox: PipeInbox) -> Iterator[Served]:
    with serve(cast("Loop", request.param), inbox) as served:
        yield served


def lives(served: Served) -> None:
    for number in range(10):
        assert served.result("echo", b"%d" % number) == ("json", str(number))
    assert not served.end.done()


def talk(port: int) -> None:
    """Connects, says something and hangs up."""
    with socket.create_connection((HOST, port), timeout=120) as client:
        client.sendall(b"hi")


async def tcp(protocol: Callable[[], Any], reached: asyncio.Event) -> None:
    server = await asyncio.get_running_loop().create_server(protocol, HOST, 0)
    talk(server.sockets[0].getsockname()[1])
    await reached.wait()
    server.close()


async def udp(protocol: Callable[[], Any], reached: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_datagram_endpoint(protocol, local_addr=(HOST, 0))
    assert isinstance(made, cast("Any", protocol))
    transport.sendto(b"x", transport.get_extra_info("sockname"))
    await reached.wait()
    transport.close()


async def child(protocol: Callable[[], Any], reached: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    transport, made = await loop.subprocess_exec(protocol, "echo", "hi", stdin=None)
    assert isinstance(made, cast("Any", protocol))
    await reached.wait()
    while transport.get_returncode() is None:  # noqa: ASYNC110 - a hostile protocol hears nothing
        await asyncio.sleep(0.01)
    transport.close()


async def pipe(protocol: Callable[[], Any], reached: asyncio.Event) -> None:
    reader, writer = os.pipe()
    file = os.fdopen(reader, "rb")
    transport, made = await asyncio.get_running_loop().connect_read_pipe(protocol, file)
    assert isinstance(made, cast("Any", protocol))
    os.write(writer, b"hi")
    os.close(writer)
    await reached.wait()
    transport.close()


async def unix(protocol: Callable[[], Any], reached: asyncio.Event) -> None:
    one, other = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_unix_connection(protocol, sock=one)
    assert isinstance(made, cast("Any", protocol))
    other.sendall(b"hi")
    other.close()
    await reached.wait()
    transport.close()


CASES = {
    f"{way.__name__} {method}": (way, base, method)
    for way, base, methods in (
        (tcp, asyncio.Protocol, ("made", "data", "eof", "lost")),
        (tcp, asyncio.BufferedProtocol, ("get_buffer",)),
        (unix, asyncio.Protocol, ("made", "data", "lost")),
        (pipe, asyncio.Protocol, ("made", "data", "lost")),
        (udp, asyncio.DatagramProtocol, ("made", "datagram_received")),
        (
            child,
            asyncio.SubprocessProtocol,
            ("made", "process_exited", "pipe_data_received", "lost"),
        ),
    )
    for method in methods
}
SHORT = {
    "made": "connection_made",
    "lost": "connection_lost",
    "data": "data_received",
    "eof": "eof_received",
}


@pytest.mark.parametrize("slots", [False, True], ids=["", "slots"])
@pytest.mark.parametrize("case", CASES)
def test_a_protocol_that_exits_ends_nothing(served: Served, case: str, slots: bool) -> None:
    way, base, short = CASES[case]
    method = SHORT.get(short, short)
    assert method in METHODS

    @served.commands.command()
    async def hostile(body: int) -> None:
        reached = asyncio.Event()

        def bad(self: object, *_: object) -> None:
            reached.set()
            raise ERRORS[body]

        more: dict[str, Any] = {"__slots__": ()} if slots else {}
        await way(type("Bad", (base,), {method: bad, **more}), reached)

    for number in range(len(ERRORS)):
        assert served.result("hostile", b"%d" % number) == ("json", "null")
        lives(served)


@pytest.mark.parametrize("number", range(len(ERRORS)), ids=[repr(it) for it in ERRORS])
def test_a_factory_that_exits_ends_neither_the_loop_nor_the_server(
    served: Served, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        reached = asyncio.Event()
        calls = 0

        def factory() -> asyncio.Protocol:
            nonlocal calls
            calls += 1
            if calls < 3:
                raise ERRORS[number]
            reached.set()
            return asyncio.Protocol()

        server = await asyncio.get_running_loop().create_server(factory, HOST, 0)
        port = server.sockets[0].getsockname()[1]
        for _ in range(3):
            talk(port)
        await reached.wait()
        server.close()

    assert served.result("hostile") == ("json", "null")
    lives(served)
    assert caplog.records


def test_a_protocol_stays_the_object_that_its_author_made(served: Served) -> None:
    class Plain(asyncio.Protocol):
        pass

    @served.commands.command()
    async def hostile() -> list[bool]:
        one, other = socket.socketpair()
        mine = Plain()
        loop = asyncio.get_running_loop()
        with other:
            transport, made = await loop.create_unix_connection(lambda: mine, sock=one)
            same = [made is mine, transport.get_protocol() is mine, type(made) is Plain]
            transport.close()
        return same

    assert served.result("hostile") == ("json", "[true,true,true]")


def test_streams_of_asyncio_work(served: Served) -> None:
    @served.commands.command()
    async def hostile() -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(answer, HOST, 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"round\n")
        line = await reader.read()
        writer.close()
        await writer.wait_closed()
        server.close()
        child = await asyncio.create_subprocess_exec("echo", "trip", stdout=asyncio.subprocess.PIPE)
        out, _ = await child.communicate()
        return (line + out).decode()

    assert served.result("hostile") == ("json", '"round\\ntrip\\n"')
