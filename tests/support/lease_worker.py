#!/usr/bin/env python3
"""A worker that speaks the lease protocol and goes wrong in a way of its choice:

  spin       burns a core and beats no more; SIGTERM is taken and changes nothing
  deadlock   waits for a lock that it holds itself
  overdue    beats on, but the bar that was due never comes, by its own word
  forgets    beats on, and never says that what was due is done
  unanswered beats on, and never takes the broker's answer that was due; nor does it end when told
  silent     owes something that is soon due, and then deadlocks
  quiet      beats on, with nothing due and no counter that moves

It goes wrong in the first launch of its account, a few beats after it was ready; later ones are
well. Each beat is counted in the file `beats` of the account's directory."""

import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path

BEATS_BEFORE = 3
TREE = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("example", TREE / "etc/examples/worker.py")
example = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(example)

DIRECTORY = Path(os.environ["BULLPEN_ACCOUNT_DIR"])
FIRST = not (DIRECTORY / "launched").exists()


class Wrong(example.Worker):
    def __init__(self, how):
        super().__init__()
        self.how = how if FIRST else "quiet"
        self.due_ms = 3000

    def send(self, kind, **fields):
        if kind == "heartbeat":
            fields["obligations"] = self.obligations()
            with open(DIRECTORY / "beats", "a", encoding="ascii") as file:
                file.write(f"{self.seq}\n")
        super().send(kind, **fields)

    def obligations(self):
        if self.seq < BEATS_BEFORE or self.how not in (
                "overdue", "forgets", "unanswered", "silent"):
            return [{"name": "bar", "due_in_ms": 1000, "done": True}]
        self.due_ms -= 1000
        name = "answer" if self.how == "unanswered" else "bar"
        return [{"name": name, "due_in_ms": self.due_ms, "done": False,
                 "overdue": self.how == "overdue" and self.due_ms < 0}]

    def work(self):
        if self.seq < BEATS_BEFORE:
            return
        if self.how == "spin":
            while True:
                pass
        if self.how in ("deadlock", "silent"):
            lock = threading.Lock()
            while lock.acquire():  # a signal does not get it out of the second
                pass

    def on_message(self, message):
        super().on_message(message)
        if self.how == "unanswered":
            self.drain = None

    def run(self):
        if self.how == "unanswered":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (DIRECTORY / "launched").touch()
        return super().run()


if __name__ == "__main__":
    sys.exit(Wrong(sys.argv[1]).run())
