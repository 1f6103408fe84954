#!/usr/bin/env python3
"""The life of real workers under a real daemon."""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402


class Life(unittest.TestCase):
    def test_built_in_workers_run_and_process_bars(self):
        with Home() as home:
            for name in ("alpha", "beta", "gamma"):
                home.account(name, "[feed]\nspeed = 3600\n")
            home.start()
            for name in ("alpha", "beta", "gamma"):
                home.until(name, "RUNNING")
                eventually(lambda n=name: home.of(n)["bar_age_s"] is not None, home.story)
            pids = {home.of(name)["pid"] for name in ("alpha", "beta", "gamma")}
            self.assertEqual(len(pids), 3)

    def test_a_killed_worker_comes_back_at_once_with_a_greater_fence(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            first = home.until("alpha", "RUNNING")
            os.kill(first["pid"], signal.SIGKILL)
            second = home.until_restarted("alpha", first["pid"])
            self.assertGreater(second["fence"], first["fence"])
            self.assertEqual(second["restarts"], first["restarts"] + 1)

    def test_running_has_been_since_it_began_also_for_the_daemon_that_adopts(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("mute", ["sleep"])
            home.start()
            before = {name: home.until(name, "RUNNING") for name in ("alpha", "mute")}
            home.kill_daemon()
            home.start()
            for name, line in before.items():
                after = home.until(name, "RUNNING")
                self.assertEqual((after["pid"], after["since"]), (line["pid"], line["since"]))

    def test_the_lock_of_a_foreign_program_claims_no_version_for_it(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("mute", ["sleep"])
            home.start()
            facts = {}
            for name in ("alpha", "mute"):
                home.until(name, "RUNNING")
                facts[name] = json.loads((home.root / f"locks/account_{name}.lock").read_text())
            self.assertTrue(facts["alpha"]["version"])
            self.assertFalse(facts["mute"].get("version"), facts["mute"])

    def test_no_event_comes_twice(self):
        with Home() as home:
            home.puppet("alpha", ["exit", "3"], '[restart]\nbudget = 2\ndelay = "100 ms"\n')
            home.start()
            home.until("alpha", "FATAL")
            told = [json.loads(line)
                    for line in home.ctl("--json", "events").stdout.splitlines()]
            states = [{key: value for key, value in event.items() if key not in ("utc", "seq")}
                      for event in told if event["event"] == "state"]
            self.assertIn("FATAL", [event["shown"] for event in states])
            self.assertIn("BACKOFF", [event["shown"] for event in states])
            for one, next_one in zip(states, states[1:]):
                self.assertNotEqual(one, next_one)

    def test_a_stopped_worker_is_found_by_its_silence_and_replaced(self):
        with Home() as home:
            home.account("alpha", 'dead_after = "3 s"\nlate_after = "2 s"\n')
            home.start()
            first = home.until("alpha", "RUNNING")
            os.kill(first["pid"], signal.SIGSTOP)
            second = home.until_restarted("alpha", first["pid"])
            self.assertNotEqual(first["pid"], second["pid"])
            self.assertFalse(alive(first["pid"]))
            reasons = [death["reason"] for death in home.explain("alpha")["detail"]["deaths"]]
            self.assertIn("hung_silent", reasons)

    def test_a_program_that_exits_is_restarted_until_its_budget_is_spent(self):
        with Home() as home:
            home.puppet("alpha", ["exit", "3"],
                        '[restart]\nbudget = 3\ndelay = "10 ms"\ndelay_max = "20 ms"\n')
            home.start()
            home.until("alpha", "FATAL", reason="restart_budget_spent")
            launches = [e for e in home.events("worker_started") if e["worker"] == "alpha"]
            self.assertEqual(len(launches), 4)  # the first and its three restarts
            done = home.ctl("clear", "alpha", check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_exit_with_a_configuration_error_is_not_tried_again(self):
        with Home() as home:
            home.puppet("alpha", ["exit", "78"])
            home.puppet("beta", ["exit", "64"])
            home.start()
            home.until("alpha", "FATAL", reason="refused_configuration")
            home.until("beta", "FATAL", reason="refused_usage")
            self.assertEqual(len(home.events("worker_started")), 2)

    def test_an_unexpected_rule_leaves_a_clean_exit_alone(self):
        with Home() as home:
            home.puppet("alpha", ["exit", "0"], 'restart = "unexpected"\n')
            home.start()
            home.until("alpha", "EXITED", reason="exited_clean")

    def test_a_missing_program_is_fatal_and_named(self):
        with Home() as home:
            home.account("alpha", 'command = ["/nonexistent/program"]\n')
            home.start()
            home.until("alpha", "FATAL", reason="program_missing")
            self.assertIn("/nonexistent/program", json.dumps(home.explain("alpha")))

    def test_stop_waits_then_kills_what_ignores_it(self):
        with Home() as home:
            home.puppet("alpha", ["ignore-term"], 'stop_wait = "1 s"\n')
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            home.ctl("stop", "alpha")
            home.until("alpha", "STOPPED", reason="operator_stop")
            self.assertFalse(alive(pid))

    def test_start_stop_and_restart_answer_when_it_is_done(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"], "autostart = false\n")
            home.start()
            home.until("alpha", "STOPPED", reason="not_autostarted")
            home.ctl("start", "alpha")
            first = home.of("alpha")
            self.assertEqual(first["state"].split()[0], "RUNNING")
            home.ctl("restart", "alpha")
            second = home.of("alpha")
            self.assertEqual(second["state"].split()[0], "RUNNING")
            self.assertNotEqual(first["pid"], second["pid"])
            home.ctl("stop", "all")
            self.assertEqual(home.of("alpha")["state"], "STOPPED")
            self.assertNotEqual(home.ctl("start", "nobody", check=False).returncode, 0)

    def test_leftovers_of_a_dead_worker_are_gone_before_its_successor_starts(self):
        with Home() as home:
            home.puppet("alpha", ["fork-children", "3", "own-session"],
                        'permit = ["setsid"]\n')
            home.start()
            first = home.until("alpha", "RUNNING")
            stdio = home.root / "accounts/alpha/logs/stdio.log"
            eventually(lambda: stdio.exists() and stdio.read_text().count("child ") >= 3,
                       home.story)
            children = [int(line.split()[1]) for line in stdio.read_text().splitlines()
                        if line.startswith("child ")]
            os.kill(first["pid"], signal.SIGKILL)
            home.until_restarted("alpha", first["pid"])
            for child in children[:3]:
                self.assertFalse(alive(child), f"child {child} outlived its worker")

    def test_sigterm_stops_everything_and_leaves_no_process(self):
        with Home() as home:
            for name in ("alpha", "beta"):
                home.account(name)
            home.puppet("gamma", ["sleep"])
            daemon = home.start()
            pids = [home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta", "gamma")]
            daemon.terminate()
            self.assertEqual(daemon.wait(timeout=30), 0)
            for pid in pids:
                self.assertFalse(alive(pid))

    def test_a_second_daemon_names_the_first_and_ends(self):
        with Home() as home:
            daemon = home.start()
            second = subprocess.run([BIN / "bullpend", "--home", home.root], capture_output=True,
                                    text=True, timeout=30)
            self.assertEqual(second.returncode, 77)
            self.assertIn(str(daemon.pid), second.stderr)

    def test_no_zombie_is_left_among_the_daemons_children(self):
        with Home() as home:
            home.puppet("alpha", ["fork-children", "5", "leave"], 'restart = "unexpected"\n')
            home.puppet("beta", ["exit", "1"], '[restart]\nbudget = 2\ndelay = "10 ms"\n')
            daemon = home.start()
            home.until("beta", "FATAL")

            def zombies():
                found = []
                for entry in Path("/proc").iterdir():
                    if entry.name.isdigit():
                        try:
                            fields = (entry / "stat").read_text().rpartition(")")[2].split()
                        except OSError:
                            continue
                        if int(fields[1]) == daemon.pid and fields[0] == "Z":
                            found.append(entry.name)
                return found
            eventually(lambda: not zombies(), lambda: f"zombies {zombies()}")

    def test_a_crash_bundle_keeps_what_is_needed_to_understand_a_death(self):
        with Home() as home:
            home.account("alpha", "[feed]\nspeed = 3600\n")
            home.start()
            first = home.until("alpha", "RUNNING")
            os.kill(first["pid"], signal.SIGSEGV)
            home.until_restarted("alpha", first["pid"])
            crash = home.root / "accounts/alpha/crash"
            facts = eventually(lambda: list(crash.glob("*/facts.json")), home.story)[0]
            kept = json.loads(facts.read_text())
            self.assertEqual(kept["pid"], first["pid"])
            self.assertIn("signal 11", kept["why"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
