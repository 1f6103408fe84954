#!/usr/bin/env python3
"""A worker that tries everything: what it gets is what the table says, for each level of the
kernel's features, and the other accounts' beats stay on time by their own record."""

import errno
import json
import os
import shutil
import socket
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually, landlock_version, main  # noqa: E402

DONE = "done"  # it goes through
ACCES, PERM, NOSYS, NOTSUP, BADF = "EACCES", "EPERM", "ENOSYS", "ENOTSUP", "EBADF"
XDEV = "EXDEV"

# What every attempt must end with; where versions of Landlock differ: at version 2, as Debian 12
# has it, from version 3 on, which minds what is cut, and from version 6 on, where the kernel itself
# keeps signals apart. A filter of calls answers EPERM, Landlock EACCES.
TABLE = {
    # its own, and what all may read
    "write_own": DONE,
    "read_shared": DONE,
    "own_signal": DONE,
    "own_group": DONE,
    # others' files
    "read_state": ACCES,
    "read_log": ACCES,
    "read_journal": ACCES,
    "read_lock": ACCES,
    "read_secret": ACCES,
    "read_key": ACCES,
    "read_settings": ACCES,
    "read_home_settings": ACCES,
    "read_cookie": ACCES,
    "read_launches": ACCES,
    "read_board": ACCES,
    "read_daemon_log": ACCES,
    "read_shadow": ACCES,
    "list_account": ACCES,
    "list_accounts": ACCES,
    "list_secrets": ACCES,
    "list_home": ACCES,
    "list_root": ACCES,
    "write_other": ACCES,
    "write_shared": ACCES,
    "write_outside": ACCES,
    "write_lock": ACCES,
    "make_in_other": ACCES,
    "make_in_shared": ACCES,
    "make_in_run": ACCES,
    "make_directory": ACCES,
    "truncate_other": (PERM, ACCES, ACCES),
    "truncate_shared": (PERM, ACCES, ACCES),
    "cut_shared": (PERM, ACCES, ACCES),
    # In the mode that is neither reading nor writing Landlock asks no right of them.
    "open_other_for_nothing": PERM,
    "cut_other_for_nothing": PERM,
    "cut_secret_for_nothing": PERM,
    "cut_shared_for_nothing": PERM,
    "terminal_for_nothing": PERM,
    "open_by_its_newest_call": NOSYS,
    "remove_other": ACCES,
    "rename_over_other": ACCES,
    "rename_from_other": ACCES,
    "link_from_other": XDEV,
    "watch_other": NOSYS,
    "symlink": ACCES,
    "pipe_by_name": ACCES,
    "take_lease_socket": ACCES,
    # their attributes, which Landlock does not mind
    "chmod_other": PERM,
    "chown_other": PERM,
    "times_of_other": PERM,
    "attribute_of_other": NOTSUP,
    "attribute_at_of_other": NOTSUP,
    "file_attribute_of_other": NOTSUP,
    "chmod_shared": PERM,
    "flags_of_shared": PERM,
    "project_of_shared": PERM,
    "seal_shared": PERM,
    "encrypt_shared": PERM,
    # what others would wait for
    "lease_on_own": PERM,
    "lease_on_shared": PERM,
    "notice_of_shared": PERM,
    # the machine
    # With -1 the kernel says that it went well also when every single process was out of reach.
    "kill_everybody": (PERM, PERM, DONE),
    "slow_the_user": PERM,
    "mount": PERM,
    "chroot": PERM,
    "unshare": PERM,
    "user_namespace": PERM,
    "user_namespace_of_a_child": PERM,
    "process_by_its_newest_call": NOSYS,
    "io_uring": NOSYS,
    "bpf": PERM,
    "own_session": PERM,
    "shared_memory": PERM,
    "message_queue": PERM,
    # What listens on this host and is of no home. No version minds a socket that has a path; the
    # last minds those that have none.
    "unix_socket_of_others": DONE,
    "abstract_socket_of_others": (DONE, DONE, PERM),
}
# Of the daemon and of another account's worker.
PROCESS = {
    "read_environ_of": ACCES,
    "read_mem_of": ACCES,
    "read_maps_of": ACCES,
    "descriptor_of": ACCES,
    "root_of": ACCES,
    "oom_score_of": ACCES,
    "kill": PERM,
    "kill_group_of": PERM,
    "tgkill": PERM,
    "queue_to": PERM,
    "pidfd_signal": PERM,
    "ptrace": PERM,
    "read_memory_of": PERM,
    "write_memory_of": PERM,
    "limit": PERM,
    "pin": PERM,
    "slow": PERM,
}
for who in ("daemon", "worker"):
    TABLE.update({f"{what}_{who}": errors for what, errors in PROCESS.items()})
