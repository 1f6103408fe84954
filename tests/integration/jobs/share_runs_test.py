#!/usr/bin/env python3
"""How runs of share jobs begin and end: without anybody to answer a question, and at their
deadline."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually, main  # noqa: E402
from share_home import ACCOUNT, VENUE, Exchange, ShareTests, jobs  # noqa: E402

# A program that takes each alert.
ALERTS = '[alerts]\ncommand = ["/bin/cat"]\n'
# The watchdog goes on until the market shuts, unless its deadline comes first.
SHORT = """
[jobs.hourly_candle_watchdog]
rule = "atr"
deadline = "2 s"
attempts = 1
"""


class ShareRuns(ShareTests, unittest.TestCase):
    def alerts(self, home, name):
        path = home.root / "alerts" / "history.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in map(json.loads, lines)
                if line["event"] == "alert_sent" and line["alert"] == name]

    def test_a_run_that_passes_its_deadline_is_ended_and_told_and_others_go_on(self):
        with Home(ALERTS) as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT + SHORT)
            bought = self.placed(home)
            home.until_service("bullpen-notify", "RUNNING")
            ended = self.run_job(home, "hourly_candle_watchdog")
            self.assertFalse(ended["ok"], ended)
            known = jobs(home)["hourly_candle_watchdog"]
            self.assertIsNone(known["running"], known)
            self.assertEqual([run["outcome"] for run in known["history"]], ["timed_out"])
            self.assertIn("its deadline passed", known["history"][0]["text"])
            told = [line for line in home.worker_log("anna", "job_ended")
                    if line["job"] == "hourly_candle_watchdog"]
            self.assertEqual([line["outcome"] for line in told], ["timed_out"])
            eventually(lambda: self.alerts(home, "job_failed"), home.story)
            self.assertIn("hourly_candle_watchdog", home.of("anna")["last_error"])
            # It took nothing with it: the stops stand, and the next job has its turn.
            moved = self.run_job(home, "update_cnc_stoploss")
            self.assertTrue(moved["ok"], moved)
            self.assertEqual(sorted(Exchange(home).stops().values()), sorted(bought.items()))

    def without_input(self, path, program):
        """Starts the program with its standard input closed, not merely empty."""
        path.write_text(f'#!/bin/sh\nexec {program} "$@" <&-\n')
        path.chmod(0o700)
        return path

    def test_F28_jobs_of_shares_ask_nobody_by_schedule_and_by_hand_with_their_input_closed(self):
        with Home() as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT + '[jobs.sync]\nschedule = "every 5 min in session"\n')
            self.signals(home)
            home.start(program=self.without_input(home.outside / "daemon", BIN / "bullpend"))
            home.until("anna", "RUNNING")
            eventually(lambda: home.of("anna")["flat"] is True, home.story)
            ctl = self.without_input(home.outside / "ctl", BIN / "bullpenctl")
            for job in ("place_orders_daily", "update_cnc_stoploss"):
                words = ["--home", home.root, "--json", "job", "run", "anna", job]
                done = subprocess.run([ctl, *words], capture_output=True, text=True, timeout=60,
                                      check=False, env={"PATH": "/usr/bin:/bin"})
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertTrue(json.loads(done.stdout)["ok"], done.stdout)
            self.assertTrue(Exchange(home).stops())

            def synced():
                return [run for run in jobs(home)["sync"]["history"]
                        if not run["by_hand"] and run["outcome"] == "succeeded"]
            eventually(synced, home.story)


if __name__ == "__main__":
    main()
