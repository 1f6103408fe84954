#!/usr/bin/env python3
"""The audit logs have every order with its terms, what the risk gate decided, every changed
parameter with from and to, and every command of an operator; the exchange's own log is what the
orders are compared with."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402

VENUE = """
fsync = "never"
lockstep_accounts = ["anna"]

[market.mes]
source = "synthetic"
pace = "lockstep"
instrument = "MES"
seed = 11
history = 1500
"""
ACCOUNT = """
trading = "on"
feed.instrument = "MES"
feed.seed = 11
feed.history = 1500
feed.speed = 6000
session.trade_uncovered_days = true
risk.fast_market = false
risk.daily_loss_max = {loss}
login = "jo.public"
[environment]
REGION = "{region}"
"""


def lines(path):
    # The last line may be as it is written.
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


class Audit(unittest.TestCase):
    def test_orders_risk_parameters_and_commands_are_all_in_the_audit_logs(self):
        with Home() as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT.format(loss=200, region="north"))
            audit = home.root / "accounts/anna/logs/audit.log"

            def told(event):
                return [line for line in lines(audit) if line["event"] == event] \
                    if audit.exists() else []
            home.start()
            # It loses until it may not any more.
            eventually(lambda: told("limit_reached"), lambda: f"{home.of('anna')}\n{home.story()}",
                       120)
            home.ctl("reduce", "anna")
            home.ctl("resume", "anna")
            home.ctl("flatten", "anna")
            pid = home.of("anna")["pid"]
            home.account("anna", ACCOUNT.format(loss=70000, region="south"))
            home.ctl("update")
            home.until_restarted("anna", pid)
            home.ctl("stop", "all")

            given = {line["key"]: line["to"] for line in told("setting_given")}
            self.assertEqual(given["risk.daily_loss_max"], "200")
            self.assertEqual(given["environment.REGION"], "(not shown)")
            changed = [(line["key"], line["from"], line["to"]) for line in told("setting_changed")]
            self.assertEqual(changed, [("environment.REGION", "(not shown)", "(not shown)"),
                                       ("risk.daily_loss_max", "200", "70000")])
            # Every order that the exchange has, as it has it.
            received = {order["order"]: order for order in home.at_exchange("order")
                        if order["kind"] == "accepted"}
            self.assertGreater(len(received), 3)
            intended = {line["order"]: line for line in told("order_changed")
                        if line["detail"] == "intended"}
            self.assertEqual(set(received) - set(intended), set())
            for order in received:
                line = intended[order]
                self.assertEqual((line["purpose"], line["symbol"], line["risk"]),
                                 (received[order]["purpose"], "MES", "approved"))
                self.assertIn(line["side"], ("buy", "sell"))
                self.assertGreater(line["quantity"], 0)
                if line["type"] == "stop":
                    self.assertNotEqual(line["stop"], "0")
            fills = [(line["order"], line["quantity"]) for line in told("filled")]
            self.assertEqual(sorted(fills), sorted((e["order"], e["fill_quantity"])
                                                   for e in home.at_exchange("execution")))
            # Each with what it was for.
            entries = [line for line in told("filled") if line["purpose"] == "entry"]
            self.assertTrue(entries)
            self.assertEqual({line["why"] for line in entries}, {"signal"})
            self.assertLessEqual({line["side"] for line in entries}, {"buy", "sell"})
            limit = told("limit_reached")[0]
            self.assertIn("daily_loss", limit["limit"])
            orders = [(line["mode"], line["reason"], line["flatten"])
                      for line in told("operator_order")]
            self.assertEqual([order[0] for order in orders], ["reducing", "reducing"])
            self.assertEqual([order[2] for order in orders], [False, True])
            self.assertEqual(len(told("operator_resume")), 1)
            # Numbered without a gap: nothing was taken out.
            self.assertEqual([line["seq"] for line in lines(audit)],
                             list(range(1, len(lines(audit)) + 1)))

            of_daemon = lines(home.root / "logs/audit.log")
            commands = [line["command"] for line in of_daemon
                        if line["event"] == "operator_command"]
            self.assertEqual(commands, ["reduce", "resume", "flatten", "update", "stop"])
            applied = [line["changes"] for line in of_daemon
                       if line["event"] == "settings_applied"]
            self.assertEqual(len(applied), 1)
            self.assertIn("risk.daily_loss_max: 200 -> 70000", applied[0])
            for text in (audit.read_text(), (home.root / "logs/audit.log").read_text()):
                for private in ("south", "north", "jo.public"):
                    self.assertNotIn(private, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
