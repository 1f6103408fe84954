#!/usr/bin/env python3
"""What a newcomer does: `./dev run`, kill a worker, kill the daemon, run again, stop; on the
programs that were built, in a home of its own, on the synthetic market and on a file of bars."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[3]))
BIN = Path(os.environ.get("BULLPEN_BIN_DIR", ROOT / "build/release/bin"))
ACCOUNTS = sorted(path.stem for path in (ROOT / "etc/demo/accounts.d").glob("*.toml"))
RUN_DEADLINE_S = 120
DEADLINE_S = 30


def processes_of(home):
    """The pids of every process that has this home in its environment or arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            said = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            zombie = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (OSError, UnicodeDecodeError):
            continue
        if not zombie and str(home).encode() in said and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


class Demo(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="bp-", dir="/tmp"))
        self.home = self.directory / "demo"
        self.environment = {
            "PATH": os.environ["PATH"],
            "BULLPEN_DEMO_BIN": str(BIN),
            "BULLPEN_DEMO_HOME": str(self.home),
        }

    def tearDown(self):
        for pid in processes_of(self.home):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def dev(self, *arguments, code=0):
        done = subprocess.run([ROOT / "dev", *arguments], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=RUN_DEADLINE_S, check=False)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def status(self):
        done = subprocess.run([BIN / "bullpenctl", "--home", self.home, "--json", "status"],
                              stdout=subprocess.PIPE, text=True, check=False)
        return json.loads(done.stdout)

    def account(self, name):
        return next(a for a in self.status()["accounts"] if a["account"] == name)

    def bought(self, accounts):
        """Orders of the accounts' files that filled, and have a stop."""
        files = [json.loads(file.read_text()) for name in accounts
                 for file in (self.home / "accounts" / name / "orders").glob("orders_*.json")]
        return [order for file in files for order in file["orders"]
                if order.get("average_price") and order.get("gtt_trigger_price")]

    def is_back(self, before):
        now = self.account(before["account"])
        return now["state"] == "RUNNING" and now["pid"] != before["pid"]

    def until(self, condition, what):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            self.assertLess(time.monotonic(), end, f"not within {DEADLINE_S} s: {what}")
            time.sleep(0.05)

    def test_a_newcomers_first_quarter_of_an_hour(self):
        said = self.dev("run", "--speed", "600")
        self.assertIn(f"home: {self.home}\n", said)
        for name in ACCOUNTS:
            self.assertIn(name, said)
        self.assertIn("What to type next", said)
        # What is known of the calendar without asking anybody, and who stands aside for it.
        self.assertIn("Employment Situation", said.partition("The next events")[2])
        log = self.home / "accounts" / "ben" / "logs" / "worker.log"
        self.until(lambda: "event_blackout" in log.read_text(), "ben stands aside")
        before = {a["account"]: a for a in self.status()["accounts"]}
        self.assertEqual(sorted(before), ACCOUNTS)
        self.assertEqual({a["state"] for a in before.values()}, {"RUNNING"})
        # Ten accounts of either kind, each on its own books at the one exchange.
        shares = [name for name, line in before.items() if line["group"] == "nse"]
        self.assertEqual((len(shares), len(before) - len(shares)), (10, 10))
        self.until(lambda: sum((line["quantity"] or 0) > 0 for line in self.status()["accounts"]
                               if line["account"] in shares) > 1, "shares are bought")

        # What was bought has a stop that makes sense: a few percent below what was paid.
        self.until(lambda: self.bought(shares), "an orders file with a stop")
        for order in self.bought(shares):
            with self.subTest(order=order):
                share = order["gtt_trigger_price"] / order["average_price"]
                self.assertTrue(0.85 < share < 1, share)

        # Their scanner leaves new signals every day, without which they would buy on one day alone.
        signals = self.home / "accounts" / shares[0] / "inbox" / "signals.csv"
        left = signals.stat().st_mtime_ns
        self.until(lambda: signals.stat().st_mtime_ns > left, "there are new signals")
        scanner = int((self.home / ".scanner").read_text())

        # A killed worker comes back as another process, with a greater fence.
        victim = ACCOUNTS[0]
        os.kill(before[victim]["pid"], signal.SIGKILL)
        self.until(lambda: self.is_back(before[victim]), "the worker is back")
        after = self.account(victim)
        self.assertGreater(after["fence"], before[victim]["fence"])
        self.assertEqual(after["restarts"], before[victim]["restarts"] + 1)

        # A second call only shows what runs.
        began = time.monotonic()
        self.assertIn("runs already", self.dev("run", "--speed", "600"))
        self.assertLess(time.monotonic() - began, 20)

        # A killed daemon is replaced, and adopts every worker as it is.
        pids = {a["account"]: a["pid"] for a in self.status()["accounts"]}
        os.kill(self.status()["daemon"]["pid"], signal.SIGKILL)
        self.until(lambda: self.status()["daemon"] is None, "the daemon's death is seen")
        self.assertNotIn("runs already", self.dev("run", "--speed", "600"))
        self.assertEqual({a["account"]: a["pid"] for a in self.status()["accounts"]}, pids)

        # So it is when an account's file was broken meanwhile: that is said, and changes nothing.
        broken = self.home / "accounts.d" / f"{ACCOUNTS[1]}.toml"
        broken.write_text(broken.read_text() + "enabled = perhaps\n")
        os.kill(self.status()["daemon"]["pid"], signal.SIGKILL)
        self.until(lambda: self.status()["daemon"] is None, "the daemon's death is seen")
        said = self.dev("run", "--speed", "600")
        self.assertIn(f"{broken.name}:", said)
        self.assertIn("going on with what was good", said)
        self.assertEqual({a["account"]: a["pid"] for a in self.status()["accounts"]}, pids)
        self.assertEqual(int((self.home / ".scanner").read_text()), scanner)

        self.dev("stop")
        self.assertEqual(processes_of(self.home), [])
        self.assertFalse(Path(f"/proc/{scanner}").exists())
        self.assertIn("does not run", self.dev("stop"))

    def test_what_it_says_to_type_next_can_be_copied_line_by_line(self):
        said = self.dev("run", "--speed", "600").partition("What to type next:\n")[2]
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        self.assertTrue(lines[0].startswith("bc() { "), said)
        self.assertEqual(lines[-1].split()[:2], ["./dev", "stop"])
        for line in lines[1:]:
            line = line.replace("tail -f", "tail")  # which would go on until Ctrl-C
            line = line.replace("./dev run", "./dev run --speed 600")  # as this demo was set up
            done = subprocess.run(["bash", "-c", f"{lines[0]}\n{line}"], cwd=ROOT, text=True,
                                  env=self.environment, stdout=subprocess.PIPE, check=False,
                                  stderr=subprocess.STDOUT, timeout=RUN_DEADLINE_S)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}")
            if line.startswith("kill -9 $(bc pid "):
                self.until(lambda: self.account(ACCOUNTS[0])["state"] == "RUNNING", line)
            elif line.startswith("kill -9 $(bc pid)"):
                self.until(lambda: self.status()["daemon"] is None, line)
        self.assertEqual(processes_of(self.home), [])

    def test_what_cannot_run_is_said_at_once(self):
        for arguments, sentence in [(["--data"], "--data needs a value"),
                                    (["--data", "/nowhere"], "there is no file /nowhere"),
                                    (["--data", "/tmp"], "there is no file /tmp"),
                                    (["--speed", "fast"], "--speed takes a number"),
                                    (["--speed", "0"], "must be 0.001 to"),
                                    (["--labels", "middle"], "start or end"),
                                    (["--zone", "Mars/Base", "--data", __file__], "IANA"),
                                    (["fast"], "not 'fast'")]:
            began = time.monotonic()
            self.assertIn(sentence, self.dev("run", *arguments, code=1))
            self.assertLess(time.monotonic() - began, 20, arguments)
            self.assertEqual(processes_of(self.home), [])
        self.assertIn("no command 'fly'", self.dev("fly", code=1))
        self.assertIn("takes no options", self.dev("stop", "now", code=1))

    def test_a_file_of_bars_is_replayed_as_it_is_labelled(self):
        data = self.directory / "bars.csv"
        lines = ["timestamp,open,high,low,close,volume"]
        for minute in range(390):
            price = 5000 + (minute * 7 % 40) * 0.25
            lines.append(f"2025-03-10 {9 + (30 + minute) // 60:02d}:{(30 + minute) % 60:02d}:00,"
                         f"{price},{price + 1},{price - 1},{price + 0.5},{100 + minute}")
        data.write_text("\n".join(lines) + "\n")
        # These times carry no zone, and nobody guesses one.
        self.assertIn("time zone", self.dev("run", "--data", str(data), code=1))
        self.assertEqual(processes_of(self.home), [])
        said = self.dev("run", "--data", str(data), "--speed", "6000", "--zone",
                        "America/New_York", "--labels", "end")
        self.assertIn('feed.labels = "end"', (Path(self.home) / "bullpen.toml").read_text())
        self.assertIn(f"home: {self.home}\n", said)
        self.assertEqual({a["state"] for a in self.status()["accounts"]}, {"RUNNING"})
        self.dev("stop")
        self.assertEqual(processes_of(self.home), [])


if __name__ == "__main__":
    unittest.main()
