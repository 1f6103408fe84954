#!/usr/bin/env python3
"""A check of a home finds, without a daemon, what would keep its accounts from starting or
trading: once each, with its place."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402
from paper import trader  # noqa: E402

# Tables of a home, with one mistake each; its line and key.
HEAD = 'schema = 1\nrevision = "x"\n'
PACK = HEAD + '[mine]\nversion = "1"\ntitle = "Mine"\n'
FLOOR = 'frame = "absolute"\nnominal = "50000"\nallowance = "2000"\n'


def line_of(text, key):
    return 1 + next(i for i, line in enumerate(text.splitlines()) if line.startswith(key))


class Check(unittest.TestCase):
    def table(self, home, name, text):
        path = home.root / "shared" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def problems(self, home):
        """What both programs say, which is the same; their exit code."""
        by_ctl = home.ctl("--json", "check", check=False)
        by_daemon = subprocess.run(
            [BIN / "bullpend", "--check", "--json", "--home", home.root], capture_output=True,
            text=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(by_ctl.returncode, by_daemon.returncode, by_ctl.stdout + by_daemon.stdout)
        said = json.loads(by_ctl.stdout)["problems"]
        self.assertEqual(said, json.loads(by_daemon.stdout)["problems"])
        return said, by_ctl.returncode

    def at(self, problems):
        return [(one["file"], one["line"], one["key"], one["nearest"] or None) for one in problems
                if one["severity"] == "error"]

    def test_the_file_of_the_paper_exchange_is_looked_at_with_the_rest(self):
        with Home() as home:
            (home.root / "venue.toml").write_text(
                'order_days = 0\n[market.a]\nsource = "nowhere"\n')
            problems, code = self.problems(home)
            self.assertEqual(code, 78)
            self.assertEqual(self.at(problems), [("venue.toml", 1, "order_days", None),
                                                 ("venue.toml", 3, "market.a.source", None)])

    def test_a_variable_stands_before_the_file_and_is_named_and_reaches_no_worker(self):
        with Home('start_stagger = "10 ms"\n') as home:
            home.puppet("alpha", ["sleep"])
            home.start(environment={"BULLPEN_CONFIG_START_STAGGER": "20 ms",
                                    "BULLPEN_CONFIG_VAULT_KEY_FILE": "/tmp/key"})
            pid = home.until("alpha", "RUNNING")["pid"]
            shown = [line.split() for line in home.ctl("config", "show", "--origin")
                     .stdout.splitlines() if line.startswith("start_stagger")]
            self.assertIn("BULLPEN_CONFIG_START_STAGGER", shown[0])
            told = [line["problem"] for line in home.events("settings_problem")]
            self.assertTrue(any("BULLPEN_CONFIG_VAULT_KEY_FILE" in one for one in told), told)
            self.assertNotIn(b"BULLPEN_CONFIG", Path(f"/proc/{pid}/environ").read_bytes())

    def test_a_home_with_every_such_error_has_each_named_once(self):
        files = {
            "alien": 'command = ["bin/none"]\n',
            "anna": trader({"strategy.name": "vwap_bounse", "risk.rule_pack": "plane"}),
            "ben": trader({"feed.instrument": "MESS", "feed.kind": "replay",
                           "feed.file": "none.csv"}),
            "carl": trader({"risk.rule_pack": "topstep_50k", "strategy.name": ""}),
            "dora": trader({"broker": "elsewhere", "broker_account": "X"}),
            # Where nothing trades, neither is needed.
            "emil": trader({"trading": "off", "strategy.name": "none", "risk.rule_pack": "none"}),
            "fred": 'enabled = false\n' + trader({"risk.rule_pack": "none"}),
        }
        with Home() as home:
            for name, text in files.items():
                home.account(name, text)

            def place(name, key):
                return (f"accounts.d/{name}.toml", line_of(files[name], key), key)
            wanted = [
                (*place("alien", "command"), None),
                (*place("anna", "strategy.name"), "vwap_bounce"),
                (*place("anna", "risk.rule_pack"), "plain"),
                (*place("ben", "feed.instrument"), "MES"),
                (*place("ben", "feed.file"), None),
                (*place("carl", "strategy.name"), None),
                (*place("carl", "risk.rule_pack")[:2], "risk.hosting_acknowledged", None),
                (*place("dora", "broker"), None),
            ]
            said, code = self.problems(home)
            self.assertEqual(code, 78)
            self.assertEqual(self.at(said), wanted)
            notes = {(one["account"], one["key"]) for one in said if one["severity"] == "note"}
            self.assertGreaterEqual(notes, {("emil", "strategy.name"), ("emil", "risk.rule_pack"),
                                            ("fred", "risk.rule_pack")})
            # Of a table that is broken nobody knows what it has.
            self.table(home, "rule_packs.toml", PACK + 'floor = "fixt"\n' + FLOOR)
            self.table(home, "holidays.toml", HEAD + '[nyze]\ncovered_from = "2026-01-01"\n')
            wanted = [("shared/rule_packs.toml", 6, "mine.floor", "fixed"),
                      ("shared/holidays.toml", 4, "nyze", "nyse"),
                      *(one for one in wanted if not one[2].startswith("risk."))]
            said, code = self.problems(home)
            self.assertEqual(code, 78)
            self.assertEqual(self.at(said), wanted)
            self.table(home, "instruments.toml", HEAD + "[MES]\n[[[\n")
            said, _ = self.problems(home)
            self.assertEqual([one[0] for one in self.at(said)][:1], ["shared/instruments.toml"])
            self.assertEqual(self.at(said)[1:],
                             [one for one in wanted if one[2] != "feed.instrument"])

    def test_what_check_names_is_what_keeps_the_worker_from_starting(self):
        with Home() as home:
            home.account("anna", trader({"risk.rule_pack": "plane"}))
            home.account("ben", trader({"strategy.name": "vwap_bounse"}))
            self.assertEqual(self.problems(home)[1], 78)
            home.start()
            for name, word in (("anna", "plane"), ("ben", "vwap_bounse")):
                line = home.until(name, "FATAL", reason="refused_configuration")
                self.assertIn(word, line["last_error"])
            home.account("anna", trader({"risk.rule_pack": "plain"}))
            home.account("ben", trader())
            self.assertEqual(self.problems(home)[1], 0)
            home.ctl("update")
            home.ctl("start", "all")
            for name in ("anna", "ben"):
                home.until(name, "RUNNING")


if __name__ == "__main__":
    unittest.main()
