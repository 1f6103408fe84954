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
from venue_judge import events_of, executions, lines_of, strikes_of  # noqa: E402

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

# How an exchange behaves; whether what is executed there is what a good one executes, which is not
# so where its faults change the market's answer itself; and what it must have done wrong.
EXCHANGES = {
    "that behaves": ("", True, ()),
    "that loses answers and repeats events": (
        "seed = 3\nlose_answer = 0.1\nduplicate = 0.3\nsplit_lines = true\n", True,
        ("lose_answer", "duplicate")),
    "that answers late": ("latency_ms = 5\nlatency_jitter_ms = 5\nevent_delay_ms = 2\n", True, ()),
    "without changes in place": ("can_replace = false\n", True, ("stop_anew",)),
    "that loses queries": ("seed = 5\nlose_query = 0.1\n", True, ("lose_query",)),
    "that answers in pages of HTML": (
        "seed = 6\ngarble_answer = 0.05\noversize_answer = 0.03\n", False,
        ("garble_answer", "oversize_answer")),
    "that breaks the connection": ("seed = 7\ndrop_before = 0.03\ndrop_after = 0.03\n", False,
                                   ("drop_before", "drop_after")),
    "that tells of fills late or never": ("seed = 11\nomit_fill = 0.1\nreorder = 0.3\n", False,
                                          ("omit_fill", "reorder")),
    "that fills in parts": ("first_part = 1\n", False, ("part",)),
    "that fills an order before its cancel": ("seed = 9\ncancel_loses = 0.2\n", False,
                                              ("cancel_loses",)),
    "that refuses now or later": ("seed = 13\nreject = 0.05\nreject_later = 0.05\n", False,
                                  ("reject", "reject_later")),
    "that answers when nobody waits any more": (
        "seed = 17\ndelay_answer = 0.1\nanswer_delay_ms = 1500\n", True, ("delay_answer",)),
    "that executes what nobody waits for any more": (
        "seed = 19\nlatency_ms = 100\nlatency_jitter_ms = 1200\n", False, ()),
    "that goes silent on a connection that stands": ("seed = 21\nblack_hole = 0.01\n", False,
                                                     ("black_hole",)),
    "that keeps stops pending": (
        'seed = 23\npending = 0.1\nonly_purpose = "protective_stop"\n', False, ("pending",)),
    "that takes few commands a second": ("rate_max = 3\n", False, ("rate_limited",)),
    "that takes executions back": ("seed = 29\nvoid_fill = 0.05\nlater_ms = 200\n", False,
                                   ("void_fill",)),
    "whose sessions expire": ("seed = 31\nexpire_session = 0.03\n", False, ("expire_session",)),
    "that answers after the execution": ("seed = 37\nlate_answer = 0.3\n", False,
                                         ("late_answer",)),
    "that gathers what it tells": ("gather_ms = 20\n", False, ()),
    "that closes no more than is held": ("exits_only_reduce = true\nrefuse_passed_stops = true\n",
                                         False, ()),
    "whose clock is wrong": ("clock_skew_ms = 3000\n", False, ()),
    "that tells of trades": ("seed = 41\nlose_tick_every = 7\nlose_answer = 0.05\n", False,
                             ("lose_answer",)),
}
# Where the market is one of trades and quotes.
IN_TICKS = {"that tells of trades"}
KILLS = os.environ.get("BULLPEN_KILLS", "")
CHOSEN = {"": list(EXCHANGES)[:2], "all": list(EXCHANGES), "chance": [],
          "good": [name for name, (_, same, _) in EXCHANGES.items() if same],
          "bad": [name for name, (_, same, _) in EXCHANGES.items() if not same]}[KILLS]