# A program of its own may start others; the built-in worker may not. That one looks into the
# applied settings, in which nothing is secret, before it ends.
# What is Bullpen's own and needs no network has none.
NETWORK = {"tcp_socket_loopback": DONE, "netlink_socket": DONE}
COMMAND = {**NETWORK, "fork": DONE, "execute": ACCES, "list_applied": ACCES,
           # Ways to be rid of its locks: some are told that it went well, and all have them still.
           "close_lock": DONE, "close_broker_lock": DONE, "close_lock_beyond_32_bits": DONE,
           "close_all": DONE, "close_all_on_exec": NOSYS, "close_many": NOSYS, "close_from": DONE,
           "close_lock_on_exec": DONE, "close_lock_on_exec_by_ioctl": DONE,
           "file_over_lock": BADF, "file_over_lock_on_exec": BADF,
           "file_over_lock_by_who_answers_calls": PERM,
           "unlock": PERM, "unlock_waiting": PERM, "unlock_copy": PERM,
           "unlock_received_copy": PERM, "unlock_of_another_kind": DONE,
           "close_lock_in_a_child": DONE,
           "keep_locks": DONE, "keep_locks_in_another_program": DONE}
INSIDE = {"fork": PERM, "execute": PERM, "list_applied": DONE, "tcp_socket_loopback": PERM,
          "netlink_socket": PERM}

# A service starts nothing either. What the exchange needs to know who speaks for an account, and
# who is an operator, it can read.
VENUE = {**INSIDE, "read_cookie": DONE, "read_lock": DONE,
         "read_launches": DONE, "read_board": DONE}
# What speaks to the network reads logs and the board of all, and its settings; nothing else of
# accounts, nothing by which it could give an order, and no secret but its own.
NOTIFY = {**INSIDE, **NETWORK, **dict.fromkeys(
    ("read_log", "read_home_settings", "read_board", "read_daemon_log"), DONE),
    **dict.fromkeys(("read_shared", "chmod_shared", "flags_of_shared", "project_of_shared",
                     "seal_shared", "encrypt_shared", "lease_on_shared", "notice_of_shared"),
                    ACCES)}
SIGNALS = {**INSIDE, "list_applied": ACCES}
# What listens for other hosts knows the board and how an operator gives orders. It connects to
# nobody where Landlock minds ports.
REMOTE = {**INSIDE, **NETWORK,
          **dict.fromkeys(("read_cookie", "read_launches", "read_board"), DONE)}

PEER = Path(__file__).resolve().parents[2] / "support" / "hostile_peer.py"


def outcome(number):
    return DONE if number == 0 else errno.errorcode[number].replace("EOPNOTSUPP", NOTSUP)


def alarms(home):
    """Of accounts; the home's own may be about its host."""
    return [line for line in home.events("alarm") if line["worker"]]


