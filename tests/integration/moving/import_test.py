#!/usr/bin/env python3
"""Moving in from an old bot: what a folder of its files becomes in a home, with real programs. The
fixtures are written here; their ids are nobody's."""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually, landlock_version  # noqa: E402

CONFIG = {
    "broker": "TopStep", "broker_username": "joan_t", "broker_token": "plant-token-5d",
    "password": "plant-password-77", "quotrading_license": "plant-licence-1",
    "accounts": [{"id": "T-101", "name": "Fifty", "balance": 50000},
                 {"id": "T-102", "name": "Hundred", "balance": 100000}],
    "selected_account_id": "T-101", "symbols": ["MES"], "max_contracts": 2, "max_trades": 10,
    "risk_per_trade": 0.012, "confidence_threshold": 70, "unheard_of": 5,
}
STATE = {"symbol": "MES", "active": True, "side": "long", "quantity": 2, "entry_price": 5000.25,
         "stop_price": 4997.5, "target_price": None}
INI = """[DEFAULT]
capital_deployment_percent = 30
[API_CREDENTIALS_asha]
api_key = plant-key-a
api_secret = plant-secret-a
access_token = plant-token-a
[API_CREDENTIALS_ravi]
api_key = plant-key-r
api_secret = plant-secret-r
access_token = plant-token-r
"""
# As the old ones do: everything by paths that are relative to where it was started, and the modules
# of the program from beside the script. It tells what it can read of the folder it is in.
BOT = """
import hashlib, json, os, sys, time
import neighbour
from lib import deep
name = os.environ.get("SELECTED_ACCOUNT_ID")
def readable(folder):
    for directory, _, files in os.walk(folder):
        for file in files:
            try:
                open(os.path.join(directory, file)).close()
            except OSError:
                continue
            yield os.path.relpath(os.path.join(directory, file), folder)
for folder in ("data", "logs", "locks"):
    os.makedirs(folder, exist_ok=True)
said = {"user": sys.argv[1] if len(sys.argv) > 1 else None, "selected": name,
        "keys": {n: hashlib.sha256(v.encode()).hexdigest() for n, v in os.environ.items()
                 if v.startswith("plant")},
        "fd": os.environ.get("BULLPEN_CREDENTIALS_FD"), "directory": os.getcwd(),
        "state": sorted(os.listdir("data")), "modules": [neighbour.NAME, deep.NAME],
        "config": {n: open(n).read() for n in ("config.json", "Daily/config.ini", "config.ini")
                   if os.path.exists(n)},
        "variables": {n: v for n, v in os.environ.items() if n.startswith("BOT_")},
        "readable": sorted(readable(os.path.dirname(os.path.abspath(__file__))))}
with open("locks/bot.lock", "w") as lock:
    lock.write(str(os.getpid()))
with open("logs/vwap_bot.log", "a") as log:
    log.write("started for %s\\n" % said["user"])
with open("data/said.tmp", "w") as out:
    json.dump(said, out)
os.rename("data/said.tmp", "data/said.json")
time.sleep(600)
"""


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*"))
            if p.is_file()}