TRADES = 45 if KILLS else 15
BY_CHANCE = int(os.environ.get("BULLPEN_KILLS_BY_CHANCE", "2000"))
BY_CHANCE_TRADED = 20  # executions of each account, at the least
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
# Of the processes that die at points of the order path some do before the exchange has heard of
# them, and most while something is held, or an order is there; of those that die by chance some do.
DEATHS_PERCENT = 67
AT_WORK_PERCENT = 50
AT_WORK_BY_CHANCE_PERCENT = 10


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

    def __init__(self, test, accounts, personality, schedule=(), ticks=False):
        self.addCleanup = test.addCleanup
        self.home = Home()
        self.accounts = accounts
        self.home.settings(DAEMON)
        for name, symbol in accounts.items():
            self.home.account(name, trader({**ACCOUNT, "feed.instrument": symbol,
                                            "feed.ticks": ticks}))
        (self.home.root / "venue.toml").write_text(
            lockstep(*accounts, instruments=accounts.values(), ticks=ticks))
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

    def struck(self, faults):
        log = self.home.root / "venue" / "venue.jsonl"
        lines = lines_of(log, next(iter(self.accounts))) if log.exists() and faults else []
        return all(strikes_of(lines)[fault] for fault in faults)

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


def run(test, personality, schedule, strikes=(), ticks=False):
    """Until the schedule is done, enough was traded, and everything went wrong that is to."""
    with (Run(test, {"anna": "MES"}, personality, schedule, ticks) as life,
          SlowDisk(life.home.root) as disk):
        def done():
            # A stop that could not be placed halts the account, as it must.
            if life.home.of("anna").get("mode") == "halted":
                life.home.ctl("resume", "anna", check=False)
            return not life.left() and life.traded(2 * TRADES) and life.struck(strikes)

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
                personality, same, strikes = EXCHANGES[exchange]
                points = [point for point in POINTS
                          if "can_replace" not in personality or point not in REPLACES]
                killed, nets, restarts, disk = run(
                    self, personality, [(point, 1) for point in points], strikes,
                    exchange in IN_TICKS)
                self.assertGreaterEqual(restarts, len(points))
                words = ["--deaths", len(points) * DEATHS_PERCENT // 100, "--deaths-at-work",
                         len(points) * AT_WORK_PERCENT // 100]
                words += ["--strikes", *strikes] if strikes else []
                if same:
                    good = good or run(self, "", [])[0]
                    words += ["--whole", good, "--least", 2 * TRADES - 2]
                self.judge(exchange, killed, "anna", nets["anna"], disk, *words)

    def test_the_exchanges_of_the_matrix_do_everything_wrong_that_the_manual_names(self):
        manual = (SUPPORT.parents[1] / "docs" / "venue.md").read_text()
        table = manual.split("| fault | |\n|---|---|\n")[1].split("\n\n")[0]
        faults = {line.split("`")[1] for line in table.splitlines()}
        self.assertGreaterEqual(len(faults), 18)
        done = {key for personality, _, _ in EXCHANGES.values()
                for key in (line.split(" = ")[0] for line in personality.splitlines())}
        self.assertEqual(faults - done, set())
        # Each of them must be seen to strike.
        named = {fault for _, _, strikes in EXCHANGES.values() for fault in strikes}
        self.assertEqual((faults & done) - named, set())
        # And all of them have their turn when everything is tested.
        labels = (Path(__file__).parent / "labels.txt").read_text()
        for part in ("good", "bad", "chance"):
            self.assertIn(f"BULLPEN_KILLS={part}", labels)

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
            eventually(lambda: life.traded(BY_CHANCE_TRADED), life.story, DEADLINE)
            killed, nets = life.end()
        for name in accounts:
            self.judge(f"{BY_CHANCE} kills by chance", killed, name, nets[name], disk, "--whole",
                       whole, "--least", BY_CHANCE_TRADED - 2, "--deaths", BY_CHANCE // 5,
                       "--deaths-at-work", BY_CHANCE // 5 * AT_WORK_BY_CHANCE_PERCENT // 100)


if __name__ == "__main__":
    unittest.main()
