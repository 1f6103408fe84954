#!/usr/bin/env python3
"""Health over HTTP: a real bullpen-health at a socket of its home or at a port that the kernel
chose, asked as monitors ask, and by clients that mean harm or nothing."""

import http.client
import json
import os
import signal
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import home as homes  # noqa: E402

UNIX = '[health]\nlisten = "unix"\n'
PORT = '[health]\nlisten = "tcp://127.0.0.1:0"\n'
PLACES = 32
# A slow client is let go after 5 s.
SLOW_S = 30


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=homes.DEADLINE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def asked(connection, path, method="GET"):
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else None
    finally:
        connection.close()


class Health(unittest.TestCase):
    def running(self, settings):
        home = homes.Home(settings)
        self.addCleanup(home.end)
        home.puppet("alpha", ["sleep"])
        home.start()
        home.until("alpha", "RUNNING")
        home.until_service("bullpen-health", "RUNNING")
        return home

    def endpoint(self, home):
        return (home.root / "services/bullpen-health/endpoint").read_text().strip()

    def port(self, home):
        return int(self.endpoint(home).rpartition(":")[2])

    def get(self, home, path="/health", method="GET"):
        where = self.endpoint(home)
        if where.startswith("unix:"):
            return asked(UnixConnection(where.removeprefix("unix:")), path, method)
        return asked(http.client.HTTPConnection("127.0.0.1", self.port(home),
                                                timeout=homes.DEADLINE), path, method)

    def test_what_is_answered_is_what_the_command_says_as_accounts_and_the_daemon_die(self):
        home = self.running(UNIX)
        self.assertEqual(self.endpoint(home), f"unix:{os.path.realpath(home.root)}/run/health")
        status, body = self.get(home)
        self.assertEqual((status, body["health"]), (200, "OK"))
        self.assertEqual(body["text"], json.loads(home.ctl("--json", "health").stdout)["text"])
        self.assertEqual(self.get(home, "/health/alpha")[0], 200)
        self.assertEqual(self.get(home, "/health/nobody")[0], 404)

        home.puppet("beta", ["exit", "78"])
        home.ctl("update", check=False)
        home.until("beta", "FATAL")
        status, body = self.get(home)
        self.assertEqual((status, body["health"]), (503, "CRITICAL"))
        self.assertIn("beta FATAL", body["text"])
        self.assertEqual(self.get(home, "/health/alpha")[0], 200)
        self.assertEqual(self.get(home, "/health/beta")[0], 503)

        # Who answers goes on without a daemon, as workers do, and says that it is not there.
        home.kill_daemon()
        status, body = self.get(home)
        self.assertEqual((status, body["health"]), (503, "CRITICAL"))
        self.assertIn("bullpend is down", body["text"])
        self.assertIsNone(body["daemon"])
        home.start()
        home.until_service("bullpen-health", "RUNNING")
        self.assertEqual(self.get(home, "/health/alpha")[0], 200)

    def test_a_daemon_that_hangs_is_told_to_a_monitor(self):
        home = self.running(PORT)
        os.kill(home.daemon.pid, signal.SIGSTOP)
        try:
            homes.eventually(lambda: self.get(home)[0] == 503, lambda: self.get(home))
            self.assertIn("bullpend hangs", self.get(home)[1]["text"])
        finally:
            os.kill(home.daemon.pid, signal.SIGCONT)
        homes.eventually(lambda: self.get(home)[0] == 200, lambda: self.get(home))

    def test_a_port_is_of_this_host_alone_and_looking_is_all_that_it_answers(self):
        home = self.running(PORT)
        self.assertRegex(self.endpoint(home), r"^tcp://127\.0\.0\.1:\d+$")
        self.assertEqual(self.get(home)[0], 200)
        self.assertEqual(self.get(home, method="HEAD"), (200, None))
        self.assertEqual(self.get(home, method="POST")[0], 405)
        self.assertEqual(self.get(home, "/")[0], 404)
        for endpoint in ("tcp://0.0.0.0:9180", "tcp://192.0.2.7:9180", "tcp://localhost:9180"):
            home.settings(f'[health]\nlisten = "{endpoint}"\n')
            refused = home.ctl("check", check=False)
            self.assertEqual(refused.returncode, 78, refused)
            self.assertIn("health.listen", refused.stdout + refused.stderr)

    def test_slow_and_broken_clients_keep_nobody_waiting(self):
        home = self.running(PORT)
        address = ("127.0.0.1", self.port(home))
        silent = [socket.create_connection(address) for _ in range(PLACES - 1)]
        try:
            # One place is left.
            self.assertEqual(self.get(home)[0], 200)
            silent += [socket.create_connection(address) for _ in range(PLACES)]
            # All places are taken now; who comes is answered when the silent ones are let go.
            self.assertEqual(self.get(home)[0], 200)
            silent[0].settimeout(SLOW_S)
            self.assertEqual(silent[0].recv(1), b"")
        finally:
            for link in silent:
                link.close()
        with socket.create_connection(address) as link:
            link.sendall(b"\x16\x03\x01 no request\r\n\r\n")
            link.settimeout(SLOW_S)
            self.assertTrue(link.recv(100).startswith(b"HTTP/1.1 400 "))
        with socket.create_connection(address) as link:
            link.settimeout(SLOW_S)
            try:
                link.sendall(b"GET /health HTTP/1.1\r\n" + b"X: " + b"a" * 100_000)
                self.assertTrue(link.recv(100).startswith(b"HTTP/1.1 400 "))
            except OSError:
                pass  # closed with bytes unread
        self.assertEqual(self.get(home)[0], 200)
        self.assertEqual(home.service("bullpen-health")["restarts"], 0)

    def test_without_the_setting_nobody_listens(self):
        home = homes.Home("")
        self.addCleanup(home.end)
        home.puppet("alpha", ["sleep"])
        home.start()
        home.until("alpha", "RUNNING")
        self.assertEqual(home.service("bullpen-health"), {})
        self.assertFalse((home.root / "run/health").exists())
        home.settings(UNIX)
        home.ctl("update")
        home.until_service("bullpen-health", "RUNNING")
        self.assertEqual(self.get(home)[0], 200)


if __name__ == "__main__":
    homes.main()
