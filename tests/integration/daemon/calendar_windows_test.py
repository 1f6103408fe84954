#!/usr/bin/env python3
"""What an account does around an event, at a real exchange: the same market is traded by accounts
that differ only in the action of their window, and the exchange's own log says what each did. The
market waits for the workers, so that what differs between two accounts differs by their windows.
And an operator's word reaches a running worker at once."""

import datetime
import functools
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import lockstep, trader  # noqa: E402

STEADY = {"risk.fast_market": False}
# One event, and an entry that the market offers later, are in windows of all accounts but `plain`.
ACTIONS = {"blocks": "block_entries", "reduces": "reduce", "keeps": "forbid_modifications",
           "flattens": "flatten"}
BEFORE = datetime.timedelta(minutes=5)
AFTER = datetime.timedelta(minutes=40)
SERIES = "us.test.report"


def time_of(text):
    """Of an exchange's instant, to the second."""
    return datetime.datetime.fromisoformat(text[:19])


class Lockstep:
    """Accounts in one market that waits for all of them."""

    def __init__(self, accounts, events=(), personality=""):
        self.home = Home()
        self.accounts = accounts
        self.events = events
        for name, action in accounts.items():
            windows = [f"{SERIES}: 5 min before, 40 min after, {action}"] if action else []
            self.home.account(name, trader({**STEADY, "autostart": False,
                                            "events.windows": windows}))
        (self.home.root / "venue.toml").write_text(lockstep(*accounts))
        self.personality = personality

    def __enter__(self):
        self.home.start()
        self.home.until_service("bullpen-venue", "RUNNING")
        if self.personality:
            self.home.tell_venue("personality", toml=self.personality)
        for number, at in enumerate(self.events):
            self.home.ctl("calendar", "add", f"{SERIES}:{number}", at.isoformat() + "Z",
                          "--reason", "a test", "--title", "A report")
        self.home.ctl("start", "all")
        return self

    def __exit__(self, *_):
        self.home.end()

    def journal(self, account):
        path = self.home.root / "venue" / "venue.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()
                 if line.endswith("}") and '"market_time"' in line]
        return [line for line in lines if line.get("account") == account]

    def until(self, condition, deadline=120):
        return eventually(condition, lambda: f"{[self.home.of(n) for n in self.accounts]}\n"
                                             f"{self.home.story()}", deadline)

    def until_bar(self, at, deadline=120):
        """Until every account took that minute of the market."""
        text = at.isoformat()
        self.until(lambda: all((self.home.of(name).get("last_bar") or "") > text
                               for name in self.accounts), deadline)

    def modes(self, account):
        """(mode, reason) of every change that the worker logged."""
        path = self.home.root / "accounts" / account / "logs" / "worker.log"
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        return [(line["mode"], line["reason"]) for line in lines if line["event"] == "mode_changed"]


def executions(journal):
    return [(e["purpose"], e["side"], e["fill_quantity"], e["price"], time_of(e["market_time"]))
            for e in journal if e["event"] == "execution"]


def moves(journal, begin, end):
    """When the protective stop was moved."""
    return [time_of(e["market_time"]) for e in journal
            if e["event"] == "order" and e["kind"] == "replaced" and
            e["purpose"] == "protective_stop" and begin <= time_of(e["market_time"]) < end]


class Trade:
    """A position from its entry to its end, as the exchange saw it."""

    def __init__(self, journal, entry, last):
        self.entry, self.last = entry, last
        self.moves = moves(journal, entry[4], last[4])


def trades(journal):
    done = executions(journal)
    return [Trade(journal, a, b) for a, b in zip(done, done[1:])
            if a[0] == "entry" and b[0] != "entry" and a[2] == b[2]]


