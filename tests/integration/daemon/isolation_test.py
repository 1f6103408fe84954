#!/usr/bin/env python3
"""Workers share nothing that one of them could change: files, environment, ports, names."""

import json
import os
import re
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402

ALLOWED = {"BULLPEN_ACCOUNT", "BULLPEN_HOME", "BULLPEN_ACCOUNT_DIR", "BULLPEN_STATE_FILE",
           "BULLPEN_SHARED_DIR", "BULLPEN_ENDPOINT", "BULLPEN_LAUNCH", "SELECTED_ACCOUNT_ID",
           "BULLPEN_LANDLOCK", "BULLPEN_SECCOMP", "TMPDIR", "PATH", "HOME", "LANG"}


def environment_of(pid):
    parts = Path(f"/proc/{pid}/environ").read_bytes().rstrip(b"\0").split(b"\0")
    return dict(part.decode().split("=", 1) for part in parts)


def files_of(pid):
    """What the process has open by name, written to or not."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(link))
        except OSError:
            pass
    return found


def limits_of(pid):
    limits = {}
    for line in Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]:
        name, soft = re.match(r"(.{25})\s+(\S+)", line).groups()
        limits[name.strip()] = soft
    return limits


def ports_of(pid):
    """The process's own sockets of the network, each as its kind and its line."""
    mine = files_of(pid)
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        table = Path(f"/proc/{pid}/net/{kind}")
        # A kernel without the sixth version has no table of it, and no port either.
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            if f"socket:[{line.split()[9]}]" in mine:
                found.append((kind, line.strip()))
    return found


