import sys
from pathlib import Path

from transom import AppHandle, Manager, ProcessPool, run

from . import greet, heavy, listeners, states
from .registry import commands

PARTS = (greet, heavy)


def setup(app: AppHandle) -> None:
    Manager.manage(app, states.Counter())
    listeners.ping.listen(app, listeners.on_ping)


if __name__ == "__main__":
    pool = ProcessPool(workers=1, preload=["hello.kernel"])
    here = Path(__file__).parent
    sys.exit(run(commands, here, setup=setup, executors={"process": pool}))
