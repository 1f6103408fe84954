#!/usr/bin/env python3
"""Jobs of real accounts: a real daemon and real workers, whose simulated market goes faster than
the clock. What a worker says of its jobs is read from its jobs.json, as people do."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402

# A quarter of an hour of the market in a bit more than a second.
FEED = """
[feed]
kind = "synthetic"
speed = 800
"""
QUARTERS = FEED + """
[jobs]
daily_summary.schedule = "every 15 min in session"
daily_summary.late_max = "4 h"
retention.schedule = "after daily_summary"
"""


def jobs(home, name="anna"):
    known = json.loads((home.root / "accounts" / name / "jobs.json").read_text())
    return {job["job"]: job for job in known["jobs"]}


def succeeded(job):
    return [run for run in job["history"] if run["outcome"] == "succeeded"]


def minutes(utc):
    return int(utc[11:13]) * 60 + int(utc[14:16])


class Jobs(unittest.TestCase):
    def running(self, home, text):
        home.account("anna", text)
        home.start()
        home.until("anna", "RUNNING")
        return home.root / "accounts" / "anna"

    def test_a_job_runs_at_its_times_and_another_one_after_it(self):
        with Home() as home:
            account = self.running(home, QUARTERS)
            eventually(lambda: len(succeeded(jobs(home)["daily_summary"])) >= 4 and
                       len(succeeded(jobs(home)["retention"])) >= 3, home.story)
            known = jobs(home)
            slots = [run["slot"] for run in known["daily_summary"]["history"]]
            self.assertEqual(slots, sorted(set(slots)))
            self.assertTrue(all(minutes(slot) % 15 == 0 for slot in slots), slots)
            self.assertTrue(known["daily_summary"]["next"] > slots[-1])
            ends = [run["ended"] for run in known["daily_summary"]["history"]]
            for run in known["retention"]["history"]:
                self.assertIn(run["slot"], ends)
            self.assertEqual(known["daily_summary"]["role"], "state")
            summaries = list((account / "reports").glob("summary_*.json"))
            self.assertTrue(summaries)
            summary = json.loads(summaries[0].read_text())
            self.assertEqual(summary["account"], "anna")
            self.assertEqual(summary["position"], "flat")
            self.assertEqual(summaries[0].name, f"summary_{summary['trading_day']}.json")

    def test_a_run_by_hand_is_waited_for_and_leaves_the_schedule_as_it_is(self):
        with Home() as home:
            account = self.running(home, FEED)
            eventually(lambda: home.of("anna")["bar_age_s"] is not None, home.story)
            self.assertFalse((account / "jobs.json").exists())
            dry = json.loads(home.ctl("--json", "job", "run", "anna", "daily_summary",
                                      "--dry-run").stdout)
            self.assertTrue(dry["ok"])
            self.assertTrue(dry["run"]["dry_run"])
            self.assertIn("would write", dry["run"]["text"])
            self.assertEqual(list((account / "reports").glob("summary_*")), [])
            # As a scheduler would call it: nobody is there to answer.
            done = subprocess.run([BIN / "bullpenctl", "--home", home.root, "job", "run", "anna",
                                   "daily_summary"], close_fds=True, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=120,
                                  env={"PATH": "/usr/bin:/bin"},
                                  preexec_fn=lambda: os.close(0))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("daily_summary succeeded", done.stdout)
            self.assertEqual(len(list((account / "reports").glob("summary_*.json"))), 1)
            known = jobs(home)["daily_summary"]
            self.assertIsNone(known["last"])
            self.assertEqual([run["by_hand"] for run in known["history"]], [True, True])
            lines = home.ctl("job", "history", "anna").stdout.splitlines()
            self.assertEqual(len(lines), 2)
            self.assertIn("dry run", lines[0])
            self.assertIn("by hand", lines[1])
            wrong = home.ctl("job", "history", "anna", "no_such_job", check=False)
            self.assertNotEqual(wrong.returncode, 0)
            self.assertIn("there is no job 'no_such_job'", wrong.stderr)
            last = home.ctl("--json", "job", "history", "anna", "--lines", "1").stdout
            self.assertEqual(json.loads(last)["job"], "daily_summary")
            table = home.ctl("job", "list", "anna").stdout
            self.assertIn("by hand", table)
            self.assertIn("succeeded", table)
            facts = home.explain("anna")["facts"]
            self.assertTrue([f for f in facts if f["what"] == "Job" and
                             f["text"].startswith("daily_summary, by hand")], facts)

    def test_what_cannot_be_run_is_said(self):
        with Home() as home:
            self.running(home, FEED)
            self.assertEqual(home.ctl("job", "run", "anna", "rank", check=False).returncode, 64)
            self.assertEqual(home.ctl("job", "run", "anna", check=False).returncode, 64)
            self.assertEqual(home.ctl("job", "list", "../anna", check=False).returncode, 64)
            unknown = home.ctl("job", "list", "berta", check=False)
            self.assertEqual(unknown.returncode, 1)
            self.assertIn("nothing is known of jobs of 'berta'", unknown.stderr)
            nobody = home.ctl("job", "run", "berta", "retention", check=False)
            self.assertEqual(nobody.returncode, 1)
            home.ctl("stop", "anna")
            stopped = home.ctl("job", "run", "anna", "retention", check=False)
            self.assertEqual(stopped.returncode, 1)
            self.assertIn("it is STOPPED", stopped.stderr)
            self.assertIn("no worker", stopped.stderr)
            self.assertIn("bullpenctl start anna", stopped.stderr)

    def test_a_summary_is_of_the_day_of_its_time_where_the_market_leaps_over_the_night(self):
        with Home() as home:
            account = self.running(home, '[feed]\nkind = "synthetic"\nspeed = 20000\n[jobs]\n'
                                   'daily_summary.schedule = "close + 5 min"\n'
                                   'daily_summary.late_max = "23 h"\n')
            eventually(lambda: (account / "jobs.json").exists() and
                       len(succeeded(jobs(home)["daily_summary"])) >= 3, home.story)
            home.ctl("stop", "anna")
            for run in succeeded(jobs(home)["daily_summary"]):
                self.assertTrue(run["text"].startswith(run["slot"][:10] + ":"), run)
                self.assertTrue((account / "reports" / f"summary_{run['slot'][:10]}.json").exists())

    def test_status_says_how_jobs_ended_and_how_old_the_orders_file_is(self):
        with Home() as home:
            home.account("berta", FEED)
            account = self.running(home, FEED + '[jobs]\nretention.schedule = "03:00"\n')
            eventually(lambda: home.of("anna")["bar_age_s"] is not None, home.story)
            (account / "orders" / "orders_anna_20260706_040000.json").write_text("{}")
            self.assertEqual(home.of("berta")["jobs"], [])
            self.assertIsNone(home.of("berta")["orders_file"])
            refused = home.ctl("job", "run", "anna", "pattern_daily", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("failed (no_candles)", refused.stdout)

            def seen():
                return {job["job"]: job for job in home.of("anna")["jobs"]}
            for down in (False, True):
                if down:
                    home.ctl("shutdown")
                known = seen()
                self.assertEqual(set(known), {"retention", "pattern_daily"})
                self.assertEqual((known["pattern_daily"]["outcome"],
                                  known["pattern_daily"]["reason"]), ("failed", "no_candles"))
                self.assertIsNone(known["pattern_daily"]["next"])
                self.assertIsNotNone(known["pattern_daily"]["at"])
                self.assertIsNone(known["retention"]["outcome"])
                orders = home.of("anna")["orders_file"]
                self.assertEqual(orders["name"], "orders_anna_20260706_040000.json")
                self.assertEqual(orders["keep_days"], 90)
                self.assertGreaterEqual(orders["age_s"], 0)
                table = home.ctl("status", check=False).stdout
                self.assertIn("anna: job pattern_daily failed, no_candles, at ", table)

    def test_a_failure_is_attempted_again_and_is_the_last_error(self):
        with Home() as home:
            home.account("anna", FEED + '[jobs]\ndaily_summary.schedule = "every 60 min in session"'
                         '\ndaily_summary.late_max = "23 h"\ndaily_summary.attempts = 10\n'
                         'daily_summary.retry_delay = "1 s"\n')
            reports = home.root / "accounts" / "anna" / "reports"
            home.start()
            home.until("anna", "RUNNING")
            eventually(lambda: (home.root / "accounts" / "anna" / "jobs.json").exists(), home.story)
            # Neither a directory nor anything that could be written into.
            for path in reports.iterdir():
                path.unlink()
            reports.rmdir()
            reports.write_text("")
            eventually(lambda: [run for run in jobs(home)["daily_summary"]["history"]
                                if run["outcome"] == "failed" and run["attempt"] >= 2], home.story)
            eventually(lambda: "job daily_summary failed" in home.of("anna")["last_error"],
                       home.story)
            reports.unlink()
            reports.mkdir(mode=0o700)
            eventually(lambda: jobs(home)["daily_summary"]["history"][-1]["outcome"] ==
                       "succeeded", home.story)
            runs = [(run["slot"], run["attempt"])
                    for run in jobs(home)["daily_summary"]["history"]]
            self.assertEqual(len(runs), len(set(runs)))

    def caught_in_the_middle(self, home, account):
        """Kills the worker while its job removes files; returns the run that was under way."""
        for files in (4000, 8000, 16000, 32000, 64000):
            for i in range(files):
                path = account / "reports" / f"old_{i}"
                path.touch()
                os.utime(path, (1_000_000_000, 1_000_000_000))
            pid = home.of("anna")["pid"]
            home.ctl("job", "run", "anna", "retention", "--no-wait")
            asked = time.monotonic()
            while time.monotonic() < asked + 60:
                job = jobs(home)["retention"]
                if job["running"]:
                    os.kill(pid, signal.SIGKILL)
                    home.until_restarted("anna", pid)
                    # It may have come to its end between the look and the signal.
                    eventually(lambda: not jobs(home)["retention"]["running"], home.story)
                    last = jobs(home)["retention"]["history"][-1]
                    if last["outcome"] == "interrupted":
                        return last
                    break
                if job["history"] and job["history"][-1]["outcome"] == "succeeded" and \
                        not list((account / "reports").glob("old_*")):
                    break  # too quick for us
        return None

    def test_a_worker_that_is_killed_in_the_middle_of_a_job_knows_of_it_and_does_it_again(self):
        with Home() as home:
            account = self.running(home, FEED + '[jobs]\nretention.days = 1\n'
                                   'retention.schedule = "every 60 min in session"\n'
                                   'retention.late_max = "20 h"\n')
            eventually(lambda: jobs(home)["retention"]["runs"] > 0, home.story)
            run = self.caught_in_the_middle(home, account)
            self.assertIsNotNone(run, "no run was caught in the middle")
            self.assertIn("process ended", run["text"])
            # The next one of the schedule finishes what was left.
            eventually(lambda: len(list((account / "reports").glob("old_*"))) <= 1 and
                       jobs(home)["retention"]["history"][-1]["outcome"] == "succeeded",
                       home.story)
            history = jobs(home)["retention"]["history"]
            numbers = [one["number"] for one in history]
            self.assertEqual(numbers, sorted(set(numbers)))
            of_schedule = [(one["slot"], one["attempt"]) for one in history if not one["by_hand"]]
            self.assertEqual(len(of_schedule), len(set(of_schedule)))

    def test_what_jobs_did_is_known_after_a_restart_and_nothing_is_run_again_for_it(self):
        with Home() as home:
            self.running(home, QUARTERS)
            eventually(lambda: len(succeeded(jobs(home)["daily_summary"])) >= 2, home.story)
            home.ctl("stop", "anna")
            before = jobs(home)["daily_summary"]["history"]
            home.ctl("start", "anna")
            eventually(lambda: len(jobs(home)["daily_summary"]["history"]) > len(before),
                       home.story)
            after = jobs(home)["daily_summary"]["history"]
            slots = [run["slot"] for run in after]
            self.assertEqual(slots, sorted(set(slots)))
            # What was last in the file may have come to its end since, and nothing before it.
            self.assertEqual(after[:len(before)], before)

    def test_a_schedule_that_is_none_is_an_error_of_the_file_and_line(self):
        with Home() as home:
            home.account("anna", FEED + '[jobs]\nretention.schedule = "at noon"\n')
            checked = home.ctl("check", check=False)
            self.assertNotEqual(checked.returncode, 0)
            self.assertIn("anna.toml", checked.stdout + checked.stderr)
            self.assertIn("retention.schedule", checked.stdout + checked.stderr)
            home.account("anna", FEED + '[jobs]\nretention.schedule = "after daily_summary"\n'
                         'daily_summary.schedule = "after retention"\n')
            checked = home.ctl("check", check=False)
            self.assertNotEqual(checked.returncode, 0)
            self.assertIn("comes after itself", checked.stdout + checked.stderr)
            home.account("anna", FEED + '[jobs]\nretention.schedule = "after lunch"\n')
            checked = home.ctl("check", check=False)
            self.assertIn("which there is not", checked.stdout + checked.stderr)
            home.account("anna", FEED + '[jobs]\nretention.schedule = "after daily_summary"\n')
            checked = home.ctl("check", check=False)
            self.assertNotEqual(checked.returncode, 0)
            self.assertRegex(checked.stdout + checked.stderr,
                             r"anna\.toml:\d+.*jobs\.retention\.schedule.*has no schedule")

    def test_a_time_at_which_nothing_can_be_bought_is_an_error_of_the_file_and_line(self):
        with Home() as home:
            home.account("anna", 'trading = "shares"\n'
                         '[jobs]\nplace_orders_daily.schedule = "18:30 market days"\n')
            checked = home.ctl("check", check=False)
            self.assertNotEqual(checked.returncode, 0)
            self.assertRegex(checked.stdout + checked.stderr,
                             r"anna\.toml:\d+.*jobs\.place_orders_daily\.schedule.*18:30")
            home.account("anna", 'trading = "shares"\n'
                         '[jobs]\nplace_orders_daily.schedule = "09:30,18:30 market days"\n')
            checked = home.ctl("check", check=False)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            self.assertIn("18:30", checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main()
