#!/usr/bin/env python3
"""The lock of an account lasts as long as what acts for the account, whatever a program of
another's make does with what it inherited, and whoever removes the lock's file."""

import fcntl
import json
import os
import signal
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, alive, eventually  # noqa: E402

IDENTITY = 'broker = "paper"\nlogin = "joan"\nbroker_account = "PA-1"\n'
F_OFD_GETLK = 36
BEGIN = """
import ctypes, fcntl, os, socket, struct, subprocess, sys, time
library = ctypes.CDLL(None, use_errno=True)
def done():
    with open(os.environ["BULLPEN_ACCOUNT_DIR"] + "/done", "w") as file:
        file.write("done\\n")
    time.sleep(1000)
"""
UNLOCK = """
unlock = struct.pack("hhqqi4x", fcntl.F_UNLCK, 0, 0, 0, 0)
for fd in (62, 63, os.dup(62), os.dup(63)):
    for command in (37, 38):
        try:
            fcntl.fcntl(fd, command, unlock)
        except PermissionError:
            pass
done()
"""
EXEC = """
if "again" not in sys.argv:
    for fd in (62, 63):
        os.set_inheritable(fd, False)
        fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    os.execv(sys.executable, [sys.executable, "-c", sys.orig_argv[2], "again"])
done()
"""
# What a program does with what it inherited, by mistake or to be rid of it.
WAYS = {
    "closes all there can be": "os.closerange(0, 1 << 16)\ndone()\n",
    "closes what is beyond its own": "os.closerange(3, 64)\ndone()\n",
    "closes all by the library's closefrom": "library.closefrom(3)\ndone()\n",
    "closes one by one": """
for fd in range(3, 1024):
    library.close(fd)
done()
""",
    "puts others over them": """
null = os.open("/dev/null", os.O_RDWR)
for fd in range(3, 128):
    library.dup2(null, fd)
done()
""",
    "unlocks them": UNLOCK,
    "executes itself without them": EXEC,
    "lives on as a child that closes all": """
child = subprocess.Popen([sys.executable, "-c",
                          "import os, time; os.closerange(3, 1024); time.sleep(1000)"],
                         close_fds=True)
os.closerange(3, 1024)
done()
""",
}


def python(script, more=""):
    words = ", ".join(json.dumps(word) for word in [sys.executable, "-c", BEGIN + script])
    return f"command = [{words}]\n{more}"


def is_held(path):
    """Whether anybody holds this lock, by the kernel."""
    with open(path, "rb+") as file:
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        told = fcntl.fcntl(file, F_OFD_GETLK, asked)
    return struct.unpack("hhqqi4x", told)[0] != fcntl.F_UNLCK


def alarms(home, words):
    return [line for line in home.events("alarm") if words in line["sentence"]]


def until_done(home, account):
    path = home.root / "accounts" / account / "done"
    eventually(lambda: path.exists() and path.read_text() == "done\n", home.story)


