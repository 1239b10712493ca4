#!/usr/bin/env bash
# Makes target/cluster/venv: a Python with what .venv has, and with Ray.
set -euo pipefail
cd "$(dirname "$0")/.."
home="$PWD/target/cluster"

[ -x "$home/venv/bin/python" ] || .venv/bin/python -m venv "$home/venv"
python="$home/venv/bin/python"
packages() { "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
{ packages .venv/bin/python; echo "$PWD/python"; } >"$(packages "$python")/development.pth"
install() { "$python" -m pip --quiet --disable-pip-version-check --timeout 60 --retries 10 install "$@"; }
install --upgrade "pip>=25.1"
# 80 MB: a connection that breaks off is no reason to fail.
install --group cluster || install --group cluster
echo "Ready: target/cluster/venv/bin/python has Ray $("$python" -c 'import ray; print(ray.__version__)')"
