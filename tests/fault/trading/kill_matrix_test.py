#!/usr/bin/env python3
"""A worker that is killed at any named point of the order path trades as one that is not: the same
executions at the exchange, one order for each decision, and no position left without a stop. The
exchange's own log is the judge; the market waits for the worker, so that both runs see the same."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402

ACCOUNT = """
trading = "on"
feed.instrument = "MES"
feed.seed = 11
feed.history = 1500
feed.speed = 60
session.trade_uncovered_days = true
risk.daily_loss_max = 100000
risk.approach = "off"
risk.fast_market = false
strategy.holding_max = "10 min"
orders.absent_after = "2 s"
orders.answer_wait = "1 s"
restart.delay = "100 ms"
restart.delay_max = "100 ms"
restart.budget = 10000
"""
DAEMON = f"""
worker_program = "{BIN}/bullpen-worker-killable"
storm_deaths_max = 0
"""
# The account's own market, and no step of it before the account is done with the one before.
VENUE = """
fsync = "never"
lockstep_accounts = ["anna"]
lockstep_wait_ms = 600000

[market.mes]
source = "synthetic"
pace = "lockstep"
instrument = "MES"
seed = 11
history = 1500
"""
# Where a process dies. Before a start is recorded there
# is nothing yet that could go wrong, and dying there again and again would be no progress.
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
TRADES = int(os.environ.get("BULLPEN_KILL_TRADES", "45"))
DEADLINE = 800.0  # seconds; of a whole run


def journal(home):
    """The exchange's own log."""
    path = home.root / "venue" / "venue.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    events = []
    for line in lines:
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            pass  # the last line, as it is written
    return events


def executions(events):
    return [(e["purpose"], e["side"], e["fill_quantity"], e["price"], e["market_time"])
            for e in events if e["event"] == "execution"]


def run(schedule):
    """Trades until the exchange has seen enough; returns its log and what was left of the
    schedule."""
    with Home() as home:
        home.settings(DAEMON)
        (home.root / "venue.toml").write_text(VENUE)
        home.account("anna", ACCOUNT)
        kill = home.root / "accounts" / "anna" / "tmp" / "kill"
        kill.parent.mkdir(parents=True, mode=0o700)
        for directory in (kill.parent, kill.parent.parent, kill.parent.parent.parent):
            directory.chmod(0o700)
        kill.write_text("".join(f"{point} {count}\n" for point, count in schedule))
        home.start()

        def enough():
            text = kill.read_text()
            return len(executions(journal(home))) >= 2 * TRADES and not text.strip()

        eventually(enough, lambda: f"left: {kill.read_text()}\n"
                   f"{len(executions(journal(home)))} executions\n{home.of('anna')}\n"
                   f"{home.story()}", DEADLINE)
        home.ctl("flatten", "anna")
        line = home.of("anna")
        home.ctl("stop", "all")
        return journal(home), line


class KillMatrix(unittest.TestCase):
    def test_whoever_dies_at_any_point_of_the_order_path_trades_as_if_it_had_not(self):
        whole, _ = run([])
        killed, line = run([(point, 1) for point in POINTS])
        self.assertGreaterEqual(line["restarts"], len(POINTS))
        self.assertEqual(line["quantity"], 0)
        # What both saw of the market; what a run did after the other had ended is not compared.
        a, b = executions(whole), executions(killed)
        same = min(len(a), len(b)) - 2
        self.assertGreaterEqual(same, 2 * TRADES - 2)
        self.assertEqual(a[:same], b[:same])
        self.judge(killed)

    def judge(self, events):
        orders, bare, worst = {}, None, 0.0
        for event in events:
            if event["event"] == "order" and event["kind"] == "accepted" and \
                    event["purpose"] == "entry":
                decision = event["intent"].rpartition("/")[0]
                orders.setdefault(decision, []).append(event["order"])
            if event["event"] == "execution" and event["purpose"] == "entry":
                bare = event["mono"]
            if event["event"] == "order" and event["kind"] == "accepted" and \
                    event["purpose"] == "protective_stop" and bare is not None:
                worst, bare = max(worst, (event["mono"] - bare) / 1e9), None
            if event["event"] == "execution" and event["position"] == 0:
                bare = None
        doubled = {decision: ids for decision, ids in orders.items() if len(ids) > 1}
        self.assertEqual(doubled, {})
        print(f"longest without a stop behind a position: {worst:.1f} s, "
              f"{len(orders)} decisions to enter")
        self.assertLess(worst, 30)
        self.assertEqual([e["position"] for e in events if e["event"] == "execution"][-1], 0)


if __name__ == "__main__":
    unittest.main()
