#!/usr/bin/env python3
"""An account in the shadow: it decides, fills and keeps a book as one that trades, nothing of it
gets to the exchange, everything says that it is shadow, and none of it counts as traded."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402

ACCOUNT = """
trading = "{trading}"
events.on_unknown = "trade"
feed.instrument = "MES"
feed.seed = 11
feed.history = 1500
feed.speed = {speed}
session.trade_uncovered_days = true
risk.daily_loss_max = 100000
risk.approach = "off"
risk.fast_market = false
strategy.holding_max = "30 min"
"""


class Shadow(unittest.TestCase):
    def account(self, home, name, trading, speed=60000):
        home.account(name, ACCOUNT.format(trading=trading, speed=speed))

    def closed(self, home, name, count):
        """The trades that the account's log has, once there are so many."""
        def there():
            trades = home.worker_log(name, "trade_closed")
            return trades if len(trades) >= count else None
        return eventually(there, lambda: f"{home.of(name)}\n{home.story()}", 60)

    def trades(self, home, name):
        return json.loads(home.ctl("--json", "trades", name).stdout)

    def test_it_has_orders_in_a_book_of_its_own_and_nothing_at_the_exchange(self):
        with Home() as home:
            self.account(home, "sam", "shadow")
            self.account(home, "anna", "on")
            home.start()
            closed = self.closed(home, "sam", 3)
            self.closed(home, "anna", 1)
            # The exchange has never heard of it.
            self.assertEqual([line for line in home.at_exchange("received", "session", "order",
                                                                "execution")
                              if line.get("account") == "sam"], [])
            self.assertNotEqual(home.at_exchange("execution", account="anna"), [])
            # What it would have sent is told with its terms, and every line says what it is.
            would = home.worker_log("sam", "would_be")
            self.assertGreaterEqual(len(would), 2 * len(closed))
            self.assertEqual({line["text"] for line in would}, {"shadow: nothing was sent"})
            for name in ("worker.log", "audit.log"):
                lines = (home.root / "accounts/sam/logs" / name).read_text().splitlines()
                for line in map(json.loads, lines):
                    self.assertIs(line.get("shadow"), True, line)
            lines = (home.root / "accounts/anna/logs/worker.log").read_text()
            self.assertNotIn('"shadow"', lines)
            # The status, and every report.
            self.assertTrue(home.of("sam")["position"].startswith("shadow: "))
            self.assertIn("shadow: ", home.ctl("status", "sam").stdout)
            self.assertTrue(self.trades(home, "sam")["shadow"])
            for command in ("trades", "pnl", "report"):
                self.assertIn("SHADOW: nothing of this was sent to a broker",
                              home.ctl(command, "sam").stdout)
            # What only shadow is closes nothing at its end.
            home.ctl("stop", "sam")
            self.assertEqual(home.at_exchange("order", "execution", account="sam"), [])

    def test_what_it_trades_after_its_worker_died_counts_as_well(self):
        with Home() as home:
            self.account(home, "sam", "shadow", speed=20000)
            home.start()
            self.closed(home, "sam", 6)

            def filled():
                lines = (home.root / "accounts/sam/logs/audit.log").read_text().splitlines()
                return {line["order"] for line in map(json.loads, lines)
                        if line["event"] == "order_changed" and line["detail"] == "filled"}

            before = len(filled())
            os.kill(home.of("sam")["pid"], signal.SIGKILL)
            eventually(lambda: len(filled()) >= before + 6, home.story, 60)
            home.ctl("stop", "sam")
            # Each of them was executed, for the ledger as well.
            self.assertEqual({line["order"] for line in home.worker_log("sam", "filled")}, filled())
            # The report has all that the log told.
            told = {line["number"] for line in home.worker_log("sam", "trade_closed")}
            self.assertEqual({trade["number"] for trade in self.trades(home, "sam")["trades"]},
                             told)

    def test_what_was_shadow_never_counts_as_traded_nor_the_other_way_round(self):
        with Home() as home:
            self.account(home, "sam", "shadow")
            home.start()
            self.closed(home, "sam", 2)
            home.ctl("stop", "sam")
            shadow = self.trades(home, "sam")
            self.assertGreaterEqual(len(shadow["trades"]), 2)
            # It begins to trade: with an empty book, the exchange's cash, and no trade of the day.
            self.account(home, "sam", "on", speed=6000)
            home.ctl("update")
            home.ctl("start", "sam")
            line = home.until("sam", "RUNNING", mode="active", deadline=60)
            self.assertFalse(line["position"].startswith("shadow"))
            count = len(self.closed(home, "sam", len(shadow["trades"]) + 1))
            home.ctl("stop", "sam")
            traded = self.trades(home, "sam")
            self.assertFalse(traded["shadow"])
            self.assertEqual(traded["trades"][0]["number"], 1)
            self.assertLessEqual(len(traded["trades"]), count - 2)
            filled = home.at_exchange("execution", account="sam")
            self.assertEqual(len([one for one in filled if one["position"] == 0]),
                             len(traded["trades"]))
            # Back in the shadow it has its own trades again, and only those.
            self.account(home, "sam", "shadow")
            home.ctl("update")
            home.ctl("start", "sam")
            self.closed(home, "sam", count + 1)
            home.ctl("stop", "sam")
            again = self.trades(home, "sam")
            self.assertTrue(again["shadow"])
            self.assertEqual(again["trades"][:2], shadow["trades"][:2])
            self.assertEqual(len(home.at_exchange("execution", account="sam")), len(filled))


if __name__ == "__main__":
    unittest.main()
