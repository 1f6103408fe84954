#!/usr/bin/env python3
"""The judge of the kill matrix finds what it is there to find: each story is right but for one
thing, and that is what it names."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SUPPORT = Path(__file__).resolve().parents[2] / "support"
SECOND = 1_000_000_000


class Story:
    """The log of an exchange at which one account trades, line by line."""

    def __init__(self):
        self.lines, self.orders, self.at = [], {}, 0
        self.position, self.cash, self.executed = 0, 50_000.0, 0

    def tell(self, event, order, **facts):
        self.lines.append({"mono": self.at, "event": event, "account": "anna",
                           "market_time": f"2025-01-06T15:{self.at // SECOND // 60:02}:00Z",
                           **order, **facts})

    def note(self, event, text=""):
        self.lines.append({"mono": self.at, "event": event, "session": 1, "account": "anna",
                           "text": text})

    def wait(self, seconds):
        self.at += int(seconds * SECOND)

    def accept(self, name, purpose, side, quantity, attempt=0, key="bar"):
        self.orders[name] = {"order": name, "number": len(self.orders) + 1,
                             "intent": f"{key}/{purpose}/{attempt}", "purpose": purpose,
                             "side": side, "quantity": quantity, "filled": 0, "status": "working"}
        self.tell("order", self.orders[name], kind="accepted")

    def fill(self, name, quantity, price="100"):
        order = self.orders[name]
        order["filled"] += quantity
        order["status"] = "filled" if order["filled"] == order["quantity"] else "working"
        before = self.position
        self.position += quantity if order["side"] == "buy" else -quantity
        # A point is a dollar, and there is no fee; what closes wins nothing at one price.
        if abs(self.position) < abs(before):
            self.cash += (float(price) - 100) * (self.position - before) * -1
        self.executed += 1
        self.tell("execution", order, kind="filled", execution=self.executed,
                  fill_quantity=quantity, price=price, fee="0", position=self.position,
                  cash=str(self.cash))

    def end(self, name, kind="cancelled"):
        self.orders[name]["status"] = kind
        self.tell("order", self.orders[name], kind=kind)

    def replace(self, name, quantity):
        self.orders[name]["quantity"] = quantity
        self.tell("order", self.orders[name], kind="replaced")

    # An ordinary trade, in its parts.
    def enter(self, quantity=2, key="bar"):
        self.accept(f"E{key}", "entry", "buy", quantity, key=key)
        self.fill(f"E{key}", quantity)
        self.wait(0.01)
        self.accept(f"S{key}", "protective_stop", "sell", quantity, key=key)

    def close(self, quantity=2, key="bar"):
        self.wait(30)
        self.end(f"S{key}")
        self.accept(f"X{key}", "exit", "sell", quantity, key=key)
        self.fill(f"X{key}", quantity, "103")


class Judge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, story, name="log"):
        path = self.folder / name
        path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n"
                                for line in story.lines))
        return path

    def judge(self, story, *words):
        done = subprocess.run(
            [sys.executable, SUPPORT / "venue_judge.py", self.write(story), "--account", "anna",
             "--naked-max", "5", *map(str, words)], capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"]}, timeout=60)
        wrong = [line for line in done.stdout.splitlines() if line.startswith("wrong: ")]
        self.assertEqual(done.returncode, 1 if wrong else 0, done.stdout + done.stderr)
        return wrong, done.stdout

    def finds(self, story, what, *words):
        wrong, told = self.judge(story, *words)
        self.assertEqual(len(wrong), 1, told)
        self.assertIn(what, wrong[0])

    def test_a_trade_that_is_protected_and_closed_is_right_and_is_listed(self):
        story = Story()
        story.enter()
        story.close()
        wrong, told = self.judge(story, "--net", "6.0")
        self.assertEqual(wrong, [], told)
        self.assertIn("2025-01-06T15:00:00Z  +2  not covered 0.010 s", told)
        self.assertIn("1 positions, 3 intents", told)

    def test_a_decision_that_became_two_orders_is_found(self):
        story = Story()
        story.enter()
        story.accept("again", "entry", "buy", 2, attempt=1)
        story.end("again")
        story.close()
        self.finds(story, "bar/entry became 2 orders")
        # Another attempt of a stop is no second one of the same intent; the same attempt is.
        story = Story()
        story.enter()
        story.end("Sbar")
        story.accept("other", "protective_stop", "sell", 2, attempt=1)
        story.end("other")
        story.accept("twice", "protective_stop", "sell", 2, attempt=1)
        story.end("twice")
        story.accept("X", "exit", "sell", 2)
        story.fill("X", 2)
        self.finds(story, "bar/protective_stop/1 became 2 orders")

    def test_a_position_without_cover_is_found_however_it_came_about(self):
        late = Story()
        late.accept("E", "entry", "buy", 1)
        late.fill("E", 1)
        late.wait(6)
        late.accept("S", "protective_stop", "sell", 1)
        late.fill("S", 1)
        self.finds(late, "was not covered for 6.0 s")

        lost = Story()
        lost.enter(1)
        lost.end("Sbar")
        lost.wait(7)
        lost.accept("S", "protective_stop", "sell", 1, attempt=1)
        lost.fill("S", 1)
        self.finds(lost, "was not covered for 7.0 s")

        small = Story()
        small.accept("E", "entry", "buy", 3)
        small.fill("E", 1)
        small.accept("S", "protective_stop", "sell", 1)
        small.fill("E", 2)
        small.wait(8)
        small.replace("S", 3)
        small.fill("S", 3)
        self.finds(small, "was not covered for 8.0 s")

        wrong_side = Story()
        wrong_side.accept("E", "entry", "buy", 1)
        wrong_side.fill("E", 1)
        wrong_side.accept("S", "protective_stop", "buy", 1)
        wrong_side.wait(9)
        wrong_side.end("S")
        wrong_side.accept("X", "exit", "sell", 1)
        wrong_side.fill("X", 1)
        self.finds(wrong_side, "was not covered for 9.0 s")

    def test_more_closed_than_held_is_found(self):
        story = Story()
        story.enter(1)
        story.accept("X", "flatten", "sell", 2)
        story.fill("X", 2)
        story.accept("B", "flatten", "buy", 1, attempt=1)
        story.fill("B", 1)
        story.end("Sbar")
        self.finds(story, "more was closed than was held: flatten X made 1 -1")

    def test_an_order_that_is_left_and_a_position_that_is_bare_at_the_end_are_found(self):
        story = Story()
        story.enter(1)
        story.accept("X", "exit", "sell", 1)
        story.fill("X", 1)
        self.finds(story, "flat, and orders are left: Sbar")
        story = Story()
        story.enter(1)
        story.end("Sbar")
        self.finds(story, "1 are held at the end, and not covered")
        story = Story()
        story.enter(1)
        self.assertEqual(self.judge(story)[0], [])

    def test_a_log_that_goes_on_in_another_file_is_read_from_its_beginning(self):
        story = Story()
        story.enter()
        story.close()
        path = self.write(story)
        lines = path.read_text().splitlines(keepends=True)
        # Beside what judge() writes there: the exchange has put its first half aside.
        path.with_name("log.1").write_text("".join(lines[:2]))
        story.lines = story.lines[2:]
        wrong, told = self.judge(story, "--net", "6.0")
        self.assertEqual(wrong, [], told)
        self.assertIn("1 positions, 3 intents", told)

    def test_other_executions_and_other_money_than_undisturbed_are_found(self):
        whole = Story()
        for key in ("a", "b", "c"):
            whole.enter(key=key)
            whole.close(key=key)
        path = self.write(whole, "whole")
        self.assertEqual(self.judge(whole, "--whole", path, "--least", 4)[0], [])
        self.finds(whole, "only 4 executions can be compared", "--whole", path, "--least", 5)
        other = Story()
        for key in ("a", "b", "c"):
            other.enter(3 if key == "b" else 2, key=key)
            other.close(3 if key == "b" else 2, key=key)
        self.finds(other, "execution 2 differs", "--whole", path, "--least", 4)

    def test_a_run_in_which_too_few_processes_died_at_work_is_found(self):
        story = Story()
        story.note("session", "1.a")
        story.enter()
        story.note("session", "2.b")  # it held something
        story.note("session", "2.b")  # the same process, over another connection
        story.close()
        story.note("session", "3.c")  # it was at rest
        wrong, told = self.judge(story, "--deaths", 2, "--deaths-at-work", 1)
        self.assertEqual(wrong, [], told)
        self.assertIn("2 deaths, 1 at work", told)
        self.finds(story, "only 2 processes died, not 3", "--deaths", 3)
        self.finds(story, "only 1 processes died at work, not 2", "--deaths-at-work", 2)

    def test_a_fault_that_never_struck_is_found(self):
        story = Story()
        story.note("fault", "lose_answer")
        story.note("rate_limited")
        story.accept("E", "entry", "buy", 2)
        story.fill("E", 1)
        story.fill("E", 1)
        story.accept("S1", "protective_stop", "sell", 2)
        story.accept("S2", "protective_stop", "sell", 2, attempt=1)
        story.end("S1")
        wrong, told = self.judge(story, "--strikes", "lose_answer", "rate_limited", "part",
                                 "stop_anew")
        self.assertEqual(wrong, [], told)
        self.finds(story, "never did wrong by void_fill", "--strikes", "void_fill")

    def test_books_that_say_otherwise_than_the_exchange_are_found(self):
        story = Story()
        story.enter()
        story.close()
        self.finds(story, "the account's books 5.5", "--net", "5.5")


if __name__ == "__main__":
    unittest.main()
