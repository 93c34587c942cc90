#!/usr/bin/env python3
"""A simulated AWS account for tests: moto behind a layer that makes its answers what AWS answers.

    server.py [--port 0] [--port-file FILE] [--record FILE] [--account ID] [--seed N] [--stop-with-parent]

Prints the endpoint on standard output once it listens.  See README.md here.
"""

import argparse
import logging
import os
import sys
import threading
import time

# Before moto is imported: AWS's managed policies exist in every account; three public images in place of moto's 1,282.
HERE = os.path.dirname(os.path.abspath(__file__))
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_AMIS_PATH", os.path.join(HERE, "images.json"))
os.environ.setdefault("MOTO_RDS_SNAPSHOT_LIMIT", "100000")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-3")
# moto and the repairs read it once, when they are imported.  Where it is set there is this one account: roles of others cannot be assumed.
if "--account" in sys.argv[1:-1] and sys.argv[sys.argv.index("--account") + 1] != "123456789012":
    os.environ["MOTO_ACCOUNT_ID"] = sys.argv[sys.argv.index("--account") + 1]
sys.path.insert(0, HERE)

from moto.moto_api._internal import mock_random  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

import answers  # noqa: E402
import repairs  # noqa: E402
from layer import Layer  # noqa: E402


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one segment an answer, not one a header line

    def log(self, *_args):
        pass

    def run_wsgi(self):
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
            del self.headers["Expect"]
        super().run_wsgi()

    def handle_one_request(self):
        # A cut connection (on purpose, or by the client) is no event for the log.
        try:
            super().handle_one_request()
        except (ConnectionError, OSError):
            self.close_connection = True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--port-file", help="write the port here once it listens")
    parser.add_argument("--record", help="write every request and its answer to this file, as JSON lines")
    parser.add_argument("--account", help="the account's id (default 123456789012)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same ids")
    parser.add_argument("--stop-with-parent", action="store_true", help="end when the starting process is gone")
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    controls = repairs.apply()
    mock_random.seed(given.seed)
    layer = Layer(DomainDispatcherApplication(create_backend_app), answers.Extras(), controls, given.record)
    server = make_server(given.host, given.port, layer, threaded=True, request_handler=Handler)
    server.daemon_threads = True
    if given.stop_with_parent:
        parent = os.getppid()

        def watch():
            while os.getppid() == parent:
                time.sleep(0.5)
            os._exit(0)

        threading.Thread(target=watch, daemon=True).start()
    if given.port_file:
        with open(given.port_file + ".new", "w") as f:
            f.write(str(server.server_port))
        os.replace(given.port_file + ".new", given.port_file)
    print(f"http://{given.host}:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
