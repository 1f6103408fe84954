#!/usr/bin/env python3
"""What a release does with files of a later one, as after a downgrade: it names them and leaves
them as they are, and the later one goes on from there."""

import re
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home  # noqa: E402
from state_file import crc32c, is_sealed, sealed  # noqa: E402


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*"))
            if p.is_file() and "logs" not in p.parts and "crash" not in p.parts}


def of_a_later_schema(state):
    """The state file as a later release would have written it."""
    _, _, rest = state.read_bytes().partition(b"\n")
    later = re.sub(rb'"schema":(\d+)', lambda m: b'"schema":%d' % (int(m[1]) + 1), rest, count=1)
    assert later != rest
    state.write_bytes(sealed(later))
    assert is_sealed(state.read_bytes())


def of_a_later_version(segment):
    """Magic, version, ..., checksum of what is before it: docs/state-file.md."""
    content = segment.read_bytes()
    size = 8 + 2 + 2 + 8 + 32 + 4
    header = bytearray(content[:size - 4])
    version, = struct.unpack_from("<H", header, 8)
    struct.pack_into("<H", header, 8, version + 1)
    segment.write_bytes(bytes(header) + struct.pack("<I", crc32c(bytes(header))) + content[size:])


class Newer(unittest.TestCase):
    def stopped(self):
        """A home whose account ran, and has a state and a journal."""
        home = Home()
        self.addCleanup(home.end)
        home.account("anna")
        home.account("ben")
        home.start()
        for name in ("anna", "ben"):
            home.until(name, "RUNNING")
        home.ctl("stop", "anna")
        home.until("anna", "STOPPED")
        return home, home.root / "accounts" / "anna"

    def check_refused(self, home, own, file, said):
        """The start is refused for the file, nothing of the account's is changed, and with the
        file as it was it goes on."""
        before = everything(own)
        home.ctl("start", "anna", check=False)
        line = home.until("anna", "FATAL", reason="refused_configuration")
        self.assertIn(str(file.relative_to(home.root)), line["reason_text"] + line["last_error"])
        told = home.ctl("explain", "anna").stdout
        self.assertIn(said, told)
        self.assertIn("nothing was changed", told)
        self.assertEqual(everything(own), before)
        home.until("ben", "RUNNING")

    def test_a_state_of_a_later_schema_is_named_and_left_as_it_is(self):
        home, own = self.stopped()
        state = own / "state.json"
        was = state.read_bytes()
        of_a_later_schema(state)
        self.check_refused(home, own, state, "run that program, or a later one")
        state.write_bytes(was)
        home.ctl("start", "anna")
        home.until("anna", "RUNNING")

    def test_a_journal_of_a_later_version_is_named_and_left_as_it_is(self):
        home, own = self.stopped()
        segment = sorted((own / "journal").iterdir())[-1]
        was = segment.read_bytes()
        of_a_later_version(segment)
        self.check_refused(home, own, segment, "so run that one")
        segment.write_bytes(was)
        home.ctl("start", "anna")
        home.until("anna", "RUNNING")

    def test_settings_of_a_later_release_are_named_and_the_last_good_ones_stay(self):
        home, _ = self.stopped()
        path = home.root / "accounts.d" / "ben.toml"
        pid = home.of("ben")["pid"]
        later = path.read_text() + "[of_tomorrow]\nkey = 5\n"
        path.write_text(later)
        told = home.ctl("update", check=False)
        said = told.stdout + told.stderr
        self.assertIn("accounts.d/ben.toml", said)
        self.assertIn("of_tomorrow.key", said)
        home.until("ben", "RUNNING", pid=pid)
        self.assertEqual(path.read_text(), later)
        # A daemon that starts so has the settings that were in force, and the worker.
        home.kill_daemon()
        home.start()
        home.until("ben", "RUNNING", pid=pid)


if __name__ == "__main__":
    unittest.main()
