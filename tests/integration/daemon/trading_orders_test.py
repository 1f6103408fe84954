#!/usr/bin/env python3
"""halt, reduce, flatten and resume, each with a verdict: on an account that trades, on one that
hangs, on one without a process, and on a program that nobody here can tell anything."""

import json
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402
from paper import BEFORE_A_SIGNAL, PATIENT, at_exchange, trader, until_holding  # noqa: E402

# Signals come every few seconds, and each position lasts for two.
TRADER = trader({**PATIENT, "feed.speed": 6000, "restart.delay": "100 ms"})
# What is held is held for two hours of the market, and stays behind its stop when it is stopped.
HOLDS = {**PATIENT, "feed.history": BEFORE_A_SIGNAL, "feed.speed": 60,
         "strategy.holding_max": "120 min", "orders.at_stop": "leave_protected",
         "stop_wait": "20 s"}


class TradingOrders(unittest.TestCase):
    def order(self, home, *words, code=0):
        """The command's verdicts by account."""
        done = home.ctl("--json", *words, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr + home.story())
        return {v["account"]: v for v in json.loads(done.stdout)["accounts"]}

    def test_a_stop_that_came_too_fast_for_the_exchange_is_sent_again_and_nothing_is_closed(self):
        with Home() as home:
            home.account("anna", trader({**HOLDS, "autostart": False}))
            home.start()
            home.until_service("bullpen-venue", "RUNNING")
            home.tell_venue("personality", toml="rate_max = 1\n")
            home.ctl("start", "anna")
            until_holding(home)
            limited = [line for line in home.at_exchange("rate_limited", account="anna")]
            self.assertTrue(limited, home.story())
            line = home.of("anna")
            self.assertEqual((line["mode"], line["flat"]), ("active", False))
            self.assertEqual(len(home.at_exchange("execution", account="anna")), 1)

    def test_a_stop_that_leaves_what_a_person_bought_fails_and_explain_says_what_stands_there(self):
        with Home() as home:
            # Too young a market for a signal of its own.
            home.account("anna", trader({**HOLDS, "feed.history": 100, "feed.speed": 30,
                                         "orders.unexpected": "alert",
                                         "orders.reconcile_every": "5 s",
                                         "orders.at_stop": "flatten"}))
            home.start()
            home.until("anna", "RUNNING", flat=True, deadline=60)
            home.tell_venue("order", account="anna", side="buy", kind="market", quantity=2)
            line = home.until("anna", "RUNNING", mode_reason="position_unexpected", deadline=60)
            self.assertEqual((line["mode"], line["quantity"], line["flat"]), ("idle", 2, False))
            told = home.ctl("explain", "anna").stdout
            for words in ("position_unexpected", "the broker holds long 2, its records flat",
                          "close that position at the broker"):
                self.assertIn(words, told)
            verdict = self.order(home, "stop", "anna", code=1)["anna"]
            self.assertEqual((verdict["code"], verdict["message"]),
                             ("not_flat", "not flat: the broker holds long 2, its records flat"))
            self.assertEqual(at_exchange(home)["position"], 2)

    def position_of(self, home):
        """Waits until the account holds something."""
        return eventually(lambda: home.of("anna").get("quantity"),
                          lambda: f"{home.of('anna')}\n{home.story()}", 60)

    def test_an_account_is_flattened_stays_out_and_trades_again_when_it_is_resumed(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            self.position_of(home)
            self.assertEqual(self.order(home, "flatten", "anna")["anna"]["code"], "flat")
            line = home.of("anna")
            self.assertEqual((line["quantity"], line["flat"]), (0, True))
            self.assertEqual((line["mode"], line["mode_reason"]), ("reducing", "operator_reduce"))
            # The order is on disk: a worker that dies does not forget it.
            os.kill(line["pid"], signal.SIGKILL)
            after = home.until("anna", "RUNNING", restarts=1, mode="reducing")
            self.assertNotEqual(after["pid"], line["pid"])
            self.assertEqual(self.order(home, "resume", "anna")["anna"]["code"], "resumed")
            home.until("anna", "RUNNING", mode="active")
            self.position_of(home)
            self.assertEqual(self.order(home, "reduce", "anna")["anna"]["code"], "reducing")
            self.order(home, "resume", "all")
            limits = {limit["name"] for limit in home.of("anna")["limits"]}
            told = {"daily_loss", "contracts", "margin", "orders", "order_rate"}
            self.assertLessEqual(told, limits)
            shown = home.ctl("status", "--risk").stdout
            self.assertEqual([name for name in told if name not in shown], [])
            self.assertIn("Gates", home.ctl("explain", "anna").stdout)

    def test_a_worker_that_hangs_is_replaced_and_its_successor_halts(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            self.position_of(home)
            pid = home.of("anna")["pid"]
            os.kill(pid, signal.SIGSTOP)
            verdict = self.order(home, "halt", "anna")["anna"]
            self.assertEqual(verdict["code"], "halted")
            line = home.of("anna")
            self.assertNotEqual(line["pid"], pid)
            self.assertEqual((line["mode"], line["quantity"]), ("halted", 0))

    def gated(self, home):
        """A home whose worker waits before it begins, where there is a gate, until somebody opens
        it; where the gate is."""
        script = home.root / "worker"
        script.write_text('#!/bin/sh\n'
                          'gate="$BULLPEN_ACCOUNT_DIR/tmp/gate"\n'
                          '[ -p "$gate" ] && : < "$gate"\n'
                          f"exec '{BIN}/bullpen-worker' \"$@\"\n")
        script.chmod(0o700)
        home.settings(f'worker_program = "{script}"\n')
        return home.root / "accounts" / "anna" / "tmp" / "gate"

    def shut(self, home, gate):
        """A worker that dies has a successor, which waits at the gate."""
        os.mkfifo(gate, 0o600)
        pid = home.of("anna")["pid"]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: home.of("anna").get("pid") not in (None, pid), home.story)

    def open(self, gate):
        opened = os.open(gate, os.O_WRONLY)
        gate.unlink()
        os.close(opened)

    def test_an_order_that_no_worker_took_yet_outlives_the_daemon(self):
        with Home() as home:
            gate = self.gated(home)
            home.account("anna", TRADER)
            home.start()
            home.until("anna", "RUNNING", mode="active", deadline=60)
            kept = home.root / "run" / "orders"
            for words, code in ((("--timeout", "500ms", "halt"), 1), (("--no-wait", "halt"), 0)):
                self.shut(home, gate)
                verdict = self.order(home, *words, "anna", code=code)["anna"]
                self.assertEqual(verdict["code"], "timed_out" if code else "accepted")
                # By then it is on the disk.
                self.assertEqual(kept.read_text(), "anna halt\n")
                home.kill_daemon()
                home.start()
                self.open(gate)
                home.until("anna", "RUNNING", mode="halted", flat=True)
                eventually(lambda: kept.read_text() == "", home.story)
                # What was done once is not ordered again.
                self.assertEqual(self.order(home, "resume", "anna")["anna"]["code"], "resumed")
                home.kill_daemon()
                home.start()
                home.until("anna", "RUNNING", mode="active")

    def test_an_order_to_resume_that_came_too_late_is_told_to_no_later_worker(self):
        with Home() as home:
            gate = self.gated(home)
            home.account("anna", TRADER)
            home.start()
            home.until("anna", "RUNNING", mode="active", deadline=60)
            self.assertEqual(self.order(home, "halt", "anna")["anna"]["code"], "halted")
            self.shut(home, gate)
            late = self.order(home, "--timeout", "500ms", "resume", "anna", code=1)["anna"]
            self.assertEqual(late["code"], "timed_out")
            self.assertIn("say it again", late["message"])
            self.open(gate)
            # What it was told when it began is done before what it is told now.
            eventually(lambda: len(home.worker_log("anna", "trading_begins")) == 2, home.story, 60)
            self.assertEqual(self.order(home, "halt", "anna")["anna"]["code"], "halted")
            audit = home.root / "accounts" / "anna" / "logs" / "audit.log"
            self.assertNotIn("operator_resume", audit.read_text())
            self.assertEqual(self.order(home, "resume", "anna")["anna"]["code"], "resumed")
            home.until("anna", "RUNNING", mode="active")

    def closed(self, home):
        """The exchange has nothing left of anna, and sold no more than was held."""
        account = at_exchange(home)
        self.assertEqual((account["position"], account["working"]), (0, 0), home.story())
        placed = [order for order in home.at_exchange("order", account="anna")
                  if order["kind"] == "accepted" and order["purpose"] == "flatten"]
        self.assertEqual(len(placed), 1, placed)

    def test_a_stopped_account_that_holds_something_is_flattened_and_is_stopped_again(self):
        with Home() as home:
            home.account("anna", trader(HOLDS))
            home.account("ben", trader({"trading": "off"}))
            home.start()
            until_holding(home)
            home.until("ben", "RUNNING", flat=True)
            home.ctl("stop", "all")
            before = home.until("anna", "STOPPED", flat=False)
            verdicts = self.order(home, "flatten", "all")
            self.assertEqual({v["code"] for v in verdicts.values()}, {"flat"})
            line = home.until("anna", "STOPPED", flat=True)
            self.assertEqual(line["reason"], before["reason"])
            self.closed(home)
            self.assertEqual(home.worker_log("anna", "recovery_finished")[-1]["policy"], "flatten")
            # What was flattened stays out until it is resumed, as one that ran.
            home.ctl("start", "anna")
            home.until("anna", "RUNNING", mode="reducing")

    def test_a_fatal_account_that_holds_something_is_flattened_and_stays_fatal(self):
        with Home() as home:
            home.account("anna", trader({**HOLDS, "restart.budget": 1, "recovery": "none",
                                         "restart.delay": "100 ms"}))
            home.start()
            held = until_holding(home)
            os.kill(held["pid"], signal.SIGKILL)
            again = home.until("anna", "RUNNING", restarts=1, quantity=held["quantity"])
            os.kill(again["pid"], signal.SIGKILL)
            before = home.until("anna", "FATAL")
            self.assertNotEqual(at_exchange(home)["position"], 0)
            self.assertEqual(self.order(home, "flatten", "anna")["anna"]["code"], "flat")
            line = home.until("anna", "FATAL", flat=True)
            self.assertEqual(line["reason"], before["reason"])
            self.closed(home)

    def test_what_cannot_be_told_gets_a_verdict_that_says_so(self):
        with Home() as home:
            home.puppet("alien", ["sleep"])
            home.account("anna", trader({"trading": "off"}))
            home.start()
            home.until("alien", "RUNNING")
            home.until("anna", "RUNNING", flat=True)
            home.ctl("stop", "anna")
            verdicts = self.order(home, "halt", "all", code=1)
            alien = verdicts["alien"]
            # As bullpenctl prints it: the code, a comma, the message.
            self.assertEqual(f"{alien['code']}, {alien['message']}", "stopped, not flat: foreign")
            self.assertEqual(verdicts["anna"]["code"], "not_running")
            self.assertFalse(any(v["ok"] for v in verdicts.values()))
            home.until("alien", "STOPPED")


if __name__ == "__main__":
    unittest.main()
