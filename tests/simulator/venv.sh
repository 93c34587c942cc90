#!/usr/bin/env bash
# Makes (once) the Python environment of the simulator and prints its interpreter's path.
# Where: $SURVEYOR_VENV, else $XDG_CACHE_HOME/surveyor/venv, else ~/.cache/surveyor/venv.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${SURVEYOR_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/surveyor/venv}
stamp=$venv/.surveyor-requirements
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  mkdir -p "$(dirname "$venv")"
  exec 9>"$venv.lock"
  flock 9 # two test binaries may come here at once
  if ! cmp -s "$here/requirements.txt" "$stamp"; then
    python=${SURVEYOR_PYTHON:-python3}
    "$python" -m venv --clear "$venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$stamp"
  fi
fi
echo "$venv/bin/python"
