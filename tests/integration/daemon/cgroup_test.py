#!/usr/bin/env python3
"""Control groups as a kernel keeps them: what it lets an account have of processes, memory and
processor time, and what becomes of whom it ends. It runs as root on a machine whose kernel has the
controllers in version 2; what the daemon writes to them, means_test.py shows on any."""

import errno
import json
import os
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually, main  # noqa: E402

HIERARCHY = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "cpu", "pids")
BOT = """
import json, os, signal, sys, time

def say(**said):
    with open("said.tmp", "w") as out:
        json.dump(said, out)
    os.rename("said.tmp", "said.json")

def bomb():
    children = 0
    try:
        for _ in range(200):
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
            children += 1
    except OSError as error:
        say(children=children, errno=error.errno)

def memory():
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    say(child=child)
    held = [bytearray(os.urandom(1 << 20)) for _ in range(400)]

def spin():
    say(begun=True)
    while True:
        pass

def escape():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 64)
            say(escaped=os.getpid())
            time.sleep(600)
        os._exit(0)

globals()[sys.argv[1]]()
time.sleep(600)
"""


def kernel_keeps_them():
    try:
        given = (HIERARCHY / "cgroup.controllers").read_text().split()
    except OSError:
        return False
    return os.geteuid() == 0 and set(CONTROLLERS) <= set(given)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@unittest.skipUnless(kernel_keeps_them(), "this kernel's control groups are not of version 2")
class ControlGroups(unittest.TestCase):
    def setUp(self):
        """A directory as a service manager delegates one."""
        top = HIERARCHY / f"bullpen-test-{os.getpid()}-{time.monotonic_ns()}"
        self.groups = top / "workers"
        self.groups.mkdir(parents=True)
        for directory in (HIERARCHY, top):
            (directory / "cgroup.subtree_control").write_text(
                " ".join(f"+{name}" for name in CONTROLLERS))
        home = self.home = Home(f'isolation.cgroups = "{self.groups}"\n')
        self.addCleanup(self.remove, top)
        self.addCleanup(home.end)
        (home.outside / "bot.py").write_text(BOT)
        home.account("victim", "[feed]\nspeed = 60\n")

    @staticmethod
    def remove(top):
        for directory, _, _ in os.walk(top, topdown=False):
            (Path(directory) / "cgroup.kill").write_text("1")
            eventually(lambda directory=directory: not (
                Path(directory) / "cgroup.procs").read_text(), f"{directory} has processes")
            os.rmdir(directory)

    def begin(self, word, limits, more=""):
        command = json.dumps(["/usr/bin/python3", str(self.home.outside / "bot.py"), word])
        self.home.account("greedy", f'command = {command}\nheartbeat = "none"\n{more}'
                                    f"[restart]\nbudget = 1\n[limits]\n{limits}\n")
        self.home.start()
        self.victim = self.home.until("victim", "RUNNING")

    def said(self):
        path = self.home.root / "accounts/greedy/said.json"
        return eventually(lambda: json.loads(path.read_text()), self.home.story)

    def unharmed(self):
        after = self.home.until("victim", "RUNNING")
        # A very slow machine may have let it start a second time before any of this began.
        for fact in ("pid", "restarts"):
            self.assertEqual(after[fact], self.victim[fact])

    def members(self, name):
        return [int(pid) for pid in (self.groups / name / "cgroup.procs").read_text().split()]

    def test_each_worker_runs_in_a_group_of_its_own_and_status_says_so(self):
        self.begin("spin", "")
        self.said()
        for name in ("victim", "greedy"):
            self.assertEqual(self.members(name), [self.home.of(name)["pid"]])
        self.assertEqual(self.home.status()["daemon"]["cgroups"], "in_force")

    def test_no_more_processes_begin_than_an_account_may_have(self):
        self.begin("bomb", "processes_max = 20")
        self.assertEqual(self.said(), {"children": 19, "errno": errno.EAGAIN})
        self.unharmed()

    def test_who_takes_too_much_memory_is_ended_with_its_tree_and_nobody_else(self):
        self.begin("memory", 'memory_max = "64 MiB"\nprocesses_max = 0')
        child = self.said()["child"]
        deaths = eventually(lambda: self.home.explain("greedy")["detail"]["deaths"],
                            self.home.story)
        self.assertEqual(deaths[0]["reason"], "memory_limit")
        eventually(lambda: not alive(child), self.home.story)
        self.unharmed()

    def test_a_worker_gets_no_more_processor_time_than_it_may(self):
        self.begin("spin", "cpu_max = 20")
        self.said()

        def throttled():
            stat = dict(line.split() for line in
                        (self.groups / "greedy/cpu.stat").read_text().splitlines())
            return stat if int(stat["nr_throttled"]) >= 10 else None
        stat = eventually(throttled, self.home.story)
        # 20 ms of each 100; a tick more or less in each.
        self.assertLess(int(stat["usage_usec"]), int(stat["nr_periods"]) * 30_000 + 1_000_000)
        self.unharmed()

    def test_what_left_its_session_is_gone_before_the_next_worker_begins(self):
        self.begin("escape", "", 'permit = ["setsid"]\n')
        escaped = self.said()["escaped"]
        self.assertIn(escaped, self.members("greedy"))
        before = self.home.of("greedy")["pid"]
        self.home.ctl("restart", "greedy")
        self.home.until_restarted("greedy", before)
        self.assertFalse(alive(escaped))

    def test_the_group_of_an_account_that_is_gone_is_removed(self):
        self.begin("spin", "")
        self.said()
        self.home.ctl("remove", "greedy", "--flat")

        def removed():
            # A launch is when the daemon looks.
            self.home.ctl("restart", "victim")
            return not (self.groups / "greedy").exists()
        eventually(removed, self.home.story)
        self.assertTrue((self.groups / "victim").exists())


if __name__ == "__main__":
    main()
