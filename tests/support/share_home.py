"""A home whose account trades shares on the paper exchange. What is true there is in the log of
the exchange itself."""

import json
import os
import re

from home import Home, eventually

# A minute of the market in a second, so that no test sees the end of its first day.
VENUE = """
[shares]
first_day = "2026-07-06"
speed = 60
cash = "100000"
"""
ACCOUNT = """
trading = "shares"
broker = "paper"
[jobs]
place_orders_daily.fill_wait = "30 min"
"""
NAMES = ("AAA", "BBB", "CCC")


def jobs(home, name="anna"):
    known = json.loads((home.root / "accounts" / name / "jobs.json").read_text())
    return {job["job"]: job for job in known["jobs"]}


class Exchange:
    """The venue's own log of shares: what was true there, whatever a worker was told."""

    def __init__(self, home):
        self.home = home

    def lines(self):
        path = self.home.root / "venue" / "venue.jsonl"
        if not path.exists():
            return []
        found = [json.loads(line) for line in path.read_text().splitlines() if '"shares"' in line]
        return [line["text"] for line in found if line["event"] == "shares"]

    def bought(self):
        """Shares bought, by symbol."""
        bought = {}
        for line in self.lines():
            fill = re.match(r"filled \d+ buy (\d+) (\S+) at", line)
            if fill:
                bought[fill[2]] = bought.get(fill[2], 0) + int(fill[1])
        return bought

    def stops(self):
        """Shares that active triggers would sell, by symbol."""
        active = {}
        for line in self.lines():
            trigger = re.match(r"trigger_(\w+) trigger (\d+) (\S+) at \d+ for (\d+)", line)
            if trigger and trigger[1] == "placed":
                active[trigger[2]] = (trigger[3], int(trigger[4]))
            elif trigger:
                active.pop(trigger[2], None)
        return active


class ShareTests:
    """What tests of such a home have in common."""

    def home(self, more="", above=""):
        home = Home()
        (home.root / "venue.toml").write_text(VENUE)
        home.account("anna", above + ACCOUNT + more)
        return home

    def signals(self, home, name="anna"):
        """A file with a stop far below and a target far above whatever each share costs."""
        inbox = home.root / "accounts" / name / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        rows = ["Ticker,Entry_Price,Stop_Loss,Target1"]
        rows += [f"{symbol},4000,{stop},9000" for symbol, stop in zip(NAMES, (30, 31, 32))]
        part = inbox / ".signals.part"
        part.write_text("\n".join(rows) + "\n")
        os.rename(part, inbox / "signals.csv")

    def run_job(self, home, job, *words):
        done = home.ctl("--json", "job", "run", "anna", job, *words, check=False)
        assert done.stdout.strip(), done.stderr
        return json.loads(done.stdout)

    def running(self, home):
        home.start()
        home.until("anna", "RUNNING")

    def placed(self, home):
        """Three shares are bought and protected; how many of each."""
        self.signals(home)
        self.running(home)
        eventually(lambda: home.of("anna")["flat"] is True, home.story)
        placed = self.run_job(home, "place_orders_daily")
        self.assertTrue(placed["ok"], placed)
        bought = Exchange(home).bought()
        self.assertEqual(sorted(bought), list(NAMES), placed)
        return bought

    def sold(self, home):
        sold = {}
        for line in Exchange(home).lines():
            fill = re.match(r"filled \d+ sell (\d+) (\S+) at", line)
            if fill:
                sold[fill[2]] = sold.get(fill[2], 0) + int(fill[1])
        return sold

    def first_stop(self, home, symbol):
        return next(int(line.split()[2]) for line in Exchange(home).lines()
                    if line.startswith("trigger_placed") and f" {symbol} " in line)
