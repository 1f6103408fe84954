#!/usr/bin/env python3
"""What is paid out of an account is told once, is no loss, and is known after a restart and in a
replay."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import trader  # noqa: E402

TRADER = trader({"feed.speed": 6000, "strategy.long": False, "strategy.short": False,
                 "risk.rule_pack": "topstep_express_50k", "risk.start_balance": 0,
                 "risk.high_balance": 1500, "orders.reconcile_every": "5 s",
                 "risk.hosting_acknowledged":
                 "I know that this firm forbids servers, and I run this where I sit"})


class Payout(unittest.TestCase):
    def floor_left(self, home):
        limits = {one["name"]: one for one in home.of("anna").get("limits") or ()}
        return limits["loss_floor"]["left"] / 1e6 if "loss_floor" in limits else None

    def test_a_payout_fixes_the_floor_and_counts_as_no_loss(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            pid = home.until("anna", "RUNNING", mode="active", deadline=60)["pid"]
            # What a winning account has: the exchange is told so, with an amount below zero.
            home.tell_venue("payout", account="anna", amount="-1500")
            eventually(lambda: self.floor_left(home) == 2000, home.story, 30)

            home.tell_venue("payout", account="anna", amount="500")
            told = json.loads(home.ctl("--json", "payout", "anna", "500").stdout)
            self.assertEqual((told["ok"], told["amount"]), (True, "500.00"))
            self.assertEqual((told["floor_from"], told["floor_to"]), ("-500.00", "0.00"))
            # 1,000 of equity above a floor of 0, where 1,500 were left above one of -500.
            eventually(lambda: self.floor_left(home) == 1000, home.story, 30)
            self.assertEqual(home.of("anna")["mode"], "active")

            # Neither what is no amount nor more than the firm can have paid out changes anything.
            for amount in ("five", "-500"):
                refused = home.ctl("payout", "anna", "--", amount, check=False)
                self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
            home.tell_venue("payout", account="anna", amount="1000.01")
            eventually(lambda: home.of("anna")["mode_reason"] == "limit_reached", home.story, 30)

            # A death changes nothing, and the journal has it as the account does.
            os.kill(pid, signal.SIGKILL)
            home.until_restarted("anna", pid)
            home.ctl("stop", "anna")
            rebuilt = json.loads(home.ctl("--json", "replay", "anna").stdout)
            self.assertTrue(rebuilt["state_file"]["same"]["risk"], rebuilt["state_file"])
            self.assertEqual([one["amount"] for one in rebuilt["payouts"]], ["500.00"])
            days = json.loads(home.ctl("--json", "pnl", "anna").stdout)
            self.assertEqual([one["amount"] for one in days["payouts"]], ["500.00"])
            self.assertEqual({day["change"] for day in days["days"]}, {"0.00"})
            self.assertEqual({day["drawdown"] for day in days["days"]}, {"0.00"})
            # Nobody is told who does not run.
            refused = home.ctl("payout", "anna", "500", check=False)
            self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
            self.assertIn("an account that runs", refused.stderr)
            # Both audit logs have it.
            entries = [json.loads(line) for line in
                       (home.root / "accounts/anna/logs/audit.log").read_text().splitlines()]
            self.assertEqual([one["amount"] for one in entries if one["event"] == "payout"],
                             ["500.00"])
            self.assertIn("payout 500", (home.root / "logs/audit.log").read_text())


if __name__ == "__main__":
    unittest.main()
