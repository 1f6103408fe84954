#!/usr/bin/env python3
"""Control from another host: real bullpen-remote on a port that the kernel chose, real bullpenctl
--host, and peers that are nobody."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import zmq
import zmq.utils.z85 as z85

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import home as homes  # noqa: E402

LISTEN = '[remote]\nlisten = "tcp://127.0.0.1:0"\n'
# How long a peer that is to get nothing is waited for. What it gets, it gets at once.
NOTHING_S = 1.5


class Far:
    """Somebody on another host: a key of his own, and what he was told of the home."""

    def __init__(self, home, name):
        self.home, self.facts = home, None
        self.key = Path(home.directory) / f"{name}.key"
        done = home.ctl("--json", "remote", "keygen", self.key)
        self.public = json.loads(done.stdout)["public_key"]

    def ctl(self, *words, server_key=None, deadline=60):
        facts = self.facts = self.facts or standing(self.home)
        return subprocess.run(
            [homes.BIN / "bullpenctl", "--host", facts["endpoint"], "--key", self.key,
             "--server-key", server_key or facts["server_key"], *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=deadline,
            env={"PATH": "/usr/bin:/bin", "BULLPEN_HOME": str(self.home.directory) + "/none"})

    def socket(self, context):
        """A connection of his own that stays."""
        link = context.socket(zmq.DEALER)
        link.linger = 0
        link.curve_serverkey = z85.encode(bytes.fromhex(standing(self.home)["server_key"]))
        link.curve_publickey = z85.encode(bytes.fromhex(self.public))
        link.curve_secretkey = z85.encode(bytes.fromhex(self.key.read_text().strip()))
        link.connect(standing(self.home)["endpoint"])
        return link


def standing(home):
    return json.loads(home.ctl("remote", "list", "--json").stdout)


def ask(link, command, seconds=homes.DEADLINE, **args):
    link.send(json.dumps({"v": 1, "type": "request", "id": "1", "command": command,
                          "args": args, "user": "root"}).encode())
    if link.poll(int(seconds * 1000)) == 0:
        return None
    return json.loads(link.recv())


class Remote(unittest.TestCase):
    def home(self, settings=LISTEN):
        home = homes.Home(settings)
        self.addCleanup(home.end)
        home.puppet("alpha", ["sleep"])
        home.ctl("remote", "keygen")
        return home

    def running(self):
        home = self.home()
        home.start()
        home.until("alpha", "RUNNING")
        home.until_service("bullpen-remote", "RUNNING")
        return home

    def test_who_may_operate_sees_the_fleet_stops_an_account_and_is_named_in_the_audit_log(self):
        home = self.running()
        desk = Far(home, "desk")
        home.ctl("remote", "allow", "desk", desk.public, "--right", "operate")

        here, there = home.status(), json.loads(desk.ctl("status", "--json").stdout)
        self.assertEqual([a["account"] for a in there["accounts"]], ["alpha"])
        for key in ("state", "pid", "fence", "mode"):
            self.assertEqual(there["accounts"][0][key], here["accounts"][0][key])
        self.assertEqual(there["daemon"]["pid"], home.daemon.pid)
        self.assertTrue(there["home"].endswith(here["home"]), there["home"])
        self.assertIn("RUNNING", desk.ctl("status").stdout)
        self.assertEqual(desk.ctl("list").stdout, "alpha\n")
        self.assertEqual(desk.ctl("health").returncode, 0)
        self.assertIn("RUNNING", desk.ctl("explain", "alpha").stdout)
        self.assertIn("alpha", desk.ctl("events").stdout)

        stopped = desk.ctl("stop", "alpha")
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        self.assertIn("stopped", stopped.stdout)
        self.assertEqual(home.of("alpha")["state"], "STOPPED")
        audit = (home.root / "logs" / "audit.log").read_text()
        line = next(x for x in map(json.loads, audit.splitlines()) if x.get("command") == "stop")
        self.assertEqual((line["user"], line["accounts"]), ("remote:desk", "alpha"))

        self.assertEqual(desk.ctl("start", "alpha").returncode, 0)
        for words in (("shutdown",), ("tail", "alpha"), ("credentials", "list", "alpha")):
            refused = desk.ctl(*words)
            self.assertEqual(refused.returncode, 64, refused)
        self.assertEqual(home.of("alpha")["state"], "RUNNING")

    def test_who_may_read_sees_the_fleet_and_cannot_stop_an_account(self):
        home = self.running()
        wall = Far(home, "wall")
        home.ctl("remote", "allow", "wall", wall.public)
        pid = home.of("alpha")["pid"]
        self.assertIn("RUNNING", wall.ctl("status").stdout)
        for words in (("stop", "alpha"), ("halt", "alpha"), ("signal", "KILL", "alpha"),
                      ("update",)):
            refused = wall.ctl(*words)
            self.assertEqual(refused.returncode, 1, refused)
            self.assertIn("wall may look, not", refused.stderr)
        # Whatever a client of its own says: the right is of the key.
        with zmq.Context() as context, wall.socket(context) as link:
            for command in ("stop", "shutdown", "upgrade", "unlock", "credentials", "nonsense"):
                answer = ask(link, command, accounts=["alpha"])
                self.assertEqual((answer["kind"], answer["code"]), ("error", "not_allowed"))
        self.assertEqual(home.of("alpha")["pid"], pid)
        self.assertNotIn("remote:wall", (home.root / "logs" / "audit.log").read_text()
                         if (home.root / "logs" / "audit.log").exists() else "")

    def test_a_peer_without_curve_and_one_with_an_unknown_key_get_nothing(self):
        home = self.running()
        desk, nobody = Far(home, "desk"), Far(home, "nobody")
        home.ctl("remote", "allow", "desk", desk.public)
        endpoint = standing(home)["endpoint"]
        with zmq.Context() as context:
            with context.socket(zmq.DEALER) as plain:
                plain.linger = 0
                plain.connect(endpoint)
                self.assertIsNone(ask(plain, "version", NOTHING_S))
            with context.socket(zmq.DEALER) as plain:
                plain.linger = 0
                plain.plain_username, plain.plain_password = b"desk", b"x"
                plain.connect(endpoint)
                self.assertIsNone(ask(plain, "version", NOTHING_S))
            with nobody.socket(context) as stranger:
                self.assertIsNone(ask(stranger, "version", NOTHING_S))
            # The home's cookie opens nothing here.
            with context.socket(zmq.DEALER) as plain:
                plain.linger = 0
                plain.connect(endpoint)
                plain.send_multipart([home.cookie().encode(), b"{}"])
                self.assertEqual(plain.poll(int(NOTHING_S * 1000)), 0)
        refused = nobody.ctl("status")
        self.assertEqual(refused.returncode, 4, refused)
        self.assertIn("lets no client in with this key", refused.stderr)
        wrong = desk.ctl("status", server_key=nobody.public)
        self.assertEqual(wrong.returncode, 4, wrong)
        self.assertIn("its key is not the one", wrong.stderr)
        log = home.root / "services/bullpen-remote/logs/remote.log"
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        told = [x for x in lines if x["event"] == "client_refused"]
        self.assertTrue(told, lines)
        self.assertTrue(all(x["who"] == "127.0.0.1" for x in told), told)
        self.assertTrue(any(nobody.public in x["what"] for x in told), told)
        self.assertEqual(desk.ctl("status").returncode, 0)

    def test_a_key_that_is_revoked_counts_for_nothing_at_once_also_of_who_is_connected(self):
        home = self.running()
        desk = Far(home, "desk")
        home.ctl("remote", "allow", "desk", desk.public, "--right", "operate")
        with zmq.Context() as context, desk.socket(context) as link:
            self.assertEqual(ask(link, "version")["code"], "version")
            home.ctl("remote", "revoke", "desk")
            self.assertEqual(ask(link, "stop", accounts=["alpha"])["code"], "not_allowed")
        self.assertEqual(desk.ctl("status").returncode, 4)
        self.assertEqual(home.of("alpha")["state"], "RUNNING")
        # With less right than before, too.
        home.ctl("remote", "allow", "desk", desk.public, "--right", "read")
        self.assertEqual(desk.ctl("stop", "alpha").returncode, 1)

    def test_a_list_that_others_can_write_or_that_makes_no_sense_lets_in_nobody(self):
        home = self.running()
        desk = Far(home, "desk")
        home.ctl("remote", "allow", "desk", desk.public)
        clients = home.root / "remote" / "clients"
        self.assertEqual(clients.stat().st_mode & 0o777, 0o600)
        self.assertEqual(desk.ctl("status").returncode, 0)
        clients.chmod(0o622)
        self.assertEqual(desk.ctl("status").returncode, 4)
        clients.chmod(0o600)
        self.assertEqual(desk.ctl("status").returncode, 0)
        clients.write_text(clients.read_text() + "wall rule 12\n")
        self.assertEqual(desk.ctl("status").returncode, 4)
        trouble = homes.eventually(lambda: home.service("bullpen-remote")["last_error"],
                                   "the service says why")
        self.assertIn("line 3", trouble)

    def test_secrets_are_in_files_of_their_owner_alone_are_never_shown_and_not_replaced(self):
        home = self.home()
        server = home.root / "remote" / "server.key"
        self.assertEqual(server.stat().st_mode & 0o777, 0o600)
        self.assertEqual((home.root / "remote").stat().st_mode & 0o777, 0o700)
        desk = Far(home, "desk")
        secrets = {server.read_text().strip(), desk.key.read_text().strip()}
        before = server.read_text()
        again = home.ctl("remote", "keygen", check=False)
        self.assertEqual(again.returncode, 1)
        self.assertEqual(server.read_text(), before)
        home.ctl("remote", "allow", "desk", desk.public)
        shown = again.stdout + again.stderr + home.ctl("remote", "list").stdout
        home.start()
        home.until_service("bullpen-remote", "RUNNING")
        desk.ctl("status")
        home.ctl("shutdown")
        for folder, _, names in os.walk(home.root):
            for name in names:
                path = Path(folder) / name
                if path != server and path.is_file():
                    shown += path.read_text(errors="replace")
        for secret in secrets:
            self.assertNotIn(secret, shown)
        desk.key.chmod(0o640)
        self.assertIn("chmod 600", desk.ctl("status").stderr)

    def test_nothing_listens_unless_the_settings_name_a_place_and_the_home_has_keys(self):
        home = self.home("")
        home.start()
        home.until("alpha", "RUNNING")
        self.assertEqual(home.service("bullpen-remote"), {})
        home.settings(LISTEN)
        (home.root / "remote" / "server.key").unlink()
        home.ctl("update", check=False)
        home.until_service("bullpen-remote", "FATAL")
        home.ctl("remote", "keygen")
        home.ctl("restart", "bullpen-remote")
        port = int(standing(home)["endpoint"].rpartition(":")[2])
        self.assertTrue(listens(port))
        home.settings("")
        home.ctl("update")
        homes.eventually(lambda: not listens(port), "the port is closed")

    def test_clients_go_on_with_the_next_daemon(self):
        home = self.running()
        desk = Far(home, "desk")
        home.ctl("remote", "allow", "desk", desk.public, "--right", "operate")
        pid = home.service("bullpen-remote")["pid"]
        home.kill_daemon()
        gone = desk.ctl("status")
        self.assertIn("bullpend is down", gone.stdout)
        self.assertIn("UNKNOWN", gone.stdout)
        self.assertEqual(desk.ctl("stop", "alpha").returncode, 75)
        home.start()
        home.until_service("bullpen-remote", "RUNNING", pid=pid)
        homes.eventually(lambda: desk.ctl("restart", "alpha").returncode == 0, "it is obeyed")


def listens(port):
    wanted = f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(wanted) and words[3] == "0A":
            return True
    return False


if __name__ == "__main__":
    homes.main()
