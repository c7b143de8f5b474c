"""A mail server that runs for real, on this machine, and keeps what it gets."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager


class MailSink(socketserver.StreamRequestHandler):
    """Just enough SMTP (RFC 5321) to take a message, or to refuse some recipients by repeating their address."""

    def handle(self):
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()[:4]
            if word == "DATA":
                self._take()
            elif word == "RCPT" and any(part in line for part in self.server.refuses):
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
        self.server.asked.set()
        self.server.answers.wait()
        self.server.mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
        self._say("250 taken")

    def _say(self, words):
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server(*, refuses=()):
    """A mail server; `mails` are what it took, `refuses` parts of addresses that it does not know.

    While `answers` is cleared it takes nothing and keeps the sender waiting; `asked` is set once there is one.
    """
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailSink) as server:
        server.mails, server.refuses = [], list(refuses)
        server.asked, server.answers = threading.Event(), threading.Event()
        server.answers.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.answers.set()
            server.shutdown()
            thread.join()
