#!/bin/bash
# Runs the tests given as arguments, on both cores, the browser ones included where they can run.
set -euo pipefail
cd "$(dirname "$0")/.."

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if ! find_chromium >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Chromium is missing: installing Debian's"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium fonts-noto-core >/dev/null || echo "Chromium could not be installed."
fi

left_out=()
if ! find_chromium >/dev/null; then
  if [ -n "${CI:-}" ]; then
    echo "error: Chromium is missing, and CI leaves no test out: apt-get install chromium" >&2
    exit 1
  fi
  left_out=(-m "not browser")
  warning="THE BROWSER TESTS ARE LEFT OUT: Chromium is missing. On Debian: apt-get install chromium"
  printf '\n%s\n%s\n%s\n\n' "${warning//?/=}" "$warning" "${warning//?/=}"
fi

status=0
.venv/bin/python -m pytest -n "${TEST_WORKERS:-2}" --dist loadfile --no-loadscope-reorder "${left_out[@]}" "$@" || status=$?
[ -z "${warning:-}" ] || printf '\n%s\n' "$warning"
exit "$status"
