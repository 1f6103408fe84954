#!/usr/bin/env python3
"""Files of run/ and locks/ that are lost, under a daemon and without one: fences grow all the same,
and whatever the daemon needs there is made again, aloud."""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402

GAP = 100_000  # that fences leave where nobody says which were used: more than any block of them


def alarms(home, words):
    return [line["sentence"] for line in home.events("alarm") if words in line["sentence"]]


class Fences(unittest.TestCase):
    def end_all(self, home):
        """As a power cut would."""
        home.kill_daemon()
        for pid in home.worker_pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        eventually(lambda: not home.worker_pids(), home.story)

    def used(self, home):
        line = home.until("alpha", "RUNNING")
        return line["fence"], line["launch"]

    def test_fences_and_launches_grow_when_run_and_locks_are_lost(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            for _ in range(3):
                home.until("alpha", "RUNNING")
                home.ctl("restart", "alpha")
            fence, launch = self.used(home)
            self.end_all(home)
            home.lose("run")
            home.lose("locks")
            home.start()
            again = self.used(home)
            self.assertGreater(again[0], fence)
            self.assertGreaterEqual(again[1], launch)
            self.assertTrue(home.events("numbers_recovered"))
            eventually(lambda: alarms(home, "run/launches was lost"), home.story)

    def test_a_home_that_keeps_its_accounts_alone_goes_on_above_their_state_files(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            # An orderly end writes the state file, and what it was given with it.
            home.ctl("restart", "alpha")
            fence, launch = self.used(home)
            home.ctl("stop", "alpha")
            self.end_all(home)
            home.lose("run")
            home.lose("locks")
            (home.root / "fences").unlink()
            self.assertIn(f'"fence":{fence}', (home.root / "accounts/alpha/state.json").read_text())
            home.start()
            again = self.used(home)
            self.assertGreater(again[0], fence + GAP)
            self.assertGreater(again[1], launch)

    def test_a_program_without_a_state_file_gets_greater_fences_too(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            fence, _ = self.used(home)
            self.end_all(home)
            home.lose("run")
            home.lose("locks")
            (home.root / "fences").unlink()
            home.start()
            self.assertGreater(self.used(home)[0], fence + GAP)

    def test_a_new_home_begins_at_the_beginning_and_says_nothing(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            self.assertLess(self.used(home)[0], 100)
            self.assertEqual(home.events("numbers_recovered"), [])
            home.kill_daemon()
            home.start()
            home.until("alpha", "RUNNING")
            self.assertEqual(home.events("numbers_recovered"), [])
            self.assertEqual(alarms(home, "lost"), [])


class Removed(unittest.TestCase):
    def test_a_worker_lost_while_no_daemon_ran_gets_its_crash_bundle(self):
        with Home() as home:
            home.account("alpha", "[feed]\nspeed = 3600\n")
            home.start()
            before = home.until("alpha", "RUNNING")
            home.kill_daemon()
            os.kill(before["pid"], signal.SIGKILL)
            eventually(lambda: not alive(before["pid"]), "alpha dead")
            home.start()
            home.until_restarted("alpha", before["pid"])
            bundle = Path(eventually(lambda: home.events("crash_bundle"), home.story)[0]["path"])
            facts = json.loads((bundle / "facts.json").read_text())
            self.assertEqual((facts["reason"], facts["why"]),
                             ("lost_while_unsupervised", "no exit status known"))
            for key in ("pid", "launch", "fence"):
                self.assertEqual(facts[key], before[key], key)
            # Of the one that died, not of the one that came after it.
            launches = {json.loads(line).get("launch")
                        for line in (bundle / "worker.log").read_text().splitlines()}
            self.assertEqual({str(launch) for launch in launches}, {str(before["launch"])})
            self.assertTrue((bundle / "stdio.log").exists())

    def test_what_is_removed_from_run_is_made_again_and_told(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            home.start()
            names = ("alpha", "beta")
            before = {name: home.until(name, "RUNNING")["pid"] for name in names}
            home.ctl("stop", "beta")
            home.lose("run")
            said = eventually(lambda: alarms(home, "files of run/ are gone"), home.story)[0]
            for name in ("bullpend.lock", "shown/board", "launches", "cookie", "lease", "control",
                         "events"):
                self.assertIn(name, said)
                eventually((home.root / "run" / name).exists, home.story)
            # The board, the commands and the worker's connection are as they were.
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], before["alpha"])
            home.until("beta", "STOPPED", reason="operator_stop")
            home.ctl("restart", "alpha")
            after = home.until("alpha", "RUNNING")["pid"]
            eventually(lambda: home.of("alpha")["beat_age_s"] is not None, home.story)
            # Nobody else may have the home, and the next daemon knows what this one knew.
            self.assertEqual(home.start(wait=False).wait(timeout=30), 77)
            home.daemon = None
            home.ctl("shutdown", "--keep-workers")
            home.start()
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], after)
            home.until("beta", "STOPPED", reason="operator_stop")

    def test_lock_files_that_are_removed_are_taken_again_and_told(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            home.start()
            before = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
            home.lose("locks")

            def told():
                return " ".join(alarms(home, "they are locked again")).split()
            eventually(lambda: {"alpha", "beta"} <= set(told()), home.story)
            for name, pid in before.items():
                facts = json.loads((home.root / f"locks/account_{name}.lock").read_text())
                self.assertEqual((facts["pid"], facts["account"]), (pid, name))
                self.assertEqual(home.until(name, "RUNNING")["pid"], pid)
            # A second process is kept out, by hand too.
            done = subprocess.run([BIN / "bullpen-worker", "run", "--home", home.root, "--account",
                                   "alpha"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 77, done.stderr)
            # Each loss is told, and a restart is as any other.
            (home.root / "locks" / "account_alpha.lock").unlink()
            eventually(lambda: told().count("alpha") == 2, home.story)
            self.assertEqual(told().count("beta"), 1)
            for name, pid in before.items():
                home.ctl("restart", name)
                self.assertNotEqual(home.until(name, "RUNNING")["pid"], pid)
                self.assertFalse(alive(pid))

    def test_a_daemon_whose_home_was_taken_leaves_it_with_its_workers(self):
        with Home() as home:
            home.account("alpha")
            first = home.start()
            before = home.until("alpha", "RUNNING")
            os.kill(first.pid, signal.SIGSTOP)
            (home.root / "run/bullpend.lock").unlink()
            home.start(wait=False)
            second = home.daemon
            eventually(lambda: (home.status()["daemon"] or {}).get("pid") == second.pid,
                       home.story)
            os.kill(first.pid, signal.SIGCONT)
            self.assertEqual(first.wait(timeout=30), 0)
            self.assertTrue(home.events("home_taken"))
            self.assertIsNone(second.poll())
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], before["pid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
