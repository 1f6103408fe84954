#!/usr/bin/env python3
"""The Debian package, made and installed by dpkg into a directory of its own, with a daemon of the
installed programs that trades on paper: an upgrade touches no worker, a removal stops in order and
deletes nothing of the home."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

ROOT = Path(os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(ROOT / "tests" / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402
from paper import trader  # noqa: E402

PROGRAMS = ("bullpend", "bullpenctl", "bullpenctl-control", "bullpen-worker", "bullpen-venue",
            "bullpen-signals", "bullpen-calendar", "bullpen-notify",
            "bullpen-remote", "bullpen-health")
SCRIPTS = ("postinst", "prerm", "postrm")
# What the programs need at least to run; what computed it may know more.
LIBRARIES = ("libc6", "libstdc++6", "libzmq5", "libcurl4", "zlib1g", "tzdata")
# Of a worker's program that a later version brings: what runs the older one does not end so.
MARK = b"\nof a later version\n"


def run(*words, **more):
    done = subprocess.run(list(map(str, words)), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class System:
    """A directory that dpkg takes for the root of a system, with nothing else in it."""

    def __init__(self, directory):
        self.root = directory / "r"
        self.called = directory / "systemctl.called"
        for folder in ("etc", "usr", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
            (self.root / folder).mkdir(parents=True)
        for name, text in {"passwd": "root:x:0:0:root:/root:/bin/sh\n", "group": "root:x:0:\n",
                           "shadow": "root:*:19000:0:99999:7:::\n", "gshadow": "root:*::\n",
                           "login.defs": "SYS_UID_MIN 100\nSYS_UID_MAX 999\n"
                                         "SYS_GID_MIN 100\nSYS_GID_MAX 999\n"}.items():
            (self.root / "etc" / name).write_text(text)
        (self.root / "var/lib/dpkg/status").touch()
        # The machine's own service manager is not this system's.
        fakes = directory / "fakes"
        fakes.mkdir()
        fake = fakes / "systemctl"
        fake.write_text(f"#!/bin/sh\necho \"$@\" >>{self.called}\n")
        fake.chmod(0o755)
        self.environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8",
                            "PATH": f"{fakes}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                                    "/sbin:/bin"}

    def dpkg(self, *words):
        """What dpkg ends with and prints."""
        done = subprocess.run(
            ["dpkg", f"--root={self.root}", "--force-script-chrootless", "--force-depends",
             f"--log={self.root}/dpkg.log", "--path-include=/usr/*", *map(str, words)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            env=self.environment)
        return done.returncode, done.stdout + done.stderr

    def state(self):
        done = subprocess.run(["dpkg-query", f"--root={self.root}", "-W",
                               "-f=${db:Status-Status} ${Version}", "bullpen"],
                              capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    def ids(self):
        line = next(line for line in (self.root / "etc/passwd").read_text().splitlines()
                    if line.startswith("bullpen:"))
        return tuple(map(int, line.split(":")[2:4]))


class InstalledHome(Home):
    """The home that the package made, and the programs that it installed."""

    def __init__(self, system, directory):
        self.bin = system.root / "usr/bin"
        self.root = system.root / "var/lib/bullpen"
        self.directory = str(directory)
        self.locks = directory / "locks"
        self.outside = directory / "outside"
        self.daemon = None
        self.user = system.ids()[0]

    def start(self, **more):
        return super().start(user=self.user, **more)

    def own(self):
        """What a test wrote belongs to the home's user, as what they wrote themselves would."""
        for path in [self.root, *self.root.rglob("*")]:
            os.chown(path, self.user, self.user)


def newer(package, folder, version, change):
    """The package again as a later version, after `change` of what is in it."""
    tree = folder / version
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text("\n".join(f"Version: {version}" if line.startswith("Version:") else line
                                 for line in lines) + "\n")
    change(tree)
    result = folder / f"bullpen_{version}.deb"
    run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "-b", tree, result)
    shutil.rmtree(tree)
    return result


def mark(tree):
    for name in ("bullpend", "bullpen-worker", "bullpen-venue"):
        with open(tree / "usr/bin" / name, "ab") as file:
            file.write(MARK)


