#!/usr/bin/env bash
# record.sh ESTATE [SURVEYOR]: makes fixtures/ESTATE/ anew: recording.jsonl.zst (what `demo` and the offline tests replay),
# snapshot.json.zst (what builds without the `aws` feature start from) and, where Terraform has made the estate, its states.
# ESTATE is one of estates.json; "all" records each of them. SURVEYOR is the binary; without it it is built.
# Estates that Terraform makes need terraform on the PATH, and a CLI configuration that finds the provider.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
estate=${1:?usage: record.sh ESTATE [SURVEYOR]}
surveyor=${2:-}
if [ -z "$surveyor" ]; then
  cargo build --manifest-path "$root/Cargo.toml"
  surveyor=${CARGO_TARGET_DIR:-$root/target}/debug/surveyor
fi
python=$("$here/venv.sh")
if [ "$estate" = all ]; then
  for each in $("$python" -c 'import json, sys; print(*json.load(open(sys.argv[1])))' "$here/estates.json"); do
    "$0" "$each" "$surveyor"
  done
  exit
fi
read -r account region at < <("$python" -c 'import json, sys; e = json.load(open(sys.argv[1]))[sys.argv[2]]; print(e["account"], e["region"], e["recorded_at"])' "$here/estates.json" "$estate")

work=$(mktemp -d)
"$python" "$here/server.py" --port-file "$work/port" --record "$work/recording.jsonl" --account "$account" >/dev/null &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
until [ -s "$work/port" ]; do kill -0 $server; sleep 0.2; done
export AWS_ENDPOINT_URL=http://127.0.0.1:$(cat "$work/port")
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=$region
unset AWS_PROFILE AWS_SESSION_TOKEN

fixture=$root/fixtures/$estate
mkdir -p "$fixture"
keep=()
[ -d "$root/tests/estates/$estate" ] && keep=(--state "$work/terraform.tfstate")
"$python" "$here/populate_$estate.py" "${keep[@]}"
curl --fail --silent --show-error -X POST "$AWS_ENDPOINT_URL/_surveyor/record" -d "{\"on\": true, \"at\": \"$at\"}" >/dev/null
"$surveyor" scan --region "$region" --out "$work/live.json"
curl --fail --silent --show-error -X POST "$AWS_ENDPOINT_URL/_surveyor/record" -d '{"on": false}' >/dev/null

zstd --quiet --force -19 "$work/recording.jsonl" -o "$fixture/recording.jsonl.zst"
for state in "$work"/*.tfstate; do
  [ -f "$state" ] && zstd --quiet --force -19 "$state" -o "$fixture/$(basename "$state").zst"
done
# The snapshot comes from the recording, so that both say the same.
"$surveyor" scan --recording "$fixture/recording.jsonl.zst" --out "$fixture/snapshot.json.zst"
ls -l "$fixture"
