#!/usr/bin/env bash
# Makes target/free-threaded/venv: a free-threaded Python with Transom, and with what its tests need.
#     scripts/free_threaded.sh /path/to/python3.14t
# The module is built without optimisations, and gets a name in python/transom that no other Python loads.
set -euo pipefail
cd "$(dirname "$0")/.."
home="$PWD/target/free-threaded"

"$1" -c 'import sysconfig; raise SystemExit(not sysconfig.get_config_var("Py_GIL_DISABLED"))' || {
  echo "free_threaded: $1 is no free-threaded Python; give one that was built with --disable-gil" >&2
  exit 1
}
[ -x "$home/venv/bin/python" ] || "$1" -m venv "$home/venv"
export VIRTUAL_ENV="$home/venv" PATH="$home/venv/bin:$PATH" CARGO_TARGET_DIR="$home"
python -m pip install --quiet --upgrade "pip>=25.1"
python -m pip install --quiet --group test
maturin develop --locked --quiet </dev/null
python -W error -c 'import sys, transom; raise SystemExit(sys._is_gil_enabled())'
echo "Ready: target/free-threaded/venv/bin/python is $(python --version), free-threaded"
