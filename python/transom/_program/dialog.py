"""Shows an error in a dialog of the desktop: a program of its own, run as `python -I dialog.py`.

It reads one line of JSON, `{"name", "title", "text"}`, and ends when its dialog is closed, when the
display has gone, or when its standard input ends: then the process that has started it is gone. It
imports nothing of the app's.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import threading

MESSAGE_ERROR, BUTTONS_CLOSE = 3, 2
"""Values of GTK's enumerations."""
CENTER = 1
"""The place of a window on its screen, as GTK counts them."""
WINDOWS_ERROR = 0x10
"""The icon of a message box of Windows."""
APPLE_SCRIPT = """
on run {title, message}
  display alert title message message as critical buttons {"Close"} default button "Close"
end run
"""


def main() -> None:
    """Shows what stdin says."""
    asked = json.loads(sys.stdin.buffer.readline())
    name, title, text = (printable(asked[it]) for it in ("name", "title", "text"))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, f"{title}\n\n{text}", title, WINDOWS_ERROR)
    elif sys.platform == "darwin":
        _run(["osascript", "-e", APPLE_SCRIPT, title, text])
    elif not by_gtk(name, title, text):
        by_program(title, text)


def printable(text: str) -> str:
    """The text without what no toolkit takes: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()


_running: list[subprocess.Popen[bytes]] = []
"""The program that shows the dialog."""


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    for program in _running:
        program.kill()
    os._exit(0)


def by_gtk(name: str, title: str, text: str) -> bool:
    """Shows the dialog by GTK 3, which WebKitGTK is made with. False: it is not there."""
    try:
        gtk, glib = ctypes.CDLL("libgtk-3.so.0"), ctypes.CDLL("libglib-2.0.so.0")
    except OSError:
        return False
    window, word = ctypes.c_void_p, ctypes.c_char_p
    glib.g_set_prgname(word(name.encode()))
    if not gtk.gtk_init_check(None, None):
        return False
    gtk.gtk_message_dialog_new.restype = window
    # The texts are values of a format, so that nothing in them is one.
    dialog = window(
        gtk.gtk_message_dialog_new(
            None, 0, MESSAGE_ERROR, BUTTONS_CLOSE, word(b"%s"), word(title.encode())
        )
    )
    gtk.gtk_message_dialog_format_secondary_text(dialog, word(b"%s"), word(text.encode()))
    gtk.gtk_window_set_title(dialog, word(title.encode()))
    gtk.gtk_window_set_icon_name(dialog, word(name.encode()))
    gtk.gtk_window_set_position(dialog, CENTER)
    # The windows that were there before are not the app's.
    gtk.gtk_window_set_keep_above(dialog, 1)
    gtk.gtk_dialog_run(dialog)
    return True


def by_program(title: str, text: str) -> bool:
    """Shows the dialog by the first program of the desktop that is there. False: none is."""
    # The first reads escapes in a text, and the second tags.
    plain, untagged = text.replace("\\", "\\\\"), text.replace("<", "‹").replace(">", "›")
    commands = [
        ["zenity", "--error", "--no-markup", "--width=480", f"--title={title}", f"--text={plain}"],
        ["kdialog", "--title", title, "--error", untagged],
        ["xmessage", "-center", "-title", title, "-buttons", "Close:0", f"{title}\n\n{text}"],
        ["notify-send", "--urgency=critical", "--", title, text],
    ]
    return any(_run(it) for it in commands)


def _run(command: list[str]) -> bool:
    program = shutil.which(command[0])
    if program is None:
        return False
    none, words = subprocess.DEVNULL, [program, *command[1:]]
    running = subprocess.Popen(words, stdin=none, stdout=none, stderr=none)
    _running.append(running)
    running.wait()
    return True


if __name__ == "__main__":
    main()
