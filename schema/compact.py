#!/usr/bin/env python3
"""Shrinks `terraform providers schema -json` (stdin) to what surveyor needs of the AWS provider (stdout).

The result is one JSON object with one line per resource type, so that a reader can cut out a single type without parsing
the rest. A block is `{"a": {name: [flags, type]}, "b": {name: [nesting, min, max, deprecated, block]}}`;
flags: r required, o optional, c computed, s sensitive, d deprecated, w write-only.
"""

import json
import sys

PROVIDER = "registry.terraform.io/hashicorp/aws"
FLAGS = [("required", "r"), ("optional", "o"), ("computed", "c"), ("sensitive", "s"), ("deprecated", "d"), ("write_only", "w")]


def block(b):
    out = {}
    if b.get("attributes"):
        out["a"] = {
            name: ["".join(f for key, f in FLAGS if a.get(key)), a["type"]] for name, a in sorted(b["attributes"].items())
        }
    if b.get("block_types"):
        out["b"] = {
            name: [n["nesting_mode"], n.get("min_items", 0), n.get("max_items", 0), bool(n["block"].get("deprecated")), block(n["block"])]
            for name, n in sorted(b["block_types"].items())
        }
    return out


def main():
    resources = json.load(sys.stdin)["provider_schemas"][PROVIDER]["resource_schemas"]
    lines = [json.dumps(name) + ":" + json.dumps(block(s["block"]), separators=(",", ":")) for name, s in sorted(resources.items())]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
