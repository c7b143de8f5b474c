"""A mail server and a text message service that run for real, on this machine, and keep what they get."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class MailSink(socketserver.StreamRequestHandler):
    """Just enough SMTP (RFC 5321) to take a message, or to refuse every recipient."""

    def handle(self):
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()[:4]
            if word == "DATA":
                self._take()
            elif word == "RCPT" and self.server.refuses:
                self._say(f"550 {line.partition(':')[2]} is unknown here")
            else:
                self._say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def _take(self):
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.mails.append(b"".join(lines).decode())
        self._say("250 taken")

    def _say(self, words):
        self.wfile.write(f"{words}\r\n".encode())


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
def mail_server(*, refuses=False):
    """A mail server; `mails` are what it took."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailSink) as server:
        server.mails, server.refuses = [], refuses
        yield from _served(server)


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
