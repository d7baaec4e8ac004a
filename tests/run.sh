#!/usr/bin/env bash
# Runs every test: on SQLite and on a PostgreSQL that it installs if need be and starts itself, and the
# conformance checks of the protocols. It touches no database that it did not start.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then
  apt-get update -q && apt-get install -yq --no-install-recommends postgresql
fi
cargo test --workspace --locked
cargo build --release --locked
bash tests/conformance/run.sh target/release/huhutong
