#!/usr/bin/env python3
"""Each account a Unix user of its own, where the daemon is none that may do more than that: how it
gets there, what operators still see and do, and what becomes of a home that begins or ends it."""

import errno
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import alive, eventually, main  # noqa: E402
from paper import trader, until_holding  # noqa: E402
from users_home import FIRST, OWN, USER, UsersCase, credentials_of, script  # noqa: E402

# Tries what only the files' modes and the kernel's oldest rules keep from it; 0 for done.
TRIES = """
import json, os, sys, time
home, other, pid = sys.argv[1], sys.argv[1] + "/accounts/victim", int(sys.argv[2])

def attempt(what, *words):
    try:
        what(*words)
        return 0
    except OSError as error:
        return error.errno

def read(path):
    with open(path, "rb") as file:
        file.read(1)

def write(path):
    open(path, "ab").close()

said = {
    "own": attempt(write, "mine"),
    "read": attempt(read, other + "/bait"),
    "write": attempt(write, other + "/bait"),
    "list": attempt(os.listdir, other),
    "plant": attempt(write, other + "/planted"),
    "remove": attempt(os.unlink, other + "/bait"),
    "lock": attempt(read, home + "/locks/account_victim.lock"),
    "secret": attempt(read, home + "/secrets/bait"),
    "cookie": attempt(read, home + "/run/cookie"),
    "daemon_log": attempt(read, home + "/logs/bullpend.log"),
    "launches": attempt(read, home + "/run/launches"),
    "settings": attempt(write, home + "/bullpen.toml"),
    "shared": attempt(write, home + "/shared/planted"),
    "environ": attempt(read, f"/proc/{pid}/environ"),
    "signal": attempt(os.kill, pid, 0),
}
with open("said.tmp", "w") as out:
    json.dump(said, out)
os.rename("said.tmp", "said.json")
time.sleep(600)
"""


