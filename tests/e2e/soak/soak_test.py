#!/usr/bin/env python3
"""Compressed weeks of ten accounts that trade futures and ten that trade shares, in one home, while
workers and the daemon are killed by chance. In the end it is judged from the exchange's own log:
one order for an intent, nothing sold that is not held, protected or flat; and no line of one
account is in another's log, no descriptor and no memory was lost.

BULLPEN_TEST_SEED repeats the order of the blows, BULLPEN_SOAK_SECONDS sets how long it goes."""

import json
import os
import random
import re
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually, main  # noqa: E402
from paper import trader  # noqa: E402
from venue_judge import judge  # noqa: E402

SECONDS = float(os.environ.get("BULLPEN_SOAK_SECONDS", "600"))
FUTURES = [f"fut{i:02}" for i in range(10)]
SHARES = [f"nse{i:02}" for i in range(10)]
INSTRUMENTS = ["MES", "MNQ", "ES", "NQ", "YM", "RTY", "CL", "GC", "NG", "6E"]
SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE"]
RESTARTS = {"restart.delay": "50 ms", "restart.delay_max": "200 ms", "restart.budget": 100000,
            "restart.stable_after": "1 s"}
# A day of shares in 25 s and one of futures in 46 s: ten minutes are five weeks and two and a half.
VENUE = """
fsync = "never"
[shares]
first_day = "2026-07-06"
speed = 900
cash = "200000"
"""
JOBS = """
trading = "shares"
broker = "paper"
[jobs.place_orders_daily]
schedule = "open + 5 min"
late_max = "5 h"
attempts = 10
retry_delay = "1 s"
signal_age_max = "30 d"
[jobs.update_cnc_stoploss]
schedule = "12:00 market days"
late_max = "3 h"
attempts = 10
retry_delay = "1 s"
[jobs.sync]
schedule = "every 30 min in session"
late_max = "3 h"
[jobs.daily_summary]
schedule = "close + 5 min"
late_max = "12 h"
"""
# A death takes a part of a second, and several deaths may fall upon one position; on a loaded
# machine each start takes longer.
NAKED_MAX_S = 60.0
DAEMON_MORE_KIB = 24 * 1024
VENUE_MORE_KIB = 96 * 1024
WORKER_MOST_KIB = 48 * 1024
WORKER_MOST_DESCRIPTORS = 64


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


class ShareStory:
    """What an account of shares did, by the exchange's log alone."""

    def __init__(self):
        self.held, self.stops, self.buying = {}, {}, {}
        self.orders = self.fills = 0
        self.wrong = []

    def take(self, text):
        order = re.match(r"(\w+) order (\d+) (\w+) (\d+) (\S+) at", text)
        fill = re.match(r"filled \d+ (\w+) (\d+) (\S+) at \d+ order (\d+)", text)
        trigger = re.match(r"trigger_(\w+) trigger (\d+) (\S+) at \d+ for (\d+)", text)
        if fill:
            self.fill(fill[1], int(fill[2]), fill[3], fill[4])
        elif trigger and trigger[1] == "placed":
            self.stops.setdefault(trigger[3], {})[trigger[2]] = int(trigger[4])
        elif trigger:
            self.stops.get(trigger[3], {}).pop(trigger[2], None)
            # One that fires becomes an order; any other way out leaves another behind it.
            if trigger[1] == "deleted" and self.held.get(trigger[3], 0) > 0 and \
                    not self.stops.get(trigger[3]):
                self.wrong.append(f"left without a stop: {text}")
        elif order and order[1] == "accepted":
            self.orders += 1
            if order[3] == "buy":
                self.buy(order[2], order[5], text)
        elif order:
            self.buying.pop(order[2], None)

    def buy(self, number, symbol, text):
        """What is held or under way is not bought: a second order would be of the same intent."""
        if self.held.get(symbol, 0) > 0 or symbol in self.buying.values():
            self.wrong.append(f"bought twice: {text}")
        self.buying[number] = symbol

    def fill(self, side, quantity, symbol, number):
        self.fills += 1
        self.held[symbol] = self.held.get(symbol, 0) + (quantity if side == "buy" else -quantity)
        self.buying.pop(number, None)
        if self.held[symbol] < 0:
            self.wrong.append(f"sold what is not held: {symbol} {self.held[symbol]}")

    def end(self):
        for symbol, quantity in self.held.items():
            covered = max(self.stops.get(symbol, {}).values(), default=0)
            if quantity > 0 and covered < quantity:
                self.wrong.append(f"{quantity} {symbol} are held at the end, {covered} covered")
        return self.wrong


