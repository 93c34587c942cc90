"""What an AWS request is and what its answer must look like on the wire.

From a raw HTTP request to (service, region, operation, parameters), and from a Python value in the shape
of the API reference back to bytes, for every AWS protocol.  The models are botocore's.
"""

import functools
import json
import re
import struct
import urllib.parse
from xml.sax.saxutils import escape

from moto.core import parse as moto_parse
from moto.core import serialize as moto_serialize
from moto.core.loaders import create_loader
from moto.core.model import ServiceModel

# Signing name -> the botocore models that sign with it (where it is not one model of the same name).
MODELS_OF = {
    "ses": ["sesv2", "ses"],
    "elasticloadbalancing": ["elbv2", "elb"],
    "monitoring": ["cloudwatch"],
    "tagging": ["resourcegroupstaggingapi"],
    "sms-voice": ["pinpoint-sms-voice-v2"],
    "s3": ["s3", "s3control"],
    "apigateway": ["apigateway", "apigatewayv2"],
    "access-analyzer": ["accessanalyzer"],
    "cloudcontrolapi": ["cloudcontrol"],
    "states": ["stepfunctions"],
    "servicequotas": ["service-quotas"],
    "elasticmapreduce": ["emr"],
    "elasticfilesystem": ["efs"],
    "es": ["opensearch", "es"],
    "aoss": ["opensearchserverless"],
    "servicediscovery": ["servicediscovery"],
}

# botocore model -> the name that requests are counted by, where it differs.
NAMES = {"efs": "elasticfilesystem", "resourcegroupstaggingapi": "tagging", "pinpoint-sms-voice-v2": "sms-voice", "stepfunctions": "states", "service-quotas": "servicequotas"}

_loader = create_loader()


@functools.lru_cache(maxsize=None)
def model(name):
    """The service model of a botocore name, or None where there is none."""
    try:
        return ServiceModel(_loader.load_service_model(name, "service-2"), name)
    except Exception:  # botocore: UnknownServiceError, DataNotFoundError
        return None


@functools.lru_cache(maxsize=None)
def rest_table(name):
    """[(method, path regex, required query literals, operation)], most specific first."""
    table = []
    service_model = model(name)
    for operation in service_model.operation_names:
        http = service_model.operation_model(operation).http
        uri = http.get("requestUri", "/")
        path, _, query = uri.partition("?")
        literals = urllib.parse.parse_qsl(query, keep_blank_values=True)
        pattern, literal_length = "", 0
        for part in re.split(r"(\{[^}]+\})", path):
            if part.startswith("{"):
                pattern += "(.+)" if part.endswith("+}") else "([^/]+)"
            else:
                pattern += re.escape(part)
                literal_length += len(part)
        input_shape = service_model.operation_model(operation).input_shape
        needed = list(getattr(input_shape, "required_query_args", [])) if input_shape else []
        table.append((http.get("method", "POST"), re.compile(pattern.rstrip("/") + "/?$"), literals, needed, literal_length, operation))
    # Deprecated operations share their address with what replaced them.
    table.sort(key=lambda row: (-len(row[2]), -len(row[3]), -row[4], service_model.operation_model(row[5]).deprecated, len(row[5])))
    return table


def _speaks_form(service_model):
    spoken = service_model.metadata.get("protocols") or [service_model.metadata["protocol"]]
    return "query" in spoken or "ec2" in spoken


