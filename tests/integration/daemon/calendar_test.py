#!/usr/bin/env python3
"""The daemon has the calendar fetched: when it starts and a time was missed, once; with a
deadline; and not at all while nobody said who fetches. bullpen-calendar is played by a script
beside a copy of the daemon."""

import datetime
import json
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import calendar_pages as pages  # noqa: E402
import misbehaving_server as bad  # noqa: E402
from home import BIN, Home, alive, eventually, parent_of  # noqa: E402

SHIFTED_CLOCK = BIN / "libbullpen-shifted-clock.so"

CONTACT = 'calendar.contact = "ops@example.org"\ncalendar.watch_every = "0 s"\n'


def parent_or_none(stat):
    try:
        return parent_of(stat.parent.name)
    except OSError:
        return None


class Calendar(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.end)
        self.programs = Path(self.home.directory) / "bin"
        self.programs.mkdir()
        shutil.copy2(BIN / "bullpend", self.programs / "bullpend")
        self.runs = Path(self.home.directory) / "runs"

    def play(self, what):
        """What bullpen-calendar does, besides noting how it was called."""
        script = self.programs / "bullpen-calendar"
        script.write_text(f'#!/bin/sh\necho "$@" >> {self.runs}\n{what}\n')
        script.chmod(0o755)

    def start(self):
        self.home.start(program=self.programs / "bullpend")

    def calls(self):
        return self.runs.read_text().splitlines() if self.runs.exists() else []

    def ended(self):
        return self.home.events("calendar_run")

    def kill_daemon(self):
        self.home.daemon.send_signal(signal.SIGKILL)
        self.home.daemon.wait()

    def test_what_was_missed_is_made_up_for_once_also_by_the_next_daemon(self):
        self.home.settings(CONTACT)
        self.play("exit 0")
        self.start()
        first = self.home.daemon.pid
        eventually(lambda: len(self.ended()) == 1, self.home.story)
        # The first calendar of a home is waited for, so that its sources are asked at once.
        self.assertEqual(self.calls(), [f"refresh --home {self.home.root} --parent {first}"])
        self.assertEqual(self.ended()[0]["run"], "refresh")
        memory = self.home.root / "run" / "calendar"
        # Both times are known: when it was due, and when it was done.
        eventually(lambda: "--" not in memory.read_text(), self.home.story)
        self.kill_daemon()
        self.start()
        # The next daemon has had many turns by the time it answers a command.
        self.home.ctl("reread")
        self.assertEqual(len(self.calls()), 1)

    def running(self):
        """The process of a run that writes its pid and does not end."""
        pid_file = Path(f"{self.runs}.pid")
        eventually(lambda: pid_file.exists() and pid_file.read_text().strip(), self.home.story)
        pid = int(pid_file.read_text())
        self.assertTrue(alive(pid))
        return pid

    def test_a_run_that_does_not_end_is_ended_at_its_deadline(self):
        self.home.settings(CONTACT + 'calendar.deadline = "5 s"\n')
        self.play(f"echo $$ > {self.runs}.pid\nexec sleep 1000")
        self.start()
        pid = self.running()
        ended = eventually(self.ended, self.home.story)
        self.assertIn("signal 9", ended[0]["how"])
        self.assertFalse(alive(pid))
        # Nobody waited for it: the daemon answers.
        self.assertEqual(self.home.status()["daemon"]["state"], "up")

    def test_a_run_ends_with_the_daemon_that_ends(self):
        self.home.settings(CONTACT)
        self.play(f"echo $$ > {self.runs}.pid\nexec sleep 1000")
        self.start()
        pid = self.running()
        self.home.daemon.send_signal(signal.SIGTERM)
        self.home.daemon.wait()
        eventually(lambda: not alive(pid), self.home.story)

    def test_a_run_ends_with_the_daemon_that_is_killed(self):
        shutil.copy2(BIN / "bullpen-calendar", self.programs / "bullpen-calendar")
        server = bad.Server()
        self.addCleanup(server.close)
        server.answers["/bls"] = lambda _: server.stopping.wait(120)
        self.home.settings(CONTACT + 'calendar.sources = ["bls-ics"]\n'
                           f'calendar.bls_ics_url = "{server.url("/bls")}"\n')
        self.start()
        # It waits for an answer that does not come.
        eventually(lambda: server.count("/bls") == 1, self.home.story)
        running = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat")
                   if parent_or_none(stat) == self.home.daemon.pid]
        self.assertEqual(len(running), 1)
        self.kill_daemon()
        eventually(lambda: not alive(running[0]), self.home.story)

    def test_later_runs_ask_each_source_at_a_time_of_its_own(self):
        self.home.ctl("calendar", "refresh")
        self.home.settings(CONTACT)
        self.play("exit 0")
        self.start()
        eventually(lambda: len(self.ended()) == 1, self.home.story)
        # A quarter of the deadline.
        self.assertTrue(self.calls()[0].endswith(" --spread 30"), self.calls())

    @unittest.skipUnless(SHIFTED_CLOCK.exists(), "not built")
    def test_old_time_zones_are_an_alarm_also_without_a_calendar(self):
        shift = Path(self.home.directory) / "shift"
        twenty_years = 20 * 365 * 86400 * 1000
        shift.write_text(str(twenty_years))
        self.play("exit 0")
        self.home.start(program=self.programs / "bullpend",
                        environment={"LD_PRELOAD": str(SHIFTED_CLOCK),
                                     "SHIFTED_CLOCK_FILE": str(shift)})
        eventually(lambda: [line for line in self.home.log()
                            if "time-zone data" in json.dumps(line)], self.home.story)
        self.assertFalse((self.home.root / "shared" / "calendar.snapshot").exists())

    @unittest.skipUnless(SHIFTED_CLOCK.exists(), "not built")
    def test_at_eight_in_the_evening_today_is_the_day_of_new_york_and_not_of_utc(self):
        evening = datetime.datetime.fromisoformat("2026-12-10T01:30:00+00:00").timestamp()
        shift = Path(self.home.directory) / "shift"
        shift.write_text(str(round((evening - time.time()) * 1000)))
        environment = {"PATH": "/usr/bin:/bin", "LD_PRELOAD": str(SHIFTED_CLOCK),
                       "SHIFTED_CLOCK_FILE": str(shift)}

        def calendar(*words):
            done = subprocess.run([BIN / "bullpenctl", "--home", self.home.root, "--json",
                                   "calendar", *words], text=True, capture_output=True,
                                  env=environment, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout)

        (self.home.root / "shared").mkdir(mode=0o700, exist_ok=True)
        for day in ("2026-12-09", "2026-12-10"):
            calendar("add", f"us.fed.fomc.statement:x:{day}", f"{day}T14:00", "--reason", "a test")
        listed = calendar("today")
        self.assertEqual([event["local"] for event in listed["events"]], ["2026-12-09T14:00"])
        self.assertEqual(listed["from"], "2026-12-09T05:00:00Z")

    def test_without_a_contact_a_home_has_what_is_known_without_asking_from_its_first_start(self):
        shutil.copy2(BIN / "bullpen-calendar", self.programs / "bullpen-calendar")
        self.start()
        ended = eventually(self.ended, self.home.story)
        self.assertEqual(ended[0]["how"], "exit 0")
        known = json.loads(self.home.ctl("--json", "calendar", "coverage").stdout)
        self.assertIn("fomc-table", json.dumps(known))
        self.kill_daemon()
        self.start()
        self.home.ctl("reread")
        self.assertEqual(len(self.ended()), 1)

    def test_without_a_contact_a_file_of_the_operator_counts_when_it_comes_changes_and_goes(self):
        shutil.copy2(BIN / "bullpen-calendar", self.programs / "bullpen-calendar")
        file = self.home.root / "shared" / "nse-holidays.json"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.write_text(pages.nse_holidays())
        self.home.account("anna", 'trading = "shadow"\n')
        self.start()
        snapshot = self.home.root / "shared" / "calendar.snapshot"

        def closed(day):
            return snapshot.exists() and f'"in.nse.holiday:{day}"' in snapshot.read_text()

        def told(words):
            return any(words in json.dumps(line) for line in self.home.events("alarm"))

        def listed():
            return '\n{"src":"nse-holidays"' in snapshot.read_text()

        eventually(lambda: closed("2026-12-25"), self.home.story)
        lists = json.loads(pages.nse_holidays())
        for rows in (lists["CM"], lists["FO"]):
            rows[-1].update(tradingDate="24-Dec-2026", weekDay="Thursday")
        file.write_text(json.dumps(lists))
        eventually(lambda: closed("2026-12-24"), self.home.story)
        runs = len(self.ended())
        file.write_text("{}")
        eventually(lambda: told("nse-holidays.json was refused"), self.home.story)
        self.assertTrue(closed("2026-12-24"))
        file.unlink()
        eventually(lambda: not listed(), self.home.story)
        # One run for each, and no more.
        self.assertEqual(len(eventually(lambda: self.ended()[runs + 1:], self.home.story)), 1)
        self.home.ctl("reread")
        self.assertEqual(len(self.ended()), runs + 2)

    def test_without_a_contact_it_runs_once_and_again_as_soon_as_there_is_one(self):
        self.play("exit 75; logs/calendar.log has its own words")
        self.start()
        eventually(lambda: len(self.ended()) == 1, self.home.story)
        self.home.ctl("reread")
        self.assertEqual(len(self.calls()), 1)
        self.home.settings(CONTACT)
        self.home.ctl("update")
        ended = eventually(lambda: self.ended()[1:], self.home.story)
        self.assertEqual(ended[0]["how"], "exit 75; logs/calendar.log has its own words")
        self.assertEqual(len(self.calls()), 2)

    def test_press_releases_are_watched_in_between(self):
        self.home.settings('calendar.contact = "ops@example.org"\ncalendar.watch_every = "60 s"\n')
        self.play("exit 0")
        self.start()
        eventually(lambda: len(self.ended()) == 1, self.home.story)
        # The first look is part of the refresh: the next one is a minute away.
        self.assertEqual([run["run"] for run in self.ended()], ["refresh"])
        eventually(lambda: len(self.ended()) == 2, self.home.story, deadline=120)
        self.assertEqual(self.ended()[1]["run"], "watch")
        self.assertTrue(self.calls()[1].endswith(" --only fed-rss"), self.calls())

    def test_files_that_are_not_used_are_alarms_with_advice_of_their_own(self):
        self.home.settings(CONTACT)
        self.play("exit 0")
        self.start()
        eventually(lambda: len(self.ended()) == 1, self.home.story)
        (self.home.root / "shared" / "calendar.override.json").write_text("{")
        (self.home.root / "shared" / "calendar.snapshot").write_text("no snapshot")
        for words in ("the override file is not used", "the snapshot is damaged"):
            alarm = eventually(lambda words=words: [line for line in self.home.events("alarm")
                                                    if words in line["sentence"]], self.home.story)
            self.assertNotIn("ack", alarm[0]["advice"])

    def test_a_missing_program_is_told_and_hurts_nobody(self):
        self.home.settings(CONTACT)
        self.start()
        ended = eventually(self.ended, self.home.story)
        self.assertIn("bullpen-calendar", ended[0]["how"])
        self.assertEqual(self.home.status()["daemon"]["state"], "up")


if __name__ == "__main__":
    unittest.main()
