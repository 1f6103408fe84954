"""Those who get alerts, on this machine: a mail server, a webhook, a program. Each keeps what it
got, and can be told to say no, to hang, or to be gone."""

import asyncio
import email
import email.policy
import json
import os
import ssl
import stat
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    """A real mail server at a port of its own. `login`: (user, password) that it asks for."""

    def __init__(self, login=None, tls=None, starttls=None, host="127.0.0.1", port=0):
        self.messages = []  # (sender, recipients, message)
        self.logins = []
        self.refuse = None  # "550 no" for the next recipients
        self.login = login
        self.host = host
        self.starttls = starttls
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.port = port
        self.server = self._run(self._listen(tls))
        self.port = self.server.sockets[0].getsockname()[1]

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _listen(self, tls):
        def serve():
            return SMTP(self, hostname="test", authenticator=self._authenticate,
                        auth_require_tls=False, auth_required=self.login is not None,
                        tls_context=self.starttls, loop=self.loop)
        return await self.loop.create_server(serve, self.host, self.port, ssl=tls)

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        word = (data.login.decode(), data.password.decode())
        self.logins.append(word)
        return AuthResult(success=word == self.login, handled=False)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append((envelope.mail_from, list(envelope.rcpt_tos), message))
        return "250 taken"

    def of(self, alert):
        """The messages of the alerts of that name."""
        return [one for one in self.messages if one[2]["X-Bullpen-Alert"] == alert]

    def close(self):
        """Gone: nobody listens at its port any more."""
        async def end():
            self.server.close()
            await self.server.wait_closed()
        self._run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)


class Webhook:
    """A real web server. `status`: what it answers; `hang`: an event that it waits for before."""

    def __init__(self):
        self.posts = []  # (headers, object)
        self.status = 200
        self.hang = None
        self.began = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.began.set()
                if outer.hang:
                    outer.hang.wait(120)
                if outer.status < 300:
                    outer.posts.append((dict(self.headers), json.loads(body)))
                try:
                    self.send_response(outer.status)
                    self.end_headers()
                    self.wfile.write(b"as you like it")
                except OSError:
                    pass  # who posted has hung up

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def of(self, alert):
        return [post for _, post in self.posts if post["alert"] == alert]

    def close(self):
        if self.hang:
            self.hang.set()
        self.server.shutdown()
        self.server.server_close()


class Program:
    """A program that keeps what it was given, one file an alert."""

    def __init__(self, directory, exit_code=0):
        self.got = Path(directory) / "got"
        self.got.mkdir()
        self.path = Path(directory) / "page"
        self.path.write_text(f"#!/bin/sh\nset -e\nfile={self.got}/$$\ncat > $file.part\n"
                             f"mv $file.part $file.json\necho paged\nexit {exit_code}\n")
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)

    def of(self, alert):
        all_of_them = [json.loads(file.read_text()) for file in self.got.glob("*.json")]
        return [one for one in all_of_them if one["alert"] == alert]


def certificate(directory):
    """A certificate for localhost and 127.0.0.2, and the context of a server that has it."""
    key, crt = Path(directory) / "key.pem", Path(directory) / "crt.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.2",
                    "-keyout", key, "-out", crt], check=True, capture_output=True,
                   env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")})
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    return crt, context
