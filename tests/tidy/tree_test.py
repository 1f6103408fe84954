#!/usr/bin/env python3
"""The rules of rules.py over the whole tree; one test a rule, every finding listed."""

import os
import unittest
from pathlib import Path

import rules

ROOT = Path(os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[2]))
SUFFIXES = {".cpp", ".hpp", ".py", ".md", ".sh", ".cmake", ".txt", ".toml", ".json", ".service", ""}
LEFT_OUT = {".git", "build", "__pycache__", "corpus", "golden", ".cache"}
FILE_SIZE_MAX = 2 * 1024 * 1024


def tree():
    files = []
    for directory, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in LEFT_OUT)
        for name in sorted(names):
            path = Path(directory) / name
            if path.suffix not in SUFFIXES or path.stat().st_size > FILE_SIZE_MAX:
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            files.append(rules.File(path.relative_to(ROOT).as_posix(), text))
    return files


class Tree(unittest.TestCase):
    files = tree()

    def none(self, findings):
        found = sorted(set(map(str, findings)))
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_the_tree_was_read(self):
        self.assertGreater(sum(f.is_cpp for f in self.files), 20)

    def test_links_lead_somewhere(self):
        exists = lambda path: (ROOT / path).exists()
        self.none(x for f in self.files for x in rules.links(f, exists))

    def test_figures_of_the_readme_name_their_program(self):
        readme = next(f for f in self.files if f.path == "README.md")
        self.none(rules.figures(readme, lambda path: (ROOT / path).exists()))

    def test_promises_of_the_readme_name_their_tests(self):
        readme = next(f for f in self.files if f.path == "README.md")
        self.none(rules.promises(readme, lambda path: (ROOT / path).exists()))

    def test_promises_of_the_readme_have_a_proof_in_the_release_gate(self):
        readme = next(f for f in self.files if f.path == "README.md")
        chosen = rules.gate_tests(self.files)
        self.none(rules.gate(readme, lambda kind, area, name: any(
            (kind, area) == one[:2] and name in ("", one[2]) for one in chosen)))


def add(rule, check):
    setattr(Tree, "test_" + rule.__name__, lambda self: self.none(check(self)))


for one in rules.FILE_RULES:
    add(one, lambda self, one=one: (x for f in self.files for x in one(f)))
for one in rules.TREE_RULES:
    add(one, lambda self, one=one: one(self.files))

if __name__ == "__main__":
    unittest.main()