class Moving(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bp-old-", dir="/tmp")
        self.addCleanup(self.folder.cleanup)
        self.old = Path(self.folder.name)

    def futures(self):
        write(self.old / "config.json", CONFIG)
        write(self.old / ".env", "SELECTED_ACCOUNT_ID=T-101\nTOPSTEP_API_TOKEN=plant-env-3\n")
        write(self.old / "data" / "bot_state.json", STATE)
        write(self.old / "data" / "economic_calendar.json", {"events": []})
        write(self.old / "locks" / "account_T-101.lock",
              {"account_id": "T-101", "pid": 2 ** 22 + 7, "broker_username": "joan_t"})
        write(self.old / "logs" / "vwap_bot.log", "old\n")

    def equity(self):
        write(self.old / "Daily" / "config.ini", INI)
        for user, ticker in (("asha", "INFY"), ("ravi", "TCS")):
            write(self.old / "data" / f"trading_state_{user}.json",
                  {"meta": {"user_name": user},
                   "positions": {ticker: {"type": "LONG", "quantity": 5}}})
            write(self.old / "Current_Orders" / user / f"orders_{user}_20250502_101500.json",
                  {"orders": [{"ticker": ticker, "order_success": True, "position_size": 5}]})

    def program(self):
        write(self.old / "bot.py", BOT)
        write(self.old / "neighbour.py", "NAME = 'neighbour'\n")
        write(self.old / "lib" / "deep.py", "NAME = 'deep'\n")
        return ["bot.py", "lib/deep.py", "neighbour.py"]

    def run_old(self, home, names):
        said = {}
        for name in names:
            home.until(name, "STOPPED", reason="not_autostarted")
            home.ctl("start", name)
            path = home.root / "accounts" / name / "data" / "said.json"
            eventually(path.exists, home.story)
            said[name] = json.loads(path.read_text())
        return said

    def plan(self, home, kind, *words):
        return json.loads(home.ctl("import", kind, self.old, "--dry-run", "--json", *words).stdout)

    def test_a_dry_run_makes_nothing_and_shows_no_secret(self):
        with Home() as home:
            self.futures()
            before = everything(home.root)
            plan = self.plan(home, "futures-bot")
            self.assertEqual([a["account"] for a in plan["accounts"]], ["t-101", "t-102"])
            self.assertEqual(plan["accounts"][0]["open"], [{"symbol": "MES", "quantity": 2}])
            text = home.ctl("import", "futures-bot", self.old, "--dry-run").stdout
            self.assertIn("unheard_of", text)
            self.assertNotIn("plant", text + json.dumps(plan))
            self.assertEqual(everything(home.root), before)

    def test_a_dry_run_ends_with_what_is_left_to_do_by_hand(self):
        with Home() as home:
            self.futures()
            write(self.old / "locks" / "account_T-101.lock",
                  {"account_id": "T-101", "pid": os.getpid(), "broker_username": "joan_t"})
            shown = home.ctl("import", "futures-bot", self.old, "--dry-run").stdout
            end = shown[shown.index("Delete them"):]
            self.assertIn("  " + str(self.old / "config.json"), end.splitlines())
            for sentence in self.plan(home, "futures-bot")["advice"]:
                self.assertIn(sentence, end)
            self.assertIn("Before the import: the old bot seems to run", end)

    def test_without_a_word_of_consent_nothing_is_made(self):
        with Home() as home:
            self.futures()
            before = everything(home.root)
            done = home.ctl("import", "futures-bot", self.old, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("not confirmed", done.stderr)
            self.assertEqual(everything(home.root), before)

    def test_accounts_settings_credentials_and_state_arrive_and_the_old_files_stay(self):
        with Home() as home:
            self.futures()
            before = everything(self.old)
            home.start()
            done = home.ctl("import", "futures-bot", self.old, "--yes")
            self.assertIn(str(self.old / "config.json"), done.stdout)
            home.until("t-101", "STOPPED", reason="account_disabled")
            self.assertEqual(everything(self.old), before)
            settings = (home.root / "accounts.d" / "t-101.toml").read_text()
            for line in ('label = "Fifty"', 'broker_account = "T-101"',
                         "risk.per_trade_percent = 1.2", "risk.contracts_max = 2",
                         "risk.start_balance = 50000"):
                self.assertIn(line, settings)
            imported = json.loads((home.root / "accounts/t-101/imported.json").read_text())
            self.assertEqual(imported["open"][0]["quantity"], 2)
            self.assertIn({"file": "config.json", "name": "confidence_threshold", "value": "0.7",
                           "why": "Bullpen has no pool of experiences yet"}, imported["kept"])
            users = json.loads((home.root / "imported/users.json").read_text())["users"]
            self.assertEqual(users[0]["old_user_id"], hashlib.md5(b"joan_t").hexdigest()[:12])
            copy = (home.root / "accounts/t-101/data/bot_state.json").read_text()
            self.assertEqual(json.loads(copy), STATE)
            self.assertTrue((home.root / "shared/bot-calendar.json").exists())
            sealed = json.loads(home.ctl("credentials", "list", "t-101", "--json").stdout)
            self.assertEqual([f["field"] for f in sealed["accounts"][0]["fields"]],
                             ["api_key", "user_name"])
            # No value of a credential is in any file of the home, whole.
            for path, content in everything(home.root).items():
                self.assertNotIn(b"plant", content, path)

    def test_a_second_import_makes_and_changes_nothing(self):
        with Home() as home:
            self.futures()
            home.ctl("import", "futures-bot", self.old, "--yes")
            before = everything(home.root)
            done = json.loads(home.ctl("import", "futures-bot", self.old, "--yes", "--json").stdout)
            self.assertEqual(done["made"], [])
            self.assertEqual(everything(home.root), before)

    def test_an_import_that_was_cut_short_is_finished_by_the_same_command(self):
        with Home() as home:
            self.futures()
            home.ctl("import", "futures-bot", self.old, "--yes")
            # As a death just before the last step of the second account leaves it.
            (home.root / "accounts.d/t-102.toml").unlink()
            (home.root / "accounts/t-102/imported.json").rename(
                home.root / "accounts/t-102/imported.json.begun")
            done = json.loads(home.ctl("import", "futures-bot", self.old, "--yes", "--json").stdout)
            self.assertEqual(done["made"], ["t-102"])
            self.assertTrue((home.root / "accounts/t-102/imported.json").exists())

    def test_accounts_of_an_import_that_was_cut_short_are_taken_up_by_the_next_one(self):
        with Home() as home:
            self.futures()
            home.ctl("import", "futures-bot", self.old, "--yes")
            # As a death just after the first account's last file leaves it, the second not begun.
            (home.root / "accounts.d/t-102.toml").unlink()
            shutil.rmtree(home.root / "accounts/t-102")
            for sealed in (home.root / "secrets").glob("t-102.sealed*"):
                sealed.unlink()
            kept = (home.root / "accounts.d/t-101.toml").read_bytes()
            (home.root / "accounts.d/t-101.toml").unlink()
            home.start()
            (home.root / "accounts.d/t-101.toml").write_bytes(kept)
            (home.root / "accounts.d/t-101.toml").chmod(0o600)
            (home.root / "accounts/t-101/imported.json").rename(
                home.root / "accounts/t-101/imported.json.begun")
            done = json.loads(home.ctl("import", "futures-bot", self.old, "--yes", "--json").stdout)
            self.assertEqual((done["made"], done["finished"], done["applied"]),
                             (["t-102"], ["t-101"], "yes"))
            for name in ("t-101", "t-102"):
                home.until(name, "STOPPED", reason="account_disabled")
                self.assertTrue((home.root / "accounts" / name / "imported.json").exists())
            done = json.loads(home.ctl("import", "futures-bot", self.old, "--yes", "--json").stdout)
            self.assertEqual((done["made"], done["finished"]), ([], []))

    def test_what_a_removed_account_left_is_given_to_no_other(self):
        with Home() as home:
            self.futures()
            home.ctl("import", "futures-bot", self.old, "--yes", "--only", "T-101")
            home.ctl("remove", "t-101", "--flat")
            done = json.loads(home.ctl("import", "futures-bot", self.old, "--yes", "--json",
                                       "--only", "T-101").stdout)
            self.assertEqual(done["made"], ["t-101-2"])

    def test_a_bot_that_still_runs_is_not_imported(self):
        with Home() as home:
            self.futures()
            write(self.old / "locks" / "account_T-101.lock", {"pid": os.getpid()})
            done = home.ctl("import", "futures-bot", self.old, "--yes", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("seems to run", done.stderr)
            self.assertEqual(everything(home.root / "accounts.d"), {})
            home.ctl("import", "futures-bot", self.old, "--yes", "--stopped")
            self.assertTrue((home.root / "accounts.d/t-101.toml").exists())

    def test_a_lock_that_names_nobody_who_can_be_read_is_asked_about(self):
        with Home() as home:
            self.futures()
            lock = self.old / "locks" / "account_T-101.lock"
            for text in ("", "{cut", '{"pid": "x"}', '{"pid": -1}', str(os.getpid())):
                write(lock, text)
                done = home.ctl("import", "futures-bot", self.old, "--yes", check=False)
                self.assertEqual((done.returncode, "--stopped" in done.stderr), (1, True), text)
            self.assertEqual(everything(home.root / "accounts.d"), {})
            write(lock, str(2 ** 22 + 7))
            home.ctl("import", "futures-bot", self.old, "--yes")
            self.assertTrue((home.root / "accounts.d/t-101.toml").exists())

    def test_two_old_bots_run_unchanged_and_stay_apart(self):
        """F3, F4: paths relative to where they start, one account's credentials each."""
        with Home() as home:
            self.equity()
            program = self.program()
            write(self.old / ".env", "ZERODHA_API_KEY=plant-of-all\n")
            write(self.old / "config.ini", "[Trading]\nmax_positions = 2\n[API]\ntoken = plant-x\n")
            write(self.old / "data" / "trading_state.json", {"positions": {}})
            (self.old / "all").symlink_to(self.old)
            # Credentials of one user in the environment of whoever starts the daemon.
            home.start(environment={"ZERODHA_API_KEY": "plant-of-another"})
            home.ctl("import", "equity-bot", self.old, "--yes", "--command",
                     "python3 bot.py {user}")
            said = self.run_old(home, ("asha", "ravi"))
            for user, other in (("asha", "ravi"), ("ravi", "asha")):
                mine = home.root / "accounts" / user
                self.assertEqual(said[user]["user"], user)
                self.assertEqual(said[user]["directory"], str(mine))
                self.assertEqual(said[user]["modules"], ["neighbour", "deep"])
                # Neither the other's orders and state nor the settings with everybody's keys.
                if landlock_version():
                    self.assertEqual(said[user]["readable"], program)
                self.assertIn(f"[API_CREDENTIALS_{user}]", said[user]["config"]["Daily/config.ini"])
                self.assertNotIn(other, json.dumps(said[user]["config"]))
                self.assertIn("max_positions = 2", said[user]["config"]["config.ini"])
                self.assertNotIn("plant", json.dumps(said[user]["config"]))
                self.assertEqual(said[user]["keys"], {
                    f"ZERODHA_{field.upper()}": digest(f"plant-{word}-{user[0]}")
                    for field, word in (("api_key", "key"), ("api_secret", "secret"),
                                        ("access_token", "token"))})
                self.assertIn(f"trading_state_{user}.json", said[user]["state"])
                self.assertNotIn(f"trading_state_{other}.json", said[user]["state"])
                self.assertEqual((mine / "logs/vwap_bot.log").read_text(), f"started for {user}\n")
                self.assertEqual(int((mine / "locks/bot.lock").read_text()),
                                 home.until(user, "RUNNING")["pid"])
                for path, content in everything(mine).items():
                    self.assertNotIn(f"plant-key-{other[0]}".encode(), content, path)
            # A token ends with the broker's day, whoever wrote it down; a key does not.
            listed = json.loads(home.ctl("credentials", "list", "all", "--json").stdout)
            ends = {(one["account"], field["field"]): field["expires"]
                    for one in listed["accounts"] for field in one["fields"]}
            for user in ("asha", "ravi"):
                self.assertIsNone(ends[user, "api_key"])
                self.assertIn("T00:30:00.000Z", ends[user, "access_token"])
            # What they wrote is nowhere else: neither in the old folder nor in the home's.
            self.assertFalse((self.old / "logs").exists())
            self.assertFalse((home.root / "locks/bot.lock").exists())

    def test_two_accounts_of_one_futures_folder_run_unchanged_and_stay_apart(self):
        with Home() as home:
            self.futures()
            program = self.program()
            write(self.old / "data" / "bot_state_T-102.json", {"active": False, "quantity": 0})
            write(self.old / ".env", "SELECTED_ACCOUNT_ID=T-101\nBOT_MODE=fast\n"
                                     "TOPSTEP_API_TOKEN=plant-env-3\n")
            home.start(environment={"SELECTED_ACCOUNT_ID": "T-999"})
            home.ctl("import", "futures-bot", self.old, "--yes", "--command",
                     "python3 bot.py config.json")
            said = self.run_old(home, ("t-101", "t-102"))
            for name, state in (("t-101", "bot_state.json"), ("t-102", "bot_state_T-102.json")):
                mine = home.root / "accounts" / name
                self.assertEqual(said[name]["selected"], name.upper())
                # Of the two that there are it means its own.
                self.assertEqual(said[name]["user"], "config.json")
                self.assertEqual(said[name]["directory"], str(mine))
                self.assertEqual(said[name]["modules"], ["neighbour", "deep"])
                self.assertIn(state, said[name]["state"])
                config = json.loads(said[name]["config"]["config.json"])
                self.assertEqual(config["selected_account_id"], name.upper())
                self.assertNotIn("plant", json.dumps(config))
                self.assertEqual(int((mine / "locks/bot.lock").read_text()),
                                 home.until(name, "RUNNING")["pid"])
                if landlock_version():
                    self.assertEqual(said[name]["readable"], program)
            self.assertEqual(said["t-101"]["variables"], {"BOT_MODE": "fast"})
            self.assertEqual(said["t-102"]["variables"], {})
            self.assertEqual(said["t-101"]["keys"]["TOPSTEP_API_TOKEN"], digest("plant-env-3"))
            self.assertNotIn("TOPSTEP_API_TOKEN", said["t-102"]["keys"])
            self.assertNotIn("bot_state.json", said["t-102"]["state"])
            self.assertNotEqual(home.of("t-101")["pid"], home.of("t-102")["pid"])

    def test_an_account_that_the_home_would_refuse_is_told_and_the_others_are_made(self):
        with Home() as home:
            write(self.old / "Daily" / "config.ini", INI)
            # A group of the name that an account would get: a command could mean either.
            home.account("mine", 'group = "ravi"\n')
            home.start()
            home.until("mine", "RUNNING")
            plan = self.plan(home, "equity-bot")
            self.assertEqual(([a["account"] for a in plan["accounts"]], plan["refused"]),
                             (["asha"], ["ravi"]))
            [why] = [i["why"] for i in plan["items"] if i["account"] == "ravi"
                     and i["fate"] == "wrong"]
            self.assertIn("group", why)
            done = home.ctl("import", "equity-bot", self.old, "--yes", "--json", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertEqual((json.loads(done.stdout)["made"], json.loads(done.stdout)["refused"]),
                             (["asha"], ["ravi"]))
            home.until("asha", "STOPPED", reason="account_disabled")
            self.assertFalse((home.root / "accounts.d/ravi.toml").exists())

    def test_a_user_with_the_name_of_a_mail_address_is_made_like_any_other(self):
        with Home() as home:
            self.futures()
            mail = "joan.of.the.northern.desk@an-example.invalid"
            write(self.old / "config.json", {**CONFIG, "broker_username": mail})
            home.ctl("import", "futures-bot", self.old, "--yes")
            home.ctl("check")
            settings = (home.root / "accounts.d/t-101.toml").read_text()
            self.assertIn(f'login = "{mail}"', settings)

    def test_a_credential_that_the_vault_would_not_take_keeps_nothing_else_back(self):
        with Home() as home:
            self.futures()
            write(self.old / "config.json", {**CONFIG, "other_token": "p" * 5000})
            home.ctl("import", "futures-bot", self.old, "--yes", "--command", "/bin/true")
            listed = json.loads(home.ctl("credentials", "list", "t-102", "--json").stdout)
            fields = [f["field"] for f in listed["accounts"][0]["fields"]]
            self.assertIn("api_key", fields)
            self.assertNotIn("other_token", fields)
            wrong = json.loads((home.root / "accounts/t-102/imported.json").read_text())["wrong"]
            self.assertIn("4096", [w["why"] for w in wrong if w["name"] == "other_token"][0])

    def test_secrets_of_names_written_together_are_sealed_and_a_nan_ends_nothing(self):
        self.futures()
        write(self.old / "config.json", CONFIG | {
            "brokerPwd": "plant-a", "broker_login_pw": "plant-b", "session_id": "plant-c",
            "auth": "plant-d", "userkey": "plant-e", "appkey": "plant-f", "twofa": "plant-g",
            "pin_bar": 7, "daily_loss_limit": float("nan")})
        write(self.old / ".env", "SELECTED_ACCOUNT_ID=T-101\nBROKERPWD=plant-h\nMYPIN=plant-i\n")
        with Home() as home:
            done = home.ctl("import", "futures-bot", self.old, "--yes", "--command",
                            "/usr/bin/true")
            self.assertIn("NaN in line 1, column ", done.stdout)
            written = {name: text for name, text in everything(home.root).items()
                       if not name.startswith("secrets/")}
            for letter in "abcdefghi":
                self.assertNotIn(f"plant-{letter}", done.stdout + done.stderr)
                for name, text in written.items():
                    self.assertNotIn(f"plant-{letter}".encode(), text, name)
            settings = tomllib.loads(written["accounts.d/t-101.toml"].decode())
            self.assertLess({"BROKERPWD=brokerpwd", "MYPIN=mypin"},
                            set(settings["credentials_environment"]))
            self.assertNotIn("daily_loss_max", settings.get("risk", {}))
            self.assertEqual(json.loads(written["accounts/t-101/config.json"])["pin_bar"], 7)

    def test_what_lies_in_the_folder_itself_is_named(self):
        with Home() as home:
            self.futures()
            for name in ("session_state.json", "experiences.json", "trades.csv", "config.json.bak"):
                write(self.old / name, "{}")
            plan = self.plan(home, "futures-bot")
            left = [i["file"] for i in plan["items"] if i["fate"] == "left"]
            for name in ("session_state.json", "experiences.json", "trades.csv", "config.json.bak"):
                self.assertIn(name, left)
            self.assertIn(str(self.old / "config.json.bak"), plan["secret_files"])

    def test_copies_of_the_settings_are_read_by_no_account_and_named_whatever_they_are_called(self):
        with Home() as home:
            self.equity()
            program = self.program()
            write(self.old / "config.ini", INI)
            copies = ["old_config.ini", "config copy.ini", "backup/config.ini", "env.txt",
                      "src/.env", "lib/old settings", "archive/2024/keys", ".hidden/a.json"]
            for name in copies:
                write(self.old / name, INI)
            write(self.old / "env.txt", "FIRST=1\nANY=plant-secret-r\n")
            write(self.old / "src" / "trade.py", "NAME = 'trade'\n")
            write(self.old / "src" / "broker.py", "kite = Kite('x', 'plant-token-a')\n")
            copies.append("src/broker.py")
            copies = [str(self.old / name) for name in copies]
            words = ("--command", "python3 bot.py {user}")
            plan = self.plan(home, "equity-bot", *words)
            for name in [*copies, str(self.old / "config.ini"), str(self.old / "Daily/config.ini")]:
                self.assertEqual(plan["secret_files"].count(name), 1, name)
            for name in (*program, "src/trade.py"):
                self.assertNotIn(str(self.old / name), plan["secret_files"])
            home.start()
            done = home.ctl("import", "equity-bot", self.old, "--yes", *words)
            deleted = done.stdout[done.stdout.index("Delete them"):].splitlines()
            for name in copies:
                self.assertIn("  " + name, deleted)
            self.assertNotIn("plant", done.stdout + done.stderr + json.dumps(plan))
            for user in ("asha", "ravi"):
                file = tomllib.loads((home.root / "accounts.d" / f"{user}.toml").read_text())
                paths = file["read_paths"]
                self.assertIn(str(self.old / "src/trade.py"), paths)
                for path in paths:
                    for name in copies:
                        self.assertFalse(Path(name).is_relative_to(path), (path, name))
            if landlock_version():
                for said in self.run_old(home, ("asha", "ravi")).values():
                    self.assertEqual(said["readable"], sorted([*program, "src/trade.py"]))

    def test_a_token_that_the_old_file_lacks_is_waited_for_and_handed_over(self):
        with Home() as home:
            self.equity()
            write(self.old / "Daily" / "config.ini",
                  INI.replace("access_token = plant-token-a", "access_token ="))
            self.program()
            home.start()
            home.ctl("import", "equity-bot", self.old, "--yes", "--only", "asha", "--command",
                     "python3 bot.py {user}")
            home.until("asha", "STOPPED", reason="not_autostarted")
            self.assertIn("access_token", home.ctl("start", "asha", check=False).stdout)
            home.until("asha", "WAITING", reason="token_missing")
            subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "set", "asha",
                            "access_token"], input="plant-token-new", text=True, check=True,
                           capture_output=True)
            path = home.root / "accounts/asha/data/said.json"
            eventually(path.exists, home.story)
            self.assertEqual(json.loads(path.read_text())["keys"]["ZERODHA_ACCESS_TOKEN"],
                             digest("plant-token-new"))

    def test_a_token_of_another_day_has_ended_and_the_account_waits_for_the_next(self):
        with Home() as home:
            self.equity()
            self.program()
            path = self.old / "Daily" / "config.ini"
            written = datetime.datetime(2020, 3, 4, 9, 30, tzinfo=datetime.timezone.utc)
            os.utime(path, (time.time(), written.timestamp()))
            words = ("--command", "python3 bot.py {user}")
            for account in self.plan(home, "equity-bot", *words)["accounts"]:
                said = [r for r in account["remarks"] if "Daily/config.ini was last changed" in r]
                self.assertEqual(len(said), 1, account["remarks"])
                for part in ("2020-03-04T09:30:00", "ended at 2020-03-05T00:30:00",
                             "token_missing"):
                    self.assertIn(part, said[0])
            home.start()
            home.ctl("import", "equity-bot", self.old, "--yes", "--only", "asha", *words)
            home.until("asha", "STOPPED", reason="not_autostarted")
            self.assertIn("its access_token ended at 2020-03-05T00:30:00",
                          home.ctl("start", "asha", check=False).stdout)
            home.until("asha", "WAITING", reason="token_missing")
            self.assertFalse((home.root / "accounts/asha/data/said.json").exists())
            # A file that says it is of tomorrow is of now.
            os.utime(path, (time.time(), time.time() + 10 * 86400))
            plan = self.plan(home, "equity-bot", "--only", "ravi", *words)
            self.assertFalse(any("ended at" in r for a in plan["accounts"] for r in a["remarks"]))

    def test_one_user_in_two_files_is_one_account_that_a_check_takes(self):
        with Home() as home:
            self.equity()
            write(self.old / "config.ini", INI)
            for _ in range(2):
                home.ctl("import", "equity-bot", self.old, "--yes")
                self.assertEqual(sorted(p.name for p in (home.root / "accounts.d").iterdir()),
                                 ["asha.toml", "ravi.toml"])
                home.ctl("check")
            # Also when its file is broken by now.
            path = home.root / "accounts.d/asha.toml"
            path.write_text(path.read_text() + "unheard_of = 5\n")
            home.ctl("import", "equity-bot", self.old, "--yes", check=False)
            self.assertEqual(len(list((home.root / "accounts.d").iterdir())), 2)

    def test_links_make_a_folder_look_as_the_old_one_did(self):
        with Home() as home:
            self.equity()
            links = self.old / "as-before"
            (links / "logs").mkdir(parents=True)
            (links / "logs" / "ravi").write_text("mine")
            for _ in range(2):
                home.ctl("import", "equity-bot", self.old, "--yes", "--links", links)
            state = json.loads((links / "data/trading_state_asha.json").read_text())
            self.assertEqual(list(state["positions"]), ["INFY"])
            self.assertEqual(len(list((links / "Current_Orders/asha").iterdir())), 1)
            self.assertEqual((links / "data/shared").resolve(), (home.root / "shared").resolve())
            self.assertEqual((links / "logs/ravi").read_text(), "mine")

    def test_what_cannot_be_read_is_told_and_ends_nothing(self):
        with Home() as home:
            self.futures()
            write(self.old / "data" / "bot_state.json", '{"shape": "new"}')
            plan = self.plan(home, "futures-bot")
            self.assertTrue(any("shape" in (i["why"] or "") for i in plan["items"]
                                if i["fate"] == "wrong"))
            write(self.old / "config.json", "{")
            done = home.ctl("import", "futures-bot", self.old, check=False)
            self.assertEqual((done.returncode, "config.json" in done.stderr), (1, True))
            done = home.ctl("import", "equity-bot", self.old / "none", check=False)
            self.assertEqual(done.returncode, 1)
            done = home.ctl("import", "third-bot", self.old, check=False)
            self.assertEqual(done.returncode, 64)


# Of nobody on any system that is known.
HOME_USER, BOT_USER = 2_054_000, 2_054_001


@unittest.skipUnless(os.geteuid() == 0, "only root acts for other users")
class OfAnotherUser(unittest.TestCase):
    """Root moves a bot in that is one user's, closed to all others, into a home of another's."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bp-root-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.folder.chmod(0o755)
        self.old = self.folder / "old"
        write(self.old / "Daily/config.ini", INI)
        write(self.old / "run.py", "print(1)\n")
        write(self.old / "lib/open.py", "print(1)\n")
        write(self.old / "lib/closed.py", "print(1)\n")
        write(self.old / "private/deep.py", "print(1)\n")
        for path in (self.old, *self.old.rglob("*")):
            os.chown(path, BOT_USER, BOT_USER)
            path.chmod(0o755 if path.is_dir() else 0o644)
        for name in ("Daily/config.ini", "lib/closed.py", "private/deep.py"):
            (self.old / name).chmod(0o600)
        for path in (self.old, self.old / "Daily", self.old / "private"):
            path.chmod(0o700)
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700)
        os.chown(self.home, HOME_USER, HOME_USER)
        self.ctl("init")

    def ctl(self, *words, check=True, **more):
        return subprocess.run([BIN / "bullpenctl", "--home", self.home, *words],
                              capture_output=True, text=True, timeout=60, check=check, **more)

    def test_files_that_only_the_bots_user_reads_arrive_and_are_the_homes(self):
        words = ("import", "equity-bot", self.old, "--command", "python3 run.py {user}")
        plan = json.loads(self.ctl(*words, "--dry-run", "--json").stdout)
        left = {one["file"]: one["why"] for one in plan["items"] if one["fate"] == "left"}
        self.assertIn("is closed to the user of the home (mode 0600)", left["lib/closed.py"])
        self.assertIn("is closed to the user of the home (mode 0700)", left["private"])
        self.assertIn("is closed to the user of the home (mode 0700)", " ".join(plan["advice"]))
        self.assertNotIn("private/deep.py", left)
        done = self.ctl(*words, "--yes")
        self.assertIn("is closed to the user of the home (mode 0700)", done.stdout)
        self.assertEqual([path for path in self.home.rglob("*")
                          if path.lstat().st_uid != HOME_USER], [])
        listed = json.loads(self.ctl("credentials", "list", "asha", "--json").stdout)
        self.assertEqual(sorted(one["field"] for one in listed["accounts"][0]["fields"]),
                         ["access_token", "api_key", "api_secret"])
        file = tomllib.loads((self.home / "accounts.d/asha.toml").read_text())
        for name, read in (("run.py", True), ("lib/open.py", True), ("lib/closed.py", False),
                           ("lib", False), ("private", False)):
            self.assertEqual(str(self.old / name) in file["read_paths"], read, name)

    def test_a_link_of_the_bots_user_leads_root_to_nothing_of_others(self):
        closed = self.folder / "closed"
        write(closed / "trading_state_asha.json",
              {"meta": {"user_name": "asha"}, "positions": {"PLANTED": {"quantity": 5}}})
        closed.chmod(0o700)
        (self.old / "data").symlink_to(closed)
        done = self.ctl("import", "equity-bot", self.old, "--yes", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("PLANTED", done.stdout + done.stderr)
        self.assertFalse((self.home / "accounts/asha").exists())

    def test_who_may_not_read_the_files_is_told_who_may(self):
        done = self.ctl("import", "equity-bot", self.old / "Daily", check=False, user=HOME_USER)
        self.assertEqual(done.returncode, 1)
        self.assertIn("(give the command as root, who may)", done.stderr)
        self.old.chmod(0o755)
        (self.old / "Daily").chmod(0o755)
        done = self.ctl("import", "equity-bot", self.old, check=False, user=HOME_USER)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Daily/config.ini cannot be read", done.stderr)
        self.assertIn("give the command as root, who reads as the user of the folder", done.stderr)


if __name__ == "__main__":
    unittest.main()
