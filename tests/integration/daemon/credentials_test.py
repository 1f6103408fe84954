#!/usr/bin/env python3
"""Credentials reach the one process that needs them and nothing else: planted values are searched
for everywhere afterwards."""

import hashlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402

# Reads its credentials as docs/vault.md says, and proves by a digest that it has them.
BOT = """
import hashlib, json, os, sys, time
said = {"variables": sorted(n for n in os.environ if "KEY" in n or "TOKEN" in n)}
number = os.environ.get("BULLPEN_CREDENTIALS_FD")
if number:
    with os.fdopen(int(number)) as pipe:
        got = json.load(pipe)
        said["after"] = pipe.read()
    said["account"] = got["account"]
    said["digests"] = {n: hashlib.sha256(v.encode()).hexdigest() for n, v in got["fields"].items()}
    said["expires"] = got["expires"]
said["in_environment"] = {n: hashlib.sha256(os.environ[n].encode()).hexdigest()
                          for n in said["variables"]}
said["open"] = sorted(int(fd) for fd in os.listdir("/proc/self/fd") if int(fd) > 2)
with open("said.tmp", "w") as out:
    json.dump(said, out)
os.rename("said.tmp", "said.json")
if len(sys.argv) > 1:
    print("my secret is", got["fields"][sys.argv[1]], flush=True)
    sys.exit(9)
time.sleep(600)
"""

# Tells its key when it is told to, and dies.
LATE = """
import json, os, pathlib, sys, time
with os.fdopen(int(os.environ["BULLPEN_CREDENTIALS_FD"])) as pipe:
    key = json.load(pipe)["fields"]["key"]
pathlib.Path("up").write_text("x")
while not pathlib.Path("tmp/go").exists():
    time.sleep(0.05)
pathlib.Path("state.json").write_text(key)
print("my key is", key, flush=True)
sys.exit(9)
"""


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()


def put(home, account, field, value, *more, check=True):
    return subprocess.run(
        [BIN / "bullpenctl", "--home", home.root, "credentials", "set", account, field, *more],
        input=value + "\n", capture_output=True, text=True, timeout=60, check=check)


def bot(home, name, more="", words=(), script=BOT):
    path = home.outside / "bot.py"
    path.write_text(script)
    command = json.dumps(["/usr/bin/python3", str(path), *words])
    home.account(name, f"command = {command}\n{more}")


def said(home, name):
    path = home.root / "accounts" / name / "said.json"
    eventually(path.exists, f"{name} said nothing")
    return json.loads(path.read_text())


KITE = {"api_key": "kite-key-1f6b", "api_secret": "kite-secret-77aa",
        "access_token": "kite-token-c3"}


