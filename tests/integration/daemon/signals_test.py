#!/usr/bin/env python3
"""Shared signals with real processes: many workers take what one process reckons, and know the same
as a worker that reckons by itself."""

import json
import os
import random
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, alive, eventually  # noqa: E402

BARS = 3000
FILE = "bars.csv"


def write_market(home, count=BARS, seed=7):
    """A market of our own that ends, so that whoever has seen all of it can be compared."""
    chance = random.Random(seed)
    price = 20_000  # quarters of a point
    rows = ["time,open,high,low,close,volume"]
    for minute in range(count):
        start = price
        steps = [price := price + chance.randint(-6, 6) for _ in range(4)]
        close = steps[-1]
        day, rest = divmod(minute, 600)
        # Weekdays from 2025-04-07, ten hours of each.
        day = day // 5 * 7 + day % 5
        rows.append(f"2025-{4 + (6 + day) // 30:02}-{1 + (6 + day) % 30:02}T"
                    f"{13 + rest // 60:02}:{rest % 60:02}:00Z,"
                    f"{start / 4},{max([start, *steps]) / 4},{min([start, *steps]) / 4},"
                    f"{close / 4},{chance.randint(1, 500)}")
    (home.root / FILE).write_text("\n".join(rows) + "\n")


def settings(signals, speed=600_000, more=""):
    return (f'signals = "{signals}"\n{more}[feed]\nkind = "replay"\nfile = "{FILE}"\n'
            f'speed = {speed}\n')


def ended(home, name):
    """What the worker knew when its feed had ended; none before."""
    path = home.root / "accounts" / name / "logs/worker.log"
    if not path.exists():
        return None
    lines = [json.loads(line) for line in path.read_text().splitlines() if line]
    told = [line for line in lines if line["event"] == "feed_ended"]
    return (told[-1]["bars"], told[-1]["hash"]) if told else None


def service_of(home):
    return next((one for one in home.status()["services"]
                 if one["name"].startswith("bullpen-signals-mes-")), {})


def until_service(home, **facts):
    def there():
        line = service_of(home)
        if line.get("state") == "RUNNING" and all(line.get(k) == v for k, v in facts.items()):
            return line
        return None
    return eventually(there, lambda: f"signals {facts}: {service_of(home)}\n{home.story()}", 60)


def mode_of(home, name):
    line = home.of(name)
    return line.get("mode"), line.get("mode_reason")


TRADES = 'trading = "on"\nevents.on_unknown = "trade"\n'


