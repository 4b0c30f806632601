#!/bin/bash
# Reports in a real browser: report_smoke.sh COSTDRIFT SOURCE_DIR
# Makes a report of a replay and one of tuning from a public trace, loads both from the disk without network, checks what
# the documents hold and takes pictures. Exit status 77 (skipped) without Chromium.
set -euo pipefail
costdrift=$1
source_dir=$2

command -v chromium > /dev/null || { echo "skipped: chromium is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/costdrift.yaml" <<END
kafka: {brokers: localhost:9092, topics: [{name: llm.usage}]}
state: {path: $work/state}
sinks: {me: {type: console}}
END
echo '{"from":"2026-03-04T10:00:00Z","to":"2026-03-04T16:00:00Z","match":{"app":"<img src=x onerror=alert(1)>"}}' > "$work/labels.jsonl"
"$costdrift" convert claude-code "$source_dir/tests/data/traces/claude-code-calls.csv.zst" --days 6 --apps 2 \
  --sessions-per-day 40 > "$work/events.jsonl"
"$costdrift" replay --config "$work/costdrift.yaml" --events "$work/events.jsonl" --labels "$work/labels.jsonl" \
  --compare "$work/costdrift.yaml" --report "$work/replay.html" > "$work/alerts"
"$costdrift" tune --config "$work/costdrift.yaml" --events "$work/events.jsonl" --drifts prompt=50% --trials 1 \
  --power-only --report "$work/tune.html" > "$work/tune.md"

browse() {
  local page=$1
  shift
  timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$work/profile" \
    --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --virtual-time-budget=10000 "$@" \
    "file://$work/$page" 2>> "$work/log"
}

failures=0
fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}
expect() { grep -qF -- "$2" "$work/$1.dom" || fail "$1 does not hold: $2"; }

for page in replay tune; do
  browse "$page.html" --dump-dom > "$work/$page.dom"
  browse "$page.html" --hide-scrollbars --window-size=1200,1400 --screenshot="$work/$page.png" > /dev/null
  [ "$(stat -c %s "$work/$page.png")" -gt 20000 ] || fail "the picture of $page is as good as empty"
  expect "$page" '<canvas'
done
expect replay 'B tells exactly what A tells'
expect replay '>missed</span>'
expect replay '&lt;img src=x onerror=alert(1)&gt;'
expect tune 'Measured the configuration as it is.'
expect tune 'prompts +50 %'
if grep -E 'CONSOLE' "$work/log"; then fail "the browser's console is not empty"; fi
[ "$failures" -eq 0 ] && echo "ok"
exit "$failures"
