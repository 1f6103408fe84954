#!/usr/bin/env python3
"""A home that runs is backed up, lost, and made again of the backup: the drill, with real
programs."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import BIN, Home, eventually  # noqa: E402
from paper import trader  # noqa: E402
from state_file import crc32c  # noqa: E402

TRADER = trader({"feed.speed": 6000})


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*"))
            if p.is_file() and not p.is_symlink()}


def fence(home):
    """The greatest fence that the home has reserved."""
    return int((home.root / "run" / "fences").read_text().split()[2])


class Backup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bp-bk-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.to = Path(folder.name).resolve()

    def data_of_anna(self, home):
        """The directory that anna, a program of its own, keeps its data in."""
        home.account("anna", 'command = ["/usr/bin/sleep", "600"]\n')
        data = home.root / "accounts/anna/data"
        data.mkdir(parents=True)
        return data

    def sums_agree(self, made):
        done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"],
                              cwd=made["backup"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def back_up(self, home, *words, whole=True):
        done = home.ctl("backup", self.to, "--json", *words, check=False)
        self.assertEqual(done.returncode, 0 if whole else 1, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def restored(self, home, backup, *words, check=True):
        return home.ctl("restore", backup, "--yes", *words, check=check)

    def replay(self, home):
        return json.loads(home.ctl("--json", "replay", "anna").stdout)

    def trades(self, home):
        """How many trades the account's journal has; 0 while it has none to be read."""
        done = home.ctl("--json", "replay", "anna", check=False)
        try:
            return json.loads(done.stdout)["trading"]["trades"]
        except (ValueError, KeyError):
            return 0

    def test_a_home_that_trades_is_backed_up_lost_and_made_again(self):
        with Home() as home, Home(share_locks_with=home) as again:
            home.account("anna", TRADER)
            subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "set", "anna",
                            "api_key"], input="plant-key", text=True, capture_output=True)
            home.start()
            home.until("anna", "RUNNING")
            eventually(lambda: self.trades(home) > 0, home.story, 60)
            made = self.back_up(home)
            traded = self.trades(home)
            used = fence(home)
            home.end()
            shutil.rmtree(home.root, ignore_errors=True)

            self.restored(again, made["backup"])
            self.assertGreater(fence(again), used + 100_000)
            again.start()
            again.until("anna", "RUNNING", deadline=60)
            # It goes on where it was; what its journal says and what it did are one.
            eventually(lambda: self.trades(again) > traded, again.story, 60)
            again.ctl("stop", "anna")
            self.assertEqual(self.replay(again)["unexplained"], 0)
            executions = [line["execution"]
                          for line in again.at_exchange("execution", account="anna")]
            self.assertEqual(len(executions), len(set(executions)))

    def test_a_home_whose_daemon_runs_is_not_restored_into_and_no_fence_comes_again(self):
        with Home() as home, Home(share_locks_with=home) as again:
            home.account("anna", 'command = ["/usr/bin/sleep", "600"]\nheartbeat = "none"\n')
            home.start()
            pid = home.until("anna", "RUNNING")["pid"]
            for _ in range(2):
                os.kill(pid, signal.SIGKILL)
                home.until_restarted("anna", pid)
                pid = home.until("anna", "RUNNING")["pid"]
            used = home.of("anna")["fence"]
            made = self.back_up(home)
            home.ctl("shutdown")
            # As a package that was just installed has it: an empty home, and its daemon.
            again.start()
            before = fence(again), sorted((again.root / "accounts.d").iterdir())
            done = self.restored(again, made["backup"], check=False)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            for words in (f"pid {again.daemon.pid}", "stop it first", "nothing was done"):
                self.assertIn(words, done.stderr)
            self.assertEqual((fence(again), sorted((again.root / "accounts.d").iterdir())), before)
            again.ctl("shutdown")
            self.restored(again, made["backup"])
            # No daemon could have been started meanwhile.
            held = json.loads((again.root / "run/bullpend.lock").read_text())
            self.assertEqual((held["program"], bool(held["ended"])), ("bullpenctl restore", True))
            again.start()
            self.assertGreater(again.until("anna", "RUNNING")["fence"], used + 100_000)

    def test_fences_that_an_emptied_home_used_itself_do_not_come_again_either(self):
        with Home() as home, Home() as again:
            home.account("anna", "enabled = false\n")
            made = self.back_up(home)
            (again.root / "run").mkdir(mode=0o700, exist_ok=True)
            line = "bullpen-fences 1 7000000"
            for name in ("run/fences", "fences"):
                (again.root / name).write_text(f"{line} {crc32c(line.encode()):08x}\n")
            self.restored(again, made["backup"])
            self.assertGreater(fence(again), 7_000_000)

    def test_each_of_many_backups_of_a_busy_home_is_whole(self):
        with Home() as home:
            home.account("anna", TRADER)
            home.start()
            home.until("anna", "RUNNING")
            for _ in range(8):
                made = self.back_up(home)
                home.ctl("restore", made["backup"], "--dry-run")
                [account] = made["accounts"]
                self.assertGreaterEqual(account["last_sequence"], account["state_sequence"])
                done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"],
                                      cwd=made["backup"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_neither_key_nor_lock_nor_log_is_in_a_backup_and_links_are_not_followed(self):
        with Home() as home:
            home.account("anna", 'command = ["/usr/bin/sleep", "600"]\n')
            subprocess.run([BIN / "bullpenctl", "--home", home.root, "credentials", "set", "anna",
                            "api_key"], input="plant-key", text=True, check=True,
                           capture_output=True)
            home.start()
            home.until("anna", "RUNNING")
            outside = self.to / "outside.txt"
            outside.write_text("somebody else's")
            (home.root / "accounts/anna/link").symlink_to(outside)
            (home.root / "market").mkdir()
            made = self.back_up(home)
            files = everything(Path(made["backup"]) / "home")
            self.assertIn("secrets/anna.sealed", files)
            self.assertIn("accounts.d/anna.toml", files)
            for path, content in files.items():
                self.assertNotIn("vault.key", path)
                self.assertFalse(path.startswith("locks/"), path)
                self.assertNotIn("/logs/", path)
                self.assertNotIn(b"plant-key", content)
                self.assertNotIn(b"somebody else's", content)
            self.assertEqual(sorted(made["passed_over"]), sorted(
                set(made["passed_over"]) | {"accounts/anna/link", "market"}))

    def test_the_key_that_proves_a_home_to_other_hosts_is_in_no_backup_and_a_restore_says_so(self):
        with Home() as home:
            home.account("anna", 'command = ["/usr/bin/sleep", "600"]\n')
            home.ctl("remote", "keygen")
            key = json.loads(home.ctl("--json", "remote", "keygen", self.to / "desk").stdout)
            home.ctl("remote", "allow", "desk", key["public_key"])
            secret = (home.root / "remote/server.key").read_text().strip()
            made = self.back_up(home)
            files = everything(Path(made["backup"]) / "home")
            self.assertIn("remote/clients", files)
            for path, content in files.items():
                self.assertNotIn("server.key", path)
                self.assertNotIn(secret.encode(), content, path)
            again = self.to / "again"
            told = subprocess.run([BIN / "bullpenctl", "--home", again, "restore", made["backup"],
                                   "--yes"], capture_output=True, text=True, check=True).stdout
            self.assertIn(f"as {again}/remote/server.key", told)
            self.assertIn("bullpenctl remote keygen", told)
            self.assertTrue((again / "remote/clients").exists())
            home.ctl("remote", "revoke", "desk")
            (home.root / "remote/clients").unlink()
            made = self.back_up(home)
            told = subprocess.run([BIN / "bullpenctl", "--home", self.to / "third", "restore",
                                   made["backup"], "--yes"], capture_output=True, text=True,
                                  check=True).stdout
            self.assertNotIn("server.key", told)

    def test_a_backup_that_was_changed_is_refused_before_anything_is_written(self):
        with Home() as home, Home() as again:
            home.account("anna", "enabled = false\n")
            made = Path(self.back_up(home)["backup"])
            before = everything(again.root)
            settings = made / "home/accounts.d/anna.toml"
            whole = settings.read_bytes()
            settings.write_bytes(b"enabled = true\n")
            done = self.restored(again, made, check=False)
            self.assertEqual((done.returncode, "anna.toml" in done.stderr), (1, True))
            settings.unlink()
            self.assertEqual(self.restored(again, made, check=False).returncode, 1)
            settings.write_bytes(whole)
            sums = made / "SHA256SUMS"
            good = sums.read_text()
            for bad in ("", "no sum\n", "0" * 64 + "  ../../../tmp/x\n", "0" * 64 + "  /etc/x\n"):
                sums.write_text(bad)
                self.assertEqual(self.restored(again, made, check=False).returncode, 1, bad)
            self.assertEqual(everything(again.root), before)
            sums.write_text(good)
            self.restored(again, made)
            self.assertEqual((again.root / "accounts.d/anna.toml").read_bytes(), whole)

    def test_a_home_with_accounts_is_not_restored_over(self):
        with Home() as home:
            home.account("anna", "enabled = false\n")
            made = self.back_up(home)
            before = everything(home.root)
            done = self.restored(home, made["backup"], check=False)
            self.assertEqual((done.returncode, "has accounts" in done.stderr), (1, True))
            done = home.ctl("restore", made["backup"], check=False)
            self.assertEqual((done.returncode, "not confirmed" in done.stderr), (1, True))
            self.assertEqual(everything(home.root), before)

    def test_older_backups_of_this_home_alone_go(self):
        with Home() as home, Home() as other:
            foreign = self.back_up(other)["backup"]
            made = [self.back_up(home)["backup"] for _ in range(3)]
            last = self.back_up(home, "--keep", "2")
            self.assertEqual(last["removed"], made[:2])
            left = sorted(p.name for p in self.to.iterdir())
            self.assertEqual(left, sorted(os.path.basename(p)
                                          for p in (foreign, made[2], last["backup"])))
            self.assertEqual(home.ctl("backup", self.to, "--keep", "0", check=False).returncode, 64)

    def test_what_an_old_bot_keeps_in_its_directory_comes_with_it(self):
        with Home() as home, Home() as again:
            data = self.data_of_anna(home)
            (data / "bot_state.json").write_text("{}")
            made = self.back_up(home)
            self.restored(again, made["backup"])
            self.assertEqual((again.root / "accounts/anna/data/bot_state.json").read_text(), "{}")
            self.assertEqual(oct((again.root / "accounts/anna/data").stat().st_mode & 0o77), "0o0")

    def missed(self, made):
        return [one["path"] for one in made["missed"]]

    def test_one_name_of_a_file_does_not_spoil_the_backup_of_all(self):
        with Home() as home, Home() as again:
            home.account("ben", "enabled = false\n")
            data = self.data_of_anna(home)
            (data / "x\ny.json").write_text("{}")
            (data / "a\\b.json").write_text("{}")
            made = self.back_up(home, whole=False)
            self.assertEqual(self.missed(made), ["accounts/anna/data/x\ny.json"])
            self.sums_agree(made)
            done = home.ctl("backup", self.to, check=False)
            self.assertEqual((done.returncode, "x y.json: its name" in done.stdout), (1, True))
            self.restored(again, made["backup"])
            self.assertTrue((again.root / "accounts/anna/data/a\\b.json").exists())
            self.assertTrue((again.root / "accounts.d/ben.toml").exists())

    def test_a_list_of_sums_that_was_cut_short_is_refused(self):
        with Home() as home, Home() as again:
            for name in ("anna", "ben"):
                home.account(name, "enabled = false\n")
            made = Path(self.back_up(home)["backup"])
            before = everything(again.root)
            sums = made / "SHA256SUMS"
            lines = sums.read_text().splitlines(keepends=True)
            for kept in (lines[:3], lines[1:], lines[:-1]):
                sums.write_text("".join(kept))
                for how in ([], ["--dry-run"]):
                    done = self.restored(again, made, *how, check=False)
                    self.assertEqual((done.returncode, "does not name" in done.stderr), (1, True))
            # Also where the file went with its line.
            sums.write_text("".join(lines[:-1]))
            (made / lines[-1].rstrip("\n").split("  ", 1)[1]).unlink()
            done = self.restored(again, made, check=False)
            self.assertEqual((done.returncode, "were copied" in done.stderr), (1, True))
            self.assertEqual(everything(again.root), before)

    def test_a_backup_of_a_program_that_did_not_count_its_files_is_restored(self):
        with Home() as home, Home() as again:
            home.account("anna", "enabled = false\n")
            made = Path(self.back_up(home)["backup"])
            facts = made / "backup.json"
            before = hashlib.sha256(facts.read_bytes()).hexdigest()
            said = json.loads(facts.read_text())
            count = said.pop("files")
            facts.write_text(json.dumps(said))
            sums = made / "SHA256SUMS"
            after = hashlib.sha256(facts.read_bytes()).hexdigest()
            self.assertIn(before, sums.read_text())
            sums.write_text(sums.read_text().replace(before, after))
            done = json.loads(self.restored(again, made, "--json").stdout)
            self.assertEqual(done["files"], count)

    def test_what_a_restore_reports_is_in_the_new_home(self):
        with Home() as home, Home() as again:
            for name in ("anna", "ben"):
                home.account(name, "enabled = false\n")
                (home.root / "accounts" / name / "data").mkdir(parents=True)
                (home.root / "accounts" / name / "data" / "own.txt").write_text(name)
            made = self.back_up(home)
            done = json.loads(self.restored(again, made["backup"], "--json").stdout)
            self.assertEqual([one["account"] for one in done["accounts"]], ["anna", "ben"])
            self.assertEqual(done["files"], made["files"])
            for name in ("anna", "ben"):
                own = again.root / "accounts" / name / "data" / "own.txt"
                self.assertEqual(own.read_text(), name)

    def test_a_program_that_has_a_state_of_its_own_form_is_copied_and_comes_back(self):
        with Home() as home, Home() as again:
            home.account("anna", 'command = ["/usr/bin/sleep", "600"]\n')
            (home.root / "accounts/anna").mkdir(parents=True, exist_ok=True)
            (home.root / "accounts/anna/state.json").write_text('{"mine": 1}')
            made = self.back_up(home)
            self.assertEqual([one["state"] for one in made["accounts"]], ["own"])
            self.restored(again, made["backup"])
            self.assertEqual((again.root / "accounts/anna/state.json").read_text(), '{"mine": 1}')

    def test_holes_of_a_file_take_no_room_in_a_backup_nor_in_the_home_made_of_it(self):
        with Home() as home, Home() as again:
            data = self.data_of_anna(home)
            with open(data / "sparse", "wb") as file:
                file.write(b"begin")
                file.seek(20 << 20)
                file.write(b"middle")
                file.truncate(40 << 20)
            (data / "hole").touch()
            os.truncate(data / "hole", 5 << 20)
            made = self.back_up(home)
            self.sums_agree(made)
            self.restored(again, made["backup"])
            for root in (Path(made["backup"]) / "home", again.root):
                for name in ("sparse", "hole"):
                    copy = root / "accounts/anna/data" / name
                    self.assertEqual(copy.stat().st_size, (data / name).stat().st_size)
                    self.assertLess(copy.stat().st_blocks * 512, 1 << 20)
                with open(root / "accounts/anna/data/sparse", "rb") as file:
                    self.assertEqual(file.read(6), b"begin\0")
                    file.seek((20 << 20) - 1)
                    self.assertEqual(file.read(8), b"\0middle\0")

    def test_one_account_s_endless_file_keeps_no_other_from_being_copied(self):
        with Home() as home:
            for name in ("anna", "ben"):
                home.account(name, "enabled = false\n")
                (home.root / "accounts" / name).mkdir(parents=True, exist_ok=True)
                (home.root / "accounts" / name / "own.txt").write_text(name)
            (home.root / "accounts/anna/big").touch()
            os.truncate(home.root / "accounts/anna/big", 1 << 40)
            made = self.back_up(home, whole=False)
            self.assertEqual(self.missed(made), ["accounts/anna/big"])
            self.assertIn("are left of what an account may have", made["missed"][0]["why"])
            files = everything(Path(made["backup"]) / "home")
            self.assertEqual({"accounts/anna/own.txt", "accounts/ben/own.txt"} - set(files), set())

    def test_a_backup_that_was_broken_off_goes_with_the_next_run_and_is_told(self):
        with Home() as home, Home() as other:
            data = self.data_of_anna(home)
            with open(data / "large", "wb") as file:
                for _ in range(300):
                    file.write(os.urandom(1 << 20))
            tool = subprocess.Popen([BIN / "bullpenctl", "--home", home.root, "backup", self.to],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            eventually(lambda: list(self.to.glob("*.part/home/accounts/anna/data/large")),
                       lambda: str(list(self.to.iterdir())))
            tool.send_signal(signal.SIGSTOP)
            [part] = self.to.glob("*.part")
            (data / "large").unlink()
            # One that is being made is let alone.
            self.assertEqual(self.back_up(home)["removed"], [])
            self.assertTrue(part.exists())
            tool.kill()
            tool.wait()
            # So is one of another home.
            self.assertEqual(self.back_up(other)["removed"], [])
            self.assertTrue(part.exists())
            self.assertEqual(self.back_up(home)["removed"], [str(part)])
            self.assertEqual(list(self.to.glob("*.part*")), [])
            # Also of a program that left no word in it.
            part.mkdir()
            (part / "home").mkdir()
            self.assertIn(f"removed {part}", home.ctl("backup", self.to).stdout)

    def test_one_account_s_odd_file_names_hold_no_more_than_one_older_backup_back(self):
        with Home() as home:
            for name in ("anna", "ben"):
                home.account(name, "enabled = false\n")
                (home.root / "accounts" / name).mkdir(parents=True, exist_ok=True)
                (home.root / "accounts" / name / "own.txt").write_text(name)
            whole = self.back_up(home, "--keep", "1")["backup"]
            for i in range(4):
                (home.root / f"accounts/anna/odd\n{i}").write_text("x")
                newest = self.back_up(home, "--keep", "1", whole=False)
                left = sorted(str(path) for path in self.to.iterdir())
                # What anna had when all of it could be copied stays, and nothing else.
                self.assertEqual(left, sorted([whole, newest["backup"]]))
            for path in home.root.glob("accounts/anna/odd*"):
                path.unlink()
            newest = self.back_up(home, "--keep", "1")
            self.assertEqual([str(path) for path in self.to.iterdir()], [newest["backup"]])

    def test_one_damaged_account_keeps_no_other_from_being_copied(self):
        with Home() as home, Home() as again:
            for name in ("anna", "ben"):
                home.account(name, "enabled = false\n")
                (home.root / "accounts" / name).mkdir(parents=True, exist_ok=True)
            (home.root / "accounts/ben/own.txt").write_text("ben's")
            (home.root / "accounts/anna/own.txt").write_text("anna's")
            older = self.back_up(home)
            (home.root / "accounts/anna/state.json").write_text('{"cut')
            made = self.back_up(home, "--keep", "1", whole=False)
            self.assertEqual(self.missed(made), ["accounts/anna"])
            # What an older one may have whole stays.
            self.assertEqual((made["removed"], Path(older["backup"]).exists()), ([], True))
            done = self.restored(again, made["backup"])
            self.assertIn("anna was damaged", done.stdout)
            self.assertEqual((again.root / "accounts/anna/state.json").read_text(), '{"cut')
            self.assertEqual((again.root / "accounts/ben/own.txt").read_text(), "ben's")

    def test_what_cannot_be_read_of_one_account_keeps_no_other_from_being_copied(self):
        with Home() as home:
            for name in ("anna", "ben"):
                home.account(name, "enabled = false\n")
                (home.root / "accounts" / name).mkdir(parents=True, exist_ok=True)
                (home.root / "accounts" / name / "own.txt").write_text(name)
            closed = home.root / "accounts/anna/closed"
            closed.write_text("x")
            crowd = home.root / "accounts/anna/crowd"
            crowd.mkdir()
            for number in range(100_001):
                os.close(os.open(f"{crowd}/{number}", os.O_CREAT | os.O_WRONLY))
            if os.geteuid() == 0:  # as whom nothing is closed: the home is somebody else's then
                for folder, _, files in os.walk(home.directory):
                    of_it = [] if Path(folder) == crowd else files
                    for path in [folder, *(os.path.join(folder, f) for f in of_it)]:
                        os.chown(path, 65534, 65534)
                os.chown(self.to, 65534, 65534)
            closed.chmod(0)
            made = self.back_up(home, whole=False)
            self.assertEqual(self.missed(made), ["accounts/anna/closed", "accounts/anna/crowd"])
            files = everything(Path(made["backup"]) / "home")
            self.assertEqual({"accounts/anna/own.txt", "accounts/ben/own.txt"} - set(files), set())

    def test_a_backup_into_the_home_itself_is_refused(self):
        with Home() as home:
            done = home.ctl("backup", home.root, check=False)
            self.assertEqual(done.returncode, 64)


if __name__ == "__main__":
    unittest.main()
