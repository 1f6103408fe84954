#!/usr/bin/env python3
"""What docs/json.md says that `bullpenctl --json` prints is what it prints, for every command that
prints JSON, asked of a daemon that runs."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home  # noqa: E402

ACTED = {"command", "ok", "code", "message", "failed", "accounts", "data"}
EDITED = {"ok", "done", "applied", "message"}
# A command, its exit code, the keys of its object. Those that change things come in an order in
# which each can be done.
COMMANDS = [
    (["status"], 0, {"daemon", "home", "utc", "notice", "accounts", "services",
                     "unmatched"}),
    (["list"], 0, {"accounts"}),
    (["list", "--groups"], 0, {"groups"}),
    (["pid"], 0, {"daemon"}),
    (["pid", "one"], 0, {"one"}),
    (["health"], 0, {"health", "text", "daemon"}),
    (["version"], 0, {"bullpenctl", "daemon"}),
    (["logs"], 0, {"files"}),
    (["explain", "one"], 0, {"account", "state", "reason", "headline", "facts", "detail"}),
    (["config", "show", "one"], 0, {"source", "settings"}),
    (["config", "show", "none"], 1, {"error"}),
    (["check"], 0, {"ok", "problems"}),
    (["stop", "one"], 0, ACTED),
    (["start", "one"], 0, ACTED),
    (["start", "none"], 1, {"error"}),
    (["restart", "one"], 0, ACTED),
    (["signal", "CONT", "one"], 0, ACTED),
    (["signal", "FOO", "one"], 64, ACTED),
    (["clear", "one"], 0, ACTED),
    (["cleanup"], 0, ACTED),
    (["payout", "one", "500"], 1, {"error"}),
    (["reread"], 0, ACTED),
    (["update"], 0, ACTED),
    (["add", "two", "enabled=false"], 0, EDITED),
    (["add", "two"], 1, {"error"}),
    (["rename", "two", "three"], 0, EDITED),
    (["disable", "three"], 0, EDITED),
    (["remove", "three"], 0, EDITED),
    (["init"], 0, {"home", "made"}),
    (["shutdown"], 0, ACTED),
    (["start", "one"], 75, {"error"}),
]


class Json(unittest.TestCase):
    def test_every_command_prints_the_object_that_is_documented(self):
        document = (Path(__file__).resolve().parents[3] / "docs/json.md").read_text()
        with Home() as home:
            home.puppet("one", ["sleep"], 'group = "first"\n')
            home.start()
            home.until("one", "RUNNING")
            for words, code, keys in COMMANDS:
                with self.subTest(" ".join(words)):
                    done = home.ctl("--json", *words, check=False)
                    self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                    self.assertEqual(done.stdout.count("\n"), 1, done.stdout)
                    self.assertEqual(set(json.loads(done.stdout)), keys)
                    self.assertIn(words[0], document)
                    for key in keys - {"one"}:
                        self.assertRegex(document, f'["`]{key}["`]')
            for words in (["tail", "one", "stdio"], ["maintail"]):
                self.assertEqual(home.ctl("--json", *words, check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()
