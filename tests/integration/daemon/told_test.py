#!/usr/bin/env python3
"""What is refused says why where an operator looks, and costs nothing that was good: a worker that
cannot start, a file that is broken meanwhile, a command that does not do its work."""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402
from paper import trader  # noqa: E402

BARS = "time,open,high,low,close,volume\n" + "".join(
    f"2025-04-07T14:{minute:02}:00Z,6000,6001,5999,6000,10\n" for minute in range(30))


class Start(unittest.TestCase):
    def test_a_worker_that_refuses_to_start_says_why_in_status(self):
        with Home() as home:
            home.account("alpha", '[feed]\nkind = "replay"\nfile = "nofile.csv"\n')
            home.start()
            home.until("alpha", "FATAL", reason="refused_configuration")
            self.assertIn("nofile.csv", home.of("alpha")["last_error"] or "", home.story())

    def test_a_start_that_fails_before_the_worker_speaks_says_why_in_status(self):
        with Home() as home:
            home.account("alpha", '[feed]\ninstrument = "MEZ"\n')
            home.account("beta", 'command = ["sh", "-c", "echo one; echo no token; exit 78"]\n')
            home.start()
            for name, why in (("alpha", "no instrument 'MEZ'"), ("beta", "no token")):
                home.until(name, "FATAL")
                self.assertIn(why, home.of(name)["last_error"] or "", home.story())

    def test_dates_that_prove_nothing_are_read_as_the_settings_say_of_one_contract(self):
        rows = "date,time,open,high,low,close,volume,contract\n" + "".join(
            f"04/07/2025,14:{minute:02},{price},{price},{price},{price},10,{contract}\n"
            for minute in range(30) for contract, price in (("ESM5", 5000), ("ESU5", 6000)))
        with Home() as home:
            (home.root / "two.csv").write_text(rows)
            feed = '[feed]\nkind = "replay"\nfile = "two.csv"\nspeed = 1e6\ntime_zone = "UTC"\n'
            home.account("alpha", feed)
            home.account("beta", feed + 'date_order = "day_first"\ncontract = "ESU5"\n')
            home.start()
            home.until("alpha", "FATAL")
            self.assertIn("may be US", home.of("alpha")["last_error"])
            home.until("beta", "RUNNING")
            def beat():
                worker = home.explain("beta")["detail"]["worker"] or {}
                return worker if worker.get("bars") else None
            told = eventually(beat, home.story)
            self.assertTrue(told["last_bar"].startswith("2025-07-04T14:"), told)

    def test_what_killed_a_worker_is_its_last_error_and_outlives_the_daemon(self):
        with Home('[defaults]\nrestart.delay = "200 ms"\n') as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            home.account("gamma", 'command = ["sh", "-c", "echo no token; exit 78"]\n')
            home.account("delta", 'command = ["/nonexistent"]\n')
            home.start()
            home.until("gamma", "FATAL")
            home.until("delta", "FATAL")
            for name in ("alpha", "beta"):
                pid = home.until(name, "RUNNING")["pid"]
                os.kill(pid, signal.SIGKILL)
                home.until_restarted(name, pid)
                self.assertEqual(home.of(name)["last_error"], "a signal killed it: signal 9")
            pid = home.until("alpha", "RUNNING")["pid"]
            os.kill(pid, signal.SIGSTOP)
            home.until_restarted("alpha", pid)
            self.assertEqual(home.of("alpha")["last_error"], "it sent no beat within the limit")
            told = {name: home.of(name) for name in ("gamma", "delta")}
            alarms = [(line["worker"], line["sentence"]) for line in home.events("alarm")
                      if line["worker"] in told]
            home.ctl("shutdown")
            home.daemon.wait(60)
            home.start()
            for name, line in told.items():
                after = home.until(name, "FATAL")
                for key in ("last_error", "last_error_at", "reason_text", "since"):
                    self.assertEqual(after[key], line[key], (name, key))
            eventually(lambda: len(home.events("alarm")) >= 2 * len(alarms), home.story)
            again = [(line["worker"], line["sentence"]) for line in home.events("alarm")
                     if line["worker"] in told]
            self.assertEqual(sorted(again), sorted(alarms * 2))

    def test_nothing_false_is_said_of_the_end_of_a_program_that_was_adopted(self):
        with Home('[defaults]\nrestart.delay = "200 ms"\n') as home:
            home.puppet("alpha", ["sleep"])
            home.puppet("beta", ["sleep"])
            home.start()
            pids = [home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")]
            home.kill_daemon()
            home.start()
            for name, pid in zip(("alpha", "beta"), pids, strict=True):
                home.until(name, "RUNNING", pid=pid)
            home.ctl("stop", "alpha")
            self.assertIsNone(home.of("alpha")["last_error"])
            os.kill(pids[1], signal.SIGKILL)
            home.until_restarted("beta", pids[1])
            self.assertEqual(home.of("beta")["last_error"],
                             "it ended although it should run: no exit status known")
            death = home.explain("beta")["detail"]["deaths"][-1]
            self.assertEqual(death["reason"], "exited_unexpectedly")

    def test_an_account_that_stopped_flat_is_known_to_be_flat_by_the_next_daemon(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            eventually(lambda: home.of("alpha")["flat"], home.story)
            home.ctl("stop", "alpha")
            home.ctl("shutdown")
            home.daemon.wait(60)
            home.start()
            home.until("alpha", "STOPPED")
            self.assertTrue(home.of("alpha")["flat"], home.story())
            self.assertIn("beta", home.ctl("rename", "alpha", "beta").stdout)

    def test_a_worker_with_a_broker_account_comes_back_while_the_daemons_settings_are_broken(self):
        with Home() as home:
            home.account("alpha", 'broker_account = "PA-1"\n')
            home.start()
            before = home.until("alpha", "RUNNING")["pid"]
            settings = home.root / "bullpen.toml"
            settings.write_text(settings.read_text() + "[defaults\n")
            os.kill(before, signal.SIGKILL)
            home.until_restarted("alpha", before)
            home.until("alpha", "RUNNING")

    def test_rows_that_are_no_bars_are_warned_of_with_the_first_ones_line(self):
        with Home() as home:
            (home.root / "bad.csv").write_text(BARS.replace("14:07:00Z,6000", "14:07:00Z,nan"))
            (home.root / "none.csv").write_text(BARS.replace(",6000,6001", ",x,6001"))
            for name in ("bad", "none"):
                home.account(name, f'[feed]\nkind = "replay"\nfile = "{name}.csv"\nspeed = 1e6\n')
            home.start()

            def warned(name):
                log = home.root / f"accounts/{name}/logs/worker.log"
                lines = log.read_text().splitlines() if log.exists() else []
                return [line for line in map(json.loads, lines) if line["event"] == "rows_refused"]
            for name in ("bad", "none"):
                eventually(lambda: warned(name), home.story)  # noqa: B023
            self.assertEqual(warned("bad")[0]["first"], "line 9: not_a_number")
            eventually(lambda: "no row of the source" in (home.of("none")["last_error"] or ""),
                       home.story)


    def test_a_worker_that_was_started_by_hand_is_shown_as_one(self):
        with Home() as home:
            home.account("alpha", "autostart = false\n")
            home.start()
            home.until("alpha", "STOPPED")
            worker = subprocess.Popen(
                [BIN / "bullpen-worker", "run", "--home", home.root, "--account", "alpha"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                line = home.until("alpha", "RUNNING", reason="lock_held", proof="lock")
                self.assertEqual(line["pid"], worker.pid)
                done = home.ctl("health", check=False)
                self.assertEqual((done.returncode, "alpha RUNNING lock_held" in done.stdout),
                                 (1, True), done)
                self.assertTrue(line["since"] and line["next"], line)
                told = home.ctl("explain", "alpha").stdout
                self.assertIn(f"kill {worker.pid} ends that process", told)
                self.assertIn("is RUNNING since", told)
                # No command ends what the daemon did not start, and none says that it did.
                for words in (("stop", "alpha"), ("disable", "alpha"), ("signal", "TERM", "alpha")):
                    done = home.ctl(*words, check=False)
                    self.assertEqual(done.returncode, 1, (words, done))
                    self.assertIn(f"held by hand, pid {worker.pid}",
                                  done.stdout.replace("held_by_hand", "held by hand"), words)
                for words in (("remove", "--flat", "alpha"), ("rename", "--flat", "alpha", "beta")):
                    done = home.ctl(*words, check=False)
                    self.assertEqual(done.returncode, 1, (words, done))
                    self.assertIn(f"kill {worker.pid} ends", done.stderr, words)
                    self.assertNotIn("bullpenctl stop", done.stderr)
                done = home.ctl("shutdown", check=False)
                self.assertEqual((done.returncode, "bullpend has ended" in done.stdout), (1, True))
                self.assertIn(f"alpha: pid {worker.pid} was started by hand", done.stdout)
                self.assertNotIn("every account", done.stdout)
                self.assertIsNone(worker.poll())
                home.daemon.wait()
                home.start()
            finally:
                worker.terminate()
                worker.wait()
            home.until("alpha", "STOPPED", proof="board")
            self.assertIn("already stopped", home.ctl("stop", "alpha").stdout)


    def test_lines_of_one_order_have_its_id_in_common(self):
        with Home() as home:
            home.account("anna", trader({"feed.speed": 6000}))
            home.start()

            def filled():
                log = home.root / "accounts/anna/logs/worker.log"
                lines = log.read_text().splitlines() if log.exists() else []
                return [line for line in map(json.loads, lines) if line["event"] == "filled"]
            eventually(filled, home.story, 60)
            for line in filled():
                self.assertEqual(line["cid"], line["order"])


class Settings(unittest.TestCase):
    def test_a_built_in_worker_cannot_be_told_not_to_beat(self):
        with Home() as home:
            home.account("alpha", 'heartbeat = "none"\n')
            done = home.ctl("check", check=False)
            self.assertEqual(done.returncode, 78, done)
            self.assertIn("accounts.d/alpha.toml:1", done.stdout + done.stderr)

    def test_what_the_defaults_say_of_heartbeats_is_for_programs(self):
        with Home('[defaults]\nheartbeat = "none"\n') as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            home.start()
            for name, kind in (("alpha", "zmq"), ("beta", "none")):
                self.assertEqual(home.until(name, "RUNNING")["heartbeat"], kind)


class Commands(unittest.TestCase):
    def test_what_is_not_removed_is_not_stopped(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])  # nobody knows whether it is flat
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            done = home.ctl("remove", "alpha", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("nothing was done", done.stderr)
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], pid)

    def test_an_account_that_clashes_is_not_added(self):
        with Home() as home:
            home.account("alpha", 'group = "desk"\n')
            home.start()
            home.until("alpha", "RUNNING")
            done = home.ctl("add", "desk", check=False)
            self.assertEqual(done.returncode, 78, done)
            self.assertIn("nothing was added", done.stderr)
            self.assertFalse((home.root / "accounts.d/desk.toml").exists())
            self.assertEqual(home.ctl("health", check=False).returncode, 0)

    def test_errors_of_files_are_counted_when_they_are_found(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            for text, code in (("priorty = 3\n", 1), ("priority = 3\n", 0)):
                home.account("alpha", text)
                home.ctl("update", check=False)
                self.assertEqual(home.ctl("health", check=False).returncode, code, text)

    def test_workers_that_are_kept_are_not_said_to_be_stopped(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            told = home.ctl("shutdown", "--keep-workers").stdout
            home.daemon.wait()
            self.assertNotIn("stopped", told)
            self.assertIn("(1)", told)

    def test_the_audit_log_says_which_signal_was_sent(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "RUNNING")
            home.ctl("signal", "CONT", "alpha")
            eventually(lambda: '"command":"signal CONT"' in home.ctl("maintail", "audit").stdout or
                       "command=\"signal CONT\"" in home.ctl("maintail", "audit").stdout,
                       home.story)

    def test_a_name_that_is_none_is_an_error_in_json_too(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            home.until("alpha", "RUNNING")
            for command in ("explain", "events"):
                done = home.ctl("--json", command, "nosuch", check=False)
                self.assertEqual(done.returncode, 1, command)
                self.assertIn("nosuch", json.loads(done.stdout)["error"]["message"])
            done = home.ctl("--json", "status", "alpha", "nosuch", check=False)
            self.assertEqual((done.returncode, json.loads(done.stdout)["unmatched"]),
                             (4, ["nosuch"]))

    def test_what_a_removal_left_can_be_deleted_later(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            eventually(lambda: home.until("alpha", "RUNNING")["flat"], home.story)
            home.ctl("remove", "alpha")
            self.assertTrue((home.root / "accounts/alpha").exists())
            done = home.ctl("remove", "--purge", "--yes", "alpha", check=False)
            self.assertEqual(done.returncode, 1, done)  # nobody proves any more that it is flat
            home.ctl("remove", "--purge", "--yes", "--flat", "alpha")
            self.assertFalse((home.root / "accounts/alpha").exists())
            self.assertEqual(home.ctl("remove", "--purge", "--yes", "alpha",
                                      check=False).returncode, 1)

    def test_a_verdict_says_a_thing_once_and_the_log_of_a_program_is_what_it_prints(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "RUNNING")
            self.assertEqual(home.ctl("tail", "alpha", "log").returncode, 0)
            self.assertIn("alpha: stopped\n", home.ctl("disable", "alpha").stdout)


if __name__ == "__main__":
    from home import main
    main()
