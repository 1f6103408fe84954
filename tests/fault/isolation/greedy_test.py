#!/usr/bin/env python3
"""A worker that takes all it can get of the machine: processes, memory, disk, log. The table says
what each attempt comes to; meanwhile the other accounts' beats come in time, and afterwards nothing
of it is left."""

import errno
import json
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually, landlock_version, main  # noqa: E402
from paper import trader  # noqa: E402

MIB = 1 << 20
CHILDREN = 64
BOMB = 200
# Each attempt is bounded, so that a machine on which it goes through survives the test.
BOT = f"""
import json, os, signal, sys, time

def say(**said):
    with open("said.tmp", "w") as out:
        json.dump(said, out)
    os.rename("said.tmp", "said.json")

def forks():
    end = time.monotonic() + 4
    alive = 0
    while time.monotonic() < end:
        if alive == {CHILDREN}:
            time.sleep(0.01)
        elif os.fork() == 0:
            while True:
                pass
        else:
            alive += 1
    say(alive=alive)

def bomb():
    for _ in range({BOMB}):
        if os.fork() == 0:
            # Out of reach of a signal to the group, and of one that asks.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.setpgid(0, 0)
            try:
                os.setsid()
            except PermissionError:
                pass
            time.sleep(600)
            os._exit(0)
    say(all=True)

def memory():
    held = []
    for _ in range(16):
        held.append(bytearray(os.urandom(4096)) * 4096)
        say(held=sum(map(len, held)))
    time.sleep(600)

def nameless_memory():
    descriptor = os.memfd_create("held")
    for _ in range(96):
        os.write(descriptor, bytes({MIB}))
    say(held=True)

def disk():
    def fill(name, size):
        try:
            with open(name, "wb", buffering=0) as out:
                for _ in range(size >> 20):
                    out.write(bytes({MIB}))
        except OSError as error:
            return error.errno
        return 0
    one = fill("tmp/one", 8 * {MIB})
    many = max(fill(f"tmp/many{{i}}", {MIB}) for i in range(16))
    say(one=one, many=many)

def hoard():
    if not os.path.exists("hoarded"):
        open("hoarded", "w").close()
        for i in range(16):
            with open(f"tmp/many{{i}}", "wb", buffering=0) as out:
                out.write(bytes({MIB}))
        say(hoarded=True)

def fill_and_say(descriptor):
    for _ in range(16):
        os.write(descriptor, bytes({MIB}))
    say(written=True)

def elsewhere():
    path = os.environ["ELSEWHERE"] + "/whole"
    if not os.path.exists("hoarded"):
        open("hoarded", "w").close()
        fill_and_say(os.open(path, os.O_WRONLY | os.O_CREAT))

def nameless():
    if not os.path.exists("hoarded"):
        open("hoarded", "w").close()
        descriptor = os.open("tmp/nameless", os.O_WRONLY | os.O_CREAT)
        os.unlink("tmp/nameless")
        fill_and_say(descriptor)

def flood():
    line = b"x" * 65535 + b"\\n"
    for _ in range(64 * 16):
        os.write(1, line)
    say(written=True)

globals()[sys.argv[1]]()
time.sleep(600)
"""
LIMITS = {
    "forks": "",
    "memory": 'memory_max = "64 MiB"',
    "nameless_memory": 'memory_max = "64 MiB"',
    "bomb": "processes_max = 32",
    "disk": 'file_size_max = "2 MiB"',
    "hoard": 'disk_max = "8 MiB"',
    "elsewhere": 'disk_max = "8 MiB"',
    "nameless": 'disk_max = "8 MiB"',
    "flood": 'stdio_max = "1 MiB"',
}
VICTIMS = ("victim", "trader")


class Beats:
    """Looks at the accounts all the while; the oldest beat that was seen of each."""

    def __init__(self, home):
        self.home = home
        self.worst = dict.fromkeys(VICTIMS, 0.0)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def look(self):
        while not self.over.wait(0.2):
            for name in VICTIMS:
                age = self.home.of(name).get("beat_age_s") or 0.0
                self.worst[name] = max(self.worst[name], age)