class Windows(unittest.TestCase):
    @classmethod
    @functools.cache
    def plain(cls):
        """What the market offers to who stands aside for nothing: a trade whose stop moves, and
        a later one."""
        with Lockstep({"plain": ""}) as market:
            def found():
                all_trades = trades(market.journal("plain"))
                for i, trade in enumerate(all_trades[:-2]):
                    apart = all_trades[i + 1].entry[4] - trade.last[4]
                    first = trade.moves[:1]
                    if len(trade.moves) >= 2 and apart > 2 * AFTER and \
                            first[0] - trade.entry[4] > datetime.timedelta(minutes=5):
                        return trade, all_trades[i + 1]
                return None
            return market.until(found)

    def test_each_action_does_at_the_exchange_what_it_says(self):
        moved, later = self.plain()
        # The window opens in the middle of the first trade, before its stop moves, and the second
        # one's entry is in a window.
        begin = moved.moves[0] - datetime.timedelta(minutes=2)
        end = begin + BEFORE + AFTER
        self.assertLess(moved.last[4], end)
        block_begin = later.entry[4] - BEFORE
        block_end = later.entry[4] + AFTER
        with Lockstep({"plain": "", **ACTIONS}, [begin + BEFORE, later.entry[4]]) as market:
            market.until_bar(block_end + datetime.timedelta(minutes=5))
            journals = {name: market.journal(name) for name in market.accounts}
            done = {name: executions(journal) for name, journal in journals.items()}
            for name, journal in journals.items():
                with self.subTest(account=name):
                    self.assertIn(moved.entry, done[name])
                    entered = [e[4] for e in done[name] if e[0] == "entry"]
                    if name == "plain":
                        self.assertIn(later.entry[4], entered)
                        continue
                    for a, b in ((begin, end), (block_begin, block_end)):
                        self.assertEqual([at for at in entered if a <= at < b], [])
            # What is held goes on as it would have, its stop moves, and the exit is the same.
            for name in ("plain", "blocks", "reduces"):
                self.assertIn(moved.last, done[name], name)
                self.assertEqual(moves(journals[name], begin, moved.last[4]), moved.moves, name)
            # Where orders stay as they are, the stop stays too, for as long as the window is open.
            self.assertEqual(moves(journals["keeps"], begin, end), [])
            self.assertNotIn(moved.last, done["keeps"])
            # Flat when the window begins, before the stop could be hit: decided on the last bar
            # before it, or on its first one.
            closing = next(e for e in done["flattens"] if e[4] > moved.entry[4])
            self.assertEqual((closing[0], closing[2]), ("flatten", moved.entry[2]))
            self.assertLessEqual(abs(closing[4] - begin), datetime.timedelta(minutes=1))
            self.assertLess(closing[4], moved.last[4])
            for name in ACTIONS:
                mode = "reducing" if name == "reduces" else "idle"
                self.assertIn((mode, "event_blackout"), market.modes(name))
            self.assertNotIn("event_blackout", [reason for _, reason in market.modes("plain")])

    def test_an_entry_that_waits_at_the_exchange_is_cancelled_only_where_the_window_says_so(self):
        moved, _ = self.plain()
        begin = moved.entry[4] + datetime.timedelta(minutes=2)
        waits = 'pending = 1.0\nonly_purpose = "entry"\n'
        with Lockstep({"blocks": "block_entries", "cancels": "cancel_resting",
                       "reduces": "reduce"}, [begin + BEFORE], waits) as market:
            market.until_bar(begin + datetime.timedelta(minutes=20))

            def life(name):
                """When the entry that waits as the window opens was placed, and when it ended."""
                entries = [(e["kind"], e["order"], time_of(e["market_time"]))
                           for e in market.journal(name)
                           if e["event"] == "order" and e["purpose"] == "entry"]
                order, placed = [(order, at) for kind, order, at in entries
                                 if kind == "accepted" and at < begin][-1]
                return placed, next(at for kind, other, at in entries
                                    if kind == "cancelled" and other == order)
            # Every account takes an entry back when its signal is old, and not for the window.
            placed, ended = life("blocks")
            self.assertGreater(ended - placed, datetime.timedelta(minutes=4))
            for name in ("cancels", "reduces"):
                self.assertLessEqual(abs(life(name)[1] - begin), datetime.timedelta(minutes=1))


class Operator(unittest.TestCase):
    def mode(self, home):
        line = home.of("anna")
        return line.get("mode"), line.get("mode_reason")

    def until_mode(self, home, *wanted):
        eventually(lambda: self.mode(home) == wanted,
                   lambda: f"{wanted}: {home.of('anna')}\n{home.story()}")

    def test_what_an_operator_adds_moves_and_cancels_counts_in_a_running_worker(self):
        with Home() as home:
            home.account("anna", trader({**STEADY, "feed.speed": 1}))
            home.start()
            self.until_mode(home, "active", "none")
            pid = home.of("anna")["pid"]
            # The calendar is asked about the market's time, which is that of its bars.
            bar = eventually(lambda: home.of("anna").get("last_bar"), home.story)
            soon = time_of(bar) + datetime.timedelta(minutes=5)
            far = soon + datetime.timedelta(hours=9)

            def say(*words):
                home.ctl("calendar", *words, "--reason", "a test", "--force")
            event = "us.fed.fomc.statement:x:today"
            say("add", event, f"{soon:%Y-%m-%dT%H:%M}:00Z")
            self.until_mode(home, "idle", "event_blackout")
            self.assertIn(f"({event})", home.ctl("explain", "anna").stdout)
            say("move", event, f"{far:%Y-%m-%dT%H:%M}:00Z")
            self.until_mode(home, "active", "none")
            say("move", event, f"{soon:%Y-%m-%dT%H:%M}:00Z")
            self.until_mode(home, "idle", "event_blackout")
            say("cancel", event)
            self.until_mode(home, "active", "none")
            self.assertEqual(home.of("anna")["pid"], pid)

    def test_a_day_that_an_operator_closes_or_opens_counts_in_a_running_worker(self):
        with Home() as home:
            home.account("anna", trader({**STEADY, "feed.history": 2100, "feed.speed": 120}))
            home.start()
            # What was before the market began is behind an account that trades.
            self.until_mode(home, "active", "none")
            bar = eventually(lambda: home.of("anna").get("last_bar"), home.story)
            day, before = bar[:10], f"{int(bar[11:13]) - 6:02}:00"  # New York is 5 hours behind
            pid = home.of("anna")["pid"]

            def say(word, *more):
                home.ctl("calendar", word, "cme_equity_index", day, *more, "--reason", "a test",
                         "--expires", "2100-01-01T00:00:00Z")
            say("early-close", before)
            self.until_mode(home, "idle", "session_closed")
            say("special-session", "00:01-16:30")
            self.until_mode(home, "active", "none")
            say("market-closed")
            self.until_mode(home, "idle", "session_closed")
            hours = json.loads(home.ctl("calendar", "hours", "cme_equity_index", day,
                                        "--json").stdout)
            self.assertEqual((hours["kind"], hours["sessions"]), ("closed", []))
            self.assertEqual(home.of("anna")["pid"], pid)


if __name__ == "__main__":
    unittest.main()
