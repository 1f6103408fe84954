#!/usr/bin/env python3
"""A full disk costs no worker its life, starts none, is told, and is got over."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, alive, eventually  # noqa: E402


class Disk(unittest.TestCase):
    def test_below_the_reserve_nothing_is_started_and_everything_running_goes_on(self):
        with Home() as home:
            home.puppet("alpha", ["sleep"])
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            text = (home.root / "bullpen.toml").read_text()
            # No disk has that much: the reserve is not there.
            (home.root / "bullpen.toml").write_text(
                text.replace('disk_free_min = "1 MiB"', 'disk_free_min = "1 TiB"'))
            home.puppet("beta", ["sleep"])
            home.ctl("update", check=False)
            eventually(lambda: any(e["reason"] == "disk_full" for e in home.events("alarm")),
                       home.story)
            home.puppet("gamma", ["sleep"])
            home.ctl("update", "--timeout", "2", check=False)
            home.until("gamma", "WAITING", reason="disk_full")
            self.assertEqual(home.of("alpha")["pid"], pid)
            self.assertTrue(alive(pid))
            (home.root / "bullpen.toml").write_text(text)
            home.ctl("update", "--timeout", "5", check=False)
            home.until("gamma", "RUNNING")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "only root can mount")
    def test_a_disk_that_is_really_full_is_got_over(self):
        place = tempfile.mkdtemp(prefix="bpd-", dir="/tmp")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place])
        if done.returncode != 0:
            os.rmdir(place)
            self.skipTest("mounting is not allowed here")
        home = Home()
        shutil.rmtree(home.root)
        home.root = Path(place) / "h"
        (home.root / "accounts.d").mkdir(parents=True)
        home.settings("")
        try:
            home.account("alpha", "[feed]\nspeed = 600\n")
            home.puppet("beta", ["sleep"], "autostart = false\n")
            home.start()
            pid = home.until("alpha", "RUNNING")["pid"]
            hog = Path(place) / "hog"
            try:
                with open(hog, "wb", buffering=0) as file:
                    while file.write(b"x" * 4096) == 4096:
                        pass
            except OSError:
                pass
            home.ctl("start", "--timeout", "2", "beta", check=False)
            home.until("beta", "WAITING", reason="disk_full")
            self.assertEqual(home.of("alpha")["pid"], pid)
            # A daemon that must start now finds room enough to adopt.
            home.kill_daemon()
            home.start()
            self.assertEqual(home.until("alpha", "RUNNING")["pid"], pid)
            home.until("beta", "WAITING", reason="disk_full")
            hog.unlink()
            home.until("beta", "RUNNING")
            self.assertTrue(alive(pid))
        finally:
            home.end()
            subprocess.run(["umount", "-l", place], check=True)
            os.rmdir(place)


if __name__ == "__main__":
    unittest.main(verbosity=2)
