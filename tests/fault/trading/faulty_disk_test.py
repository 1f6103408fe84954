#!/usr/bin/env python3
"""A worker that trades on a disk without room, with writes half done, with a sync that fails and
with power cuts that take what was not synced: no order is at the exchange without its record on the
disk, no decision has two orders, no position is left without a stop, and the state file is the old
one or the new one. The exchange's own log is the judge; what was left of the journal, or of the
state file, at each power cut was put aside in that moment."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402
from paper import lockstep, trader  # noqa: E402
from state_file import is_sealed  # noqa: E402
from venue_judge import Story  # noqa: E402

ACCOUNT = trader({"events.on_unknown": None, "feed.speed": 60, "risk.fast_market": False,
                  "strategy.holding_max": "10 min", "orders.absent_after": "2 s",
                  "orders.answer_wait": "1 s", "restart.delay": "50 ms",
                  "restart.delay_max": "50 ms", "restart.budget": 100000})
VENUE = lockstep("anna")
DEADLINE = 800.0  # seconds; of a whole run
TRADES = 8
# What the disk does, one after the other (tests/support/faulty_disk.cpp). The first sync of a
# process is that of its start, the second that of an entry, or of its exit, the third of its stop.
CUTS = ["power 2 0", "power 2 1", "power 2 2", "power 2 4", "power 3 0", "power 3 1", "power 3 3",
        "power 4 0", "power 4 2", "power 5 1"]
FAULTS = ["no_space 30 4", "short 12", "no_space 40 1", "short 7", "short 33", "no_space 21 2",
          "sync 3"]
# Of the state file: whatever is done to it while it is replaced (write, sync, link, two renames,
# sync of the directory), with the names as they were and as they were to be.
STATE_CUTS = ["state power 5 1", "state power 1 0", "state power 2 0", "state power 3 0",
              "state power 4 0", "state power 5 0", "state power 6 0", "state power 6 1"]
STATE_FAULTS = ["state no_space 1 2", "state short 1", "state sync 1", "state directory 1"]


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


def faulty(home, faults):
    """The file that says what anna's disk does."""
    disk = home.root / "accounts" / "anna" / "tmp" / "disk"
    disk.parent.mkdir(parents=True, mode=0o700)
    for directory in (disk.parent, disk.parent.parent, disk.parent.parent.parent):
        directory.chmod(0o700)
    disk.write_text("".join(fault + "\n" for fault in faults))
    return disk


class FaultyDisk(unittest.TestCase):
    def trade(self, faults):
        """Trades through all faults, and `TRADES` times after them; the exchange's log, and for
        each power cut when it was and what it left."""
        with Home() as home:
            home.settings(wrapped(home))
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT)
            disk = faulty(home, faults)
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
            self.replayed = json.loads(home.ctl("--json", "replay", "anna").stdout)
            self.recovered = home.worker_log("anna", "recovered")
            left = {int(path.suffix[1:]): path.read_bytes()
                    for path in disk.parent.glob("disk.left.*")}
            return journal(home), left, line

    def judge(self, events, line):
        story = Story("anna")
        for event in events:
            story.take(event)
        story.end()
        self.assertEqual(story.wrong, [])
        entries = [intent for intent in story.intents if intent.endswith("/entry")]
        self.assertGreaterEqual(len(entries), TRADES)
        self.assertLess(max(position.longest for position in story.positions), 30)
        self.assertEqual((story.position, line["quantity"]), (0, 0))

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

    def check_state(self, text):
        self.assertTrue(is_sealed(text), text[:100])
        return json.loads(text)

    def test_a_power_cut_at_any_step_leaves_the_old_state_or_the_new_one(self):
        events, left, line = self.trade(STATE_CUTS)
        self.assertEqual(len(left), len(STATE_CUTS))
        states = [self.check_state(left[at]) if left[at] else None for at in sorted(left)]
        # Before the first one there was none; from then on there is always one, and never an older
        # one than before.
        self.assertGreaterEqual(len([state for state in states if state]), len(STATE_CUTS) - 1)
        known = [state["header"]["journal_sequence"] for state in states if state]
        self.assertEqual(known, sorted(known))
        self.assertNotIn("previous", {one["state"] for one in self.recovered})
        # What the account knows is what its journal says.
        self.assertEqual(set(self.replayed["state_file"]["same"].values()), {True})
        self.judge(events, line)

    def test_a_state_that_cannot_be_written_costs_no_order_and_no_record(self):
        events, _, line = self.trade(STATE_FAULTS)
        self.assertEqual(set(self.replayed["state_file"]["same"].values()), {True})
        self.judge(events, line)

    def test_an_order_to_halt_is_done_when_the_disk_has_it(self):
        with Home() as home:
            home.settings(wrapped(home))
            home.account("anna", trader({"feed.speed": 60}))
            # The first write is that of the start.
            disk = faulty(home, ["state no_space 2 2"])
            home.start()
            home.until("anna", "RUNNING", mode="active")
            home.ctl("--timeout", "60s", "halt", "anna")
            state = json.loads((home.root / "accounts" / "anna" / "state.json").read_text())
            self.assertEqual(state["data"]["latch"]["mode"], "halted")
            self.assertEqual(disk.read_text(), "")

    def test_a_disk_that_is_full_or_fails_stops_orders_and_not_what_protects_them(self):
        events, _, line = self.trade(FAULTS)
        self.judge(events, line)


if __name__ == "__main__":
    unittest.main()
