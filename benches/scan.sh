#!/usr/bin/env bash
# What a scan costs: requests, CPU seconds, memory, on a simulated account of N resources.
#   benches/scan.sh 137 1187 10227
# Populating the largest account takes a quarter of an hour; the simulator, not surveyor, is what is slow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --release --locked --quiet
surveyor=${CARGO_TARGET_DIR:-target}/release/surveyor
python=$(tests/simulator/venv.sh)
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
printf '%10s %10s %9s %8s %8s %10s %12s\n' asked resources requests 'CPU s' 'wall s' 'memory MB' 'first line ms'
for size in "${@:-137}"; do
  rm -f "$work/port"
  "$python" tests/simulator/server.py --port-file "$work/port" >/dev/null 2>&1 &
  server=$!
  until [ -s "$work/port" ]; do kill -0 $server; sleep 0.2; done
  export AWS_ENDPOINT_URL=http://127.0.0.1:$(cat "$work/port")
  export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=eu-west-3
  "$python" tests/simulator/populate_large.py --resources "$size" >/dev/null
  "$python" benches/measure.py "$surveyor" scan --region eu-west-3 --out "benches-$size.json.zst" --json >"$work/figures"
  "$python" - "$size" "$work/figures" <<'PY'
import json, sys
figures = json.load(open(sys.argv[2]))
answer = figures["answer"]
requests = sum(e["requests"] for e in answer["ledger"])
print(f"{sys.argv[1]:>10} {answer['resources']:>10} {requests:>9} {figures['cpu']:>8.2f} {figures['wall']:>8.1f} {figures['memory_mb']:>10.0f} {figures['first_line_ms']:>12.0f}")
PY
  kill $server
  wait $server 2>/dev/null || true
done
