"""A text message service that runs for real, on this machine, and keeps what it gets."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SmsService(BaseHTTPRequestHandler):
    """Answers a POST with an id, or with the status it was told to answer with."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.answer or json.dumps({"id": f"sms-{len(self.server.got)}"}).encode())

    def log_message(self, *_):
        pass


@contextmanager
def sms_service(*, status=200, answer=b""):
    """A text message service; `got` are (headers, body)."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SmsService) as server:
        server.got, server.status, server.answer = [], status, answer
        yield from _served(server)


class Babbler(socketserver.StreamRequestHandler):
    """Reads the head of what was asked, and answers with any bytes at all."""

    def handle(self):
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        self.wfile.write(self.server.answer)


@contextmanager
def answers_anything(answer):
    """A server that answers with these bytes; its address."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Babbler) as server:
        server.answer = answer
        for running in _served(server):
            yield running.server_address


def _served(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
