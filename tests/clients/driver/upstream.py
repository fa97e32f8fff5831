"""A stand-in for Bedrock that checks signatures and answers equal requests differently.

The answers are the simulator's; the nth of equal Converse requests has its number before it.
"""

import hashlib
import http.client
import json
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from . import programs

HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}


class Upstream:
    """What the stand-in saw."""

    def __init__(self, simulator, checks_signatures, api_key):
        self.simulator = urlsplit(simulator)
        self.checks_signatures = checks_signatures
        self.api_key = api_key
        self.lock = threading.Lock()
        self.equal = Counter()
        self.calls = 0
        self.refused = []

    def nth(self, path, body):
        with suppress(ValueError):
            body = json.dumps(json.loads(body), sort_keys=True).encode()
        digest = hashlib.sha256(path.encode() + b"\0" + body).digest()
        with self.lock:
            self.calls += 1
            self.equal[digest] += 1
            return self.equal[digest]

    def ask(self, method, path, headers, body):
        """The simulator's answer: status, headers, body."""
        connection = http.client.HTTPConnection(self.simulator.hostname, self.simulator.port)
        passed = {name: value for name, value in headers.items() if name.lower() != "host"}
        connection.request(method, path, body, passed)
        answer = connection.getresponse()
        headers = [(name, value) for name, value in answer.getheaders()]
        content = answer.read()
        connection.close()
        return answer.status, headers, content


def wrong_signature(method, path, headers, body):
    """Why a request's SigV4 signature is not the one that AWS would compute."""
    found = headers.get("authorization", "")
    if not found.startswith("AWS4-HMAC-SHA256 "):
        return f"no SigV4 signature, but {found[:20]!r}"
    parts = dict(part.strip().split("=", 1) for part in found.split(" ", 1)[1].split(","))
    access_key, _, region, service, _ = parts["Credential"].split("/")
    if (access_key, service) != (programs.AWS["AWS_ACCESS_KEY_ID"], "bedrock"):
        return f"signed by {access_key} for {service}"
    credentials = Credentials(access_key, programs.AWS["AWS_SECRET_ACCESS_KEY"])
    signed = {name: headers[name] for name in parts["SignedHeaders"].split(";") if name in headers}
    request = AWSRequest(method, f"http://{headers['host']}{path}", signed, body)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(credentials, service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    if signer.signature(text, request) != parts["Signature"]:
        return "the signature does not match"
    return None


class Answering(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    upstream = None

    def do_POST(self):
        body = self.body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        nth = self.upstream.nth(self.path, body)
        wrong = self.wrong(headers, body)
        if wrong:
            self.upstream.refused.append(wrong)
            return self.answer(403, REFUSED, json.dumps({"message": wrong}).encode())
        status, answered, content = self.upstream.ask("POST", self.path, headers, body)
        if status == 200 and self.path.endswith("/converse"):
            reply = json.loads(content)
            said = reply["output"]["message"]["content"][0]
            said["text"] = f"{nth}. {said['text']}"
            content = json.dumps(reply).encode()
        return self.answer(status, answered, content)

    def wrong(self, headers, body):
        """Why the caller is not let in."""
        key = self.upstream.api_key
        if key and headers.get("authorization") != f"Bearer {key}":
            return "not the API key"
        if self.upstream.checks_signatures:
            return wrong_signature("POST", self.path, headers, body)
        return None

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


REFUSED = [
    ("content-type", "application/json"),
    ("x-amzn-errortype", "InvalidSignatureException"),
]


@contextmanager
def upstream(folder, *faults, checks_signatures=False, api_key=None):
    """The stand-in on a free port, before a simulator with these faults."""
    with programs.simulator(folder, *faults) as simulator:
        state = Upstream(simulator.endpoint, checks_signatures, api_key)
        answering = type("Answering", (Answering,), {"upstream": state})
        listening = ThreadingHTTPServer(("127.0.0.1", 0), answering)
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        state.endpoint = f"http://127.0.0.1:{listening.server_port}"
        try:
            yield state
        finally:
            listening.shutdown()
            listening.server_close()
