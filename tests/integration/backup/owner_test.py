#!/usr/bin/env python3
"""What root's bullpenctl writes into another user's home is that user's, and goes nowhere else."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN  # noqa: E402

# Of nobody on any system that is known.
USER = 2_054_000


@unittest.skipUnless(os.geteuid() == 0, "only root acts for another user")
class Owner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bp-own-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.folder.chmod(0o755)
        self.home = self.directory("home", USER)

    def directory(self, name, user):
        path = self.folder / name
        path.mkdir(mode=0o700)
        os.chown(path, user, user)
        return path

    def ctl(self, *words, home=None, check=True, value=None):
        return subprocess.run([BIN / "bullpenctl", "--home", home or self.home, *words],
                              input=value, capture_output=True, text=True, timeout=60,
                              check=check)

    def foreign(self, home):
        return sorted(str(path) for path in home.rglob("*") if path.lstat().st_uid != USER)

    def test_every_file_of_a_home_is_its_users_whatever_root_did_in_it(self):
        self.ctl("init")
        self.ctl("add", "anna", 'broker="kite"', check=False)
        for name in ("anna", "ben"):
            self.ctl("add", name)
        self.ctl("disable", "ben")
        self.ctl("enable", "ben")
        (self.home / "accounts.d/anna.toml").write_text('broker = "projectx"\n')
        self.ctl("credentials", "set", "anna", "api_key", value="planted\n")
        self.ctl("rename", "ben", "carl")
        self.ctl("remove", "carl", "--flat", check=False)
        self.assertEqual(self.foreign(self.home), [])

        backup = self.directory("backup", USER)
        made = self.ctl("backup", str(backup)).stdout
        self.assertIn("made ", made)
        again = self.directory("again", USER)
        self.ctl("restore", str(next(backup.iterdir())), "--yes", home=again)
        self.assertTrue((again / "accounts.d/anna.toml").exists())
        self.assertEqual(self.foreign(again), [])

    def test_a_home_that_root_makes_of_a_backup_is_its_users_and_not_roots(self):
        self.ctl("init")
        self.ctl("add", "anna")
        backup = self.directory("backup", USER)
        self.ctl("backup", str(backup))
        one = str(next(backup.iterdir()))
        # In a directory of the user's it is the user's.
        below = self.directory("users", USER) / "new"
        self.ctl("restore", one, "--yes", home=below)
        # In one of root's it is whose root says.
        named = self.folder / "named"
        told = self.ctl("restore", one, "--yes", "--user", str(USER), home=named)
        self.assertNotIn("root's", told.stdout)
        for home in (below, named):
            self.assertTrue((home / "accounts.d/anna.toml").exists())
            self.assertEqual(home.stat().st_uid, USER)
            self.assertEqual(self.foreign(home), [])
        # Nobody's home is given to somebody else, and root is told what it did not say.
        refused = self.ctl("restore", one, "--yes", "--user", "0", home=self.directory("of", USER),
                           check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("root's", self.ctl("restore", one, "--yes",
                                         home=self.folder / "roots").stdout)

    def test_root_writes_nothing_where_a_link_in_the_home_leads(self):
        self.ctl("init")
        self.ctl("add", "anna")
        backup = self.directory("backup", USER)
        self.ctl("backup", str(backup))
        roots = self.directory("roots", 0)
        again = self.directory("again", USER)
        os.symlink(roots, again / "accounts.d")
        os.symlink(roots, again / "shared")
        done = self.ctl("restore", str(next(backup.iterdir())), "--yes", home=again, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(list(roots.iterdir()), [])

        (self.home / "accounts.d").rename(self.home / "before")
        os.symlink(roots, self.home / "accounts.d")
        done = self.ctl("add", "ben", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(list(roots.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
