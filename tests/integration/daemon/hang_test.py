#!/usr/bin/env python3
"""A hung worker is a dead worker: found by its silence or by what it owes, told, killed, replaced."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402

WORKER = Path(__file__).resolve().parents[2] / "support" / "lease_worker.py"
LIMITS = 'late_after = "2 s"\ndead_after = "3 s"\n'


def lease_worker(home, name, how):
    command = json.dumps(["/usr/bin/python3", str(WORKER), how])
    home.account(name, f'command = {command}\nheartbeat = "zmq"\n{LIMITS}')


def signals_to(home, pid):
    return [line["signal"] for line in home.events("signal_sent") if line["worker_pid"] == pid]


def deaths_of(home, name):
    return [death["reason"] for death in home.explain(name)["detail"]["deaths"]]


class Hang(unittest.TestCase):
    def hangs(self, how, reason, signals):
        """It runs, goes wrong, is told and killed, and its successor runs."""
        with Home() as home:
            lease_worker(home, "alpha", how)
            home.start()
            first = home.until("alpha", "RUNNING")
            second = home.until_restarted("alpha", first["pid"])
            self.assertFalse(alive(first["pid"]))
            self.assertGreater(second["fence"], first["fence"])
            self.assertEqual(second["restarts"], 1)
            self.assertEqual(signals_to(home, first["pid"]), signals)
            self.assertEqual(deaths_of(home, "alpha"), [reason])
            return home.explain("alpha")["detail"]["deaths"][0]["status"]

    def test_a_worker_that_spins_is_told_killed_and_replaced(self):
        status = self.hangs("spin", "hung_silent", [signal.SIGTERM, signal.SIGKILL])
        self.assertEqual(status, "signal 9")

    def test_a_worker_that_deadlocks_is_told_killed_and_replaced(self):
        status = self.hangs("deadlock", "hung_silent", [signal.SIGTERM, signal.SIGKILL])
        self.assertEqual(status, "signal 9")

    def test_a_worker_that_beats_but_says_that_a_bar_is_overdue_is_replaced(self):
        # It still hears what it is told, so SIGTERM is enough.
        status = self.hangs("overdue", "hung_obligation", [signal.SIGTERM])
        self.assertEqual(status, "exit code 0")

    def test_a_worker_that_beats_but_never_does_what_was_due_is_replaced(self):
        status = self.hangs("forgets", "hung_obligation", [signal.SIGTERM])
        self.assertEqual(status, "exit code 0")

    def test_a_built_in_worker_that_is_stopped_is_told_and_replaced(self):
        with Home() as home:
            home.account("alpha", LIMITS)
            home.start()
            first = home.until("alpha", "RUNNING")
            os.kill(first["pid"], signal.SIGSTOP)
            home.until("alpha", "RUNNING", reason="beats_missed")
            home.until_restarted("alpha", first["pid"])
            self.assertFalse(alive(first["pid"]))
            # SIGTERM goes with a SIGCONT, so it may still end in order.
            self.assertEqual(signals_to(home, first["pid"])[0], signal.SIGTERM)
            self.assertEqual(deaths_of(home, "alpha"), ["hung_silent"])

    def test_a_quiet_worker_without_progress_is_not_hung(self):
        with Home() as home:
            lease_worker(home, "alpha", "quiet")
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            beats = home.root / "accounts/alpha/beats"
            # Three times as long as silence would be allowed.
            eventually(lambda: beats.exists() and len(beats.read_text().split()) >= 9, home.story)
            line = home.of("alpha")
            self.assertEqual((line["state"], line["pid"], line["restarts"]), ("RUNNING", pid, 0))
            self.assertEqual(signals_to(home, pid), [])

    @unittest.skipUnless((BIN / "libbullpen-shifted-clock.so").exists(), "not built")
    def test_a_worker_whose_clock_is_wrong_makes_no_new_entries_until_it_is_right(self):
        with Home() as home:
            shift = home.root / "shift"
            shift.write_text("7000\n")
            home.account("alpha", "[environment]\n"
                         f'LD_PRELOAD = "{BIN}/libbullpen-shifted-clock.so"\n'
                         f'SHIFTED_CLOCK_FILE = "{shift}"\n'
                         'ASAN_OPTIONS = "verify_asan_link_order=0"\n')
            home.account("beta")
            home.start()
            home.until("alpha", "RUNNING")
            said = eventually(lambda: (lambda worker: worker if worker and
                                       worker["mode_reason"] == "clock_skew" else None)
                              (home.explain("alpha")["detail"]["worker"]), home.story)
            self.assertNotEqual(said["mode"], "active")
            self.assertIn("ms", said["mode_text"])
            home.until("beta", "RUNNING")
            self.assertNotEqual(home.explain("beta")["detail"]["worker"]["mode_reason"],
                                "clock_skew")
            shift.write_text("0\n")
            eventually(lambda: home.explain("alpha")["detail"]["worker"]["mode_reason"] !=
                       "clock_skew", home.story)


if __name__ == "__main__":
    unittest.main(verbosity=2)
