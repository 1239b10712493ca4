"""Runs the workbench and writes down how it ended: ``launch.py FOLDER``.

WebKitWebDriver starts the app and keeps its exit code to itself. So it starts this instead, which
leaves the app's process id in ``FOLDER/pid`` and, at the end, its exit code in ``FOLDER/exit``.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def main(folder: Path) -> int:
    app = subprocess.Popen([sys.executable, "-m", "workbench"], cwd=HERE)
    (folder / "pid").write_text(str(app.pid))
    code = app.wait()
    # Readers wait for the file, so it must not be seen half written.
    (folder / "exit.draft").write_text(str(code))
    (folder / "exit.draft").rename(folder / "exit")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