class Soak(unittest.TestCase):
    def make(self, home):
        (home.root / "venue.toml").write_text(VENUE)
        for i, name in enumerate(FUTURES):
            home.account(name, trader({**RESTARTS, "feed.instrument": INSTRUMENTS[i],
                                       "feed.seed": 20 + i, "feed.speed": 1800}))
        rows = "".join(f"{symbol},4000,{30 + i},9000\n" for i, symbol in enumerate(SYMBOLS))
        for name in SHARES:
            rules = "".join(f"{key} = {json.dumps(value)}\n" for key, value in RESTARTS.items())
            home.account(name, rules + JOBS)
            inbox = home.root / "accounts" / name / "inbox"
            inbox.mkdir(parents=True)
            (inbox / "signals.csv").write_text("Ticker,Entry_Price,Stop_Loss,Target1\n" + rows)

    def all_run(self, home):
        names = FUTURES + SHARES
        eventually(lambda: all(line["state"].startswith("RUNNING")
                               for line in home.status()["accounts"] if line["account"] in names),
                   home.story, deadline=120)

    def strike(self, home, chance):
        if chance.random() < 0.05:
            home.kill_daemon()
            home.start()
            return
        pids = [line["pid"] for line in home.status()["accounts"] if line.get("pid")]
        if pids:
            try:
                os.kill(chance.choice(pids), signal.SIGKILL)
            except ProcessLookupError:
                pass  # gone already

    def measure(self, home):
        venue = home.service("bullpen-venue")["pid"]
        return {"daemon": (descriptors(home.daemon.pid), resident_kib(home.daemon.pid)),
                "venue": (descriptors(venue), resident_kib(venue))}

    def test_weeks_of_both_kinds_with_deaths_at_any_instant(self):
        seed = int(os.environ.get("BULLPEN_TEST_SEED", random.randrange(1 << 30)))
        chance = random.Random(seed)
        with Home("storm_deaths_max = 0\n") as home:
            self.make(home)
            home.start()
            self.all_run(home)
            venue = home.service("bullpen-venue")["pid"]
            before = self.measure(home)
            strikes, end = 0, time.monotonic() + SECONDS
            while time.monotonic() < end:
                self.strike(home, chance)
                strikes += 1
                time.sleep(chance.uniform(0.2, 1.5))  # the dose of deaths, not a wait for anything

            # Quiet again: a daemon that saw all starts itself, and everyone comes back.
            home.kill_daemon()
            home.start()
            self.all_run(home)
            self.assertEqual(home.service("bullpen-venue")["pid"], venue)
            after = self.measure(home)
            self.nothing_was_lost(home, before, after)
            home.ctl("--timeout", "120s", "stop", "all", deadline=150)
            self.futures_are_well(home)
            fills = self.shares_are_well(home)
            self.logs_are_their_own(home)
            print(f"seed {seed}: {strikes} blows in {SECONDS:.0f} s, {fills} fills of shares, "
                  f"descriptors and KiB {before} and {after}", file=sys.stderr)

    def nothing_was_lost(self, home, before, after):
        # An adopted worker is watched by one descriptor more.
        more = {"daemon": (len(FUTURES + SHARES) + 8, DAEMON_MORE_KIB),
                "venue": (8, VENUE_MORE_KIB)}
        for name, (most, most_kib) in more.items():
            self.assertLessEqual(after[name][0], before[name][0] + most, (name, before, after))
            self.assertLessEqual(after[name][1], before[name][1] + most_kib, (name, before, after))
        for line in home.status()["accounts"]:
            if line.get("pid"):
                self.assertLess(resident_kib(line["pid"]), WORKER_MOST_KIB, line)
                self.assertLess(descriptors(line["pid"]), WORKER_MOST_DESCRIPTORS, line)

    def futures_are_well(self, home):
        log = home.root / "venue" / "venue.jsonl"
        traded = 0
        for name in FUTURES:
            story = judge(log, name, naked_max=NAKED_MAX_S)
            self.assertEqual(story.wrong, [], name)
            traded += len(story.positions)
        self.assertGreater(traded, 0)

    def shares_are_well(self, home):
        stories = {name: ShareStory() for name in SHARES}
        for line in home.at_exchange("shares"):
            self.assertIn(line["account"], stories)
            stories[line["account"]].take(line["text"])
        for name, story in stories.items():
            self.assertEqual(story.end(), [], name)
            self.assertGreater(story.fills, 0, name)
        return sum(story.fills for story in stories.values())

    def logs_are_their_own(self, home):
        for name in FUTURES + SHARES:
            for path in (home.root / "accounts" / name / "logs").glob("*.log*"):
                if path.name.startswith("stdio"):
                    continue
                for text in path.read_text().splitlines():
                    line = json.loads(text)
                    self.assertEqual(line["account"], name, path)


if __name__ == "__main__":
    main()