def break_daemon(tree):
    path = tree / "usr/bin/bullpend"
    path.write_text("#!/bin/sh\nexit 70\n")


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="bp-", dir="/tmp"))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        run("cpack", "--config", BIN.parent / "CPackConfig.cmake", "-B", cls.folder / "made",
            cwd=cls.folder)
        cls.package, = (cls.folder / "made").glob("*.deb")

    def system(self):
        directory = Path(tempfile.mkdtemp(prefix="s-", dir=self.folder))
        directory.chmod(0o755)
        system = System(directory)
        code, said = system.dpkg("-i", self.package)
        self.assertEqual(code, 0, said)
        return system, directory

    def home(self, system, directory):
        home = InstalledHome(system, directory)
        self.addCleanup(home.end)
        home.ctl("init")
        home.settings("")
        home.account("anna", trader())
        home.account("ben", trader({"trading": "off"}))
        home.own()
        home.start()
        for name in ("anna", "ben"):
            home.until(name, "RUNNING")
        home.until_service("bullpen-venue", "RUNNING")
        return home

    def pids(self, home):
        return {**{name: home.of(name)["pid"] for name in ("anna", "ben")},
                "venue": home.service("bullpen-venue")["pid"]}

    def runs_the_later(self, pid):
        """Whether the process runs a program that bears the mark of the later version."""
        with open(f"/proc/{pid}/exe", "rb") as file:
            file.seek(-len(MARK), os.SEEK_END)
            return file.read() == MARK

    def test_it_has_every_program_and_needs_what_they_are_linked_with(self):
        listed = run("dpkg-deb", "-c", self.package)
        modes = {line.split()[-1]: line.split()[0:2] for line in listed.splitlines()}
        for name in PROGRAMS:
            self.assertEqual(modes[f"./usr/bin/{name}"], ["-rwxr-xr-x", "root/root"])
        for path in ("lib/bullpen/libbullpen-bind.so", "lib/systemd/system/bullpend.service",
                     "share/man/man1/bullpenctl.1",
                     "share/man/man5/bullpen.toml.5", "share/man/man8/bullpend.8",
                     "share/bash-completion/completions/bullpenctl",
                     "share/zsh/vendor-completions/_bullpenctl",
                     "share/doc/bullpen/docs/operations/README.md",
                     "share/doc/bullpen/examples/systemd/bullpen-workers.service",
                     "share/doc/bullpen/examples/systemd/bullpend-workers.conf"):
            self.assertEqual(modes[f"./usr/{path}"], ["-rw-r--r--", "root/root"])
        self.assertFalse([path for path in modes if not path.startswith("./usr/")])
        depends = run("dpkg-deb", "-f", self.package, "Depends")
        for name in LIBRARIES:
            self.assertRegex(depends, rf"(^|, ){name.replace('+', '[+]')}( |,|$)")

    def test_every_program_of_the_product_is_in_it(self):
        self.assertEqual(self.declared_programs(), set(PROGRAMS))

    def declared_programs(self):
        """What the folders of the product declare, but for what is built on demand only."""
        declared, on_demand = set(), set()
        for folder in ("supervisor", "worker", "venue", "calendar", "ctl", "moving", "common",
                       "ipc", "notify", "remote", "health"):
            for path in (ROOT / folder).rglob("CMakeLists.txt"):
                text = path.read_text()
                declared |= set(re.findall(r"add_executable\(([\w-]+)", text))
                on_demand |= set(re.findall(
                    r"set_target_properties\(([\w-]+) PROPERTIES EXCLUDE_FROM_ALL", text))
        return declared - on_demand

    def test_the_unit_starts_what_is_installed_and_ends_only_the_daemon(self):
        system, _ = self.system()
        for name in ("bullpend", "bullpen-backup"):
            unit = (system.root / f"usr/lib/systemd/system/{name}.service").read_text()
            program = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
            path = program.removeprefix("ExecStart=").split()[0]
            self.assertTrue(os.access(f"{system.root}{path}", os.X_OK), path)
        self.assertIn("\nKillMode=process\n",
                      (system.root / "usr/lib/systemd/system/bullpend.service").read_text())

    def test_an_installation_makes_the_user_and_closed_directories_and_starts_nothing(self):
        system, _ = self.system()
        user, group = system.ids()
        self.assertTrue(100 <= user <= 999)
        for folder in ("var/lib/bullpen", "var/backups/bullpen"):
            status = (system.root / folder).stat()
            self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o777),
                             (user, group, 0o700))
        self.assertEqual(list((system.root / "var/lib/bullpen").iterdir()), [])
        self.assertEqual((system.root / "etc/subuid").read_text(), "bullpen:100000:65536\n")
        self.assertFalse(system.called.exists(), "another system's service manager was asked")

    def test_a_second_installation_leaves_owners_modes_and_user_as_they_are(self):
        system, _ = self.system()
        home = system.root / "var/lib/bullpen"
        home.chmod(0o750)
        passwd = (system.root / "etc/passwd").read_text()
        code, said = system.dpkg("-i", self.package)
        self.assertEqual(code, 0, said)
        self.assertEqual((system.root / "etc/passwd").read_text(), passwd)
        self.assertEqual((system.root / "etc/subuid").read_text().count("bullpen:"), 1)
        self.assertEqual(home.stat().st_mode & 0o777, 0o750)

    def test_an_upgrade_replaces_the_daemon_in_place_and_touches_no_worker(self):
        system, directory = self.system()
        home = self.home(system, directory)
        before, daemon = self.pids(home), home.daemon.pid
        self.assertFalse(self.runs_the_later(daemon))
        later = newer(self.package, self.folder, "900.1", mark)
        code, said = system.dpkg("-i", later)
        self.assertEqual(code, 0, said)
        self.assertIn("has taken over", said)
        self.assertEqual(system.state(), "installed 900.1")
        self.assertTrue(self.runs_the_later(daemon), "the daemon is still the older program")
        for name in ("anna", "ben"):
            home.until(name, "RUNNING", pid=before[name], restarts=0)
        home.until_service("bullpen-venue", "RUNNING", pid=before["venue"])
        for pid in before.values():
            self.assertFalse(self.runs_the_later(pid))
        # What is started from now on is the new program.
        home.ctl("restart", "ben")
        home.until_restarted("ben", before["ben"])
        self.assertTrue(self.runs_the_later(home.of("ben")["pid"]))
        self.assertFalse(system.called.exists())

    def test_going_back_to_the_earlier_version_starts_from_the_state_that_the_later_left(self):
        system, directory = self.system()
        home = self.home(system, directory)
        before = self.pids(home)
        code, said = system.dpkg("-i", newer(self.package, self.folder, "900.4", mark))
        self.assertEqual(code, 0, said)
        home.ctl("restart", "ben")
        later = home.until_restarted("ben", before["ben"])["pid"]
        code, said = system.dpkg("-i", self.package)
        self.assertEqual(code, 0, said)
        self.assertIn("has taken over", said)
        self.assertFalse(self.runs_the_later(home.daemon.pid), "the daemon is still the later one")
        home.until("anna", "RUNNING", pid=before["anna"], restarts=0)
        home.until("ben", "RUNNING", pid=later)
        home.ctl("restart", "ben")
        earlier = home.until_restarted("ben", later)["pid"]
        self.assertFalse(self.runs_the_later(earlier))
        self.assertEqual(home.events("worker_crashed"), [])

    def test_a_later_daemon_that_cannot_run_leaves_the_one_that_does(self):
        system, directory = self.system()
        home = self.home(system, directory)
        before = self.pids(home)
        code, said = system.dpkg("-i", newer(self.package, self.folder, "900.2", break_daemon))
        self.assertEqual(code, 0, said)
        self.assertIn("goes on with the program it runs", said)
        self.assertIsNone(home.daemon.poll())
        self.assertEqual(self.pids(home), before)
        code, said = system.dpkg("-i", newer(self.package, self.folder, "900.3", mark))
        self.assertEqual(code, 0, said)
        self.assertTrue(self.runs_the_later(home.daemon.pid))
        for name in ("anna", "ben"):
            home.until(name, "RUNNING", pid=before[name])

    def test_a_removal_stops_in_order_and_neither_it_nor_a_purge_deletes_a_home(self):
        system, directory = self.system()
        home = self.home(system, directory)
        pids = self.pids(home)
        code, said = system.dpkg("-r", "bullpen")
        self.assertEqual(code, 0, said)
        home.daemon.wait(timeout=60)
        self.assertFalse([pid for pid in pids.values() if alive(pid)])
        # Each was told to stop and did: none was lost.
        self.assertEqual(home.events("worker_crashed"), [])
        for name in PROGRAMS:
            self.assertFalse((system.root / "usr/bin" / name).exists())
        kept = ("bullpen.toml", "accounts.d/anna.toml", "accounts/anna/state.json",
                "accounts/ben/state.json", "logs/bullpend.log")
        for path in kept:
            self.assertTrue((home.root / path).stat().st_size > 0, path)
        wants = system.root / "etc/systemd/system/multi-user.target.wants"
        wants.mkdir(parents=True)
        (wants / "bullpend.service").symlink_to("/usr/lib/systemd/system/bullpend.service")
        before = {path: (home.root / path).read_bytes() for path in kept}
        code, said = system.dpkg("--purge", "bullpen")
        self.assertEqual(code, 0, said)
        self.assertIn("are left as they are", said)
        self.assertEqual({path: (home.root / path).read_bytes() for path in kept}, before)
        self.assertFalse((wants / "bullpend.service").is_symlink())
        self.assertTrue((system.root / "var/backups/bullpen").is_dir())
        self.assertEqual(system.ids()[0], home.user)

        # Installed again, it goes on where it was.
        code, said = system.dpkg("-i", self.package)
        self.assertEqual(code, 0, said)
        home.start()
        for name in ("anna", "ben"):
            home.until(name, "RUNNING")

    def test_nothing_is_removed_while_workers_live_without_a_daemon(self):
        system, directory = self.system()
        home = self.home(system, directory)
        pids = self.pids(home)
        home.kill_daemon()
        code, said = system.dpkg("-r", "bullpen")
        self.assertNotEqual(code, 0, said)
        self.assertIn("live without a daemon", said)
        self.assertTrue(all(alive(pid) for pid in pids.values()))
        self.assertTrue((system.root / "usr/bin/bullpend").exists())
        home.start()
        eventually(lambda: self.pids(home) == pids, home.story)
        code, said = system.dpkg("-r", "bullpen")
        self.assertEqual(code, 0, said)
        self.assertFalse([pid for pid in pids.values() if alive(pid)])


