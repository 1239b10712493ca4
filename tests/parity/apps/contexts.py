"""Test app: tries `context_factory` on one folder; written for PyTauri's API."""

import json
import os
from pathlib import Path

from pytauri_wheel.lib import context_factory

HERE = Path(__file__).parent


def main() -> None:
    where = Path(os.environ.get("PARITY_DIR", str(HERE)))
    patch = os.environ.get("PARITY_PATCH")
    try:
        context_factory(where, tauri_config=patch)
    except Exception as error:  # noqa: BLE001 - the kind is what is asked for
        print(json.dumps({"kind": type(error).__name__, "text": str(error)}))
    else:
        print(json.dumps({"kind": "ok"}))


if __name__ == "__main__":
    main()
