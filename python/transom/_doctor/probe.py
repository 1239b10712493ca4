"""Asks the system's libraries, in a process of its own: they may crash, or never answer.

`python -I -S probe.py display|webkit|NAME PATH` is run as a program, so it imports nothing of the
package. It prints a word or a line, and ends with 1 if what it looked for is not there.
"""

import ctypes
import sys

PATIENCE = 3000
"""Milliseconds that a service on the message bus may take."""


def display() -> str | None:
    """The name of the display that GTK opens."""
    gdk = ctypes.CDLL("libgdk-3.so.0")
    gdk.gdk_display_open.restype = ctypes.c_void_p
    gdk.gdk_display_get_name.restype = ctypes.c_char_p
    gdk.gdk_display_get_name.argtypes = [ctypes.c_void_p]
    opened = gdk.gdk_display_open(None)
    return gdk.gdk_display_get_name(opened).decode() if opened else None


def webkit() -> str | None:
    """The version of WebKitGTK."""
    library = ctypes.CDLL("libwebkit2gtk-4.1.so.0")
    parts = ("major", "minor", "micro")
    return ".".join(str(getattr(library, f"webkit_get_{part}_version")()) for part in parts)


def service(name: str, path: str) -> str | None:
    """`answers`, or `absent`: which costs a start no time either."""
    gio = ctypes.CDLL("libgio-2.0.so.0")
    gio.g_bus_get_sync.restype = ctypes.c_void_p
    bus = gio.g_bus_get_sync(2, None, None)
    if not bus:
        return None
    call = gio.g_dbus_connection_call_sync
    call.restype = ctypes.c_void_p
    text, number, nothing = ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p
    call.argtypes = [nothing, text, text, text, text, nothing, nothing, number, number, nothing]
    call.argtypes += [nothing]
    ping = (b"org.freedesktop.DBus.Peer", b"Ping")
    found = call(bus, name.encode(), path.encode(), *ping, None, None, 0, PATIENCE, None, None)
    return "answers" if found else "absent"


def main() -> int:
    """0 if it has printed what it found."""
    what, *rest = sys.argv[1:]
    try:
        if what == "display":
            found = display()
        elif what == "webkit":
            found = webkit()
        else:
            found = service(what, *rest)
    except (OSError, AttributeError):
        return 1
    if found is None:
        return 1
    sys.stdout.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
