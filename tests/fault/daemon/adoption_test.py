#!/usr/bin/env python3
"""A daemon that dies hurts nobody, and the next one adopts what it left."""

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402


def line_with(reader, text):
    """The next line of the reader that has the text."""
    for line in reader.stdout:
        if text in line:
            return line
    raise AssertionError(f"it ended before it said {text}")


class Adoption(unittest.TestCase):
    def test_every_worker_is_adopted_with_its_pid_and_none_is_started_twice(self):
        with Home() as home:
            names = [f"acc{i}" for i in range(6)]
            for name in names[:3]:
                home.account(name)
            for name in names[3:]:
                home.puppet(name, ["sleep"])
            home.start()
            before = {name: home.until(name, "RUNNING") for name in names}
            home.kill_daemon()
            for name in names:
                self.assertTrue(alive(before[name]["pid"]))
            home.start()
            for name in names:
                line = home.until(name, "RUNNING")
                self.assertEqual(line["pid"], before[name]["pid"], name)
                self.assertEqual(line["fence"], before[name]["fence"], name)
                self.assertEqual(line["restarts"], 0, name)

    def test_a_worker_that_died_meanwhile_is_restarted_and_the_others_are_not(self):
        with Home() as home:
            home.account("alpha")
            home.account("beta")
            home.start()
            alpha = home.until("alpha", "RUNNING")
            beta = home.until("beta", "RUNNING")
            home.kill_daemon()
            os.kill(alpha["pid"], signal.SIGKILL)
            eventually(lambda: not alive(alpha["pid"]), "alpha dead")
            home.start()
            again = home.until_restarted("alpha", alpha["pid"])
            self.assertGreater(again["fence"], alpha["fence"])
            self.assertEqual(home.until("beta", "RUNNING")["pid"], beta["pid"])
            reasons = [death["reason"] for death in home.explain("alpha")["detail"]["deaths"]]
            self.assertEqual(reasons, ["lost_while_unsupervised"])

    def test_an_operators_stop_is_remembered_by_the_next_daemon(self):
        with Home() as home:
            home.account("alpha")
            home.account("beta")
            home.start()
            home.until("beta", "RUNNING")
            home.ctl("stop", "alpha")
            home.kill_daemon()
            home.start()
            home.until("alpha", "STOPPED", reason="operator_stop")
            home.until("beta", "RUNNING")

    def test_a_worker_whose_record_is_lost_is_found_by_its_lock(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            before = home.until("alpha", "RUNNING")
            home.kill_daemon()
            (home.root / "run/launches").unlink()
            home.start()
            after = home.until("alpha", "RUNNING")
            self.assertEqual(after["pid"], before["pid"])
            self.assertEqual(after["fence"], before["fence"])

    def test_the_count_of_restarts_and_the_last_deaths_outlive_the_daemon(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            home.start()
            names = ("alpha", "beta")
            for name in names:
                first = home.until(name, "RUNNING")
                os.kill(first["pid"], signal.SIGKILL)
                home.until_restarted(name, first["pid"])
            before = {name: home.explain(name)["detail"]["deaths"] for name in names}
            pids = {name: home.of(name)["pid"] for name in names}
            home.kill_daemon()
            home.start()
            for name in names:
                line = home.until(name, "RUNNING")
                self.assertEqual((line["pid"], line["restarts"]), (pids[name], 1))
                detail = home.explain(name)["detail"]
                self.assertEqual(detail["deaths"], before[name])
                self.assertEqual(detail["deaths"][0]["status"], "signal 9")
                self.assertEqual(detail["budget_used"], 1)

    def test_a_fatal_account_is_tried_again_when_its_file_was_mended_meanwhile(self):
        with Home() as home:
            for name in ("equal", "mended"):
                home.puppet(name, ["exit", "78"])
            home.start()
            for name in ("equal", "mended"):
                home.until(name, "FATAL", reason="refused_configuration")
            home.kill_daemon()
            home.puppet("mended", ["sleep"])
            home.start()
            home.until("mended", "RUNNING")
            home.until("equal", "FATAL", reason="refused_configuration")
            launches = [e["worker"] for e in home.events("worker_started")]
            self.assertEqual(sorted(launches), ["equal", "mended", "mended"])

    def test_a_worker_that_ended_while_no_daemon_ran_is_judged_by_its_last_words(self):
        with Home() as home:
            home.account("alpha", 'restart = "unexpected"\n')
            home.account("beta")
            home.start()
            pids = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
            home.kill_daemon()
            os.kill(pids["alpha"], signal.SIGTERM)  # it ends in order, and writes that it did
            os.kill(pids["beta"], signal.SIGKILL)
            for name, pid in pids.items():
                eventually(lambda p=pid: not alive(p), name)
            home.start()
            home.until("alpha", "EXITED", reason="exited_clean")
            home.until_restarted("beta", pids["beta"])
            self.assertEqual(home.explain("beta")["detail"]["deaths"][0]["reason"],
                             "lost_while_unsupervised")
            # The last words of an earlier launch are nothing to the next one.
            home.ctl("start", "alpha")
            again = home.until("alpha", "RUNNING")["pid"]
            home.kill_daemon()
            os.kill(again, signal.SIGKILL)
            eventually(lambda: not alive(again), "alpha")
            home.start()
            home.until_restarted("alpha", again)

    def test_an_adopted_worker_that_says_no_goodbye_is_judged_by_its_last_words(self):
        with Home() as home:
            home.account("alpha", 'restart = "unexpected"\n')
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            # Frozen, it does not find the new daemon before it is told to end.
            os.kill(pid, signal.SIGSTOP)
            home.kill_daemon()
            home.start()
            home.until("alpha", "STARTING", reason="adoption_awaited")
            os.kill(pid, signal.SIGTERM)
            os.kill(pid, signal.SIGCONT)
            home.until("alpha", "EXITED", reason="exited_clean")

    def test_a_recovery_launch_finds_the_account_flat_says_so_and_ends(self):
        with Home() as home:
            home.account("alpha", 'recovery = "protect"\n')
            saved = json.dumps({"wanted": True, "fatal": True, "flat": False,
                                "reason": "restart_budget_spent"})
            (home.root / "run").mkdir(mode=0o700)
            record = home.root / "run/launches"
            record.write_text(json.dumps({"event": "record", "version": 1, "last_launch": "7",
                                          "last_fence": "7"}) + "\n" +
                              json.dumps({"event": "save", "account": "alpha", "data": saved}) +
                              "\n")
            home.start()
            log = home.root / "accounts/alpha/logs/worker.log"
            eventually(lambda: log.exists() and "recovery_finished" in log.read_text(), home.story)
            home.until("alpha", "FATAL", reason="restart_budget_spent", pid=None)
            lines = [json.loads(line) for line in log.read_text().splitlines()]
            sessions = [line["to"] for line in lines if line["event"] == "session_changed"]
            self.assertEqual(sessions, ["recovering", "connecting", "reconciling", "draining",
                                        "closed"])
            closed = [line for line in lines if line["event"] == "closed"][0]
            self.assertEqual((closed["exit_code"], closed["reason"]), (0, "recovery_launch"))
            self.assertEqual(len(home.events("worker_started")), 1)
            # It is known to be flat now, so there is nothing more to make safe.
            home.kill_daemon()
            home.start()
            home.until("alpha", "FATAL", reason="restart_budget_spent", pid=None)
            self.assertEqual(len(home.events("worker_started")), 1)

    def test_an_adopted_worker_that_dies_is_noticed_and_restarted(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            before = home.until("alpha", "RUNNING")
            home.kill_daemon()
            home.start()
            home.until("alpha", "RUNNING")
            os.kill(before["pid"], signal.SIGKILL)
            home.until_restarted("alpha", before["pid"])

    def test_the_fence_grows_even_when_its_file_is_lost(self):
        with Home() as home:
            home.account("alpha")
            home.start()
            before = home.until("alpha", "RUNNING")
            home.kill_daemon()
            for path in (home.root / "run").glob("fences*"):
                path.unlink()
            home.start()
            home.until("alpha", "RUNNING")
            home.ctl("restart", "alpha")
            self.assertGreater(home.of("alpha")["fence"], before["fence"])

    def test_the_daemon_may_die_at_any_point_of_a_start(self):
        seed = int(os.environ.get("BULLPEN_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        with Home() as home:
            names = [f"acc{i}" for i in range(8)]
            for name in names:
                home.puppet(name, ["sleep"])
            for _ in range(12):
                daemon = home.start(wait=False)
                try:
                    daemon.wait(timeout=chance.uniform(0.0, 0.12))
                except Exception:  # it runs, as it should
                    pass
                home.kill_daemon()
                for name in names:
                    mine = [p for p in home.worker_pids() if self.account_of(p) == name]
                    self.assertLessEqual(len(mine), 1, f"{name}: {mine}")
            home.start()
            for name in names:
                line = home.until(name, "RUNNING")
                mine = [p for p in home.worker_pids() if self.account_of(p) == name]
                self.assertEqual(mine, [line["pid"]])

    @staticmethod
    def account_of(pid):
        try:
            for part in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                if part.startswith(b"BULLPEN_ACCOUNT="):
                    return part.split(b"=", 1)[1].decode()
        except OSError:
            pass
        return None

    def neighbours(self, worker, daemon):
        """Workers of one protocol version under a daemon of another, before and after a crash."""
        for program in (worker, daemon):
            if not (BIN / program).exists():
                self.skipTest(f"{program} is not built")
        with Home(f'worker_program = "{BIN / worker}"\n') as home:
            home.account("alpha")
            home.start()
            before = home.until("alpha", "RUNNING")
            home.kill_daemon()
            home.start(program=BIN / daemon)
            after = home.until("alpha", "RUNNING")
            self.assertEqual(after["pid"], before["pid"])
            eventually(lambda: home.of("alpha")["beat_age_s"] is not None, home.story)
            os.kill(before["pid"], signal.SIGKILL)
            home.until_restarted("alpha", before["pid"])

    def test_a_daemon_with_the_protocol_raised_adopts_the_workers_of_this_one(self):
        self.neighbours("bullpen-worker", "bullpend-protocol-2")

    def test_a_daemon_with_the_protocol_lowered_adopts_the_workers_of_this_one(self):
        self.neighbours("bullpen-worker", "bullpend-protocol-0")

    def test_this_daemon_adopts_workers_with_the_protocol_raised(self):
        self.neighbours("bullpen-worker-protocol-2", "bullpend")

    def test_this_daemon_adopts_workers_with_the_protocol_lowered(self):
        self.neighbours("bullpen-worker-protocol-0", "bullpend")

    def test_an_upgrade_keeps_pid_and_children(self):
        with Home() as home:
            home.account("alpha")
            home.puppet("beta", ["sleep"])
            daemon = home.start()
            before = {name: home.until(name, "RUNNING")["pid"] for name in ("alpha", "beta")}
            home.ctl("upgrade")
            eventually(lambda: len(home.events("daemon_started")) == 2, home.story)
            self.assertIsNone(daemon.poll())
            eventually(lambda: (home.status()["daemon"] or {}).get("pid") == daemon.pid, home.story)
            for name, pid in before.items():
                self.assertEqual(home.until(name, "RUNNING")["pid"], pid)
            os.kill(before["beta"], signal.SIGKILL)
            home.until_restarted("beta", before["beta"])

    def test_an_upgrade_to_a_program_that_hangs_is_refused_in_time_and_can_be_tried_again(self):
        with Home() as home:
            home.puppet("beta", ["sleep"])
            program = home.root.parent / "bullpend"
            shutil.copy(home.bin / "bullpend", program)
            daemon = home.start(program=program)
            pid = home.until("beta", "RUNNING")["pid"]
            program.unlink()
            program.write_text("#!/bin/sh\nexec sleep 600\n")
            program.chmod(0o755)
            for _ in range(2):
                refused = home.ctl("upgrade", "-t", "3", check=False)
                self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
                self.assertIn("had no answer in 2 s", refused.stdout + refused.stderr)
            self.assertIsNone(daemon.poll())
            self.assertEqual(home.until("beta", "RUNNING")["pid"], pid)

    def test_who_follows_events_is_told_where_another_daemon_begins(self):
        with Home() as home:
            home.puppet("beta", ["sleep"])
            home.start()
            home.until("beta", "RUNNING")
            with subprocess.Popen(
                    [home.bin / "bullpenctl", "--home", home.root, "events", "-f", "-n", "0"],
                    stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin"}) as reader:
                try:
                    # It follows once it tells of something.
                    while not select.select([reader.stdout], [], [], 0.5)[0]:
                        home.ctl("restart", "beta")
                    home.daemon.kill()
                    home.daemon.wait()
                    home.start()
                    line_with(reader, "another daemon tells")
                    home.ctl("restart", "beta")
                    line = line_with(reader, "RUNNING")
                    self.assertIn("beta", line)
                finally:
                    reader.kill()

    def test_shutdown_can_leave_the_workers(self):
        with Home() as home:
            home.account("alpha")
            daemon = home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            home.ctl("shutdown", "--keep-workers")
            self.assertEqual(daemon.wait(timeout=30), 0)
            self.assertTrue(alive(pid))
            home.start()
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], pid)


if __name__ == "__main__":
    unittest.main(verbosity=2)
