#!/usr/bin/env bash
# What judging and writing cost on a large snapshot, as `benches/scan.sh` leaves them behind.
#   benches/audit.sh benches-10227.json.zst
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --release --locked --quiet
surveyor=${CARGO_TARGET_DIR:-target}/release/surveyor
python=$(tests/simulator/venv.sh)
snapshot=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
show() {
  local name=$1
  shift
  "$python" benches/measure.py "$@" | "$python" -c "
import json, sys
f = json.load(sys.stdin)
print(f\"{'$name':>10}: {f['cpu']:.2f} CPU s, {f['wall']:.2f} wall s, {f['memory_mb']:.0f} MB\")"
}
show audit "$surveyor" audit "$snapshot" --fail-on never --json
show generate "$surveyor" generate "$snapshot" --out "$out" --json
ls -l "$out"/*/report.html | awk '{ printf "report.html: %.2f MB\n", $5 / 1e6 }'
