"""Swaps the code of an app under `transom dev` while its page calls, and looks for old code.

Each of five files has a generation in it, which its command gives. The page calls all commands
without a pause and remembers the newest generation of each. One that goes back is old code.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from figures import KIB, Figure, exactly

sys.path.append(str(Path(__file__).parent.parent / "tests" / "e2e" / "support"))

from developing import DevTool, descendants

KINDS = ("model", "state", "listener", "kernel", "base")
USERS = 10
"""How many modules import `base`."""
SETTLED = 3.0
"""Seconds from the last swap to a look at the memory."""

MAIN = """\
import sys
from pathlib import Path
from transom import AppHandle, Listener, Manager, ProcessPool, run
from . import greet, heavy, listener, state, {users}
from .registry import commands

def setup(app: AppHandle) -> None:
    Manager.manage(app, state.Counter())
    Listener.listen_any(app, "ping", listener.on_ping)

if __name__ == "__main__":
    pool = ProcessPool(workers=2, preload=["hello.kernel"])
    here = Path(__file__).parent
    sys.exit(run(commands, here, setup=setup, executors={{"process": pool}}))
"""
HEAD = "from .registry import commands\n"
FILES = {
    "__init__": "",
    "registry": "from transom import Commands\ncommands = Commands()\n",
    "model": "from pydantic import BaseModel\nclass Answer(BaseModel):\n    model: int = 0\n",
    "greet": f"{HEAD}from .model import Answer\n@commands.command()\n"
    "async def model() -> int:\n    return Answer().model\n",
    "state": f"{HEAD}from typing import Annotated\nfrom transom import State\n"
    "class Counter:\n    def step(self) -> int:\n        return 0\n"
    "@commands.command()\nasync def state(it: Annotated[Counter, State()]) -> int:\n"
    "    return it.step()\n",
    "heard": "newest = [0]\n",
    "listener": f"{HEAD}from .heard import newest\nasync def on_ping(event):\n    newest[0] = 0\n",
    "ears": f"{HEAD}from . import heard\n@commands.command()\nasync def listener() -> int:\n"
    "    return heard.newest[0]\n",
    "kernel": "def generation() -> int:\n    return 0\n",
    "heavy": f'{HEAD}from . import kernel\n@commands.command(executor="process")\n'
    "def work() -> int:\n    return kernel.generation()\n",
    "base": "generation = 0\n",
}
USER = (
    f"{HEAD}from .base import generation\n@commands.command()\n"
    "async def user_{n}() -> int:\n    return generation\n"
)
PAGE = """<!doctype html><meta charset=utf-8><script type="module">
const { pyInvoke } = window.__TAURI__.transom;
const { emit } = window.__TAURI__.event;
const of = { model: "model", state: "state", listener: "listener", work: "kernel" };
for (let n = 0; n < USERS; n += 1) of[`user_${n}`] = "base";
const it = { loads: 1, calls: 0, lost: 0, old: 0, errors: [] };
console.log("loaded");
const newest = {};
const one = async (name) => {
  for (;;) {
    it.calls += 1;
    try {
      const got = await pyInvoke(name);
      if (got < (newest[name] ?? 0)) it.old += 1;
      if (got !== newest[name]) {
        newest[name] = got;
        console.log(`${of[name]} ${name} ${got}`);
      }
    } catch (error) {
      it.lost += 1;
      it.errors.push(`${name}: ${error}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
for (const name in of) one(name);
setInterval(() => emit("ping"), 5);
setInterval(() => console.log(`figures ${JSON.stringify(it)}`), 1000);
</script>"""


def write(folder: Path) -> None:
    """Writes the app."""
    package = folder / "hello"
    (package / "frontend").mkdir(parents=True)
    users = [f"user_{n}" for n in range(USERS)]
    files = {**FILES, "__main__": MAIN.format(users=", ".join([*users, "ears"]))}
    files |= {user: USER.format(n=n) for n, user in enumerate(users)}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    (package / "frontend" / "index.html").write_text(PAGE.replace("USERS", str(USERS)))
    config = 'identifier = "dev.transom.swaps"\nbuild.frontendDist = "frontend"\n'
    config += 'app.withGlobalTauri = true\napp.windows = [{ title = "swaps" }]\n'
    (package / "Tauri.toml").write_text(config)
    (package / "capabilities").mkdir()
    capability = {
        "identifier": "main",
        "windows": ["main"],
        "permissions": ["transom:default", "core:default"],
    }
    (package / "capabilities" / "main.json").write_text(json.dumps(capability))


def commands_of(kind: str) -> set[str]:
    if kind == "base":
        return {f"user_{n}" for n in range(USERS)}
    return {"work" if kind == "kernel" else kind}


class Trial:
    """An app whose code is swapped again and again."""

    def __init__(self, home: Path) -> None:
        write(home / "app")
        self.tool = DevTool(home)
        self._generations = dict.fromkeys(KINDS, 0)
        self.times: list[float] = []
        self.swaps: list[float] = []

    def await_all(self, *kinds: str) -> float:
        """Waits until each command of these kinds has given its generation. When the last did."""
        missing = {
            f"{kind} {name} {self._generations[kind]}"
            for kind in kinds
            for name in commands_of(kind)
        }
        last = 0.0
        while missing:
            line = self.tool.next()
            if line["text"] in missing:
                missing.discard(line["text"])
                last = line["read"]
            elif line.get("event") == "swapped":
                self.swaps.append(line["ms"])
            elif line.get("event") in ("restart", "failed", "waiting"):
                raise AssertionError(self.tool.output())
        return last

    def swap(self, kind: str) -> None:
        """Saves a new generation of one file, and waits until every answer has it."""
        old = self._generations[kind]
        self._generations[kind] += 1
        begin = self.tool.change(f"hello/{kind}.py", f" {old}\n", f" {old + 1}\n")
        end = self.await_all(kind)
        self.times.append((end - begin) * 1000)

    def memory(self) -> int:
        """Bytes that the app's process holds."""
        time.sleep(SETTLED)
        # The tool's only child that is a Python.
        children = descendants(self.tool.pid)
        apps = [it for it in children if _is_app(it)]
        status = Path(f"/proc/{min(apps)}/status").read_text()
        (line,) = [it for it in status.splitlines() if it.startswith("RssAnon")]
        return int(line.split()[1]) * KIB

    def figures(self) -> dict[str, Any]:
        """What the page tells next."""
        while True:
            text = self.tool.next()["text"]
            if text.startswith("figures "):
                return json.loads(text.removeprefix("figures "))


def _is_app(pid: int) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"-m" in arguments and b"hello" in arguments


def swaps(home: Path, count: int) -> Sequence[Figure]:
    """Swaps the code `count` times, a fifth of them for each kind of change."""
    trial = Trial(home)
    try:
        trial.tool.wait(event="ready")
        trial.await_all(*KINDS)
        memory: list[int] = []
        # The first part fills caches that are bounded.
        warm = count // 5
        for n in range(count):
            if n in (warm, count - 1):
                memory.append(trial.memory())
            trial.swap(KINDS[n % len(KINDS)])
        it = trial.figures()
        loads = sum(line["text"] == "loaded" for line in trial.tool.lines)
        code = trial.tool.end()
    finally:
        trial.tool.close()
    per_swap = (memory[1] - memory[0]) / KIB / max(1, count - 1 - warm)
    for error in it["errors"][:5]:
        print("   ", error)
    times = sorted(trial.times)
    each = list(zip(trial.times, KINDS * count, strict=False))
    in_process = sorted(ms for ms, kind in each if kind != "kernel")
    in_workers = sorted(ms for ms, kind in each if kind == "kernel")
    full = count >= 100
    return [
        Figure("calls meanwhile", it["calls"]),
        exactly("calls lost", it["lost"], 0),
        exactly("answers of old code after one of new code", it["old"], 0),
        exactly("times that the page was loaded", loads, 1),
        Figure("memory that the app gains with a swap", per_swap, "KiB", most=20 if full else None),
        Figure(
            "from the save to new answers of all commands, median", statistics.median(times), "ms"
        ),
        Figure("… p95", times[int(len(times) * 0.95)], "ms"),
        Figure("… of those in workers, median", statistics.median(in_workers), "ms"),
        Figure("… p95", in_workers[int(len(in_workers) * 0.95)], "ms"),
        Figure(
            "… p95, but for those in workers",
            in_process[int(len(in_process) * 0.95)],
            "ms",
            most=300 if full else None,
        ),
        Figure("the swap itself, median", statistics.median(trial.swaps), "ms"),
        exactly("exit code of the tool after Ctrl-C", code, 130),
    ]
