#!/usr/bin/env python3
"""Everything that ever led one account into another's, at once: the same symbol traded by several,
one whose login fails, one that is killed, one whose token ends, planted variables, swapped files of
credentials and of state. Afterwards the exchange's log and each account's own files are compared:
no order, no execution and no byte is in the wrong place."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, DEADLINE, Home, eventually, main  # noqa: E402
from paper import PATIENT, trader  # noqa: E402

# Names that stand in no file by chance.
ALL = tuple(f"{name}-7q4z" for name in
            ("anna", "ben", "carl", "dora", "eve", "fred", "gina", "hugo", "ida"))
ANNA, BEN, CARL, DORA, EVE, FRED, GINA, HUGO, IDA = ALL
TRADERS = (ANNA, BEN, GINA, HUGO)
# All in one market: what one of them decides the others decide too.
TRADER = trader({**PATIENT, "feed.speed": 6000, "restart.delay": "100 ms"})
KILLS = 3
PLANTED = "planted-4k9w"
TOKEN_LASTS = 20  # seconds
# Writes down what it was started with.
BOT = """
import json, os, time
with open("said.tmp", "w") as out:
    json.dump(dict(os.environ), out)
os.rename("said.tmp", "said.json")
time.sleep(600)
"""


def secret(account, field):
    return f"{field}-of-{account}-5x8v"


def seal(home, account, field, *more):
    subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "set", account, field,
                    *more], input=secret(account, field) + "\n", capture_output=True, text=True,
                   timeout=DEADLINE, check=True)


def swap(one, other):
    beside = one.with_name(one.name + ".swap")
    one.rename(beside)
    other.rename(one)
    beside.rename(other)


def lines_of(path):
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            pass  # what a kill left half
    return found


class Squatter:
    """Somebody else's session in the name of an account: its own login fails."""

    def __init__(self, home, account):
        self.line = socket.socket(socket.AF_UNIX)
        self.line.settimeout(DEADLINE)
        self.line.connect(str(home.root / "run" / "venue"))
        hello = {"v": 1, "id": 1, "type": "hello", "account": account, "client": "squatter",
                 "session": "", "follows_market": False, "lockstep": False,
                 "cookie": home.cookie()}
        self.line.sendall((json.dumps(hello) + "\n").encode())
        answer = json.loads(self.line.makefile("r").readline())
        assert answer["type"] == "welcome", answer

    def close(self):
        self.line.close()


