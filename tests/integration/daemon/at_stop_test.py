#!/usr/bin/env python3
"""What a stop of the account does with a position and working orders, for each policy, judged at
the exchange; and what becomes of them when the account is to trade in another market."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, alive, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, at_exchange, trader, until_holding  # noqa: E402

# What is held is held for two hours of the market, which are as many minutes.
HOLDS = {**PATIENT, "feed.history": BEFORE_A_SIGNAL, "feed.speed": 60,
         "strategy.holding_max": "120 min", "orders.at_stop": "leave_protected",
         "stop_wait": "20 s"}


class AtStop(unittest.TestCase):
    def account(self, home, changes=()):
        home.account("anna", trader({**HOLDS, **dict(changes)}))

    def holding(self, home, changes=()):
        """An account that holds something behind its stop; its line of status."""
        self.account(home, changes)
        home.start()
        return until_holding(home)

    def placed(self, home, purpose):
        return [order for order in home.at_exchange("order", account="anna")
                if order["kind"] == "accepted" and order["purpose"] == purpose]

    def test_flatten_closes_what_is_held_and_leaves_no_order(self):
        with Home() as home:
            pid = self.holding(home, {"orders.at_stop": "flatten"})["pid"]
            told = home.ctl("stop", "anna").stdout
            self.assertFalse(alive(pid))
            # It is known to hold nothing: nobody is sent to look for a stop.
            self.assertNotIn("it held", told)
            line = home.of("anna")
            self.assertEqual((line["flat"], line["quantity"]), (True, 0), line)
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (0, 0))
            self.assertEqual(len(self.placed(home, "flatten")), 1)
            self.assertEqual(home.worker_log("anna", "at_rest")[-1]["policy"], "flatten")
            home.ctl("start", "anna")
            home.until("anna", "RUNNING", mode="active")

    def test_leave_protected_leaves_the_position_behind_its_stop_and_takes_both_up_again(self):
        with Home() as home:
            held = self.holding(home)["quantity"]
            told = home.ctl("stop", "anna").stdout
            self.assertRegex(told, r"anna: stopped, it leaves (long|short) .*, behind its stop at")
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (held, 1))
            self.assertEqual(home.worker_log("anna", "at_rest")[-1]["policy"], "leave_protected")
            # The next daemon knows it, and when that was said.
            before = home.of("anna")
            home.ctl("shutdown")
            home.daemon.wait(60)
            home.start()
            line = home.until("anna", "STOPPED", proof="board")
            for key in ("position", "quantity", "flat", "position_at"):
                self.assertEqual(line[key], before[key], key)
            self.assertEqual(line["quantity"], held)
            self.assertIn("was " + line["position"], home.ctl("status", check=False).stdout)
            self.assertIn(", as told last at ", home.ctl("explain", "anna").stdout)
            self.assertIn("anna STOPPED operator_stop holds",
                          home.ctl("health", check=False).stdout)
            self.assertIn("already stopped, it held", home.ctl("stop", "anna").stdout)
            # What was left is taken up: one stop, the same, and nothing sold.
            home.ctl("start", "anna")
            home.until("anna", "RUNNING", quantity=held)
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (held, 1))
            self.assertEqual(len(self.placed(home, "protective_stop")), 1)
            self.assertEqual(len(self.placed(home, "entry")), 1)

    def test_refuse_waits_until_the_strategy_has_closed_and_ends_in_order_then(self):
        with Home() as home:
            pid = self.holding(home, {"orders.at_stop": "refuse", "stop_wait": "60 s",
                                      "strategy.holding_max": "12 min"})["pid"]
            home.ctl("stop", "--no-wait", "anna")
            home.until("anna", "STOPPING")
            eventually(lambda: not alive(pid), home.story, 60)
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (0, 0))
            self.assertEqual(self.placed(home, "flatten"), [])
            closed = home.worker_log("anna", "closed")[-1]
            self.assertEqual(closed["exit_code"], 0)

    def test_refuse_is_ended_after_its_wait_and_leaves_the_stop_at_the_exchange(self):
        with Home() as home:
            line = self.holding(home, {"orders.at_stop": "refuse", "stop_wait": "2 s"})
            home.ctl("stop", "anna", check=False)
            home.until("anna", "STOPPED")
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (line["quantity"], 1))

    def test_what_is_held_is_closed_before_the_account_goes_to_another_market(self):
        with Home() as home:
            pid = self.holding(home)["pid"]
            # Whatever its policy says: nobody would follow the market in which it holds something.
            self.account(home, {"feed.instrument": "MNQ"})
            home.ctl("update")
            home.until_restarted("anna", pid)
            home.until("anna", "RUNNING", quantity=0)
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (0, 0))
            self.assertEqual(len(self.placed(home, "flatten")), 1)
            # And before it goes into the shadow.
            eventually(lambda: home.of("anna").get("bars", 0) > 0, home.story)
            self.account(home, {"feed.instrument": "MNQ", "trading": "shadow"})
            home.ctl("update")
            home.until("anna", "RUNNING", position="shadow: flat")

    def test_what_is_held_is_closed_before_the_account_is_another_one_at_the_broker(self):
        with Home() as home:
            pid = self.holding(home)["pid"]
            self.account(home, {"broker_account": "elsewhere"})
            home.ctl("update")
            home.until_restarted("anna", pid)
            home.until("anna", "RUNNING")
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (0, 0))
            self.assertEqual(len(self.placed(home, "flatten")), 1)

    def test_what_was_left_at_one_account_is_not_taken_for_anothers(self):
        with Home() as home:
            held = self.holding(home)["quantity"]
            home.ctl("stop", "anna")
            self.account(home, {"broker_account": "elsewhere"})
            home.ctl("update")
            home.ctl("start", "anna", check=False)
            line = home.until("anna", "FATAL")
            self.assertEqual(line["reason"], "refused_configuration")
            failed = home.worker_log("anna", "worker_failed")[-1]
            self.assertIn("put broker_account back", failed["trouble"])
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (held, 1))
            self.account(home)
            home.ctl("update")
            home.ctl("clear", "anna")
            home.ctl("start", "anna")
            home.until("anna", "RUNNING", quantity=held)

    def test_a_position_that_its_market_lost_is_told_and_left_behind_its_stop(self):
        with Home() as home:
            held = self.holding(home)["quantity"]
            home.ctl("stop", "anna")
            self.account(home, {"feed.seed": 12})
            home.ctl("update")
            home.ctl("start", "anna", check=False)
            line = home.until("anna", "FATAL")
            self.assertEqual(line["reason"], "refused_configuration")
            failed = home.worker_log("anna", "worker_failed")[-1]
            self.assertIn("put [feed] back", failed["trouble"])
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (held, 1))
            # As it was: the position is taken up where it was left.
            self.account(home)
            home.ctl("update")
            home.ctl("clear", "anna")
            home.ctl("start", "anna")
            home.until("anna", "RUNNING", quantity=held)


if __name__ == "__main__":
    unittest.main()