class Signals(unittest.TestCase):
    def test_workers_on_shared_signals_know_what_one_with_a_feed_of_its_own_knows(self):
        with Home() as home:
            write_market(home)
            home.account("alone", settings("own"))
            for name in ("one", "two", "three"):
                home.account(name, settings("shared"))
            home.start()
            for name in ("alone", "one", "two", "three"):
                eventually(lambda n=name: ended(home, n), home.story, 60)
            alone = ended(home, "alone")
            self.assertGreater(alone[0], BARS // 2)
            for name in ("one", "two", "three"):
                self.assertEqual(ended(home, name), alone)
            services = [one["name"] for one in home.status()["services"]]
            self.assertEqual(len(services), 1, services)
            self.assertEqual(home.explain("one")["detail"]["worker"]["counters"]["signals_missed"],
                             0)

    def test_workers_run_without_the_signals_take_no_entry_and_go_on_when_they_are_back(self):
        with Home() as home:
            write_market(home)
            # Slow enough that the market lasts through what happens to it.
            for name in ("one", "two"):
                home.account(name, settings("shared", speed=20_000))
            home.account("alone", settings("own"))
            home.start()
            first = until_service(home)
            pids = {name: home.until(name, "RUNNING")["pid"] for name in ("one", "two")}
            eventually(lambda: (home.of("one").get("bars") or 0) > 50, home.story)
            home.ctl("stop", first["name"])
            for name in pids:
                eventually(lambda n=name: mode_of(home, n) == ("idle", "feed_stale"), home.story)
                self.assertIn("bullpen-signals is gone", json.dumps(home.explain(name)))
            home.ctl("start", first["name"])
            for name, pid in pids.items():
                eventually(lambda n=name: mode_of(home, n)[1] != "feed_stale", home.story)
                eventually(lambda n=name: ended(home, n), home.story, 60)
                self.assertEqual(home.of(name)["pid"], pid)
                self.assertEqual(ended(home, name),
                                 eventually(lambda: ended(home, "alone"), home.story))

    def test_a_killed_process_of_signals_comes_back_and_nothing_is_lost_or_seen_twice(self):
        with Home() as home:
            write_market(home)
            for name in ("one", "two"):
                home.account(name, settings("shared", speed=40_000))
            home.account("alone", settings("own"))
            home.start()
            restarts = 0
            line = until_service(home)
            while not ended(home, "one") and restarts < 5:
                os.kill(line["pid"], signal.SIGKILL)
                restarts += 1
                line = until_service(home, restarts=restarts)
            for name in ("one", "two", "alone"):
                eventually(lambda n=name: ended(home, n), home.story, 60)
            self.assertEqual(ended(home, "one"), ended(home, "alone"))
            self.assertEqual(ended(home, "two"), ended(home, "alone"))

    def test_a_process_of_signals_that_hangs_is_noticed_by_its_readers_and_replaced(self):
        with Home() as home:
            write_market(home)
            home.account("one", settings("shared", speed=600))
            home.start()
            first = until_service(home)
            worker = home.until("one", "RUNNING")["pid"]
            eventually(lambda: home.of("one").get("bars"), home.story)
            os.kill(first["pid"], signal.SIGSTOP)
            eventually(lambda: mode_of(home, "one") == ("idle", "feed_stale"), home.story)
            self.assertIn("is mute", json.dumps(home.explain("one")))
            second = until_service(home, restarts=1)
            self.assertNotEqual(first["pid"], second["pid"])
            self.assertFalse(alive(first["pid"]))
            eventually(lambda: mode_of(home, "one")[1] != "feed_stale", home.story)
            self.assertEqual(home.of("one")["pid"], worker)

    def test_a_worker_that_was_away_catches_up_from_the_ring(self):
        with Home() as home:
            write_market(home)
            for name in ("one", "two"):
                home.account(name, settings("shared", speed=60_000))
            home.account("alone", settings("own"))
            home.start()
            until_service(home)
            eventually(lambda: (home.of("one").get("bars") or 0) > 50, home.story)
            home.ctl("stop", "one")
            eventually(lambda: ended(home, "two"), home.story, 60)
            state = json.loads((home.root / "accounts/one/state.json").read_text())
            self.assertLess(state["data"]["engine"]["counters"]["bars"], ended(home, "two")[0])
            home.ctl("start", "one")
            eventually(lambda: ended(home, "one"), home.story, 60)
            # And one that is killed at any moment.
            self.assertEqual(ended(home, "one"), ended(home, "two"))
            self.assertEqual(ended(home, "one"),
                             eventually(lambda: ended(home, "alone"), home.story))

    def test_a_killed_worker_goes_on_from_its_journal(self):
        with Home() as home:
            write_market(home)
            for name in ("one", "two"):
                home.account(name, settings("shared", speed=60_000))
            home.start()
            until_service(home)
            for _ in range(3):
                line = home.until("one", "RUNNING")
                eventually(lambda b=line["bars"] or 0: (home.of("one").get("bars") or 0) > b + 50 or
                           ended(home, "one"), home.story)
                os.kill(home.of("one")["pid"], signal.SIGKILL)
                home.until_restarted("one", line["pid"])
            for name in ("one", "two"):
                eventually(lambda n=name: ended(home, n), home.story, 60)
            self.assertEqual(ended(home, "one"), ended(home, "two"))

    def test_an_account_may_begin_to_share_and_stop_to(self):
        with Home() as home:
            write_market(home)
            home.account("one", settings("own", speed=60_000))
            home.account("alone", settings("own"))
            home.start()
            eventually(lambda: (home.of("one").get("bars") or 0) > 200, home.story)
            home.account("one", settings("shared", speed=60_000))
            home.ctl("update")
            eventually(lambda: ended(home, "one"), home.story, 60)
            self.assertEqual(ended(home, "one"),
                             eventually(lambda: ended(home, "alone"), home.story))
            home.account("one", settings("own"))
            home.ctl("update")
            eventually(lambda: not home.status()["services"], home.story)
            home.until("one", "RUNNING")
            eventually(lambda: home.of("one").get("bars") == ended(home, "alone")[0], home.story)

    def test_accounts_with_other_indicators_have_other_signals(self):
        with Home() as home:
            write_market(home)
            home.account("one", settings("shared"))
            home.account("two", settings("shared", more="strategy.rsi_length = 14\n"))
            home.start()
            for name in ("one", "two"):
                eventually(lambda n=name: ended(home, n), home.story, 60)
            self.assertEqual(len(home.status()["services"]), 2)
            self.assertNotEqual(ended(home, "one")[1], ended(home, "two")[1])

    def test_on_paper_the_exchange_moves_the_market_that_is_shared(self):
        with Home() as home:
            write_market(home)
            home.account("one", settings("shared", speed=60_000, more=TRADES))
            home.account("two", settings("own", speed=60_000, more=TRADES))
            home.start()
            line = until_service(home)
            home.until_service("bullpen-venue", "RUNNING")
            log = home.root / "services" / line["name"] / "logs" / (
                line["name"].removeprefix("bullpen-") + ".log")
            eventually(lambda: "followed" in log.read_text(), home.story)
            pid = home.until_service("bullpen-venue", "RUNNING")["pid"]
            eventually(lambda: self.published(home) > 20, home.story)
            # Without the exchange there is no market.
            home.ctl("stop", "bullpen-venue")
            self.assertFalse(alive(pid))
            still = self.published(home)
            home.ctl("start", "bullpen-venue")
            eventually(lambda: self.published(home) > still + 20, home.story)
            # Two accounts in one market, of which one reckons nothing, end with the same.
            for name in ("one", "two"):
                eventually(lambda n=name: ended(home, n), home.story, 60)
            self.assertEqual(ended(home, "one"), ended(home, "two"))

    @staticmethod
    def published(home):
        ring = next((home.root / "shared/signals").glob("*.ring"))
        with ring.open("rb") as file:
            file.seek(480 * 8)
            return int.from_bytes(file.read(8), "little")


if __name__ == "__main__":
    unittest.main(verbosity=2)
