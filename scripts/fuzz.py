"""Runs the fuzz targets of `fuzz/` for some seconds each: `make fuzz`.

    python scripts/fuzz.py [SECONDS] [TARGET…]

They are built as `cargo fuzz` builds them, but for the address sanitizer, which needs a nightly
compiler and has little to find where no `unsafe` is. Who has both may use it: `cargo +nightly fuzz
run call`. What a run finds is kept in target/fuzz/corpus; an input that breaks a promise in
target/fuzz/artifacts. Exit code 1: a promise was broken.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from suites import ROOT, rust_env

FUZZ = ROOT / "fuzz"
TARGET = ROOT / "target" / "fuzz"
# Stable spellings of what makes code count where it has been.
FLAGS = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
]


def host_triple() -> str:
    """The target that rustc builds for. Named to cargo, it keeps the flags off build scripts."""
    text = subprocess.run(["rustc", "-vV"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return next(line.split()[1] for line in text.splitlines() if line.startswith("host:"))


def missing() -> str | None:
    """What a build needs and this machine has not."""
    if shutil.which("cargo") is None or shutil.which("rustc") is None:
        return "Rust: see https://rustup.rs"
    if not any(shutil.which(name) for name in (os.environ.get("CXX", "c++"), "g++", "clang++")):
        return "a C++ compiler, which builds libFuzzer: `sudo apt-get install g++`"
    return None


def main(arguments: list[str]) -> int:
    """Builds the targets, then runs each."""
    if need := missing():
        print(f"fuzzing needs {need}", file=sys.stderr)
        return 2
    seconds = int(arguments.pop(0)) if arguments and arguments[0].isdecimal() else 10
    targets = sorted(file.stem for file in (FUZZ / "fuzz_targets").glob("*.rs"))
    chosen = arguments or targets
    if unknown := set(chosen) - set(targets):
        print(f"no such target: {', '.join(unknown)}; there are {', '.join(targets)}")
        return 2
    triple = host_triple()
    env = {**os.environ, **rust_env(), "RUSTFLAGS": " ".join(FLAGS)}
    build = ["cargo", "build", "--bins", "--target", triple, "--target-dir", str(TARGET)]
    subprocess.run(build, cwd=FUZZ, env=env, check=True)
    broken = [
        target for target in chosen if not run(target, TARGET / triple / "debug", seconds, env)
    ]
    print(f"broken: {', '.join(broken)}" if broken else "all targets kept their promises")
    return 1 if broken else 0


def run(target: str, folder: Path, seconds: int, env: dict[str, str]) -> bool:
    """Feeds one target from its corpus."""
    print(f"\n━━ {target} ━━", flush=True)
    found, artifacts = TARGET / "corpus" / target, TARGET / "artifacts" / target
    for path in (found, artifacts):
        path.mkdir(parents=True, exist_ok=True)
    command = [
        str(folder / target),
        str(found),
        str(FUZZ / "corpus" / target),
        f"-max_total_time={seconds}",
        f"-artifact_prefix={artifacts}/",
        "-max_len=4096",
        "-timeout=10",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    return subprocess.run(command, env=env, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
