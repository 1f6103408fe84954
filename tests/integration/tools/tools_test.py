"""What bullpenctl hands to the worker's program: options, operands, home and exit codes."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import reference

SOURCE = Path(os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[3]))
BIN = Path(os.environ.get("BULLPEN_BIN_DIR", SOURCE / "build/dev/bin"))


class Tools(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "bars.csv"
        reference.write_bars(self.data, reference.make_bars())

    def run_tool(self, *words, code=0):
        done = subprocess.run([BIN / "bullpenctl", *map(str, words)], capture_output=True,
                              text=True, env={"PATH": os.environ["PATH"]}, check=False,
                              timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def backtest(self, *words, data=None, code=0):
        return self.run_tool("backtest", "--data", data or self.data, "-i", "ES", *words,
                             code=code)

    def test_a_backtest_says_whose_tables_it_used(self):
        out = json.loads(self.backtest("--json").stdout)
        self.assertIn("(built in)", out["tables"])
        self.assertGreater(out["bars"], 1500)
        home = self.folder / "home"
        (home / "shared").mkdir(parents=True)
        shared = (SOURCE / "etc/instruments.toml").read_text()
        (home / "shared/instruments.toml").write_text(shared)
        out = json.loads(self.backtest("--json", "--home", home).stdout)
        self.assertIn("(home)", out["tables"])
        lines = shared.split("\n")
        place = next(i for i, line in enumerate(lines) if line.startswith("tick = "))
        lines[place] = "tick = 0.25"
        (home / "shared/instruments.toml").write_text("\n".join(lines))
        failed = self.backtest("--home", home, code=64)
        self.assertIn(f"shared/instruments.toml:{place + 1}", failed.stderr)
        self.assertIn("tick", failed.stderr)

    def test_every_report_begins_with_what_was_wrong_with_the_data(self):
        rows = self.data.read_text().splitlines()
        rows[3:3] = [rows[2], "", rows[5].replace(",", ";", 1)]
        faulty = self.folder / "faulty.csv"
        faulty.write_text("\n".join(rows) + "\n")
        sweep = ("--sweep", "strategy.rsi_filter=true,false")
        for many in ((), sweep, (*sweep, "--walk-forward", "train=1d,test=1d")):
            with self.subTest(many):
                lines = self.backtest(*many, data=faulty).stdout.splitlines()
                self.assertEqual(lines[0], "Data")
                told = {line.split()[0]: line for line in lines[2:lines.index("")]}
                self.assertIn("exact_duplicate", told)
                self.assertIn("first in line", told["exact_duplicate"])
                out = json.loads(self.backtest("--json", *many, data=faulty).stdout)
                (file,) = out["data"]
                self.assertEqual(file["file"], str(faulty))
                self.assertEqual(file["defects"]["exact_duplicate"], 1)
                self.assertEqual(file["defects"]["wrong_columns"], 1)

    def test_of_a_file_with_two_contracts_the_rows_of_one_are_taken_when_it_is_named(self):
        head, *rows = self.data.read_text().splitlines()
        place = head.split(",").index("open")

        def of(contract, row, higher):
            cells = row.split(",")
            cells[place:place + 4] = [str(float(price) + higher)
                                      for price in cells[place:place + 4]]
            return ",".join([*cells[:-1], contract])
        one, two = self.folder / "one.csv", self.folder / "two.csv"
        one.write_text("\n".join([head, *(of("NEAR", row, 0) for row in rows)]) + "\n")
        two.write_text("\n".join([head, *(of(*which) for row in rows for which in
                                          (("NEAR", row, 0), ("NEXT", row, 50)))]) + "\n")
        self.assertIn("--contract takes the rows of one", self.backtest(data=two, code=64).stderr)
        whole = json.loads(self.backtest("--json", data=one).stdout)
        taken = json.loads(self.backtest("--json", "--contract", "NEAR", data=two).stdout)
        self.assertEqual(taken["trades_hash"], whole["trades_hash"])
        self.assertIn("month_first or day_first",
                      self.backtest("--date-order", "us", code=64).stderr)

    def test_a_run_under_a_rule_pack_begins_with_what_the_pack_gives_a_new_account(self):
        for words, start in ((("topstep_100k",), 100_000), (("topstep_express_50k",), 0),
                             (("plain",), 50_000),
                             (("topstep_100k", "--set", "risk.start_balance=90000"), 90_000)):
            out = json.loads(self.backtest("--json", "--set", f"risk.rule_pack={words[0]}",
                                           "--set", "strategy.long=false", "--set",
                                           "strategy.short=false", *words[1:]).stdout)
            self.assertEqual((out["trades"], float(out["end_equity"])), (0, start), out)

    def test_prices_off_the_instruments_ticks_raise_the_question_of_the_instrument(self):
        told = self.backtest("--instrument", "YM").stdout
        self.assertIn("is --instrument right?", told)
        self.assertNotIn("is --instrument right?", self.backtest().stdout)

    def test_standard_output_is_the_trades_own_where_they_go_there(self):
        done = self.backtest("--trades", "-")
        self.assertTrue(done.stdout.startswith("number,symbol,"))
        self.assertNotIn("Data", done.stdout)
        self.assertIn("trades hash", done.stderr)
        refused = self.backtest("--trades", "-", "--json", code=64)
        self.assertIn("standard output", refused.stderr)

    def test_a_file_that_cannot_be_written_is_told_before_the_run(self):
        refused = self.backtest("--report", self.folder / "none" / "x.html", code=64)
        self.assertIn(f"cannot write {self.folder}/none/x.html:", refused.stderr)
        self.assertEqual(refused.stdout, "")

    def test_a_wrong_day_or_zone_is_answered_with_what_to_write(self):
        self.assertIn("2025-03-10", self.backtest("--from", "2025-13-01", code=64).stderr)
        naive = self.folder / "naive.csv"
        rows = [row.split(",") for row in self.data.read_text().splitlines()[1:]]
        naive.write_text("time,open,high,low,close,volume\n" +
                         "".join(",".join((row[1][:-1], *row[2:7])) + "\n" for row in rows))
        self.assertIn("--zone", self.backtest(data=naive, code=64).stderr)

    def test_a_sweep_is_sorted_and_the_same_with_any_number_of_threads(self):
        words = ("--json", "--sweep", "strategy.stop_ticks=7:15:4",
                 "--sweep", "strategy.rsi_filter=true,false")
        runs = [json.loads(self.backtest(*words, "--jobs", jobs).stdout) for jobs in (1, 4)]
        for out in runs:
            del out["seconds"]
        self.assertEqual(runs[0], runs[1])
        nets = [float(run["net_pnl"]) for run in runs[0]["runs"]]
        self.assertEqual(len(nets), 6)
        self.assertEqual(nets, sorted(nets, reverse=True))
        failed = self.backtest("--sweep", "strategy.stop_tick=7,8", code=64)
        self.assertIn("stop_tick", failed.stderr)

    def test_a_walk_forward_trades_each_day_after_the_first_ones_once(self):
        out = json.loads(self.backtest("--json", "--sweep", "strategy.rsi_filter=true,false",
                                       "--walk-forward", "train=1d,test=1d",
                                       "--report", self.folder / "walk.html").stdout)
        self.assertEqual([w["test_from"] for w in out["windows"]], ["2025-11-03", "2025-11-04"])
        self.assertIn("sharpe", out["joined"])
        self.assertIn("walk-forward", (self.folder / "walk.html").read_text())

    def test_the_records_of_an_account_that_is_not_there_are_an_error(self):
        home = self.folder / "home"
        self.run_tool("init", home)
        for command in ("trades", "pnl", "report"):
            failed = self.run_tool(command, "nobody", "--home", home, code=1)
            self.assertIn("there is no account", failed.stderr)
            self.run_tool(command, "--home", home, code=64)
        self.run_tool("compare", "nobody", "--home", home, code=64)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
