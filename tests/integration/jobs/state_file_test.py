#!/usr/bin/env python3
"""An account's records of shares go out to a file and come in from one, by the real programs."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import eventually  # noqa: E402
from share_home import NAMES, Exchange, ShareTests, jobs  # noqa: E402

WATCH = """
[jobs.hourly_candle_watchdog]
rule = "atr"
poll = "1 s"
"""


class StateFile(ShareTests, unittest.TestCase):
    def records(self, home):
        return json.loads((home.root / "accounts/anna/shares.json").read_text())

    def state(self, home, *words, check=True):
        return home.ctl("state", *words, check=check)

    def test_what_was_exported_comes_back_and_the_account_goes_on_with_it(self):
        with self.home() as home:
            self.signals(home)
            self.running(home)
            self.assertTrue(self.run_job(home, "place_orders_daily")["ok"])
            exchange = Exchange(home)
            bought, stops = exchange.bought(), exchange.stops()
            self.assertEqual(sorted(bought), list(NAMES))
            file = home.root / "out.json"
            # It runs meanwhile.
            self.state(home, "export", "anna", file)
            out = json.loads(file.read_text())
            self.assertEqual(out["meta"]["user_name"], "anna")
            self.assertEqual({name: one["own_quantity"]
                              for name, one in out["positions"].items()}, bought)
            self.assertEqual(sorted(out["gtt_orders"]), list(NAMES))
            shared = json.loads(self.state(home, "export", "anna", "--shape", "shared").stdout)
            self.assertEqual(sorted(name for name, one in shared["positions"].items()
                                    if one["gtt"]["trigger_id"]), list(NAMES))

            refused = self.state(home, "import", "anna", file, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("bullpenctl stop anna", refused.stderr)
            home.ctl("stop", "anna")
            before = self.records(home)
            for file_of in ("shares.json", "shares.json.previous"):
                (home.root / "accounts/anna" / file_of).unlink()
            watch = home.root / "accounts/anna/watch.json"
            stale = {"version": 1, "account": "anna", "shares": {"GONE": {
                "entry": 1, "base": 1, "left": 1, "high": 1, "stop": None, "rest": None,
                "lows": {"before": None, "previous": None, "forming": None}, "done": [],
                "handled": 0, "sold": 0, "orders": 0}}}
            watch.write_text(json.dumps(stale))
            dry = self.state(home, "import", "anna", file, "--dry-run")
            self.assertIn("are the account's own, 0 before", dry.stdout)
            self.assertIn("--dry-run", dry.stdout)
            self.assertFalse((home.root / "accounts/anna/shares.json").exists())
            done = json.loads(self.state(home, "--json", "import", "anna", file).stdout)
            self.assertTrue(done["done"])
            self.assertEqual(json.loads(Path(done["backup"]).read_text())["own"], {})
            self.assertEqual(json.loads(watch.read_text())["shares"], {})
            after = self.records(home)
            self.assertEqual((after["own"], after["stops"], after["orders"]),
                             (before["own"], before["stops"], before["orders"]))
            home.ctl("start", "anna")
            again = self.run_job(home, "place_orders_daily")
            self.assertTrue(again["ok"], again)
            self.assertEqual((exchange.bought(), exchange.stops()), (bought, stops))

    def test_an_older_bots_position_is_the_accounts_own_and_another_users_file_is_refused(self):
        with self.home(above='label = "Anna K"\n') as home:
            self.running(home)
            home.ctl("stop", "anna")
            file = home.root / "old.json"
            old = {"meta": {"user_name": "ben", "date": "2026-07-06"},
                   "positions": {"AAA": {"type": "LONG", "product_type": "CNC", "quantity": 7,
                                         "gtt": {"trigger_id": 4711}},
                                 "BBB": {"type": "LONG", "product_type": "MIS", "quantity": 1}}}
            file.write_text(json.dumps(old))
            refused = self.state(home, "import", "anna", file, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("the state of 'ben'", refused.stderr)
            old["meta"]["user_name"] = "anna k"
            file.write_text(json.dumps(old))
            done = self.state(home, "import", "anna", file).stdout
            self.assertIn("left out: BBB: its product is MIS", done)
            self.assertEqual(self.records(home)["own"], {"AAA": 7})
            self.assertIn("nothing would change", self.state(home, "import", "anna", file).stdout)
            kept = list((home.root / "accounts/anna").glob("shares.json.before-import-*"))
            self.assertEqual(len(kept), 1)

    def test_an_attempt_that_was_cut_short_must_come_to_its_end_first(self):
        with self.home(WATCH) as home:
            self.running(home)
            file = home.root / "out.json"
            self.state(home, "export", "anna", file)
            home.ctl("job", "run", "anna", "hourly_candle_watchdog", "--no-wait")
            eventually(lambda: jobs(home)["hourly_candle_watchdog"]["running"], home.story)
            # Nobody starts it again, so that the attempt stays as it was left.
            os.kill(home.daemon.pid, signal.SIGKILL)
            home.daemon.wait(timeout=60)
            os.kill(home.of("anna")["pid"], signal.SIGKILL)
            # What people read of the jobs is not what is gone by.
            (home.root / "accounts/anna/jobs.json").unlink()
            refused = eventually(lambda: (lambda done: done if "runs;" not in done.stderr else
                                          None)(self.state(home, "import", "anna", file,
                                                           check=False)), home.story)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("hourly_candle_watchdog", refused.stderr)


if __name__ == "__main__":
    unittest.main()