class Attacks(unittest.TestCase):
    def setUp(self):
        # The machines that this is tested on have both. Without them nothing here would be true.
        self.assertGreaterEqual(landlock_version(), 2, "this kernel has no Landlock")
        self.assertIn("Seccomp:", Path("/proc/self/status").read_text(), "no seccomp")

    def attack(self, version, account):
        """Lets the account `mallory`, with these settings, attack `victim`; the answers."""
        with Home(f"isolation.landlock_max = {version}\n") as home:
            home.account("victim", "[feed]\nspeed = 60\n")
            home.account("mallory", account)
            home.start()
            home.until("mallory", "RUNNING")
            answers = self.answers(home, version, home.root / "accounts" / "mallory")
            self.assertEqual(home.of("mallory")["isolation"],
                             {"landlock": version, "seccomp": True})
            return answers

    def attack_from(self, service, version, account, settings="", own=None):
        """The same from within the service that the account, or these settings, need; `own` is the
        directory of the home that it writes, where that is not its own below services/."""
        with Home(f"isolation.landlock_max = {version}\n{settings}") as home:
            if own is not None:
                for part in ("tmp", "crash"):
                    (home.root / own / part).mkdir(parents=True)
            home.account("victim", "[feed]\nspeed = 60\n")
            home.account("mallory", account)
            if service == "bullpen-remote":
                home.ctl("remote", "keygen")
            home.start(program=self.programs(home, service, own))
            home.until("mallory", "RUNNING")

            def there():
                running = [one for one in home.status()["services"] if one["state"] == "RUNNING"]
                return next((one for one in running if one["name"].startswith(service)), None)
            line = eventually(there, home.story)
            self.assertEqual(line["isolation"], {"landlock": version, "seccomp": True})
            self.assertIn(f"Landlock {version}, system calls filtered",
                          home.ctl("explain", line["name"]).stdout)
            answers = self.answers(home, version,
                                   home.root / (own or f"services/{line['name']}"))
            after = home.until_service(line["name"], "RUNNING")
            self.assertEqual(after["pid"], line["pid"])
            return answers

    @staticmethod
    def programs(home, service, own):
        """A bullpend whose service is gone bad; its path."""
        directory = Path(home.directory) / "bin"
        directory.mkdir()
        for program in BIN.glob("bullpen*"):
            if program.name not in ("bullpend", service):
                (directory / program.name).symlink_to(program)
        gone_bad = directory / service
        where = f"export BULLPEN_HOSTILE_DIR={home.root}/{own}\n" if own else ""
        gone_bad.write_text(f"#!/bin/sh\n{where}"
                            f"export LD_PRELOAD={BIN}/libbullpen-hostile-inside.so\n"
                            f'exec {BIN}/{service} "$@"\n')
        gone_bad.chmod(0o755)
        return shutil.copy2(BIN / "bullpend", directory)

    def answers(self, home, version, attacker):
        """Lets what has this directory attack `victim`; the answers."""
        with tempfile.NamedTemporaryFile(dir="/tmp") as outside, \
                socket.create_server(("127.0.0.1", 0)) as tcp, \
                socket.socket(socket.AF_UNIX) as door, socket.socket(socket.AF_UNIX) as abstract:
            where = {"port": tcp.getsockname()[1], "door": f"{home.outside}/door",
                     "abstract": f"bullpen-test-{home.directory[-8:]}"}
            door.bind(where["door"])
            abstract.bind("\0" + where["abstract"])
            for listener in (door, abstract):
                listener.listen()
            victim = home.until("victim", "RUNNING")
            (home.root / "shared" / "public").write_text("for all")
            for path in ("secrets/victim.sealed", "secrets/vault.key", "accounts/victim/bait",
                         "accounts/victim/journal/000"):
                (home.root / path).write_text("x")
            before = self.kept(home)
            started = len(home.events("worker_started"))
            own = attacker / "tmp"
            targets = {"home": home.root, "victim": "victim", "outside": outside.name,
                       "daemon": home.daemon.pid, "worker": victim["pid"], **where}
            (own / "whole").write_text("".join(f"{k} {v}\n" for k, v in targets.items()))
            (own / "whole").rename(own / "targets")
            answers = own / "attempts"
            eventually(lambda: answers.exists() and answers.read_text().endswith("end\n"),
                       lambda: f"{answers.exists() and answers.read_text()}\n{home.story()}")
            # Nothing is as it should not be, nobody was hurt, and everything is still told.
            self.assertEqual(self.kept(home), before)
            after = home.until("victim", "RUNNING")
            self.assertEqual(after["pid"], victim["pid"])
            self.assertEqual(len(home.events("worker_started")), started, home.story())
            self.assertEqual(after["isolation"]["landlock"], version)
            self.assertEqual(home.status()["daemon"]["isolation"],
                             {"landlock": version, "seccomp": True})
            self.assertEqual(alarms(home) + home.worker_log("victim", "stalled"), [])
            lines = [line.split() for line in answers.read_text().splitlines()[:-1]]
            return {name: outcome(int(number)) for name, number in lines}

    @staticmethod
    def kept(home):
        """What no other account may change, as it is."""
        found = {}
        for name in ("shared/public", "secrets/victim.sealed", "accounts/victim/bait",
                     "accounts/victim/journal/000"):
            path = home.root / name
            found[name] = (path.read_text(), path.stat().st_mode, path.stat().st_mtime_ns)
        return found

    def judge(self, answers, version, extra):
        column = sum(version >= first for first in (3, 6))
        expected = {name: errors if isinstance(errors, str) else errors[column]
                    for name, errors in {**TABLE, **extra}.items()}
        wrong = {name: f"{answers.get(name)}, not {error}" for name, error in expected.items()
                 if answers.get(name) != error}
        self.assertEqual(wrong, {})
        self.assertEqual(set(answers), set(expected), "the table has every attempt")


