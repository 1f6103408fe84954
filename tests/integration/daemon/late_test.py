#!/usr/bin/env python3
"""What comes too late: an entry that waits at the exchange after its signal, and a position that
the strategy does not bring to zero by the time to be flat by; and who may enter nothing says so
before a signal comes."""

import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, at_exchange, trader, until_holding  # noqa: E402

BEFORE = {"feed.history": BEFORE_A_SIGNAL, "feed.speed": 60}


class Late(unittest.TestCase):
    def orders(self, home, **facts):
        return [line for line in home.at_exchange("order", "execution", account="anna")
                if all(line.get(key) == value for key, value in facts.items())]

    def test_an_entry_that_waits_at_the_exchange_is_taken_back_when_its_signal_is_old(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, **BEFORE, "autostart": False}))
            home.start()
            home.until_service("bullpen-venue", "RUNNING")
            home.tell_venue("personality", toml="pending = 1.0\npending_times = 1\n")
            home.ctl("start", "anna")

            def taken_back():
                return self.orders(home, purpose="entry", kind="cancelled")
            eventually(taken_back, home.story, 60)
            accepted = self.orders(home, purpose="entry", kind="accepted")[0]
            self.assertEqual(taken_back()[0]["order"], accepted["order"])
            self.assertEqual(taken_back()[0]["filled"], 0)
            self.assertEqual(at_exchange(home)["working"], 0)
            eventually(lambda: home.of("anna").get("flat"), home.story)

    def test_what_the_strategy_does_not_close_in_time_is_closed_by_the_clock(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, **BEFORE, "session.flat_by": "04:00",
                                         "session.flatten_lead": "5 min",
                                         "strategy.profit_before_flatten": "0 min",
                                         "strategy.loss_before_flatten": "0 min"}))
            home.start()
            until_holding(home)
            home.tell_venue("personality", toml='reject = 1.0\nonly_purpose = "exit"\n')
            overdue = eventually(lambda: home.worker_log("anna", "overdue"), home.story, 60)[0]
            self.assertEqual((overdue["why"], overdue["level"]), ("flat_by", "error"))
            eventually(lambda: at_exchange(home)["position"] == 0, home.story, 60)
            self.assertEqual(at_exchange(home)["working"], 0)
            last = self.orders(home, event="execution")[-1]
            self.assertEqual(last["purpose"], "flatten")
            # 04:00 in New York, in winter.
            self.assertLess(last["market_time"][11:16], "09:00")
            self.assertTrue(self.orders(home, purpose="exit", kind="rejected"))

    def test_an_account_that_may_not_enter_says_so_before_its_first_signal(self):
        with Home() as home:
            home.account("anna", trader({"feed.speed": 60, "risk.rule_pack": "topstep_50k",
                                         "risk.daily_loss_max": None, "risk.approach": None}))
            home.start()
            line = home.until("anna", "RUNNING", mode="idle", mode_reason="limit_reached")
            self.assertIsNone(line.get("mode_until"))
            self.assertIn("hosting_unacknowledged", home.ctl("explain", "anna").stdout)
            self.assertTrue(home.worker_log("anna", "hosting"))

    def test_an_account_whose_trades_of_the_day_are_used_up_says_so(self):
        with Home() as home:
            home.account("anna", trader({**BEFORE, "feed.speed": 600, "risk.trades_max": 1}))
            home.start()
            home.until("anna", "RUNNING", mode="idle", mode_reason="limit_reached", deadline=60)
            self.assertIn("trades_reached", home.ctl("explain", "anna").stdout)
            # The next trading day begins with trades of its own.
            home.until("anna", "RUNNING", mode="active", deadline=120)

    def test_bars_that_a_standing_worker_took_late_are_the_cause_that_compare_gives(self):
        with Home() as home:
            home.account("anna", trader({**PATIENT, "feed.history": BEFORE_A_SIGNAL - 150,
                                         "feed.speed": 1800, "strategy.holding_max": "30 min",
                                         "late_after": "30 s", "dead_after": "50 s"}))
            home.start()
            pid = home.until("anna", "RUNNING", mode="active")["pid"]
            # It has taken bars in time, and stands for five hours of the market, with its signal.
            time.sleep(0.5)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(10)
            os.kill(pid, signal.SIGCONT)

            def told():
                done = home.ctl("--json", "compare", "anna", check=False)
                notes = [one["note"] for one in json.loads(done.stdout)["differences"]
                         if one["paper"] is None] if done.returncode == 1 else []
                return notes
            notes = eventually(told, home.story, 60)
            self.assertIn("the account took the bar late, when it was too late to enter on it",
                          notes)


if __name__ == "__main__":
    unittest.main()
