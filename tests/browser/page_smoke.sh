#!/bin/bash
# The page in a real browser: page_smoke.sh PAGE_SERVER SCENARIO
# Loads the page that PAGE_SERVER (page_server.cc) serves, checks what the document holds and takes a screenshot.
# Exit status 77 (skipped) without Chromium.
set -euo pipefail
page_server=$1
scenario=$2

command -v chromium > /dev/null || { echo "skipped: chromium is not installed"; exit 77; }
work=$(mktemp -d)
coproc SERVER { exec "$page_server" "$scenario"; }
# The server ends when its standard input does, that is with this script at the latest.
trap 'rm -rf "$work"' EXIT
read -r url <&"${SERVER[0]}"

browse() {
  timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$work/profile" \
    --enable-logging=stderr --virtual-time-budget=20000 "$@" "$url/#0123456789abcdef0123456789abcdef" 2>> "$work/log"
}

failures=0
fail() {
  echo "FAILED ($scenario): $1"
  failures=$((failures + 1))
}
expect() { grep -qF -- "$1" "$work/dom" || fail "the document does not hold: $1"; }
expect_not() { if grep -qF -- "$1" "$work/dom"; then fail "the document holds: $1"; fi; }
expect_count() {
  local found
  found=$({ grep -oF -- "$2" "$work/dom" || true; } | wc -l)
  [ "$found" -eq "$1" ] || fail "$found times instead of $1: $2"
}

browse --dump-dom > "$work/dom"
case $scenario in
  sample)
    expect '<title>(2) costdrift</title>'
    expect_count 2 '<article class="card'
    expect_count 1 '<article class="card critical"'
    expect_count 1 '<article class="card warning linked"'
    expect '94&nbsp;% use case'
    expect '<a href="#0123456789abcdef0123456789abcdef">'
    expect 'and 2 more'
    expect_count 1 'silenced: told to nobody'
    expect 'costdrift replay --config /etc/costdrift/costdrift.yaml'
    expect_count 2 '<tr data-source'
    expect 'watching, with problems'
    expect 'HTTP status 503'
    ;;
  hostile)
    expect '<title>(2) costdrift</title>'
    expect "&lt;script&gt;document.title='owned'&lt;/script&gt;"
    expect_not '<img'
    expect_count 1 '<script'
    expect_not 'href="javascript:'
    expect_count 2 '<article class="card'
    ;;
  quiet)
    expect '<title>costdrift</title>'
    expect_count 0 '<article'
    expect 'Nothing drifts.'
    expect '>watching<'
    ;;
  starting)
    expect 'Not ready: waiting for the Kafka broker at localhost:9092'
    expect 'No usage events yet.'
    ;;
  gone)
    expect 'costdrift does not answer'
    expect 'What you see is from'
    expect '<body class="stale"'
    expect_count 2 '<article class="card'
    ;;
  *) fail "unknown scenario" ;;
esac

if [ "$scenario" = gone ]; then
  [ "$failures" -eq 0 ] && echo "ok ($scenario)"
  exit "$failures"
fi

# Refused inline code, failed requests and script errors all end in the console.
if grep -E 'CONSOLE' "$work/log"; then fail "the browser's console is not empty"; fi

for width in 1200 400; do
  browse --hide-scrollbars --window-size="$width,1000" --screenshot="$work/page.png" > /dev/null
  [ "$(stat -c %s "$work/page.png")" -gt 10000 ] || fail "the screenshot at $width px is as good as empty"
done
[ "$failures" -eq 0 ] && echo "ok ($scenario)"
