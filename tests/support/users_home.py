"""A home whose daemon is no root and may give each account a user of its own: as the packaged unit
starts it, with CAP_SETUID alone and no new privileges, and with a range of numbers in /etc/subuid.
For a test that root runs, which has all of that made for it in a mount namespace."""

import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from home import BIN, Home

# Of nobody on any system that is known.
USER = 2_054_000
FIRST, COUNT = 2_100_000, 1000
OWN = '[isolation]\nusers = "account"\n'


def without():
    """Why this machine cannot have such a home; empty when it can."""
    if os.geteuid() != 0:
        return "only root makes a user with a range of numbers"
    for tool in ("unshare", "setpriv"):
        if shutil.which(tool) is None:
            return f"{tool} is missing"
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    if subprocess.run([*as_user, "test", "-x", BIN / "bullpend"], check=False).returncode != 0:
        return f"{BIN} is closed to other users"
    if subprocess.run([*as_user, "unshare", "-U", "true"], capture_output=True,
                      check=False).returncode != 0:
        return "the kernel refuses a user namespace to others than root"
    if not Path("/etc/subuid").exists():
        return "there is no /etc/subuid to put another one in the place of"
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        return "no mount namespace can be made"
    return ""


@unittest.skipIf(without(), without())
class UsersCase(unittest.TestCase):
    """With homes like that."""

    def home(self, settings=OWN, **more):
        home = UsersHome(settings, **more)
        self.addCleanup(home.end)
        return home


class UsersHome(Home):
    def __init__(self, settings=OWN, share_locks_with=None):
        super().__init__(settings, share_locks_with)
        folder = Path(self.directory)
        folder.chmod(0o711)
        self.outside.chmod(0o755)
        self.subuid = folder / "subuid"
        self.subuid.write_text(f"{USER}:{FIRST}:{COUNT}\n")
        if share_locks_with is None:
            self.locks.mkdir()
        self.locks.chmod(0o1777)
        self.program = self.script("bullpend", capable=True)

    def script(self, name, capable):
        """A program that runs Bullpen's of that name as the home's user; its path."""
        more = "--inh-caps=+setuid --ambient-caps=+setuid --bounding-set=-all,+setuid" \
            if capable else "--bounding-set=-all"
        path = Path(self.directory) / f"{name}-{capable}"
        path.write_text(
            "#!/bin/sh\n"
            f"exec unshare -m sh -c 'mount --bind {self.subuid} /etc/subuid && exec setpriv "
            f"--reuid={USER} --regid={USER} --clear-groups --no-new-privs {more} "
            f"{self.bin}/{name} \"$@\"' sh \"$@\"\n")
        path.chmod(0o755)
        return path

    def own(self):
        """What the test wrote by itself is the home's user's."""
        for path in [self.root, *self.root.rglob("*")]:
            if path.lstat().st_uid == 0:
                os.chown(path, USER, USER, follow_symlinks=False)

    def start(self, *words, **more):
        self.own()
        os.chown(self.directory, USER, USER)
        return super().start(*words, program=self.program, **more)

    def ctl(self, *words, check=True, deadline=60, capable=False):
        """As the home's user; `capable` as one who may make a namespace where no daemon runs."""
        self.own()
        done = subprocess.run(
            [self.script("bullpenctl", capable), "--home", self.root, *map(str, words)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=deadline, check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        if check and done.returncode != 0:
            raise AssertionError(f"bullpenctl {' '.join(map(str, words))}: exit "
                                 f"{done.returncode}\n{done.stdout}{done.stderr}\n{self.story()}")
        return done

    def numbers(self):
        """Which number each account was given."""
        lines = (self.root / "numbers").read_text().splitlines()
        return {name: int(number) for name, number in map(str.split, lines)}

    def user(self, name):
        """The user that the account has."""
        return FIRST + self.numbers()[name]

    def owners(self, name):
        """Whose the account's files are."""
        directory = self.root / "accounts" / name
        return {path.lstat().st_uid for path in [directory, *directory.rglob("*")]}


def credentials_of(pid):
    """Of a process: its users, its groups and what it is capable of, as the kernel says."""
    lines = dict(line.split(":", 1) for line in
                 Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return {"users": set(map(int, lines["Uid"].split())),
            "groups": set(map(int, lines["Gid"].split() + lines["Groups"].split())),
            "capable": int(lines["CapPrm"], 16) | int(lines["CapEff"], 16) |
            int(lines["CapAmb"], 16)}


def script(home, name, text, *words, more=""):
    """An account whose program is this script of Python's."""
    path = home.outside / f"{name}.py"
    path.write_text(text)
    path.chmod(0o644)
    command = ["/usr/bin/python3", str(path), *map(str, words)]
    home.account(name, f"command = {json.dumps(command)}\n{more}")
