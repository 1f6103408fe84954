"""What the disk under a directory does to whoever waits for it while a test runs: a thread writes a
few bytes and syncs them, again and again, and keeps the longest that this took. A test that holds a
program to a time allows it as much again as the disk of that very moment took from everybody."""

import os
import threading
import time

PAUSE = 0.05  # seconds between two writes: often enough to meet a stall, too seldom to be one


class SlowDisk:
    def __init__(self, directory):
        self.file = os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600)
        self.longest = 0.0  # seconds
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.ended.wait(PAUSE):
            began = time.monotonic()
            os.pwrite(self.file, b"x" * 64, 0)
            os.fdatasync(self.file)
            self.longest = max(self.longest, time.monotonic() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        os.close(self.file)
