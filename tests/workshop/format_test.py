#!/usr/bin/env python3
"""Every C++ file that is written by hand is laid out as .clang-format says; `make format` does it."""
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Format(unittest.TestCase):
    def test_nothing_would_change(self):
        files = subprocess.run(["tools/format.sh", "--list"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        self.assertGreater(len(files), 100)
        checked = subprocess.run(["tools/format.sh", "--check"], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, "make format would change:\n" + checked.stderr[:4000])


if __name__ == "__main__":
    unittest.main()
