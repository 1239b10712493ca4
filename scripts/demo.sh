#!/usr/bin/env bash
# Opens the workbench; where there is no display, plays its tour on a virtual one.
set -euo pipefail
cd "$(dirname "$0")/.."

python="$PWD/.venv/bin/python"
case "$(uname -s)" in Darwin | MINGW* | MSYS*) display=native ;; *) display="${WAYLAND_DISPLAY:-${DISPLAY:-}}" ;; esac

if [ -n "$display" ] && [ -z "${TOUR:-}" ]; then
  echo "▸ The workbench is open; it ends when its last window is closed."
  cd examples/workbench
  exec "$python" -m workbench
fi
echo "▸ No display (or TOUR is set): the tour plays on a virtual one."
exec scripts/headless.sh "$python" examples/workbench/tour.py
