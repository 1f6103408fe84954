#!/usr/bin/env python3
"""An account that is told each trade and quote: its bars are made of the trades and are those of
its source, a wide spread refuses an entry by name, what is held is judged within the minute, and an
exchange that tells bars and no trades is found."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import lockstep, trader  # noqa: E402

TICKS = {"feed.ticks": True, "feed.speed": 60}
# Of the market in lockstep, which is the last table.
VENUE = lockstep("anna") + "ticks = true\n"
SPREAD_GATES = ("gate_market_stressed", "gate_spread_abnormal")
LAST_REFUSAL = re.compile(
    r"(?m)^ *Last refusal +(spread_abnormal|market_stressed): .*when the spread narrows")
DEADLINE = 120.0  # seconds; of some thousand bars, trade by trade


class Ticks(unittest.TestCase):
    def counters(self, home):
        return home.explain("anna")["detail"]["worker"]["counters"]

    def until_counted(self, home, *names):
        """Waits until one of these was counted; all counters."""
        def there():
            counters = self.counters(home)
            return counters if any(counters.get(name) for name in names) else None
        return eventually(there, lambda: f"{home.explain('anna')}\n{home.story()}", DEADLINE)

    def start(self, home, settings=(), venue=VENUE):
        (home.root / "venue.toml").write_text(venue)
        home.account("anna", trader({**TICKS, **dict(settings)}))
        home.start()
        home.until("anna", "RUNNING", mode="active")

    def test_bars_are_made_of_trades_and_a_wide_spread_refuses_an_entry_by_its_name(self):
        with Home() as home:
            self.start(home)
            counters = self.until_counted(home, *SPREAD_GATES)
            # With what it means, and when it may change.
            text = eventually(lambda: LAST_REFUSAL.search(home.ctl("explain", "anna").stdout),
                              home.story, DEADLINE).string
            self.assertRegex(text, r"(?m)^ *Gates .*(market_stressed|spread_abnormal) \d")
            self.assertRegex(text, r"(?m)^ *Ticks .*told \d")
            # Every bar since the first was told trade by trade, and made of that.
            self.assertGreater(counters["tick_bars"], 50)
            self.assertLessEqual(counters.get("tick_bars_of_source", 0), 1)
            self.assertGreaterEqual(counters["tick_told"], 9 * counters["tick_bars"])
            self.assertEqual(home.worker_log("anna", "feed_mute"), [])

    def test_what_is_held_is_closed_within_a_minute_and_a_replay_decides_the_same(self):
        with Home() as home:
            self.start(home)
            self.until_counted(home, "tick_exits")
            pid = home.of("anna")["pid"]
            home.ctl("signal", "KILL", "anna")
            home.until_restarted("anna", pid)
            before = self.counters(home).get("tick_bars", 0)
            eventually(lambda: self.counters(home).get("tick_bars", 0) > before + 20, home.story,
                       DEADLINE)
            home.ctl("stop", "anna")
            # At a trade, and not at a bar's end.
            fills = [line for line in home.at_exchange("execution", account="anna")]
            self.assertGreater(len(fills), 1)
            replay = home.ctl("replay", "anna")
            self.assertIn("as the records have them", replay.stdout)
            self.assertNotIn("DIFFERS", replay.stdout)

    def test_a_bar_that_lacks_a_trade_is_taken_from_the_source(self):
        with Home() as home:
            self.start(home)
            self.until_counted(home, "tick_bars")
            home.tell_venue("personality", toml="lose_tick_every = 7\n")
            self.until_counted(home, "tick_bars_of_source")
            counters = self.until_counted(home, "tick_lost")
            self.assertGreater(counters["tick_bars_of_source"], 0)
            self.assertEqual(home.of("anna")["state"], "RUNNING")
            home.tell_venue("reset_personality")
            before = self.counters(home)["tick_bars"]
            eventually(lambda: self.counters(home)["tick_bars"] > before, home.story)

    def test_an_exchange_that_tells_bars_and_no_trades_is_found_and_its_return_ends_it(self):
        with Home() as home:
            # By the clock: in lockstep a market goes on only with its followers.
            self.start(home, venue="")
            self.until_counted(home, "tick_bars")
            home.tell_venue("personality", toml="mute_ticks = true\n")
            line = home.until("anna", "RUNNING", mode="idle", mode_reason="feed_stale")
            eventually(lambda: home.of("anna")["bars"] > line["bars"] + 2, home.story)
            told = home.worker_log("anna", "feed_mute")[0]["trouble"]
            self.assertIn("tells no trades and quotes: subscribing anew", told)
            home.tell_venue("reset_personality")
            home.until("anna", "RUNNING", mode="active")


if __name__ == "__main__":
    unittest.main()
