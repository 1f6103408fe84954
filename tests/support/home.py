"""A real home for a test: real bullpend, real workers, real bullpenctl, in a temporary directory.
What the daemon does is read through `bullpenctl status --json`, as an operator's program would."""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

BIN = Path(os.environ.get("BULLPEN_BIN_DIR", Path(__file__).resolve().parents[2] / "build/dev/bin"))
DEADLINE = 60.0  # seconds; of every wait. Only a failure takes as long
NEEDED = ("bullpend", "bullpenctl", "bullpen-worker", "bullpen-puppet")

# Quick enough for a test, slow enough for a loaded machine.
DAEMON_SETTINGS = """
host_lock_dir = "{locks}"
disk_free_min = "1 MiB"
"""
# What the tests' own workers are made of: this tree, what was built of it, and Python's modules.
READABLE = sorted({str(Path(__file__).resolve().parents[2]), str(BIN), sys.prefix, sys.base_prefix})


# What a condition raises that asks about something which is not there yet: a field that is null
# still, an account that is in no table, a file that nobody has written, half a line of one.
NOT_YET = (AttributeError, LookupError, TypeError, FileNotFoundError, json.JSONDecodeError)


def eventually(condition, what, deadline=DEADLINE):
    """Waits until `condition()` is true and returns its value; fails with `what` otherwise."""
    end = time.monotonic() + deadline
    pause = 0.005
    while True:
        cause = None
        try:
            value = condition()
        except NOT_YET as error:
            value, cause = None, error
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: "
                                 f"{what() if callable(what) else what}") from cause
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def alive(pid):
    """Whether the process runs; a zombie does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class Home:
    bin = BIN  # whose programs are run

    def __init__(self, settings="", share_locks_with=None):
        self.directory = tempfile.mkdtemp(prefix="bp-", dir="/tmp")
        self.root = Path(self.directory) / "h"
        self.locks = share_locks_with.locks if share_locks_with else Path(self.directory) / "locks"
        (self.root / "accounts.d").mkdir(parents=True)
        # Beside the home: what a test says to a worker, whose file then has it in write_paths.
        self.outside = Path(self.directory) / "outside"
        self.outside.mkdir()
        os.chmod(self.root, 0o700)
        self.settings(settings)
        self.daemon = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def settings(self, text):
        path = self.root / "bullpen.toml"
        reach = (f"[defaults]\nread_paths = {json.dumps(READABLE)}\n"
                 "started_after = \"0 s\"\n")
        head, found, rest = text.partition("[defaults]\n")
        text = head + reach + rest if found else text + reach
        path.write_text(DAEMON_SETTINGS.format(locks=self.locks) + text)
        path.chmod(0o600)

    def account(self, name, text=""):
        path = self.root / "accounts.d" / f"{name}.toml"
        path.write_text(text)
        path.chmod(0o600)

    def puppet(self, name, words, more=""):
        """An account whose worker is the test's own small program."""
        command = ", ".join(json.dumps(word) for word in [str(BIN / "bullpen-puppet"), *words])
        self.account(name, f"command = [{command}]\n{more}")

    def start(self, wait=True, program=None, environment=None, user=None):
        before = len(self.events("daemon_started"))
        with open(self.root / "bullpend.stderr", "ab") as errors:
            self.daemon = subprocess.Popen(
                [program or self.bin / "bullpend", "--home", self.root],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                env={"PATH": "/usr/bin:/bin", **(environment or {})}, start_new_session=True,
                user=user, group=user, extra_groups=None if user is None else [])
        if wait:
            eventually(lambda: (self.status()["daemon"] or {}).get("pid") == self.daemon.pid and
                       len(self.events("daemon_started")) > before, self.story)
        return self.daemon

    def ctl(self, *words, check=True, deadline=60):
        done = subprocess.run([self.bin / "bullpenctl", "--home", self.root, *map(str, words)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=deadline, env={"PATH": "/usr/bin:/bin"})
        if check and done.returncode != 0:
            raise AssertionError(f"bullpenctl {' '.join(map(str, words))}: exit "
                                 f"{done.returncode}\n{done.stdout}{done.stderr}\n{self.story()}")
        return done

    def status(self):
        done = self.ctl("status", "--json", check=False)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise AssertionError(f"status --json: {error}: {done}") from error

    def of(self, name):
        """The account's line of status; an empty one when there is none."""
        for account in self.status()["accounts"]:
            if account["account"] == name:
                return account
        return {}

    def until(self, name, state, deadline=DEADLINE, **facts):
        """Waits until the account is in that state (and those facts hold); returns its line."""
        def there():
            line = self.of(name)
            if line.get("state", "").split()[0:1] == [state] and \
                    all(line.get(k) == v for k, v in facts.items()):
                return line
            return None
        return eventually(there, lambda: f"{name} {state} {facts}: {self.of(name)}\n{self.story()}",
                          deadline)

    def service(self, name):
        """The service's line of status; an empty one when there is none."""
        for service in self.status()["services"]:
            if service["name"] == name:
                return service
        return {}

    def until_service(self, name, state, deadline=DEADLINE, **facts):
        """As until(), of a service."""
        def there():
            line = self.service(name)
            if line.get("state") == state and all(line.get(k) == v for k, v in facts.items()):
                return line
            return None
        return eventually(there, lambda: f"{name} {state} {facts}: {self.service(name)}\n"
                                         f"{self.story()}", deadline)

    def cookie(self):
        """What an operator shows that a confined process cannot."""
        return (self.root / "run" / "cookie").read_text()

    def tell_venue(self, command, **arguments):
        """Says this to the home's paper exchange, as its administrator; returns the answer."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(DEADLINE)
            link.connect(str(self.root / "run" / "venue"))
            lines = link.makefile("rw", encoding="utf-8", newline="\n")
            for number, message in enumerate(
                    ({"type": "hello", "client": "test", "cookie": self.cookie()},
                     {"type": "admin", "command": command, "arguments": arguments}), 1):
                lines.write(json.dumps({"v": 1, "id": number, **message}) + "\n")
                lines.flush()
                answer = json.loads(lines.readline())
                while answer["type"] not in ("welcome", "refused", "admin"):
                    answer = json.loads(lines.readline())
        if not answer.get("ok"):
            raise AssertionError(f"{command}: {answer}")
        return answer

    def until_restarted(self, name, old_pid, deadline=DEADLINE):
        def there():
            line = self.of(name)
            runs = line.get("state", "").startswith("RUNNING")
            if runs and line.get("pid") not in (None, old_pid):
                return line
            return None
        return eventually(there, lambda: f"{name} again: {self.of(name)}\n{self.story()}", deadline)

    def explain(self, name):
        return json.loads(self.ctl("explain", name, "--json").stdout.splitlines()[0])

    def log(self):
        """The daemon's log lines as objects."""
        path = self.root / "logs" / "bullpend.log"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]

    def events(self, event):
        return [line for line in self.log() if line["event"] == event]

    def story(self):
        """What to show when a test fails."""
        lines = [json.dumps(line) for line in self.log()[-60:]]
        errors = (self.root / "bullpend.stderr")
        tail = errors.read_text()[-2000:] if errors.exists() else ""
        return "\n".join(lines) + "\n" + tail

    def at_exchange(self, *events, account=None):
        """The lines of the exchange's own log with these events; of one account, or of all."""
        path = self.root / "venue" / "venue.jsonl"
        lines = []
        for line in path.read_text().splitlines() if path.exists() else []:
            if not any(f'"event":"{event}"' in line for event in events):
                continue
            try:
                lines.append(json.loads(line))
            except json.JSONDecodeError:
                continue  # the last line, as it is written
        return [line for line in lines if account in (None, line.get("account"))]

    def worker_log(self, name, event):
        """The lines of an account's worker.log with this event."""
        path = self.root / "accounts" / name / "logs" / "worker.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in map(json.loads, lines) if line["event"] == event]

    def kill_daemon(self):
        """As a crash would."""
        self.daemon.kill()
        self.daemon.wait()

    def worker_pids(self):
        """Every process of this home but its daemon, from the environment it was started with."""
        mark = f"BULLPEN_HOME={self.root}".encode()
        pids = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or not alive(int(entry.name)):
                continue
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    pids.append(int(entry.name))
            except OSError:
                pass
        return pids

    def lose(self, name):
        """Takes a folder of the home away in one step: a daemon that writes in it meanwhile can
        neither hinder that nor notice half of it."""
        taken = Path(self.directory) / f"lost-{name}-{time.monotonic_ns()}"
        os.rename(self.root / name, taken)
        shutil.rmtree(taken, ignore_errors=True)

    def end(self):
        """Leaves nothing running and nothing on the disk, whatever the test did."""
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            pids = self.worker_pids()
            if not pids:
                break
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.01)
        if os.environ.get("BULLPEN_TEST_KEEP"):
            print(f"kept {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def landlock_version():
    """The version of Landlock that workers are confined with here; 0 without it."""
    create_ruleset, newest = 444, 7
    libc = ctypes.CDLL(None, use_errno=True)
    return min(max(libc.syscall(create_ruleset, None, 0, 1), 0), newest)


def programs_missing():
    """The programs a test needs that are not built; CTest counts exit code 77 as skipped."""
    return [name for name in NEEDED if not (BIN / name).exists()]


def main():
    """What a test of this kind ends with: its cases, unless what they run is not built."""
    missing = programs_missing()
    if missing:
        print("not built: " + ", ".join(missing))
        sys.exit(77)
    unittest.main(verbosity=2)
