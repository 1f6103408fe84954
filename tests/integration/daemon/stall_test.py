#!/usr/bin/env python3
"""A worker whose loop stood still says in what, for how long, and what kept it: a disk that took
its time, or that the process itself did not run."""

import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402

# Nobody is to take it for dead.
PATIENT = 'late_after = "30 s"\ndead_after = "50 s"\nfeed.speed = 6\n'
PAUSE = 1.6  # seconds; a loop that stands still for one is told


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


class Stall(unittest.TestCase):
    def until_told(self, home, name, **facts):
        def told():
            return [line for line in home.worker_log(name, "stall")
                    if all(line[key] == value for key, value in facts.items())]
        line = eventually(told, lambda: f"{facts}: {home.worker_log(name, 'stall')}\n"
                          f"{home.of(name)}\n{home.story()}")[0]
        self.assertEqual(line["level"], "warn")
        self.assertGreaterEqual(line["took_ms"], 1000)
        # Where an operator looks.
        eventually(lambda: home.of(name)["last_error"].startswith("stood still"), home.story)
        facts = {fact["what"]: fact["text"] for fact in home.explain(name)["facts"]}
        self.assertRegex(facts["Error"], r"^stood still .* s in [a-z]+: ")
        self.assertRegex(facts["Stalls"], r"^[0-9]+, the longest ")
        self.assertEqual(home.of(name)["restarts"], 0)
        return line

    @unittest.skipUnless((BIN / "libbullpen-faulty-disk.so").exists(), "not built")
    def test_a_disk_that_takes_its_time_is_named_with_the_file_that_waited_for_it(self):
        with Home() as home:
            home.account("anna", PATIENT +
                         f'write_paths = ["{home.outside}"]\n'
                         f'[environment]\nLD_PRELOAD = "{BIN}/libbullpen-faulty-disk.so"\n'
                         'ASAN_OPTIONS = "verify_asan_link_order=0"\n'
                         f'FAULTY_DISK = "{home.outside}/disk"\n')
            disk = home.outside / "disk"
            # The first time is at its start, which nobody waits for in its loop; an operator's
            # order is written down when it comes.
            disk.write_text(f"state slow 2 {int(PAUSE * 1000)}\n")
            home.start()
            home.until("anna", "RUNNING")
            home.ctl("reduce", "anna")
            line = self.until_told(home, "anna", cause="disk")
            self.assertEqual(disk.read_text(), "")
            self.assertEqual(line["stage"], "checkpoint")
            self.assertRegex(line["disk"], r"^sync state\.json")
            self.assertGreaterEqual(line["cause_ms"], PAUSE * 1000)
            self.assertIn(f"for the disk ({line['disk']})", line["sentence"])

    def test_a_process_that_did_not_run_is_told_from_one_that_had_too_much_to_do(self):
        with Home() as home:
            home.account("anna", PATIENT)
            home.start()
            pid = home.until("anna", "RUNNING")["pid"]
            eventually(lambda: home.of("anna")["bars"] > 0, home.story)
            os.kill(pid, signal.SIGSTOP)
            eventually(lambda: state_of(pid) == "T", home.story)
            begin = time.monotonic()
            # It would have been back by then.
            eventually(lambda: time.monotonic() - begin > 1 + PAUSE, home.story)
            os.kill(pid, signal.SIGCONT)
            line = self.until_told(home, "anna", cause="stopped")
            self.assertGreaterEqual(line["cause_ms"], 1000)
            self.assertIn("it did not run: stopped or blocked", line["sentence"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