class Credentials(unittest.TestCase):
    def supply(self, home, account, fields=None):
        for field, value in (fields or KITE).items():
            done = put(home, account, field, value)
            self.assertNotIn(value, done.stdout + done.stderr)

    def test_an_account_without_its_token_waits_and_starts_when_it_is_supplied_alone(self):
        with Home() as home:
            for name in ("anna", "ben"):
                home.account(name, 'broker = "kite"\n')
            home.account("carl")
            home.start()
            line = home.until("anna", "WAITING", reason="token_missing")
            self.assertIn("access_token, api_key, api_secret", line["reason_text"])
            self.assertIn("credentials set anna", line["reason_text"])
            home.until("ben", "WAITING", reason="token_missing")
            carl = home.until("carl", "RUNNING")["pid"]
            self.supply(home, "anna", {k: v for k, v in KITE.items() if k != "access_token"})
            line = home.until("anna", "WAITING", reason="token_missing")
            eventually(lambda: "no access_token" in home.of("anna")["reason_text"], "still three")
            put(home, "anna", "access_token", KITE["access_token"])
            home.until("anna", "RUNNING")
            self.assertEqual(home.of("ben")["state"], "WAITING")
            self.assertEqual(home.of("carl")["pid"], carl)
            self.assertEqual(home.of("anna")["restarts"], 0)

    def test_what_was_sealed_while_no_daemon_ran_is_there_at_its_start(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            self.supply(home, "anna")
            home.start()
            pid = home.until("anna", "RUNNING")["pid"]
            self.assertEqual(home.worker_log("anna", "started")[0]["account"], "anna")
            # Nothing is left of the pipe it came by.
            pipes = [os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
            self.assertEqual([p for p in pipes if p.startswith("pipe:")], [])

    def test_a_token_that_ends_stops_nobody_and_keeps_the_next_start_back(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            self.supply(home, "anna", {k: v for k, v in KITE.items() if k != "access_token"})
            home.start()
            home.until("anna", "WAITING", reason="token_missing")
            ends = int(time.time()) + 8
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ends)) + ".000Z"
            put(home, "anna", "access_token", "short-lived-token", "--expires", text)
            pid = home.until("anna", "RUNNING")["pid"]
            [alarm] = eventually(lambda: [a for a in home.events("alarm")
                                          if "ended at" in a["sentence"]], home.story)
            self.assertEqual(alarm["worker"], "anna")
            self.assertIn("access_token ended at", alarm["sentence"])
            self.assertGreaterEqual(time.time(), ends)
            self.assertEqual(home.of("anna")["pid"], pid)
            os.kill(pid, signal.SIGKILL)
            line = home.until("anna", "WAITING", reason="token_missing")
            self.assertIn("access_token ended at", line["reason_text"])
            put(home, "anna", "access_token", "tomorrows-token")
            home.until("anna", "RUNNING")

    def test_swapped_files_are_found_and_nobody_gets_anothers(self):
        with Home() as home:
            for name in ("anna", "ben"):
                home.account(name, 'broker = "kite"\n')
                self.supply(home, name, {k: f"{name}-{v}" for k, v in KITE.items()})
            secrets = home.root / "secrets"
            (secrets / "anna.sealed").rename(secrets / "x")
            (secrets / "ben.sealed").rename(secrets / "anna.sealed")
            (secrets / "x").rename(secrets / "ben.sealed")
            home.start()
            for name, other in (("anna", "ben"), ("ben", "anna")):
                line = home.until(name, "WAITING", reason="token_missing")
                self.assertIn(f"sealed for account '{other}'", line["reason_text"])
            verified = json.loads(home.ctl("credentials", "verify", "--json", check=False).stdout)
            self.assertFalse(verified["ok"])

    def test_an_older_file_in_the_place_of_the_newer_keeps_the_account_back(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            self.supply(home, "anna")
            sealed = home.root / "secrets" / "anna.sealed"
            older = sealed.read_bytes()
            put(home, "anna", "access_token", "todays-token-9e")
            newer = sealed.read_bytes()
            sealed.write_bytes(older)
            home.start()
            line = home.until("anna", "WAITING", reason="token_missing")
            self.assertIn("is older than what was last written (change 3, not 4)",
                          line["reason_text"])
            self.assertEqual(home.ctl("credentials", "verify", "anna", check=False).returncode, 1)
            # The newer one back, or a field set anew: both are what an operator means.
            sealed.write_bytes(newer)
            self.assertEqual(home.ctl("credentials", "verify", "anna").returncode, 0)
            sealed.write_bytes(older)
            put(home, "anna", "access_token", "another-token-2b")
            home.until("anna", "RUNNING")

    def test_a_file_that_others_may_read_is_refused(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            self.supply(home, "anna")
            (home.root / "secrets/anna.sealed").chmod(0o640)
            home.start()
            line = home.until("anna", "WAITING", reason="token_missing")
            self.assertIn("others", line["reason_text"])
            (home.root / "secrets/anna.sealed").chmod(0o600)
            (home.root / "secrets/vault.key").chmod(0o604)
            home.ctl("update")
            line = home.until("anna", "WAITING", reason="vault_locked")
            self.assertIn("chmod 600", line["reason_text"])
            (home.root / "secrets/vault.key").chmod(0o600)
            home.ctl("update")
            home.until("anna", "RUNNING")

    def test_a_program_of_its_own_reads_its_descriptor_once(self):
        with Home() as home:
            bot(home, "anna")
            bot(home, "ben")
            self.supply(home, "anna", {"login_key": "bot-login-key-9", "more": "x\"y\\z"})
            home.start()
            home.until("anna", "RUNNING")
            got = said(home, "anna")
            self.assertEqual(got["account"], "anna")
            self.assertEqual(got["digests"], {"login_key": digest("bot-login-key-9"),
                                              "more": digest("x\"y\\z")})
            self.assertEqual(got["after"], "")
            self.assertEqual(got["variables"], [])
            home.until("ben", "RUNNING")
            self.assertNotIn("digests", said(home, "ben"))
            self.assertFalse(home.of("anna")["credentials_in_environment"])

    def test_variables_are_given_when_the_account_file_asks_and_status_says_so(self):
        with Home() as home:
            bot(home, "anna", 'credentials_environment = ["BOT_KEY=login_key"]\n')
            home.start()
            home.until("anna", "WAITING", reason="token_missing")
            self.supply(home, "anna", {"login_key": "bot-login-key-9", "other_key": "not-asked"})
            home.until("anna", "RUNNING")
            got = said(home, "anna")
            self.assertEqual(got["in_environment"], {"BOT_KEY": digest("bot-login-key-9")})
            self.assertNotIn("account", got)
            self.assertTrue(home.of("anna")["credentials_in_environment"])
            self.assertIn("anna: credentials are in its environment", home.ctl("status").stdout)
            self.assertIn("credentials into its environment", home.ctl("explain", "anna").stdout)

    def test_planted_variables_of_the_daemon_reach_nobody(self):
        with Home() as home:
            bot(home, "anna")
            home.start(environment={"ZERODHA_API_KEY": "planted-wrong-key",
                                    "CREDENTIALS_DIRECTORY": "/nowhere"})
            home.until("anna", "RUNNING")
            self.assertEqual(said(home, "anna")["variables"], [])

    def test_a_key_is_changed_under_a_running_daemon(self):
        with Home() as home:
            names = ("anna", "ben", "carl")
            for name in names:
                home.account(name, 'broker = "kite"\n')
                self.supply(home, name, {k: f"{name}-{v}" for k, v in KITE.items()})
            home.start()
            pids = {name: home.until(name, "RUNNING")["pid"] for name in names}
            key = home.root / "secrets/vault.key"
            before = key.read_text()
            home.ctl("credentials", "rotate", "all")
            self.assertNotEqual(key.read_text(), before)
            self.assertEqual(len(key.read_text().split()), 1)
            self.assertEqual(list((home.root / "secrets").glob("*.previous")), [])
            self.assertTrue(json.loads(
                home.ctl("credentials", "verify", "all", "--json").stdout)["ok"])
            for name, pid in pids.items():
                self.assertEqual(home.of(name)["pid"], pid, "a rotation touches no worker")
            os.kill(pids["anna"], signal.SIGKILL)
            home.until_restarted("anna", pids["anna"])

    def test_a_rotation_that_was_cut_short_is_finished_by_the_next(self):
        with Home() as home:
            for name in ("anna", "ben"):
                home.account(name, 'broker = "kite"\n')
                self.supply(home, name)
            key = home.root / "secrets/vault.key"
            before = key.read_text()
            sealed_before = (home.root / "secrets/ben.sealed").read_bytes()
            home.ctl("credentials", "rotate", "all")
            # As if it had ended between the two: both keys, one file by each.
            both = key.read_text() + before
            key.write_text(both)
            (home.root / "secrets/ben.sealed").write_bytes(sealed_before)
            (home.root / "run/sealed/ben").write_text("3\n")
            home.start()
            home.until("ben", "RUNNING")
            self.assertEqual(home.ctl("credentials", "verify", "all").returncode, 0)
            home.ctl("credentials", "rotate", "all")
            self.assertEqual(key.read_text() + before, both, "the newer key is kept, and it alone")
            self.assertEqual(home.ctl("credentials", "verify", "all").returncode, 0)
            listed = json.loads(home.ctl("credentials", "list", "--json").stdout)["accounts"]
            self.assertEqual(len({line["key"] for line in listed}), 1)

    def test_a_stray_file_among_the_sealed_ones_keeps_no_account_from_a_new_key(self):
        with Home() as home:
            for name in ("anna", "ben"):
                bot(home, name)
                put(home, name, "key", f"of-{name}")
            stray = home.root / "secrets/zz.sealed"
            stray.write_text("nothing that anybody sealed\n")
            stray.chmod(0o600)
            swapped = home.root / "secrets/mine.sealed"
            swapped.write_bytes((home.root / "secrets/anna.sealed").read_bytes())
            swapped.chmod(0o600)
            done = home.ctl("credentials", "rotate", "all", check=False)
            self.assertEqual(done.returncode, 1, "it is told, and the others are sealed")
            done = done.stdout
            self.assertIn("sealed the credentials of 2 accounts", done)
            for name in ("zz", "mine"):
                self.assertIn(f"passed over: {home.root}/secrets/{name}.sealed", done)
                self.assertIn(f"credentials remove {name}", done)
            key = (home.root / "secrets/vault.key").read_text()
            self.assertEqual(len(key.splitlines()), 1, "the rotation is over")
            for name in ("anna", "ben"):
                self.assertEqual(home.ctl("credentials", "verify", name).returncode, 0)
            # One that would open were it not for its mode keeps its key.
            for name in ("zz", "mine"):
                home.ctl("credentials", "remove", name)
            (home.root / "secrets/ben.sealed").chmod(0o644)
            done = home.ctl("credentials", "rotate", "all", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("sealed the credentials of 1 account", done.stdout)
            (home.root / "secrets/ben.sealed").chmod(0o600)
            self.assertEqual(home.ctl("credentials", "verify", "all").returncode, 0)
            home.ctl("credentials", "rotate", "all")
            key = (home.root / "secrets/vault.key").read_text()
            self.assertEqual(len(key.splitlines()), 1, "now it is over")

    def test_the_service_manager_gives_the_key(self):
        with Home('[vault]\nsource = "systemd"\n') as home:
            home.account("anna", 'broker = "kite"\n')
            given = Path(home.directory) / "credentials"
            given.mkdir(mode=0o700)
            key = given / "bullpen-vault-key"
            key.write_text(os.urandom(32).hex() + "\n")
            key.chmod(0o400)
            there = {"CREDENTIALS_DIRECTORY": str(given)}
            for field, value in KITE.items():
                subprocess.run(
                    [BIN / "bullpenctl", "--home", home.root, "credentials", "set", "anna", field],
                    input=value, text=True, check=True, capture_output=True, timeout=60,
                    env={**os.environ, **there})
            home.start()
            line = home.until("anna", "WAITING", reason="vault_locked")
            self.assertIn("LoadCredential", line["reason_text"])
            home.kill_daemon()
            home.start(environment=there)
            pid = home.until("anna", "RUNNING")["pid"]
            self.assertNotIn(str(given).encode(), Path(f"/proc/{pid}/environ").read_bytes())

    def test_a_vault_with_a_passphrase_waits_for_it_and_adopted_workers_run_on(self):
        with Home('[vault]\nsource = "passphrase"\n') as home:
            for name in ("anna", "ben"):
                home.account(name, 'broker = "kite"\n')
                for field, value in KITE.items():
                    put(home, name, field, f"correct horse battery\n{value}")
            home.start()
            home.until("anna", "WAITING", reason="vault_locked")
            wrong = subprocess.run(
                [BIN / "bullpenctl", "--home", home.root, "credentials", "unlock"],
                input="wrong horse battery\n", capture_output=True, text=True, timeout=60)
            self.assertEqual(wrong.returncode, 1)
            self.assertIn("not the passphrase", wrong.stderr)
            self.unlock(home)
            pids = {name: home.until(name, "RUNNING")["pid"] for name in ("anna", "ben")}
            self.assertFalse((home.root / "run/unlock").exists())
            # The new program of an upgrade has the key; the next daemon after a crash has not.
            home.ctl("upgrade")
            eventually(lambda: len(home.events("daemon_started")) == 2, home.story)
            os.kill(pids["anna"], signal.SIGKILL)
            anna = home.until_restarted("anna", pids["anna"])["pid"]
            home.kill_daemon()
            home.start()
            self.assertEqual(home.until("ben", "RUNNING")["pid"], pids["ben"])
            os.kill(anna, signal.SIGKILL)
            line = home.until("anna", "WAITING", reason="vault_locked")
            self.assertIn("unlock", line["reason_text"])
            self.assertEqual(home.of("ben")["pid"], pids["ben"])
            self.unlock(home)
            home.until("anna", "RUNNING")

    def test_a_running_worker_whose_file_was_edited_is_restarted_when_the_vault_opens(self):
        with Home('[vault]\nsource = "passphrase"\n') as home:
            home.account("anna", 'broker = "kite"\n')
            for field, value in KITE.items():
                put(home, "anna", field, f"correct horse battery\n{value}")
            home.start()
            self.unlock(home)
            pid = home.until("anna", "RUNNING")["pid"]
            home.kill_daemon()
            home.account("anna", 'broker = "kite"\n[limits]\nopen_files_max = 512\n')
            home.start()
            line = home.until("anna", "RUNNING", reason="vault_locked")
            self.assertEqual(line["pid"], pid)
            self.assertIn("its settings have changed", line["reason_text"])
            # An edit under the running daemon ends it no more.
            home.account("anna", 'broker = "kite"\n[limits]\nopen_files_max = 768\n')
            told = home.ctl("update", check=False)
            self.assertEqual(told.returncode, 1)
            self.assertIn("its settings have changed; it runs on", told.stdout)
            self.assertEqual(home.until("anna", "RUNNING", reason="vault_locked")["pid"], pid)
            self.unlock(home)
            home.until_restarted("anna", pid)
            self.assertEqual(home.until("anna", "RUNNING")["reason"], "none")

    def test_what_an_account_lacks_keeps_it_back_when_the_vault_opens(self):
        with Home('[vault]\nsource = "passphrase"\n') as home:
            home.account("anna", 'broker = "projectx"\n')
            home.account("ben", 'broker = "kite"\n')
            put(home, "anna", "api_key", "correct horse battery\npart-of-it")
            for field, value in KITE.items():
                put(home, "ben", field, f"correct horse battery\n{value}")
            home.start()
            home.until("anna", "WAITING", reason="vault_locked")
            self.unlock(home)
            home.until("ben", "RUNNING")
            anna = home.until("anna", "WAITING", reason="token_missing")
            self.assertIn("user_name", anna["reason_text"])
            # Not for a moment: a second later it would stand as token_missing again.
            started = [line for line in home.events("worker_started") if line["worker"] == "anna"]
            self.assertEqual(started, [])
            self.assertEqual(anna["restarts"], 0)

    def unlock(self, home):
        subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "unlock"],
                       input="correct horse battery\n", capture_output=True, text=True,
                       timeout=60, check=True)

    def test_planted_values_are_found_nowhere(self):
        values = {"anna": "planted-anna-5d1c7e", "ben": "planted-ben-90ab3f",
                  "carl": "planted-carl-77e2b0", "mail": "planted-mail-4410fc"}
        listen = '[health]\nlisten = "unix"\n[remote]\nlisten = "tcp://127.0.0.1:0"\n'
        with Home(listen) as home, tempfile.TemporaryDirectory(prefix="bp-bk-",
                                                               dir="/tmp") as folder:
            home.account("anna", 'broker = "kite"\n')
            bot(home, "ben", '[restart]\nbudget = 1\nrule = "never"\n', ["login_key"])
            bot(home, "carl", 'credentials_environment = ["BOT_KEY=login_key"]\n')
            output = ""
            for field in KITE:
                done = put(home, "anna", field, f"{values['anna']}-{field}")
                output += done.stdout + done.stderr
            for name in ("ben", "carl"):
                done = put(home, name, "login_key", values[name])
                output += done.stdout + done.stderr
            done = subprocess.run([BIN / "bullpenctl", "--home", home.root, "alerts", "secret",
                                   "smtp"], input=values["mail"] + "\n", capture_output=True,
                                  text=True, timeout=60, check=True)
            output += done.stdout + done.stderr
            # The key that opens all of them is a secret, too; its own file is the one that has it.
            values["key"] = (home.root / "secrets/vault.key").read_text().strip()
            # So is the one by which clients of other hosts know the home.
            output += home.ctl("remote", "keygen").stdout
            values["server"] = (home.root / "remote/server.key").read_text().strip()
            home.start()
            for service in ("bullpen-health", "bullpen-remote"):
                home.until_service(service, "RUNNING")
            anna = home.until("anna", "RUNNING")["pid"]
            carl = home.until("carl", "RUNNING")["pid"]
            self.assertEqual(said(home, "carl")["in_environment"],
                             {"BOT_KEY": digest(values["carl"])})
            home.until("ben", "FATAL")
            eventually(lambda: home.events("crash_bundle"), home.story)
            for words in (("status",), ("status", "--json"), ("explain", "anna"),
                          ("explain", "ben"),
                          ("config", "show", "anna"), ("credentials", "list", "all"),
                          ("credentials", "list", "--json"), ("credentials", "verify", "all"),
                          ("events",), ("logs", "anna"), ("explain", "carl"),
                          ("config", "show", "carl"), ("tail", "-n", "100", "ben", "stdio"),
                          ("tail", "ben"), ("tail", "--raw", "ben", "stdio"),
                          ("tail", "carl", "stdio"), ("alerts",), ("maintail", "-n", "1000"),
                          ("remote", "list"), ("remote", "list", "--json"), ("health",),
                          ("backup", folder)):
                done = home.ctl(*words, check=False)
                output += done.stdout + done.stderr
            for account in ("", "/anna", "/ben", "/carl"):
                output += self.told_to_a_monitor(home, account)
            output += self.told_to_another_host(home, Path(folder) / "desk")
            os.kill(anna, signal.SIGSEGV)
            home.until_restarted("anna", anna)
            eventually(lambda: len(home.events("crash_bundle")) == 2, home.story)
            self.assertIn("my secret is [redacted]", output)
            self.assertTrue(any(Path(folder).rglob("*.sealed")), "there is a backup to search")
            for name, value in values.items():
                self.assertNotIn(value, output)
                # A variable of its environment is what its account's file asks for.
                self.search_processes(value, carl if name == "carl" else None)
                own = {"mail": "secrets/alerts/smtp", "key": "secrets/vault.key",
                       "server": "remote/server.key"}.get(name)
                self.search_files(home.root, value, own)
                self.search_files(Path(folder), value)
            # The search would have found it: the bot printed it, and its own log has it.
            stdio = (home.root / "accounts/ben/logs/stdio.log").read_text()
            self.assertIn(values["ben"], stdio)
            bundled = next((home.root / "accounts/ben/crash").glob("*/stdio.log")).read_text()
            self.assertIn("my secret is [redacted]", bundled)

    def told_to_a_monitor(self, home, account):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(30)
            link.connect(str(home.root / "run/health"))
            link.sendall(f"GET /health{account} HTTP/1.0\r\n\r\n".encode())
            told = b""
            while part := link.recv(65536):
                told += part
        self.assertIn(b"health", told)
        return told.decode()

    def told_to_another_host(self, home, key):
        own = json.loads(home.ctl("--json", "remote", "keygen", key).stdout)["public_key"]
        home.ctl("remote", "allow", "desk", own)
        facts = json.loads(home.ctl("remote", "list", "--json").stdout)
        told = ""
        for words in (("status",), ("status", "--json"), ("explain", "ben")):
            done = subprocess.run([BIN / "bullpenctl", "--host", facts["endpoint"], "--key", key,
                                   "--server-key", facts["server_key"], *words],
                                  capture_output=True, text=True, timeout=60, check=False)
            told += done.stdout + done.stderr
        self.assertIn("carl", told)
        return told

    def test_the_value_that_a_worker_was_started_with_is_hidden_after_another_was_set(self):
        with Home() as home:
            bot(home, "ben", '[restart]\nrule = "never"\n', script=LATE)
            put(home, "ben", "key", "planted-first-5d1c")
            home.start()
            own = home.root / "accounts/ben"
            eventually((own / "up").exists, home.story)
            for value in ("planted-second-77a0", "planted-third-90ab"):
                put(home, "ben", "key", value)
            (own / "tmp/go").write_text("x")
            line = home.until("ben", "FATAL")
            eventually(lambda: home.events("crash_bundle"), home.story)
            self.assertIn("my key is [redacted]", line["last_error"])
            bundle = next((own / "crash").iterdir())
            self.assertEqual((bundle / "state.json").read_text(), "[redacted]")
            for path in bundle.iterdir():
                self.assertNotIn("planted", path.read_text(), path)
            self.assertNotIn("planted", home.ctl("status", "--json", check=False).stdout)

    def test_no_words_are_kept_of_a_worker_whose_credentials_nobody_knows(self):
        with Home('[vault]\nsource = "passphrase"\n') as home:
            bot(home, "ben", script=LATE)
            put(home, "ben", "key", "correct horse battery\nplanted-5d1c")
            home.start()
            home.until("ben", "WAITING", reason="vault_locked")
            self.unlock(home)
            home.until("ben", "RUNNING")
            home.kill_daemon()
            home.start()
            home.until("ben", "RUNNING")
            own = home.root / "accounts/ben"
            (own / "tmp/go").write_text("x")
            home.until("ben", "WAITING", reason="vault_locked")
            eventually(lambda: home.events("crash_bundle"), home.story)
            bundle = next((own / "crash").iterdir())
            self.assertEqual([path.name for path in bundle.iterdir()], ["facts.json"])
            self.assertNotIn("planted", (bundle / "facts.json").read_text())
            self.assertNotIn("planted", home.ctl("status", "--json", check=False).stdout)

    def test_a_passphrase_that_was_typed_is_found_nowhere(self):
        with Home('[vault]\nsource = "passphrase"\n') as home:
            bot(home, "ben", words=["login_key"], more='[restart]\nrule = "never"\n')
            put(home, "ben", "login_key", "correct horse battery\nplanted-ben-90ab3f")
            home.start()
            home.until("ben", "WAITING", reason="vault_locked")
            self.unlock(home)
            home.until("ben", "FATAL")
            self.search_processes("correct horse")
            self.search_files(home.root, "correct horse")
            # Without the key nobody can hide what the program printed: it is said.
            done = home.ctl("tail", "ben", "stdio")
            self.assertIn("not hidden", done.stderr)

    def test_a_value_that_was_replaced_is_hidden_in_what_is_shown_as_the_new_one_is(self):
        with Home() as home:
            bot(home, "ben", '[restart]\nrule = "never"\n', ["login_key"])
            put(home, "ben", "login_key", "planted-first-5d1c")
            home.start()
            home.until("ben", "FATAL")
            put(home, "ben", "login_key", "planted-second-77a0")
            home.until("ben", "FATAL")
            shown = home.ctl("tail", "-n", "1000", "ben", "stdio").stdout
            self.assertIn("my secret is [redacted]", shown)
            self.assertNotIn("planted", shown)

    def search_processes(self, value, but=None):
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (os.getpid(), but):
                continue
            for name in ("cmdline", "environ"):
                try:
                    content = (entry / name).read_bytes()
                except OSError:
                    continue
                self.assertNotIn(value.encode(), content, f"{entry}/{name}")

    def search_files(self, root, value, but=None):
        needles = {value.encode(), value.encode().hex().encode()}
        for path in root.rglob("*"):
            # What a foreign program prints is its own; what is shown of it is searched, too.
            if not path.is_file() or path.match("accounts/ben/logs/stdio.log") or (
                    but and path == root / but):
                continue
            content = path.read_bytes()
            for needle in needles:
                self.assertNotIn(needle, content, str(path))

    def test_who_holds_credentials_cannot_be_dumped_and_is_adopted_all_the_same(self):
        """A process of a user that is not root: what is closed belongs to root in /proc."""
        nobody = 65534
        if os.geteuid() != 0:
            self.skipTest("only root can start a home of another user")
        try:
            subprocess.run([BIN / "bullpend", "--version"], user=nobody, group=nobody,
                           extra_groups=[], check=True, capture_output=True, timeout=60)
        except (PermissionError, subprocess.CalledProcessError):
            self.skipTest("the programs are where only root can run them")
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            home.account("ben")
            for path in (Path(home.directory), *Path(home.directory).rglob("*")):
                os.chown(path, nobody, nobody)
            self.supply(home, "anna")
            for path in (home.root / "secrets").iterdir():
                self.assertEqual(path.stat().st_uid, nobody, "root acts as the home's user")
            home.start(user=nobody)
            pids = {name: home.until(name, "RUNNING")["pid"] for name in ("anna", "ben")}
            self.closed(home.daemon.pid, True)
            self.closed(pids["anna"], True)
            self.closed(pids["ben"], False)
            home.kill_daemon()
            home.start(user=nobody)
            for name, pid in pids.items():
                self.assertEqual(home.until(name, "RUNNING", mode="idle")["pid"], pid)
            self.assertEqual(home.events("daemon_started")[-1]["adopted"], 2)

    def closed(self, pid, closed):
        owner = os.stat(f"/proc/{pid}/environ").st_uid
        self.assertEqual(owner == 0, closed, Path(f"/proc/{pid}/cmdline").read_bytes())
        self.assertRegex(Path(f"/proc/{pid}/limits").read_text(), r"Max core file size\s+0 ")


class Commands(unittest.TestCase):
    def test_a_value_among_the_arguments_is_refused_and_not_repeated(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            for words in (("anna", "api_key", "s3cr3t-value"), ("anna", "api_key=s3cr3t-value"),
                          ("anna", "api_key", "s3cr3t-value", "--json")):
                done = home.ctl("credentials", "set", *words, check=False)
                self.assertEqual(done.returncode, 64, done)
                self.assertIn("standard input", done.stderr)
                self.assertNotIn("s3cr3t", done.stdout + done.stderr)
            self.assertFalse((home.root / "secrets/anna.sealed").exists())

    def test_fields_are_set_listed_removed_and_told_as_json(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            done = put(home, "anna", "api_key", "value-of-the-key", "--json")
            told = json.loads(done.stdout)
            self.assertEqual((told["ok"], told["done"], told["applied"]),
                             (True, "set api_key of anna", "no_daemon"))
            self.assertIn("vault.key", told["message"])
            put(home, "anna", "access_token", "value-of-the-token")
            listed = json.loads(home.ctl("credentials", "list", "anna", "--json").stdout)
            [line] = listed["accounts"]
            self.assertEqual(line["missing"], ["api_secret"])
            self.assertEqual([f["field"] for f in line["fields"]], ["access_token", "api_key"])
            self.assertTrue(line["fields"][0]["expires"].endswith("T00:30:00.000Z"))
            self.assertIsNone(line["fields"][1]["expires"])
            verified = home.ctl("credentials", "verify", "anna", check=False)
            self.assertEqual(verified.returncode, 1)
            self.assertIn("no api_secret for kite", verified.stdout)
            put(home, "anna", "api_secret", "value-of-the-secret")
            self.assertEqual(home.ctl("credentials", "verify", "all").returncode, 0)
            home.ctl("credentials", "rotate", "anna")
            [line] = json.loads(home.ctl("credentials", "list", "anna", "api_key",
                                         "--json").stdout)["accounts"]
            self.assertEqual([f["field"] for f in line["fields"]], ["api_key"])
            before = line["generation"]
            text = home.ctl("credentials", "list", "anna", "api_key").stdout
            self.assertNotIn("api_secret", text)
            self.assertIn("api_key opens",
                          home.ctl("credentials", "verify", "anna", "api_key").stdout)
            done = home.ctl("credentials", "rotate", "anna", "api_key").stdout
            self.assertIn("api_key with them; its value is the one before", done)
            [line] = json.loads(home.ctl("credentials", "list", "anna", "api_key",
                                         "--json").stdout)["accounts"]
            self.assertEqual(line["generation"], before + 1)
            for word in ("verify", "rotate"):
                gone = home.ctl("credentials", word, "anna", "other", check=False)
                self.assertEqual(gone.returncode, 1, gone)
                self.assertIn("no sealed field of that name", gone.stdout + gone.stderr)
            home.ctl("credentials", "remove", "anna", "api_key")
            self.assertEqual(home.ctl("credentials", "verify", "anna", "api_key",
                                      check=False).returncode, 1)
            [line] = json.loads(home.ctl("credentials", "list", "anna", "api_key",
                                         "--json").stdout)["accounts"]
            self.assertEqual((line["fields"], line["missing"]), ([], ["api_key"]))
            text = home.ctl("credentials", "list").stdout
            self.assertIn("api_key", text)
            self.assertIn("missing", text)
            # With the key gone, what nobody can open can still be taken away.
            (home.root / "secrets/vault.key").unlink()
            lost = put(home, "anna", "api_key", "another", check=False)
            self.assertEqual(lost.returncode, 1)
            self.assertIn("put the key file back", lost.stderr)
            home.ctl("credentials", "remove", "anna")
            self.assertEqual(list((home.root / "secrets").glob("anna*")), [])
            self.assertEqual(home.ctl("credentials", "remove", "anna", check=False).returncode, 1)
            for path in (home.root / "secrets").iterdir():
                self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    def test_a_renamed_account_keeps_its_credentials_and_a_purged_one_none(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            for field, value in KITE.items():
                put(home, "anna", field, value)
            home.ctl("rename", "anna", "joan")
            self.assertEqual(home.ctl("credentials", "verify", "joan").returncode, 0)
            self.assertEqual([p.name for p in (home.root / "secrets").glob("*.sealed*")],
                             ["joan.sealed"])
            put(home, "joan", "api_key", "another")
            home.ctl("remove", "joan", "--purge", "--yes")
            self.assertEqual(list((home.root / "secrets").glob("*.sealed*")), [])

    def test_what_cannot_be_a_field_or_a_time_is_refused_with_what_can(self):
        with Home() as home:
            home.account("anna", 'broker = "kite"\n')
            home.account("ben")
            for words, code, said_so in (
                    (("set", "anna", "apikey"), 64, "access_token, api_key and api_secret"),
                    (("set", "ben", "api_key"), 64, "it takes access_token"),
                    (("set", "anna", "api_key", "--expires", "tomorrow"), 64, "2026-"),
                    (("set", "anna", "api_key", "--expires", "2020-01-01T00:00:00Z"), 64, "over"),
                    (("set", "nobody", "api_key"), 1, "no account nobody"),
                    (("set", "anna"), 64, "standard input"),
                    (("forget", "anna"), 64, "does not know"),
                    (("list", "anna", "more"), 1, "no sealed field of that name"),
                    (("list", "anna", "api_key", "more"), 64, "fewer words"),
                    (("verify", "all", "api_key"), 64, "name the account"),
                    (("rotate", "all", "api_key"), 64, "name the account"),
                    (("unlock",), 1, "put the key file back")):
                done = home.ctl("credentials", *words, check=False)
                self.assertEqual(done.returncode, code, done)
                self.assertIn(said_so, done.stderr)

    def at_prompt(self, home):
        """`credentials set anna` at a terminal of its own: the process, both ends of the terminal,
        and how the terminal was."""
        leader, follower = pty.openpty()
        before = termios.tcgetattr(follower)[3]
        tool = subprocess.Popen(
            [BIN / "bullpenctl", "--home", home.root, "credentials", "set", "anna"],
            stdin=follower, stdout=follower, stderr=follower, start_new_session=True)
        return tool, leader, follower, before

    def test_a_prompt_shows_nothing_of_what_is_typed(self):
        with Home() as home:
            home.account("anna", 'broker = "projectx"\n')
            tool, leader, follower, _ = self.at_prompt(home)
            os.close(follower)
            seen = self.read_until(leader, "api_key of anna")
            os.write(leader, b"typed-hushX\x7f-7\r")
            seen += self.read_until(leader, "user_name of anna")
            os.write(leader, b"joan\r")
            seen += self.read_until(leader, "set api_key and user_name")
            self.assertEqual(tool.wait(30), 0)
            os.close(leader)
            for part in ("typed", "hush", "joan"):
                self.assertNotIn(part, seen)
            self.assertEqual(home.ctl("credentials", "verify", "anna").returncode, 0)

    def test_ctrl_c_at_a_prompt_ends_with_a_sentence_and_a_terminal_that_shows_again(self):
        with Home() as home:
            home.account("anna", 'broker = "projectx"\n')
            tool, leader, follower, _ = self.at_prompt(home)
            self.read_until(leader, "api_key of anna")
            os.write(leader, b"typed\r")
            self.read_until(leader, "user_name of anna")
            self.assertFalse(termios.tcgetattr(follower)[3] & termios.ECHO)
            os.write(leader, b"jo\x03")
            seen = self.read_until(leader, "interrupted; nothing was done")
            self.assertEqual(tool.wait(30), 1)
            self.assertTrue(termios.tcgetattr(follower)[3] & termios.ECHO)
            if select.select([leader], [], [], 0.2)[0]:
                seen += os.read(leader, 4096).decode()
            os.close(follower)
            os.close(leader)
            self.assertNotIn("system call", seen)
            # A key was made for the vault all the same, and that is said once.
            self.assertIn("Made the vault's key", seen)
            self.assertFalse((home.root / "secrets/anna.sealed").exists())

    def test_a_signal_at_a_prompt_leaves_a_terminal_that_shows_again(self):
        with Home() as home:
            home.account("anna", 'broker = "projectx"\n')
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                with self.subTest(number.name):
                    tool, leader, follower, before = self.at_prompt(home)
                    self.read_until(leader, "api_key of anna")
                    self.assertFalse(termios.tcgetattr(follower)[3] & termios.ECHO)
                    tool.send_signal(number)
                    self.assertEqual(tool.wait(30), -number)
                    self.assertEqual(termios.tcgetattr(follower)[3], before)
                    os.close(follower)
                    os.close(leader)
            self.assertFalse((home.root / "secrets/anna.sealed").exists())

    def test_ctrl_backslash_ends_a_prompt_and_ctrl_z_is_no_part_of_a_secret(self):
        with Home() as home:
            home.account("anna", 'broker = "projectx"\n')
            tool, leader, follower, _ = self.at_prompt(home)
            self.read_until(leader, "api_key of anna")
            os.write(leader, b"ty\x1aped\r")
            self.read_until(leader, "user_name of anna")
            os.write(leader, b"jo\x1c")
            self.read_until(leader, "interrupted; nothing was done")
            self.assertEqual(tool.wait(30), 1)
            os.close(follower)
            os.close(leader)

    def test_a_byte_order_mark_before_a_secret_is_refused_and_told(self):
        with Home() as home:
            home.account("anna", 'broker = "projectx"\n')
            done = subprocess.run(
                [BIN / "bullpenctl", "--home", home.root, "credentials", "set", "anna", "api_key"],
                input=b"\xef\xbb\xbfplant-bom\n", capture_output=True)
            self.assertNotEqual(done.returncode, 0, done.stdout)
            self.assertIn(b"byte order mark", done.stderr)
            self.assertNotIn(b"plant-bom", done.stdout + done.stderr)
            self.assertFalse((home.root / "secrets/anna.sealed").exists())

    def read_until(self, fd, text):
        seen = ""
        end = time.monotonic() + 30
        while text not in seen:
            ready, _, _ = select.select([fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {text!r} in {seen!r}")
            try:
                seen += os.read(fd, 4096).decode(errors="replace")
            except OSError:
                raise AssertionError(f"ended before {text!r}: {seen!r}") from None
        return seen


if __name__ == "__main__":
    unittest.main()
