#!/usr/bin/env python3
"""Reasons of a worker's life, each brought about with real processes: status and explain have its
code, since when it holds, until when, and what comes next by itself; and then that comes."""

import json
import os
import signal
import sys
import unittest
from datetime import datetime
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TREE / "tests/support"))
from home import Home, eventually  # noqa: E402

REASONS = TREE / "docs/operations/reasons"
# Ends in that way in its first launch; in the next one it is well.
ONCE = 'if [ -e "$BULLPEN_ACCOUNT_DIR/ran" ]; then exec sleep 1000; fi; ' \
       ': > "$BULLPEN_ACCOUNT_DIR/ran"; exit {}'
# The example of a worker, but of a time to come.
FOREIGN = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("example", {str(TREE / "etc/examples/worker.py")!r})
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)
class Foreign(example.Worker):
    def send(self, kind, **fields):
        if kind == "hello":
            fields.update(protocol_min=90, protocol_max=91)
        super().send(kind, **fields)
Foreign().run()
"""
SHORT_S = 4  # what is waited out
LONG_S = 45  # what is not
LONG = f'stop_wait = "{LONG_S} s"\n'
SLACK_S = 0.1  # between what is said to the millisecond and what it was reckoned from


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def backs_off(wait):
    return f'restart.delay = "{wait} s"\nrestart.jitter = "0 %"\n'


def command(*words):
    return f"command = {json.dumps(words)}\n"


def ends_once(code):
    return command("/bin/sh", "-c", ONCE.format(code))


def documented(reason):
    """What the page of the reason says of it: the sentence, the next step, the advice."""
    lines = (REASONS / f"{reason}.md").read_text().splitlines()
    return {kind: next(line.removeprefix(head) for line in lines if line.startswith(head))
            for kind, head in (("sentence", "- Said by `bullpenctl explain`: "),
                               ("next", "- Next, by itself: "), ("advice", "- For you: "))}


class Reasons(unittest.TestCase):
    home = None

    def said(self, name, state, reason, lasts=None):
        """The account came to be in that state for that reason, which lasts so many seconds, or
        nobody knows how long: so status and explain say. Returns the line of status."""
        line = self.home.until(name, state, reason=reason)
        page = documented(reason)
        self.assertEqual(line["next"], page["next"])
        begun = seconds(self.home.events("daemon_started")[0]["ts"])
        self.assertGreaterEqual(seconds(line["since"]), begun - 1)
        if lasts is None:
            self.assertIsNone(line["until"])
        else:
            self.assertAlmostEqual(seconds(line["until"]) - seconds(line["since"]), lasts,
                                   delta=SLACK_S)
        told = self.home.explain(name)
        self.assertEqual((told["state"], told["reason"]), (state, reason))
        self.assertIn(f"{name} is {state} since ", told["headline"])
        self.assertIn(page["sentence"], told["headline"])
        facts = {fact["what"]: fact["text"] for fact in told["facts"]}
        self.assertEqual(facts["Next"], page["next"])
        self.assertEqual("Until" in facts, lasts is not None)
        if page["advice"] != "nothing to do":
            self.assertEqual(facts["Do"], page["advice"].replace("NAME", name))
        detail = told["detail"]
        self.assertEqual((detail["since"], detail["until"]), (line["since"], line["until"]))
        self.assertEqual(detail["reason"], {"code": reason, **page,
                                            "advice": page["advice"].replace("NAME", name)})
        return line

    def launches(self, name):
        """When the account's workers were started."""
        return [seconds(line["ts"]) for line in self.home.events("worker_started")
                if line["worker"] == name]

    def restarts_when_said(self, name, line):
        """What was said to come at its `until` comes, and not before."""
        self.home.until(name, "RUNNING", reason="none", restarts=1)
        self.assertGreaterEqual(self.launches(name)[1], seconds(line["until"]) - SLACK_S)