class Hostile(Attacks):
    """A worker: a program of its own, and the built-in one gone bad."""

    def of_a_command(self, version):
        command = json.dumps([str(BIN / "bullpen-hostile")])
        self.judge(self.attack(version, f"command = {command}\n"), version, COMMAND)

    def of_the_built_in_worker(self, version):
        preloaded = json.dumps(str(BIN / "libbullpen-hostile-inside.so"))
        account = f"[environment]\nLD_PRELOAD = {preloaded}\n"
        self.judge(self.attack(version, account), version, INSIDE)

    def test_a_command_reaches_nothing_at_the_version_of_debian_12(self):
        self.of_a_command(2)

    def test_a_command_reaches_nothing_at_version_3(self):
        self.of_a_command(3)

    def test_a_command_reaches_nothing_at_the_kernels_own_version(self):
        self.of_a_command(landlock_version())

    def test_a_built_in_worker_gone_bad_reaches_nothing_at_the_version_of_debian_12(self):
        self.of_the_built_in_worker(2)

    def test_a_built_in_worker_gone_bad_reaches_nothing_at_version_3(self):
        self.of_the_built_in_worker(3)

    def test_a_built_in_worker_gone_bad_reaches_nothing_at_the_kernels_own_version(self):
        self.of_the_built_in_worker(landlock_version())


class HostileLinks(unittest.TestCase):
    """Paths that an account's file lets it reach, and links in their place: where they really lead
    is asked before each launch."""

    def run_once_and_again(self, home, account, script):
        """Runs the script, which lays its links and dies; what keeps it from its next launch."""
        (home.root / "secrets").mkdir(mode=0o700, exist_ok=True)
        (home.root / "secrets" / "stolen").write_text("a secret")
        (home.outside / "bot.sh").write_text(script + "\nexit 1\n")
        home.account("victim", "[feed]\nspeed = 60\n")
        home.account("mallory", f'write_paths = ["{home.outside}"]\n{account}')
        home.start()
        why = self.refused(home)
        self.assertEqual((home.outside / "got").read_text(), "")
        self.assertIsNotNone(home.until("victim", "RUNNING")["pid"])
        return why

    def refused(self, home):
        said = eventually(lambda: home.events("launch_failed"), home.story)[0]
        self.assertEqual(said["worker"], "mallory")
        line = home.until("mallory", "BACKOFF", reason="launch_failed")
        self.assertIsNone(line["pid"])
        # As far as there is room for it.
        self.assertTrue(said["error"].startswith(line["last_error"].rstrip("…")), line)
        return said["error"]

    def test_a_path_to_read_that_its_program_made_a_link_into_the_home_opens_nothing(self):
        with Home() as home:
            venv = home.outside / "venv"
            venv.mkdir()
            why = self.run_once_and_again(
                home,
                f'read_paths = ["{venv}"]\n'
                f'command = ["/bin/sh", "{home.outside}/bot.sh"]\n',
                f"cat {venv}/secrets/stolen >{home.outside}/got\n"
                f"rmdir {venv}; ln -sfn {home.root} {venv}")
            self.assertIn(f"account mallory: read_paths '{venv}' leads to {home.root} by the link",
                          why)

    def test_a_file_of_its_command_that_its_program_made_a_link_to_a_secret_opens_nothing(self):
        with Home() as home:
            word = home.outside / "config.json"
            word.write_text("")
            why = self.run_once_and_again(
                home, f'command = ["/bin/sh", "{home.outside}/bot.sh", "{word}"]\n',
                f"cat {word} >{home.outside}/got\nln -sf {home.root}/secrets/stolen {word}")
            self.assertIn(f"account mallory: command '{word}' leads to {home.root}/secrets/stolen",
                          why)

    def test_an_operators_link_into_the_home_is_refused_by_check_and_at_the_launch(self):
        with Home() as home:
            link = home.outside / "link"
            (home.root / "accounts").mkdir(mode=0o700)
            link.symlink_to(home.root / "accounts")
            home.account("mallory", f'write_paths = ["{link}"]\ncommand = ["/bin/sleep", "9"]\n')
            sentence = f"'{link}' leads to {home.root}/accounts, which would open this home's own"
            done = home.ctl("check", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"accounts.d/mallory.toml:1: write_paths: {sentence}",
                          done.stdout + done.stderr)
            home.start()
            self.assertIn(f"account mallory: write_paths {sentence}", self.refused(home))


