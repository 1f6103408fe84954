#!/usr/bin/env python3
"""`bullpenctl alerts test` through a real mail server, a real web server and a program: what is
sent, what is said of it, and that no password is anywhere but where it belongs."""

import json
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from home import Home  # noqa: E402
from receivers import Mailbox, Program, Webhook, certificate  # noqa: E402

WORD = "correct-horse-battery"


def smtp(mailbox, more="", to=("ops@example.org",), scheme="smtp", host="127.0.0.1"):
    return (f'[alerts.smtp]\nserver = "{scheme}://{host}:{mailbox.port}"\n'
            f'from = "bullpen@example.org"\nto = {json.dumps(list(to))}\n{more}\n')


class Targets(unittest.TestCase):
    def mailbox(self, **words):
        box = Mailbox(**words)
        self.addCleanup(box.close)
        return box

    def secret(self, home, target, word):
        import subprocess
        done = subprocess.run([home.bin / "bullpenctl", "--home", home.root, "alerts", "secret",
                               target], input=word + "\n", capture_output=True, text=True,
                              timeout=60, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(done.returncode, 0, done.stderr)
        return home.root / "secrets" / "alerts" / target

    def test_each_target_takes_a_test_and_what_it_said_is_shown(self):
        box, hook = self.mailbox(), Webhook()
        self.addCleanup(hook.close)
        with Home() as home:
            program = Program(home.outside)
            home.settings(f'[alerts]\nwebhook = "{hook.url}"\ncommand = ["{program.path}"]\n' +
                          smtp(box, to=["ops@example.org", "sms:555@gw.example.org"]))
            done = home.ctl("alerts", "test", "--json")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([(one["target"], one["to"], one["delivered"]) for one in lines],
                             [("command", None, True), ("webhook", None, True),
                              ("smtp", "ops@example.org", True),
                              ("smtp", "sms:555@gw.example.org", True)])
            self.assertEqual(lines[0]["said"], "exit code 0: paged")
            self.assertEqual(lines[1]["said"], "status 200: as you like it")
            self.assertIn("250", lines[2]["said"])
            sender, to, message = box.messages[0]
            self.assertEqual((sender, to), ("bullpen@example.org", ["ops@example.org"]))
            self.assertIn("INFO test", message["Subject"])
            self.assertIn("alerts reach you", message.get_content())
            _, to, brief = box.messages[1]
            self.assertEqual(to, ["555@gw.example.org"])
            self.assertIsNone(brief["Subject"])
            self.assertLessEqual(len(brief.get_content().strip()), 140)
            headers, post = hook.posts[0]
            self.assertEqual(post["alert"], "test")
            self.assertEqual(headers["Idempotency-Key"], post["id"])
            self.assertEqual(program.of("test")[0]["id"], post["id"])
            # One of them alone, and somebody else.
            home.ctl("alerts", "test", "webhook")
            self.assertEqual((len(hook.posts), len(box.messages)), (2, 2))
            shown = home.ctl("alerts", "test", "smtp", "--to", "me@example.org").stdout
            self.assertIn("smtp to me@example.org: delivered: 250", shown)
            self.assertEqual(box.messages[2][1], ["me@example.org"])

    def test_an_accounts_test_goes_to_its_recipients_too(self):
        box = self.mailbox()
        with Home() as home:
            home.settings(smtp(box))
            home.account("anna", '[alerts]\nrecipients = ["anna@example.org"]\n')
            home.account("bert", '[alerts]\nrecipients = ["bert@example.org"]\n')
            home.ctl("alerts", "test", "--account", "anna")
            self.assertEqual([to for _, to, _ in box.messages],
                             [["ops@example.org"], ["anna@example.org"]])
            self.assertIn("anna", box.messages[0][2]["Subject"])

    def test_a_target_that_does_not_take_it_is_said_so_and_the_exit_code_is_1(self):
        box, hook = self.mailbox(), Webhook()
        self.addCleanup(hook.close)
        with Home() as home:
            program = Program(home.outside, exit_code=3)
            settings = f'[alerts]\nwebhook = "{hook.url}"\ncommand = ["{program.path}"]\n'
            home.settings(settings + smtp(box))
            hook.status, box.refuse = 403, "550 we do not want it"
            done = home.ctl("alerts", "test", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("command: not delivered: exit code 3", done.stdout)
            self.assertIn("webhook: not delivered: status 403", done.stdout)
            self.assertIn("smtp to ops@example.org: not delivered:", done.stdout)
            self.assertIn("550 we do not want it", done.stdout)
            # One that never answers.
            hook.hang = threading.Event()
            home.settings(settings.replace("[alerts]", '[alerts]\nsend_deadline = "1 s"'))
            done = home.ctl("alerts", "test", "webhook", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("timed out", done.stdout.lower())

    def test_without_a_target_it_says_where_to_set_one(self):
        with Home() as home:
            done = home.ctl("alerts", "test", check=False)
            self.assertEqual(done.returncode, 78)
            self.assertIn("[alerts]", done.stderr)

    def test_the_mail_server_gets_the_password_and_nothing_else_has_it(self):
        box = self.mailbox(login=("bullpen", WORD))
        with Home() as home:
            home.settings(smtp(box, 'login = "bullpen"'))
            done = home.ctl("alerts", "test", check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            file = self.secret(home, "smtp", WORD)
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertEqual(home.ctl("alerts", "test").returncode, 0)
            self.assertEqual(box.logins[-1], ("bullpen", WORD))
            for other in home.root.rglob("*"):
                if other.is_file() and other != file:
                    self.assertNotIn(WORD.encode(), other.read_bytes(), other)
            # What others could have read is not used.
            file.chmod(0o644)
            done = home.ctl("alerts", "test", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertNotIn(WORD, done.stdout + done.stderr)
            self.secret(home, "smtp", "")
            self.assertFalse(file.exists())

    def test_the_webhook_gets_its_token(self):
        hook = Webhook()
        self.addCleanup(hook.close)
        with Home() as home:
            home.settings(f'[alerts]\nwebhook = "{hook.url}"\n')
            home.ctl("alerts", "test")
            self.assertNotIn("Authorization", hook.posts[0][0])
            self.secret(home, "webhook", WORD)
            home.ctl("alerts", "test")
            self.assertEqual(hook.posts[1][0]["Authorization"], "Bearer " + WORD)

    def test_a_server_with_tls_is_believed_by_its_certificate_alone(self):
        with Home() as home:
            crt, context = certificate(home.outside)
            box = self.mailbox(tls=context)
            sealed = smtp(box, scheme="smtps", host="localhost")
            home.settings(sealed)
            done = home.ctl("alerts", "test", check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("certificate", done.stdout)
            self.assertEqual(box.messages, [])
            home.settings(f'[alerts]\nca_file = "{crt}"\n' + sealed)
            home.ctl("alerts", "test")
            self.assertEqual(len(box.messages), 1)

    def test_nothing_goes_to_another_machine_in_the_clear(self):
        """Only 127.0.0.1 and localhost are this machine; the rest must offer STARTTLS."""
        with Home() as home:
            crt, context = certificate(home.outside)
            plain = self.mailbox(host="127.0.0.2")
            home.settings(smtp(plain, host="127.0.0.2"))
            done = home.ctl("alerts", "test", check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertEqual(plain.messages, [])
            sealed = self.mailbox(host="127.0.0.2", starttls=context)
            home.settings(f'[alerts]\nca_file = "{crt}"\n' + smtp(sealed, host="127.0.0.2"))
            home.ctl("alerts", "test")
            self.assertEqual(len(sealed.messages), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
