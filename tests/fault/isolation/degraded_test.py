#!/usr/bin/env python3
"""Where a feature of the kernel is not there, or not wanted, workers run with what is left, and
everything that shows how they are confined says so."""

import errno
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually, main  # noqa: E402

# Tries what Landlock keeps from it, and what the filter does; "name error" as JSON, 0 for done.
BOT = """
import json, os, sys, time
other, pid = sys.argv[1], int(sys.argv[2])

def read():
    with open(other, "rb") as file:
        file.read(1)

def attempt(what):
    try:
        what()
        return 0
    except OSError as error:
        return error.errno

said = {
    "read": attempt(read),
    "cut": attempt(lambda: os.truncate(other, 1 << 20)),
    "mode": attempt(lambda: os.chmod(other, 0o600)),
    "priority": attempt(lambda: os.setpriority(os.PRIO_PROCESS, pid,
                                               os.getpriority(os.PRIO_PROCESS, pid))),
}
with open("said.tmp", "w") as out:
    json.dump(said, out)
os.rename("said.tmp", "said.json")
time.sleep(600)
"""


class Degraded(unittest.TestCase):
    def said(self, settings, line, landlock, seccomp):
        """What an account got of another with these settings, once all say how it is confined."""
        with Home(settings) as home:
            home.account("victim")
            home.start()
            victim = home.until("victim", "RUNNING")
            other = home.root / "accounts" / "victim" / "bait"
            other.write_text("x")
            script = home.outside / "bot.py"
            script.write_text(BOT)
            command = ["/usr/bin/python3", str(script), str(other), str(victim["pid"])]
            home.account("mallory", f"command = {json.dumps(command)}\n")
            home.ctl("update")
            answers = home.root / "accounts" / "mallory" / "said.json"
            eventually(answers.exists, home.story)
            for shown in (home.of("mallory"), home.until("victim", "RUNNING"),
                          home.status()["daemon"]):
                self.assertEqual(shown["isolation"]["seccomp"], seccomp)
                self.assertEqual(shown["isolation"]["landlock"] > 0, landlock)
            self.assertIn(line, home.ctl("status", check=False).stdout)
            told = home.explain("mallory")
            self.assertIn("Landlock", json.dumps(told))
            events = home.events("isolation_degraded")
            self.assertEqual({(event["landlock"] > 0, event["seccomp"]) for event in events},
                             {(landlock, seccomp)})
            return json.loads(answers.read_text())

    def test_without_landlock_files_are_open_and_the_filter_holds(self):
        said = self.said("isolation.landlock_max = 0\n",
                         "workers are not confined: no Landlock, system calls filtered; each can "
                         "read the others' files", False, True)
        self.assertEqual(said, {"read": 0, "cut": errno.EPERM, "mode": errno.EPERM,
                                "priority": errno.EPERM})

    def test_without_the_filter_landlock_holds(self):
        said = self.said("isolation.seccomp = false\n", "workers are not fully confined: Landlock ",
                         True, False)
        # Of version 2 whoever may not write a file may cut it; modes are nobody's.
        self.assertEqual(said["read"], errno.EACCES)
        self.assertIn(said["cut"], (0, errno.EACCES))
        self.assertEqual((said["mode"], said["priority"]), (0, 0))

    def test_without_either_a_worker_runs_as_any_program_of_its_user(self):
        said = self.said("isolation.landlock_max = 0\nisolation.seccomp = false\n",
                         "workers are not confined: no Landlock, system calls not filtered",
                         False, False)
        self.assertEqual(said, {"read": 0, "cut": 0, "mode": 0, "priority": 0})


if __name__ == "__main__":
    main()