class Script(unittest.TestCase):
    """What the installation script does where it works on the machine's own system."""

    def test_a_new_home_gives_each_account_a_user_of_its_own(self):
        script = (ROOT / "etc/debian/postinst").read_text()
        change, = re.findall(r"as_user sed -i '([^']+)' \"\$home/bullpen.toml\"", script)
        made, = re.findall(r"grep -q '([^']+)' \"\$home/bullpen.toml\"", script)
        with tempfile.TemporaryDirectory(prefix="bp-", dir="/tmp") as folder:
            home = Path(folder) / "h"
            run(BIN / "bullpenctl", "--home", home, "init")
            settings = home / "bullpen.toml"
            before = settings.read_text().splitlines()
            self.assertNotIn("users", tomllib.loads(settings.read_text()).get("isolation", {}))
            run("sed", "-i", change, settings)
            self.assertEqual(tomllib.loads(settings.read_text())["isolation"]["users"], "account")
            run("grep", "-q", made, settings)
            changed = [line for line in settings.read_text().splitlines() if line not in before]
            self.assertEqual(changed, ['users = "account"'])


class ControlGroups(unittest.TestCase):
    """The examples by which a service manager gives a directory of control groups."""

    GROUPS = "/sys/fs/cgroup/bullpen.slice/bullpen-workers.service"

    def setUp(self):
        self.unit = (ROOT / "etc/systemd/bullpen-workers.service").read_text()
        self.extra = (ROOT / "etc/systemd/bullpend-workers.conf").read_text()

    def test_they_give_the_controllers_that_limits_are_kept_by_and_agree_on_the_directory(self):
        shown = (ROOT / "tests/integration/daemon/cgroup_test.py").read_text()
        words, = re.findall(r"^CONTROLLERS = \((.*)\)$", shown, re.MULTILINE)
        given, = re.findall(r"^Delegate=(.*)$", self.unit, re.MULTILINE)
        self.assertEqual(set(given.split()), set(re.findall(r"\w+", words)))
        for text in (self.extra, (ROOT / "docs/security.md").read_text()):
            self.assertIn(f'isolation.cgroups = "{self.GROUPS}"\n', text)
        for line in ("Wants=bullpen-workers.service", "After=bullpen-workers.service",
                     "Slice=bullpen.slice"):
            self.assertIn(f"\n{line}\n", self.extra)
        self.assertIn("\nSlice=bullpen.slice\n", self.unit)
        daemon = (ROOT / "etc/systemd/bullpend.service").read_text()
        user = re.findall(r"^User=.*$", daemon, re.MULTILINE)
        self.assertEqual(re.findall(r"^User=.*$", self.unit, re.MULTILINE), user)

    def test_the_process_that_holds_the_directory_is_in_a_group_below_it(self):
        words, = re.findall(r"^ExecStart=/bin/sh -c '(.*)'$", self.unit, re.MULTILINE)
        self.assertIn(f"cd {self.GROUPS} ", words)
        self.assertTrue(words.endswith("exec sleep infinity"))
        with tempfile.TemporaryDirectory(prefix="bp-", dir="/tmp") as folder:
            # The service manager makes one $ of two.
            script = words.replace("$$", "$").replace(self.GROUPS, folder)
            run("/bin/sh", "-c", script.replace("exec sleep infinity", "true"))
            self.assertGreater(int(Path(folder, "keeper/cgroup.procs").read_text()), 1)


