#!/usr/bin/env python3
"""The watchdog and the analysis of daily candles, whole: a real daemon, worker and paper exchange.
What came of it is judged from the exchange's own log."""

import os
import re
import signal
import sys
import unittest
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import eventually  # noqa: E402
from share_home import NAMES, Exchange, ShareTests, jobs  # noqa: E402

WATCH = """
[jobs.hourly_candle_watchdog]
schedule = "every 1 min in session"
rule = "atr"
poll = "1 s"
"""


class Watching(Exchange):
    def sold(self):
        """Shares sold, by symbol."""
        sold = {}
        for line in self.lines():
            fill = re.match(r"filled \d+ sell (\d+) (\S+) at", line)
            if fill:
                sold[fill[2]] = sold.get(fill[2], 0) + int(fill[1])
        return sold

    def prices(self):
        """What each share was bought at, in paise."""
        found = (re.match(r"filled \d+ buy \d+ (\S+) at (\d+)", line) for line in self.lines())
        return {fill[1]: int(fill[2]) for fill in found if fill}


class Watchdog(ShareTests, unittest.TestCase):
    def candles(self, home, prices, days=30):
        """Quiet days: each with a range of six thousandths of the price."""
        folder = home.root / "shared" / "candles"
        folder.mkdir(parents=True, exist_ok=True)
        for symbol, price in prices.items():
            rows = ["date,open,high,low,close"]
            for back in range(days, 0, -1):
                middle = price / 100
                rows.append(f"{date(2026, 7, 6) - timedelta(days=back)},{middle:.2f},"
                            f"{middle * 1.003:.2f},{middle * 0.997:.2f},{middle:.2f}")
            (folder / f"{symbol}_day.csv").write_text("\n".join(rows) + "\n")

    def test_a_watchdog_that_is_killed_sells_no_share_twice_and_leaves_the_rest_protected(self):
        with self.home(WATCH) as home:
            self.signals(home)
            # Only after the purchase is it known what a quiet day is.
            home.account("anna", (home.root / "accounts.d" / "anna.toml").read_text().replace(
                'schedule = "every 1 min in session"', 'schedule = ""'))
            self.running(home)
            exchange = Watching(home)
            placed = self.run_job(home, "place_orders_daily")
            self.assertTrue(placed["ok"], placed)
            self.candles(home, exchange.prices())
            home.account("anna", (home.root / "accounts.d" / "anna.toml").read_text().replace(
                'schedule = ""', 'schedule = "every 1 min in session"'))
            home.ctl("update")
            eventually(exchange.sold, home.story, deadline=120)
            pid = home.of("anna")["pid"]
            if pid:
                os.kill(pid, signal.SIGKILL)
            eventually(lambda: home.of("anna")["pid"] not in (None, 0, pid), home.story)
            eventually(lambda: [run for run in jobs(home)["hourly_candle_watchdog"]["history"]
                                if run["outcome"] == "interrupted"], home.story)
            before = sum(exchange.sold().values())

            def at_rest():
                """Each share has one stop of exactly what is left of it, or is sold."""
                sold = exchange.sold()
                left = {symbol: count - sold.get(symbol, 0)
                        for symbol, count in exchange.bought().items()}
                left = {symbol: count for symbol, count in left.items() if count}
                return sorted(exchange.stops().values()) == sorted(left.items())

            eventually(at_rest, home.story, deadline=120)
            bought, sold = exchange.bought(), exchange.sold()
            self.assertGreaterEqual(sum(sold.values()), before)
            for symbol, count in sold.items():
                self.assertLessEqual(count, bought[symbol])
            self.assertEqual(jobs(home)["hourly_candle_watchdog"]["role"], "protection")

    def test_daily_candles_become_a_page_in_the_account_s_own_reports(self):
        with self.home() as home:
            self.candles(home, {symbol: 100_000 for symbol in NAMES}, days=90)
            (home.root / "shared" / "candles" / "ZZZ_day.csv").write_text("date,open\n")
            self.running(home)
            eventually(lambda: home.of("anna")["mode"] == "active", home.story)
            done = self.run_job(home, "pattern_daily")
            self.assertFalse(done["ok"], done)
            self.assertIn("3 shares", done["run"]["text"])
            self.assertIn("ZZZ: no column 'high'", done["run"]["text"])
            pages = list((home.root / "accounts" / "anna" / "reports").glob("patterns_*.html"))
            self.assertEqual(len(pages), 1)
            page = pages[0].read_text()
            for symbol in NAMES:
                self.assertIn(f'<section id="{symbol}">', page)
            self.assertNotIn("<script", page)
            self.assertEqual(jobs(home)["pattern_daily"]["role"], "signals")
            self.assertEqual(Exchange(home).lines(), [])


if __name__ == "__main__":
    unittest.main()
