"""Prints the report of the tour: one line for each step, with its time."""

import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager


class StepError(Exception):
    """A step failed and has been reported; those after it depend on it."""


class Report:
    """Counts and prints steps."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self._start = time.monotonic()

    def chapter(self, title: str) -> None:
        """Begins a group of steps."""
        print(f"\n{title}", flush=True)

    @contextmanager
    def step(self, promise: str) -> Generator[None]:
        """Keeps the promise, or says what happened instead and raises ``StepError``."""
        start = time.monotonic()
        try:
            yield
        except Exception as error:
            self.failed += 1
            self._line("✗", promise, start)
            for line in traceback.format_exception_only(error):
                print("      " + line.rstrip().replace("\n", "\n      "), flush=True)
            raise StepError(promise) from error
        self.passed += 1
        self._line("✓", promise, start)

    def close(self) -> None:
        """Prints the sum."""
        seconds = time.monotonic() - self._start
        print(f"\n{self.passed} steps passed, {self.failed} failed, in {seconds:.1f} s")

    def _line(self, mark: str, promise: str, start: float) -> None:
        print(f"  {mark} {promise:<68} {time.monotonic() - start:5.2f} s", flush=True)
