#!/usr/bin/env python3
"""An account whose feed is changed: to an older market that it traded beyond, where it stands aside
and says why, and before its first order, where it simply begins anew."""

import sys
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import trader  # noqa: E402

BARS = 2500


def older(home):
    """A file of bars of a year before the synthetic market's, in the home."""
    start = datetime(2024, 1, 8, 0, 0, tzinfo=timezone.utc)
    rows = ["timestamp,open,high,low,close,volume"]
    for i in range(BARS):
        price = 4800 + (i % 40) / 4
        rows.append(f"{start + timedelta(minutes=i):%Y-%m-%d %H:%M:%S+00:00},{price},{price + 1},"
                    f"{price - 1},{price},100")
    path = home.root / "shared" / "older.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(rows) + "\n")
    return {"feed.kind": "replay", "feed.file": "shared/older.csv", "feed.instrument": "MES",
            "feed.seed": None}


class OlderMarket(unittest.TestCase):
    def change(self, home, settings):
        """The account's feed, as an operator changes it: with nothing open."""
        home.ctl("flatten", "anna")
        home.ctl("stop", "anna")
        home.account("anna", trader(settings))
        home.ctl("update")
        home.ctl("start", "anna")
        home.ctl("resume", "anna")

    def test_who_traded_stands_aside_in_an_older_market_and_says_why(self):
        with Home() as home:
            home.account("anna", trader({"feed.speed": 6000}))
            home.start()
            eventually(lambda: home.worker_log("anna", "trade_closed"), home.story, 60)
            self.change(home, {"feed.speed": 600, **older(home)})


            def aside():
                told = home.explain("anna")["detail"]["worker"]
                return told if "older market" in (told.get("reason_text") or "") else None
            told = eventually(aside, lambda: f"{home.of('anna')}\n{home.story()}", 60)
            self.assertEqual((told["mode"], told["reason"]), ("idle", "warm_up"))
            self.assertIn("its market is at 2024-01-", told["reason_text"])
            self.assertIn("the account was at 2025-01-", told["reason_text"])
            behind = home.worker_log("anna", "market_behind")
            self.assertEqual(len(behind), 1, behind)
            self.assertLess(behind[0]["market_time"], behind[0]["account_time"])
            orders = home.at_exchange("order", account="anna")
            self.assertTrue(all(one["market_time"] > "2025" for one in orders), orders[-1])

    def test_who_never_had_an_order_begins_anew_in_an_older_market(self):
        with Home() as home:
            home.account("anna", trader({"feed.speed": 60}))
            home.start()
            home.until("anna", "RUNNING", mode="active")
            self.change(home, {"feed.speed": 60, **older(home)})
            home.until("anna", "RUNNING", mode="active")
            self.assertTrue(home.of("anna")["last_bar"].startswith("2024"), home.of("anna"))
            self.assertEqual([], home.worker_log("anna", "market_behind"))


if __name__ == "__main__":
    unittest.main()
