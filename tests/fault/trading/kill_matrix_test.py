#!/usr/bin/env python3
"""A worker that is killed at any named point of the order path trades as one that is not: the same
executions at the exchange, one order for each decision, and no position left without a stop. So too
where the exchange behaves badly, and where the worker dies at any instruction. A program of its own
judges, from the exchange's own log; the market waits for the worker, so that all runs see the same.

BULLPEN_KILLS=all adds every bad exchange, more trades, and kills by chance, 2,000 of them. It takes
long, so `./dev test --all` runs its parts side by side: BULLPEN_KILLS=good for the exchanges where
all trade the same, bad for the others, chance for the kills by chance."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from decimal import Decimal
from pathlib import Path

SUPPORT = Path(__file__).resolve().parents[2] / "support"
sys.path.insert(0, str(SUPPORT))
from home import BIN, Home, alive, eventually  # noqa: E402
from paper import lockstep, trader  # noqa: E402
from slow_disk import SlowDisk  # noqa: E402
from venue_judge import events_of, executions  # noqa: E402

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
    "after_start_record", "before_snapshot", "after_snapshot",
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
    "that answers when nobody waits any more": (
        "seed = 17\ndelay_answer = 0.1\nanswer_delay_ms = 1500\n", True),
    "that executes what nobody waits for any more": (
        "seed = 19\nlatency_ms = 100\nlatency_jitter_ms = 1200\n", False),
    "that goes silent on a connection that stands": ("seed = 21\nblack_hole = 0.01\n", False),
    "that keeps stops pending": (
        'seed = 23\npending = 0.1\nonly_purpose = "protective_stop"\n', False),
    "that takes few commands a second": ("rate_max = 3\n", False),
    "that takes executions back": ("seed = 29\nvoid_fill = 0.05\nlater_ms = 200\n", False),
}
KILLS = os.environ.get("BULLPEN_KILLS", "")
CHOSEN = {"": list(EXCHANGES)[:2], "all": list(EXCHANGES), "chance": [],
          "good": [name for name, (_, same) in EXCHANGES.items() if same],
          "bad": [name for name, (_, same) in EXCHANGES.items() if not same]}[KILLS]
TRADES = 45 if KILLS else 15
BY_CHANCE = 2000
# Seconds: an order of unknown fate is given up after 2, what is pending after 5, a connection that
# is silent after 4, a death takes a part of one, and several deaths may fall upon one position.
NAKED_MAX = 15.0
# Where half of the answers come after the second that is waited for them, each costs three times as
# much.
NAKED_MAX_AT = {"that executes what nobody waits for any more": 30.0}
# Records and states that are synced one after the other while a position waits for its stop, a
# death and a second try among them: each may take what the disk's slowest did.
NAKED_SYNCS = 10
DEADLINE = 600.0  # seconds; of a whole run


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


class Run:
    """Accounts that trade, each in a market of its own."""

    def __init__(self, test, accounts, personality, schedule=()):
        self.addCleanup = test.addCleanup
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

    def executed(self):
        log = self.home.root / "venue" / "venue.jsonl"
        return [len(executions(events_of(log, name))) if log.exists() else 0
                for name in self.accounts]

    def traded(self, count):
        return all(executed >= count for executed in self.executed())

    def story(self):
        return (f"left: {self.left()}\n{self.executed()} executions\n"
                f"{[self.home.of(name) for name in self.accounts]}\n{self.home.story()}")

    def end(self):
        """Flat and stopped; the exchange's log, and what each account's own books say it won."""
        exchange = Exchange(self.home)
        exchange.behave("")
        exchange.close()
        self.home.ctl("flatten", "all", check=False)
        for name in self.accounts:
            eventually(lambda name=name: self.home.of(name).get("quantity") == 0, self.story, 60)
        self.home.ctl("stop", "all", check=False)
        with tempfile.NamedTemporaryFile(suffix=".jsonl", delete=False) as kept:
            kept.write((self.home.root / "venue" / "venue.jsonl").read_bytes())
        self.addCleanup(Path(kept.name).unlink)
        return kept.name, {name: self.net(name) for name in self.accounts}

    def net(self, name):
        trades = json.loads(self.home.ctl("trades", name, "--json").stdout)["trades"]
        return str(sum((Decimal(trade["net"]) for trade in trades), Decimal(0)))


def run(test, personality, schedule):
    with (Run(test, {"anna": "MES"}, personality, schedule) as life,
          SlowDisk(life.home.root) as disk):
        def done():
            # A stop that could not be placed halts the account, as it must.
            if life.home.of("anna").get("mode") == "halted":
                life.home.ctl("resume", "anna", check=False)
            return not life.left() and life.traded(2 * TRADES)

        eventually(done, life.story, DEADLINE)
        restarts = life.home.of("anna")["restarts"]
        return (*life.end(), restarts, disk)


class Judge(unittest.TestCase):
    def judge(self, what, log, account, net, disk, *words):
        """By a program of its own, from the exchange's log; see there for what is wrong."""
        naked_max = NAKED_MAX_AT.get(what, NAKED_MAX) + NAKED_SYNCS * disk.longest
        done = subprocess.run(
            [sys.executable, SUPPORT / "venue_judge.py", log, "--account", account, "--naked-max",
             str(naked_max), "--net", net, *map(str, words)], capture_output=True, text=True,
            check=False)
        print(f"{what}, {account}:\n{done.stdout}", flush=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class KillMatrix(Judge):
    @unittest.skipUnless(CHOSEN, "another part")
    def test_whoever_dies_at_any_point_of_the_order_path_trades_as_if_it_had_not(self):
        good = None
        for exchange in CHOSEN:
            with self.subTest("at an exchange " + exchange):
                personality, same = EXCHANGES[exchange]
                points = [point for point in POINTS
                          if "can_replace" not in personality or point not in REPLACES]
                killed, nets, restarts, disk = run(self, personality,
                                                   [(point, 1) for point in points])
                self.assertGreaterEqual(restarts, len(points))
                compared = ()
                if same:
                    good = good or run(self, "", [])[0]
                    compared = ("--whole", good, "--least", 2 * TRADES - 2)
                self.judge(exchange, killed, "anna", nets["anna"], disk, *compared)

    @unittest.skipUnless(KILLS in ("all", "chance"), "takes long")
    def test_whoever_dies_at_any_instruction_trades_as_if_it_had_not(self):
        accounts = {"anna": "MES", "ben": "MNQ"}
        chance = random.Random(17)
        with Run(self, accounts, "") as life:
            eventually(lambda: life.traded(120), life.story, DEADLINE)
            whole, _ = life.end()
        with Run(self, accounts, "") as life, SlowDisk(life.home.root) as disk:
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
            killed, nets = life.end()
        for name in accounts:
            self.judge(f"{BY_CHANCE} kills by chance", killed, name, nets[name], disk, "--whole",
                       whole, "--least", 2)


if __name__ == "__main__":
    unittest.main()
