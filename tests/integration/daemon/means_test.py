#!/usr/bin/env python3
"""What an account is given of the machine by its file: the address its connections come from, a
control group, a Unix user of its own; and what becomes of an account that cannot have it."""

import json
import os
import signal
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import DEADLINE, Home, eventually, main  # noqa: E402

# Connects to the port that it is told, by name and by number, and stays.
CONNECTS = """
import socket, sys, time
hosts = ["localhost", "127.0.0.1"]
try:
    socket.getaddrinfo(*hosts[:1], None)
except socket.gaierror:
    hosts[0] = hosts[1]  # a host that does not know its own name
links = [socket.create_connection((host, int(sys.argv[1]))) for host in hosts]
time.sleep(600)
"""
# Says who it is, and what it can do.
TELLS = """
import json, os, sys, time

def attempt(what):
    try:
        what()
        return "done"
    except OSError as error:
        return error.strerror

said = {
    "uid": os.getresuid(), "gid": os.getresgid(), "groups": os.getgroups(),
    "own": attempt(lambda: open("reports/mine", "w").close()),
    "owner": os.stat(".").st_uid,
    "settings": attempt(lambda: open(sys.argv[1])),
}
with open("said.tmp", "w") as out:
    json.dump(said, out)
os.rename("said.tmp", "said.json")
time.sleep(600)
"""
# Of nobody on any system that is known.
USER = 2_054_321
CONTROLLERS = "cpuset cpu io memory pids\n"


def bot(home, name, script, *words, more=""):
    """An account whose program is this script."""
    path = home.outside / f"{name}.py"
    path.write_text(script)
    command = ["/usr/bin/python3", str(path), *map(str, words)]
    home.account(name, f"command = {json.dumps(command)}\n{more}")


