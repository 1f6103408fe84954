#!/usr/bin/env python3
"""Compressed weeks of ten accounts that trade futures and ten that trade shares, in one home, while
workers and the daemon are killed by chance, a scanner leaves new signals every day, and a person
trades in the accounts of shares. In the end it is judged from the exchange's own log: one order for
an intent, purchases on many days, nothing sold that is not held, protected or flat, cash to the
paisa; and no line of one account is in another's log, no descriptor and no memory was lost.

BULLPEN_TEST_SEED repeats the order of the blows, BULLPEN_SOAK_SECONDS sets how long it goes."""

import bisect
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
SYMBOLS = [letter * 3 for letter in "ABCDEFGHJKLM"]
A_DAY = 4  # signals
RULES = ["previous_low", "two_lows", "atr"]
RESTARTS = {"restart.delay": "50 ms", "restart.delay_max": "200 ms", "restart.budget": 100000,
            "restart.stable_after": "1 s"}
# A day of shares in 25 s and one of futures in 46 s: ten minutes are five weeks and two and a half.
DAY_S = 25
CASH = 200_000
# A fired stop sells, or is covered anew, within so much of the wall's time.
FIRED_S = 60
VENUE = f"""
fsync = "never"
log_mib = 4000
[shares]
first_day = "2026-07-06"
speed = 900
cash = "{CASH}"
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
[jobs.hourly_candle_watchdog]
schedule = "open + 15 min"
late_max = "5 h"
retry_delay = "1 s"
poll = "1 s"
rule = "{rule}"
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
    """What an account of shares did, by the exchange's log alone. `by_hand`: a person's orders."""

    def __init__(self, by_hand):
        self.by_hand = by_hand
        self.held, self.own, self.stops, self.buying, self.selling = {}, {}, {}, {}, {}
        self.fired = {}  # symbol -> when a stop of it fired last
        self.orders = self.fills = self.spent = 0
        self.bought_at, self.wrong = [], []

    def take(self, text, at):
        order = re.match(r"(\w+) order (\d+) (\w+) (\d+) (\S+) at", text)
        fill = re.match(r"filled \d+ (\w+) (\d+) (\S+) at (\d+) order (\d+)", text)
        trigger = re.match(r"trigger_(\w+) trigger (\d+) (\S+) at \d+ for (\d+)", text)
        if fill:
            self.fill(fill[1], int(fill[2]), fill[3], int(fill[4]), fill[5], at)
        elif trigger:
            self.trigger(trigger[1], trigger[2], trigger[3], int(trigger[4]), text, at)
        elif order and order[1] == "accepted":
            self.orders += 1
            if order[3] == "buy":
                self.buy(order[2], order[5], text)
            else:
                self.selling[order[2]] = [order[5], int(order[4])]
        elif order:
            self.buying.pop(order[2], None)
            self.selling.pop(order[2], None)

    def trigger(self, what, number, symbol, quantity, text, at):
        stops = self.stops.setdefault(symbol, {})
        if what == "placed":
            stops[number] = quantity
            return
        stops.pop(number, None)
        # One that fires becomes an order; any other way out leaves another behind it.
        if what == "fired":
            self.fired[symbol] = at
        if what == "deleted" and self.held.get(symbol, 0) > 0 and not stops:
            self.wrong.append(f"left without a stop: {text}")

    def buy(self, number, symbol, text):
        """What a job holds or has under way it does not buy: that would be the same intent."""
        if number in self.by_hand:
            return
        if self.own.get(symbol, 0) > 0 or symbol in self.buying.values():
            self.wrong.append(f"bought twice: {text}")
        self.buying[number] = symbol

    def fill(self, side, quantity, symbol, price, number, at):
        self.fills += 1
        sign = 1 if side == "buy" else -1
        self.held[symbol] = self.held.get(symbol, 0) + sign * quantity
        self.spent += sign * quantity * price
        self.buying.pop(number, None)
        if side == "sell":
            self.own[symbol] = max(0, self.own.get(symbol, 0) - quantity)
            if number in self.selling:
                self.selling[number][1] -= quantity
        elif number not in self.by_hand:
            self.own[symbol] = self.own.get(symbol, 0) + quantity
            self.bought_at.append(at)
        if self.held[symbol] < 0:
            self.wrong.append(f"sold what is not held: {symbol} {self.held[symbol]}")

    def end(self, at):
        for symbol, quantity in self.own.items():
            held = self.held[symbol]
            covered = max((n for n in self.stops.get(symbol, {}).values() if n <= held), default=0)
            covered += sum(left for of, left in self.selling.values() if of == symbol)
            just_fired = at - self.fired.get(symbol, -FIRED_S) < FIRED_S
            if min(quantity, held) > covered and not just_fired:
                self.wrong.append(f"{quantity} {symbol} are held at the end, {covered} covered")
        return self.wrong


class ShareLog:
    """The exchange's own lines of shares, read as they come."""

    def __init__(self, home):
        self.path = home.root / "venue" / "venue.jsonl"
        self.offset = 0
        self.lines = []   # (seconds, account, text)
        self.prices = {}  # symbol -> of the last execution, in paise

    def read(self):
        with open(self.path, "rb") as log:
            log.seek(self.offset)
            data = log.read()
        whole = data[:data.rfind(b"\n") + 1]
        self.offset += len(whole)
        for line in whole.splitlines():
            if b'"event":"shares"' not in line:
                continue
            event = json.loads(line)
            self.lines.append((event["mono"] / 1e9, event["account"], event["text"]))
            fill = re.match(r"filled \d+ \w+ \d+ (\S+) at (\d+)", event["text"])
            if fill:
                self.prices[fill[1]] = int(fill[2])


