#!/usr/bin/env python3
"""The state that all users shared, divided among their accounts with real programs: nothing is
made, nothing is lost, and it can be gone back from."""

import hashlib
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home  # noqa: E402

INI = "".join(f"[API_CREDENTIALS_{user}]\napi_key = k-{user}\napi_secret = s\naccess_token = t\n"
              for user in ("asha", "ravi"))
STATE = {
    "meta": {"date": "2025-05-02", "last_updated": "2025-05-02T10:00:00"},
    "positions": {
        "INFY": {"type": "LONG", "product_type": "CNC", "quantity": 10, "entry_price": 1500.5,
                 "gtt": {"trigger_id": 5}},
        "TCS": {"type": "LONG", "product_type": "CNC", "quantity": 4, "gtt_order_id": 77},
        "WIPRO": {"type": "LONG", "product_type": "CNC", "quantity": 3},
    },
    "daily_tickers": {"long": ["INFY"], "short": []},
}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*"))
            if p.is_file()}


class Migrate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bp-old-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.old = Path(folder.name).resolve()
        self.state = self.old / "data" / "trading_state.json"
        write(self.old / "config.ini", INI)
        write(self.state, STATE)
        self.orders("asha", {"INFY": 6, "TCS": 4})
        self.orders("ravi", {"INFY": 4, "WIPRO": 3})
        self.home = Home()
        self.addCleanup(self.home.end)
        self.home.ctl("import", "equity-bot", self.old, "--yes")

    def orders(self, user, quantities, time="20250502_101500"):
        write(self.old / "Current_Orders" / user / f"orders_{user}_{time}.json",
              {"orders": [{"ticker": t, "order_success": True, "position_size": q}
                          for t, q in quantities.items()]})

    def split(self, *words, check=True):
        return self.home.ctl("migrate", "split", self.state, *words, check=check)

    def of(self, user):
        path = self.home.root / "accounts" / user / "data" / f"trading_state_{user}.json"
        return json.loads(path.read_text())

    def unassigned(self):
        [path] = (self.home.root / "imported").glob("split-*/unassigned.json")
        return json.loads(path.read_text())

    def test_a_dry_run_says_whose_is_what_and_writes_nothing(self):
        before = everything(self.old), everything(self.home.root)
        plan = json.loads(self.split("--dry-run", "--json").stdout)
        self.assertTrue(plan["matches"])
        infy = next(d for d in plan["divisions"] if d["ticker"] == "INFY")
        self.assertEqual(infy["parts"], [{"user": "asha", "account": "asha", "quantity": 6},
                                         {"user": "ravi", "account": "ravi", "quantity": 4}])
        self.assertIn("WIPRO", self.split("--dry-run").stdout)
        self.assertEqual((everything(self.old), everything(self.home.root)), before)

    def test_quantities_are_given_out_and_the_source_is_renamed_with_a_backup(self):
        whole = self.state.read_bytes()
        self.split("--yes")
        self.assertEqual(self.of("asha")["positions"]["INFY"]["quantity"], 6)
        self.assertEqual(self.of("ravi")["positions"]["INFY"]["quantity"], 4)
        self.assertEqual(self.of("asha")["positions"]["TCS"], STATE["positions"]["TCS"])
        self.assertEqual(self.unassigned()["gtt"]["INFY"]["gtt"], {"trigger_id": 5})
        self.assertFalse(self.state.exists())
        [renamed] = self.state.parent.glob("trading_state.json.migrated-*")
        [backup] = self.state.parent.glob("trading_state_backup_*.json")
        self.assertEqual((renamed.read_bytes(), backup.read_bytes()), (whole, whole))
        checksum = Path(f"{backup}.sha256").read_text().split()[0]
        self.assertEqual(checksum, hashlib.sha256(whole).hexdigest())
        self.home.ctl("migrate", "verify")

    def test_a_second_run_does_nothing(self):
        self.split("--yes")
        before = everything(self.old), everything(self.home.root)
        self.assertIn("already", self.split("--yes").stdout)
        self.assertEqual((everything(self.old), everything(self.home.root)), before)

    def test_a_sum_that_does_not_match_is_refused_unless_told(self):
        self.orders("ravi", {"INFY": 10}, "20250503_101500")
        before = everything(self.old), everything(self.home.root)
        done = self.split("--yes", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not what the state has", done.stderr)
        self.assertEqual((everything(self.old), everything(self.home.root)), before)
        self.split("--yes", "--accept")
        # Sixteen are claimed of ten: nobody gets any.
        self.assertEqual(self.unassigned()["positions"]["INFY"]["quantity"], 10)
        self.assertNotIn("INFY", self.of("asha")["positions"])
        self.home.ctl("migrate", "verify")

    def test_a_newer_order_file_that_cannot_be_read_leaves_what_older_ones_say_unassigned(self):
        # What asha bought in the older file is all sold in the newer one, which cannot be read.
        begin = '{"orders": [{"ticker": "INFY", "order_success": true, "position_size": '
        for broken in (begin, begin + "NaN}]}"):
            with self.subTest(broken):
                folder = self.old / "Current_Orders" / "asha"
                write(folder / "orders_asha_20250506_101500.json", broken)
                plan = json.loads(self.split("--dry-run", "--json", check=False).stdout)
                infy = next(d for d in plan["divisions"] if d["ticker"] == "INFY")
                self.assertEqual([part["user"] for part in infy["parts"]], ["ravi"])
                self.assertEqual((infy["match"], infy["unassigned"]), ("short_of", 6))
                self.assertIn({"ticker": "INFY", "user": "asha"}, plan["unsure"])
                shown = self.split("--dry-run", check=False).stdout
                self.assertIn("what asha has of INFY is not counted", shown)
                self.assertEqual(self.split("--yes", check=False).returncode, 1)
        self.split("--yes", "--accept")
        self.assertNotIn("INFY", self.of("asha")["positions"])
        self.assertEqual(self.unassigned()["positions"]["INFY"]["quantity"], 6)
        self.home.ctl("migrate", "verify")

    def test_a_number_that_python_writes_and_json_has_not_is_taken_as_none_and_told(self):
        state = json.loads(json.dumps(STATE))
        state["positions"]["INFY"]["last_price"] = float("nan")
        write(self.state, state)
        plan = json.loads(self.split("--dry-run", "--json").stdout)
        self.assertTrue(plan["matches"])
        [told] = plan["no_numbers"]
        self.assertIn(f"{self.state}: NaN in line 1, column ", told)
        self.assertIn("NaN in line 1", self.split("--dry-run").stdout)
        self.split("--yes")
        self.assertIsNone(self.of("asha")["positions"]["INFY"]["last_price"])
        self.home.ctl("migrate", "verify")

    def test_nothing_is_divided_while_the_old_bot_runs(self):
        bot = subprocess.Popen(["/usr/bin/sleep", "600"])
        self.addCleanup(bot.wait)
        self.addCleanup(bot.kill)
        for folder in ("pids", "Daily/pids"):
            for pid in (str(bot.pid), "no number"):
                with self.subTest(folder=folder, pid=pid):
                    file = self.old / folder / "watchdog_asha.pid"
                    write(file, pid)
                    before = everything(self.old), everything(self.home.root)
                    done = self.split("--accept", "--yes", check=False)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("--stopped", done.stderr)
                    self.assertEqual((everything(self.old), everything(self.home.root)), before)
                    self.assertIn("Before the split:", self.split("--dry-run").stdout)
                    file.unlink()
        write(self.old / "pids" / "watchdog_asha.pid", str(bot.pid))
        self.split("--yes", "--stopped")
        self.assertFalse(self.state.exists())
        done = self.roll_back(check=False)
        self.assertEqual((done.returncode, "seems to run" in done.stderr), (1, True))
        self.assertFalse(self.state.exists())
        self.roll_back("--stopped")
        self.assertTrue(self.state.exists())

    def test_what_the_broker_says_counts_before_the_order_files(self):
        write(self.old / "held.json", {
            "asha": [{"tradingsymbol": "TCS", "quantity": 3, "t1_quantity": 1}],
            "ravi": {"INFY": 10, "WIPRO": 3}})
        self.split("--yes", "--holdings", self.old / "held.json")
        self.assertEqual(sorted(self.of("asha")["positions"]), ["TCS"])
        self.assertEqual({t: p["quantity"] for t, p in self.of("ravi")["positions"].items()},
                         {"INFY": 10, "WIPRO": 3})

    def test_rolling_back_leaves_what_was_there_before(self):
        own = self.home.root / "accounts/asha/data/trading_state_asha.json"
        write(own, {"meta": {"user_name": "asha"},
                    "positions": {"SBIN": {"type": "LONG", "quantity": 9}}})
        before = own.read_bytes(), self.state.read_bytes()
        self.split("--yes")
        self.assertEqual(self.of("asha")["positions"]["SBIN"]["quantity"], 9)
        self.home.ctl("migrate", "rollback", self.state, "--yes")
        self.assertEqual((own.read_bytes(), self.state.read_bytes()), before)
        self.assertFalse(
            (self.home.root / "accounts/ravi/data/trading_state_ravi.json").exists())
        done = self.home.ctl("migrate", "rollback", self.state, "--yes", check=False)
        self.assertEqual(done.returncode, 1)
        # And it can be divided again.
        self.split("--yes")
        self.home.ctl("migrate", "verify")

    def test_what_was_changed_since_is_seen_and_not_overwritten(self):
        self.split("--yes")
        path = self.home.root / "accounts/ravi/data/trading_state_ravi.json"
        changed = path.read_text().replace('"quantity": 4', '"quantity": 5')
        path.write_text(changed)
        done = self.home.ctl("migrate", "verify", check=False)
        self.assertEqual((done.returncode, "there are 11" in done.stdout), (1, True))
        done = self.home.ctl("migrate", "rollback", self.state, "--yes", check=False)
        self.assertEqual((done.returncode, path.read_text()), (1, changed))
        self.home.ctl("migrate", "rollback", self.state, "--yes", "--accept")
        self.assertEqual(Path(f"{path}.before-rollback").read_text(), changed)
        self.assertTrue(self.state.exists())

    def test_what_nobody_claims_is_left_over_only_when_told(self):
        self.orders("ravi", {"INFY": 4})
        before = everything(self.old), everything(self.home.root)
        done = self.split("--yes", check=False)
        self.assertEqual((done.returncode, "of WIPRO there are 3, and 0" in done.stderr), (1, True))
        self.assertEqual((everything(self.old), everything(self.home.root)), before)
        self.split("--yes", "--accept")
        self.assertEqual(self.unassigned()["positions"]["WIPRO"]["quantity"], 3)
        self.home.ctl("migrate", "verify")

    def roll_back(self, *words, check=True):
        return self.home.ctl("migrate", "rollback", self.state, "--yes", *words, check=check)

    def test_rolling_back_finds_an_account_that_was_renamed(self):
        before = self.state.read_bytes()
        self.split("--yes")
        self.home.ctl("rename", "asha", "asha-new", "--flat")
        self.home.ctl("migrate", "verify")
        self.roll_back()
        self.assertEqual(self.state.read_bytes(), before)
        self.assertEqual(list(self.home.root.glob("accounts/*/data/trading_state_*.json")), [])

    def test_rolling_back_refuses_where_a_file_went_elsewhere(self):
        self.split("--yes")
        own = self.home.root / "accounts/asha/data/trading_state_asha.json"
        own.rename(own.with_name("moved.json"))
        done = self.roll_back(check=False)
        self.assertEqual((done.returncode, "not there any more" in done.stderr), (1, True))
        self.assertFalse(self.state.exists())
        self.assertTrue((self.home.root / "accounts/ravi/data/trading_state_ravi.json").exists())
        self.roll_back("--accept")
        self.assertTrue(self.state.exists())

    def test_rolling_back_does_not_pass_over_a_source_that_was_written_anew(self):
        before = self.state.read_bytes()
        self.split("--yes")
        self.state.write_text('{"positions": {}}')
        done = self.roll_back(check=False)
        self.assertEqual((done.returncode, "written anew" in done.stderr), (1, True))
        self.assertEqual(self.state.read_text(), '{"positions": {}}')
        self.roll_back("--accept")
        self.assertEqual(self.state.read_bytes(), before)
        [aside] = self.state.parent.glob("trading_state.json.before-rollback-*")
        self.assertEqual(aside.read_text(), '{"positions": {}}')

    def test_rolling_back_takes_the_backup_where_the_source_is_gone(self):
        before = self.state.read_bytes()
        self.split("--yes")
        [renamed] = self.state.parent.glob("trading_state.json.migrated-*")
        renamed.write_text("{}")
        [backup] = self.state.parent.glob("trading_state_backup_*Z.json")
        backup.write_text("{}")
        done = self.roll_back(check=False)
        self.assertEqual((done.returncode, "nothing was done" in done.stderr), (1, True))
        self.assertTrue((self.home.root / "accounts/ravi/data/trading_state_ravi.json").exists())
        backup.write_bytes(before)
        renamed.unlink()
        self.roll_back()
        self.assertEqual(self.state.read_bytes(), before)

    def test_a_run_that_was_cut_short_is_begun_anew(self):
        whole = self.state.read_bytes()
        self.split("--yes")
        # As a death before the second file leaves it.
        [record] = (self.home.root / "imported").glob("split-*/record.json")
        record.write_text(record.read_text().replace('"phase": "done"', '"phase": "begun"'))
        [renamed] = self.state.parent.glob("trading_state.json.migrated-*")
        renamed.rename(self.state)
        (self.home.root / "accounts/ravi/data/trading_state_ravi.json").unlink()
        self.assertEqual(self.state.read_bytes(), whole)
        self.split("--yes")
        self.assertEqual(self.of("asha")["positions"]["INFY"]["quantity"], 6)
        self.assertEqual(self.of("ravi")["positions"]["INFY"]["quantity"], 4)
        self.home.ctl("migrate", "verify")

    def test_swapped_files_and_running_accounts_are_refused(self):
        path = self.home.root / "accounts/asha/data/trading_state_asha.json"
        write(path, {"meta": {"user_name": "ravi"}, "positions": {}})
        done = self.split("--yes", check=False)
        self.assertEqual((done.returncode, "belongs to ravi" in done.stderr), (1, True))
        path.unlink()
        settings = (self.home.root / "accounts.d/asha.toml").read_text()
        self.home.account("asha", settings.replace("enabled = false",
                                                   'command = ["/usr/bin/sleep", "600"]'))
        self.home.start()
        self.home.until("asha", "RUNNING")
        done = self.split("--yes", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(self.state.exists())
        self.assertFalse(path.exists())

    def test_users_without_an_account_and_files_of_one_user_are_refused(self):
        self.orders("ravi", {"INFY": 4})
        self.orders("mina", {"WIPRO": 3})
        done = self.split("--yes", check=False)
        self.assertEqual((done.returncode, "mina" in done.stderr), (1, True))
        write(self.old / "own.json", {"meta": {"user_name": "asha"}, "positions": {}})
        done = self.home.ctl("migrate", "split", self.old / "own.json", "--yes", check=False)
        self.assertEqual((done.returncode, "nothing to divide" in done.stderr), (1, True))
        done = self.home.ctl("migrate", "join", self.state, check=False)
        self.assertEqual(done.returncode, 64)


if __name__ == "__main__":
    unittest.main()
