#!/usr/bin/env python3
"""Asks the AWS provider itself for what `terraform providers schema` leaves out, and writes schema/overlay/defaults.json.

    terraform providers schema -json > schema.json                (in a folder whose lock file holds the provider)
    python schema/overlay/defaults.py schema.json PATH/TO/terraform-provider-aws_v5.100.0_x5

Needs grpcio and msgpack; no AWS account and no network: nothing is ever created, and every endpoint is a closed local port.
The provider is started as Terraform starts it (plugin protocol 5, without a client certificate it serves a plain Unix socket) and
is asked, per resource type:

  defaults   PlanResourceChange for a create with the required arguments only, every nested block present once, and once more without the
             blocks that may be left out: what the plan holds that was not written is a default.
  replaces   PlanResourceChange with every argument changed: the paths that the provider says force a replacement.
  computed_blocks  the same with one nested block at a time, and without a block that the state holds: nested blocks that AWS fills, or
             that the provider leaves alone, when they are not written.
  conflicts  ValidateResourceTypeConfig with every argument set: the pairs that it refuses together.
  one_of     ValidateResourceTypeConfig with everything set, and with nothing: the groups of which exactly one must be written. Of
             groups of which at least one must stand nothing is told: any number of them may.
  framework  true where the type does not declare the legacy type system: there `ignore_changes` cannot hide a default.

Paths name nested blocks without an index: `root_block_device.delete_on_termination`.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import grpc
import msgpack

SCHEMA, PROVIDER = sys.argv[1], sys.argv[2]
ONLY = set(sys.argv[3:])
DEPTH = 5
UNKNOWN = msgpack.ExtType(0, b"\0")
# What some plans insist on before they answer.
ALSO = {"aws_api_gateway_authorizer": {"authorizer_uri": "x"},
        "aws_lb_target_group": {"port": 1, "protocol": "HTTP", "vpc_id": "x"},
        "aws_lambda_function": {"handler": "x", "runtime": "python3.12"}}
SAMPLES = {}  # by argument name, learned from refusals: one value that the current type accepts


# ---- protocol buffers, as much as is needed
def varint(n):
    out = bytearray()
    while True:
        n, low = n >> 7, n & 127
        out.append(low | (128 if n else 0))
        if not n:
            return bytes(out)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data):
    i = 0

    def number():
        nonlocal i
        n = shift = 0
        while True:
            b = data[i]
            i += 1
            n |= (b & 127) << shift
            shift += 7
            if b < 128:
                return n

    while i < len(data):
        key = number()
        if key & 7 == 2:
            size = number()
            yield key >> 3, data[i:i + size]
            i += size
        else:
            yield key >> 3, number()


def dynamic(value):
    return field(1, msgpack.packb(value, use_bin_type=False))


class Provider:
    """One running provider; started anew when it crashes."""

    def __init__(self, block):
        self.block = block
        self.start()

    def start(self):
        folder = tempfile.mkdtemp(prefix="overlay-")
        env = {**os.environ, "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
               "PLUGIN_PROTOCOL_VERSIONS": "5", "PLUGIN_UNIX_SOCKET_DIR": folder, "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
               "AWS_EC2_METADATA_DISABLED": "true"}
        self.process = subprocess.Popen([PROVIDER], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        address = self.process.stdout.readline().decode().split("|")[3]
        options = [("grpc.max_receive_message_length", 256 << 20), ("grpc.max_send_message_length", 256 << 20)]
        self.channel = grpc.insecure_channel("unix:" + address, options=options)
        self.call("GetSchema", b"")
        config = empty(self.block)
        config.update(region="eu-west-3", access_key="a", secret_key="b", skip_credentials_validation=True, max_retries=1,
                      skip_requesting_account_id=True, skip_metadata_api_check="true", skip_region_validation=True)
        self.call("Configure", field(1, b"1.11.4") + field(2, dynamic(config)))

    def stop(self):
        self.channel.close()
        self.process.terminate()
        self.process.wait()

    def call(self, method, request):
        stub = self.channel.unary_unary("/tfplugin5.Provider/" + method, request_serializer=None, response_deserializer=None)
        return list(fields(stub(request, timeout=60)))

    def plan(self, kind, prior, proposed, config):
        """(planned state, paths that force replacement, errors, legacy type system)"""
        request = field(1, kind.encode()) + field(2, dynamic(prior)) + field(3, dynamic(proposed)) + field(4, dynamic(config))
        state, replace, errors, legacy = None, set(), [], False
        for n, data in self.call("PlanResourceChange", request):
            if n == 1:
                state = msgpack.unpackb(dict(fields(data))[1], raw=False, strict_map_key=False, ext_hook=lambda c, d: UNKNOWN)
            elif n == 2:
                replace.add(".".join(v.decode() for _, step in fields(data) for s, v in fields(step) if s == 1))
            elif n == 4:
                errors.append(diagnostic(data))
            elif n == 5:
                legacy = bool(data)
        return state, replace, [e for e in errors if e[0] == 1], legacy

    def validate(self, kind, config):
        answer = self.call("ValidateResourceTypeConfig", field(1, kind.encode()) + field(2, dynamic(config)))
        return [diagnostic(d) for n, d in answer if n == 1]


def diagnostic(data):
    parts = dict(fields(data))
    return parts.get(1, 0), parts.get(2, b"").decode(), parts.get(3, b"").decode()


def learn(errors):
    """From a refusal: which value would do. False when nothing new was learned."""
    new = {}
    for _, summary, detail in errors:
        path = re.search(r"Path:\s*(\S.*?)(?:\n|$)", detail)
        name = re.sub(r"\[[^\]]*\]", "", path[1]).strip().split(".")[-1] if path else ""
        if m := re.search(r"Valid Values:\s*\[?\s*([\w.:-]+)", detail):
            new[name] = m[1]
        elif "ARN" in summary:
            new[name] = "arn:aws:iam::123456789012:role/x"
        elif "JSON" in summary:
            new[name] = "{}"
    new = {k: v for k, v in new.items() if k and SAMPLES.get(k) != v}
    SAMPLES.update(new)
    return bool(new)


# ---- values by schema
def sample(ty, name, text):
    """Any value of a type. `text` tells two samples apart."""
    if ty == "string" and name in SAMPLES and text == "x":
        return SAMPLES[name]
    if ty == "string":
        return '{"Version":"2012-10-17","Id":"%s"}' % text if re.search("policy|json|pattern$|document|definition|_body$", name) else text
    if ty == "number":
        return len(text)
    if ty == "bool":
        return len(text) % 2 == 1
    if ty == "dynamic":
        return None
    kind, inner = ty
    if kind in ("list", "set"):
        return [sample(inner, name, text)]
    if kind == "map":
        return {text: sample(inner, name, text)}
    if kind == "object":
        return {k: sample(v, k, text) for k, v in inner.items()}
    return [sample(t, name, text) for t in inner]


def empty(block):
    value = {k: None for k in block.get("attributes", {})}
    for k, b in block.get("block_types", {}).items():
        value[k] = None if b["nesting_mode"] == "single" else []
    return value


def build(block, choose, depth=0):
    """A value for a block: `choose(name, attribute)` says what stands in an attribute; every nested block stands once."""
    value = {k: choose(k, a) for k, a in block.get("attributes", {}).items()}
    for k, b in block.get("block_types", {}).items():
        if k == "timeouts":
            value[k] = None
        elif b["nesting_mode"] == "single":
            value[k] = build(b["block"], choose, depth + 1) if depth < DEPTH else None
        else:
            value[k] = [build(b["block"], choose, depth + 1)] if depth < DEPTH else []
    return value


def minimal(name, attribute):
    return sample(attribute.get("type", "dynamic"), name, "x") if attribute.get("required") else None


def full(text):
    def choose(name, attribute):
        if not (attribute.get("required") or attribute.get("optional")):
            return None
        return sample(attribute.get("type", "dynamic"), name, text)
    return choose


def known(value, block):
    """A planned value as a state after apply: what was unknown gets a value."""
    out = {}
    for k, a in block.get("attributes", {}).items():
        v = (value or {}).get(k)
        out[k] = sample(a.get("type", "dynamic"), k, "x") if v == UNKNOWN else v
    for k, b in block.get("block_types", {}).items():
        v = (value or {}).get(k)
        if b["nesting_mode"] == "single":
            out[k] = None if v in (None, UNKNOWN) else known(v, b["block"])
        else:
            out[k] = [known(x, b["block"]) for x in v if isinstance(x, dict)] if isinstance(v, list) else []
    return out


def walk(planned, written, block, prefix, out):
    for k, a in block.get("attributes", {}).items():
        v = planned.get(k)
        if not a.get("optional") or written.get(k) is not None or v is None or v == UNKNOWN or v in ([], {}):
            continue
        if isinstance(v, (str, int, float, bool)):
            # The SDK plans the zero value inside a set's element for what is simply not set: no default.
            out[prefix + k] = v
    for k, b in block.get("block_types", {}).items():
        p, w = planned.get(k), written.get(k)
        p, w = (p if isinstance(p, list) else [p]), (w if isinstance(w, list) else [w])
        if p and w and isinstance(p[0], dict) and isinstance(w[0], dict):
            walk(p[0], w[0], b["block"], f"{prefix}{k}.", out)


def computed_blocks(provider, kind, block):
    """Nested blocks, to the second level, that the plan leaves to AWS when they are not written."""
    top = {**empty(block), **{k: minimal(k, a) for k, a in block.get("attributes", {}).items()}, **ALSO.get(kind, {})}
    found = set()

    def ask(config, parent):
        planned = provider.plan(kind, None, config, config)[0] or {}
        if parent:
            planned = planned.get(parent)
            planned = planned[0] if isinstance(planned, list) and planned and isinstance(planned[0], dict) else {}
        found.update((parent + "." if parent else "") + k for k, v in planned.items() if v == UNKNOWN and k in where)

    where = block.get("block_types", {})
    ask(top, "")
    for name, nested in block.get("block_types", {}).items():
        where = nested["block"].get("block_types", {})
        if where and nested["nesting_mode"] != "single":
            only = {**empty(nested["block"]), **{k: minimal(k, a) for k, a in nested["block"].get("attributes", {}).items()}}
            ask({**top, name: [only]}, name)
    return sorted(found)


def left_alone(provider, kind, block, config, prior):
    """Top-level nested blocks that stay in the plan when the state holds them and the configuration does not."""
    for name, nested in block.get("block_types", {}).items():
        if nested["nesting_mode"] != "single" and prior.get(name) and not nested.get("min_items"):
            planned, _, errors, _ = provider.plan(kind, prior, {**prior, name: []}, {**config, name: []})
            if planned and not errors and planned.get(name) == prior[name]:
                yield name


def settable(block, prefix=""):
    for k, a in block.get("attributes", {}).items():
        if a.get("optional") or a.get("required"):
            yield prefix + k
    for k, b in block.get("block_types", {}).items():
        yield prefix + k
        yield from settable(b["block"], f"{prefix}{k}.")


def names(text):
    return [re.sub(r"\.\d+", "", n.strip().strip("`\"")) for n in text.split(",")]


def pairs(diagnostics, known_paths):
    conflicts, groups = set(), set()
    for _, summary, detail in diagnostics:
        text = f"{summary} {detail}"
        if m := re.search(r'"([\w.]+)": conflicts with ([\w.]+)', text):
            conflicts.add(tuple(sorted(names(m[1]) + names(m[2]))))
        elif m := re.search(r'"[\w.]+": only one of `([^`]+)`', text):
            groups.add(tuple(sorted(names(m[1]))))
        elif m := re.search(r'Attribute "([\w.\[\]]+)" cannot be specified when "([\w.\[\]]+)" is specified', text):
            conflicts.add(tuple(sorted(re.sub(r"\[.*?\]", "", m[i]) for i in (1, 2))))
        elif "At least one" not in text and (m := re.search(r"(?:one|No) (?:\(and only one\) )?of (?:these attributes|attribute)[^:]*: \[([^\]]+)\]", text)):
            groups.add(tuple(sorted(names(m[1]))))
    keep = lambda group: len(group) > 1 and all(g in known_paths for g in group)
    return conflicts & set(filter(keep, conflicts)), groups & set(filter(keep, groups))


def bare_of(block, kind):
    """The required arguments and no block that may be left out."""
    full = build(block, minimal)
    optional = {name for name, nested in block.get("block_types", {}).items() if not nested.get("min_items")}
    return {**full, **{k: v for k, v in empty(block).items() if k in optional}, **ALSO.get(kind, {})}


def main():
    schema = next(v for k, v in json.load(open(SCHEMA))["provider_schemas"].items() if k.endswith("/aws"))
    provider = Provider(schema["provider"]["block"])
    result, failed = {}, {}
    for kind, entry in sorted(schema["resource_schemas"].items()):
        if ONLY and kind not in ONLY:
            continue
        block, row = entry["block"], {}
        paths = set(settable(block))
        SAMPLES.clear()
        try:
            config = {**build(block, minimal), **ALSO.get(kind, {})}
            planned, _, errors, legacy = provider.plan(kind, None, config, config)
            for _ in range(12):
                if not errors or not learn(errors):
                    break
                config = {**build(block, minimal), **ALSO.get(kind, {})}
                planned, _, errors, legacy = provider.plan(kind, None, config, config)
            if errors:
                # A nested block that must not stand with only its required members: without blocks at least the top is known.
                first = errors[0]
                config = {**empty(block), **{k: minimal(k, a) for k, a in block.get("attributes", {}).items()}}
                planned, _, errors, legacy = provider.plan(kind, None, config, config)
                failed[kind] = (first if not errors else errors[0])
            if planned:
                defaults = {}
                walk(planned, config, block, "", defaults)
                # Some defaults are hidden by a block that stands beside them.
                bare = bare_of(block, kind)
                alone, _, errors, _ = provider.plan(kind, None, bare, bare)
                if alone and not errors:
                    hidden = {}
                    walk(alone, bare, block, "", hidden)
                    defaults = {**hidden, **defaults}
                row["defaults"] = defaults
                row["framework"] = not legacy
                row["computed_blocks"] = computed_blocks(provider, kind, block)
                prior, changed = known(planned, block), build(block, full("yy"))
                row["computed_blocks"] = sorted({*row["computed_blocks"], *left_alone(provider, kind, block, config, prior)})
                proposed = {k: (v if v is not None else prior.get(k)) for k, v in changed.items()}
                _, replace, errors, _ = provider.plan(kind, prior, proposed, changed)
                if errors:
                    # The whole is refused, so one argument at a time.
                    for k in proposed:
                        if changed[k] is not None and changed[k] != prior.get(k):
                            one = {**config, k: changed[k]}
                            replace |= provider.plan(kind, prior, {**prior, k: changed[k]}, one)[1]
                row["replaces"] = sorted(r for r in replace if r and r != "id")
            conflicts, groups = pairs(provider.validate(kind, build(block, full("x"))), paths)
            _, more = pairs(provider.validate(kind, empty(block)), paths)
            row["conflicts"], row["one_of"] = sorted(conflicts), sorted(groups | more)
        except grpc.RpcError as e:
            failed[kind] = (0, "crash", str(e.code()))
            provider.stop()
            provider = Provider(schema["provider"]["block"])
        row = {k: v for k, v in row.items() if v}
        if row:
            result[kind] = row
    provider.stop()
    for kind, why in failed.items():
        print(kind, *[str(w).replace("\n", " ")[:150] for w in why], file=sys.stderr)
    if ONLY:
        print(json.dumps(result, indent=1))
        return
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "defaults.json")
    with open(out, "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, sort_keys=True)}" for k, v in result.items()) + "\n}\n")
    print(f"{len(result)} types, {len(failed)} with errors", file=sys.stderr)


main()
