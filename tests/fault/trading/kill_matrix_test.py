#!/usr/bin/env python3
"""A worker that is killed at any named point of the order path trades as one that is not: the same
executions at the exchange, one order for each decision, and no position left without a stop. So too
where the exchange behaves badly, and where the worker dies at any instruction. The exchange's own
log is the judge; the market waits for the worker, so that all runs see the same.

BULLPEN_KILLS=all adds every bad exchange, more trades, and kills by chance, 2,000 of them. It takes
long, so `./dev test --all` runs its parts side by side: BULLPEN_KILLS=good for the exchanges where
all trade the same, bad for the others, chance for the kills by chance."""

import json
import os
import random
import signal
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402
from paper import lockstep, trader  # noqa: E402

ACCOUNT = {"autostart": False, "feed.speed": 60, "risk.fast_market": False,
           "strategy.holding_max": "10 min", "orders.absent_after": "2 s",
           "orders.answer_wait": "1 s", "restart.delay": "50 ms", "restart.delay_max": "50 ms",
           "restart.budget": 100000}
DAEMON = f"""
worker_program = "{BIN}/bullpen-worker-killable"
storm_deaths_max = 0
"""
# Where a process dies. Before a start is recorded there is nothing yet that could go wrong, and
# dying there again and again would be no progress.
POINTS = [
    "after_intent_record", "before_submit", "after_submit", "before_sent_record",
    "after_sent_record", "before_intent_record", "before_stop_intent_record",
    "after_stop_intent_record", "before_stop_submit", "after_stop_submit",
    "before_answer_record", "after_answer_record", "before_report_record", "after_report_record",
    "before_fill_record", "after_fill_record", "after_fill_applied", "before_trade_record",
    "after_trade_record", "before_replace_record", "after_replace_record", "before_replace_send",
    "after_replace_send", "before_exit_intent_record", "after_exit_intent_record",
    "before_exit_submit", "after_exit_submit", "before_cancel_record", "after_cancel_record",
    "before_cancel_send", "after_cancel_send", "before_decision_record", "after_decision_record",
    "after_start_record",
]
# Only where a stop is changed in place.
REPLACES = {point for point in POINTS if "replace" in point}

# How an exchange behaves, and whether what is executed there is what a good one executes: not where
# its faults change the market's answer itself.
EXCHANGES = {
    "that behaves": ("", True),
    "that loses answers and repeats events": (
        "seed = 3\nlose_answer = 0.1\nduplicate = 0.3\nsplit_lines = true\n", True),
    "that answers late": ("latency_ms = 5\nlatency_jitter_ms = 5\nevent_delay_ms = 2\n", True),
    "without changes in place": ("can_replace = false\n", True),
    "that loses queries": ("seed = 5\nlose_query = 0.1\n", True),
    "that answers in pages of HTML": ("seed = 6\ngarble_answer = 0.05\n", False),
    "that breaks the connection": ("seed = 7\ndrop_before = 0.03\ndrop_after = 0.03\n", False),
    "that tells of fills late or never": ("seed = 11\nomit_fill = 0.1\nreorder = 0.3\n", False),
    "that fills in parts": ("first_part = 1\n", False),
    "that fills an order before its cancel": ("seed = 9\ncancel_loses = 0.2\n", False),
    "that refuses now or later": ("seed = 13\nreject = 0.05\nreject_later = 0.05\n", False),
}
KILLS = os.environ.get("BULLPEN_KILLS", "")
CHOSEN = {"": list(EXCHANGES)[:2], "all": list(EXCHANGES), "chance": [],
          "good": [name for name, (_, same) in EXCHANGES.items() if same],
          "bad": [name for name, (_, same) in EXCHANGES.items() if not same]}[KILLS]
TRADES = 45 if KILLS else 15
BY_CHANCE = 2000
# Seconds: an order of unknown fate is given up after 2, a death takes a part of one.
NAKED_MAX = 15.0
DEADLINE = 480.0 if KILLS else 240.0  # seconds; of a whole run


class Exchange:
    """The administrator of the home's exchange."""

    def __init__(self, home):
        self.line = socket.socket(socket.AF_UNIX)
        self.line.settimeout(30)
        self.line.connect(str(home.root / "run" / "venue"))
        self.answers = self.line.makefile("r")
        self.ask({"type": "hello", "client": "test", "cookie": home.cookie()})

    def ask(self, message):
        self.line.sendall((json.dumps({"v": 1, "id": 1, **message}) + "\n").encode())
        return json.loads(self.answers.readline())

    def behave(self, personality):
        command = "personality" if personality else "reset_personality"
        answer = self.ask({"type": "admin", "command": command,
                           "arguments": {"toml": personality}})
        assert answer.get("ok"), answer

    def close(self):
        self.answers.close()
        self.line.close()


def journal(home):
    """The exchange's own log."""
    path = home.root / "venue" / "venue.jsonl"
    events = []
    for line in path.read_text().splitlines() if path.exists() else []:
        if '"sent"' in line or '"received"' in line:
            continue
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            pass  # the last line, as it is written
    return events


def of(account, events):
    return [event for event in events if event.get("account") == account]


def executions(events):
    return [(e["purpose"], e["side"], e["fill_quantity"], e["price"], e["market_time"])
            for e in events if e["event"] == "execution"]