class Users(UsersCase):
    def test_each_worker_is_a_user_without_capabilities_and_operators_see_all(self):
        home = self.home()
        home.account("alpha", "[feed]\nspeed = 60\n")
        home.puppet("beta", ["sleep"], "[limits]\nprocesses_max = 9\n")
        home.start()
        pids = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
        self.assertEqual(sorted(home.user(name) for name in pids), [FIRST + 1, FIRST + 2])
        for name, pid in pids.items():
            self.assertEqual(credentials_of(pid), {"users": {home.user(name)}, "groups": {USER},
                                                   "capable": 0})
            self.assertTrue(home.of(name)["own_user"])
            self.assertEqual((home.root / "accounts" / name).stat().st_uid, home.user(name))
        self.assertIn(["Max", "processes", "9"],
                      [line.split()[:3] for line in
                       Path(f"/proc/{pids['beta']}/limits").read_text().splitlines()])
        self.assertEqual(home.status()["daemon"]["users"], "in_force")
        self.assertIn("each of them is of a user of its own", home.ctl("status").stdout)
        # The daemon is nobody to the rest of the host.
        daemon = home.daemon.pid
        self.assertEqual(credentials_of(daemon)["users"], {USER})
        self.assertNotEqual(os.readlink(f"/proc/{daemon}/ns/user"),
                            os.readlink("/proc/self/ns/user"))
        self.assertIn("NoNewPrivs:\t1", Path(f"/proc/{daemon}/status").read_text())
        self.assertEqual(Path(f"/proc/{daemon}/comm").read_text(), "bullpend\n")
        # An operator is not the accounts' users, and still looks at what is theirs.
        eventually(lambda: home.ctl("tail", "alpha").stdout, home.story)
        self.assertIn("a user of its own", home.ctl("explain", "alpha").stdout)

    def test_an_upgrade_and_a_crash_of_the_daemon_touch_no_worker(self):
        home = self.home()
        home.account("alpha", "[feed]\nspeed = 60\n")
        home.puppet("beta", ["sleep"])
        home.start()
        pids = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
        space = os.readlink(f"/proc/{home.daemon.pid}/ns/user")
        before = len(home.events("daemon_started"))
        home.ctl("upgrade")
        eventually(lambda: len(home.events("daemon_started")) > before and
                   home.status()["daemon"]["users"] == "in_force", home.story)
        self.assertEqual(os.readlink(f"/proc/{home.daemon.pid}/ns/user"), space)
        home.kill_daemon()
        home.start()
        for name, pid in pids.items():
            self.assertEqual(home.until(name, "RUNNING")["pid"], pid)
        # It is in the workers' own namespace, without which it could not end them.
        self.assertEqual(os.readlink(f"/proc/{home.daemon.pid}/ns/user"), space)
        for name, pid in pids.items():
            home.ctl("restart", name)
            again = home.until_restarted(name, pid)["pid"]
            self.assertEqual(credentials_of(again)["users"], {home.user(name)})
        os.kill(home.of("beta")["pid"], 9)
        self.assertEqual(home.events("sweep_failed"), [])

    def test_accounts_of_users_of_their_own_take_shared_signals(self):
        home = self.home()
        for name in ("alpha", "beta"):
            home.account(name, 'signals = "shared"\n[feed]\nspeed = 600\n')
        home.start()
        for name in ("alpha", "beta"):
            home.until(name, "RUNNING")
            eventually(lambda: home.of(name).get("bar_age_s") is not None, home.story)
            self.assertNotEqual(home.of(name)["mode_reason"], "feed_stale", home.of(name))

    def test_without_landlock_the_modes_alone_keep_accounts_apart(self):
        home = self.home(OWN + "landlock_max = 0\nseccomp = false\n")
        home.account("victim", "[feed]\nspeed = 60\n")
        home.start()
        victim = home.until("victim", "RUNNING")
        (home.root / "secrets/bait").write_text("x")
        bait = home.root / "accounts/victim/bait"
        bait.write_text("x")
        home.own()
        os.chown(bait, home.user("victim"), USER)
        script(home, "mallory", TRIES, home.root, victim["pid"])
        home.ctl("update")
        answers = home.root / "accounts/mallory/said.json"
        said = eventually(lambda: json.loads(answers.read_text()), home.story)
        self.assertEqual(said.pop("own"), 0)
        self.assertEqual(said.pop("signal"), errno.EPERM)
        self.assertEqual(said, dict.fromkeys(said, errno.EACCES))
        self.assertEqual(home.until("victim", "RUNNING")["pid"], victim["pid"])
        self.assertEqual(bait.read_text(), "x")
        told = home.ctl("status").stdout
        self.assertIn("kept from each other's files by their users", told)
        self.assertNotIn("each can read the others' files", told)

    def test_an_account_trades_on_paper_as_its_own_user(self):
        home = self.home()
        home.account("anna", trader({"feed.speed": 6000}))
        home.start()
        home.until("anna", "RUNNING")
        until_holding(home)
        venue = home.until_service("bullpen-venue", "RUNNING")
        # It looks who speaks for an account, and changes nothing of it.
        self.assertEqual(credentials_of(venue["pid"])["users"], {USER})
        self.assertEqual(credentials_of(venue["pid"])["capable"], 1 << 2)