class HostileService(Attacks):
    """The home's own services, gone bad: what talks with all accounts reaches none of them."""

    def of_the_exchange(self, version):
        account = 'trading = "on"\n[feed]\nspeed = 60\n'
        self.judge(self.attack_from("bullpen-venue", version, account), version, VENUE)

    def of_shared_signals(self, version):
        account = 'signals = "shared"\n[feed]\nspeed = 60\n'
        self.judge(self.attack_from("bullpen-signals", version, account), version, SIGNALS)

    def of_control_from_elsewhere(self, version):
        answers = self.attack_from("bullpen-remote", version, "[feed]\nspeed = 60\n",
                                   '[remote]\nlisten = "tcp://127.0.0.1:0"\n')
        ports = {"tcp_socket_loopback": ACCES if version >= 4 else DONE}
        self.judge(answers, version, {**REMOTE, **ports})

    def test_control_from_elsewhere_gone_bad_reaches_no_account_at_the_version_of_debian_12(self):
        self.of_control_from_elsewhere(2)

    def test_control_from_elsewhere_gone_bad_reaches_no_account_at_version_3(self):
        self.of_control_from_elsewhere(3)

    def test_control_from_elsewhere_gone_bad_reaches_no_account_at_the_kernels_own_version(self):
        self.of_control_from_elsewhere(landlock_version())

    def of_alerts(self, version):
        account = "[feed]\nspeed = 60\n"
        settings = '[alerts]\nwebhook = "http://127.0.0.1:9/"\n'
        answers = self.attack_from("bullpen-notify", version, account, settings, "alerts")
        self.judge(answers, version, NOTIFY)

    def test_alerts_gone_bad_give_no_order_and_change_no_account_at_the_version_of_debian_12(self):
        self.of_alerts(2)

    def test_alerts_gone_bad_give_no_order_and_change_no_account_at_version_3(self):
        self.of_alerts(3)

    def test_alerts_gone_bad_give_no_order_and_change_no_account_at_the_kernels_own_version(self):
        self.of_alerts(landlock_version())

    def test_an_exchange_gone_bad_reaches_no_account_at_the_version_of_debian_12(self):
        self.of_the_exchange(2)

    def test_an_exchange_gone_bad_reaches_no_account_at_version_3(self):
        self.of_the_exchange(3)

    def test_an_exchange_gone_bad_reaches_no_account_at_the_kernels_own_version(self):
        self.of_the_exchange(landlock_version())

    def test_shared_signals_gone_bad_reach_no_account_at_the_version_of_debian_12(self):
        self.of_shared_signals(2)

    def test_shared_signals_gone_bad_reach_no_account_at_version_3(self):
        self.of_shared_signals(3)

    def test_shared_signals_gone_bad_reach_no_account_at_the_kernels_own_version(self):
        self.of_shared_signals(landlock_version())