class Addresses(unittest.TestCase):
    def setUp(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(DEADLINE)
        self.addCleanup(self.server.close)

    def peers(self, count):
        """Where so many connections come from."""
        found = set()
        for _ in range(count):
            link, (host, _) = self.server.accept()
            link.close()
            found.add(host)
        return found

    def test_every_connection_of_an_account_comes_from_its_address(self):
        port = self.server.getsockname()[1]
        with Home() as home:
            bot(home, "bound", CONNECTS, port, more='bind_address = "127.0.0.2"\n')
            home.start()
            home.until("bound", "RUNNING")
            self.assertEqual(self.peers(2), {"127.0.0.2"})
            home.ctl("stop", "bound")
            bot(home, "free", CONNECTS, port)
            home.ctl("update")
            home.until("free", "RUNNING")
            self.assertEqual(self.peers(2), {"127.0.0.1"})

    def test_a_built_in_worker_with_an_address_runs(self):
        with Home() as home:
            home.account("alpha", 'bind_address = "127.0.0.2"\n[feed]\nspeed = 60\n')
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            self.assertIn(b"BULLPEN_BIND_ADDRESS=127.0.0.2", environment)

    def test_an_address_that_the_host_does_not_have_keeps_only_its_account_from_starting(self):
        with Home() as home:
            # Of a network that is for examples.
            home.account("alpha", 'bind_address = "192.0.2.7"\n')
            home.account("beta", "[feed]\nspeed = 60\n")
            home.start()
            home.until("beta", "RUNNING")
            line = eventually(lambda: home.of("alpha")["last_error"] and home.of("alpha"),
                              home.story)
            self.assertIn("bind_address 192.0.2.7 is no address of this host", line["last_error"])
            self.assertIsNone(line["pid"])
            self.assertEqual(line["reason"], "launch_failed")


class ControlGroups(unittest.TestCase):
    """Against a directory of plain files: what the kernel makes of it is the kernel's."""

    def home(self, controllers):
        home = Home()
        self.addCleanup(home.end)
        groups = Path(home.directory) / "groups"
        groups.mkdir()
        (groups / "cgroup.controllers").write_text(controllers)
        (groups / "cgroup.subtree_control").write_text("memory\n")
        home.settings(f'isolation.cgroups = "{groups}"\n')
        return home, groups

    def test_an_account_is_started_in_a_group_with_its_limits(self):
        home, groups = self.home(CONTROLLERS)
        home.puppet("alpha", ["sleep"], '[limits]\nmemory_max = "64 MiB"\nprocesses_max = 7\n'
                                        "cpu_max = 150\n")
        home.account("beta", "[limits]\nprocesses_max = 0\n")
        home.start()
        home.until("alpha", "RUNNING")
        home.until("beta", "RUNNING")
        read = {name: {file.name: file.read_text() for file in (groups / name).iterdir()}
                for name in ("alpha", "beta")}
        self.assertEqual(read, {
            "alpha": {"memory.max": str(64 << 20), "memory.oom.group": "1", "pids.max": "7",
                      "cpu.max": "150000 100000", "cgroup.procs": "0"},
            "beta": {"memory.max": "max", "memory.oom.group": "1", "pids.max": "max",
                     "cpu.max": "max 100000", "cgroup.procs": "0"}})
        self.assertEqual((groups / "cgroup.subtree_control").read_text(), "+pids")
        self.assertEqual(home.status()["daemon"]["cgroups"], "in_force")
        self.assertIn("their limits are kept by control groups", home.ctl("status").stdout)

    def test_who_the_kernel_ended_for_want_of_memory_is_told_so_and_nobody_else(self):
        home, groups = self.home(CONTROLLERS)
        for name in ("alpha", "beta"):
            home.puppet(name, ["sleep"])
        home.start()
        pids = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
        (groups / "alpha" / "memory.events").write_text("oom 1\noom_kill 1\n")
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        deaths = {name: eventually(lambda name=name: home.explain(name)["detail"]["deaths"],
                                   home.story)[0] for name in pids}
        self.assertEqual(deaths["alpha"]["reason"], "memory_limit")
        self.assertEqual(deaths["alpha"]["status"], "signal 9")
        self.assertEqual(deaths["beta"]["reason"], "killed_by_signal")
        # What was counted before a launch is none of its.
        again = home.until_restarted("alpha", pids["alpha"])["pid"]
        os.kill(again, signal.SIGKILL)
        eventually(lambda: [death["reason"] for death in home.explain("alpha")["detail"]["deaths"]]
                   == ["memory_limit", "killed_by_signal"], home.story)

    def test_where_they_cannot_be_used_workers_run_and_status_warns(self):
        home, groups = self.home("cpuset cpu io memory\n")
        home.puppet("alpha", ["sleep"])
        home.start()
        home.until("alpha", "RUNNING")
        self.assertFalse((groups / "alpha").exists())
        self.assertEqual(home.status()["daemon"]["cgroups"], "unusable")
        self.assertIn("isolation.cgroups cannot be used", home.ctl("status").stdout)
        told = [event["cgroups"] for event in home.events("isolation_degraded")]
        self.assertIn(f"{groups} does not have the controller pids", told[0])

    def test_without_them_nothing_is_said_of_them(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            self.assertEqual(home.status()["daemon"]["cgroups"], "not_wanted")
            self.assertNotIn("group", home.ctl("status").stdout)


class UnixUsers(unittest.TestCase):
    def refused(self, home, name):
        """Why the account was not started."""
        line = eventually(lambda: home.of(name)["last_error"] and home.of(name), home.story)
        self.assertIsNone(line["pid"])
        return line["last_error"]

    @unittest.skipUnless(os.geteuid() == 0, "only root gives a process to another user")
    def test_a_command_runs_as_its_user_in_a_directory_of_its_own(self):
        with Home() as home:
            settings = home.root / "bullpen.toml"
            bot(home, "alpha", TELLS, settings,
                more=f'unix_user = "{USER}"\n[limits]\nprocesses_max = 9\n')
            home.outside.chmod(0o755)
            home.start()
            # The home is root's alone still.
            self.assertIn("is closed to user", self.refused(home, "alpha"))
            for directory in (Path(home.directory), home.root, home.root / "accounts"):
                directory.chmod(0o711)
            home.ctl("start", "alpha", check=False)
            pid = home.until("alpha", "RUNNING")["pid"]
            said = eventually(
                lambda: json.loads((home.root / "accounts/alpha/said.json").read_text()),
                home.story)
            self.assertEqual(said, {
                "uid": [USER] * 3, "gid": [USER] * 3, "groups": [], "own": "done", "owner": USER,
                "settings": "Permission denied"})
            limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
            self.assertIn(["Max", "processes", "9"],
                          [line.split()[:3] for line in limits])
            home.ctl("restart", "alpha")
            home.until_restarted("alpha", pid)

    @unittest.skipUnless(os.geteuid() == 0, "only root makes a directory another user's")
    def test_a_directory_of_somebody_else_is_not_taken(self):
        with Home() as home:
            bot(home, "alpha", TELLS, "x", more=f'unix_user = "{USER}"\nautostart = false\n')
            home.start()
            home.until("alpha", "STOPPED")
            for directory in (Path(home.directory), home.root, home.root / "accounts"):
                directory.chmod(0o711)
            account = home.root / "accounts" / "alpha"
            account.mkdir(exist_ok=True)
            os.chown(account, USER + 1, USER + 1)
            home.ctl("start", "alpha", check=False)
            self.assertIn(f"belongs to user {USER + 1}", self.refused(home, "alpha"))

    @unittest.skipUnless(os.geteuid() == 0, "only root starts a daemon as another user")
    def test_a_daemon_that_is_not_roots_says_that_it_cannot(self):
        with Home() as home:
            bot(home, "alpha", TELLS, "x", more=f'unix_user = "{USER}"\n')
            os.chown(home.directory, USER, USER)
            for directory, _, files in os.walk(home.directory):
                for path in (directory, *(os.path.join(directory, file) for file in files)):
                    os.chown(path, USER, USER)
            home.start(user=USER)
            self.assertIn("needs a daemon that is run by root", self.refused(home, "alpha"))

    def test_what_reads_the_home_cannot_be_another_users(self):
        with Home() as home:
            home.account("alpha", 'unix_user = "bot7"\n')
            said = home.ctl("check", check=False)
            self.assertNotEqual(said.returncode, 0)
            self.assertIn("unix_user", said.stdout + said.stderr)
            self.assertIn("is for a command with heartbeat", said.stdout + said.stderr)


if __name__ == "__main__":
    main()