class Life(Reasons):
    """One home for all, so that they wait side by side."""

    @classmethod
    def setUpClass(cls):
        home = cls.home = Home()
        cls.addClassCleanup(home.end)
        home.account("unexpected", 'restart.rule = "always"\n' + backs_off(LONG_S) +
                     command("/bin/true"))
        home.account("never", 'restart = "never"\n' + command("/bin/false"))
        home.account("late", 'heartbeat = "zmq"\nstart_wait = "500 ms"\n' +
                     command("/bin/sleep", "1000") + backs_off(LONG_S))
        home.account("silent", f'heartbeat = "zmq"\nstart_wait = "{LONG_S} s"\n' +
                     command("/bin/sleep", "1000"))
        home.account("foreign", 'heartbeat = "zmq"\n' +
                     command("/usr/bin/python3", "-c", FOREIGN) + backs_off(LONG_S))
        for name in ("changed", "removed"):
            home.puppet(name, ["ignore-term"], LONG)
        home.start()

    def add(self, name, text):
        self.home.account(name, text)
        self.home.ctl("update", "--timeout", "1", check=False)

    def test_first_beat_awaited_lasts_as_long_as_a_start_may_take(self):
        self.said("silent", "STARTING", "first_beat_awaited", LONG_S)

    def test_first_beat_awaited_of_a_program_without_heartbeat_ends_when_it_has_stayed_up(self):
        self.add("slow", f'started_after = "{SHORT_S} s"\n' + command("/bin/sleep", "1000"))
        line = self.said("slow", "STARTING", "first_beat_awaited", SHORT_S)
        up = self.home.until("slow", "RUNNING", reason="none")
        self.assertEqual((up["pid"], up["restarts"]), (line["pid"], 0))

    def test_start_timeout_kills_what_does_not_report_ready_and_tries_again(self):
        self.said("late", "BACKOFF", "start_timeout", LONG_S)
        deaths = self.home.explain("late")["detail"]["deaths"]
        self.assertEqual([death["reason"] for death in deaths], ["start_timeout"])

    def test_exited_temporary_is_restarted_after_the_back_off(self):
        self.add("temporary", ends_once(75) + backs_off(SHORT_S))
        line = self.said("temporary", "BACKOFF", "exited_temporary", SHORT_S)
        self.assertEqual(line["reason_text"], "exit code 75")
        self.restarts_when_said("temporary", line)

    def test_exited_unexpectedly_is_restarted_after_the_back_off(self):
        line = self.said("unexpected", "BACKOFF", "exited_unexpectedly", LONG_S)
        self.assertEqual(line["reason_text"], "exit code 0")

    def test_never_restart_waits_for_an_operator(self):
        line = self.said("never", "FATAL", "never_restart")
        self.assertIn("exit code 1", line["reason_text"])
        self.assertEqual(len(self.launches("never")), 1)
        self.home.ctl("start", "never", check=False)
        eventually(lambda: len(self.launches("never")) == 2, self.home.story)

    def test_protocol_refused_stops_who_speaks_another_protocol_and_tries_again(self):
        self.said("foreign", "BACKOFF", "protocol_refused", LONG_S)

    def test_settings_changed_lasts_until_it_has_stopped_and_then_it_runs_with_them(self):
        first = self.home.until("changed", "RUNNING")["pid"]
        self.home.puppet("changed", ["sleep"], LONG)
        self.home.ctl("update", "--timeout", "1", check=False)
        self.said("changed", "STOPPING", "settings_changed", LONG_S)
        os.kill(first, signal.SIGKILL)
        again = self.home.until_restarted("changed", first)
        self.assertEqual(again["reason"], "none")

    def test_account_removed_lasts_until_it_has_stopped_and_then_it_leaves_the_list(self):
        pid = self.home.until("removed", "RUNNING")["pid"]
        # As remove puts it aside; a file that is simply gone takes no such program along.
        aside = self.home.root / "removed/2999-01-01T00:00:00.000Z"
        aside.mkdir(parents=True)
        (self.home.root / "accounts.d/removed.toml").rename(aside / "removed.toml")
        self.home.ctl("update", "--timeout", "1", check=False)
        self.said("removed", "STOPPING", "account_removed", LONG_S)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not self.home.of("removed"), self.home.story)


