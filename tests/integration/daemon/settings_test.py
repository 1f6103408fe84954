#!/usr/bin/env python3
"""Settings are honoured by real daemons and workers, and count when their reference says so."""

import json
import os
import re
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402

WORKER = Path(__file__).resolve().parents[2] / "support" / "lease_worker.py"
SHIFTED_CLOCK = BIN / "libbullpen-shifted-clock.so"


def core_limit(pid):
    text = Path(f"/proc/{pid}/limits").read_text()
    return re.search(r"Max core file size\s+(\S+)\s+(\S+)", text).groups()


def worker_log(home, name):
    path = home.root / "accounts" / name / "logs/worker.log"
    return path.read_text() if path.exists() else ""


def said_by(home, name):
    """What the account's worker says of itself; empty before its first beat."""
    return home.explain(name)["detail"]["worker"] or {}


class Settings(unittest.TestCase):
    def update(self, home, settings):
        """Applies bullpen.toml; returns the keys that changed, with what each needs."""
        before = home.daemon.pid
        home.settings(settings)
        seen = json.loads(home.ctl("--json", "reread").stdout.splitlines()[0])
        home.ctl("update")
        self.assertEqual(home.status()["daemon"]["pid"], before)
        diff = seen["data"]["diff"]
        return {change["key"]: change["effect"] for change in diff["daemon"]}

    def test_a_name_for_people_counts_at_once(self):
        with Home() as home:
            home.start()
            self.assertEqual(home.status()["daemon"]["name"], home.root.name)
            self.assertEqual(self.update(home, 'name = "second"\n'), {"name": "at_once"})
            eventually(lambda: home.status()["daemon"]["name"] == "second", home.story)

    def test_the_level_of_the_daemons_log_counts_at_once(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"], "autostart = false\n")
            home.start()
            changed = self.update(home, '[log]\nlevel = "error"\n')
            self.assertEqual(changed, {"log.level": "at_once"})
            home.ctl("start", "alpha")
            self.assertEqual(home.events("worker_started"), [])
            self.update(home, "")
            home.ctl("restart", "alpha")
            eventually(lambda: home.events("worker_started"), home.story)

    def test_the_daemon_writes_a_line_of_its_status_as_often_as_is_asked_for(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "RUNNING")
            changed = self.update(home, '[log]\nstatus_interval = "1 s"\n')
            self.assertEqual(changed, {"log.status_interval": "at_once"})
            line = eventually(lambda: home.events("status"), home.story)[0]
            self.assertEqual((line["accounts"], line["processes"]), (1, 1))

    def test_a_quiet_worker_writes_a_line_of_its_status_as_often_as_is_asked_for(self):
        with Home() as home:
            home.account("alpha", '[log]\nstatus_interval = "1 s"\n')
            home.account("beta", '[log]\nstatus_interval = "0 s"\n')
            home.start()
            eventually(lambda: worker_log(home, "alpha").count('"event":"status"') >= 2, home.story)
            self.assertNotIn('"event":"status"', worker_log(home, "beta"))

    def test_a_worker_learns_at_once_that_the_daemon_pings_less_often(self):
        with Home('ping_interval = "500 ms"\n') as home:
            command = json.dumps(["/usr/bin/python3", str(WORKER), "quiet"])
            home.account("clock", f'command = {command}\nheartbeat = "zmq"\n')
            home.account("alpha")
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            home.until("clock", "RUNNING")
            changed = self.update(home, 'ping_interval = "30 s"\n')
            self.assertEqual(changed, {"ping_interval": "at_once"})
            beats = home.root / "accounts/clock/beats"
            eventually(beats.exists, home.story)
            seen = len(beats.read_text().split())
            # By the old interval the daemon would be absent after one and a half seconds.
            eventually(lambda: len(beats.read_text().split()) >= seen + 4, home.story)
            self.assertNotIn("daemon_absent", worker_log(home, "alpha"))
            self.assertNotEqual(said_by(home, "clock")["reason"], "daemon_absent")
            self.assertEqual(home.of("alpha")["pid"], pid)

    @unittest.skipUnless(SHIFTED_CLOCK.exists(), "not built")
    def test_a_running_worker_is_held_to_a_new_limit_of_clock_skew(self):
        with Home() as home:
            shift = home.outside / "shift"
            shift.write_text("700\n")
            home.account("alpha", f'write_paths = ["{home.outside}"]\n'
                         f'[environment]\nLD_PRELOAD = "{SHIFTED_CLOCK}"\n'
                         f'SHIFTED_CLOCK_FILE = "{shift}"\n'
                         'ASAN_OPTIONS = "verify_asan_link_order=0"\n')
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            eventually(lambda: said_by(home, "alpha"), home.story)
            self.assertNotEqual(said_by(home, "alpha")["reason"], "clock_skew")
            changed = self.update(home, 'clock_skew_max = "100 ms"\n')
            self.assertEqual(changed, {"clock_skew_max": "at_once"})
            eventually(lambda: said_by(home, "alpha")["reason"] == "clock_skew", home.story)
            self.assertEqual(home.of("alpha")["pid"], pid)

    def test_one_account_more_than_the_most_is_refused_until_there_is_room(self):
        with Home("accounts_max = 1\n") as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            home.puppet("beta", ["sleep"])
            done = home.ctl("update", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("accounts_max", done.stdout + done.stderr)
            home.until("beta", "WAITING", reason="settings_invalid")
            changed = self.update(home, "accounts_max = 2\n")
            self.assertEqual(changed, {"accounts_max": "at_once"})
            home.until("beta", "RUNNING")
            self.assertEqual(home.of("alpha")["pid"], pid)

    def test_a_disk_below_its_reserve_is_seen_before_the_first_start(self):
        with Home() as home:
            text = (home.root / "bullpen.toml").read_text()
            (home.root / "bullpen.toml").write_text(
                text.replace('disk_free_min = "1 MiB"', 'disk_free_min = "1 TiB"'))
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "WAITING", reason="disk_full")
            self.assertEqual(home.events("worker_started"), [])
            changed = self.update(home, "")
            self.assertEqual(changed, {"disk_free_min": "at_once"})
            home.until("alpha", "RUNNING")

    def test_a_new_daemon_waits_for_a_hello_as_long_as_its_settings_say(self):
        with Home() as home:
            home.account("alpha", 'late_after = "2 s"\ndead_after = "3 s"\n')
            home.start()
            first = home.until("alpha", "RUNNING")["pid"]
            home.settings('adoption_wait = "4 s"\n')
            os.kill(first, signal.SIGSTOP)
            home.kill_daemon()
            home.start()
            home.until("alpha", "STARTING", reason="adoption_awaited")
            second = home.until_restarted("alpha", first)["pid"]
            self.assertFalse(alive(first))
            # Told from the daemon's own log: from its start to the signal.
            start = home.events("daemon_started")[-1]["ts"]
            told = [e for e in home.events("signal_sent") if e["worker_pid"] == first][0]["ts"]
            waited = self.seconds(told) - self.seconds(start)
            self.assertGreaterEqual(waited, 3.9)
            self.assertLess(waited, 9)
            # Only a new daemon goes by another one.
            changed = self.update(home, 'adoption_wait = "5 s"\n')
            self.assertEqual(changed, {"adoption_wait": "daemon_restart"})
            self.assertEqual(home.of("alpha")["pid"], second)

    @staticmethod
    def seconds(text):
        hours, minutes, seconds = text[11:-1].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)

    def test_accounts_beyond_the_daemons_descriptors_wait_and_say_so(self):
        with Home() as home:
            few = home.root / "few-descriptors"
            few.write_text(f'#!/bin/sh\nulimit -n 198\nexec {BIN}/bullpend "$@"\n')
            few.chmod(0o700)
            for name in ("alpha", "beta", "gamma"):
                home.puppet(name, ["sleep"])
            home.start(program=few)
            for name in ("alpha", "beta", "gamma"):
                home.until(name, "RUNNING")
            home.puppet("above", ["sleep"], "priority = 1\n")
            home.ctl("update", "--timeout", "2", check=False)
            line = home.until("above", "WAITING", reason="descriptor_limit")
            self.assertIsNone(line["pid"])
            said = home.explain("above")["detail"]
            self.assertEqual(said["next"], "it starts when others stop")
            self.assertIsNone(said["until"])
            home.ctl("stop", "beta")
            home.until("above", "RUNNING")
            # A roster that it cannot run is refused by a new daemon, before it touches anything.
            home.kill_daemon()
            refused = home.start(wait=False, program=few)
            self.assertEqual(refused.wait(timeout=30), 75)
            self.assertIn("LimitNOFILE", (home.root / "bullpend.stderr").read_text())

    def test_no_more_crash_bundles_are_kept_than_is_asked_for(self):
        with Home() as home:
            home.puppet("alpha", ["crash"], 'crash_bundles_keep = 2\n[restart]\nbudget = 4\n'
                        'delay = "10 ms"\ndelay_max = "20 ms"\n')
            home.start()
            home.until("alpha", "FATAL", reason="restart_budget_spent")
            eventually(lambda: len(home.events("crash_bundle")) == 5, home.story)
            kept = list((home.root / "accounts/alpha/crash").iterdir())
            self.assertEqual(len(kept), 2)

    def test_a_core_file_may_be_as_large_as_the_accounts_file_allows(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"], '[limits]\ncore_max = "1 MiB"\n')
            home.account("beta", '[limits]\ncore_max = "2 MiB"\n')
            home.account("gamma")
            home.start()
            limits = {name: core_limit(home.until(name, "RUNNING")["pid"])
                      for name in ("alpha", "beta", "gamma")}
            self.assertEqual(limits, {"alpha": ("1048576", "1048576"),
                                      "beta": ("2097152", "2097152"), "gamma": ("0", "0")})


if __name__ == "__main__":
    unittest.main(verbosity=2)
