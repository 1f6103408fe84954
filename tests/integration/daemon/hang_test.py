#!/usr/bin/env python3
"""A hung worker is a dead worker: found by silence or by what it owes, told, killed, replaced."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, trader, until_holding  # noqa: E402

WORKER = Path(__file__).resolve().parents[2] / "support" / "lease_worker.py"
LIMITS = 'late_after = "2 s"\ndead_after = "4 s"\n'


HANGS = ("spin", "deadlock", "overdue", "forgets")


class Hang(unittest.TestCase):
    """One home for all, so that they go wrong side by side."""

    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.end)
        for how in (*HANGS, "quiet"):
            command = json.dumps(["/usr/bin/python3", str(WORKER), how])
            cls.home.account(how, f'command = {command}\nheartbeat = "zmq"\n{LIMITS}')
        command = json.dumps(["/usr/bin/python3", str(WORKER), "silent"])
        cls.home.account("silent", f'command = {command}\nheartbeat = "zmq"\n'
                         'late_after = "2 s"\ndead_after = "60 s"\n')
        cls.home.account("stopped", LIMITS)
        cls.home.start()
        cls.stopped = cls.home.until("stopped", "RUNNING")["pid"]
        os.kill(cls.stopped, signal.SIGSTOP)

    def first_pid(self, name):
        return eventually(lambda: [line["worker_pid"] for line in self.home.events("worker_started")
                                   if line["worker"] == name], self.home.story)[0]

    def signals_to(self, pid):
        return [line["signal"] for line in self.home.events("signal_sent")
                if line["worker_pid"] == pid]

    def hangs(self, how, reason, signals):
        """It ran, went wrong, was told and killed, and its successor runs; returns how it ended."""
        first = self.first_pid(how)
        second = self.home.until_restarted(how, first)
        self.assertFalse(alive(first))
        self.assertEqual(second["restarts"], 1)
        self.assertEqual(self.signals_to(first), signals)
        deaths = self.home.explain(how)["detail"]["deaths"]
        self.assertEqual([death["reason"] for death in deaths], [reason])
        return deaths[0]["status"]

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

    def test_a_silent_worker_is_found_at_the_time_of_what_it_owes_and_not_at_that_of_silence(self):
        status = self.hangs("silent", "hung_obligation", [signal.SIGTERM, signal.SIGKILL])
        self.assertEqual(status, "signal 9")
        # Due 2 s after its last beat, told 3 s later; silence would be told after a minute.
        death = self.home.explain("silent")["detail"]["deaths"][0]
        self.assertLess(death["ran_for_s"], 30)

    def test_a_built_in_worker_that_is_stopped_is_told_and_replaced(self):
        self.home.until_restarted("stopped", self.stopped)
        self.assertFalse(alive(self.stopped))
        # SIGTERM goes with a SIGCONT, so it may still end in order.
        self.assertEqual(self.signals_to(self.stopped)[0], signal.SIGTERM)
        deaths = self.home.explain("stopped")["detail"]["deaths"]
        self.assertEqual([death["reason"] for death in deaths], ["hung_silent"])

    def test_a_quiet_worker_without_progress_is_not_hung(self):
        beats = self.home.root / "accounts/quiet/beats"
        # Three times as long as silence would be allowed.
        eventually(lambda: beats.exists() and len(beats.read_text().split()) >= 9, self.home.story)
        line = self.home.of("quiet")
        pid = self.first_pid("quiet")
        self.assertEqual((line["state"], line["pid"], line["restarts"]), ("RUNNING", pid, 0))
        self.assertEqual(self.signals_to(pid), [])


class Answer(unittest.TestCase):
    def facts(self, home, name):
        return {fact["what"]: fact["text"] for fact in home.explain(name)["facts"]}

    def test_a_worker_that_does_not_take_the_brokers_answer_is_hung_and_explain_names_it(self):
        with Home() as home:
            command = json.dumps(["/usr/bin/python3", str(WORKER), "unanswered"])
            home.account("alpha", f'command = {command}\nheartbeat = "zmq"\n{LIMITS}')
            home.start()
            eventually(lambda: self.facts(home, "alpha").get("Due next") == "answer", home.story)
            first = home.of("alpha")["pid"]
            home.until("alpha", "STOPPING", reason="hung_obligation",
                       reason_text="overdue: answer")
            self.assertIn("(overdue: answer)", home.explain("alpha")["headline"])
            home.until_restarted("alpha", first)
            deaths = home.explain("alpha")["detail"]["deaths"]
            self.assertEqual([death["reason"] for death in deaths], ["hung_obligation"])

    def test_a_trading_worker_that_waits_for_an_answer_is_not_hung_however_slow_the_broker(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, "feed.history": BEFORE_A_SIGNAL,
                                         "feed.speed": 60}))
            home.start()
            pid = home.until("anna", "RUNNING")["pid"]
            home.tell_venue("personality", toml="latency_ms = 8000\n")

            def sent():
                return [line for line in home.at_exchange("received", account="anna")
                        if json.loads(line["message"])["type"] == "submit"]
            eventually(lambda: sent() and "answer" in self.facts(home, "anna")["Due next"],
                       home.story)
            home.tell_venue("reset_personality")
            # The order is taken for unknown when its time is over, found, and given its stop.
            line = until_holding(home)
            self.assertEqual((line["pid"], line["restarts"]), (pid, 0))
            self.assertTrue(home.worker_log("anna", "order_unknown"), home.story())


class Clock(unittest.TestCase):
    @unittest.skipUnless((BIN / "libbullpen-shifted-clock.so").exists(), "not built")
    def test_a_worker_whose_clock_is_wrong_makes_no_new_entries_until_it_is_right(self):
        with Home() as home:
            shift = home.outside / "shift"
            shift.write_text("7000\n")
            home.account("alpha", f'write_paths = ["{home.outside}"]\n[environment]\n'
                         f'LD_PRELOAD = "{BIN}/libbullpen-shifted-clock.so"\n'
                         f'SHIFTED_CLOCK_FILE = "{shift}"\n'
                         'ASAN_OPTIONS = "verify_asan_link_order=0"\n')
            home.account("beta")
            home.start()
            home.until("alpha", "RUNNING")
            said = eventually(lambda: (lambda worker: worker if worker and
                                       worker["reason"] == "clock_skew" else None)
                              (home.explain("alpha")["detail"]["worker"]), home.story)
            self.assertNotEqual(said["mode"], "active")
            self.assertIn("ms", said["reason_text"])
            home.until("beta", "RUNNING")
            self.assertNotEqual(home.explain("beta")["detail"]["worker"]["reason"],
                                "clock_skew")
            shift.write_text("0\n")
            eventually(lambda: home.explain("alpha")["detail"]["worker"]["reason"] !=
                       "clock_skew", home.story)


if __name__ == "__main__":
    unittest.main(verbosity=2)
