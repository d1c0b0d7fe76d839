#!/usr/bin/env bash
# Bring a Chromium for the browser tests: the one that is there, else Debian's, installed as root.
# Prints the browser's path; everything else goes to stderr.
set -eu
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
  if [ -n "$name" ] && path=$(command -v "$name"); then
    echo "$path"
    exit 0
  fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium for the browser tests" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >&2
  command -v chromium
  exit 0
fi
echo "error: The browser tests need Chromium or Chrome, and none was found." >&2
echo "  tip: Install it (Debian and Ubuntu: sudo apt-get install chromium) or set CHROMIUM=/path/to/chrome." >&2
exit 1