class Greedy(unittest.TestCase):
    def test_a_worker_takes_nothing_from_the_others_at_the_version_of_debian_12(self):
        self.of_all(2)

    def test_a_worker_takes_nothing_from_the_others_at_the_kernels_own_version(self):
        self.of_all(landlock_version())

    def of_all(self, version):
        with Home(f"isolation.landlock_max = {version}\n") as home:
            home.account("victim", "[feed]\nspeed = 60\n")
            home.account("trader", trader({"feed.speed": 60}))
            script = home.outside / "bot.py"
            script.write_text(BOT)
            for name, limit in LIMITS.items():
                command = json.dumps(["/usr/bin/python3", str(script), name])
                more = ""
                if name == "elsewhere":
                    home.outside.mkdir(parents=True, exist_ok=True)
                    more = (f'write_paths = ["{home.outside}"]\n'
                            f'environment.ELSEWHERE = "{home.outside}"\n')
                home.account(name, f"command = {command}\nautostart = false\n{more}"
                                   f"[limits]\n{limit}\n")
            home.start()
            before = {name: home.until(name, "RUNNING") for name in VICTIMS}
            with Beats(home) as beats:
                found = {name: getattr(self, f"of_{name}")(home) for name in LIMITS}
            print(f"oldest beats seen: {beats.worst}", flush=True)
            self.assertEqual(found, {
                "forks": "all of them end with the worker",
                "memory": "memory_limit",
                "nameless_memory": "memory_limit",
                "bomb": "process_limit",
                "disk": errno.EFBIG,
                "hoard": "disk_limit",
                "elsewhere": "disk_limit",
                "nameless": "disk_limit",
                "flood": "kept small",
            })
            for name, line in before.items():
                after = home.until(name, "RUNNING")
                self.assertEqual((after["pid"], after["restarts"]), (line["pid"], 0))
                self.assertEqual(home.worker_log(name, "stalled"), [])
            alarms = [line for line in home.events("alarm") if line["worker"] in VICTIMS]
            self.assertEqual(alarms, [])

    def said(self, home, name):
        """Starts it; what it says when it is through."""
        home.ctl("start", name)
        path = home.root / "accounts" / name / "said.json"
        return eventually(lambda: json.loads(path.read_text()), home.story)

    def of_forks(self, home):
        self.assertEqual(self.said(home, "forks"), {"alive": CHILDREN})
        leader = home.of("forks")["pid"]
        self.assertEqual(len(self.session(leader)), CHILDREN + 1)
        home.ctl("stop", "forks")
        eventually(lambda: not self.session(leader), home.story)
        return "all of them end with the worker"

    @staticmethod
    def session(leader):
        """The processes of the session."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            if int(fields[3]) == leader and fields[0] not in "ZX":
                found.append(int(stat.parent.name))
        return found

    def of_memory(self, home, name="memory"):
        self.said(home, name)
        deaths = eventually(lambda: home.explain(name)["detail"]["deaths"], home.story)
        home.ctl("stop", name)
        return deaths[0]["reason"]

    def of_nameless_memory(self, home):
        """A file of memory that no process has mapped."""
        return self.of_memory(home, "nameless_memory")

    def of_bomb(self, home):
        """A tree that multiplies and ignores what it is told is killed whole."""
        home.ctl("start", "bomb")
        leader = eventually(lambda: home.of("bomb")["pid"], home.story)
        deaths = eventually(lambda: home.explain("bomb")["detail"]["deaths"], home.story)
        home.ctl("stop", "bomb")
        eventually(lambda: not self.session(leader), home.story)
        return deaths[0]["reason"]

    def of_hoard(self, home):
        """It is stopped, waits while there is too much, and starts by itself when there is not."""
        home.ctl("start", "hoard")
        line = home.until("hoard", "WAITING", reason="disk_limit")
        self.assertIn("8.0 MiB allowed", line["reason_text"])
        told = [event for event in home.events("alarm") if event["worker"] == "hoard"]
        self.assertIn("disk_limit", [event["reason"] for event in told])
        eventually(lambda: home.of("hoard")["disk_bytes"] > 8 * MIB, home.story)
        for file in (home.root / "accounts" / "hoard" / "tmp").glob("many*"):
            file.unlink()
        home.until("hoard", "RUNNING")
        home.ctl("stop", "hoard")
        return line["reason"]

    def of_elsewhere(self, home):
        """What it may write beside its directory counts as what is in there."""
        home.ctl("start", "elsewhere")
        line = home.until("elsewhere", "WAITING", reason="disk_limit")
        self.assertIn("and its write_paths, 8.0 MiB allowed", line["reason_text"])
        (home.outside / "whole").unlink()
        home.until("elsewhere", "RUNNING")
        home.ctl("stop", "elsewhere")
        return line["reason"]

    def of_nameless(self, home):
        """A file without a name takes room until its process has ended, and not after that."""
        home.ctl("start", "nameless")
        deaths = eventually(lambda: home.explain("nameless")["detail"]["deaths"], home.story)
        home.until("nameless", "RUNNING")
        home.ctl("stop", "nameless")
        return deaths[0]["reason"]

    def of_disk(self, home):
        said = self.said(home, "disk")
        home.ctl("stop", "disk")
        # Of files that are small enough there may be as many as the disk has room for.
        self.assertEqual(said["many"], 0)
        return said["one"]

    def of_flood(self, home):
        self.assertTrue(self.said(home, "flood")["written"])
        logs = home.root / "accounts" / "flood" / "logs"

        def on_disk():
            return sum(file.stat().st_blocks * 512 for file in logs.glob("stdio.log*"))
        # What was written between two looks may be eight times as much.
        eventually(lambda: on_disk() <= 12 * MIB, lambda: f"{on_disk()}\n{home.story()}")
        home.ctl("stop", "flood")
        return "kept small"


if __name__ == "__main__":
    main()