class HostilePeer(unittest.TestCase):
    """The sockets of the home, which no version of Landlock yet keeps a process from."""

    def of_a_peer(self, version):
        with Home(f"isolation.landlock_max = {version}\n") as home:
            home.account("victim", 'trading = "on"\n[feed]\nspeed = 60\n')
            home.account("other", "[feed]\nspeed = 60\n")
            command = json.dumps(["/usr/bin/python3", str(PEER)])
            home.account("mallory", f"command = {command}\n")
            home.start()
            victim = home.until("victim", "RUNNING")
            home.until("other", "RUNNING")
            home.until("mallory", "RUNNING")
            home.until_service("bullpen-venue", "RUNNING")
            eventually(lambda: home.at_exchange("session", account="victim"), home.story)
            own = home.root / "accounts" / "mallory"
            (own / "tmp" / "whole").write_text(json.dumps({"account": "victim"}))
            (own / "tmp" / "whole").rename(own / "tmp" / "targets")
            eventually((own / "listening").exists, home.story)
            home.ctl("restart", "other")  # so that there is something to hear
            answers = own / "heard"
            eventually(answers.exists, lambda: (own / "logs/stdio.log").read_text() + home.story())
            self.assertEqual(json.loads(answers.read_text()), {
                "cookie": errno.EACCES,
                "control_without_cookie": "not_allowed",
                "control_with_a_guess": "not_allowed",
                "welcome_as_the_other": False,
                "welcome_with_its_own_launch": False,
                "exchange_as_the_other": "refused",
                "exchange_with_a_guess": "refused",
                "exchange_as_administrator": "refused",
                "events": 0,
                "flood": "sent"})
            # It is as it was, and whoever may still gives orders and hears of them.
            after = home.until("victim", "RUNNING")
            self.assertEqual((after["pid"], after["restarts"]), (victim["pid"], victim["restarts"]))
            self.assertNotEqual(after["mode"], "halted")
            # Its session at the exchange is the only one that there was, and nobody took it over.
            self.assertEqual(len(home.at_exchange("session")), 1)
            self.assertEqual(home.at_exchange("kicked", "administrator"), [])
            home.ctl("restart", "victim")
            self.assertEqual(alarms(home), [])

    def test_a_worker_on_the_homes_sockets_is_heard_by_nobody_at_the_version_of_debian_12(self):
        self.of_a_peer(2)

    def test_a_worker_on_the_homes_sockets_is_heard_by_nobody_at_the_kernels_own_version(self):
        self.of_a_peer(landlock_version())

# As many processes as are worth the while, each with as many connections as it gets.
FLOOD = """
import os, socket, time
for _ in range(60):
    if os.fork() == 0:
        break
held = []
while True:
    for name in %s:
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(1)
        try:
            one.connect(os.environ["BULLPEN_HOME"] + "/run/" + name)
            held.append(one)
        except OSError:
            one.close()
    if len(held) > 900:
        for one in held[:450]:
            one.close()
        del held[:450]
"""
SOCKETS = ("lease", "control", "events")


class HostileFlood(unittest.TestCase):
    """More connections to the daemon's sockets than it has descriptors for."""

    def of_a_flood(self, version):
        with Home(f"isolation.landlock_max = {version}\n") as home:
            home.account("victim", "[feed]\nspeed = 60\n")
            command = json.dumps(["/usr/bin/python3", "-c", FLOOD % repr(SOCKETS)])
            home.account("mallory", f'command = {command}\nheartbeat = "none"\n')
            home.start()
            victim = home.until("victim", "RUNNING")
            # Again and again, as often as an account may die.
            ends = lambda: [line for line in alarms(home)  # noqa: E731
                            if line["reason"] == "process_limit"]
            eventually(lambda: len(ends()) > 3, home.story, 60)
            deaths = [line["reason"] for line in home.events("crash_bundle")
                      if line["worker"] == "mallory"]
            self.assertEqual(set(deaths), {"process_limit"})
            self.assertGreater(len([line for line in home.events("connections_refused")
                                    if line["worker"] == "mallory"]), 3)
            # An operator is heard meanwhile.
            home.ctl("stop", "mallory")
            home.until("mallory", "STOPPED")
            # The others came to no harm, by the daemon's record and by their own.
            self.assertIsNone(home.daemon.poll(), home.story())
            after = home.until("victim", "RUNNING")
            self.assertEqual((after["pid"], after["restarts"]), (victim["pid"], 0))
            self.assertEqual(home.worker_log("victim", "stalled"), [])
            self.assertEqual({line["worker"] for line in alarms(home)}, {"mallory"})

    def test_a_flood_of_connections_ends_who_makes_it_at_the_version_of_debian_12(self):
        self.of_a_flood(2)

    def test_a_flood_of_connections_ends_who_makes_it_at_the_kernels_own_version(self):
        self.of_a_flood(landlock_version())


if __name__ == "__main__":
    main()
