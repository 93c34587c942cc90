#!/usr/bin/env bash
# The whole test suite: unit tests, the simulator's account end to end, the real terraform on the generated code.
# Needs cargo and python3 (3.10 or later, with venv); the simulator's packages are pinned and installed into a cache of their own.
# Without terraform the tests that need it say SKIPPED; SURVEYOR_REQUIRE_TERRAFORM=1 makes that a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tests/simulator/venv.sh >/dev/null
cargo test --locked
# The part that needs no AWS SDK must stand alone.
cargo test --locked --no-default-features --lib
