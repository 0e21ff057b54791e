"""A mail server on the loopback for the tests: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA as RFC 5321 has them."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Mailbox(socketserver.ThreadingTCPServer):
    """Keeps what it is sent; may want TLS and a password, and refuse a recipient."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(
        self, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None, nobody: str = ""
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.tls, self.login, self.nobody = tls, login, nobody
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.heard: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self) -> None:
        self.safe, self.known = False, self.server.login is None
        self.say("220 mailbox")
        while line := self.rfile.readline():
            said = line.decode().strip()
            self.server.heard.append(said)
            word, _, rest = said.partition(" ")
            if not getattr(self, f"do_{word.lower()}", self.unknown)(rest):
                break

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # what TLS was wrapped around is closed by its server, TLS itself is not

    def unknown(self, rest: str) -> bool:
        self.say("502 unknown")
        return True

    def do_ehlo(self, rest: str) -> bool:
        more = ["STARTTLS"] if self.server.tls and not self.safe else []
        more += ["AUTH PLAIN"] if self.server.login else []
        self.say("250-mailbox")
        for name in more:
            self.say(f"250-{name}")
        self.say("250 8BITMIME")
        return True

    def do_starttls(self, rest: str) -> bool:
        assert self.server.tls is not None
        self.say("220 go on")
        try:
            self.connection: Any = self.server.tls.wrap_socket(self.connection, server_side=True)
        except OSError:
            return False
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.safe = True
        return True

    def do_auth(self, rest: str) -> bool:
        _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        self.known = (user, password) == self.server.login
        self.say("235 welcome" if self.known else "535 5.7.8 wrong user or password")
        return True

    def do_mail(self, rest: str) -> bool:
        self.say("250 ok" if self.known else "530 who are you")
        return True

    def do_rcpt(self, rest: str) -> bool:
        self.say("550 no such user" if self.server.nobody and self.server.nobody in rest else "250 ok")
        return True

    def do_rset(self, rest: str) -> bool:
        self.say("250 ok")
        return True

    def do_data(self, rest: str) -> bool:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.raw.append(b"".join(lines))
        self.server.letters.append(message_from_bytes(self.server.raw[-1], policy=policy.default))  # type: ignore[arg-type]
        self.say("250 kept")
        return True

    def do_quit(self, rest: str) -> bool:
        self.say("221 bye")
        return False


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server, answering until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
