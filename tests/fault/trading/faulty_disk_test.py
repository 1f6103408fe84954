#!/usr/bin/env python3
"""A worker that trades on a disk without room, with writes half done, with a sync that fails and
with power cuts that take what was not synced: no order is at the exchange without its record on the
disk, no decision has two orders, and no position is left without a stop. The exchange's own log is
the judge; what was left of the journal at each power cut was put aside in that moment."""

import json
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
restart.delay = "50 ms"
restart.delay_max = "50 ms"
restart.budget = 100000
"""
# No step of the market before its account is done with the one before.
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
DEADLINE = 800.0  # seconds; of a whole run
TRADES = 8
# What the disk does, one after the other (tests/support/faulty_disk.cpp). The first sync of a
# process is that of its start, the second that of an entry, or of its exit, the third of its stop.
CUTS = ["power 2 0", "power 2 1", "power 2 2", "power 2 4", "power 3 0", "power 3 1", "power 3 3",
        "power 4 0", "power 4 2", "power 5 1"]
FAULTS = ["no_space 30 4", "short 12", "no_space 40 1", "short 7", "short 33", "no_space 21 2",
          "sync 3"]


def journal(home):
    """The exchange's own log of orders and executions."""
    path = home.root / "venue" / "venue.jsonl"
    events = []
    for line in path.read_text().splitlines() if path.exists() else []:
        if '"event":"order"' in line or '"event":"execution"' in line:
            try:
                events.append(json.loads(line))
            except json.JSONDecodeError:
                pass  # the last line, as it is written
    return events


def executions(events):
    return [event for event in events if event["event"] == "execution"]


def wrapped(home):
    """A worker with the failing disk in front of the system's."""
    script = home.root / "worker"
    script.write_text("#!/bin/sh\n"
                      f"export LD_PRELOAD='{BIN}/libbullpen-faulty-disk.so'\n"
                      # A sanitized worker would want to be in front of what is preloaded.
                      "export ASAN_OPTIONS=verify_asan_link_order=0\n"
                      "export FAULTY_DISK=\"$BULLPEN_ACCOUNT_DIR/tmp/disk\"\n"
                      f"exec '{BIN}/bullpen-worker' \"$@\"\n")
    script.chmod(0o700)
    return f'worker_program = "{script}"\nstorm_deaths_max = 0\n'


class FaultyDisk(unittest.TestCase):
    def trade(self, faults):
        """Trades through all faults, and `TRADES` times after them; the exchange's log, and for
        each power cut when it was and what it left."""
        with Home() as home:
            home.settings(wrapped(home))
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT)
            disk = home.root / "accounts" / "anna" / "tmp" / "disk"
            disk.parent.mkdir(parents=True, mode=0o700)
            for directory in (disk.parent, disk.parent.parent, disk.parent.parent.parent):
                directory.chmod(0o700)
            disk.write_text("".join(fault + "\n" for fault in faults))
            since = None

            def enough():
                nonlocal since
                if disk.read_text().strip():
                    return False
                done = len(executions(journal(home)))
                since = done if since is None else since
                return done >= since + 2 * TRADES

            home.start()
            eventually(enough, lambda: f"left: {disk.read_text()}\n{home.of('anna')}\n"
                       f"{home.story()}", DEADLINE)
            home.ctl("flatten", "anna")
            line = home.of("anna")
            home.ctl("stop", "all")
            left = {int(path.suffix[1:]): path.read_bytes()
                    for path in disk.parent.glob("disk.left.*")}
            return journal(home), left, line

    def judge(self, events, line):
        orders, bare, worst = {}, None, 0.0
        for event in events:
            accepted = event["event"] == "order" and event["kind"] == "accepted"
            if accepted and event["purpose"] == "entry":
                decision = event["intent"].rpartition("/")[0]
                orders.setdefault(decision, []).append(event["order"])
            if event["event"] == "execution" and event["purpose"] == "entry":
                bare = event["mono"]
            if accepted and event["purpose"] == "protective_stop" and bare is not None:
                worst, bare = max(worst, (event["mono"] - bare) / 1e9), None
            if event["event"] == "execution" and event["position"] == 0:
                bare = None
        self.assertEqual({k: v for k, v in orders.items() if len(v) > 1}, {})
        self.assertGreaterEqual(len(orders), TRADES)
        self.assertLess(worst, 30)
        self.assertEqual([e["position"] for e in events if e["event"] == "execution"][-1], 0)
        self.assertEqual(line["quantity"], 0)

    def test_a_power_cut_takes_no_record_of_an_order_that_is_at_the_exchange(self):
        events, left, line = self.trade(CUTS)
        self.assertEqual(len(left), len(CUTS))
        seen = 0
        for at, records in left.items():
            for event in events:
                if event["event"] == "order" and event["kind"] == "accepted" and \
                        event["mono"] < at:
                    self.assertIn(event["order"].encode(), records)
                    seen += 1
        self.assertGreater(seen, 0)
        self.judge(events, line)

    def test_a_disk_that_is_full_or_fails_stops_orders_and_not_what_protects_them(self):
        events, _, line = self.trade(FAULTS)
        self.judge(events, line)


if __name__ == "__main__":
    unittest.main()
