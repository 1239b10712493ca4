"""Plays the example: draws a picture, stops another, and saves what it looks like meanwhile.

scripts/cluster.sh
scripts/headless.sh target/cluster/venv/bin/python examples/cluster/tour.py [ADDRESS]
"""

import sys
from pathlib import Path

from transom.testing import webdriver

HERE = Path(__file__).parent
SHOTS = HERE.parent.parent / "target" / "demo" / "cluster"
SLOW = 300.0
"""Seconds. A busy machine takes long to start Ray."""

CELLS = "document.querySelectorAll('#nodes td:nth-child(4)')"
DONE = f"[...{CELLS}].reduce((sum, cell) => sum + Number(cell.textContent), 0)"


def play(page: webdriver.Page) -> None:
    """The whole tour."""
    page.click("#draw")
    page.wait_until(f"{DONE} >= 8", timeout=SLOW)
    page.screenshot(SHOTS / "drawing.png")
    print("tiles appear while others are drawn")
    page.wait_until("document.querySelector('#state').textContent.startsWith('Done')", timeout=SLOW)
    # Short tiles may end before they have said where they are.
    print("processes:", page.run("return document.querySelectorAll('#nodes tr').length"))
    page.screenshot(SHOTS / "done.png")
    print("the picture is whole")
    page.run("document.querySelector('#text').value = 'Another log'")
    page.click("#draw")
    page.wait_until(f"{DONE} >= 2", timeout=SLOW)
    page.click("#stop")
    page.wait_until("document.querySelector('#state').textContent === 'Stopped.'", timeout=SLOW)
    page.screenshot(SHOTS / "stopped.png")
    print("another one was stopped")


def main() -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with webdriver.start(str(HERE / "app.py"), *sys.argv[1:]) as app:
        try:
            play(app.page("main"))
        except BaseException:
            print(app.output()[-4000:], file=sys.stderr)
            raise
    print(f"pictures: {SHOTS}")


if __name__ == "__main__":
    main()
