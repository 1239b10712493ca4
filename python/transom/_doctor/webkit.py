"""Says how the webview of Linux is installed, also where the package cannot be imported."""

import shutil


def install_webkit() -> str:
    """How to install what the webview needs."""
    commands = {
        "apt-get": "sudo apt-get install libwebkit2gtk-4.1-0 libgtk-3-0",
        "dnf": "sudo dnf install webkit2gtk4.1 gtk3",
        "pacman": "sudo pacman -S webkit2gtk-4.1 gtk3",
        "zypper": "sudo zypper install libwebkit2gtk-4_1-0 libgtk-3-0",
    }
    found = next((it for tool, it in commands.items() if shutil.which(tool)), None)
    return f"install it: `{found}`" if found else "install WebKitGTK 4.1 and GTK 3"
