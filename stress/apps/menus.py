"""Stress app: menus and tray icons are made, shown and dropped, each with handlers."""

import gc
import sys
import threading
import time
from pathlib import Path
from typing import Any

import probe
from probe import PLAN, commands

import transom
from transom import AppHandle, Manager
from transom._native import menu_handlers, tray_handlers
from transom.image import Image
from transom.menu import ItemDescription, Menu, MenuItem
from transom.tray import TrayIcon
from transom.webview import WebviewWindow

STEP = 20
"""Cycles from one look at the memory to the next."""

ICON = Image(bytes([255, 128, 0, 255]) * 1024, 32, 32)


def menu_of(app: AppHandle, number: int) -> Menu:
    """A menu whose handlers know it, so that it is part of a circle."""
    menu = Menu(app)

    def chosen(item: MenuItem) -> None:
        menu.remove(item)

    below: list[ItemDescription] = [
        {"text": f"Item {number}", "on_click": chosen},
        {"text": "Red", "icon": ICON},
    ]
    menu.append(MenuItem(app, "Direct", on_click=chosen))
    for item in Menu.from_description(app, [{"text": "Sub", "items": below}, "separator"]).items():
        menu.append(item)
    return menu


def cycle(app: AppHandle, window: WebviewWindow, number: int) -> None:
    """One menu at a window, and one at a tray icon; each second icon has the same id."""
    window.set_menu(menu_of(app, number))
    window.on_menu_event(lambda _window, _id: None).remove()
    window.remove_menu()
    id_ = f"tray-{number}" if number % 2 else "tray"
    tray = TrayIcon.with_id(app, id_, icon=ICON, menu=menu_of(app, number), title=str(number))
    tray.on_tray_icon_event(lambda tray, _event: tray.set_title(""))
    tray.set_icon(ICON)
    tray.set_menu(menu_of(app, number))
    app.remove_tray_by_id(id_)


def cycles(app: AppHandle) -> dict[str, Any]:
    window = Manager.get_webview_window(app, "main")
    assert window is not None
    memory: list[float] = []
    descriptors: list[int] = []
    for number in range(PLAN["cycles"]):
        cycle(app, window, number)
        if number % STEP == STEP - 1:
            gc.collect()
            # The bus answers what is asked for each icon, and only then it is freed.
            time.sleep(0.5)
            memory.append(probe.resident())
            descriptors.append(probe.descriptors())
    gc.collect()
    return {
        "cycles": len(memory) * STEP,
        "handlers": menu_handlers() + tray_handlers(),
        # The first fifth warms up.
        "slope": probe.slope(memory[len(memory) // 5 :]) / STEP,
        "growth": memory[-1] - memory[len(memory) // 5],
        "descriptors": probe.risen(descriptors),
    }


def setup(app: AppHandle) -> None:
    def run() -> None:
        try:
            probe.tell(**cycles(app))
        finally:
            app.exit(0)

    threading.Thread(target=run, daemon=True).start()


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=setup))