class Isolation(unittest.TestCase):
    def test_a_pipe_where_an_account_keeps_its_jobs_hangs_nobody_who_asks(self):
        with Home() as home:
            home.puppet("one", ["sleep"])
            home.start()
            home.until("one", "RUNNING")
            os.mkfifo(home.root / "accounts/one/jobs.json")
            for words in (["status"], ["--json", "status"], ["explain", "one"]):
                self.assertEqual(home.ctl(*words, deadline=20).returncode, 0)

    def test_a_port_of_every_kind_is_found(self):
        for kind, family, sort in (("tcp", socket.AF_INET, socket.SOCK_STREAM),
                                   ("tcp6", socket.AF_INET6, socket.SOCK_STREAM),
                                   ("udp", socket.AF_INET, socket.SOCK_DGRAM),
                                   ("udp6", socket.AF_INET6, socket.SOCK_DGRAM)):
            if not Path(f"/proc/self/net/{kind}").exists():
                continue
            with self.subTest(kind), socket.socket(family, sort) as port:
                port.bind(("::" if family == socket.AF_INET6 else "127.0.0.1", 0))
                if sort == socket.SOCK_STREAM:
                    port.listen()
                self.assertEqual([found for found, _ in ports_of(os.getpid())], [kind])

    def test_ten_workers_share_no_open_file_no_port_and_no_temporary_name(self):
        with Home() as home:
            names = [f"acc{i}" for i in range(10)]
            for name in names:
                home.account(name, "[feed]\nspeed = 600\n")
            home.start()
            pids = {name: home.until(name, "RUNNING")["pid"] for name in names}
            seen = {}
            for name, pid in pids.items():
                for path in files_of(pid):
                    # What the kernel says of the process itself is nobody else's.
                    if path.startswith(("/dev/null", "anon_inode:", "pipe:", "/usr/",
                                        f"/proc/{pid}/")):
                        continue
                    self.assertNotIn(path, seen, f"{path}: {seen.get(path)} and {name}")
                    seen[path] = name
                    if path.startswith("/"):
                        self.assertIn(name, path)
                self.assertEqual(ports_of(pid), [], f"{name} opened a port")
            temporary = [environment_of(pid)["TMPDIR"] for pid in pids.values()]
            self.assertEqual(len(set(temporary)), 10)

    def test_the_environment_is_what_is_listed_and_nothing_else(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"], '[environment]\nMY_SETTING = "1"\n')
            home.account("beta")
            os.environ["PLANTED_TOKEN"] = "must-not-be-inherited"
            home.start()
            alpha = environment_of(home.until("alpha", "RUNNING")["pid"])
            beta = environment_of(home.until("beta", "RUNNING")["pid"])
            self.assertEqual(set(alpha), ALLOWED | {"MY_SETTING"})
            self.assertEqual(set(beta), ALLOWED)
            self.assertEqual(alpha["BULLPEN_ACCOUNT"], "alpha")
            self.assertEqual(alpha["SELECTED_ACCOUNT_ID"], "alpha")
            self.assertEqual(alpha["TMPDIR"], str(home.root / "accounts/alpha/tmp"))
            for key, value in alpha.items():
                self.assertNotIn("beta", value, key)

    def test_a_worker_has_its_own_session_directory_mask_limits_and_default_signals(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"], "[limits]\nopen_files_max = 77\n")
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            self.assertEqual(os.getsid(pid), pid)
            self.assertEqual(os.getpgid(pid), pid)
            self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), str(home.root / "accounts/alpha"))
            status = Path(f"/proc/{pid}/status").read_text()
            self.assertIn("Umask:\t0077", status)
            self.assertRegex(status, r"SigBlk:\t0+\n")
            self.assertRegex(status, r"SigIgn:\t0+\n")
            self.assertEqual(limits_of(pid)["Max open files"], "77")
            self.assertEqual(limits_of(pid)["Max core file size"], "0")
            descriptors = {int(p.name): os.readlink(p) for p in Path(f"/proc/{pid}/fd").iterdir()}
            self.assertEqual(set(descriptors), {0, 1, 2, 62, 63})
            self.assertEqual(descriptors[0], "/dev/null")
            self.assertTrue(descriptors[1].endswith("accounts/alpha/logs/stdio.log"))
            self.assertTrue(descriptors[62].endswith("locks/account_alpha.lock"))

    def test_two_homes_run_side_by_side(self):
        with Home() as one, Home() as two:
            for home in (one, two):
                home.account("alpha")
                home.start()
            first = one.until("alpha", "RUNNING")
            second = two.until("alpha", "RUNNING")
            self.assertNotEqual(first["pid"], second["pid"])

    def test_a_second_home_for_the_same_broker_account_waits(self):
        identity = 'broker = "paper"\nlogin = "joan"\nbroker_account = "PA-1"\n'
        with Home() as one, Home(share_locks_with=one) as two:
            one.account("alpha", identity)
            two.account("other", identity)
            one.start()
            pid = one.until("alpha", "RUNNING")["pid"]
            two.start()
            line = two.until("other", "WAITING", reason="broker_account_held")
            self.assertIsNone(line["pid"])
            # Who is to be decided upon, whole.
            self.assertIn(f"held by pid {pid}, account alpha of {one.root}, since ",
                          line["reason_text"])
            # It is tried again and again, has met this since then, and tells it once.
            tries = two.explain("other")["detail"]["launch"]
            eventually(lambda: two.explain("other")["detail"]["launch"] > tries + 1, two.story)
            again = two.until("other", "WAITING", reason="broker_account_held")
            self.assertEqual(again["since"], line["since"])
            self.assertEqual(two.ctl("events").stdout.count(" state other "), 1)
            one.ctl("stop", "alpha")
            two.until("other", "RUNNING")

    def test_a_second_entry_for_the_same_broker_account_is_refused_naming_both(self):
        identity = 'broker = "paper"\nlogin = "joan"\nbroker_account = "PA-1"\n'
        with Home() as home:
            home.account("alpha", identity)
            home.account("beta", identity)
            done = home.ctl("check", check=False)
            self.assertEqual(done.returncode, 78)
            self.assertIn("alpha", done.stdout + done.stderr)
            self.assertIn("beta", done.stdout + done.stderr)

    def test_an_account_locked_by_hand_waits_and_names_the_holder(self):
        import subprocess
        with Home() as home:
            home.account("alpha")
            by_hand = subprocess.Popen([BIN / "bullpen-worker", "run", "--home", home.root,
                                        "--account", "alpha"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            try:
                lock = home.root / "locks/account_alpha.lock"
                eventually(lambda: lock.exists() and str(by_hand.pid) in lock.read_text(), "lock")
                home.start()
                home.until("alpha", "WAITING", reason="lock_held")
                self.assertIn(str(by_hand.pid), json.dumps(home.explain("alpha")))
            finally:
                by_hand.terminate()
                by_hand.wait(timeout=30)
            home.until("alpha", "RUNNING")

    def test_a_worker_by_hand_beside_a_running_one_exits_77_naming_it(self):
        import subprocess
        with Home() as home:
            home.account("alpha")
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            done = subprocess.run([BIN / "bullpen-worker", "run", "--home", home.root, "--account",
                                   "alpha"], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 77)
            self.assertIn(str(pid), done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
