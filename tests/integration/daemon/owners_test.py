#!/usr/bin/env python3
"""Accounts of one owner that trade one product: with a rule they are never in it against each
other; and the broker's word on an instrument is compared."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, trader, until_holding  # noqa: E402

TRADER = {"owner": "Jane Doe", "restart.delay": "100 ms"}
# Enters within seconds, and is in the market for minutes.
HOLDER = {**TRADER, **PATIENT, "feed.history": BEFORE_A_SIGNAL, "feed.speed": 60}
# Has signals both ways all the time, in a market of its own.
BUSY = {**TRADER, "feed.seed": 12, "feed.speed": 2000}


def rule(opposite):
    return f'\n[owners."Jane Doe"]\nopposite = "{opposite}"\n'


class Owners(unittest.TestCase):
    def owned(self, home):
        done = home.ctl("--json", "status", "--owners", check=False)
        return json.loads(done.stdout)["owners"]

    def judged(self, home):
        return [line for line in home.log() if line["event"] == "entry_judged"]

    def test_an_account_enters_beside_another_of_its_owner_and_never_against_it(self):
        with Home(rule("refuse")) as home:
            home.account("anna", trader(HOLDER))
            home.account("bea", "autostart = false\n" + trader(BUSY))
            home.start()
            until_holding(home)
            before = len(self.judged(home))
            home.ctl("start", "bea")

            def both_ways():
                for one in self.owned(home):
                    self.assertFalse(one["against_each_other"], home.story())
                judged = [line["granted"] for line in self.judged(home)[before:]]
                return True in judged and False in judged
            eventually(both_ways, home.story, 120)
            self.assertTrue(home.of("anna")["quantity"])
            # Questions come in bursts, and no beat that is expected is put off by them.
            self.assertEqual((home.of("anna")["restarts"], home.of("bea")["restarts"]), (0, 0))
            # A refusal is an answer like any other, and is counted.
            refused = {line["worker"] for line in self.judged(home) if not line["granted"]}
            name = sorted(refused)[0]

            def told():
                facts = json.loads(home.ctl("--json", "explain", name).stdout)["facts"]
                return {fact["what"]: fact["text"] for fact in facts}
            eventually(lambda: "not_granted" in told().get("Refused", "") and
                       "not_granted" in json.dumps(home.of(name)), home.story)
            self.assertIn("Jane Doe", home.ctl("status", "--owners", check=False).stdout)
            # Another daemon knows nothing of what this one granted, and asks before it grants.
            home.kill_daemon()
            before = len(self.judged(home))
            home.start()

            def goes_on():
                for one in self.owned(home):
                    self.assertFalse(one["against_each_other"], home.story())
                return len(self.judged(home)) > before
            eventually(goes_on, home.story, 120)

    def test_without_an_answer_nothing_is_entered(self):
        with Home(rule("refuse")) as home:
            home.account("anna", trader({**TRADER, "feed.speed": 6000}))
            home.start()
            eventually(lambda: self.judged(home), home.story, 120)
            home.ctl("flatten", "anna")
            # A daemon that hangs answers nothing; its worker is soon without one.
            os.kill(home.daemon.pid, signal.SIGSTOP)
            try:
                made = json.loads(home.ctl("--json", "replay", "anna", check=False).stdout)
                self.assertEqual(made["trading"]["quantity"], 0)
            finally:
                os.kill(home.daemon.pid, signal.SIGCONT)

    def test_an_instrument_that_the_broker_describes_otherwise_is_not_traded(self):
        with Home() as home:
            home.account("anna", trader({**TRADER, "feed.speed": 6000}))
            home.start()
            home.until("anna", "RUNNING", mode="active", deadline=60)
            home.ctl("stop", "anna")
            home.tell_venue("personality", toml='false_instrument = "tick_value"')
            home.ctl("start", "anna")
            line = home.until("anna", "RUNNING", mode_reason="instrument_mismatch", deadline=60)
            self.assertEqual(line["mode"], "idle")
            told = home.ctl("tail", "--raw", "anna").stdout
            self.assertIn("the broker's tick value of MES is 2.50 USD, ours is 1.25 USD", told)
            # The exchange comes to its senses, and the account with its next session.
            home.tell_venue("personality", toml='false_instrument = ""')
            home.ctl("restart", "anna")
            home.until("anna", "RUNNING", mode="active", deadline=60)


if __name__ == "__main__":
    unittest.main()
