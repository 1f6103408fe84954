#!/usr/bin/env python3
"""What an account of shares keeps and tells beside its jobs: the count of its orders, its profit in
rupees, and whether a restart would interrupt anything."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import eventually  # noqa: E402
from share_home import NAMES, Exchange, ShareTests, jobs  # noqa: E402


class ShareAccount(ShareTests, unittest.TestCase):
    def test_a_rolling_restart_leaves_shares_behind_their_stops_and_waits_for_one_without(self):
        with self.home() as home:
            bought = self.placed(home)
            pid = home.of("anna")["pid"]
            done = home.ctl("rolling-restart", "anna", check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotEqual(home.of("anna")["pid"], pid)
            self.assertEqual(self.sold(home), {})
            self.assertEqual(sorted(Exchange(home).stops().values()), sorted(bought.items()))
            # Without a stop it is waited for, until it has one again.
            eventually(lambda: home.of("anna")["quantity"] == sum(bought.values()), home.story)
            pid = home.of("anna")["pid"]
            symbol = sorted(NAMES)[0]
            home.tell_venue("share_untrigger", account="anna",
                            number=self.first_stop(home, symbol))
            eventually(lambda: "UNPROTECTED" in home.of("anna")["position"], home.story)
            home.ctl("rolling-restart", "--no-wait", "anna")
            audit = home.root / "accounts" / "anna" / "logs" / "audit.log"
            eventually(lambda: '"event":"unprotected"' in audit.read_text(), home.story)
            self.assertEqual(home.of("anna")["pid"], pid)
            home.tell_venue("share_trigger", account="anna", symbol=symbol, side="sell",
                            price="30", limit="28", quantity=bought[symbol])
            home.until_restarted("anna", pid)
            self.assertEqual(self.sold(home), {})

    def test_damaged_records_are_told_and_those_before_them_count(self):
        with self.home() as home:
            self.placed(home)
            account = home.root / "accounts" / "anna"
            home.ctl("stop", "anna")
            own = json.loads((account / "shares.json").read_text())["stops"]
            (account / "shares.json").write_text("garbled")
            home.ctl("start", "anna")
            home.until("anna", "RUNNING")
            eventually(lambda: "the one before it counts" in (home.of("anna")["last_error"] or ""),
                       home.story)
            self.assertTrue(home.worker_log("anna", "share_records_not_used"))
            eventually(lambda: home.of("anna")["position"] not in ("", "unknown"), home.story)
            self.assertEqual((account / "shares.json.damaged").read_text(), "garbled")
            # Its stops are its own as before: what it deletes is what it has replaced.
            kept = json.loads((account / "shares.json").read_text())["stops"]
            self.assertEqual(sorted(kept), sorted(own))
            moved = self.run_job(home, "update_cnc_stoploss")
            self.assertTrue(moved["ok"], moved)
            self.assertEqual(sorted(Exchange(home).stops().values()),
                             sorted(Exchange(home).bought().items()))

    def test_records_that_nobody_can_read_end_the_account_with_a_word_on_what_to_do(self):
        with self.home() as home:
            self.placed(home)
            account = home.root / "accounts" / "anna"
            stops = Exchange(home).stops()
            home.ctl("stop", "anna")
            for name in ("shares.json", "shares.json.previous"):
                (account / name).write_text("garbled")
            home.ctl("start", "anna", check=False)
            home.until("anna", "FATAL")
            explained = home.ctl("explain", "anna").stdout
            self.assertIn("put it back from a backup", explained)
            self.assertEqual(Exchange(home).stops(), stops)
            # With its word, it begins anew.
            for name in ("shares.json", "shares.json.previous"):
                (account / name).unlink()
            home.ctl("start", "anna")
            home.until("anna", "RUNNING")

    def test_a_dry_run_that_fails_and_a_run_that_a_restart_cuts_short_are_nobodys_trouble(self):
        with self.home() as home:
            self.running(home)
            eventually(lambda: home.of("anna")["flat"] is True, home.story)
            dry = self.run_job(home, "place_orders_daily", "--dry-run")  # no signals are there
            self.assertFalse(dry["ok"], dry)
            home.ctl("job", "run", "anna", "hourly_candle_watchdog", "--no-wait")
            eventually(lambda: jobs(home)["hourly_candle_watchdog"]["running"], home.story)
            pid = home.of("anna")["pid"]
            home.ctl("restart", "anna")
            home.until_restarted("anna", pid)
            eventually(lambda: [run for run in jobs(home)["hourly_candle_watchdog"]["history"]
                                if run["outcome"] == "interrupted"], home.story)
            ended = home.worker_log("anna", "job_ended")
            self.assertEqual([(line["level"], line["dry_run"], line["ordered"]) for line in ended],
                             [("info", True, False), ("info", False, True)])
            self.assertNotIn("job ", home.of("anna")["last_error"] or "")
            failed = self.run_job(home, "place_orders_daily")
            self.assertFalse(failed["ok"], failed)
            eventually(lambda: "place_orders_daily failed" in (home.of("anna")["last_error"] or ""),
                       home.story)

    def test_owners_and_profit_of_shares_are_in_rupees(self):
        with self.home(above='owner = "Jane Doe"\n') as home:
            bought = self.placed(home)

            def owned():
                done = home.ctl("--json", "status", "--owners", check=False)
                rows = json.loads(done.stdout)["owners"]
                return rows if [row["product"] for row in rows] == sorted(bought) else None

            rows = eventually(owned, home.story)
            for row in rows:
                self.assertEqual((row["owner"], row["unit"], row["accounts"], row["not_known"]),
                                 ("Jane Doe", "INR", ["anna"], []))
                self.assertGreater(float(row["net"]), 0)
            shown = home.ctl("pnl", "anna").stdout
            self.assertIn("2026-07-06", shown)
            self.assertIn("INR", shown)
            self.assertNotIn("USD", shown)
            told = json.loads(home.ctl("--json", "pnl", "anna").stdout)
            self.assertEqual(told["currency"], "INR")
            self.assertEqual({share["symbol"]: share["quantity"] for share in told["shares"]},
                             bought)
            for command in ("trades", "report"):
                done = home.ctl(command, "anna", check=False)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("bullpenctl pnl anna", done.stderr)

    def test_orders_of_the_day_are_counted_on_by_the_process_that_comes_after_a_death(self):
        with self.home() as home:
            self.placed(home)
            kept = home.root / "accounts" / "anna" / "order_budget.json"
            before = json.loads(kept.read_text())
            self.assertGreaterEqual(before["sent"], 6)  # three orders and their stops
            pid = home.of("anna")["pid"]
            os.kill(pid, signal.SIGKILL)
            home.until_restarted("anna", pid)
            moved = self.run_job(home, "update_cnc_stoploss")
            self.assertTrue(moved["ok"], moved)
            after = json.loads(kept.read_text())
            self.assertEqual(after["day"], before["day"])
            self.assertGreater(after["sent"], before["sent"])
            # Nearly spent: entries leave the rest to exits.
            home.ctl("stop", "anna")
            spent = json.loads(kept.read_text())
            spent["sent"] = 4500
            kept.write_text(json.dumps(spent))
            inbox = home.root / "accounts" / "anna" / "inbox"
            (inbox / "signals.csv").write_text(
                "Ticker,Entry_Price,Stop_Loss,Target1\nDDD,4000,30,9000\n")
            home.ctl("start", "anna")
            home.until("anna", "RUNNING")
            eventually(lambda: home.of("anna")["mode"] == "active", home.story)
            placed = self.run_job(home, "place_orders_daily")
            self.assertFalse(placed["ok"], placed)
            self.assertIn("order_rate: 5000 orders a day", placed["run"]["text"])
            self.assertNotIn("DDD", Exchange(home).bought())
            shown = eventually(lambda: (lambda row: row if row.get("limits") and row["limits"][0][
                "used"] >= 4500 else None)(home.of("anna")), home.story)
            self.assertEqual(shown["limits"][0]["name"], "orders_day")
            told = eventually(lambda: (lambda text: text if "order_rate_day" in text else None)(
                home.ctl("explain", "anna").stdout), home.story)
            self.assertIn("order_rate: 5000 orders a day", told)
            moved = self.run_job(home, "update_cnc_stoploss")
            self.assertTrue(moved["ok"], moved)


if __name__ == "__main__":
    unittest.main()
