"""The WSGI layer around moto: counts, faults, extra answers, well-formed errors, recording.

Control endpoints (JSON in, JSON out):
  GET  /_surveyor/requests         {"total": n, "operations": {"ec2:DescribeVpcs": n, ...}, "errors": {...}}
  POST /_surveyor/requests/reset
  POST /_surveyor/faults           a list of faults, replacing those that were set; [] clears them (see `Fault`)
  POST /_surveyor/answers          a list of answers added to the table of extras (see answers.py)
  POST /_surveyor/ids              ids for the next resources (see repairs/controls.py)
  POST /_surveyor/clock            {"now": "2024-11-10T09:00:00Z"} pins moto's clock, {"now": null} lets it run
  POST /_surveyor/history          what happened in the account and no call can write (see repairs/controls.py)
  POST /_surveyor/record           {"on": true, "at": "2026-01-20T08:00:00Z"} begins to write to the file of --record, {"on": false} ends
"""

import collections
import fnmatch
import io
import json
import socket
import sys
import threading
import time
import traceback

from repairs.tools import ACCOUNT
from wire import AwsError, Call, answer, error_answer, with_s3_root

# What each protocol calls "you may not" and "slow down" (services differ only in these; API reference, "Common errors").
DENIED = {"ec2": ("UnauthorizedOperation", 403), "query": ("AccessDenied", 403), "rest-xml": ("AccessDenied", 403)}
THROTTLED = {"ec2": ("RequestLimitExceeded", 503), "query": ("Throttling", 400), "rest-xml": ("SlowDown", 503)}
NONSENSE = b"<html><body>\x00\xff this is not an answer of AWS {"


class Fault:
    """{"kind": "deny" | "throttle" | "cut" | "nonsense" | "delay" | "expired" | "error", "operation": "ec2:Describe*",
    "every": 2, "times": 3, "region": "eu-west-3", "seconds": 1.5, "code": "...", "message": "...", "status": 400}

    `operation` is a glob over service:Operation (default all); `every` n hits each nth matching call; with "each": true each
    request is counted for itself, so that its first attempt is hit and its second is not; `times` ends the fault after so
    many hits; `code`, `message`, `status` replace the usual ones, `status` that of nonsense too."""

    KINDS = ("deny", "throttle", "cut", "nonsense", "delay", "expired", "error")

    def __init__(self, given):
        if given.get("kind") not in self.KINDS:
            raise ValueError(f"fault kind must be one of {', '.join(self.KINDS)}")
        self.kind = given["kind"]
        self.operation = given.get("operation", "*")
        self.region = given.get("region")
        self.every = int(given.get("every", 1))
        self.each, self.of = bool(given.get("each")), collections.Counter()
        self.times = given.get("times")
        self.seconds = float(given.get("seconds", 0))
        self.given = given
        self.seen = self.hits = 0

    def strikes(self, call):
        if not fnmatch.fnmatchcase(call.name, self.operation) or (self.region and self.region != call.region):
            return False
        self.seen += 1
        if self.each:
            self.of[call.key()] += 1
        if ((self.of[call.key()] - 1) if self.each else self.seen) % self.every or (self.times is not None and self.hits >= self.times):
            return False
        self.hits += 1
        return True

    def error(self, call):
        if self.kind == "deny":
            code, status = DENIED.get(call.protocol, ("AccessDeniedException", 400))
            message = f"User: arn:aws:iam::{ACCOUNT}:user/surveyor is not authorized to perform: {call.name}"
        elif self.kind == "throttle":
            code, status = THROTTLED.get(call.protocol, ("ThrottlingException", 400))
            message = "Rate exceeded"
        elif self.kind == "expired":
            code, status, message = "ExpiredToken", 403, "The security token included in the request is expired"
            if call.protocol in ("json", "rest-json"):
                code, status = "ExpiredTokenException", 400
        else:
            code, status, message = "InternalFailure", 500, "injected"
        return self.given.get("code", code), self.given.get("message", message), int(self.given.get("status", status))


