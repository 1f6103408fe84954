#!/usr/bin/env python3
"""A loss floor that was reached stays so until an operator restarts it, which is audited and in
the account's journal."""

import itertools
import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import trader  # noqa: E402

TRADER = trader({"feed.speed": 6000, "risk.daily_loss_max": 0, "risk.drawdown_max": 150,
                 "risk.drawdown_model": "intraday", "restart.delay": "100 ms"})


class Floor(unittest.TestCase):
    def audit(self, home, event):
        lines = (home.root / "accounts/anna/logs/audit.log").read_text().splitlines()
        return [one for one in map(json.loads, lines) if one["event"] == event]

    def lose(self, home):
        """Somebody trades by hand for the account: so much that no minute leaves it as it was."""
        sides = itertools.cycle(("buy", "sell"))

        def lost():
            line = home.of("anna")
            if line["mode_reason"] == "limit_reached":
                return line
            home.tell_venue("order", account="anna", side=next(sides), kind="market", quantity=40)
            return None
        return eventually(lost, lambda: f"{home.of('anna')}\n{home.story()}", 60)

    def test_a_reached_floor_holds_until_it_is_restarted(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            home.until("anna", "RUNNING", mode="active", deadline=60)
            line = self.lose(home)
            # Neither a death nor an ordinary resume lifts it.
            os.kill(line["pid"], signal.SIGKILL)
            home.until_restarted("anna", line["pid"])
            home.until("anna", "RUNNING", mode_reason="limit_reached")
            home.ctl("resume", "anna")
            self.assertEqual(home.until("anna", "RUNNING")["mode_reason"], "limit_reached")
            self.assertEqual(self.audit(home, "floor_restarted"), [])

            done = json.loads(home.ctl("--json", "resume", "--restart-floor", "anna").stdout)
            self.assertEqual(done["accounts"][0]["code"], "resumed")
            eventually(lambda: home.of("anna")["mode_reason"] != "limit_reached", home.story)
            restarted = self.audit(home, "floor_restarted")
            self.assertEqual(len(restarted), 1)
            self.assertNotEqual(restarted[0]["from"], restarted[0]["to"])
            asked = (home.root / "run").parent / "logs" / "audit.log"
            if asked.exists():
                self.assertIn("restart_floor", asked.read_text())
            # The journal has it: what is rebuilt from it is what the account knows.
            home.ctl("stop", "anna")
            rebuilt = json.loads(home.ctl("--json", "replay", "anna").stdout)
            self.assertTrue(rebuilt["state_file"]["same"]["risk"])
            # A floor that was not reached is left alone. Halted, the account cannot reach it.
            home.ctl("start", "anna")
            home.until("anna", "RUNNING")
            home.ctl("halt", "anna")
            floor = next(one for one in home.of("anna")["limits"] if one["name"] == "loss_floor")
            home.ctl("resume", "--restart-floor", "anna")
            restarts = 2 if floor["left"] <= 0 else 1
            self.assertEqual(len(self.audit(home, "floor_restarted")), restarts)


if __name__ == "__main__":
    unittest.main()
