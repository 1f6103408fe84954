#!/usr/bin/env python3
"""The roster changes under a running daemon."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, trader, until_holding  # noqa: E402


class Roster(unittest.TestCase):
    def test_update_starts_the_new_restarts_the_changed_and_leaves_the_others(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.puppet("beta", ["sleep"])
            home.puppet("gone", ["sleep"])
            home.start()
            before = {n: home.until(n, "RUNNING")["pid"] for n in ("alpha", "beta", "gone")}
            home.puppet("beta", ["sleep"], '[environment]\nNEW = "1"\n')
            home.puppet("new", ["sleep"])
            home.ctl("stop", "gone")  # a program that does not say whether it is flat
            (home.root / "accounts.d/gone.toml").unlink()
            seen = home.ctl("reread", check=False).stdout
            for name in ("beta", "new", "gone"):
                self.assertIn(name, seen)
            self.assertEqual(home.until("beta", "RUNNING")["pid"], before["beta"])
            home.ctl("update")
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], before["alpha"])
            home.until("new", "RUNNING")
            self.assertNotEqual(home.until("beta", "RUNNING")["pid"], before["beta"])
            eventually(lambda: home.of("gone") == {}, home.story)

    def test_an_account_that_holds_something_does_not_leave_with_its_file(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, "feed.history": BEFORE_A_SIGNAL,
                                         "feed.speed": 60, "orders.at_stop": "leave_protected",
                                         "stop_wait": "20 s"}))
            home.start()
            until_holding(home)
            pid, holds = (home.of("anna")[key] for key in ("pid", "position"))
            (home.root / "accounts.d/anna.toml").unlink()
            warned = f"accounts.d/anna.toml: is gone, but anna holds {holds}: nobody looks after it"
            for command in ("reread", "update"):
                done = home.ctl(command, check=False)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(warned, done.stdout + done.stderr)
            self.assertEqual(home.until("anna", "RUNNING")["pid"], pid)
            self.assertTrue(home.explain("anna")["detail"]["kept_settings"])
            alarms = [line for line in home.events("alarm") if line["worker"] == "anna"]
            self.assertIn("its file is gone, but anna holds", alarms[-1]["sentence"])
            # So it does under a daemon that finds the file gone.
            home.kill_daemon()
            home.start()
            self.assertEqual(home.until("anna", "RUNNING", flat=False)["pid"], pid)
            home.ctl("flatten", "anna")
            home.until("anna", "RUNNING", flat=True)
            home.ctl("update")
            eventually(lambda: home.of("anna") == {}, home.story)

    def test_what_a_shadow_account_would_hold_keeps_nobody_from_removing_it(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, "trading": "shadow", "feed.speed": 60,
                                         "feed.history": BEFORE_A_SIGNAL}))
            home.start()
            eventually(lambda: home.of("anna").get("quantity") not in (None, 0), home.story)
            self.assertIs(home.of("anna")["flat"], True)
            (home.root / "accounts.d/anna.toml").unlink()
            home.ctl("update")
            eventually(lambda: home.of("anna") == {}, home.story)

    def test_a_program_that_does_not_say_whether_it_is_flat_stays_until_it_is_stopped(self):
        with Home() as home:
            home.puppet("other", ["sleep"])
            home.start()
            pid = home.until("other", "RUNNING")["pid"]
            refused = home.ctl("remove", "other", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("did not report that it is flat", refused.stderr)
            (home.root / "accounts.d/other.toml").unlink()
            warned = ("accounts.d/other.toml: is gone, but other is a program of its own that does "
                      "not say whether it is flat: nobody looks after it")
            for command in ("reread", "update"):
                done = home.ctl(command, check=False)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(warned, done.stdout + done.stderr)
            self.assertEqual(home.until("other", "RUNNING")["pid"], pid)
            self.assertTrue(home.explain("other")["detail"]["kept_settings"])
            alarm = [line for line in home.events("alarm") if line["worker"] == "other"][-1]
            self.assertEqual(alarm["reason"], "account_removed")
            self.assertIn("does not say whether it is flat", alarm["sentence"])
            # So it does under a daemon that finds the file gone.
            home.kill_daemon()
            home.start()
            self.assertEqual(home.until("other", "RUNNING")["pid"], pid)
            # Who stops it has looked after it.
            home.ctl("stop", "other")
            home.ctl("update")
            eventually(lambda: home.of("other") == {}, home.story)

    def test_what_is_removed_by_word_leaves_at_once(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, "feed.history": BEFORE_A_SIGNAL,
                                         "feed.speed": 60, "orders.at_stop": "leave_protected",
                                         "stop_wait": "20 s"}))
            home.start()
            until_holding(home)
            home.ctl("remove", "anna", "--flat")
            eventually(lambda: home.of("anna") == {}, home.story)

    def test_what_needs_no_restart_causes_none(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            home.puppet("alpha", ["sleep"], 'label = "a new name"\ngroup = "g1"\npriority = 7\n')
            home.ctl("update")
            eventually(lambda: home.of("alpha")["group"] == "g1", home.story)
            self.assertEqual(home.of("alpha")["pid"], pid)

    def test_an_update_tells_only_of_the_accounts_that_it_changes(self):
        with Home() as home:
            for name in ("alpha", "beta"):
                home.puppet(name, ["sleep"])
            home.start()
            for name in ("alpha", "beta"):
                home.until(name, "RUNNING")
            before = home.ctl("events").stdout.count(" state beta ")
            home.puppet("alpha", ["sleep"], 'label = "a new name"\n')
            home.ctl("update")
            eventually(lambda: home.of("alpha")["label"] == "a new name", home.story)
            self.assertEqual(home.ctl("events").stdout.count(" state beta "), before)

    def test_a_broken_file_leaves_its_account_and_the_others_running(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.puppet("beta", ["sleep"])
            home.start()
            before = {n: home.until(n, "RUNNING")["pid"] for n in ("alpha", "beta")}
            home.account("alpha", "prioritty = 5\n")
            done = home.ctl("update", check=False)
            self.assertIn("priority", done.stdout + done.stderr)  # the nearest known key
            for name in ("alpha", "beta"):
                self.assertEqual(home.until(name, "RUNNING")["pid"], before[name])
            # The next daemon knows the last good version too.
            home.kill_daemon()
            home.start()
            for name in ("alpha", "beta"):
                self.assertEqual(home.until(name, "RUNNING")["pid"], before[name])
            home.ctl("restart", "alpha")
            home.until("alpha", "RUNNING")

    def test_a_new_account_with_a_broken_file_waits_and_says_why(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.account("bad", "priority = \"high\"\n")
            home.start()
            home.until("alpha", "RUNNING")
            home.until("bad", "WAITING", reason="settings_invalid")
            home.puppet("bad", ["sleep"])
            home.ctl("update")
            home.until("bad", "RUNNING")

    def test_hangup_rereads_the_roster(self):
        with Home() as home:
            daemon = home.start()
            home.puppet("alpha", ["sleep"])
            daemon.send_signal(1)
            home.until("alpha", "RUNNING")

    def test_a_disabled_account_has_stopped_when_the_command_returns_and_says_so(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "RUNNING")
            told = home.ctl("disable", "alpha").stdout
            self.assertIn("stopped", told)
            self.assertEqual((home.of("alpha")["state"], home.of("alpha")["reason"]),
                             ("STOPPED", "account_disabled"))
            told = home.ctl("enable", "alpha").stdout
            self.assertIn("started", told)
            self.assertEqual(home.of("alpha")["state"], "RUNNING")

    def test_a_home_whose_settings_are_broken_from_the_start_is_refused_with_every_error(self):
        with Home() as home:
            (home.root / "bullpen.toml").write_text("nonsense = 1\nping_interval = \"x\"\n")
            daemon = home.start(wait=False)
            self.assertEqual(daemon.wait(timeout=30), 78)
            told = (home.root / "bullpend.stderr").read_text()
            self.assertIn("nonsense", told)
            self.assertIn("ping_interval", told)

    def test_starts_follow_priority(self):
        with Home() as home:
            for name, priority in (("late", 30), ("early", 10), ("middle", 20)):
                home.puppet(name, ["sleep"], f"priority = {priority}\n")
            home.start()
            for name in ("late", "early", "middle"):
                home.until(name, "RUNNING")
            order = [line["worker"] for line in home.events("worker_started")]
            self.assertEqual(order, ["early", "middle", "late"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
