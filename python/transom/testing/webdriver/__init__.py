"""Drives an app in real windows by WebKitWebDriver, on Linux.

```python
def test_greet():
    with webdriver.start("app.py") as app:
        main = app.page("main")
        main.type("#name", "Ada")
        main.click("#greet")
        main.wait_text("#said", "Hello, Ada!")
        main.screenshot("greeted.png")
```

It needs the Debian packages `webkit2gtk-driver` (after Debian 13 `webkitgtk-webdriver`) and,
without a display, `xvfb`, and nothing beside the standard library. See `docs/guide/testing.md`.
"""

from ..._exported import claim as _claim
from ._app import App, Ended, environment, start
from ._display import Display
from ._driver import Driver, Element
from ._page import Page, PageError
from ._waiting import WebDriverError, wait_for

__all__ = [
    "App",
    "Display",
    "Driver",
    "Element",
    "Ended",
    "Page",
    "PageError",
    "WebDriverError",
    "environment",
    "start",
    "wait_for",
]

_claim(globals())
