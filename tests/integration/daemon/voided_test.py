#!/usr/bin/env python3
"""An exchange takes back what it executed: position and profit are as if it had never been, an
operator is told, and what comes back of a position has a stop behind it."""

import json
import sys
import unittest
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, at_exchange, trader, until_holding  # noqa: E402

SLOW = {**PATIENT, "feed.history": BEFORE_A_SIGNAL, "feed.speed": 60}


class Voided(unittest.TestCase):
    def executed(self, home, purpose):
        return [line for line in home.at_exchange("execution", account="anna")
                if line["purpose"] == purpose]

    def audited(self, home, event):
        lines = (home.root / "accounts" / "anna" / "logs" / "audit.log").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["event"] == event]

    def told(self, home):
        return self.audited(home, "trade_voided")

    def rests(self, home):
        return (at_exchange(home)["position"] == 0 and at_exchange(home)["working"] == 0 and
                home.of("anna").get("quantity") == 0)

    def is_protected_again(self, home):
        """A stop was placed after the exchange took back what had closed the position."""
        lines = home.at_exchange("order", "execution", account="anna")
        voided = [line.get("intent", "").startswith("void of") for line in lines].index(True)
        return [line for line in lines[voided:]
                if line["purpose"] == "protective_stop" and line["kind"] == "accepted"]

    def test_an_entry_that_is_taken_back_leaves_no_position_no_order_and_no_profit(self):
        with Home() as home:
            home.account("anna", trader(SLOW))
            home.start()
            until_holding(home)
            entry = self.executed(home, "entry")[0]
            cash = Decimal(at_exchange(home)["cash"]) + Decimal(entry["fee"])
            home.tell_venue("void", account="anna", order=entry["order"])
            eventually(lambda: self.rests(home), home.story, 60)
            self.assertEqual(len(self.told(home)), 1)
            trades = json.loads(home.ctl("trades", "anna", "--json").stdout)["trades"]
            self.assertEqual([Decimal(trade["net"]) for trade in trades], [Decimal(0)])
            self.assertEqual(Decimal(at_exchange(home)["cash"]), cash)

    def test_an_exit_that_is_taken_back_leaves_a_position_with_a_stop(self):
        with Home() as home:
            home.account("anna", trader(SLOW))
            home.start()
            until_holding(home)
            home.ctl("flatten", "anna")
            order = self.executed(home, "flatten")[-1]["order"]
            self.assertTrue(self.audited(home, "closing_verified"))
            home.tell_venue("void", account="anna", order=order)
            eventually(lambda: self.told(home), home.story, 60)
            eventually(lambda: self.is_protected_again(home), home.story, 60)
            home.ctl("flatten", "anna")
            eventually(lambda: self.rests(home), home.story, 60)
            trades = json.loads(home.ctl("trades", "anna", "--json").stdout)["trades"]
            won = sum(Decimal(trade["net"]) for trade in trades)
            self.assertEqual(Decimal(at_exchange(home)["cash"]), Decimal(50000) + won)


if __name__ == "__main__":
    unittest.main()
