#!/usr/bin/env bash
# Runs heavy libraries in workers, in an environment of its own under target/. Builds the site before.
# soak.sh [--quick] [LIBRARY…]
set -euo pipefail
cd "$(dirname "$0")/.."

# Where no library is chosen, also the site: it takes too long for `make test`.
case "$*" in "" | --quick) NO_RUST=1 scripts/docs.sh ;; esac

HOME_OF_SOAK=target/soak
python="$HOME_OF_SOAK/bin/python"
if [ ! -x "$python" ]; then
  .venv/bin/python -m venv "$HOME_OF_SOAK"
fi
if [ ! -e "$HOME_OF_SOAK/ready" ] || [ pyproject.toml -nt "$HOME_OF_SOAK/ready" ]; then
  "$python" -m pip --disable-pip-version-check --quiet install --upgrade "pip>=25.1"
  "$python" -m pip --disable-pip-version-check --quiet install --group test --group heavy \
    anyio pydantic typing-extensions
  # The native module that is built here is for this Python too.
  echo "$PWD/python" >"$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/transom.pth"
  touch "$HOME_OF_SOAK/ready"
fi
"$python" stress/soak.py "$@"
# What installs packages needs root, and leaves a new system under target/.
if [ $# = 0 ] && [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null; then
  .venv/bin/python stress/clean_root.py target/clean-root
else
  echo "clean root: left out; it needs root and debootstrap, and runs without arguments only" >&2
fi