class WrongAccount(unittest.TestCase):
    def test_no_order_and_no_byte_of_an_account_gets_into_anothers_whatever_goes_wrong(self):
        with Home() as home:
            self.set_up(home)
            self.start(home)
            self.fail_the_login(home)
            self.until_they_trade(home, 2)
            self.kill(home)
            self.end_the_token(home)
            self.swap_states(home)
            self.judge_processes(home)
            home.ctl("flatten", *TRADERS)
            home.ctl("stop", "all", check=False)
            for name in ALL:
                eventually(lambda name=name: home.of(name)["pid"] is None, home.story)
            self.judge_exchange(home)
            self.judge_bytes(home)

    # What goes wrong

    def set_up(self, home):
        for name in TRADERS:
            home.account(name, TRADER)
        home.account(CARL, "autostart = false\n" + TRADER)
        for name in (DORA, EVE, FRED):
            home.account(name, 'broker = "kite"\nrestart.delay = "100 ms"\n')
            for field in ("api_key", "api_secret"):
                seal(home, name, field)
        for name in (EVE, FRED):
            seal(home, name, "access_token")
        swap(*(home.root / "secrets" / f"{name}.sealed" for name in (EVE, FRED)))
        script = home.outside / "bot.py"
        script.write_text(BOT)
        home.account(IDA, f"command = {json.dumps(['/usr/bin/python3', str(script)])}\n")

    def start(self, home):
        ben = home.root / "accounts" / BEN
        home.start(environment={
            "BULLPEN_ACCOUNT": BEN, "SELECTED_ACCOUNT_ID": BEN, "BULLPEN_ACCOUNT_DIR": str(ben),
            "BULLPEN_STATE_FILE": str(ben / "state.json"), "BULLPEN_LAUNCH": "1.0",
            "BULLPEN_CREDENTIALS_FD": "0", "KITE_ACCESS_TOKEN": PLANTED, "TMPDIR": str(ben / "tmp"),
            "HOME": str(ben)})
        home.until_service("bullpen-venue", "RUNNING")
        for name, other in ((EVE, FRED), (FRED, EVE)):
            line = home.until(name, "WAITING", reason="token_missing")
            self.assertIn(f"sealed for account '{other}'", line["reason_text"])
        # It ends later, while the account runs.
        ends = time.gmtime(time.time() + TOKEN_LASTS)
        seal(home, DORA, "access_token", "--expires",
             time.strftime("%Y-%m-%dT%H:%M:%S.000Z", ends))
        home.until(DORA, "RUNNING")

    def fail_the_login(self, home):
        home.tell_venue("personality", toml='second_session = "refuse"')
        squatter = Squatter(home, CARL)
        home.ctl("start", CARL, check=False)
        eventually(lambda: home.at_exchange("refused", account=CARL), home.story)
        squatter.close()
        home.tell_venue("reset_personality")

    def until_they_trade(self, home, executions, names=TRADERS):
        """Waits until each of them has so many more executions at the exchange."""
        before = {name: len(home.at_exchange("execution", account=name)) for name in names}
        for name in names:
            eventually(lambda name=name: len(home.at_exchange("execution", account=name)) >=
                       before[name] + executions, lambda: f"{home.of(name)}\n{home.story()}",
                       2 * DEADLINE)

    def kill(self, home):
        for _ in range(KILLS):
            pid = home.until(BEN, "RUNNING")["pid"]
            eventually(lambda: home.of(BEN).get("quantity"), home.story, 2 * DEADLINE)
            os.kill(pid, signal.SIGKILL)
            home.until_restarted(BEN, pid)

    def end_the_token(self, home):
        eventually(lambda: [line for line in home.events("alarm")
                            if line["worker"] == DORA and "ended at" in line["sentence"]],
                   home.story)
        os.kill(home.until(DORA, "RUNNING")["pid"], signal.SIGKILL)
        home.until(DORA, "WAITING", reason="token_missing")

    def swap_states(self, home):
        pair = (GINA, HUGO)
        # With what they hold, and what protects it, at the exchange.
        home.ctl("stop", *pair, check=False)
        for name in pair:
            eventually(lambda name=name: home.of(name)["pid"] is None, home.story)
        states = [home.root / "accounts" / name / "state.json" for name in pair]
        swap(*states)
        kept = [state.read_bytes() for state in states]
        sent = {name: self.sent(home, name) for name in pair}
        home.ctl("start", *pair, check=False)
        for name in pair:
            line = home.until(name, "FATAL", reason="refused_configuration")
            self.assertIsNone(line["pid"])
        self.assertEqual([state.read_bytes() for state in states], kept)
        self.assertEqual({name: self.sent(home, name) for name in pair}, sent)
        swap(*states)
        home.ctl("restart", *pair)
        self.until_they_trade(home, 1, pair)

    @staticmethod
    def sent(home, account):
        """How often the account said anything to the exchange."""
        return len(home.at_exchange("received", account=account))

    # What is to be true all the same

    def judge_processes(self, home):
        """No process was told of another account than its own."""
        said = home.root / "accounts" / IDA / "said.json"
        environments = {IDA: eventually(lambda: json.loads(said.read_text()), home.story)}
        for name in TRADERS:
            raw = Path(f"/proc/{home.until(name, 'RUNNING')['pid']}/environ").read_bytes()
            environments[name] = dict(part.decode().split("=", 1)
                                      for part in raw.rstrip(b"\0").split(b"\0"))
        for name, environment in environments.items():
            self.assertEqual(environment["BULLPEN_ACCOUNT"], name)
            self.assertEqual(environment["SELECTED_ACCOUNT_ID"], name)
            self.assertNotIn("BULLPEN_CREDENTIALS_FD", environment)
            text = json.dumps(environment)
            for other in {PLANTED, *ALL} - {name}:
                self.assertNotIn(other, text)

    def judge_exchange(self, home):
        """What the exchange has of an account is what the account says itself."""
        audits = {name: lines_of(home.root / "accounts" / name / "logs" / "audit.log")
                  for name in ALL}
        made = {name: {line["order"] for line in audit if line["event"] == "order_changed" and
                       line.get("detail") == "intended"} for name, audit in audits.items()}
        for name in ALL:
            at_venue = home.at_exchange("order", "execution", account=name)
            if name not in TRADERS:
                self.assertEqual(at_venue, [], name)
                self.assertEqual(made[name], set(), name)
                continue
            orders = {line["order"] for line in at_venue}
            # Its audit log is written after its journal: a kill may have come between.
            if name != BEN:
                self.assertEqual(orders - made[name], set(), name)
            for other in TRADERS:
                if other != name:
                    self.assertEqual(orders & made[other], set(), f"{name}'s orders at {other}")
            self.judge_executions(name, at_venue, audits[name])
        account_names = {line["account"] for line in home.at_exchange("order", "execution")}
        self.assertEqual(account_names, set(TRADERS))

    def judge_executions(self, name, at_venue, audit):
        executions = [line for line in at_venue if line["event"] == "execution"]
        self.assertGreaterEqual(len(executions), 3, name)
        self.assertEqual(len({line["execution"] for line in executions}), len(executions), name)
        self.assertEqual(executions[-1]["position"], 0, f"{name} is not flat")
        signed = (line["fill_quantity"] if line["side"] == "buy" else -line["fill_quantity"]
                  for line in executions)
        self.assertEqual(sum(signed), 0, name)
        bought = Counter((line["order"], line["fill_quantity"]) for line in executions)
        told = Counter((line["order"], line["quantity"]) for line in audit
                       if line["event"] == "filled")
        self.assertEqual(told - bought, Counter(), name)
        if name != BEN:
            self.assertEqual(bought, told, name)

    def judge_bytes(self, home):
        """No file of an account has another's name, values, or what was planted."""
        values = {secret(name, field): name for name in (DORA, EVE, FRED)
                  for field in ("api_key", "api_secret", "access_token")}
        refused = {GINA: HUGO, HUGO: GINA}  # whose state it was, the log of a refusal says
        found, looked_at = [], 0
        for path in sorted(home.root.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            content = path.read_bytes()
            looked_at += 1
            place = path.relative_to(home.root)
            wrong = {PLANTED, *values}
            if place.parts[0] == "accounts":
                wrong |= set(ALL) - {place.parts[1]}
                if place.parts[2] in ("logs", "crash"):
                    wrong -= {refused.get(place.parts[1])}
            found += [f"{word} in {place}" for word in sorted(wrong) if word.encode() in content]
        self.assertEqual(found, [])
        self.assertGreater(looked_at, 5 * len(ALL))


if __name__ == "__main__":
    main()