class Starts(Reasons):
    """What holds back the starts of a whole home."""

    def begin(self, settings):
        self.home = Home(settings)
        self.addCleanup(self.home.end)

    def test_storm_limit_holds_every_restart_until_its_window_has_passed(self):
        self.begin('storm_deaths_max = 3\nstorm_window = "8 s"\n')
        home = self.home
        names = ("alpha", "beta", "gamma")
        for name in names:
            home.account(name, ends_once(1) + backs_off(2))
        home.puppet("calm", ["sleep"])
        home.start()
        calm = home.until("calm", "RUNNING")["pid"]
        lines = {name: self.said(name, "WAITING", "storm_limit", 6) for name in names}
        storm, = [alarm for alarm in home.events("alarm") if alarm["reason"] == "storm_limit"]
        for name in names:
            self.assertAlmostEqual(seconds(lines[name]["until"]), seconds(storm["ts"]) + 8,
                                   delta=SLACK_S)
            self.restarts_when_said(name, lines[name])
        self.assertEqual(home.of("calm")["pid"], calm)

    def test_a_storm_goes_on_until_its_time_under_a_daemon_that_comes_after_a_crash(self):
        self.begin('storm_deaths_max = 3\nstorm_window = "20 s"\n')
        home = self.home
        names = ("alpha", "beta", "gamma")
        for name in names:
            home.account(name, ends_once(1) + backs_off(2))
        home.start()
        lines = {name: home.until(name, "WAITING", reason="storm_limit") for name in names}
        home.kill_daemon()
        home.start()
        after = {name: home.until(name, "WAITING", reason="storm_limit") for name in names}
        for name in names:
            self.assertAlmostEqual(seconds(after[name]["until"]), seconds(lines[name]["until"]),
                                   delta=0.1)
            self.restarts_when_said(name, after[name])

    def test_start_stagger_lets_one_start_after_the_other(self):
        self.begin('start_stagger = "3 s"\n')
        names = ("alpha", "beta", "gamma")
        for name in names:
            self.home.puppet(name, ["sleep"])
        self.home.start()
        self.said("gamma", "WAITING", "start_queue")
        for name in names:
            self.home.until(name, "RUNNING")
        first, second, third = (self.launches(name)[0] for name in names)
        self.assertGreaterEqual(second - first, 3 - SLACK_S)
        self.assertGreaterEqual(third - second, 3 - SLACK_S)

    def test_with_stagger_a_try_that_comes_to_nothing_again_is_one_event_of_its_account(self):
        self.begin('start_stagger = "2 s"\n')
        home = self.home
        home.puppet("alpha", ["sleep"])
        home.account("beta", 'command = ["/bin/true"]\nrestart.rule = "always"\n'
                     'restart.delay = "1 s"\nrestart.delay_max = "1 s"\nrestart.jitter = "0 %"\n')
        home.start()
        home.until("beta", "BACKOFF", restarts=3)
        told = [event["reason"] for event in
                map(json.loads, home.ctl("events", "--json").stdout.splitlines())
                if event.get("account") == "beta" and event["event"] == "state"]
        self.assertGreaterEqual(told.count("exited_unexpectedly"), 3, told)
        self.assertLessEqual(told.count("start_queue"), 1, home.ctl("events", "--json").stdout)

    def test_daemon_stopping_holds_what_waits_for_its_turn_when_the_daemon_ends(self):
        self.begin('start_stagger = "1 min"\n')
        home = self.home
        for name in ("alpha", "beta"):
            home.puppet(name, ["sleep"])
        home.start()
        pid = home.until("alpha", "RUNNING")["pid"]
        home.until("beta", "WAITING", reason="start_queue")
        home.ctl("shutdown", "--keep-workers")
        home.daemon.wait(60)
        # The daemon's last word stays when it is gone; only the next one knows more.
        line = home.until("beta", "WAITING", reason="daemon_stopping")
        self.assertEqual((line["until"], line["next"]), (None, "nothing, until a daemon runs"))
        self.assertIsNotNone(line["since"])
        told = home.explain("beta")
        page = documented("daemon_stopping")
        self.assertRegex(told["headline"], rf"^beta is WAITING since .*: {page['sentence']}\.$")
        facts = {fact["what"]: fact["text"] for fact in told["facts"]}
        self.assertEqual(facts["Next"], "nothing, until a daemon runs")
        self.assertEqual(facts["Do"], "start bullpend")
        self.assertEqual(home.of("alpha")["pid"], pid)
        home.start()
        home.until("beta", "RUNNING")


if __name__ == "__main__":
    from home import main
    main()
