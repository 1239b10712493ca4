#!/bin/sh
# builds with pytauri
uv pip install pytauri
cargo build --features pytauri/standalone