class World:
    """What goes on around the accounts of shares: their scanner, and a person who trades there."""

    def __init__(self, home, chance):
        self.home, self.chance = home, chance
        self.log = ShareLog(home)
        self.days = []  # (seconds, trading day), of each change
        self.by_hand = {name: set() for name in SHARES}
        self.trades = 0

    def look(self):
        told = self.home.tell_venue("share_account", account=SHARES[0])["result"]
        day = told["market_time"][:10]
        if not self.days or self.days[-1][1] != day:
            self.days.append((time.monotonic(), day))
            for name in SHARES:
                self.give_signals(name)
        self.log.read()
        if self.chance.random() < 0.2 and self.log.prices:
            self.person()

    def day_of(self, at):
        return self.days[max(0, bisect.bisect([since for since, _ in self.days], at) - 1)][1]

    def give_signals(self, name):
        """Other shares than the day before, whole at once."""
        rows = "".join(f"{symbol},4000,{30 + i},9000\n"
                       for i, symbol in enumerate(self.chance.sample(SYMBOLS, A_DAY)))
        inbox = self.home.root / "accounts" / name / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        part = inbox / ".signals.part"
        part.write_text("Ticker,Entry_Price,Stop_Loss,Target1\n" + rows)
        os.rename(part, inbox / "signals.csv")

    def person(self):
        """Buys or sells a few, at a price that is near; the exchange may refuse it."""
        name, symbol = self.chance.choice(SHARES), self.chance.choice(sorted(self.log.prices))
        side = self.chance.choice(["buy", "sell"])
        paise = self.log.prices[symbol] * (101 if side == "buy" else 99) // 100 // 5 * 5
        try:
            told = self.home.tell_venue("share_order", account=name, symbol=symbol, side=side,
                                        quantity=self.chance.randint(1, 5),
                                        price=f"{paise // 100}.{paise % 100:02}")
        except AssertionError:
            return
        self.by_hand[name].add(str(told["result"]["number"]))
        self.trades += 1


class Soak(unittest.TestCase):
    def make(self, home):
        (home.root / "venue.toml").write_text(VENUE)
        for i, name in enumerate(FUTURES):
            home.account(name, trader({**RESTARTS, "feed.instrument": INSTRUMENTS[i],
                                       "feed.seed": 20 + i, "feed.speed": 1800}))
        for i, name in enumerate(SHARES):
            rules = "".join(f"{key} = {json.dumps(value)}\n" for key, value in RESTARTS.items())
            home.account(name, rules + JOBS.replace("{rule}", RULES[i % len(RULES)]))

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
            world = World(home, chance)
            strikes, end = 0, time.monotonic() + SECONDS
            while time.monotonic() < end:
                world.look()
                self.strike(home, chance)
                strikes += 1
                time.sleep(chance.uniform(0.2, 1.5))  # the dose of deaths, not a wait for anything

            # Quiet again: a daemon that saw all starts itself, and everyone comes back.
            home.kill_daemon()
            home.start()
            self.all_run(home)
            eventually(lambda: not self.unprotected(home), lambda: str(self.unprotected(home)), 120)
            self.assertEqual(home.service("bullpen-venue")["pid"], venue)
            after = self.measure(home)
            self.nothing_was_lost(home, before, after)
            home.ctl("--timeout", "120s", "stop", "all", deadline=150)
            self.futures_are_well(home)
            told = self.shares_are_well(home, world)
            self.logs_are_their_own(home)
            print(f"seed {seed}: {strikes} blows in {SECONDS:.0f} s, {told}, "
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

    def unprotected(self, home):
        return [line for line in home.status()["accounts"] if "UNPROTECTED" in line["position"]]

    def stories_of(self, world):
        stories = {name: ShareStory(world.by_hand[name]) for name in SHARES}
        world.log.read()
        for at, name, text in world.log.lines:
            self.assertIn(name, stories)
            stories[name].take(text, at)
        return stories

    def shares_are_well(self, home, world):
        days_least = int(SECONDS / DAY_S / 3)
        least = None
        for name, story in self.stories_of(world).items():
            self.assertEqual(story.end(time.monotonic()), [], name)
            days = {world.day_of(at) for at in story.bought_at}
            self.assertGreater(len(days), days_least, (name, sorted(days), world.days))
            least = min(least or len(days), len(days))

        def cash_is_exact(name):
            book = home.tell_venue("share_account", account=name)["result"]
            spent = self.stories_of(world)[name].spent
            return book["cash"] + book["unsettled"] == CASH * 1_000_000 - spent * 10_000
        for name in SHARES:
            eventually(lambda: cash_is_exact(name), f"{name}: cash is not what its fills leave")
        fills = sum(story.fills for story in self.stories_of(world).values())
        return (f"{len(world.days)} days of shares, {fills} fills, purchases on {least} days at "
                f"least in each account, {world.trades} orders by hand")

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