class KeptLocks(unittest.TestCase):
    def test_no_way_to_be_rid_of_its_locks_frees_the_account_of_a_program(self):
        names = {f"way{at}": way for at, way in enumerate(WAYS)}
        with Home() as home:
            for name, way in names.items():
                identity = IDENTITY.replace("PA-1", name)
                home.account(name, python(WAYS[way], identity + 'heartbeat = "none"\n'))
            home.start()
            locks = home.locks
            pids = {name: home.until(name, "RUNNING")["pid"] for name in names}
            for name, way in names.items():
                with self.subTest(way=way):
                    until_done(home, name)
                    self.assertTrue(is_held(home.root / f"locks/account_{name}.lock"))
            self.assertEqual([is_held(lock) for lock in locks.glob("broker_*.lock")],
                             [True] * len(names))
            home.kill_daemon()
            home.start()
            for name, way in names.items():
                with self.subTest(way=way):
                    self.assertEqual(home.until(name, "RUNNING")["pid"], pids[name])
            self.assertEqual(home.events("leftovers_killed"), [])
            home.ctl("stop", "all")
            for name, way in names.items():
                with self.subTest(way=way):
                    self.assertFalse(alive(pids[name]))
                    self.assertFalse(is_held(home.root / f"locks/account_{name}.lock"))

    def test_nobody_else_acts_for_a_program_that_closed_everything_also_without_a_daemon(self):
        with Home() as one, Home(share_locks_with=one) as two:
            closes = WAYS["closes all there can be"]
            one.account("alpha", python(closes, IDENTITY + 'heartbeat = "none"\n'))
            two.account("other", IDENTITY)
            one.start()
            pid = one.until("alpha", "RUNNING")["pid"]
            until_done(one, "alpha")
            one.kill_daemon()
            two.start()
            held = two.until("other", "WAITING", reason="broker_account_held")
            self.assertIn(f"held by pid {pid}, account alpha", held["reason_text"])
            self.assertEqual(one.of("alpha")["state"], "RUNNING")
            one.start()
            self.assertEqual(one.until("alpha", "RUNNING")["pid"], pid)
            self.assertEqual(one.events("leftovers_killed"), [])
            one.ctl("stop", "alpha")
            two.until("other", "RUNNING")

    def test_locks_are_kept_by_a_program_that_may_open_fewer_files_than_their_numbers(self):
        with Home() as home:
            home.account("alpha", python("os.closerange(3, 64)\ndone()\n",
                                         'heartbeat = "none"\nlimits.open_files_max = 32\n'))
            home.start()
            home.until("alpha", "RUNNING")
            until_done(home, "alpha")
            self.assertTrue(is_held(home.root / "locks/account_alpha.lock"))

    def test_a_script_has_the_low_descriptors_for_itself(self):
        script = ('exec 3>tmp/three 4>tmp/four; echo a >&3; echo b >&4; exec 3>&- 4>&-; '
                  'cat <(echo c) > tmp/five; exec sleep 1000')
        with Home() as home:
            home.account("alpha", f'command = ["/bin/bash", "-c", {json.dumps(script)}]\n'
                                  'heartbeat = "none"\n')
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            own = home.root / "accounts/alpha/tmp"

            def written():
                return [(own / name).read_text() for name in ("three", "four", "five")
                        if (own / name).exists()]
            eventually(lambda: written() == ["a\n", "b\n", "c\n"], home.story)
            self.assertTrue(is_held(home.root / "locks/account_alpha.lock"))
            home.kill_daemon()
            home.start()
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], pid)


