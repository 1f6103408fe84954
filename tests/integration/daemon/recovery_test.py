#!/usr/bin/env python3
"""An account that holds something is made safe also when its settings are such that it could not
trade: what decides on entries is not needed for that, and forgets nothing over it."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, at_exchange, trader, until_holding  # noqa: E402

# What is held is held for hours of the market, and stays behind its stop when it is stopped.
HOLDS = {**PATIENT, "feed.history": BEFORE_A_SIGNAL, "feed.speed": 60,
         "orders.at_stop": "leave_protected", "stop_wait": "20 s"}
BROKEN = {"strategy.name": "nonesuch", "risk.rule_pack": "nonesuch"}


class Recovery(unittest.TestCase):
    def gone_without(self, home):
        """What a recovery had to do without."""
        return {line["what"] for line in home.worker_log("anna", "recovers_without")}

    def test_a_wrong_strategy_rule_pack_or_table_does_not_keep_what_is_held_from_being_closed(self):
        with Home() as home:
            home.account("anna", trader({**HOLDS, "recovery": "flatten"}))
            home.start()
            until_holding(home)
            shared = home.root / "shared"
            (shared / "holidays.toml").write_text("nonsense")
            (shared / "instruments.toml").write_text("nonsense")
            home.account("anna", trader({**HOLDS, **BROKEN, "recovery": "flatten"}))
            home.ctl("update", check=False)
            home.until("anna", "FATAL", reason="refused_configuration", flat=True)
            eventually(lambda: at_exchange(home)["position"] == 0, home.story)
            self.assertEqual(at_exchange(home)["working"], 0)
            self.assertEqual(self.gone_without(home),
                             {"strategy", "rule_pack", "instruments", "holidays"})
            self.assertEqual(home.worker_log("anna", "recovery_finished")[-1]["policy"], "flatten")
            # With its settings mended it goes on from what its strategy had saved.
            (shared / "holidays.toml").unlink()
            (shared / "instruments.toml").unlink()
            home.account("anna", trader({**HOLDS, "recovery": "flatten"}))
            home.ctl("update", check=False)
            home.ctl("start", "anna")
            home.until("anna", "RUNNING", mode="active")
            self.assertEqual(home.worker_log("anna", "strategy_began_anew"), [])

    def test_what_is_held_is_minded_by_other_indicators_that_are_warm_at_once(self):
        with Home() as home:
            home.account("anna", trader(HOLDS))
            home.start()
            until_holding(home)
            bars = home.of("anna")["bars"]
            home.ctl("stop", "anna")
            home.until("anna", "STOPPED", flat=False)
            # Its indicators are other ones than those that were saved.
            home.account("anna", trader({**HOLDS, "strategy.rsi_length": 21}))
            home.ctl("update", check=False)
            home.ctl("start", "anna")
            line = home.until("anna", "RUNNING", mode="active", flat=False)
            self.assertGreaterEqual(line["bars"], bars)
            self.assertEqual(at_exchange(home)["working"], 1)
            began = home.worker_log("anna", "indicators_began_anew")
            self.assertEqual([one["warm"] for one in began], [True])
            self.assertEqual(len(home.worker_log("anna", "feed_began")), 1)
            # From then on they are its own.
            home.ctl("restart", "anna")
            home.until("anna", "RUNNING", mode="active", flat=False)
            self.assertEqual(len(home.worker_log("anna", "indicators_began_anew")), 1)
            home.ctl("flatten", "anna")
            home.until("anna", "RUNNING", flat=True)
            eventually(lambda: at_exchange(home)["position"] == 0, home.story)


if __name__ == "__main__":
    unittest.main()