class Beginnings(UsersCase):
    def test_where_there_is_no_range_workers_run_as_one_and_status_warns(self):
        home = self.home()
        home.subuid.write_text("somebody:100000:65536\n")
        home.puppet("alpha", ["sleep"])
        home.start()
        pid = home.until("alpha", "RUNNING")["pid"]
        self.assertEqual(credentials_of(pid)["users"], {USER})
        self.assertFalse(home.of("alpha")["own_user"])
        self.assertEqual(home.status()["daemon"]["users"], "unusable")
        self.assertIn('isolation.users = "account" cannot be had', home.ctl("status").stdout)
        told = home.events("isolation_degraded")[0]["users"]
        self.assertIn(f"/etc/subuid has no range of numbers for user {USER}", told)
        self.assertIn(told, (home.root / "bullpend.stderr").read_text())
        self.assertFalse((home.root / "numbers").exists())

    def test_a_home_goes_over_account_by_account_and_back(self):
        home = self.home("")
        home.account("alpha", "[feed]\nspeed = 60\n")
        home.start()
        pid = home.until("alpha", "RUNNING")["pid"]
        self.assertEqual(credentials_of(pid)["users"], {USER})
        self.assertEqual(home.status()["daemon"]["users"], "not_wanted")
        # What runs is adopted as it is; the account's next start changes its user.
        home.settings(OWN)
        home.own()
        self.assertEqual(credentials_of(home.daemon.pid)["capable"], 0)
        home.kill_daemon()
        home.start()
        self.assertEqual(home.status()["daemon"]["users"], "in_force")
        self.assertEqual(home.until("alpha", "RUNNING")["pid"], pid)
        self.assertIn("alpha: confined by less than the others", home.ctl("status").stdout)
        home.ctl("restart", "alpha")
        own = home.until_restarted("alpha", pid)["pid"]
        self.assertEqual(credentials_of(own)["users"], {home.user("alpha")})
        home.ctl("stop", "alpha")
        self.assertNotIn(USER, home.owners("alpha") - {home.user("alpha")} - {USER})
        # And back.
        home.settings("")
        home.own()
        home.ctl("upgrade")
        eventually(lambda: home.status()["daemon"]["users"] == "not_wanted", home.story)
        home.ctl("start", "alpha")
        back = home.until("alpha", "RUNNING")["pid"]
        self.assertEqual(credentials_of(back)["users"], {USER})
        self.assertEqual(home.owners("alpha"), {USER})


class Accounts(UsersCase):
    def test_a_number_goes_with_the_name_and_is_never_given_again(self):
        home = self.home()
        home.account("alpha", "[feed]\nspeed = 60\n")
        home.start()
        home.until("alpha", "RUNNING")
        user = home.user("alpha")
        home.ctl("stop", "alpha")
        home.ctl("rename", "alpha", "gamma")
        home.ctl("start", "gamma", check=False)
        pid = home.until("gamma", "RUNNING")["pid"]
        self.assertEqual(credentials_of(pid)["users"], {user})
        self.assertEqual(home.owners("gamma"), {user})
        home.ctl("stop", "gamma")
        home.ctl("remove", "gamma", "--purge", "--yes", "--flat")
        self.assertFalse((home.root / "accounts/gamma").exists())
        home.account("gamma", "[feed]\nspeed = 60\n")
        home.ctl("update")
        home.until("gamma", "RUNNING")
        self.assertNotEqual(home.user("gamma"), user)

    def test_a_home_is_backed_up_and_made_again(self):
        home = self.home()
        again = self.home("", share_locks_with=home)
        home.account("anna", trader({"feed.speed": 6000}))
        home.start()
        home.until("anna", "RUNNING")
        until_holding(home)
        to = tempfile.mkdtemp(prefix="bp-bk-", dir="/tmp")
        self.addCleanup(shutil.rmtree, to)
        os.chown(to, USER, USER)
        made = json.loads(home.ctl("backup", to, "--json").stdout)["backup"]
        numbers = home.numbers()
        home.ctl("shutdown")
        again.ctl("restore", made, "--yes")
        again.start()
        pid = again.until("anna", "RUNNING")["pid"]
        self.assertEqual(again.numbers(), numbers)
        self.assertEqual(credentials_of(pid)["users"], {again.user("anna")})

    def test_an_operator_looks_at_accounts_while_no_daemon_runs(self):
        home = self.home()
        home.account("alpha", "[feed]\nspeed = 60\n")
        home.start()
        pid = home.until("alpha", "RUNNING")["pid"]
        home.kill_daemon()
        self.assertTrue(home.ctl("tail", "alpha").stdout)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not alive(pid), home.story)
        self.assertTrue(home.ctl("tail", "alpha", capable=True).stdout)
        refused = home.ctl("tail", "alpha", check=False)
        self.assertIn("files of accounts cannot be looked at", refused.stderr)


if __name__ == "__main__":
    main()
