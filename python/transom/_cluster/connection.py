"""Keeps the gateway connected: tries again until the cluster answers, and sees when it goes."""

import asyncio
import logging
import random
import socket
import sys
import threading
import time
import traceback
from concurrent.futures import Future
from functools import partial

from .._worker import logs
from .._worker.link.frames import SETUP, Link
from .._worker.serve import prepare
from .driver import AwayError, RayDriver, away
from .endpoint import Endpoint, endpoint_of, resolved, why_away
from .gateway import Gateway

FIRST = 1.0
"""Seconds until the second attempt. Each further one comes after twice the time."""
LAST = 15.0
LOOK = 2.0
"""Seconds between two looks at whether the cluster answers."""
GONE_AFTER = 2
"""Looks without an answer after which calls are refused."""
LATE = 0.75
"""The part of `start_timeout` within which a cluster that takes connections should answer."""
SILENT = "it takes connections and does not answer, as one that asks for TLS (`RAY_USE_TLS`)"
LOST_AFTER = 20
"""Looks without an answer after which the connection is lost. Ray's client gives up sooner."""

log = logging.getLogger("transom.cluster")


def serve(stream: socket.socket) -> None:
    """The main function of a gateway. It ends with the link."""
    link = Link(stream)
    setup = link.receive()
    if setup is None or setup.kind != SETUP:
        return
    logs.join(link, setup.head["worker"], setup.head["log_levels"])
    told = setup.head["ray"]
    driver = RayDriver({**setup.head, "boot": told["boot"]})
    prepare(setup.head)
    link.share_from = setup.head.get("share_from")
    gateway = Gateway(link, driver, told)
    # It sees the end of the link while Ray starts, too.
    threading.Thread(target=gateway.listen, name="transom-link", daemon=True).start()
    try:
        # On this thread: with it the processes end of a Ray that it has started.
        Connection(driver, gateway, LATE * told.get("start_timeout", 120.0)).run()
    except BaseException:  # noqa: BLE001
        # The host tells the last of it to who waits for this process.
        traceback.print_exc()
        sys.stderr.flush()
    gateway.leave(1)


class Connection:
    """The main loop of a gateway."""

    def __init__(self, driver: RayDriver, gateway: Gateway, late: float) -> None:
        """`late`: seconds of the first attempt after which calls are refused meanwhile."""
        self._driver = driver
        self._gateway = gateway
        self._late = late
        self._told = False
        self._why: str | None = None
        """Why the connection was given up."""

    def run(self) -> None:
        """Serves until this process can do so no more. The end of the link ends it before."""
        loop = self._gateway.loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="transom-gateway", daemon=True).start()
        failures = 0
        while True:
            try:
                self._start()
            except AwayError as error:
                failures += 1
                self._leave(str(error))
                self._wait(failures)
                continue
            failures = 0
            if not self._serve(loop):
                return

    def _start(self) -> None:
        """Connects, or starts a Ray. A cluster that does not answer for long is said to be away."""
        address = resolved(self._driver.address or "")
        if endpoint_of(address) is None or self._told:
            self._driver.start()
            return
        late = threading.Timer(self._late, lambda: self._leave(away(address, SILENT)))
        late.daemon = True
        late.start()
        try:
            self._driver.start()
        finally:
            late.cancel()
            # What it says must not come after what this says.
            late.join()

    def _serve(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Serves until the cluster is lost. Returns whether this process can connect again."""
        if self._gateway.away is not None:
            log.info("the Ray cluster at %s is there", self._driver.address)
        self._gateway.away = self._why = None
        self._tell()
        taking = asyncio.run_coroutine_threadsafe(self._gateway.take(), loop)
        over = threading.Event()
        address = self._driver.address and resolved(self._driver.address)
        endpoint = endpoint_of(address) if address else None
        if address and endpoint:
            look = partial(self._look, address, endpoint, taking, over)
            threading.Thread(target=look, name="transom-probe", daemon=True).start()
        try:
            taking.result()
        except Exception as error:
            over.set()
            if address is None:
                raise
            why = self._why or f"{type(error).__name__}: {error}"
            self._leave(away(address, why))
            loop.call_soon_threadsafe(self._gateway.lose, why)
            if endpoint is None or endpoint.is_client:
                # Ray's client does not always come out of a lost connection, nor does the search
                # for a Ray of this machine forget the one that is gone. A new process does.
                return False
            self._driver.stop()
        return True

    def _look(
        self, address: str, endpoint: Endpoint, taking: "Future[None]", over: threading.Event
    ) -> None:
        """Refuses calls while the cluster does not answer. Those that Ray has may come through, if
        it is the same cluster that answers again in time.
        """
        silent = 0
        while not over.wait(LOOK):
            why = why_away(endpoint)
            if over.is_set():
                return
            if why is not None:
                silent += 1
                if silent == GONE_AFTER:
                    self._leave(away(address, why))
                if silent < LOST_AFTER:
                    continue
            elif silent < GONE_AFTER:
                silent = 0
                continue
            elif self._driver.answers():
                silent, self._gateway.away = 0, None
                log.info("the Ray cluster at %s answers again", address)
                continue
            self._why = why or "it knows nothing of this app any more"
            taking.cancel()

    def _leave(self, text: str) -> None:
        if text != self._gateway.away and not self._gateway.leaving:
            log.warning("%s", text)
        self._gateway.away = text
        self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._gateway.ready()

    def _wait(self, failures: int) -> None:
        """Waits for longer after each failure, and never as long as another gateway. A call that
        comes ends it, but for the shortest wait.
        """
        begun = time.monotonic()
        wait = min(LAST, FIRST * 2 ** (failures - 1)) * random.uniform(0.5, 1.0)
        self._gateway.asked.clear()
        if self._gateway.asked.wait(wait):
            time.sleep(max(0.0, min(wait, FIRST) - (time.monotonic() - begun)))