class FreeLocks(unittest.TestCase):
    """Locks that nobody holds although what they are for lives: their files were removed, or no
    calls are filtered and the program let go of them."""

    def test_a_worker_whose_lock_file_went_with_its_daemon_is_adopted_and_locked_again(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            home.account("gamma")
            home.start()
            before = {name: home.until(name, "RUNNING")["pid"]
                      for name in ("alpha", "beta", "gamma")}
            home.kill_daemon()
            for name in ("alpha", "beta"):
                (home.root / f"locks/account_{name}.lock").unlink()
            # Another file of that name, which nobody has locked.
            replaced = home.root / "locks/account_gamma.lock"
            (home.root / "locks/new").write_bytes(replaced.read_bytes())
            (home.root / "locks/new").rename(replaced)
            home.start()
            for name, pid in before.items():
                self.assertEqual(home.until(name, "RUNNING")["pid"], pid)
                lock = home.root / f"locks/account_{name}.lock"
                eventually(lambda path=lock: path.exists() and is_held(path), home.story)
                self.assertEqual(json.loads(lock.read_text())["pid"], pid)
            started = home.events("daemon_started")[-1]
            self.assertEqual((started["adopted"], started["lost"]), (3, 0))
            self.assertEqual(home.events("leftovers_killed"), [])
            told = eventually(lambda: alarms(home, "they are locked again"), home.story)[0]
            self.assertEqual(told["sentence"].split()[-3:], ["alpha", "beta", "gamma"])
            # What was taken again goes with the worker.
            home.ctl("restart", "alpha")
            self.assertNotEqual(home.until("alpha", "RUNNING")["pid"], before["alpha"])
            self.assertFalse(alive(before["alpha"]))
            home.ctl("stop", "beta")
            self.assertFalse(is_held(home.root / "locks/account_beta.lock"))

    def test_a_program_that_lets_go_where_no_calls_are_filtered_is_locked_again(self):
        with Home("isolation.seccomp = false\n") as one, Home(share_locks_with=one) as two:
            closes = WAYS["closes what is beyond its own"]
            one.account("alpha", python(closes, IDENTITY + 'heartbeat = "none"\n'))
            two.account("other", IDENTITY)
            one.start()
            pid = one.until("alpha", "RUNNING")["pid"]
            until_done(one, "alpha")
            eventually(lambda: alarms(one, "they are locked again"), one.story)
            two.start()
            two.until("other", "WAITING", reason="broker_account_held")
            # So it is by every later daemon, too.
            one.kill_daemon()
            one.start()
            self.assertEqual(one.until("alpha", "RUNNING")["pid"], pid)
            eventually(lambda: is_held(one.root / "locks/account_alpha.lock"), one.story)
            self.assertEqual(one.events("leftovers_killed"), [])

    def test_a_program_whose_free_lock_another_took_is_ended(self):
        with Home("isolation.seccomp = false\n") as one, Home(share_locks_with=one) as two:
            closes = WAYS["closes what is beyond its own"]
            one.account("alpha", python(closes, IDENTITY + 'heartbeat = "none"\n'))
            two.account("other", IDENTITY)
            one.start()
            pid = one.until("alpha", "RUNNING")["pid"]
            until_done(one, "alpha")
            one.kill_daemon()
            two.start()
            two.until("other", "RUNNING")
            one.start()
            one.until("alpha", "WAITING", reason="broker_account_held")
            self.assertFalse(alive(pid))
            told = alarms(one, "it cannot be locked again")
            self.assertEqual(len(told), 1)
            self.assertIn("held by pid", told[0]["sentence"])


# A child without descriptors, as it thinks, without its worker's environment, and in a session of
# its own.
STRAY = """
if os.fork() == 0:
    os.closerange(0, 64)
    os.setsid()
    if os.fork() == 0:
        with open(os.environ["BULLPEN_ACCOUNT_DIR"] + "/stray", "w") as file:
            file.write(str(os.getpid()) + "\\n")
        os.execve("/bin/sleep", ["sleep", "1000"], {})
    os._exit(0)
time.sleep(1000)
"""


class Strays(unittest.TestCase):
    def stray(self, home, old=0):
        path = home.root / "accounts/alpha/stray"
        eventually(lambda: path.exists() and path.read_text() not in ("", f"{old}\n"), home.story)
        return int(path.read_text())

    def test_a_child_that_left_session_and_environment_ends_with_its_worker(self):
        with Home() as home:
            home.account("alpha", python(STRAY, 'permit = ["setsid"]\nheartbeat = "none"\n'))
            home.start()
            worker = home.until("alpha", "RUNNING")["pid"]
            first = self.stray(home)
            self.assertTrue(alive(first))
            # When the worker dies, and when an operator stops it, also under a later daemon.
            os.kill(worker, signal.SIGKILL)
            worker = home.until_restarted("alpha", worker)["pid"]
            self.assertFalse(alive(first))
            second = self.stray(home, first)
            home.kill_daemon()
            home.start()
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], worker)
            self.assertTrue(alive(second))
            home.ctl("stop", "alpha")
            eventually(lambda: not alive(second), home.story)
            self.assertFalse(is_held(home.root / "locks/account_alpha.lock"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
