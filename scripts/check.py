"""Runs every suite, whatever fails on the way, and ends with one line per suite.

    python scripts/check.py [NAME-PREFIX…]     e.g. `check.py rust e2e`; none means all

As many suites run side by side as the processors can bear; `JOBS=1` runs one after the other. The
output of a suite that runs alone is shown as it comes, of others when they end; all is kept in
target/test-logs. The exit code is 1 if a suite failed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from suites import ROOT, Suite, suites

LOGS = ROOT / "target" / "test-logs"
#: A line says what runs at least this often, in seconds.
HEARTBEAT = 60.0


@dataclass(frozen=True)
class Result:
    """What became of a suite; `problem` is "" or what went wrong."""

    suite: Suite
    problem: str
    wall: float = 0.0
    #: Of its processes and of theirs, as far as they were waited for.
    cpu: float = 0.0


class Run:
    """A suite that is about to run in a thread of its own."""

    def __init__(self, suite: Suite, *, shown: bool) -> None:
        self.suite = suite
        self.begin = time.monotonic()
        self.log = LOGS / f"{''.join(c if c.isalnum() else '-' for c in suite.name)}.log"
        self._shown = shown
        self._process: subprocess.Popen[bytes] | None = None
        self._expired = False

    def __call__(self) -> Result:
        """Runs it to its end."""
        try:
            code, cpu = self._run()
        except OSError as error:
            return Result(self.suite, str(error))
        problem = f"exit code {code}" if code else ""
        if self._expired:
            problem = f"hung, ended after {self.suite.limit:.0f} s"
        return Result(self.suite, problem, time.monotonic() - self.begin, cpu)

    def _run(self) -> tuple[int, float]:
        with subprocess.Popen(
            self.suite.command,
            cwd=self.suite.folder,
            env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", **self.suite.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            self._process = process
            timer = threading.Timer(self.suite.limit, self._expire)
            timer.daemon = True
            timer.start()
            self._copy(process)
            cpu = wait_for(process)
            timer.cancel()
        return process.returncode, cpu

    def _copy(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with self.log.open("wb") as copy:
            while chunk := os.read(process.stdout.fileno(), 65536):
                copy.write(chunk)
                if self._shown:
                    show(chunk)

    def show(self) -> None:
        """Shows what it has written, if that was not shown as it came."""
        if not self._shown and self.log.exists():
            show(self.log.read_bytes())

    def _expire(self) -> None:
        self._expired = True
        self.end()

    def end(self) -> None:
        """Ends it, with all that it has started."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                if os.name == "nt":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)


def wait_for(process: subprocess.Popen[bytes]) -> float:
    """Waits for its end; returns the seconds of processors that it took, where they are known."""
    if sys.platform == "win32":
        process.wait()
        return 0.0
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def show(output: bytes) -> None:
    """Writes what a suite has written."""
    sys.stdout.flush()
    sys.stdout.buffer.write(output)
    sys.stdout.flush()


def startable(waiting: Sequence[Suite], running: Sequence[Suite], jobs: int) -> Suite | None:
    """The first for which there is room, that needs nothing of what has not ended, and nothing
    that another holds.
    """
    unfinished = tuple(suite.name for suite in (*waiting, *running))
    held = {suite.holds for suite in running if suite.holds}
    room = jobs - sum(share(suite, jobs) for suite in running)
    for suite in waiting:
        needs = [name for name in unfinished if suite.after and name.startswith(suite.after)]
        if not needs and suite.holds not in held and share(suite, jobs) <= room:
            return suite
    return None


def share(suite: Suite, jobs: int) -> float:
    """The part of a processor that it gets; with one job, nothing runs beside it."""
    return suite.share if jobs > 1 else 1.0


def run_all(chosen: Sequence[Suite], jobs: int) -> list[Result]:
    """Runs them, `jobs` processors' worth at once; their results, in the order of `chosen`."""
    waiting = list(chosen)
    running: dict[Future[Result], Run] = {}
    results: dict[str, Result] = {}
    alone = jobs == 1 or len(chosen) == 1
    with ThreadPoolExecutor(len(chosen)) as pool:
        try:
            while waiting or running:
                names = [run.suite for run in running.values()]
                if suite := startable(waiting, names, jobs):
                    waiting.remove(suite)
                    run = Run(suite, shown=alone)
                    print(f"\n━━ {suite.name} ━━  {' '.join(suite.command)}", flush=True)
                    running[pool.submit(run)] = run
                    continue
                for future in wait(running, HEARTBEAT, FIRST_COMPLETED).done:
                    run, result = running.pop(future), future.result()
                    results[result.suite.name] = result
                    if not alone:
                        print(f"\n━━ output of {line(result)}", flush=True)
                    run.show()
                if running and not alone:
                    tell(list(running.values()))
        finally:
            for run in running.values():
                run.end()
    return [results[suite.name] for suite in chosen]


def tell(running: Sequence[Run]) -> None:
    """Says what runs."""
    now = time.monotonic()
    those = ", ".join(f"{run.suite.name} for {now - run.begin:.0f} s" for run in running)
    print(f"… {those}", flush=True)


def line(result: Result) -> str:
    """One line about a suite that has ended."""
    word = "FAILED" if result.problem else "ok"
    times = f"{result.wall:7.1f} s {result.cpu:8.1f} s of processors"
    return f"{word:<7} {result.suite.name:<34} {times}  {result.problem}".rstrip()


def main(prefixes: Sequence[str]) -> int:
    """Runs the suites whose names begin with one of `prefixes`."""
    LOGS.mkdir(parents=True, exist_ok=True)
    chosen = [s for s in suites() if not prefixes or s.name.startswith(tuple(prefixes))]
    if not chosen:
        print("no such suite; there are:", *(s.name for s in suites()), sep="\n  ")
        return 2
    begin = time.monotonic()
    results = run_all(chosen, int(os.environ.get("JOBS") or os.cpu_count() or 1))
    print("\n━━ summary ━━")
    for result in results:
        print(f"  {line(result)}")
    whole, cpu = time.monotonic() - begin, sum(result.cpu for result in results)
    print(f"  {'in all':<42} {whole:7.1f} s {cpu:8.1f} s of processors")
    failed = [result for result in results if result.problem]
    if failed:
        print(f"\n{len(failed)} of {len(results)} suites failed; logs in {LOGS.relative_to(ROOT)}")
        return 1
    print(f"\nall {len(results)} suites passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
