#!/usr/bin/env bash
# Makes target/site: the documents, the API of Python, TypeScript and Rust, as pages that need no
# server. `NO_RUST=1` leaves rustdoc out, which compiles what the crate needs.
set -euo pipefail
cd "$(dirname "$0")/.."
home="$PWD/target/docs"
site="$PWD/target/site"
mkdir -p "$home/node"

[ -x "$home/venv/bin/python" ] || .venv/bin/python -m venv "$home/venv"
if [ ! "$home/venv/ready" -nt pyproject.toml ]; then
  pip=("$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check)
  "${pip[@]}" --upgrade "pip>=25.1"
  "${pip[@]}" --group docs
  touch "$home/venv/ready"
fi
if [ ! "$home/node/node_modules/.package-lock.json" -nt docs/site/package-lock.json ]; then
  cp docs/site/package.json docs/site/package-lock.json docs/site/.npmrc "$home/node/"
  (cd "$home/node" && npm ci --no-audit --no-fund --loglevel=error </dev/null)
fi

node_modules="$home/node/node_modules"
# A link, since TypeDoc looks for its plugin where its options are.
NODE_PATH="$node_modules" "$node_modules/.bin/typedoc" --options docs/site/typedoc.json \
  --plugin "$node_modules/typedoc-plugin-markdown/dist/index.js" --logLevel Warn
if [ -z "${NO_RUST:-}" ]; then
  cargo doc --no-deps --locked --lib -p transom --features python-main,plugins
  export RUSTDOC=1
fi

# Material's word on the next MkDocs; the versions here are pinned.
export NO_MKDOCS_2_WARNING=1
"$home/venv/bin/mkdocs" build --quiet --strict --config-file docs/site/mkdocs.yml --site-dir "$site"
if [ -z "${NO_RUST:-}" ]; then
  cp -r "${CARGO_TARGET_DIR:-target}/doc" "$site/rust"
fi
"$home/venv/bin/python" docs/site/link_check.py "$site"
echo "Ready: $site/index.html"
