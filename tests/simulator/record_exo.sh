#!/usr/bin/env bash
# Makes fixtures/exo/ anew: recording.jsonl.zst (what `demo` and the offline tests replay) and snapshot.json.zst (what builds
# without the `aws` feature start from). Takes the surveyor binary as argument, else builds it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
surveyor=${1:-}
if [ -z "$surveyor" ]; then
  cargo build --manifest-path "$root/Cargo.toml"
  surveyor=${CARGO_TARGET_DIR:-$root/target}/debug/surveyor
fi
python=$("$here/venv.sh")
work=$(mktemp -d)
"$python" "$here/server.py" --port-file "$work/port" --record "$work/recording.jsonl" >/dev/null &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
until [ -s "$work/port" ]; do kill -0 $server; sleep 0.2; done
export AWS_ENDPOINT_URL=http://127.0.0.1:$(cat "$work/port")
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=eu-west-3
unset AWS_PROFILE AWS_SESSION_TOKEN

"$python" "$here/populate_exo.py"
curl --fail --silent --show-error -X POST "$AWS_ENDPOINT_URL/_surveyor/record" -d '{"on": true, "at": "2026-01-20T08:00:00Z"}' >/dev/null
"$surveyor" scan --region eu-west-3 --out "$work/live.json"
curl --fail --silent --show-error -X POST "$AWS_ENDPOINT_URL/_surveyor/record" -d '{"on": false}' >/dev/null

mkdir -p "$root/fixtures/exo"
zstd --quiet --force -19 "$work/recording.jsonl" -o "$root/fixtures/exo/recording.jsonl.zst"
# The snapshot comes from the recording, so that both say the same.
"$surveyor" scan --recording "$root/fixtures/exo/recording.jsonl.zst" --out "$root/fixtures/exo/snapshot.json.zst"
ls -l "$root/fixtures/exo"
