#!/usr/bin/env python3
"""What an operator is told is what happened: a stop that was a kill, a daemon that stood still, the
reason of a drain, an alarm where the service manager keeps it."""

import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402

STUBBORN = 'stop_wait = "300 ms"\n'


def until_it_ignores(home, name, lives=1):
    """RUNNING is when its program executes; only then does it begin to ignore signals."""
    log = home.root / f"accounts/{name}/logs/stdio.log"
    eventually(lambda: log.exists() and log.read_text().count("ready") >= lives,
               f"{name} ignores signals")


class Killed(unittest.TestCase):
    def test_a_stop_that_needed_sigkill_says_so_everywhere(self):
        with Home() as home:
            home.puppet("alpha", ["ignore-term"], STUBBORN)
            home.puppet("beta", ["sleep"])
            home.start()
            for name in ("alpha", "beta"):
                home.until(name, "RUNNING")
            until_it_ignores(home, "alpha")
            told = json.loads(home.ctl("--json", "stop", "alpha", "beta").stdout)
            self.assertEqual({one["account"]: one["code"] for one in told["accounts"]},
                             {"alpha": "killed", "beta": "stopped"})
            line = home.until("alpha", "STOPPED", reason="operator_stop")
            self.assertEqual(line["reason_text"], "it did not end in time and had to be killed")
            self.assertIn("had to be killed", home.explain("alpha")["headline"])
            self.assertFalse(home.until("beta", "STOPPED")["reason_text"])
            killed = home.events("kill_needed")
            self.assertEqual([(one["worker"], one["reason"]) for one in killed],
                             [("alpha", "operator_stop")])
            # The next daemon knows it, and a stop in order makes it forgotten.
            home.kill_daemon()
            home.start()
            line = home.until("alpha", "STOPPED", reason="operator_stop")
            self.assertEqual(line["reason_text"], "it did not end in time and had to be killed")

    def test_a_restart_and_a_shutdown_say_what_they_had_to_kill(self):
        with Home() as home:
            home.puppet("alpha", ["ignore-term"], STUBBORN)
            home.puppet("beta", ["sleep"])
            home.start()
            for name in ("alpha", "beta"):
                home.until(name, "RUNNING")
            until_it_ignores(home, "alpha")
            told = home.ctl("restart", "all").stdout.splitlines()
            of = {line.split(":")[0]: line for line in told}
            self.assertIn("the one before did not end in time and had to be killed", of["alpha"])
            self.assertNotIn("killed", of["beta"])
            until_it_ignores(home, "alpha", lives=2)
            done = home.ctl("shutdown")
            self.assertIn("1 of them had to be killed", done.stdout + done.stderr)


class Started(unittest.TestCase):
    def test_a_program_that_ends_at_once_is_not_called_started(self):
        with Home() as home:
            patient = 'autostart = false\nstarted_after = "20 s"\n'
            home.account("brief", 'command = ["/bin/sh", "-c", "sleep 0.2; exit 3"]\n' + patient)
            home.puppet("lasting", ["sleep"], 'autostart = false\nstarted_after = "200 ms"\n')
            home.start()
            told = home.ctl("--json", "start", "brief", "lasting", check=False)
            of = {one["account"]: one for one in json.loads(told.stdout)["accounts"]}
            self.assertEqual(of["lasting"]["code"], "started")
            self.assertNotEqual(of["brief"]["code"], "started")
            self.assertNotEqual(told.returncode, 0)


class Refused(unittest.TestCase):
    def refusal(self, home):
        self.assertEqual(home.start(wait=False).wait(timeout=60), 78)
        return (home.root / "bullpend.stderr").read_text()

    @unittest.skipUnless(os.geteuid() == 0, "only root makes a home another user's")
    def test_the_home_of_another_user_is_refused_with_what_to_do(self):
        with Home() as home:
            os.chown(home.root, 65534, 65534)
            told = self.refusal(home)
            os.chown(home.root, 0, 0)
            self.assertIn(f"{home.root} belongs to uid 65534, and this is uid 0", told)
            self.assertIn("sudo -u", told)

    def test_what_is_no_home_is_refused_with_how_to_make_one(self):
        with Home() as home:
            (home.root / "bullpen.toml").unlink()
            self.assertIn("init", self.refusal(home))


class StoodStill(unittest.TestCase):
    def test_a_daemon_that_stood_still_says_so_and_holds_no_worker_to_it(self):
        with Home() as home:
            home.account("alpha", 'late_after = "1 s"\ndead_after = "2 s"\n')
            home.puppet("beta", ["sleep"])
            home.start()
            pids = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
            eventually(lambda: home.of("alpha")["beat_age_s"] is not None, home.story)
            os.kill(home.daemon.pid, signal.SIGSTOP)
            begin = time.monotonic()
            # Twice as long as the silence that is a hang.
            eventually(lambda: time.monotonic() - begin > 4, "time passes")
            os.kill(home.daemon.pid, signal.SIGCONT)
            eventually(lambda: max((one["micros"] for one in home.events("stood_still")),
                                   default=0) >= 3_500_000, home.story)
            eventually(lambda: (home.status()["daemon"] or {}).get("loop_max_us", 0) >= 3_500_000,
                       home.story)
            self.assertIn("stood_still", home.ctl("events").stdout)
            for name, pid in pids.items():
                line = home.until(name, "RUNNING")
                self.assertEqual((line["pid"], line["restarts"]), (pid, 0), home.story())
            self.assertEqual(home.events("signal_sent"), [])


