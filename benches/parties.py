"""Defines the apps that are compared: native Tauri, Transom and PyTauri."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEER_VENV = ROOT / "target" / "bench" / "peer-venv"
PEER = "pytauri-wheel==0.8.0"


@dataclass(frozen=True)
class Party:
    """An app of `apps/`, and what runs it."""

    name: str
    app: str
    python: Path
    env: Mapping[str, str] = field(default_factory=dict[str, str])


def parties(*, with_peer: bool) -> list[Party]:
    """All who can be measured here. The peer is installed when it is not."""
    ours = Path(sys.executable)
    found = [
        Party("transom", "transom", ours, {"TRANSOM_FAST_PATH": "1"}),
        Party("transom, by request", "transom", ours, {"TRANSOM_MESSAGES": "0"}),
        Party("transom, all actix", "transom", ours, {"TRANSOM_FAST_PATH": "0"}),
    ]
    if with_peer and (python := peer_python()):
        found.append(Party("PyTauri 0.8", "pytauri", python))
    return found


def peer_python() -> Path | None:
    """The peer's interpreter, of the version that runs this; `None` if it cannot be installed."""
    python = PEER_VENV / "bin" / "python"
    done = PEER_VENV / PEER
    if done.exists():
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", PEER_VENV], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([python, *install, PEER, "anyio>=4", "pydantic>=2"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"PyTauri is left out, it could not be installed: {error}", file=sys.stderr)
        return None
    done.touch()
    return python
