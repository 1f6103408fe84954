#!/usr/bin/env python3
"""The home's own services under a real daemon: the paper exchange is there while an account trades
on paper, comes back when it dies, outlives the daemon, and holds up nobody."""

import os
import signal
import socket
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, alive, eventually  # noqa: E402

TRADES = 'trading = "on"\n[feed]\nspeed = 3600\n'
OBSERVES = 'trading = "off"\n[feed]\nspeed = 3600\n'
VENUE = "bullpen-venue"


def listens(home, account=""):
    """Whether the venue answers a hello at its socket; without an account an administrator's."""
    whose = f'"account":"{account}",' if account else ""
    whose += f'"cookie":"{home.cookie()}",'
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(10)
        try:
            line.connect(str(home.root / "run/venue"))
            line.sendall(f'{{"v":1,"type":"hello","id":1,{whose}"client":"test","session":"",'
                         f'"follows_market":false,"lockstep":false}}\n'.encode())
            return b'"welcome"' in line.recv(65536)
        except OSError:
            return False


class Services(unittest.TestCase):
    def test_the_venue_runs_while_an_account_trades_on_paper_and_listens_when_it_is_ready(self):
        with Home() as home:
            home.account("alpha", OBSERVES)
            home.start()
            home.until("alpha", "RUNNING")
            self.assertEqual(home.status()["services"], [])
            home.account("beta", TRADES)
            home.ctl("update")
            line = home.until_service(VENUE, "RUNNING")
            self.assertTrue(listens(home))
            self.assertTrue(alive(line["pid"]))
            self.assertEqual(line["restarts"], 0)
            self.assertEqual([one["account"] for one in home.status()["accounts"]],
                             ["alpha", "beta"])
            # The last account that needs it goes, and it goes too.
            home.until("beta", "RUNNING", flat=True)
            (home.root / "accounts.d/beta.toml").unlink()
            home.ctl("update")
            eventually(lambda: not home.status()["services"], home.story)
            eventually(lambda: not alive(line["pid"]), home.story)

    def test_a_disabled_account_and_one_in_shadow_need_no_venue(self):
        with Home() as home:
            home.account("alpha", 'enabled = false\n' + TRADES)
            home.account("beta", 'trading = "shadow"\n')
            home.start()
            home.until("beta", "RUNNING")
            self.assertEqual(home.status()["services"], [])
            self.assertFalse((home.root / "run/venue").exists())

    def test_a_killed_venue_comes_back_at_once_and_no_worker_ends(self):
        with Home() as home:
            home.account("alpha", TRADES)
            home.start()
            worker = home.until("alpha", "RUNNING")
            first = home.until_service(VENUE, "RUNNING")
            os.kill(first["pid"], signal.SIGKILL)
            second = home.until_service(VENUE, "RUNNING", restarts=1)
            self.assertNotEqual(first["pid"], second["pid"])
            self.assertTrue(listens(home))
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], worker["pid"])
            kept = home.root / "services" / VENUE / "crash"
            eventually(lambda: list(kept.glob("*/facts.json")), home.story)

    def test_a_hung_venue_is_found_by_its_silence_and_replaced(self):
        with Home() as home:
            home.account("alpha", TRADES)
            home.start()
            first = home.until_service(VENUE, "RUNNING")
            os.kill(first["pid"], signal.SIGSTOP)
            second = home.until_service(VENUE, "RUNNING", restarts=1, deadline=60)
            self.assertNotEqual(first["pid"], second["pid"])
            self.assertFalse(alive(first["pid"]))

    def test_a_new_daemon_adopts_the_venue_and_starts_no_second(self):
        with Home() as home:
            home.account("alpha", TRADES)
            home.start()
            first = home.until_service(VENUE, "RUNNING")
            home.kill_daemon()
            self.assertTrue(alive(first["pid"]))
            # Without a daemon its lock proves it.
            alone = home.service(VENUE)
            self.assertEqual((alone["state"], alone["pid"], alone["proof"]),
                             ("RUNNING", first["pid"], "lock"))
            home.start()
            again = home.until_service(VENUE, "RUNNING")
            self.assertEqual(again["pid"], first["pid"])
            self.assertEqual(again["restarts"], 0)
            starts = [e for e in home.events("worker_started") if e["worker"] == VENUE]
            self.assertEqual(len(starts), 1)
            # It is watched as before.
            os.kill(first["pid"], signal.SIGKILL)
            self.assertNotEqual(home.until_service(VENUE, "RUNNING", restarts=1)["pid"],
                                first["pid"])

    def test_a_shutdown_stops_the_venue_after_the_workers(self):
        with Home() as home:
            home.account("alpha", TRADES)
            daemon = home.start()
            worker = home.until("alpha", "RUNNING")["pid"]
            venue = home.until_service(VENUE, "RUNNING")["pid"]
            home.ctl("shutdown")
            self.assertEqual(daemon.wait(timeout=30), 0)
            self.assertFalse(alive(worker) or alive(venue))
            ended = [e["worker"] for e in home.events("worker_ended")]
            self.assertEqual(ended, ["alpha", VENUE])
            # Its lock says that the end was in order.
            self.assertEqual(home.service(VENUE)["reason"], "daemon_shutdown")

    def test_a_shutdown_that_keeps_the_workers_keeps_the_venue(self):
        with Home() as home:
            home.account("alpha", TRADES)
            daemon = home.start()
            home.until("alpha", "RUNNING")
            venue = home.until_service(VENUE, "RUNNING")["pid"]
            home.ctl("shutdown", "--keep-workers")
            self.assertEqual(daemon.wait(timeout=30), 0)
            self.assertTrue(alive(venue))
            self.assertTrue(listens(home))
            home.start()
            self.assertEqual(home.until_service(VENUE, "RUNNING")["pid"], venue)

    def test_a_venue_that_cannot_start_holds_up_no_worker(self):
        with Home("starts_at_once_max = 1\n") as home:
            (home.root / "venue.toml").write_text("nonsense = 1\n")
            home.account("alpha", TRADES)
            home.account("beta", TRADES)
            home.start()
            home.until("alpha", "RUNNING")
            home.until("beta", "RUNNING")
            line = home.until_service(VENUE, "FATAL", reason="refused_configuration")
            self.assertIsNone(line["pid"])
            self.assertEqual(home.ctl("status", check=False).returncode, 1)
            self.assertIn("bullpen-venue FATAL", home.ctl("health", check=False).stdout)
            # What was wrong is set right, and the operator tries again.
            (home.root / "venue.toml").unlink()
            home.ctl("restart", VENUE)
            self.assertEqual(home.service(VENUE)["state"], "RUNNING")

    def test_a_venue_that_somebody_runs_by_hand_is_waited_for(self):
        with Home() as home:
            home.account("alpha", OBSERVES)
            home.start()
            home.until("alpha", "RUNNING")
            byhand = subprocess.Popen([BIN / VENUE, "run", "--home", home.root],
                                      stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"})
            try:
                eventually(lambda: (home.root / "run/venue").exists(), home.story)
                home.account("alpha", TRADES)
                home.ctl("update")
                home.until_service(VENUE, "WAITING", reason="lock_held")
            finally:
                byhand.terminate()
                self.assertEqual(byhand.wait(timeout=30), 0)
            home.until_service(VENUE, "RUNNING", deadline=60)

    def test_the_operator_reaches_a_service_by_its_name_and_all_means_accounts(self):
        with Home() as home:
            home.account("alpha", TRADES)
            home.start()
            home.until("alpha", "RUNNING")
            first = home.until_service(VENUE, "RUNNING")
            home.ctl("stop", "all")
            self.assertEqual(home.service(VENUE)["pid"], first["pid"])
            home.ctl("restart", VENUE)
            self.assertNotEqual(home.service(VENUE)["pid"], first["pid"])
            self.assertIn("listening", home.ctl("tail", VENUE).stdout)
            self.assertIn("listening at", home.ctl("tail", VENUE, "stdio").stdout)
            self.assertIn(f"services/{VENUE}/logs/venue.log", home.ctl("logs").stdout)
            self.assertIn("bullpen-venue is RUNNING", home.ctl("explain", VENUE).stdout)
            table = home.ctl("status", check=False).stdout
            self.assertIn("SERVICE", table)
            self.assertIn(VENUE, table)
            self.assertNotEqual(home.ctl("status", "bullpen-nothing", check=False).returncode, 0)
            home.ctl("stop", VENUE)
            self.assertEqual(home.service(VENUE)["state"], "STOPPED")

    def test_no_account_takes_the_name_of_a_service(self):
        with Home() as home:
            home.account("alpha", OBSERVES)
            home.account(VENUE, OBSERVES)
            home.start()
            home.until("alpha", "RUNNING")
            self.assertEqual([one["account"] for one in home.status()["accounts"]], ["alpha"])
            self.assertIn("own services", home.ctl("check", check=False).stdout)
            self.assertEqual(home.ctl("add", "bullpen-mine", check=False).returncode, 64)

    def test_the_venue_takes_the_markets_of_the_accounts_with_the_costs_of_their_instruments(self):
        with Home() as home:
            home.account("alpha", TRADES + "seed = 7\n")
            home.account("beta", TRADES + 'seed = 8\ninstrument = "MNQ"\n')
            home.start()
            home.until_service(VENUE, "RUNNING")
            self.until_markets(home, {"MES seed 7", "MNQ seed 8"})
            # An account whose feed was changed has its new market when it comes back.
            home.account("beta", TRADES + "seed = 9\n")
            home.ctl("update")
            self.assertTrue(listens(home, "beta"))
            self.until_markets(home, {"MES seed 7", "MNQ seed 8", "MES seed 9"})

    def test_a_feed_that_cannot_be_opened_leaves_the_other_markets_alone(self):
        with Home() as home:
            home.account("alpha", TRADES + "seed = 7\n")
            home.account("beta", 'trading = "on"\n[feed]\nkind = "replay"\nfile = "none.csv"\n')
            home.start()
            home.until_service(VENUE, "RUNNING")
            self.until_markets(home, {"MES seed 7"})
            log = home.root / "services" / VENUE / "logs" / "venue.log"
            self.assertIn("market_not_opened", log.read_text())
            # It is there later, and the account comes back.
            (home.root / "none.csv").write_text(
                "time,open,high,low,close,volume\n" +
                "".join(f"2025-04-07T13:{m:02}:00Z,5000,5001,4999,5000,10\n" for m in range(60)))
            home.account("gamma", TRADES + "seed = 11\n")
            home.ctl("update")
            eventually(lambda: listens(home, "gamma"), home.story)
            self.until_markets(home, {"MES seed 7", "MES seed 11", "MES file none.csv"})
            # One that was confined before the file was there made room for one that reads it.
            self.assertIn("venue_outgrown", log.read_text())

    def until_markets(self, home, names):
        """Waits until the venue's book has begun with these markets."""
        def there():
            text = b"".join(part.read_bytes() for part in (home.root / "venue/book").rglob("*")
                            if part.is_file())
            return all(name.encode() in text for name in names)
        eventually(there, home.story)


if __name__ == "__main__":
    unittest.main(verbosity=2)
