#!/usr/bin/env python3
"""Judges how an account's orders fared by the exchange's own log, and by nothing that the worker
says: no decision became two orders, nothing was closed that was not held, how long a position was
not covered, and how it ended.

    venue_judge.py LOG --account NAME [--naked-max SECONDS] [--whole LOG --least N] [--net AMOUNT]
        [--strikes FAULT...] [--deaths N] [--deaths-at-work N]

Prints every position with the time that it was not covered, then what is wrong, and ends with 1
when anything is. Covered is what protective stops that work at the exchange would close, and what
is being closed: orders at the market, or at any price, that work there. `--whole` is the log of a
run that nothing disturbed: executions and money must be the same, at least so many. `--net` is
what the account's own books say that it won. `--strikes` are faults of the exchange that must have
struck, and `--deaths` is how many processes of the account must have died, `--deaths-at-work` of
them while it held something or had an order at the exchange: a run in which nothing went wrong
proves nothing."""

import argparse
import json
import os
import sys
from collections import Counter
from decimal import Decimal

# What the exchange notes of a session; a process says with each of its own which launch it is.
NOTES = {"fault", "rate_limited", "session"}
CLOSING = {"protective_stop", "exit", "partial_exit", "flatten", "target"}


def lines_of(path, account):
    """What happened to the account's orders and sessions, oldest first; of a log that has outgrown
    a file, as far as there is one."""
    found = []
    for part in (f"{path}.1", path):
        if part != path and not os.path.exists(part):
            continue
        with open(part, encoding="utf-8") as lines:
            for line in lines:
                if ('"market_time"' not in line and
                        not any(f'"event":"{note}"' in line for note in NOTES)):
                    continue
                try:
                    event = json.loads(line)
                except json.JSONDecodeError:
                    continue  # the last line, as it is written
                if (event.get("account") == account and
                        event["event"] in {"order", "execution"} | NOTES):
                    found.append(event)
    return found


def events_of(path, account):
    """The same of orders alone."""
    return [line for line in lines_of(path, account) if line["event"] not in NOTES]


def strikes_of(lines):
    """How often the exchange did each thing wrong: its faults by name, and what only shows in what
    came of it."""
    struck = Counter()
    stops = set()
    for line in lines:
        if line["event"] == "fault":
            struck[line["text"]] += 1
        elif line["event"] == "rate_limited":
            struck["rate_limited"] += 1
        elif line["event"] == "execution" and line["fill_quantity"] < line["quantity"]:
            struck["part"] += 1
        elif line["event"] == "order":
            struck[line["kind"]] += 1
        if line.get("purpose") == "protective_stop":
            # One that comes while another works takes its place.
            struck["stop_anew"] += 1 if line["kind"] == "accepted" and stops else 0
            (stops.add if line["status"] == "working" else stops.discard)(line["number"])
    return struck


def executions(events):
    return [(e["purpose"], e["side"], e["fill_quantity"], e["price"], e["market_time"])
            for e in events if e["event"] == "execution"]


def sign(side):
    return 1 if side == "buy" else -1


class Position:
    """From flat to flat, at the exchange."""

    def __init__(self, event):
        self.opened = event["market_time"]
        self.quantity = event["position"]
        self.bare = 0.0  # seconds in all
        self.longest = 0.0
        self.since = None

    def look(self, bare, at):
        if bare and self.since is None:
            self.since = at
        elif not bare and self.since is not None:
            time = at - self.since
            self.bare, self.longest = self.bare + time, max(self.longest, time)
            self.since = None