class Ignored(unittest.TestCase):
    def test_git_takes_no_home_and_no_secret_of_the_tree(self):
        paths = ("home/bullpen.toml", "run/control", "secrets/vault.key", "x/secrets/anna.sealed",
                 "x/locks/account_anna.lock", "x/vault.key", ".env", "x/.env", "build/x",
                 "bullpen_0.1.0_amd64.deb", "bullpen-home-20250102T030405Z/bullpen.toml",
                 "x/accounts/anna/state.json", "x/run/lease", "x/accounts/anna/journal/000",
                 "x/accounts/anna/orders/a.json", "x/accounts.d/anna.toml", "x/bullpen.toml",
                 "x/y/imported/anna/config.json", "x/alerts/outbox", "x/venue/book",
                 "x/services/bullpen-venue/logs/worker.log", "config.ini", "Daily/config.ini",
                 "config.json", "old/config.ini", "old/config.json", "config.json.bak",
                 "old/config.ini.bak", "Daily/old_config.ini", ".env.old", "x/.env.prod",
                 "old/data/trading_state_joan.json", "x/fences", "x/logs/audit.log",
                 "x/journal/0001.journal", "x/logs/bullpend.log", "x/shared/calendar.snapshot",
                 "x/bullpen-home-20250102T030405123Z/SHA256SUMS",
                 "x/bullpen-home-20250102T030405123Z.part/making", "x/smtp.password",
                 "x/chat.token")
        if shutil.which("git") is None or not (ROOT / ".git").exists():
            self.skipTest("no working copy of git")
        taken = [path for path in paths
                 if subprocess.run(["git", "-C", ROOT, "check-ignore", "-q", "--no-index", path],
                                   timeout=60).returncode != 0]
        self.assertEqual(taken, [])
        # And none of what is in the tree is left out by it.
        self.assertEqual(run("git", "-C", ROOT, "ls-files", "-ci", "--exclude-standard"), "")

    def test_git_takes_what_is_new_beside_what_the_tree_has(self):
        paths = ("common/alerts/new.cpp", "venue/new.cpp", "tests/unit/venue/new_test.cpp",
                 "tests/integration/alerts/new_test.py", "etc/accounts.d/new.toml",
                 "etc/demo/accounts.d/new.toml", "tests/golden/config.json")
        if shutil.which("git") is None or not (ROOT / ".git").exists():
            self.skipTest("no working copy of git")
        left_out = [path for path in paths
                    if subprocess.run(["git", "-C", ROOT, "check-ignore", "-q", "--no-index", path],
                                      timeout=60).returncode == 0]
        self.assertEqual(left_out, [])


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("installing a package takes root")
        sys.exit(77)
    unittest.main()