class Call:
    """One request, understood as far as it can be."""

    def __init__(self, method, path, query, headers, body):
        self.method, self.path, self.query_string, self.headers, self.body = method, path, query, headers, body
        self.query = urllib.parse.parse_qsl(query, keep_blank_values=True)
        scope = re.search(r"Credential=[^/]+/\d{8}/([^/]*)/([^/]+)/aws4_request", headers.get("authorization", ""))
        self.region, self.signing = (scope.group(1), scope.group(2).lower()) if scope else ("", "")
        if scope is None:  # presigned, or not signed at all
            credential = dict(self.query).get("X-Amz-Credential", "").split("/")
            if len(credential) == 5:
                self.region, self.signing = credential[2], credential[3]
        self.target = headers.get("x-amz-target", "")
        self.cbor = headers.get("smithy-protocol", "") == "rpc-v2-cbor"
        self.model_name, self.operation = self._identify()
        self.model = model(self.model_name) if self.model_name else None

    # ---- who is asked for what
    def _form(self):
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return dict(urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        return {}

    def _identify(self):
        candidates = MODELS_OF.get(self.signing, [self.signing] if self.signing else [])
        if self.cbor:
            found = re.search(r"/service/[^/]+/operation/([^/]+)$", self.path)
            return (candidates[0] if candidates else None), (found.group(1) if found else "Unknown")
        if self.target:
            prefix, _, operation = self.target.rpartition(".")
            for name in candidates:
                if model(name) and model(name).metadata.get("targetPrefix") == prefix:
                    return name, operation
            return (candidates[0] if candidates else None), operation
        form = self._form()
        action = form.get("Action") or dict(self.query).get("Action")
        if action:
            for name in candidates:
                if model(name) and model(name).metadata.get("apiVersion") == form.get("Version") and _speaks_form(model(name)):
                    return name, action
            for name in candidates:
                if model(name) and _speaks_form(model(name)):
                    return name, action
            return (candidates[0] if candidates else None), action
        if self.signing == "s3":
            candidates = ["s3control"] if self.path.startswith("/v20180820/") else ["s3"]
        given = dict(self.query)
        for name in candidates:
            if model(name) is None or not model(name).metadata["protocol"].startswith("rest"):
                continue
            for method, pattern, literals, needed, _, operation in rest_table(name):
                if method != self.method or not pattern.match(self.path):
                    continue
                if all(given.get(k) == v for k, v in literals) and all(k in given for k in needed):
                    return name, operation
        return (candidates[0] if candidates else None), "Unknown"

    @property
    def service(self):
        """The service's name as the API's models have it: `elbv2`, `sesv2`, `s3control`."""
        return NAMES.get(self.model_name, self.model_name or self.signing or "unsigned")

    @property
    def name(self):
        return f"{self.service}:{self.operation}"

    @property
    def protocol(self):
        """The protocol that this caller speaks: some services answer in several."""
        if self.model is None:
            return "json" if self.target else "rest-xml"
        spoken = self.model.metadata.get("protocols") or [self.model.metadata["protocol"]]
        if self.target and "json" in spoken:
            return "json"
        if self._form().get("Action") and "query" in spoken:
            return "query"
        return next(p for p in spoken if p in moto_serialize.SERIALIZERS)

    @property
    def operation_model(self):
        if self.model is not None and self.operation in self.model.operation_names:
            return self.model.operation_model(self.operation)
        return None

    def parameters(self):
        """The request's parameters by the names of the API reference; {} where they cannot be read."""
        operation = self.operation_model
        if operation is None or self.cbor:
            return {}
        if self.protocol == "json":
            try:
                return json.loads(self.body or b"{}")
            except ValueError:
                return {}
        from werkzeug.datastructures import Headers, MultiDict

        pattern = re.sub(r"\{([^}+]+)\+?\}", lambda m: f"(?P<{re.sub(r'[^A-Za-z0-9_]', '_', m.group(1))}>.+?)", operation.http_trait.path.rstrip("/") or "/")
        found = re.match(pattern + "/?$", self.path)
        parser = moto_parse.PROTOCOL_PARSERS[self.protocol](operation)
        values = MultiDict(self.query)
        values.update(self._form())
        return parser.parse(
            {
                "body": self.body,
                "headers": Headers(list(self.headers.items())),
                "method": self.method,
                "url_params": found.groupdict() if found else {},
                "url_path": self.path,
                "values": values,
            }
        )

    # ---- the key that a recording is looked up by
    def key(self):
        """`METHOD service/region path?sorted-query target canonical-body`, see README.md."""
        # SDKs add their operation's name to REST queries; it is no part of what is asked.
        pairs = sorted(p for p in self.query_string.split("&") if p and not p.startswith("x-id="))
        return f"{self.method} {self.signing}/{self.region} {self.path}?{'&'.join(pairs)} {self.target or '-'} {self._canonical_body()}"

    def _canonical_body(self):
        try:
            body = json.loads(self.body)
            if isinstance(body, dict):
                # The ends of a time window are different in every scan.
                body = {k: v for k, v in body.items() if k not in ("StartTime", "EndTime")}
            return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        except ValueError:
            pass
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return "&".join(sorted(self.body.decode("utf-8", "replace").split("&")))
        return ""


# ---- answers
# Root elements of S3's answers; moto names them after the shape, and SDKs that read strictly refuse that (API reference,
# "Response Syntax" of each operation).
S3_ROOTS = {
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
}


def with_s3_root(call, status, out):
    """The answer of an S3 operation with the root element that AWS gives it."""
    root = S3_ROOTS.get(call.operation) if call.model_name == "s3" and status == 200 else None
    if root is None:
        return out
    found = re.match(rb"(\s*(?:<\?xml.*?\?>)?\s*<)([A-Za-z]+)", out)
    if found is None or found.group(2) == root.encode():
        return out
    body = out[: found.start(2)] + root.encode() + out[found.end(2) :]
    return re.sub(rb"</" + found.group(2) + rb">(\s*)$", b"</" + root.encode() + rb">\1", body)


class AwsError(Exception):
    """An error that AWS would answer: code, message, HTTP status."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def error_answer(call, code, message, status=400):
    """(status, headers, body) of an error in the protocol that the caller speaks."""
    rid = "00000000-0000-4000-8000-000000000000"
    if call.cbor:
        body = _cbor({"__type": code, "message": message})
        return status, [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")], body
    protocol = call.protocol
    if protocol in ("json", "rest-json"):
        content_type = "application/x-amz-json-1.1" if protocol == "json" else "application/json"
        headers = [("Content-Type", content_type), ("x-amzn-ErrorType", code), ("x-amzn-RequestId", rid)]
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    code, message = escape(code), escape(message)
    if protocol == "ec2":
        body = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{rid}</RequestID></Response>"
    elif call.model_name == "s3" or call.model is None:
        body = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{rid}</RequestId></Error>"
    else:
        body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>{rid}</RequestId></ErrorResponse>"
    return status, [("Content-Type", "text/xml"), ("x-amz-request-id", rid)], b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode()


def answer(call, value):
    """(status, headers, body) of a value in the shape of the API reference."""
    operation = call.operation_model
    if call.cbor:
        return 200, [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")], _cbor(value)
    serializer = moto_serialize.get_serializer_class(call.model_name, call.protocol)(operation)
    done = serializer.serialize(value)
    body = done["body"]
    headers = {"Content-Type": "text/xml" if call.protocol in ("ec2", "query", "rest-xml") else "application/json"}
    headers.update(done["headers"])
    body = with_s3_root(call, done["status_code"], body if isinstance(body, bytes) else body.encode())
    return done["status_code"], list(headers.items()), body


def _cbor(value):
    """RFC 8949, the few types that answers are made of."""

    def head(major, n):
        for size, code, form in ((24, None, ""), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I"), (1 << 64, 27, ">Q")):
            if n < size:
                return bytes([major << 5 | n]) if code is None else bytes([major << 5 | code]) + struct.pack(form, n)
        raise ValueError(n)

    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        raw = value.encode()
        return head(3, len(raw)) + raw
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(_cbor(k) + _cbor(v) for k, v in value.items())
    return head(4, len(value)) + b"".join(_cbor(v) for v in value)
