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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, alive, eventually  # noqa: E402

ACCOUNTS = 20
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
    return sorted(os.readlink(p) for p in Path(f"/proc/{pid}/fd").iterdir() if p.exists())


class Chaos(unittest.TestCase):
    def strike(self, home, chance):
        """One blow; returns what it was."""
        roll = chance.random()
        if roll < 0.08:
            home.kill_daemon()
            home.start(wait=chance.random() < 0.5)
            return "daemon killed"
        pids = [line["pid"] for line in home.status()["accounts"] if line.get("pid")]
        if not pids:
            return "nobody there"
        pid = chance.choice(pids)
        number = signal.SIGSTOP if roll < 0.25 else signal.SIGKILL
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return "gone already"
        return f"{number.name} {pid}"

    def test_everything_is_well_after_random_kills_and_stops(self):
        seed = int(os.environ.get("BULLPEN_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}, {STRIKES} strikes", file=sys.stderr)
        chance = random.Random(seed)
        names = [f"acc{i:02}" for i in range(ACCOUNTS)]
        with Home("storm_deaths_max = 0\n") as home:
            for name in names:
                home.account(name, SETTINGS)
            home.start()
            for name in names:
                home.until(name, "RUNNING", deadline=60)
            before = descriptors(home.daemon.pid)
            fences = {name: home.of(name)["fence"] for name in names}
            for _ in range(STRIKES):
                self.strike(home, chance)
                time.sleep(chance.uniform(0.0, 0.1))  # the dose of chaos, not a wait for anything

            # Quiet again: a daemon that saw all starts itself, and everyone comes back.
            home.kill_daemon()
            home.start()
            for name in names:
                line = home.until(name, "RUNNING", deadline=90)
                self.assertGreaterEqual(line["fence"], fences[name], name)
            self.one_worker_each(home, names)
            self.logs_are_their_own(home, names)
            self.descriptors_are_as_before(home, before)

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

    def descriptors_are_as_before(self, home, before):
        # An adopted worker is watched by one descriptor more; beyond these none may have come.
        def kinds(paths):
            return len([p for p in paths if p != "anon_inode:[pidfd]"])
        eventually(lambda: kinds(descriptors(home.daemon.pid)) <= kinds(before) + 2,
                   lambda: f"{before}\n{descriptors(home.daemon.pid)}")
        watched = descriptors(home.daemon.pid).count("anon_inode:[pidfd]")
        self.assertLessEqual(watched, ACCOUNTS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
