#!/usr/bin/env python3
"""An exchange that is connected and mute: entries are blocked, the market is subscribed to anew,
then connected to anew, then an operator is told; what is held keeps its stop throughout. After any
new connection: session, subscription, orders and positions, then trade."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, at_exchange, trader, until_holding  # noqa: E402

COMMANDS = {"submit", "cancel", "replace"}


# Minutes of that market before 17:00 of New York.
BARS_BEFORE_IT = 4
BEFORE_A_BREAK = 2760 - BARS_BEFORE_IT


class Mute(unittest.TestCase):
    def holding(self, home, holding=240):
        home.account("anna", trader({**PATIENT, "feed.history": BEFORE_A_SIGNAL, "feed.speed": 60,
                                     "strategy.holding_max": f"{holding} min"}))
        home.start()
        return until_holding(home)

    def received(self, home):
        """What the account's worker said to the exchange: (session, message), oldest first."""
        return [(line["session"], json.loads(line["message"]))
                for line in home.at_exchange("received", account="anna")]

    def sessions(self, home):
        """How many sessions the account has had at the exchange."""
        return len(home.at_exchange("session", account="anna"))

    def mutes(self, home):
        return [line["trouble"] for line in home.worker_log("anna", "feed_mute")]

    def personality(self, home, toml):
        if toml:
            home.tell_venue("personality", toml=toml)
        else:
            home.tell_venue("reset_personality")

    def check_order(self, home, session):
        """Of a session: it asks for everything before it sends anything."""
        kinds = [message["type"] for number, message in self.received(home) if number == session]
        asked = [kind for kind in kinds if kind in ("orders", "fills", "positions", "instrument")]
        self.assertLessEqual({"orders", "fills", "positions", "instrument"}, set(asked), kinds)
        first = next((i for i, kind in enumerate(kinds) if kind in COMMANDS), len(kinds))
        for kind in ("orders", "fills", "positions", "instrument"):
            self.assertLess(kinds.index(kind), first, kinds)

    def test_a_market_that_stays_mute_goes_up_the_ladder_and_its_return_ends_it(self):
        with Home() as home:
            line = self.holding(home)
            entries = len(home.at_exchange("order", account="anna"))
            sessions = self.sessions(home)
            self.personality(home, "mute_feed = true\n")
            home.until("anna", "RUNNING", mode="idle", mode_reason="feed_stale")
            eventually(lambda: len(self.mutes(home)) >= 3, lambda: self.mutes(home), 60)
            told = self.mutes(home)
            self.assertIn("subscribing anew", told[0])
            self.assertIn("connecting anew", told[1])
            self.assertIn("stays mute", told[2])
            self.assertEqual(home.worker_log("anna", "feed_mute")[2]["level"], "error")
            eventually(lambda: "stays mute" in home.of("anna")["last_error"], home.story)
            # It asked again over its connection, then over a second one, by the order of things.
            received = self.received(home)
            last = max(session for session, _ in received)
            asked = [session for session, message in received if message["type"] == "follow"]
            self.assertEqual(len(asked), 1)
            self.assertLess(asked[0], last)
            self.assertEqual(self.sessions(home), sessions + 1)
            self.check_order(home, last)
            # Nothing was entered or closed, and the stop stands.
            self.assertEqual(len(home.at_exchange("order", account="anna")), entries)
            account = at_exchange(home)
            self.assertEqual((account["position"], account["working"]), (line["quantity"], 1))
            self.assertEqual(home.of("anna")["pid"], line["pid"])
            # The market speaks again.
            bars = home.of("anna")["bars"]
            self.personality(home, "")
            home.until("anna", "RUNNING", mode="active")
            eventually(lambda: home.of("anna")["bars"] > bars + 2, home.story)
            self.assertEqual(len(self.mutes(home)), 3)

    def test_a_market_that_says_nothing_in_its_break_is_not_mute_and_in_its_session_it_is(self):
        with Home() as home:
            home.account("anna", trader({"feed.history": BEFORE_A_BREAK, "feed.speed": 12}))
            home.start()
            home.until("anna", "RUNNING", mode="active")
            # This market goes on with the session as soon as the break begins, so it is mute from
            # the session's first bar on.
            at_break = BEFORE_A_BREAK + BARS_BEFORE_IT
            self.personality(home, f"mute_from_bar = {at_break}\n")
            home.until("anna", "RUNNING", mode="idle", mode_reason="maintenance_break")
            # A minute of the market takes five seconds, and five more are its grace: twice as much
            # passes. The break takes five minutes.
            eventually(lambda: home.of("anna")["bar_age_s"] >= 20, home.story, 60)
            self.assertEqual(home.of("anna")["bars"], at_break)
            self.assertEqual(self.mutes(home), [])
            self.assertEqual(home.of("anna")["mode_reason"], "maintenance_break")
            # It speaks again, of the session; and from then on silence means something.
            self.personality(home, "")
            home.until("anna", "RUNNING", mode="active")
            eventually(lambda: home.of("anna")["bars"] > at_break + 4, home.story, 60)
            self.personality(home, "mute_feed = true\n")
            eventually(lambda: self.mutes(home), home.story, 60)

    def test_a_market_that_opens_again_at_once_is_open_while_its_first_bar_goes_on(self):
        with Home() as home:
            home.account("anna", trader({"feed.history": 2758, "feed.speed": 6}))
            home.start()

            # The bar that ends the session is decided on as of its end, and the next one has begun.
            def is_open_again():
                line = home.of("anna")
                bars = line.get("bars") or 0
                self.assertLessEqual(bars, 2760, line)
                return bars == 2760 and line["mode"] == "active"
            eventually(is_open_again, home.story, 60)

    def test_a_subscription_that_the_exchange_forgot_is_asked_for_over_the_same_connection(self):
        with Home() as home:
            line = self.holding(home)
            sessions = self.sessions(home)
            self.personality(home, "forget_followers = true\n")
            home.until("anna", "RUNNING", mode="idle", mode_reason="feed_stale")
            home.until("anna", "RUNNING", mode="active")
            bars = home.of("anna")["bars"]
            eventually(lambda: home.of("anna")["bars"] > bars + 2, home.story)
            self.assertEqual(self.sessions(home), sessions)
            self.assertEqual(len(self.mutes(home)), 1)
            self.assertEqual(home.of("anna")["pid"], line["pid"])

    def test_a_connection_that_is_lost_comes_again_with_all_that_was_subscribed(self):
        with Home() as home:
            self.holding(home, holding=20)
            sessions = self.sessions(home)
            home.tell_venue("kick", account="anna", yes=False)
            eventually(lambda: self.sessions(home) > sessions, home.story)
            home.until("anna", "RUNNING", mode="active")
            bars = home.of("anna")["bars"]
            eventually(lambda: home.of("anna")["bars"] > bars + 2, home.story)
            last = max(session for session, _ in self.received(home))
            self.check_order(home, last)
            # It trades: what it held is closed by its own rules, over the new connection.
            eventually(lambda: at_exchange(home)["position"] == 0, home.story, 60)
            self.assertIn("submit", [message["type"] for session, message in self.received(home)
                                     if session == last])


if __name__ == "__main__":
    unittest.main()
