"""`bullpenctl indicators` against values computed apart from it: always for a made-up market, and
for a year of real bars where they are kept beside the tree."""

import csv
import gzip
import os
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

import reference

SOURCE = Path(os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[3]))
BIN = Path(os.environ.get("BULLPEN_BIN_DIR", SOURCE / "build/dev/bin"))
MARKET = SOURCE.parent / "shared" / "data" / "market"
TOLERANCE = Decimal("1e-7")
TEXTS = {"utc", "et", "session", "contract", "first_utc", "last_utc"}


def run(*words):
    home = {"PATH": os.environ["PATH"]}
    done = subprocess.run([BIN / "bullpenctl", "indicators", *map(str, words)], env=home,
                          capture_output=True, text=True, check=False, timeout=240)
    return done


def rows(path):
    open_text = gzip.open if str(path).endswith(".gz") else open
    with open_text(path, "rt", newline="") as text:
        yield from csv.DictReader(text)


class Indicators(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = {name: self.folder / f"{name}.csv" for name in ("csv", "quarters", "sessions")}

    def write(self, data, *more):
        words = [word for name, path in self.out.items() for word in (f"--{name}", path)]
        done = run("--data", data, "--instrument", "ES", *words, *more)
        self.assertEqual(done.returncode, 0, done.stderr)

    def compare(self, expected, ours, where):
        self.assertEqual(list(expected), list(ours), where)
        for column, value in expected.items():
            at = f"{where}, {column}: {value} expected, {ours[column]} written"
            if value is None or value == "":
                self.assertEqual(ours[column], "", at)
            elif column in TEXTS:
                self.assertEqual(ours[column], value, at)
            else:
                self.assertNotEqual(ours[column], "", at)
                self.assertLessEqual(abs(Decimal(ours[column]) - Decimal(value)), TOLERANCE, at)

    def compare_all(self, expected, path):
        written = list(rows(path))
        self.assertEqual(len(written), len(expected))
        for row, ours in zip(expected, written):
            self.compare(row, ours, f"{path.name} {list(row.values())[0]}")

    def test_every_value_of_a_made_up_market_is_that_of_the_reference(self):
        bars = reference.make_bars()
        self.assertGreater(len(bars), 1500)
        data = self.folder / "bars.csv"
        reference.write_bars(data, bars)
        minutes, quarters, sessions = reference.reference(bars)
        self.assertEqual(len(sessions), 3)
        self.assertTrue(all(v is not None for v in minutes[-1].values()))
        self.write(data)
        self.compare_all(minutes, self.out["csv"])
        self.compare_all(quarters, self.out["quarters"])
        self.compare_all(sessions, self.out["sessions"])

    def test_bars_before_the_first_row_count_all_the_same(self):
        data = self.folder / "bars.csv"
        reference.write_bars(data, reference.make_bars())
        self.write(data)
        whole = self.out["csv"].read_text().splitlines()
        self.write(data, "--from", "2025-11-03", "--to", "2025-11-03T12:00:00Z")
        part = self.out["csv"].read_text().splitlines()
        self.assertEqual(part[0], whole[0])
        self.assertEqual(part[1:], [line for line in whole if ",2025-11-03T" in line
                                    and line.split(",")[1] < "2025-11-03T12"])
        self.assertGreater(len(part), 100)

    def test_nothing_is_left_behind_when_the_data_cannot_be_read(self):
        done = run("--data", self.folder / "none.csv", "--csv", self.out["csv"])
        self.assertEqual(done.returncode, 64)
        self.assertIn("none.csv", done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])
        done = run("--data", self.folder / "none.csv")
        self.assertEqual(done.returncode, 64)
        self.assertIn("--csv OUT", done.stderr)

    @unittest.skipUnless((MARKET / "reference").is_dir(), "the real data is not kept here")
    def test_a_year_of_real_bars_gives_the_reference_values(self):
        self.write(MARKET / "ES_1m_front_20240829_20250828.csv.gz")
        for name, path in (("quarters", "ES_15m_indicators.csv.gz"),
                           ("sessions", "ES_session_close.csv")):
            self.compare_all(list(rows(MARKET / "reference" / path)), self.out[name])
        expected = {}
        for path in (MARKET / "reference").glob("ES_20*_1m.csv.gz"):
            expected.update({row["ts"]: row for row in rows(path)})
        self.assertEqual(len(expected), 1260 + 1380 + 1155 + 1380 + 1380)
        for ours in rows(self.out["csv"]):
            row = expected.pop(ours["ts"], None)
            if row:
                self.compare(row, ours, ours["utc"])
        self.assertEqual(expected, {})


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