class Layer:
    def __init__(self, moto_app, extras, controls, record=None):
        self.moto_app, self.extras, self.controls = moto_app, extras, controls
        self.record = open(record, "w", encoding="utf-8") if record else None
        self.recording = False
        self.lock = threading.Lock()
        self.faults = []
        self.reset()

    def reset(self):
        self.counts, self.errors = collections.Counter(), collections.Counter()

    # ---- WSGI
    def __call__(self, environ, start_response):
        body = _read_body(environ)
        path = environ.get("PATH_INFO", "/")
        if path.startswith("/_surveyor/"):
            status, headers, out = self.control(environ["REQUEST_METHOD"], path, body)
        elif path.startswith("/moto-api"):
            status, headers, out = self.ask_moto(environ, body)
        else:
            headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
            headers["content-type"] = environ.get("CONTENT_TYPE", "")
            raw = environ.get("REQUEST_URI", path).split("?", 1)[0]
            if "://" in raw:  # asked as a proxy
                raw = "/" + raw.split("://", 1)[1].partition("/")[2]
            call = Call(environ["REQUEST_METHOD"], raw, environ.get("QUERY_STRING", ""), headers, body)
            done = self.serve(call, environ, body)
            if done is None:
                return _cut(environ)
            status, headers, out = done
        start_response(f"{status} {'OK' if status < 400 else 'Error'}", headers + [("Content-Length", str(len(out)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [out]

    def serve(self, call, environ, body):
        """(status, headers, body), or None where the connection is to be cut."""
        with self.lock:
            self.counts[call.name] += 1
            struck = [f for f in self.faults if f.strikes(call)]
        for fault in struck:
            if fault.kind == "delay":
                time.sleep(fault.seconds)
            elif fault.kind == "cut":
                return None
            elif fault.kind == "nonsense":
                return int(fault.given.get("status", 200)), [("Content-Type", "text/html")], NONSENSE
            else:
                with self.lock:
                    self.errors[call.name] += 1
                return error_answer(call, *fault.error(call))
        done = self.plain(call, environ, body)
        if done[0] >= 400:
            with self.lock:
                self.errors[call.name] += 1
        if self.recording:
            self.write_down(call, *done)
        return done

    def plain(self, call, environ, body):
        """The answer without faults: our extras first, then moto; what moto cannot do becomes a well-formed 400."""
        try:
            extra = self.extras.find(call)
            if extra is not None:
                return answer(call, extra)
        except AwsError as error:
            return error_answer(call, error.code, error.message, error.status)
        except Exception:
            traceback.print_exc()
            return error_answer(call, "InvalidAction", f"the simulator's extra for {call.name} failed")
        try:
            status, headers, out = self.ask_moto_again(call, environ, body)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            print(f"moto cannot {call.name}: {type(error).__name__}: {error} ({last.filename}:{last.lineno})", file=sys.stderr, flush=True)
            return error_answer(call, "InvalidAction", f"the simulator does not have {call.name}: {type(error).__name__}: {error}"[:500])
        page = out[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))
        if status >= 500 or (status == 404 and (page or out == b"Not Found")):
            print(f"moto cannot {call.name}: HTTP {status}", file=sys.stderr, flush=True)
            return error_answer(call, "InvalidAction", f"the simulator does not have {call.name}")
        return status, headers, with_s3_root(call, status, out)

    def ask_moto_again(self, call, environ, body):
        """moto makes what a region holds when it is first asked for, also while another thread goes through all regions: a read that
        stumbles over that is asked again."""
        for _ in range(5):
            try:
                return self.ask_moto(environ, body)
            except RuntimeError as error:
                reads = call.name.split(":")[1].startswith(("Describe", "Get", "List"))
                if not reads or "changed size during iteration" not in str(error):
                    raise
        return self.ask_moto(environ, body)

    def ask_moto(self, environ, body):
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("wsgi.input_terminated", None)
        seen = {}

        def start(status, headers, exc_info=None):
            seen["status"], seen["headers"] = int(status.split()[0]), headers

        chunks = self.moto_app(environ, start)
        out = b"".join(chunks)
        headers = [(k, v) for k, v in seen["headers"] if k.lower() not in ("content-length", "connection", "date", "server", "transfer-encoding") or (k.lower() == "content-length" and environ["REQUEST_METHOD"] == "HEAD")]
        return seen["status"], [h for h in headers if h[0].lower() != "content-length"], out

    def write_down(self, call, status, headers, out):
        entry = {
            "key": call.key(),
            "operation": call.name,
            "status": status,
            "content_type": next((v for k, v in headers if k.lower() == "content-type"), ""),
        }
        kept = {k.lower(): v for k, v in headers if k.lower() in ("etag", "x-amz-bucket-region", "x-amzn-errortype", "location")}
        if kept:
            entry["headers"] = kept
        try:
            entry["body"] = out.decode("utf-8")
        except UnicodeDecodeError:
            import base64

            entry["body_base64"] = base64.b64encode(out).decode()
        with self.lock:
            self.record.write(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")
            self.record.flush()

    # ---- control
    def control(self, method, path, body):
        try:
            given = json.loads(body or b"null")
            if (method, path) == ("GET", "/_surveyor/requests"):
                with self.lock:
                    result = {"total": sum(self.counts.values()), "operations": dict(sorted(self.counts.items())), "errors": dict(sorted(self.errors.items()))}
            elif (method, path) == ("POST", "/_surveyor/requests/reset"):
                with self.lock:
                    self.reset()
                result = {}
            elif (method, path) == ("POST", "/_surveyor/faults"):
                faults = [Fault(f) for f in given]
                with self.lock:
                    self.faults = faults
                result = {"faults": len(faults)}
            elif (method, path) == ("GET", "/_surveyor/faults"):
                with self.lock:
                    result = [{**f.given, "seen": f.seen, "hits": f.hits} for f in self.faults]
            elif (method, path) == ("POST", "/_surveyor/answers"):
                result = {"answers": self.extras.add(given)}
            elif (method, path) == ("POST", "/_surveyor/record"):
                if self.record is None:
                    raise ValueError("the server was not started with --record")
                self.recording = bool(given["on"])
                if self.recording:
                    self.record.write(json.dumps({"recorded_at": given["at"]}) + "\n")
                    self.record.flush()
                result = {"recording": self.recording}
            elif method == "POST" and path.rsplit("/", 1)[1] in self.controls:
                result = self.controls[path.rsplit("/", 1)[1]](given) or {}
            else:
                return 404, [("Content-Type", "application/json")], b'{"error": "no such control"}'
            return 200, [("Content-Type", "application/json")], json.dumps(result).encode()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return 400, [("Content-Type", "application/json")], json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()


def _read_body(environ):
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ["wsgi.input"].read(length) if length else b""


def _cut(environ):
    """Half an answer, then the end of the connection."""
    connection = environ["werkzeug.socket"]
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4096\r\n\r\n<half>")
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("cut on purpose")
