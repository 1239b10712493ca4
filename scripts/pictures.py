"""Makes the pictures of the templates in `docs/images`, on a display: `pictures.py [NAME…]`.

Each template is made, built and started as its user does, or those that are named. That needs
Node; the template with a crate is compiled. The picture is of the main window, in use.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "templates"))

from PIL import Image  # noqa: E402
from projects import build_pages, install_crate, new  # noqa: E402 - is not found before

from transom._scaffold.catalog import TEMPLATES  # noqa: E402
from transom.testing import webdriver  # noqa: E402

IMAGES = ROOT / "docs" / "images"
COLOURS = 96
SHOWN = """
    const frame = () => new Promise((shown) => requestAnimationFrame(shown));
    for (let n = 0; n < 30; n++) await frame();
"""
"""Waits until the page is on the screen."""


def picture(template: str, folder: Path) -> Path:
    """The picture of an app that is made of the template."""
    project = new(folder, template)
    python, answering = sys.executable, "#said"
    if TEMPLATES[template].builds_pages:
        build_pages(project)
    elif template == "rust":
        python, answering = str(install_crate(project, folder / "environment")), "#said-in-rust"
    env = {"PYTHONPATH": str(ROOT / "python")}
    with webdriver.start(module="hello", folder=project, env=env, python=python) as app:
        main = app.page("main")
        main.wait_until('document.querySelectorAll(".job").length === 3')
        main.click("#greet button")
        main.wait_until(f'document.querySelector("{answering}").textContent.startsWith("Hello")')
        for button in range(3):
            main.run(f'document.querySelectorAll(".job button")[{button}].click()')
        main.wait_until('document.querySelectorAll(".job .done").length >= 1')
        main.run(SHOWN)
        return smaller(main.screenshot(IMAGES / f"template-{template}.png"))


def smaller(file: Path) -> Path:
    """The picture with few colours, which the pages have anyway."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLOURS)
    few.save(file, optimize=True)
    return file


def main() -> int:
    """Makes those that are named, or all."""
    for template in sys.argv[1:] or TEMPLATES:
        with tempfile.TemporaryDirectory() as folder:
            print(picture(template, Path(folder)).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
