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
# TypeDoc looks for a plugin where its options are, and it is not there.
"$node_modules/.bin/typedoc" --options docs/site/typedoc.json \
  --plugin "$node_modules/typedoc-plugin-markdown/dist/index.js" --logLevel Warn
rust="${CARGO_TARGET_DIR:-target}/doc"
if [ -z "${NO_RUST:-}" ]; then
  # The features of clippy's suite, so that what it has checked is not checked once more.
  PYO3_PYTHON="$PWD/.venv/bin/python" RUSTDOCFLAGS="-D warnings" \
    cargo doc --quiet --no-deps --locked --lib --package transom --all-features
  export WITH_RUST=1
fi

# Each build says that Material ends in May 2027, and that Zensical comes after it.
export NO_MKDOCS_2_WARNING=1
# Not `--quiet`: with it MkDocs counts no warnings, and `--strict` finds none.
"$home/venv/bin/mkdocs" build --strict --config-file docs/site/mkdocs.yml --site-dir "$site"
if [ -z "${NO_RUST:-}" ]; then
  cp -r "$rust" "$site/rust"
  # What our types have of `tracing` brings a link along that is right in its own pages only.
  place=dispatcher#setting-the-default-subscriber
  whole=https://docs.rs/tracing/latest/tracing/dispatcher/index.html
  find "$site/rust" -name "*.html" -exec sed -i "s|href=\"$place|href=\"$whole#${place#*#}|" {} +
  # rustdoc links to a list of crates, and makes none of a single one.
  echo '<meta http-equiv="refresh" content="0; url=transom/index.html">' >"$site/rust/index.html"
fi
"$home/venv/bin/python" docs/site/link_check.py "$site"
echo "Ready: $site/index.html"
