#!/usr/bin/env python3
"""replay rebuilds an account from its journal, explain tells the chain behind an order: beside a
worker that writes, and without one."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import trader  # noqa: E402
from state_file import with_horizon_of_now  # noqa: E402

TRADER = trader({"feed.speed": 6000})


class Records(unittest.TestCase):
    def replay(self, home, *words):
        done = home.ctl("--json", "replay", "anna", *words, check=False)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        return json.loads(done.stdout)

    def traded(self, home):
        """The replay of an account that has traded."""
        def there():
            log = home.root / "accounts/anna/logs/worker.log"
            if not log.exists() or "trading_begins" not in log.read_text():
                return None
            made = self.replay(home)
            return made if made["trading"]["trades"] > 0 else None
        return eventually(there, lambda: f"{home.of('anna')}\n{home.story()}", 60)

    def test_a_journal_gives_back_what_the_account_knew_while_it_runs_and_after(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            running = self.traded(home)
            self.assertEqual(running["unexplained"], 0, running["decisions"])
            home.ctl("stop", "anna")
            # The state file of an orderly end is of the last record.
            rest = self.replay(home)
            self.assertTrue(rest["complete"])
            self.assertEqual(rest["unexplained"], 0, rest["decisions"])
            self.assertEqual(rest["state_file"]["differences"], [])
            self.assertEqual(rest["state_file"]["same"],
                             {"engine": True, "orders": True, "risk": True, "strategy": True})
            self.assertGreaterEqual(rest["trading"]["trades"], running["trading"]["trades"])
            trades = json.loads(home.ctl("--json", "trades", "anna").stdout)["trades"]
            self.assertEqual(len(trades), rest["trading"]["trades"])
            # As it was when the first trade had closed.
            then = self.replay(home, "--until", trades[0]["closed"])
            self.assertFalse(then["complete"])
            self.assertLess(then["bars"], rest["bars"])
            self.assertEqual(then["state_file"]["note"],
                             "it is newer than the time that was asked for")
            text = home.ctl("replay", "anna").stdout
            for word in ("position", "P&L", "decisions", "orders the same"):
                self.assertIn(word, text)

    def test_a_horizon_beyond_the_market_is_mended_and_the_account_enters_again(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            self.traded(home)
            home.ctl("stop", "anna")
            with_horizon_of_now(home.root / "accounts/anna/state.json")
            before = len(home.at_exchange("order", account="anna"))
            home.ctl("start", "anna")
            mended = eventually(lambda: home.worker_log("anna", "decisions_horizon_mended"),
                                home.story, 60)[0]
            self.assertGreater(mended["was"], mended["market_time"])

            def entered():
                since = home.at_exchange("order", account="anna")[before:]
                return [order for order in since if order["purpose"] == "entry"]
            eventually(entered, lambda: f"{home.explain('anna')}\n{home.story()}", 60)

    def test_a_fill_that_is_worse_than_expected_by_too_much_is_an_alarm(self):
        with Home() as home:
            home.account("anna", TRADER + "risk.slippage_alarm_ticks = 0\n")
            home.start()
            alarm = eventually(lambda: home.worker_log("anna", "slippage_alarm"), home.story, 60)[0]
            self.assertGreater(alarm["ticks"], 0)
            fills = {(one["order"], one["price"]) for one in home.worker_log("anna", "filled")}
            self.assertIn((alarm["order"], alarm["price"]), fills)
            eventually(lambda: (home.of("anna")["last_error"] or "").startswith(
                "slippage_alarm: a fill was "), home.story)

    def test_a_replay_goes_through_each_part_with_the_settings_that_counted_in_it(self):
        with Home() as home:
            home.account("anna", TRADER + 'login = "somebody"\n')
            home.start()
            self.traded(home)
            home.ctl("stop", "anna")
            before = self.replay(home)
            self.assertEqual((before["settings_note"], before["settings_changes"]), ("", []))
            # Others than those that decided change nothing of it.
            home.account("anna", TRADER + "strategy.rsi_low = 12\nstrategy.rsi_high = 88\n"
                         "strategy.rsi_length = 9\n")
            home.ctl("update")
            self.assertEqual(self.replay(home)["decisions"], before["decisions"])
            # They count from the next start on, also in a replay; with other indicators.
            home.ctl("start", "anna")
            eventually(lambda: self.replay(home)["bars"] > before["bars"] + 3000, home.story, 60)
            home.ctl("stop", "anna")
            after = self.replay(home)
            self.assertEqual(after["settings_note"], "")
            self.assertEqual([key["key"] for change in after["settings_changes"]
                              for key in change["keys"]],
                             ["strategy.rsi_high", "strategy.rsi_length", "strategy.rsi_low"])
            self.assertEqual(after["settings_changes"][0]["taken_anew"], 0)
            self.assertEqual(after["unexplained"], 0, after["decisions"])
            self.assertEqual(after["state_file"]["differences"], [])
            text = home.ctl("replay", "anna").stdout
            self.assertIn("strategy.rsi_length: 10 -> 9", text)
            for part in (home.root / "accounts/anna").rglob("*"):
                if part.suffix in (".journal", ".json"):
                    self.assertNotIn(b"somebody", part.read_bytes(), part)

    def test_the_chain_behind_an_order_is_told_by_its_own_id_and_by_the_brokers(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.account("bea", TRADER.replace("seed = 11", "seed = 12") + "autostart = false\n")
            home.start()
            made = self.traded(home)
            entry = next(text for one in made["decisions"] for text in one["followed"]
                         if text.startswith("intended: ") and "as entry" in text)
            order = entry.split("order ")[1].split(",")[0]
            story = json.loads(home.ctl("--json", "explain", order).stdout)
            self.assertEqual((story["account"], story["order"]), ("anna", order))
            self.assertTrue(story["replayed"])
            steps = [step["what"] for step in story["steps"]]
            for link in ("bar", "signal", "gates", "risk", "intent", "sent", "broker", "fill"):
                self.assertIn(link, steps)
            self.assertEqual(steps[:5], ["bar", "signal", "gates", "risk", "intent"])
            self.assertIn("/entry/0", story["intent"])
            # What it brought about: a stop that protected it, and the round trip.
            self.assertIn("brought about", steps)
            self.assertIn("trade", steps)
            same = json.loads(home.ctl("--json", "explain", story["broker_order"]).stdout)
            self.assertEqual(same["order"], order)
            text = home.ctl("explain", order).stdout
            self.assertIn("enter ", text)
            self.assertIn(story["broker_order"], text)
            one = home.ctl("explain", "ZZZZ0000001000000001", check=False)
            self.assertEqual(one.returncode, 1)
            self.assertIn("no account is named 'ZZZZ0000001000000001', and no", one.stderr)
            # A name is still an account.
            self.assertIn("anna", home.ctl("explain", "anna").stdout)


if __name__ == "__main__":
    unittest.main()
