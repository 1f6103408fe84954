#!/usr/bin/env python3
"""An account of shares, whole: a real daemon, worker and paper exchange. What came of it is judged
from the exchange's own log and from what an administrator of it is told."""

import json
import os
import re
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from share_home import ACCOUNT, NAMES, Exchange, ShareTests, jobs  # noqa: E402


class Shares(ShareTests, unittest.TestCase):
    def never_without_a_stop(self, exchange):
        """In the exchange's own order of things, from the first stop of each share on."""
        active = {symbol: set() for symbol in NAMES}
        for line in exchange.lines():
            trigger = re.match(r"trigger_(\w+) trigger (\d+) (\S+) at", line)
            if not trigger:
                continue
            if trigger[1] == "placed":
                active[trigger[3]].add(trigger[2])
                continue
            if trigger[1] == "fired":
                return  # what it sells needs no stop any more
            active[trigger[3]].discard(trigger[2])
            self.assertTrue(active[trigger[3]], line)

    def test_signals_are_bought_once_protected_moved_and_synced(self):
        with self.home() as home:
            self.signals(home)
            self.running(home)
            exchange = Exchange(home)
            dry = self.run_job(home, "place_orders_daily", "--dry-run")
            self.assertTrue(dry["ok"], dry)
            self.assertIn("would order", dry["run"]["text"])
            self.assertEqual(exchange.bought(), {})
            placed = self.run_job(home, "place_orders_daily")
            self.assertTrue(placed["ok"], placed)
            bought = exchange.bought()
            self.assertEqual(sorted(bought), list(NAMES), placed)
            stops = sorted(exchange.stops().values())
            self.assertEqual(stops, sorted(bought.items()))
            account = home.root / "accounts" / "anna"
            files = list((account / "orders").glob("orders_anna_*.json"))
            self.assertEqual(len(files), 1)
            orders = json.loads(files[0].read_text())
            self.assertEqual(orders["successful_orders"], 3)
            self.assertTrue(all(order["gtt_success"] for order in orders["orders"]))
            # The same file again, on whatever day it is by now, buys nothing that is held.
            again = self.run_job(home, "place_orders_daily")
            self.assertTrue(again["ok"], again)
            self.assertEqual(exchange.bought(), bought)

            synced = self.run_job(home, "sync")
            self.assertTrue(synced["ok"], synced)
            records = json.loads((account / "shares.json").read_text())
            self.assertEqual({symbol: known["quantity"]
                              for symbol, known in records["positions"].items()}, bought)
            moved = self.run_job(home, "update_cnc_stoploss")
            self.assertTrue(moved["ok"], moved)
            self.assertRegex(moved["run"]["text"], r"placed [3-9], removed [3-9] of its own")
            self.never_without_a_stop(exchange)
            table = home.ctl("job", "list", "anna").stdout
            self.assertIn("orders file orders_anna_", table)
            summed = self.run_job(home, "daily_summary")
            self.assertTrue(summed["ok"], summed)
            self.assertIn("; ordered ", summed["run"]["text"])
            newest = max((account / "reports").glob("summary_*.json"))
            counters = json.loads(newest.read_text())["counters"]
            self.assertIn("stops_raised", counters)
            self.assertIn("exits", counters)
            self.assertNotIn("bars", counters)
            shown = json.loads(home.ctl("state", "show", "anna", "--json").stdout)
            for position in shown["positions"]:
                self.assertGreater(position["entry"], 0, shown)
                self.assertGreater(position["stop"], 0, shown)
            roles = {name: job["role"] for name, job in jobs(home).items()}
            self.assertEqual(roles["place_orders_daily"], "placement")
            self.assertEqual(roles["update_cnc_stoploss"], "protection")

    def test_a_worker_killed_while_it_places_orders_buys_everything_once_and_protects_it(self):
        more = ('place_orders_daily.schedule = "open + 2 min"\n'
                'place_orders_daily.late_max = "23 h"\n'
                'place_orders_daily.attempts = 10\n'
                'place_orders_daily.retry_delay = "1 s"\n')
        with self.home(more) as home:
            self.signals(home)
            self.running(home)
            exchange = Exchange(home)
            records = home.root / "accounts" / "anna" / "shares.json"
            for state in ('"sent"', '"intent"'):
                eventually(lambda s=state: s in records.read_text() or exchange.stops(), home.story)
                pid = home.of("anna")["pid"]
                if pid:
                    os.kill(pid, signal.SIGKILL)
                eventually(lambda p=pid: home.of("anna")["pid"] not in (None, 0, p), home.story)
            eventually(lambda: [run for run in jobs(home)["place_orders_daily"]["history"]
                                if run["outcome"] == "succeeded"], home.story)
            home.ctl("stop", "anna")
            bought = exchange.bought()
            self.assertEqual(sorted(bought), list(NAMES))
            submitted = [line for line in exchange.lines()
                         if re.match(r"accepted order \d+ buy ", line)]
            self.assertEqual(len(submitted), 3, submitted)

    def test_F3_sync_of_two_accounts_knows_each_its_own_whatever_the_environment_says(self):
        planted = {"ZERODHA_API_KEY": "annas-key", "ZERODHA_API_SECRET": "annas-secret",
                   "ZERODHA_ACCESS_TOKEN": "annas-token", "BROKER_ACCOUNT": "anna",
                   "USER_NAME": "anna"}
        with self.home() as home:
            home.account("ben", ACCOUNT)
            self.signals(home)
            home.start(environment=planted)
            for name in ("anna", "ben"):
                home.until(name, "RUNNING")
                eventually(lambda n=name: home.of(n)["flat"] is True, home.story)
            placed = self.run_job(home, "place_orders_daily")
            self.assertTrue(placed["ok"], placed)
            bought = Exchange(home).bought()
            self.assertEqual(sorted(bought), list(NAMES))
            for name, held in (("anna", bought), ("ben", {})):
                done = json.loads(home.ctl("--json", "job", "run", name, "sync").stdout)
                self.assertTrue(done["ok"], done)
                records = json.loads((home.root / "accounts" / name / "shares.json").read_text())
                self.assertEqual({symbol: known["quantity"]
                                  for symbol, known in records["positions"].items()}, held)
                self.assertEqual(records["own"], held)
                environment = Path(f"/proc/{home.of(name)['pid']}/environ").read_bytes()
                for variable, value in planted.items():
                    self.assertNotIn(f"{variable}={value}".encode(), environment)

    def test_without_its_exchange_it_waits_and_says_so(self):
        with self.home() as home:
            self.signals(home)
            self.running(home)
            eventually(lambda: home.of("anna")["mode"] == "active", home.story)
            placed = self.run_job(home, "place_orders_daily")
            self.assertTrue(placed["ok"], placed)
            bought = Exchange(home).bought()
            home.ctl("stop", "bullpen-venue")
            eventually(lambda: home.of("anna")["mode_reason"] == "broker_unreachable", home.story)
            home.ctl("start", "bullpen-venue")
            eventually(lambda: home.of("anna")["mode"] == "active", home.story)
            again = self.run_job(home, "place_orders_daily")
            self.assertTrue(again["ok"], again)
            self.assertEqual(Exchange(home).bought(), bought)

    def test_jobs_of_shares_need_an_account_of_shares(self):
        with Home() as home:
            home.account("anna", '[feed]\nkind = "synthetic"\nspeed = 800\n')
            home.start()
            home.until("anna", "RUNNING")
            refused = self.run_job(home, "sync")
            self.assertFalse(refused["ok"])
            self.assertIn("trades no shares", refused["run"]["text"])
            home.account("berta", '[jobs]\nsync.schedule = "every 15 min in session"\n')
            told = home.ctl("check", check=False)
            self.assertIn("is for an account that trades shares", told.stdout + told.stderr)


if __name__ == "__main__":
    unittest.main()