class Run:
    """Accounts that trade, each in a market of its own."""

    def __init__(self, accounts, personality, schedule=()):
        self.home = Home()
        self.accounts = accounts
        self.home.settings(DAEMON)
        for name, symbol in accounts.items():
            self.home.account(name, trader({**ACCOUNT, "feed.instrument": symbol}))
        (self.home.root / "venue.toml").write_text(
            lockstep(*accounts, instruments=accounts.values()))
        self.kill = self.home.root / "accounts" / next(iter(accounts)) / "tmp" / "kill"
        self.kill.parent.mkdir(parents=True, mode=0o700)
        for directory in list(self.kill.parents)[:3]:
            directory.chmod(0o700)
        self.kill.write_text("".join(f"{point} {count}\n" for point, count in schedule))
        self.personality = personality

    def __enter__(self):
        self.home.start()
        self.home.until_service("bullpen-venue", "RUNNING")
        exchange = Exchange(self.home)
        exchange.behave(self.personality)
        exchange.close()
        self.home.ctl("start", "all")
        return self

    def __exit__(self, *_):
        self.home.end()

    def left(self):
        return self.kill.read_text().split()[::2]

    def traded(self, count):
        events = journal(self.home)
        return all(len(executions(of(name, events))) >= count for name in self.accounts)

    def story(self):
        return (f"left: {self.left()}\n{len(executions(journal(self.home)))} executions\n"
                f"{[self.home.of(name) for name in self.accounts]}\n{self.home.story()}")

    def end(self):
        """Flat and stopped; the exchange's log."""
        exchange = Exchange(self.home)
        exchange.behave("")
        exchange.close()
        self.home.ctl("flatten", "all", check=False)
        for name in self.accounts:
            eventually(lambda name=name: self.home.of(name).get("quantity") == 0, self.story, 60)
        self.home.ctl("stop", "all", check=False)
        return journal(self.home)


def run(personality, schedule):
    with Run({"anna": "MES"}, personality, schedule) as life:
        def done():
            # A stop that could not be placed halts the account, as it must.
            if life.home.of("anna").get("mode") == "halted":
                life.home.ctl("resume", "anna", check=False)
            return not life.left() and life.traded(2 * TRADES)

        eventually(done, life.story, DEADLINE)
        restarts = life.home.of("anna")["restarts"]
        return life.end(), restarts


class Judge(unittest.TestCase):
    def compare(self, whole, killed, least):
        """What both saw of the market; what a run did after the other had ended is not compared."""
        a, b = executions(whole), executions(killed)
        same = min(len(a), len(b)) - 2
        self.assertGreaterEqual(same, least)
        self.assertEqual(a[:same], b[:same])

    def judge(self, events, personality):
        """One order at most for each decision; the longest time without a stop; flat at the end."""
        orders, bare, worst = {}, None, 0.0
        for event in events:
            made = event["event"] == "order" and event["kind"] == "accepted"
            if made and event["purpose"] == "entry":
                orders.setdefault(event["intent"].rpartition("/")[0], []).append(event["order"])
            if event["event"] == "execution" and event["purpose"] == "entry" and bare is None:
                bare = event["mono"]
            if made and event["purpose"] == "protective_stop" and bare is not None:
                worst, bare = max(worst, (event["mono"] - bare) / 1e9), None
            if event["event"] == "execution" and event["position"] == 0:
                bare = None
        doubled = {decision: ids for decision, ids in orders.items() if len(ids) > 1}
        self.assertEqual(doubled, {})
        print(f"{personality!r}: longest without a stop {worst:.1f} s, {len(orders)} decisions to "
              "enter", flush=True)
        self.assertLess(worst, NAKED_MAX)
        self.assertEqual([e["position"] for e in events if e["event"] == "execution"][-1], 0)


class KillMatrix(Judge):
    @unittest.skipUnless(CHOSEN, "another part")
    def test_whoever_dies_at_any_point_of_the_order_path_trades_as_if_it_had_not(self):
        good = None
        for exchange in CHOSEN:
            with self.subTest("at an exchange " + exchange):
                personality, same = EXCHANGES[exchange]
                points = [point for point in POINTS
                          if "can_replace" not in personality or point not in REPLACES]
                killed, restarts = run(personality, [(point, 1) for point in points])
                self.assertGreaterEqual(restarts, len(points))
                if same:
                    good = good or run("", [])[0]
                    self.compare(good, killed, 2 * TRADES - 2)
                self.judge(killed, personality)

    @unittest.skipUnless(KILLS in ("all", "chance"), "takes long")
    def test_whoever_dies_at_any_instruction_trades_as_if_it_had_not(self):
        accounts = {"anna": "MES", "ben": "MNQ"}
        chance = random.Random(17)
        with Run(accounts, "") as life:
            eventually(lambda: life.traded(120), life.story, DEADLINE)
            whole = life.end()
        with Run(accounts, "") as life:
            kills, end = 0, time.monotonic() + 6 * DEADLINE
            while kills < BY_CHANCE:
                # The story reads all of the exchange's log: only told when it is needed.
                if time.monotonic() > end:
                    self.fail(f"{kills} kills\n{life.story()}")
                pid = life.home.of(chance.choice(list(accounts))).get("pid")
                # From the middle of its start to well into its trade.
                time.sleep(chance.expovariate(8))
                if pid and alive(pid):
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
            eventually(lambda: life.traded(4), life.story, DEADLINE)
            killed = life.end()
        for name in accounts:
            self.compare(of(name, whole), of(name, killed), 2)
            self.judge(of(name, killed), f"{name} of {BY_CHANCE} kills by chance")


if __name__ == "__main__":
    unittest.main()
