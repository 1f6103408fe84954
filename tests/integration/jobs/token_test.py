#!/usr/bin/env python3
"""The token that ends each morning: an account of shares counts it down, rests behind its stops,
waits for the next one, and goes on where it was. Real daemon, workers and paper exchange; what came
of it is judged from the exchange's own log."""

import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, eventually  # noqa: E402
from share_home import NAMES, Exchange, ShareTests, jobs  # noqa: E402

WATCH = """
[jobs.hourly_candle_watchdog]
rule = "atr"
poll = "1 s"
"""


def seal(home, *more):
    subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "set", "anna",
                    "access_token", *more], input="todays-token-4d\n", text=True, check=True,
                   capture_output=True, timeout=60)


def ends_in(seconds):
    end = int(time.time()) + seconds
    return end, ("--expires", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)))


class Token(ShareTests, unittest.TestCase):
    def left(self, home):
        """The countdown that the worker tells, in seconds; none when it tells of none."""
        found = [limit for limit in home.of("anna")["limits"] if limit["name"] == "access_token"]
        return found[0]["left"] if found else None

    def test_a_token_that_ends_rests_the_account_and_the_next_one_wakes_it_alone(self):
        with self.home(WATCH) as home:
            home.account("ben", '[feed]\nspeed = 3600\n')
            self.signals(home)
            self.running(home)
            placed = self.run_job(home, "place_orders_daily")
            self.assertTrue(placed["ok"], placed)
            exchange = Exchange(home)
            bought = exchange.bought()
            self.assertEqual(sorted(bought), list(NAMES))
            ben = home.until("ben", "RUNNING")["pid"]

            end, words = ends_in(25)
            seal(home, *words)
            home.ctl("restart", "anna")
            eventually(lambda: self.left(home) is not None, home.story)
            self.assertLessEqual(self.left(home), 25)
            self.assertIn("access_token ends in", home.ctl("explain", "anna").stdout)
            self.assertIn("anna: its access_token ends in", home.ctl("status", check=False).stdout)
            home.ctl("job", "run", "anna", "hourly_candle_watchdog", "--no-wait")
            eventually(lambda: jobs(home)["hourly_candle_watchdog"]["running"], home.story)

            line = home.until("anna", "WAITING", reason="token_missing")
            self.assertGreaterEqual(time.time(), end)
            self.assertIn("access_token ended at", line["reason_text"])
            self.assertIn("credentials set anna access_token", line["reason_text"])
            closed = home.worker_log("anna", "closed")[-1]
            self.assertEqual((closed["exit_code"], closed["reason"]), (77, "token_missing"))
            self.assertTrue([one for one in home.events("alarm")
                             if "access_token ended at" in one["sentence"]])
            # Its stops are the broker's matter, and nothing was sold or bought.
            self.assertEqual(sorted(exchange.stops().values()), sorted(bought.items()))
            self.assertEqual(exchange.bought(), bought)

            seal(home)
            home.until("anna", "RUNNING")
            self.assertEqual(home.explain("anna")["detail"]["deaths"], [])
            self.assertEqual(home.of("ben")["pid"], ben)
            eventually(lambda: (self.left(home) or 0) > 60, home.story)
            # What it was at is taken up again, and what was done is not done twice.
            eventually(lambda: [run["outcome"] for run in
                                jobs(home)["hourly_candle_watchdog"]["history"]][:1] ==
                       ["interrupted"], home.story)
            again = self.run_job(home, "place_orders_daily")
            self.assertTrue(again["ok"], again)
            self.assertEqual(exchange.bought(), bought)
            self.assertEqual(sorted(exchange.stops().values()), sorted(bought.items()))

    def test_a_token_that_was_set_in_time_takes_the_place_of_the_old_one(self):
        with self.home() as home:
            end, words = ends_in(20)
            seal(home, *words)
            self.running(home)
            pid = home.of("anna")["pid"]
            seal(home)
            home.until_restarted("anna", pid)
            self.assertGreaterEqual(time.time(), end)
            self.assertEqual([one for one in home.events("alarm") if "ended" in one["sentence"]],
                             [])
            eventually(lambda: (self.left(home) or 0) > 60, home.story)

    def test_an_order_to_stop_does_not_wait_for_the_end_of_the_token(self):
        with self.home() as home:
            seal(home, *ends_in(12)[1])
            self.running(home)
            eventually(lambda: home.worker_log("anna", "token_ends"), home.story)
            home.ctl("stop", "anna")
            self.assertTrue(home.of("anna")["state"].startswith("STOPPED"))


if __name__ == "__main__":
    unittest.main()
