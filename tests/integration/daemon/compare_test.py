#!/usr/bin/env python3
"""A worker that trades on paper, against an exchange that adds no delay, trades as a backtest over
the same bars: `bullpenctl compare` finds no difference, whatever happened to the worker meanwhile.
Where there is a difference, it says which."""

import datetime
import json
import os
import re
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402
from paper import at_exchange, lockstep, trader  # noqa: E402

SHIFTED_CLOCK = BIN / "libbullpen-shifted-clock.so"
ACCOUNT = trader({"feed.speed": 60, "strategy.holding_max": "30 min", "restart.delay": "50 ms"})
VENUE = lockstep("anna")
TRADES = 12
RESTS = re.compile(r"^position +flat\norders +none open$", re.MULTILINE)
DEADLINE = 60.0  # seconds; of a run


class Compare(unittest.TestCase):
    def until_traded(self, home, trades):
        """Until so many round trips are over at the exchange; the executions."""
        def there():
            executions = home.at_exchange("execution", account="anna")
            over = [one for one in executions if one["position"] == 0]
            return executions if len(over) >= trades else None
        return eventually(there, lambda: f"{home.of('anna')}\n{home.story()}", DEADLINE)

    def kill_at_rest(self, home):
        """Kills the worker while it is flat and has nothing in the air: an order that a death cuts
        off is never sent again, which a backtest knows nothing of. Its pid."""
        pid = home.of("anna")["pid"]
        def killed():
            os.kill(pid, signal.SIGSTOP)
            known = home.ctl("replay", "anna", check=False).stdout
            there = at_exchange(home)
            if (there["position"], there["working"]) == (0, 0) and RESTS.search(known):
                os.kill(pid, signal.SIGKILL)
                return True
            os.kill(pid, signal.SIGCONT)
            return False
        eventually(killed, home.story, DEADLINE)
        return pid

    def compare(self, home, code):
        done = home.ctl("--json", "compare", "anna", check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_run_on_paper_in_lockstep_and_a_backtest_over_its_bars_are_all_equal(self):
        with Home() as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT)
            home.start()
            self.until_traded(home, TRADES // 2)
            # A death in between is nothing that the market or the account would notice.
            home.until_restarted("anna", self.kill_at_rest(home))
            self.until_traded(home, TRADES)
            home.ctl("stop", "anna")
            same = self.compare(home, 0)
            self.assertGreaterEqual(same["equal"], TRADES)
            self.assertEqual((same["differing"], same["only_in_paper"], same["only_in_backtest"]),
                             (0, 0, 0))
            text = home.ctl("compare", "anna").stdout
            self.assertIn("all equal", text)

    @unittest.skipUnless(SHIFTED_CLOCK.exists(), "not built")
    def test_bars_of_these_days_are_traded_by_their_own_time_as_those_of_long_ago(self):
        with Home() as home:
            # Today is two days after the market's first bar.
            today = datetime.datetime.fromisoformat("2025-01-08T12:00:00+00:00").timestamp()
            shift = home.outside / "shift"
            shift.write_text(str(round((today - time.time()) * 1000)))
            clock = {"LD_PRELOAD": str(SHIFTED_CLOCK), "SHIFTED_CLOCK_FILE": str(shift)}
            (home.root / "venue.toml").write_text(VENUE)
            preloads = "".join(f"{name} = {json.dumps(value)}\n" for name, value in clock.items())
            home.account("anna", f'{ACCOUNT}write_paths = ["{home.outside}"]\n'
                         f"[environment]\n{preloads}")
            home.start(environment=clock)
            self.until_traded(home, TRADES // 2)
            line = home.ctl("stop", "anna") and home.of("anna")
            home.ctl("stop", "anna")
            self.assertEqual(home.worker_log("anna", "overdue"), [])
            same = self.compare(home, 0)
            self.assertGreaterEqual(same["equal"], TRADES // 2)

    def test_an_exchange_that_fills_worse_is_told_trade_by_trade_with_what_it_costs(self):
        with Home() as home:
            # Two ticks more than the account's instrument expects.
            (home.root / "venue.toml").write_text(VENUE + "[costs.MES]\nslippage = 4\n")
            home.account("anna", ACCOUNT)
            home.start()
            self.until_traded(home, TRADES // 2)
            home.ctl("stop", "anna")
            differs = self.compare(home, 1)
            self.assertEqual(differs["equal"], 0)
            entries = [one["amount"] for pair in differs["differences"] for one in pair["what"]
                       if one["name"] == "entry"]
            self.assertGreater(len(entries), 0)
            # Two ticks of 1.25 a contract.
            self.assertEqual({float(amount) % -2.5 for amount in entries}, {0.0})
            self.assertLess(float(differs["by_entry"]), 0)
            causes = sum(float(differs[name]) for name in differs if name.startswith("by_"))
            self.assertAlmostEqual(causes, float(differs["difference"]))
            self.assertNotIn("all equal", home.ctl("compare", "anna", check=False).stdout)

    def test_of_a_trade_that_only_the_backtest_made_it_says_what_became_of_the_accounts(self):
        with Home() as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT)
            home.start()
            home.until("anna", "RUNNING")
            home.tell_venue("personality", toml='reject = 1.0\nonly_purpose = "entry"\n')
            def rejected():
                return [one for one in home.at_exchange("order", account="anna")
                        if one["kind"] == "rejected"]
            eventually(rejected, home.story, DEADLINE)
            home.tell_venue("personality", toml="reject = 0.0\n")
            self.until_traded(home, 2)
            home.ctl("stop", "anna")
            differs = self.compare(home, 1)
            self.assertGreater(differs["only_in_backtest"], 0)
            notes = [one["note"] for one in differs["differences"] if one["paper"] is None]
            self.assertTrue(any("rejected" in note for note in notes), notes)
            self.assertNotIn("", notes)


if __name__ == "__main__":
    unittest.main()
