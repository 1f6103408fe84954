#!/usr/bin/env python3
"""How an account of shares stands, as its daemon and its people are told, and how it is brought to
rest: by an order, by a stop, and by the launch that recovers it."""

import json
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import eventually  # noqa: E402
from share_home import NAMES, Exchange, ShareTests  # noqa: E402


class Standing(ShareTests, unittest.TestCase):
    def test_status_says_what_is_held_and_an_order_to_flatten_sells_what_jobs_bought(self):
        with self.home() as home:
            bought = self.placed(home)
            total = sum(bought.values())
            shown = eventually(lambda: (lambda row: row if row["quantity"] == total else None)(
                home.of("anna")), home.story)
            self.assertFalse(shown["flat"])
            self.assertIn(f"{total} of 3 shares", shown["position"])
            self.assertRegex(shown["day_pnl"] or "", r"^-?\d+(\.\d+)?$")
            flattened = home.ctl("--json", "flatten", "anna", check=False)
            self.assertEqual(flattened.returncode, 0, flattened.stdout + flattened.stderr)
            self.assertEqual(self.sold(home), bought)
            shown = home.of("anna")
            self.assertTrue(shown["flat"], shown)
            self.assertEqual(Exchange(home).stops(), {})

    def test_a_stop_leaves_what_is_held_behind_its_stops_or_sells_it_by_the_settings(self):
        with self.home() as home:
            bought = self.placed(home)
            home.ctl("stop", "anna")
            self.assertEqual(self.sold(home), {})
            self.assertEqual(sorted(Exchange(home).stops().values()), sorted(bought.items()))
            rested = home.worker_log("anna", "at_rest")[-1]
            self.assertEqual((rested["policy"], rested["text"], rested["position"]),
                             ("leave_protected", "behind its stops",
                              f"{sum(bought.values())} of {len(bought)} shares"))
        with self.home(above='orders.at_stop = "flatten"\nstop_wait = "60 s"\n') as home:
            bought = self.placed(home)
            home.ctl("stop", "anna")
            self.assertEqual(self.sold(home), bought)

    def test_the_launch_that_recovers_a_dead_account_sells_what_it_held_and_says_so(self):
        with self.home(above='recovery = "flatten"\n') as home:
            bought = self.placed(home)
            eventually(lambda: home.of("anna")["flat"] is False, home.story)
            home.daemon.send_signal(signal.SIGTERM)
            home.daemon.wait(timeout=60)
            saved = json.dumps({"wanted": True, "fatal": True, "flat": False,
                                "reason": "restart_budget_spent"})
            with open(home.root / "run" / "launches", "a", encoding="utf-8") as record:
                record.write(json.dumps({"event": "save", "account": "anna", "data": saved}) +
                             "\n")
            home.start()
            eventually(lambda: home.worker_log("anna", "recovery_finished"), home.story)
            home.until("anna", "FATAL", reason="restart_budget_spent", pid=None)
            self.assertEqual(self.sold(home), bought)
            eventually(lambda: home.of("anna")["flat"] is True, home.story)

    def test_a_share_whose_stop_is_gone_is_told_and_gets_one_from_its_worker(self):
        with self.home() as home:
            self.placed(home)
            symbol = sorted(NAMES)[0]
            home.tell_venue("share_untrigger", account="anna",
                            number=self.first_stop(home, symbol))
            shown = eventually(lambda: (lambda row: row if "UNPROTECTED" in row["position"] else
                                        None)(home.of("anna")), home.story)
            self.assertIn("1 UNPROTECTED", shown["position"])
            audit = home.root / "accounts" / "anna" / "logs" / "audit.log"
            eventually(lambda: '"event":"unprotected"' in audit.read_text(), home.story)
            self.assertIn(symbol, home.worker_log("anna", "unprotected")[-1]["shares"])
            # No job comes by: the worker itself places it.
            eventually(lambda: len(Exchange(home).stops()) == 3, home.story)
            eventually(lambda: home.worker_log("anna", "protected_again"), home.story)
            eventually(lambda: "UNPROTECTED" not in home.of("anna")["position"], home.story)
            home.ctl("stop", "anna")
            self.assertEqual(len(Exchange(home).stops()), 3)


if __name__ == "__main__":
    unittest.main()
