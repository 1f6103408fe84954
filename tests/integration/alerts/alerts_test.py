#!/usr/bin/env python3
"""Alerts of a real home: a real daemon, real workers, bullpen-notify beside them, and those who
are told. What a person would get is read from their mailboxes."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import unittest
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from home import BIN, Home, alive, eventually  # noqa: E402
from receivers import Mailbox, Program, Webhook  # noqa: E402

NOTIFY = "bullpen-notify"
OBSERVES = '[feed]\nspeed = 3600\n'


def smtp(port, more=""):
    return (f'[alerts.smtp]\nserver = "smtp://127.0.0.1:{port}"\nfrom = "bullpen@example.org"\n'
            f'to = ["ops@example.org"]\n{more}')


def history(home, event=None):
    path = home.root / "alerts" / "history.log"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line for line in lines if event in (None, line["event"])]


class Alerts(unittest.TestCase):
    def kept(self, receiver):
        self.addCleanup(receiver.close)
        return receiver

    def crash(self, home, name):
        before = home.until(name, "RUNNING")
        os.kill(before["pid"], signal.SIGKILL)
        return home.until_restarted(name, before["pid"])

    def test_a_crash_is_mailed_to_the_home_and_the_accounts_own_recipients_and_to_no_others(self):
        box = self.kept(Mailbox())
        with Home(smtp(box.port)) as home:
            for name in ("anna", "bert"):
                home.account(name, f'{OBSERVES}[alerts]\nrecipients = ["{name}@example.org"]\n')
            home.start()
            home.until_service(NOTIFY, "RUNNING")
            self.crash(home, "anna")
            eventually(lambda: len(box.of("crashed")) == 2, lambda: (box.messages, home.story()))
            told = sorted(to[0] for _, to, _ in box.of("crashed"))
            self.assertEqual(told, ["anna@example.org", "ops@example.org"])
            message = box.of("crashed")[0][2]
            self.assertIn("WARNING crashed anna: anna died: killed_by_signal", message["Subject"])
            self.assertIn("bullpenctl explain anna", message.get_content())
            # The next one is counted, for it is like the first.
            self.crash(home, "anna")
            eventually(lambda: len(home.events("crash_bundle")) == 2, home.story)
            self.crash(home, "bert")
            eventually(lambda: len(box.of("crashed")) == 4, lambda: (box.messages, home.story()))
            self.assertEqual(len([one for one in box.of("crashed") if one[1] == ["anna@example.org"]
                                  ]), 1)

    def test_it_is_there_while_there_is_a_target_and_takes_new_settings_without_a_restart(self):
        first, second = self.kept(Webhook()), self.kept(Webhook())
        with Home() as home:
            home.account("anna", OBSERVES)
            home.start()
            home.until("anna", "RUNNING")
            self.assertEqual(home.service(NOTIFY), {})
            home.settings(f'[alerts]\nwebhook = "{first.url}"\n')
            home.ctl("update")
            line = home.until_service(NOTIFY, "RUNNING")
            home.settings(f'[alerts]\nwebhook = "{second.url}"\n')
            home.ctl("update")
            taken = home.root / "services" / NOTIFY / "logs" / "notify.log"
            eventually(lambda: taken.read_text().count("settings_taken") == 2, home.story)
            self.crash(home, "anna")
            eventually(lambda: second.of("crashed"), home.story)
            self.assertEqual(home.service(NOTIFY)["pid"], line["pid"])
            self.assertEqual(first.of("crashed"), [])
            home.settings("")
            home.ctl("update")
            eventually(lambda: not home.status()["services"] and not alive(line["pid"]), home.story)

    def test_what_was_not_delivered_when_it_was_killed_is_delivered_by_the_next_under_its_id(self):
        box = Mailbox()
        box.close()
        with Home(smtp(box.port)) as home:
            home.account("anna", OBSERVES)
            home.start()
            service = home.until_service(NOTIFY, "RUNNING")
            self.crash(home, "anna")
            failed = eventually(lambda: [one for one in history(home, "alert_failed")
                                         if one["alert"] == "crashed"], home.story)
            os.kill(service["pid"], signal.SIGKILL)
            home.until_service(NOTIFY, "RUNNING", restarts=1)
            again = self.kept(Mailbox(port=box.port))
            eventually(lambda: any(" anna: " in message["Subject"]
                                   for _, _, message in again.of("crashed")),
                       lambda: (history(home), home.story()))
            # That it was killed itself is told, too.
            ids = {message["X-Bullpen-Alert-Id"] for _, _, message in again.of("crashed")
                   if " crashed anna: " in message["Subject"]}
            self.assertEqual(ids, {failed[0]["id"]})
            waiting = json.loads(home.ctl("--json", "alerts", "outbox").stdout)["waiting"]
            self.assertNotIn(("crashed", "anna"),
                             [(one["alert"], one["account"]) for one in waiting])
            shown = home.ctl("alerts", "history", "crashed").stdout
            self.assertIn("alert_sent", shown)
            self.assertIn("alert_failed", shown)

    def test_a_target_that_hangs_holds_up_no_other_target_no_worker_and_not_the_daemon(self):
        hook = self.kept(Webhook())
        hook.hang = threading.Event()
        with Home() as home:
            program = Program(home.outside)
            home.settings(f'[alerts]\nwebhook = "{hook.url}"\ncommand = ["{program.path}"]\n'
                          'send_deadline = "5 min"\n')
            home.account("anna", OBSERVES)
            home.start()
            service = home.until_service(NOTIFY, "RUNNING")
            self.crash(home, "anna")
            eventually(lambda: program.of("crashed"), home.story)
            self.assertTrue(hook.began.wait(60))
            self.assertEqual(hook.posts, [])
            self.assertEqual(home.service(NOTIFY)["pid"], service["pid"])
            self.assertEqual(home.service(NOTIFY)["restarts"], 0)
            bars = home.of("anna")["bars"]
            eventually(lambda: home.of("anna")["bars"] > bars, home.story)
            began = time.monotonic()
            home.ctl("shutdown")
            self.assertEqual(home.daemon.wait(timeout=60), 0)
            self.assertLess(time.monotonic() - began, 30)

    def test_the_end_of_each_credential_is_told_before_it_comes_and_once(self):
        hook = self.kept(Webhook())
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1800))
        with Home(f'[alerts]\nwebhook = "{hook.url}"\n') as home:
            home.account("anna", OBSERVES)
            home.account("nse01", 'trading = "shares"\nbroker = "paper"\n')
            # It does not run, and is to have its next token all the same.
            home.account("kite1", 'broker = "kite"\n')
            home.start()
            service = home.until_service(NOTIFY, "RUNNING")
            for name in ("anna", "nse01", "kite1"):
                fields = ["access_token"] if name != "kite1" else ["api_key", "api_secret",
                                                                   "access_token"]
                for field in fields:
                    when = ["--expires", end] if field == "access_token" else []
                    subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "set",
                                    name, field, *when], input=f"{name}-{field}-7b\n", text=True,
                                   check=True, capture_output=True, timeout=60)
            def of_tokens():
                return [one for one in hook.of("alarm") if "ends at" in one["text"]]

            def told():
                return sorted(one["account"] for one in of_tokens())
            eventually(lambda: told() == ["anna", "kite1", "nse01"],
                       lambda: (of_tokens(), home.story()))
            for one in of_tokens():
                self.assertIn(f"access_token ends at {end[:-1]}", one["text"])
                self.assertNotIn("-7b", json.dumps(one))
            # Neither a daemon that starts anew nor another bullpen-notify makes a second one of it.
            home.kill_daemon()
            home.start()
            eventually(lambda: len([one for one in home.events("alarm")
                                    if "ends at" in one["sentence"]]) == 6, home.story)
            os.kill(service["pid"], signal.SIGKILL)
            home.until_service(NOTIFY, "RUNNING", restarts=1)
            self.crash(home, "anna")
            eventually(lambda: hook.of("crashed"), home.story)
            self.assertEqual(told(), ["anna", "kite1", "nse01"])

    def test_what_is_muted_is_not_sent_and_is_in_the_history(self):
        hook = self.kept(Webhook())
        with Home(f'[alerts]\nwebhook = "{hook.url}"\n') as home:
            for name in ("anna", "bert"):
                home.account(name, OBSERVES)
            home.start()
            home.until_service(NOTIFY, "RUNNING")
            home.ctl("alerts", "mute", "crashed", "--account", "anna", "--for", "2h", "--reason",
                     "known")
            self.assertIn("known", home.ctl("alerts", "mutes").stdout)
            self.crash(home, "anna")
            eventually(lambda: history(home, "alert_muted"), home.story)
            self.crash(home, "bert")
            eventually(lambda: hook.of("crashed"), home.story)
            self.assertEqual([post["account"] for post in hook.of("crashed")], ["bert"])
            home.ctl("alerts", "unmute", "crashed", "--account", "anna")
            self.assertEqual(home.ctl("alerts", "unmute", "crashed", check=False).returncode, 1)
            self.crash(home, "anna")
            eventually(lambda: len(hook.of("crashed")) == 2, home.story)

    def test_a_daemon_that_is_gone_is_told_by_who_outlives_it(self):
        box = self.kept(Mailbox())
        with Home(smtp(box.port)) as home:
            home.account("anna", OBSERVES)
            home.start()
            home.until_service(NOTIFY, "RUNNING")
            home.until("anna", "RUNNING")
            home.kill_daemon()
            eventually(lambda: box.of("daemon_down"), lambda: str(history(home)), deadline=120)
            home.start()
            home.until_service(NOTIFY, "RUNNING")
            self.assertEqual(len(box.of("daemon_down")), 1)

    def test_the_log_of_an_account_that_is_added_later_is_read_too(self):
        """Its walls are made when it starts; for another account it is started anew."""
        hook = self.kept(Webhook())
        with Home(f'[alerts]\nwebhook = "{hook.url}"\n') as home:
            home.account("anna", OBSERVES)
            home.start()
            before = home.until_service(NOTIFY, "RUNNING")
            home.account("later", 'trading = "on"\nfeed.speed = 60\n')
            home.ctl("update")
            home.until("later", "RUNNING")
            eventually(lambda: home.until_service(NOTIFY, "RUNNING")["pid"] != before["pid"],
                       home.story)
            home.ctl("halt", "later")
            eventually(lambda: [post["account"] for post in hook.of("kill_switch")] == ["later"],
                       lambda: (hook.of("kill_switch"), home.story()))
            # To be started anew is no crash of it.
            self.assertEqual(home.events("worker_crashed"), [])

    def test_it_reaches_nothing_of_the_home_but_what_it_is_for(self):
        hook = self.kept(Webhook())
        with Home(f'[alerts]\nwebhook = "{hook.url}"\n') as home:
            home.account("anna", OBSERVES)
            home.start()
            pid = home.until_service(NOTIFY, "RUNNING")["pid"]
            status = Path(f"/proc/{pid}/status").read_text()
            self.assertIn("NoNewPrivs:\t1", status)
            log = home.root / "services" / NOTIFY / "logs" / "notify.log"
            if "not_confined" not in log.read_text():
                self.assertIn("Seccomp:\t2", status)
            shown = Path(f"/proc/{pid}/cmdline").read_bytes()
            self.assertNotIn(b"--with-command", shown)

    def test_the_catalogue_is_shown_with_what_is_off(self):
        with Home('[alerts]\nleast = "warning"\noff = ["slippage"]\n') as home:
            known = {one["alert"]: one
                     for one in json.loads(home.ctl("--json", "alerts", "list").stdout)["alerts"]}
            self.assertEqual(known["slippage"]["state"], "off")
            self.assertEqual(known["entry"]["state"], "off")
            self.assertEqual(known["fatal"]["state"], "on")
            self.assertEqual(known["fatal"]["severity"], "critical")
            self.assertIn("crash_loop", home.ctl("alerts", "list").stdout)
            for words in (["alerts", "nothing"], ["alerts", "mute", "nothing"],
                          ["alerts", "mute", "all", "--for", "9000h"], ["alerts", "secret", "x"]):
                self.assertEqual(home.ctl(*words, check=False).returncode, 64, words)


class Storm(unittest.TestCase):
    def test_no_alert_is_lost_and_none_is_another_however_often_it_is_killed(self):
        """By hand, on a home whose log the test writes: each line is one alert."""
        hook = Webhook()
        self.addCleanup(hook.close)
        lines = 120
        seed = int(os.environ.get("BULLPEN_TEST_SEED", random.randrange(1 << 30)))
        print("seed", seed, file=sys.stderr)
        chance = random.Random(seed)
        with Home(f'[alerts]\nwebhook = "{hook.url}"\nhourly_max = 10000\ndaily_max = 10000\n'
                  'off = ["daemon_down"]\n') as home:
            (home.root / "logs").mkdir(exist_ok=True)
            log = home.root / "logs" / "bullpend.log"
            log.write_text("")

            def begin():
                started = subprocess.Popen(
                    [BIN / "bullpen-notify", "run", "--home", home.root],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    text=True, env={"PATH": "/usr/bin:/bin", "BULLPEN_HOME": str(home.root)})
                self.addCleanup(started.stdout.close)
                self.assertIn("following", started.stdout.readline())
                return started

            running = begin()
            state = home.root / "alerts" / "state"
            eventually(state.exists, "no state was saved")
            for number in range(lines):
                with log.open("a", encoding="utf-8") as out:
                    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
                    out.write(json.dumps({"ts": now, "level": "warn", "event": "alarm",
                                          "worker": "", "reason": f"reason_{number}",
                                          "sentence": f"number {number}"}) + "\n")
                if chance.random() < 0.1:
                    log.rename(f"{log}.2026112{number // 100}T{number % 100:06}.000Z")
                    log.write_text("")
                if chance.random() < 0.15:
                    running.kill()
                    running.wait()
                    running = begin()
                hook.status = 503 if chance.random() < 0.2 else 200
            hook.status = 200
            told = [f"reason_{number}" for number in range(lines)]
            eventually(lambda: set(told) <= {post["subject"] for post in hook.of("alarm")},
                       lambda: set(told) - {post["subject"] for post in hook.of("alarm")},
                       deadline=180)
            ids = {}
            for post in hook.of("alarm"):
                self.assertEqual(ids.setdefault(post["subject"], post["id"]), post["id"])
            self.assertEqual(len(set(ids.values())), lines)
            running.terminate()
            self.assertEqual(running.wait(60), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
