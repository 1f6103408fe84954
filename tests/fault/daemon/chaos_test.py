#!/usr/bin/env python3
"""Workers and daemon are killed and stopped at random; in the end everything is as it should be.

BULLPEN_TEST_SEED repeats a run; BULLPEN_CHAOS_STRIKES sets how often it strikes (500 in the long
run)."""

import json
import os
import random
import signal
import sys
import time
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, alive, eventually  # noqa: E402

ACCOUNTS = 20
SPARED = 4  # accounts that nobody strikes: what their workers hold open is compared over it all
STRIKES = int(os.environ.get("BULLPEN_CHAOS_STRIKES", "60"))
SETTINGS = """
dead_after = "3 s"
late_after = "2 s"
[restart]
stable_after = "1 s"
budget = 100000
delay = "10 ms"
delay_max = "100 ms"
[feed]
speed = 600
"""


def descriptors(pid):
    """What the process has open, as kinds and how many of each: sockets have numbers of their own,
    and files of a folder take each other's place."""
    kinds = Counter()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(link)
        except OSError:
            continue  # closed meanwhile
        kinds[os.path.dirname(target) if target.startswith("/") else target.split("[")[0] +
              target.partition("[")[2].strip("0123456789[]")] += 1
    return kinds


def grown(pid, before):
    """The kinds of which there are more than before, by more than what comes and goes."""
    return {kind: (before[kind], count) for kind, count in descriptors(pid).items()
            if count > before[kind] + 2}


class Chaos(unittest.TestCase):
    def strike(self, home, chance, struck, daemon_dies):
        """One blow; returns what it was."""
        roll = chance.random()
        if roll < 0.08 and daemon_dies:
            home.kill_daemon()
            home.start(wait=chance.random() < 0.5)
            return "daemon killed"
        if roll < 0.16:
            return self.stand_still(home, chance, struck)
        return self.strike_worker(home, chance, struck, roll < 0.33)

    def strike_worker(self, home, chance, struck, only_stop):
        pids = [line["pid"] for line in home.status()["accounts"]
                if line.get("pid") and line["account"] in struck]
        if not pids:
            return "nobody there"
        pid = chance.choice(pids)
        number = signal.SIGSTOP if only_stop else signal.SIGKILL
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return "gone already"
        return f"{number.name} {pid}"

    def stand_still(self, home, chance, struck):
        """The daemon hangs, for less or more than a worker may be silent, while workers die."""
        os.kill(home.daemon.pid, signal.SIGSTOP)
        try:
            for _ in range(chance.randrange(3)):
                self.strike_worker(home, chance, struck, only_stop=False)
            time.sleep(chance.uniform(0.0, 4.0))
        finally:
            os.kill(home.daemon.pid, signal.SIGCONT)
        return "daemon stopped"

    def storm(self, home, chance, struck, daemon_dies):
        for _ in range(STRIKES // 2):
            self.strike(home, chance, struck, daemon_dies)
            time.sleep(chance.uniform(0.0, 0.1))  # the dose of chaos, not a wait for anything

    def test_everything_is_well_after_random_kills_and_stops(self):
        seed = int(os.environ.get("BULLPEN_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}, {STRIKES} strikes", file=sys.stderr)
        chance = random.Random(seed)
        names = [f"acc{i:02}" for i in range(ACCOUNTS)]
        struck = names[SPARED:]
        with Home("storm_deaths_max = 0\n") as home:
            for name in names:
                home.account(name, SETTINGS)
            home.start()
            lines = {name: home.until(name, "RUNNING", deadline=60) for name in names}
            fences = {name: lines[name]["fence"] for name in names}
            spared = {name: lines[name]["pid"] for name in names[:SPARED]}
            held = {name: descriptors(pid) for name, pid in spared.items()}
            before = descriptors(home.daemon.pid)

            # A daemon that lives through it all, having launched every worker it began with.
            self.storm(home, chance, struck, daemon_dies=False)
            self.everyone_runs(home, names, fences)
            self.nothing_is_left_open(home.daemon.pid, "bullpend", before)

            self.storm(home, chance, struck, daemon_dies=True)
            # Quiet again: a daemon that saw nothing starts, and everyone comes back.
            home.kill_daemon()
            home.start()
            self.everyone_runs(home, names, fences)
            self.one_worker_each(home, names)
            self.logs_are_their_own(home, names)
            lived = [name for name, pid in spared.items() if home.of(name)["pid"] == pid]
            self.assertTrue(lived, home.story())
            for name in lived:
                self.nothing_is_left_open(spared[name], name, held[name])
            watched = descriptors(home.daemon.pid)["anon_inode:pidfd"]
            self.assertLessEqual(watched, ACCOUNTS)

    def everyone_runs(self, home, names, fences):
        for name in names:
            line = home.until(name, "RUNNING", deadline=90)
            self.assertGreaterEqual(line["fence"], fences[name], name)

    def nothing_is_left_open(self, pid, who, before):
        eventually(lambda: not grown(pid, before),
                   lambda: f"{who} holds more of these than before: {grown(pid, before)}")

    def one_worker_each(self, home, names):
        owner = {}
        for pid in home.worker_pids():
            for part in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                if part.startswith(b"BULLPEN_ACCOUNT="):
                    owner.setdefault(part.split(b"=", 1)[1].decode(), []).append(pid)
        self.assertEqual(sorted(owner), names)
        for name, pids in owner.items():
            self.assertEqual(pids, [home.of(name)["pid"]], name)

    def logs_are_their_own(self, home, names):
        lines = 0
        for name in names:
            for path in (home.root / "accounts" / name / "logs").glob("worker.log*"):
                for line in path.read_text().splitlines():
                    self.assertEqual(json.loads(line)["account"], name, path)
                    lines += 1
        self.assertGreater(lines, ACCOUNTS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
