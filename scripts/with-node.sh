#!/usr/bin/env bash
# Run a command in web/ with the system's Node where it is new enough, else with the one from PyPI in .venv/.
set -eu
cd "$(dirname "$0")/../web"
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a >= 24 ? 0 : 1)' 2>/dev/null || ! command -v npm >/dev/null; then
  PATH="$(cd .. && pwd)/.venv/bin:$PATH"
fi
exec "$@"
