"""bullpen-calendar from end to end: against servers that answer well and badly, and confined."""

import contextlib
import ctypes
import datetime
import fcntl
import json
import os
import resource
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import calendar_pages as pages  # noqa: E402
import misbehaving_server as bad  # noqa: E402

BIN = Path(os.environ.get("BULLPEN_BIN_DIR", Path(__file__).resolve().parents[3] / "build/dev/bin"))
PROGRAM = str(BIN / "bullpen-calendar")
YEAR = datetime.datetime.now(datetime.timezone.utc).year
ICS = "text/calendar; charset=utf-8"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
XML = "text/xml"


def schedule(moved=None, without=()):
    """The agency's file of this year and the next; `moved` maps (name, month of the next year) to
    a day, `without` names such releases that are missing."""
    releases = pages.bls_releases(YEAR) + pages.bls_releases(YEAR + 1)
    out = []
    for day, at, name in releases:
        key = (name, day.month) if day.year == YEAR + 1 else None
        if key in without:
            continue
        out.append(((moved or {}).get(key, day), at, name))
    return pages.bls(sorted(out))


class Refresh(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="bp-", dir="/tmp")
        self.home = Path(self.directory) / "h"
        self.home.mkdir(mode=0o700)
        self.server = bad.Server()
        self.server.answers = {"/bls": bad.body(schedule(), ICS, etag='"one"'),
                               "/bea": bad.body(pages.bea_json(), JSON)}
        self.settings(bls_ics_url=self.server.url("/bls"), bea_json_url=self.server.url("/bea"))

    def tearDown(self):
        self.server.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def settings(self, contact="ops@example.net", sources=("bls-ics", "bea-json"), **urls):
        lines = ["[calendar]", f'contact = "{contact}"', f"sources = {json.dumps(list(sources))}"]
        lines += [f'{name} = "{url}"' for name, url in urls.items()]
        (self.home / "bullpen.toml").write_text("\n".join(lines) + "\n")

    def run_it(self, *arguments, code=None):
        done = subprocess.run([PROGRAM, "refresh", "--home", str(self.home), "--json", *arguments],
                              capture_output=True, text=True, timeout=100, check=False,
                              env={"PATH": "/usr/bin:/bin"})
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout else done

    def again(self, *arguments, code=None):
        """As if ten minutes had passed."""
        (self.home / "shared/calendar.attempts").unlink(missing_ok=True)
        return self.run_it(*arguments, code=code)

    def events(self):
        found = {}
        for line in (self.home / "shared/calendar.snapshot").read_text().splitlines()[1:]:
            entry = json.loads(line)
            event = entry.get("event", entry)
            if "id" in event:
                found[event["id"]] = event
        return found

    def outcome(self, report, source="bls-ics"):
        return next(s for s in report["sources"] if s["source"] == source)

    def bls_is(self, answer, outcome, words, *arguments, code=75):
        """Runs with the agency's file answered so; the other source must not suffer."""
        self.server.answers["/bls"] = answer
        report = self.again(*arguments, code=code)
        said = self.outcome(report)
        self.assertEqual(said["outcome"], outcome, said)
        self.assertIn(words, said["sentence"])
        self.assertIn(self.outcome(report, "bea-json")["outcome"], ("accepted", "unchanged"))
        return report

    def sanitized(self):
        done = subprocess.run([PROGRAM, "sandbox", "--home", str(self.home)], text=True,
                              capture_output=True, timeout=60, check=False)
        return "sanitizer" in done.stdout

    # ---- what is well

    def test_a_first_run_writes_all_that_is_known(self):
        report = self.run_it(code=0)
        self.assertTrue(report["good"])
        self.assertEqual([w for w in report["warnings"] if "sanitizer" not in w], [])
        self.assertEqual(report["generation"], 1)
        events = self.events()
        payrolls = events[f"us.bls.empsit:{YEAR + 1}-02"]
        self.assertEqual(payrolls["status"], "published")
        self.assertEqual(payrolls["sources"][0]["src"], "bls-ics")
        kept = self.home / "shared/bodies" / payrolls["sources"][0]["sha256"]
        self.assertEqual(kept.read_text(), schedule())
        self.assertEqual(events["us.fed.fomc.statement:2028-01-25"]["sources"][0]["src"],
                         "fomc-table")

    def test_sources_are_told_who_asks_and_what_is_known(self):
        self.run_it(code=0)
        self.again(code=0)
        first, second = self.server.requests["/bls"]
        self.assertRegex(first["User-Agent"], r"^Bullpen/[0-9.]+ \(\+mailto:ops@example\.net\)$")
        self.assertNotIn("If-None-Match", first)
        self.assertEqual(second["If-None-Match"], '"one"')

    def test_a_body_that_did_not_change_is_not_sent_again_and_counts_as_new(self):
        self.run_it(code=0)
        report = self.again(code=0)
        self.assertEqual(self.outcome(report)["outcome"], "unchanged")
        self.assertEqual(report["changes"], [])
        self.assertEqual(report["generation"], 2)

    def test_without_a_contact_nobody_is_asked_and_the_table_still_counts(self):
        self.settings(contact="", bls_ics_url=self.server.url("/bls"),
                      bea_json_url=self.server.url("/bea"))
        report = self.run_it(code=0)
        self.assertEqual({s["outcome"] for s in report["sources"]}, {"not_asked"})
        self.assertEqual(self.server.requests, {})
        self.assertIn("us.fed.fomc.presser:2028-01-25", self.events())

    def test_a_source_is_asked_once_in_ten_minutes(self):
        self.run_it(code=0)
        before = self.events()
        report = self.run_it(code=0)
        self.assertEqual(self.outcome(report)["outcome"], "not_asked")
        self.assertEqual(self.server.count("/bls"), 1)
        self.assertEqual({i: (e["status"], e["revision"]) for i, e in self.events().items()},
                         {i: (e["status"], e["revision"]) for i, e in before.items()})

    def test_a_dry_run_shows_the_difference_and_the_next_run_needs_no_request_for_it(self):
        report = self.run_it("--dry-run", code=0)
        self.assertFalse((self.home / "shared/calendar.snapshot").exists())
        self.assertTrue(any(c["id"] == f"us.bls.cpi:{YEAR + 1}-02" for c in report["changes"]))
        report = self.run_it(code=0)
        self.assertEqual(self.outcome(report)["outcome"], "accepted")
        self.assertEqual(self.server.count("/bls"), 1)
        self.assertIn(f"us.bls.cpi:{YEAR + 1}-02", self.events())

    def test_just_one_source_may_be_asked_and_the_others_stay(self):
        self.run_it(code=0)
        report = self.again("--only", "bea-json", code=0)
        self.assertEqual(self.outcome(report)["outcome"], "not_asked")
        self.assertEqual(self.server.count("/bls"), 1)
        self.assertEqual(self.events()[f"us.bls.cpi:{YEAR + 1}-02"]["status"], "published")

    def test_a_spread_changes_when_sources_are_asked_and_nothing_else(self):
        report = self.run_it("--spread", "2", code=0)
        self.assertEqual([source["outcome"] for source in report["sources"]],
                         ["accepted", "accepted"])
        self.assertEqual((self.server.count("/bls"), self.server.count("/bea")), (1, 1))

    def test_a_run_whose_parent_is_another_process_does_nothing(self):
        self.run_it("--parent", "1", code=75)
        self.assertEqual(self.server.count("/bls"), 0)
        self.run_it("--parent", str(os.getpid()), code=0)

    def test_compressed_bodies_are_read(self):
        self.server.answers["/bls"] = bad.zipped(schedule(), ICS)
        self.assertEqual(self.outcome(self.run_it(code=0))["outcome"], "accepted")

    # ---- what changes

    def test_a_release_that_moves_is_shown_with_both_times(self):
        self.run_it(code=0)
        day = pages.nth_weekday(YEAR + 1, 3, 4, 3)
        self.server.answers["/bls"] = bad.body(
            schedule(moved={("Consumer Price Index", 3): day}), ICS, etag='"two"')
        report = self.again(code=0)
        moved = [c for c in report["changes"] if c["kind"] == "moved"]
        self.assertEqual([c["id"] for c in moved], [f"us.bls.cpi:{YEAR + 1}-02"])
        self.assertIn(f"to {day}T08:30 America/New_York", moved[0]["sentence"])
        event = self.events()[f"us.bls.cpi:{YEAR + 1}-02"]
        self.assertEqual((event["status"], event["revision"]), ("moved", 1))
        self.assertEqual(event["local"], f"{day}T08:30")
        self.assertTrue(event["prev_local"].endswith("T08:30"))

    def test_a_file_of_the_operator_that_is_refused_is_among_the_sources(self):
        (self.home / "shared").mkdir(mode=0o700, exist_ok=True)
        (self.home / "shared/nse-holidays.json").write_text('{"CM": []}')
        self.run_it(code=0)
        lines = (self.home / "shared/calendar.snapshot").read_text().splitlines()[1:]
        status = next(s for s in map(json.loads, lines)
                      if s.get("src") == "nse-holidays" and "failures" in s)
        self.assertTrue(status["refused"])
        self.assertIn("nse-holidays.json was refused", status["error"])

    def test_a_file_of_the_operator_that_is_refused_leaves_the_last_good_one(self):
        (self.home / "shared").mkdir(mode=0o700, exist_ok=True)
        file = self.home / "shared/nse-holidays.json"
        file.write_text(pages.nse_holidays())
        self.run_it(code=0)

        def stated():
            lines = (self.home / "shared/calendar.snapshot").read_text().splitlines()
            return [line.split('"stated"')[0] for line in lines
                    if line.startswith('{"series":"in.nse.holiday"')]

        self.assertEqual(len(stated()), 1)
        before = stated()
        file.write_text(file.read_text()[:-20])
        report = self.again(code=0)
        self.assertTrue([w for w in report["warnings"] if "nse-holidays.json was refused" in w])
        self.assertEqual(stated(), before)
        # Gone for good, it says nothing any more.
        file.unlink()
        self.again(code=0)
        self.assertEqual(stated(), [])

    def test_a_kept_body_that_is_damaged_is_asked_for_whole(self):
        self.run_it(code=0)
        for body in (self.home / "shared/bodies").iterdir():
            body.write_bytes(b"x" + body.read_bytes())
        self.assertEqual(self.outcome(self.again(code=0))["outcome"], "unchanged")
        self.assertNotIn("If-None-Match", self.server.requests["/bls"][-1])
        snapshot = (self.home / "shared/calendar.snapshot").read_text()
        self.assertIn('{"series":"us.bls.cpi"', snapshot)

    def test_a_server_that_says_unchanged_of_a_body_that_is_not_there_is_a_failure(self):
        self.run_it(code=0)
        for body in (self.home / "shared/bodies").iterdir():
            body.unlink()
        self.server.answers["/bls"] = bad.status(304)
        report = self.again(code=75)
        self.assertEqual(self.outcome(report)["outcome"], "failed")

    def test_one_release_that_is_missing_is_kept_with_an_alarm_many_refuse_the_body(self):
        self.run_it(code=0)
        self.server.answers["/bls"] = bad.body(schedule(without={("Consumer Price Index", 3)}), ICS)
        report = self.again(code=0)
        self.assertEqual([a["kind"] for a in report["alarms"]], ["vanished"])
        self.assertEqual(self.events()[f"us.bls.cpi:{YEAR + 1}-02"]["status"], "unconfirmed")
        before = self.events()
        months = range(2, 13)
        jobs = {("Job Openings and Labor Turnover Survey", m) for m in months}
        jobs |= {("Employment Cost Index", m) for m in months}
        self.bls_is(bad.body(schedule(without=jobs), ICS), "refused",
                    "announced for the future are missing")
        after = self.events()
        self.assertEqual({i for i in before if after[i]["status"] != before[i]["status"]}, set())

    def test_what_was_refused_is_kept_for_whoever_looks_into_it(self):
        self.run_it(code=0)
        report = self.bls_is(bad.body(pages.ACCESS_DENIED + " " * 4000, ICS), "refused",
                             "does not begin with BEGIN:VCALENDAR")
        name = self.outcome(report)["sentence"].rsplit(" ", 1)[1]
        kept = list((self.home / "shared/bodies").glob(name + "*"))
        self.assertIn("Access Denied", kept[0].read_text())
        self.assertEqual(self.events()[f"us.bls.cpi:{YEAR + 1}-02"]["status"], "published")

    # ---- what is bad

    def test_a_server_that_dribbles_ends_with_the_time(self):
        start = time.monotonic()
        self.bls_is(bad.slow(self.server, ICS), "failed", "Timeout", "--fetch-time", "2")
        self.assertLess(time.monotonic() - start, 20)

    def test_a_body_without_end_is_cut_off(self):
        self.bls_is(bad.endless(self.server, ICS), "failed", "more than 2097152 bytes")

    def test_a_little_body_that_unpacks_to_much_is_cut_off(self):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.bls_is(bad.bomb(ICS), "failed", "more than 2097152 bytes")
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        # A sanitizer keeps much memory of its own.
        if after > before and not self.sanitized():
            self.assertLess(after, 300 * 1024)  # KiB

    def test_redirects_stay_with_the_host_and_end(self):
        self.server.answers["/moved"] = bad.body(schedule(), ICS)
        self.bls_is(bad.redirect("/moved"), "accepted", "events", code=0)
        self.bls_is(bad.redirect(self.server.url("/moved", host="localhost")), "failed",
                    "another place")
        self.bls_is(bad.redirect("https://127.0.0.1:1/"), "failed", "another place")
        self.bls_is(bad.redirect("file:///etc/passwd"), "failed", "another place")
        count = self.server.count("/bls")
        self.bls_is(bad.redirect("/bls"), "failed", "more than 3 times")
        self.assertEqual(self.server.count("/bls") - count, 4)

    def test_a_server_that_says_no_is_not_pressed_and_one_in_trouble_is_asked_again(self):
        self.bls_is(bad.status(403), "failed", "status 403")
        self.assertEqual(self.server.count("/bls"), 1)
        self.bls_is(bad.status(500), "failed", "status 500")
        self.assertEqual(self.server.count("/bls"), 4)
        self.bls_is(bad.in_turn(bad.status(503), bad.body(schedule(), ICS)), "accepted", "events",
                    code=0)
        self.bls_is(bad.status(204), "failed", "status 204")

    def test_a_wrong_type_is_no_calendar(self):
        self.bls_is(bad.body(schedule(), HTML), "failed", "gives the type 'text/html")

    def test_a_body_that_breaks_off_is_not_believed(self):
        self.bls_is(bad.partial(schedule(), ICS), "failed", "127.0.0.1")
        half = schedule()[:len(schedule()) // 2]
        self.bls_is(bad.body(half, ICS), "refused", "does not end with END:VCALENDAR")

    def test_a_body_that_changes_between_two_requests_is_taken_as_it_is_then(self):
        self.server.answers["/bls"] = bad.in_turn(bad.partial(schedule(), ICS),
                                                  bad.body(schedule(), ICS, etag='"two"'))
        self.assertEqual(self.outcome(self.run_it(code=0))["outcome"], "accepted")
        self.assertEqual(self.server.count("/bls"), 2)

    def test_a_server_that_is_not_there_leaves_the_last_good(self):
        self.run_it(code=0)
        before = self.events()
        self.server.close()
        report = self.again(code=75)
        self.assertEqual(self.outcome(report)["outcome"], "failed")
        self.assertEqual({i: e["status"] for i, e in self.events().items()},
                         {i: e["status"] for i, e in before.items()})
        self.server = bad.Server()

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make a certificate with")
    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        key, cert = (str(Path(self.directory) / name) for name in ("key.pem", "cert.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                        "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1"], check=True,
                       capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server = bad.Server(context)
        server.answers = {"/bls": bad.body(schedule(), ICS)}
        try:
            self.settings(bls_ics_url=server.url("/bls", scheme="https"),
                          bea_json_url=self.server.url("/bea"))
            said = self.outcome(self.run_it(code=75))
            self.assertEqual(said["outcome"], "failed")
            self.assertIn("certificate", said["sentence"])
            self.assertEqual(server.requests, {})
        finally:
            server.close()

    # ---- runs beside each other, and runs that are killed

    def test_a_second_run_beside_the_first_says_so(self):
        self.run_it(code=0)
        with open(self.home / "locks/calendar.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.run_it()
            self.assertEqual(done.returncode, 77)

    def test_who_locks_all_that_workers_may_read_keeps_no_run_out(self):
        self.run_it(code=0)
        (self.home / "shared/calendar.lock").touch()
        with contextlib.ExitStack() as held:
            for file in (self.home / "shared").rglob("*"):
                if file.is_file():
                    lock = held.enter_context(open(file, "rb"))
                    fcntl.flock(lock, fcntl.LOCK_SH)
            self.run_it(code=0)
        self.assertFalse((self.home / "shared/calendar.lock").exists())

    def test_a_run_that_is_killed_leaves_the_snapshot_as_it_was(self):
        self.run_it(code=0)
        before = (self.home / "shared/calendar.snapshot").read_bytes()
        asked = threading.Event()

        def hang(handler):
            asked.set()
            bad.slow(self.server, ICS)(handler)

        self.server.answers["/bls"] = hang
        (self.home / "shared/calendar.attempts").unlink()
        child = subprocess.Popen([PROGRAM, "refresh", "--home", str(self.home)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertTrue(asked.wait(30))
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.assertEqual((self.home / "shared/calendar.snapshot").read_bytes(), before)
        # What it asked, it asked.
        self.server.answers["/bls"] = bad.body(schedule(), ICS)
        self.assertEqual(self.outcome(self.run_it(code=0))["outcome"], "not_asked")

    # ---- confinement

    def test_on_a_kernel_that_can_confine_the_program_is_confined(self):
        done = subprocess.run([PROGRAM, "sandbox", "--home", str(self.home)], text=True,
                              capture_output=True, timeout=60, check=False)
        said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
        if self.sanitized():
            self.skipTest("a sanitizer calls the system in its own ways")
        # What the kernel has is asked here, not taken from the program.
        libc = ctypes.CDLL(None, use_errno=True)
        landlock = libc.syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint(1))
        self.assertEqual(int(said["landlock version"]), max(landlock, 0))
        self.assertEqual(said["files confined"], "yes" if landlock > 0 else "no")
        self.assertEqual(said["ports confined"], "yes" if landlock >= 4 else "no")
        seccomp = "Seccomp:" in Path("/proc/self/status").read_text()
        self.assertEqual(said["calls filtered"], "yes" if seccomp else "no")
        self.assertEqual(said["network closed before parsing"], "yes" if seccomp else "no")
        self.assertEqual(said["limits"], "yes")
        self.assertNotIn("possible", said, done.stdout)
        if landlock > 0 and seccomp:
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_refresh_that_is_under_way_is_confined(self):
        asked = threading.Event()
        go_on = threading.Event()

        def wait(handler):
            asked.set()
            go_on.wait(30)
            bad.body(schedule(), ICS)(handler)

        self.server.answers["/bls"] = wait
        child = subprocess.Popen([PROGRAM, "refresh", "--home", str(self.home)],
                                 stdout=subprocess.PIPE, text=True)
        self.assertTrue(asked.wait(30))
        state = dict(line.split(":\t", 1) for line in
                     Path(f"/proc/{child.pid}/status").read_text().splitlines() if ":\t" in line)
        limits = Path(f"/proc/{child.pid}/limits").read_text()
        go_on.set()
        out, _ = child.communicate(timeout=60)
        if "sanitizer" in out:
            self.skipTest("a sanitizer calls the system in its own ways")
        self.assertEqual(state["NoNewPrivs"].strip(), "1")
        if "Seccomp" in state:
            self.assertEqual(state["Seccomp"].strip(), "2")
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        self.assertRegex(limits, r"Max cpu time\s+60\s+60")
        self.assertNotIn("sandbox", out)


if __name__ == "__main__":
    unittest.main()
