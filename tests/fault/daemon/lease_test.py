#!/usr/bin/env python3
"""Another process of the home's user has a lease on a file that the daemon, or an operator's
command, is about to open. Nobody waits for it: the daemon's loop goes on, and what could not be
opened is told, with the reason."""

import fcntl
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually, main  # noqa: E402

AT_ONCE = 10  # seconds; the kernel would have whoever waits wait 45


class Lease:
    """Of this process, on a file that nobody else has open; given back at the end."""

    def __init__(self, path):
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        self.file = os.open(path, os.O_RDWR)

        def taken():
            try:
                fcntl.fcntl(self.file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except OSError:
                return False
            return True
        eventually(taken, lambda: f"no lease on {path}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        fcntl.fcntl(self.file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        os.close(self.file)


class Leases(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.home.account("victim", "[feed]\nspeed = 60\n")
        self.home.account("other", "[feed]\nspeed = 60\n")
        self.home.start()
        self.home.until("victim", "RUNNING")
        self.home.until("other", "RUNNING")

    def tearDown(self):
        self.home.end()

    def nobody_waited(self, since):
        self.assertLess(time.monotonic() - since, AT_ONCE)
        self.home.until("other", "RUNNING")
        self.assertLess(self.home.of("other")["beat_age_s"], 3)
        self.assertEqual([line for line in self.home.events("alarm") if line["worker"] == "other"],
                         [])
        self.assertEqual(self.home.worker_log("other", "daemon_absent"), [])

    def not_launched(self, path):
        self.home.ctl("stop", "victim")
        self.home.until("victim", "STOPPED")
        with Lease(self.home.root / path):
            since = time.monotonic()
            self.home.ctl("start", "victim", check=False)
            said = eventually(lambda: self.home.events("launch_failed"), self.home.story)[0]
            self.assertEqual(said["worker"], "victim")
            self.assertIn("on which another process has a lease", said["error"])
            self.assertIn(path, said["error"])
            self.nobody_waited(since)
        self.home.until("victim", "RUNNING")

    def test_a_lease_on_a_workers_log_keeps_that_worker_alone_from_starting(self):
        self.not_launched("accounts/victim/logs/stdio.log")

    def test_a_lease_on_an_accounts_lock_file_is_told_at_the_launch(self):
        self.not_launched("locks/account_victim.lock")

    def test_a_lease_on_the_state_of_a_worker_that_ends_unseen_does_not_stop_the_daemon(self):
        self.home.kill_daemon()
        self.home.start()
        victim = self.home.until("victim", "RUNNING")
        with Lease(self.home.root / "accounts/victim/state.json"):
            since = time.monotonic()
            os.kill(victim["pid"], signal.SIGKILL)
            eventually(lambda: self.home.events("worker_ended"), self.home.story)
            self.nobody_waited(since)
        self.home.until_restarted("victim", victim["pid"])

    def test_a_lease_on_the_homes_cookie_is_told_to_the_operator_at_once(self):
        with Lease(self.home.root / "run/cookie"):
            since = time.monotonic()
            self.home.ctl("halt", "victim", check=False)
            self.nobody_waited(since)


if __name__ == "__main__":
    main()
