#!/usr/bin/env bash
# Holds a running service to the protocols, and the contract to the linters and compilers of its
# clients. Starts the service on made-up data in a temporary folder and stops it again.
# usage: run.sh PATH_OF_HUHUTONG
set -euo pipefail
binary=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
service=
stop() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

cp -r "$here/." "$work/"
cp "$here/../../schema.graphql" "$work/"
cd "$work"
npm install --no-package-lock --no-audit --no-fund --loglevel=error

echo "== the contract: graphql-eslint, recommended and relay"
npx --no-install eslint --no-warn-ignored schema.graphql
echo "== the contract: TypeScript types for the operations of an app and of a dashboard"
npx --no-install graphql-codegen --config codegen.mjs --silent
npx --no-install tsc --noEmit --strict --skipLibCheck generated/operations.ts
echo "== the contract: relay-compiler"
bash relay.sh

"$binary" demo --json --listen 127.0.0.1:0 --data "$work/data" >"$work/ready" 2>"$work/log" &
service=$!
for _ in $(seq 600); do
  [ -s "$work/ready" ] && break
  kill -0 "$service" 2>/dev/null || { cat "$work/log"; exit 1; }
  sleep 0.2
done
HUHUTONG=$(head -n 1 "$work/ready")
export HUHUTONG
for protocol in http socket events; do
  echo "== $protocol"
  node "$protocol.mjs"
done
