#!/usr/bin/env bash
# Runs a command on a virtual display with a message bus of its own: scripts/headless.sh COMMAND…
#
# WebKit's compositing stays on: with WEBKIT_DISABLE_COMPOSITING_MODE or
# WEBKIT_DISABLE_DMABUF_RENDERER set, WebDriver waits for ever for a screenshot.
set -euo pipefail

# Toolkits must meet the virtual X server, not the Wayland session of whoever runs this.
unset WAYLAND_DISPLAY
export GDK_BACKEND=x11
# Nothing is on this bus: GTK must ask neither for portals nor for accessibility.
export GTK_USE_PORTAL=0 NO_AT_BRIDGE=1

# An X server resets when its last client has gone, and turns away who comes meanwhile.
exec xvfb-run --auto-servernum --server-args="-screen 0 1600x1000x24 -nolisten tcp -noreset" \
  dbus-run-session --config-file="$(dirname "$0")/session-bus.conf" -- "$@"
