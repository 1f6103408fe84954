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
            # What is of one share is put right all the same.
            self.state(home, "set", "anna", "AAA", "--gtt", "4711")
            self.assertEqual(self.records(home)["stops"]["AAA"]["own"], [4711])

    def test_what_an_older_bot_had_beside_its_positions_goes_out_as_it_came_in(self):
        with self.home() as home:
            self.running(home)
            home.ctl("stop", "anna")
            old = {"meta": {"user_name": "anna", "date": "2026-07-06"},
                   "positions": {"AAA": {"type": "LONG", "product_type": "CNC", "quantity": 7,
                                         "exit_price": 12.5, "exit_reason": "target"}},
                   "session_data": {"last_scan": "09:20"}}
            file = home.root / "old.json"
            file.write_text(json.dumps(old))
            self.assertIn("session data (1), the record of AAA",
                          self.state(home, "import", "anna", file).stdout)
            out = json.loads(self.state(home, "export", "anna").stdout)
            self.assertEqual(out["session_data"], old["session_data"])
            self.assertEqual(out["positions"], old["positions"])
            self.assertEqual(self.state(home, "session", "anna", "last_scan").stdout, '"09:20"\n')
            self.state(home, "session", "anna", "last_scan", "10:20")
            self.state(home, "session", "anna", "tries", "3")
            self.assertEqual(json.loads(self.state(home, "session", "anna").stdout),
                             {"last_scan": "10:20", "tries": 3})
            self.state(home, "session", "anna", "tries", "--delete")
            self.assertEqual(self.state(home, "session", "anna", "tries", check=False).returncode,
                             1)

    def test_records_are_put_right_by_hand_only_while_nobody_else_writes_them(self):
        with self.home() as home:
            bought = self.placed(home)
            shown = json.loads(self.state(home, "--json", "show", "anna").stdout)
            self.assertEqual({one["symbol"]: one["own"] for one in shown["positions"]}, bought)
            self.assertEqual(sorted(shown["traded"]), list(NAMES))
            self.assertIn("AAA", self.state(home, "show", "anna", "AAA").stdout)
            self.assertIn("nothing", self.state(home, "show", "anna", "--product", "MIS").stdout)
            # Its worker writes them.
            for words in (("remove", "anna", "AAA"), ("reset-day", "anna"),
                          ("set", "anna", "AAA", "--own", "1"), ("session", "anna", "a", "1")):
                more = "--json" if words[0] == "session" else "--accept"
                refused = self.state(home, *words, more, check=False)
                self.assertEqual(refused.returncode, 1, refused.stdout)
                self.assertIn("bullpenctl stop anna", refused.stderr)
            dry = self.state(home, "remove", "anna", "AAA", "--dry-run")
            self.assertIn(f"against it: AAA: its broker holds {bought['AAA']} of it", dry.stdout)
            home.ctl("stop", "anna")
            before = self.records(home)
            refused = self.state(home, "remove", "anna", "AAA", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("--accept", refused.stderr)
            self.assertEqual(self.records(home), before)
            done = json.loads(self.state(home, "--json", "remove", "anna", "AAA",
                                         "--accept").stdout)
            self.assertTrue(done["done"])
            self.assertEqual(json.loads(Path(done["backup"]).read_text()), before)
            self.assertNotIn("AAA", self.records(home)["own"])
            audit = (home.root / "accounts/anna/logs/audit.log").read_text().splitlines()
            line = json.loads(audit[-1])
            self.assertEqual((line["event"], line["command"], line["accepted"]),
                             ("records_changed", "state remove", True))
            self.assertIn("AAA", line["changes"])
            self.state(home, "set", "anna", "AAA", "--own", str(bought["AAA"]))
            self.assertEqual(self.records(home)["own"], bought)
            home.ctl("check", "--audit")

    def test_a_day_that_is_reset_is_planned_anew_and_nothing_is_bought_twice(self):
        with self.home() as home:
            bought = self.placed(home)
            again = self.run_job(home, "place_orders_daily")
            self.assertIn("nothing new", again["run"]["text"])
            home.ctl("stop", "anna")
            reset = self.state(home, "reset-day", "anna").stdout
            self.assertIn("signals.csv", reset)
            orders = home.root / "accounts/anna/orders"
            self.assertEqual([one.name[:12] for one in orders.iterdir()], ["before_reset"])
            home.ctl("start", "anna")
            eventually(lambda: home.of("anna")["state"] == "RUNNING", home.story)
            anew = self.run_job(home, "place_orders_daily")
            self.assertNotIn("nothing new", anew["run"]["text"])
            self.assertEqual(Exchange(home).bought(), bought)

    def test_an_account_of_shares_that_is_renamed_keeps_what_it_remembers(self):
        with self.home(above='broker_account = "PAPER1"\n') as home:
            bought = self.placed(home)
            home.ctl("stop", "anna")
            home.ctl("rename", "anna", "bella", "--flat")
            home.ctl("start", "bella", check=False)
            home.until("bella", "RUNNING")
            shares = sum(bought.values())
            eventually(lambda: home.of("bella")["quantity"] == shares, home.story)
            self.assertFalse(home.of("bella")["flat"])
            shown = json.loads(self.state(home, "--json", "show", "bella").stdout)
            self.assertEqual({one["symbol"]: one["own"] for one in shown["positions"]}, bought)


if __name__ == "__main__":
    unittest.main()
