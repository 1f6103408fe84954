#!/usr/bin/env python3
"""What the daemon does for a service manager, for its operator's patience, and for memory."""

import json
import os
import socket
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402


class Manager(unittest.TestCase):
    def test_systemd_is_told_ready_and_fed_its_watchdog(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            path = home.directory + "/notify"
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
                listener.bind(path)
                listener.settimeout(30)
                home.start(wait=False, environment={"NOTIFY_SOCKET": path,
                                                    "WATCHDOG_USEC": "4000000"})
                told = ""
                while "READY=1" not in told or "WATCHDOG=1" not in told:
                    told += listener.recv(4096).decode() + "\n"
                pid = home.until("alpha", "RUNNING")["pid"]
                environment = Path(f"/proc/{pid}/environ").read_bytes()
                self.assertNotIn(b"NOTIFY_SOCKET", environment)
                home.daemon.terminate()
                while "STOPPING=1" not in told:
                    told += listener.recv(4096).decode() + "\n"
                self.assertEqual(home.daemon.wait(timeout=30), 0)

    def test_systemd_is_told_on_a_socket_without_a_file(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
                listener.bind("\0" + home.directory + "/notify")
                listener.settimeout(30)
                home.start(wait=False, environment={"NOTIFY_SOCKET": "@" + home.directory
                                                    + "/notify"})
                while not listener.recv(4096).startswith(b"READY=1\nSTATUS="):
                    pass

    def test_a_manager_that_does_not_read_holds_nobody_up(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            path = home.directory + "/notify"
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
                listener.bind(path)
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                    sender.setblocking(False)
                    with self.assertRaises(BlockingIOError):
                        while True:
                            sender.sendto(b"STATUS=full", path)
                home.start(environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "100000"})
                first = home.until("alpha", "RUNNING")["pid"]
                home.ctl("restart", "alpha")
                home.until_restarted("alpha", first)
                home.daemon.terminate()
                self.assertEqual(home.daemon.wait(timeout=30), 0)

    def test_a_worker_over_its_memory_limit_is_stopped_and_restarted(self):
        with Home() as home:
            home.puppet("alpha", ["memory", "64"], '[limits]\nmemory_max = "16 MiB"\n')
            home.start()
            first = eventually(lambda: home.of("alpha").get("pid"), home.story)
            eventually(lambda: any(e["worker_pid"] == first for e in home.events("signal_sent")),
                       home.story)
            home.until_restarted("alpha", first)
            self.assertFalse(alive(first))
            self.assertIn("memory_limit",
                          [death["reason"] for death in home.explain("alpha")["detail"]["deaths"]])

    def test_a_stdio_log_is_kept_below_its_limit_while_it_is_written(self):
        with Home() as home:
            home.puppet("alpha", ["write-lines", "0"], '[limits]\nstdio_max = "1 MiB"\n')
            home.start()
            home.until("alpha", "RUNNING")
            log = home.root / "accounts/alpha/logs/stdio.log"
            older = home.root / "accounts/alpha/logs/stdio.log.1"
            eventually(older.exists, home.story, 60)
            home.ctl("stop", "alpha")
            # What the file takes on the disk, holes not counted; it may have grown since the cut.
            self.assertTrue(log.exists())

    def test_lines_that_follow_from_one_command_have_one_correlation_id(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            first = home.until("alpha", "RUNNING")["pid"]
            home.ctl("restart", "alpha")
            second = home.until_restarted("alpha", first)["pid"]
            os.kill(second, 9)
            home.until_restarted("alpha", second)

            def of(pid):
                return [(line["event"], line.get("cid")) for line in home.log()
                        if line.get("worker_pid") == pid]
            command = next(line for line in home.log() if line["event"] == "operator_command")
            cid = command["cid"]
            self.assertEqual(of(first), [("worker_started", None), ("signal_sent", cid),
                                         ("worker_ended", cid)])
            # It follows from nothing that anybody asked for that this one dies.
            self.assertEqual(of(second), [("worker_started", cid), ("worker_ended", None)])
            self.assertEqual(next(c for event, c in of(home.of("alpha")["pid"])), None)

    def test_a_command_that_changes_nothing_is_not_the_cause_of_a_later_death(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            first = home.until("alpha", "RUNNING")["pid"]
            home.ctl("start", "alpha")
            os.kill(first, 9)
            second = home.until_restarted("alpha", first)["pid"]
            # Nor is a stop the cause of what runs after another command.
            home.ctl("stop", "alpha")
            home.ctl("start", "alpha")
            third = home.until("alpha", "RUNNING")["pid"]

            def of(pid):
                return [line.get("cid") for line in home.log() if line.get("worker_pid") == pid]
            start, stop, again = [line["cid"] for line in home.log()
                                  if line["event"] == "operator_command"]
            self.assertEqual(of(first), [None, None])
            self.assertEqual(of(second), [None, stop, stop])
            self.assertEqual(of(third), [again])
            self.assertNotIn(start, [stop, again])

    def test_rolling_restart_replaces_flat_workers_one_at_a_time(self):
        with Home() as home:
            for name in ("alpha", "beta", "gamma"):
                home.account(name)
            home.start()
            before = {n: home.until(n, "RUNNING")["pid"] for n in ("alpha", "beta", "gamma")}
            home.puppet("mute", ["sleep"])
            home.ctl("update")
            home.until("mute", "RUNNING")
            told = home.ctl("rolling-restart", "all", check=False)
            self.assertEqual(told.returncode, 1, told)  # one was left out
            self.assertIn("mute: left out, it does not report whether it is flat", told.stdout)
            self.assertIn("1 of 4 failed", told.stderr)
            for name, pid in before.items():
                line = home.until(name, "RUNNING")
                self.assertNotEqual(line["pid"], pid)
                self.assertIn(f"{name}: restarted, running as pid {line['pid']}", told.stdout)
            spans = {}
            for line in home.log():
                if line["event"] == "worker_ended":
                    spans.setdefault(line["worker"], [line["ts"], None])
                elif line["event"] == "worker_started" and line["worker"] in spans:
                    spans[line["worker"]][1] = line["ts"]
            ordered = sorted(spans.values())
            self.assertEqual(len(ordered), 3)
            for earlier, later in zip(ordered, ordered[1:]):
                self.assertLessEqual(earlier[1], later[0], "two were down at once")

    def test_the_python_worker_of_the_examples_runs_beats_and_drains(self):
        tree = os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[3])
        example = Path(tree) / "etc/examples/worker.py"
        with Home() as home:
            home.account("alpha", f'command = ["/usr/bin/python3", {json.dumps(str(example))}]\n'
                                  'heartbeat = "zmq"\n')
            home.start()
            line = home.until("alpha", "RUNNING")
            eventually(lambda: home.of("alpha")["beat_age_s"] is not None, home.story)
            home.ctl("stop", "alpha")
            home.until("alpha", "STOPPED", reason="operator_stop")
            self.assertFalse(alive(line["pid"]))

    def test_every_operator_command_is_in_the_audit_log(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            home.until("alpha", "RUNNING")
            home.ctl("stop", "alpha")
            audit = home.root / "logs/audit.log"
            entry = eventually(
                lambda: [line for line in audit.read_text().splitlines() if '"stop"' in line]
                if audit.exists() else None, home.story)[0]
            self.assertIn("alpha", entry)


if __name__ == "__main__":
    unittest.main(verbosity=2)