class Story:
    """What becomes of an account, event by event."""

    def __init__(self, account):
        self.account = account
        self.position = 0
        self.orders = {}  # number -> its last event, of those that work
        self.positions = []
        self.wrong = []
        self.intents = {}  # intent -> orders that were taken
        self.cash = None
        self.start = None
        self.launch = None
        self.deaths = 0  # of processes that had a session
        self.deaths_at_work = 0

    def covered(self):
        side = -1 if self.position > 0 else 1
        return sum(o["quantity"] - o["filled"] for o in self.orders.values()
                   if sign(o["side"]) == side and o["purpose"] in CLOSING)

    def take(self, event):
        if event["event"] == "order" and event["kind"] == "accepted":
            self.take_intent(event)
        if event["event"] == "execution":
            self.take_execution(event)
        if event["status"] == "working":
            self.orders[event["number"]] = event
        else:
            self.orders.pop(event["number"], None)
        if self.positions and self.positions[-1] is not None:
            bare = self.position != 0 and self.covered() < abs(self.position)
            self.positions[-1].look(bare, event["mono"] / 1e9)

    def take_session(self, event):
        """The market waits for the account: what is there when the next process comes was there
        when the one before it died."""
        launch = event.get("text")
        if self.launch is not None and launch != self.launch:
            self.deaths += 1
            self.deaths_at_work += 1 if self.position != 0 or self.orders else 0
        self.launch = launch

    def take_intent(self, event):
        """Of an entry each attempt is one of the same decision."""
        intent = event.get("intent", "")
        if not intent:
            return
        if event["purpose"] == "entry":
            intent = intent.rpartition("/")[0]
        orders = self.intents.setdefault(intent, [])
        orders.append(event["order"])
        if len(orders) > 1:
            self.wrong.append(f"{intent} became {len(orders)} orders: {', '.join(orders)}")

    def take_execution(self, event):
        before, self.position = self.position, event["position"]
        cash, fee = Decimal(event["cash"]), Decimal(event["fee"])
        if self.start is None:
            self.start = cash + fee  # what opens a position costs its fee alone
        self.cash = cash
        if event["purpose"] != "entry" and before * self.position < 0:
            self.wrong.append(f"more was closed than was held: {event['purpose']} "
                              f"{event['order']} made {before} {self.position}")
        if event["purpose"] in CLOSING and before == 0:
            self.wrong.append(f"what closes opened a position: {event['order']}")
        if before == 0 or before * self.position < 0:
            self.positions.append(Position(event))
        self.positions[-1].quantity = max(self.positions[-1].quantity, self.position, key=abs)

    def end(self):
        if self.position == 0 and self.orders:
            self.wrong.append("flat, and orders are left: " +
                              ", ".join(o["order"] for o in self.orders.values()))
        if self.position != 0 and self.covered() < abs(self.position):
            self.wrong.append(f"{self.position} are held at the end, and not covered")
        if self.position != 0 and self.covered() > abs(self.position):
            self.wrong.append(f"{self.position} are held at the end, and {self.covered()} covered")


def compare(story, events, whole, least):
    """What a run did after the other one had ended is not compared."""
    a, b = executions(whole), executions(events)
    same = min(len(a), len(b)) - 2
    if same < least:
        story.wrong.append(f"only {same} executions can be compared, not {least}")
    for i, (one, other) in enumerate(zip(a[:same], b[:same])):
        if one != other:
            story.wrong.append(f"execution {i} differs: {one} undisturbed, {other} here")
            return
    if same <= 0:
        return
    cash = [next(e for i, e in enumerate(e for e in run if e["event"] == "execution")
                 if i == same - 1)["cash"] for run in (whole, events)]
    if cash[0] != cash[1]:
        story.wrong.append(f"after {same} executions there is {cash[1]}, undisturbed {cash[0]}")


def judge(path, account, naked_max=None, whole=None, least=0, net=None, strikes=(), deaths=0,
          deaths_at_work=0):
    lines = lines_of(path, account)
    events = [line for line in lines if line["event"] not in NOTES]
    story = Story(account)
    for line in lines:
        if line["event"] == "session":
            story.take_session(line)
        elif line["event"] not in NOTES:
            story.take(line)
    story.end()
    story.struck = strikes_of(lines)
    for fault in strikes:
        if not story.struck[fault]:
            story.wrong.append(f"the exchange never did wrong by {fault}")
    if story.deaths < deaths:
        story.wrong.append(f"only {story.deaths} processes died, not {deaths}")
    if story.deaths_at_work < deaths_at_work:
        story.wrong.append(f"only {story.deaths_at_work} processes died at work, not "
                           f"{deaths_at_work}")
    for position in story.positions:
        if naked_max is not None and position.longest > naked_max:
            story.wrong.append(f"the position of {position.opened} was not covered for "
                               f"{position.longest:.1f} s, {naked_max:.1f} s are allowed")
    if whole is not None:
        compare(story, events, events_of(whole, account), least)
    won = (story.cash or 0) - (story.start or 0)
    if net is not None and Decimal(net) != won:
        story.wrong.append(f"the exchange says that {won} was won, the account's books {net}")
    return story


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log")
    parser.add_argument("--account", required=True)
    parser.add_argument("--naked-max", type=float)
    parser.add_argument("--whole")
    parser.add_argument("--least", type=int, default=0)
    parser.add_argument("--net")
    parser.add_argument("--strikes", nargs="*", default=[])
    parser.add_argument("--deaths", type=int, default=0)
    parser.add_argument("--deaths-at-work", type=int, default=0)
    words = parser.parse_args()
    story = judge(words.log, words.account, words.naked_max, words.whole, words.least, words.net,
                  words.strikes, words.deaths, words.deaths_at_work)
    for position in story.positions:
        print(f"{position.opened}  {position.quantity:+d}  not covered {position.bare:.3f} s, "
              f"at a time {position.longest:.3f} s")
    longest = max((position.longest for position in story.positions), default=0.0)
    print(f"{len(story.positions)} positions, {len(story.intents)} intents, longest without cover "
          f"{longest:.3f} s")
    struck = ", ".join(f"{name} {count}" for name, count in sorted(story.struck.items()))
    print(f"{story.deaths} deaths, {story.deaths_at_work} at work; {struck}")
    for wrong in story.wrong:
        print(f"wrong: {wrong}")
    return 1 if story.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
