#!/usr/bin/env python3
"""What is fetched reaches who needs it, with real programs from end to end: an agency's server, the
daemon's run, the snapshot, a worker that is running already, and the operator's alarms."""

import datetime
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import calendar_pages as pages  # noqa: E402
import misbehaving_server as bad  # noqa: E402
from home import Home, eventually  # noqa: E402

NOW = datetime.datetime.now(datetime.timezone.utc)
TRADER = """
trading = "on"
events.on_unknown = "trade"
feed.seed = 11
feed.history = 1500
session.trade_uncovered_days = true
"""
SETTINGS = """
calendar.contact = "%s"
calendar.watch_every = "%s"
calendar.deadline = "20 s"
calendar.sources = ["bls-ics"]
calendar.bls_ics_url = "%s"
"""
PAYROLLS = "Employment Situation"
JOBS = "Job Openings and Labor Turnover Survey"


def releases():
    return [list(release) for year in (NOW.year, NOW.year + 1)
            for release in pages.bls_releases(year)]


def of(all_releases, name, after):
    """The first release of that name behind that day."""
    return next(release for release in sorted(all_releases)
                if release[2] == name and release[0] > after)


class Reach(unittest.TestCase):
    def test_a_run_of_the_daemon_or_an_operator_reaches_a_running_worker_and_the_alarms(self):
        server = bad.Server()
        self.addCleanup(server.close)
        # A report that no rule has there.
        known = releases()
        of(known, PAYROLLS, datetime.date(NOW.year + 1, 3, 1))[0] += datetime.timedelta(days=4)
        server.answers["/bls"] = bad.body(pages.bls(sorted(known)), "text/calendar")
        url = server.url("/bls")
        with Home(SETTINGS % ("", "0 s", url)) as home:
            home.account("anna", TRADER)
            home.start()
            home.until("anna", "RUNNING", mode="active")
            pid = home.of("anna")["pid"]

            def taken():
                log = home.root / "accounts" / "anna" / "logs" / "worker.log"
                lines = [json.loads(line) for line in log.read_text().splitlines()]
                return [line["generation"] for line in lines if line["event"] == "calendar_taken"]

            def told(words):
                return [line for line in home.log()
                        if line["level"] in ("warn", "error") and words in json.dumps(line)]
            # What is known without asking anybody.
            eventually(lambda: taken() == [1], home.story)
            home.settings(SETTINGS % ("ops@example.org", "0 s", url))
            home.ctl("update")
            eventually(lambda: taken() == [1, 2], home.story)
            eventually(lambda: told("by its rule it would be on"), home.story)
            # The operator's own run finds that something comes tomorrow already.
            soon = NOW + datetime.timedelta(hours=9)
            of(known, JOBS, NOW.date() + datetime.timedelta(days=2))[:2] = [soon.date(),
                                                                            f"{soon:%H%M}00"]
            server.answers["/bls"] = bad.body(pages.bls(sorted(known)), "text/calendar")
            (home.root / "shared" / "calendar.attempts").unlink()
            said = home.ctl("calendar", "refresh").stdout
            self.assertIn("urgent moved us.bls.jolts", said)
            eventually(lambda: taken() == [1, 2, 3], home.story)
            # Nobody tells the daemon; it sees that there is another calendar.
            eventually(lambda: told("moved: "), home.story)
            alarms = json.loads(home.ctl("calendar", "sources", "--json").stdout)["alarms"]
            self.assertLessEqual({"odd_date", "urgent"}, {alarm["code"] for alarm in alarms})
            self.assertEqual(home.of("anna")["pid"], pid)


if __name__ == "__main__":
    unittest.main()
