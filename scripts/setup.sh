#!/usr/bin/env bash
# Brings a checkout to the point where everything runs: system packages, .venv, JavaScript
# packages, the page's client, the workbench's pages, the native module. Idempotent; what is up to
# date is skipped. Stamps are kept in target/setup.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/requirements.sh

STAMPS=target/setup
mkdir -p "$STAMPS"
trap '[ $? = 0 ] || echo "setup: failed, see above; run it again when that is mended" >&2' EXIT

step() { printf '\033[1m▸ %s\033[0m\n' "$*"; }

# fresh NAME PATH…: whether nothing under the paths changed since `built NAME` was called.
fresh() {
  local stamp="$STAMPS/$1"
  shift
  [ -e "$stamp" ] && [ -z "$(find "$@" \( -name node_modules -o -name dist -o -name __pycache__ \) \
    -prune -o -newer "$stamp" -type f -print 2>/dev/null | head -n 1)" ]
}
built() { touch "$STAMPS/$1"; }

npm_packages() { # npm_packages DIR
  # A link leads to another checkout's packages, which `npm ci` would delete first.
  if [ -L "$1/node_modules" ] && [ -e "$1/node_modules/.package-lock.json" ]; then return; fi
  if [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; then return; fi
  step "JavaScript packages of $1"
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error </dev/null)
}

require_system_packages
require_cargo
require_node
python="$(require_python)"

if [ ! -x .venv/bin/python ]; then
  step "Python environment .venv ($("$python" --version))"
  "$python" -m venv .venv
fi
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
if ! fresh python-packages pyproject.toml .venv/pyvenv.cfg; then
  step "Python packages for development"
  "${pip[@]}" install --upgrade "pip>=25.1"
  "${pip[@]}" install --group dev
  built python-packages
fi

npm_packages js
if [ ! -e js/dist/index.js ] || [ ! -e python/transom/_client.tgz ] || ! fresh js js; then
  step "Page client (js)"
  (cd js && npm run --silent build </dev/null)
  built js
fi

frontend=examples/workbench/frontend
npm_packages "$frontend"
if [ ! -d "$frontend/dist" ] || ! fresh workbench "$frontend" js/src; then
  step "Pages of the workbench"
  (cd "$frontend" && npm run --silent build </dev/null)
  built workbench
fi

native=(src Cargo.toml Cargo.lock build.rs api-iife.js evaluation-iife.js pyproject.toml)
if ! fresh native "${native[@]}" permissions/*.toml "$STAMPS/python-packages" ||
  ! .venv/bin/python -c "import transom" 2>/dev/null; then
  step "Native module (release build; the first takes some minutes)"
  VIRTUAL_ENV="$PWD/.venv" PATH="$PWD/.venv/bin:$PATH" \
    maturin develop --release --locked --quiet </dev/null
  built native
fi
step "Ready: .venv/bin/python has transom $(.venv/bin/python -c \
  'import importlib.metadata as m; print(m.version("transom"))')"