class Drain(unittest.TestCase):
    def test_a_worker_logs_why_it_was_told_to_end(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            # The daemon's word has half a second to follow its signal, which on a machine that does
            # much else may not be enough every time.
            for _ in range(5):
                home.until("alpha", "RUNNING")
                home.ctl("restart", "alpha")
                home.until("alpha", "RUNNING")
                home.ctl("stop", "alpha")
                home.ctl("start", "alpha")
                reasons = {line["reason"] for line in home.worker_log("alpha", "closed")}
                if reasons >= {"restart_requested", "operator_stop"}:
                    return
            self.fail(f"{reasons}\n{home.story()}")


class Alarm(unittest.TestCase):
    def test_an_alarm_names_its_account_and_reaches_standard_error(self):
        with Home() as home:
            home.puppet("alpha", ["exit", "78"])
            home.start()
            home.until("alpha", "FATAL", reason="refused_configuration")
            said = eventually(lambda: [line for line in home.events("alarm")
                                       if line["worker"] == "alpha"], home.story)[0]
            self.assertIn("bullpenctl start alpha", said["advice"])
            self.assertNotIn("NAME", said["advice"])
            printed = (home.root / "bullpend.stderr").read_text()
            self.assertIn(f"alarm alpha: {said['sentence']}; {said['advice']}\n", printed)


class Error(unittest.TestCase):
    def test_the_last_error_says_when_it_was(self):
        with Home() as home:
            home.account("alpha", 'command = ["/nowhere/bot"]\n')
            home.start()
            line = home.until("alpha", "FATAL", reason="program_missing")
            self.assertIn("/nowhere/bot", line["last_error"])
            at = line["last_error_at"]
            launch = next(one for one in home.log() if one["event"] == "launch_failed")
            self.assertEqual(at[:16], launch["ts"][:16])
            fact = next(one["text"] for one in home.explain("alpha")["facts"]
                        if one["what"] == "Error")
            self.assertIn(f", at {at[:10]} {at[11:19]}Z (", fact)
            self.assertIn(f"{at[5:10]} {at[11:16]} ", home.ctl("status", "--wide",
                                                               check=False).stdout)


class Verdicts(unittest.TestCase):
    def test_an_account_that_is_added_and_fails_has_one_verdict(self):
        with Home() as home:
            home.start()
            done = home.ctl("add", "miss", 'command=["/nowhere/bot"]', check=False)
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, 1, said)
            self.assertEqual(said.count("miss: fatal"), 1, said)
            self.assertNotIn("+ miss", said)
            told = home.ctl("--json", "events", "miss").stdout.splitlines()
            self.assertTrue(any(json.loads(line)["event"] == "state" for line in told))

    def test_events_of_a_name_that_nobody_has_is_an_error(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "RUNNING")
            self.assertEqual(home.ctl("events", "alpha").returncode, 0)
            done = home.ctl("events", "NOPE", check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("NOPE", done.stderr)


class Audit(unittest.TestCase):
    def test_a_changed_line_of_an_audit_log_is_found_by_check(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            home.ctl("reduce", "alpha")
            home.ctl("resume", "alpha")
            home.ctl("stop", "alpha")
            daemons = home.root / "logs/audit.log"
            eventually(lambda: daemons.exists() and len(daemons.read_text().splitlines()) >= 3,
                       home.story)
            said = json.loads(home.ctl("--json", "check", "--audit").stdout)
            self.assertTrue(said["ok"])
            self.assertIn(str(daemons), [audit["file"] for audit in said["audit"]])
            self.assertTrue(all(audit["trouble"] is None for audit in said["audit"]))
            text = daemons.read_text()
            self.assertIn('"command":"resume"', text)
            daemons.write_text(text.replace('"command":"resume"', '"command":"nothing"', 1))
            done = home.ctl("check", "--audit", check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(str(daemons), done.stdout)
            self.assertIn("does not follow the one before it", done.stdout)
            # Only when it is asked for.
            self.assertEqual(home.ctl("check").returncode, 0)


class Absent(unittest.TestCase):
    def test_an_account_that_waits_is_not_called_stopped_when_the_daemon_is_gone(self):
        with Home() as home:
            home.account("alpha", "broken = \n")
            home.puppet("beta", ["sleep"])
            home.start()
            home.until("alpha", "WAITING", reason="settings_invalid")
            home.until("beta", "RUNNING")
            self.assertEqual(home.ctl("status", check=False).returncode, 3)
            home.kill_daemon()
            home.until("alpha", "WAITING", reason="settings_invalid", proof="lock")
            home.until("beta", "RUNNING", proof="lock")
            self.assertEqual(home.ctl("status", check=False).returncode, 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
