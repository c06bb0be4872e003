#!/usr/bin/env python3
"""The layers check finds what it is for: a forbidden room, a private header, a file in no room."""
import importlib.util
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("check_layers", ROOT / "tools" / "check_layers.py")
check_layers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_layers)

LAYERS = {"base": set(), "wire/http": {"base"}, "gateway": {"base", "wire/http"}, "waf": {"base", "gateway"}}


class Layers(unittest.TestCase):
    def complaints(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return list(check_layers.check(pathlib.Path(folder), LAYERS))

    def test_allowed_includes_are_silent(self):
        self.assertEqual(self.complaints({"gateway/a.cpp": '#include "wire/http/parser.h"\n#include "gateway/edge/b.h"\n#include <vector>\n'}), [])

    def test_a_forbidden_room_is_named_with_its_line(self):
        self.assertEqual(self.complaints({"base/a.h": '#pragma once\n#include "gateway/stage.h"\n'}),
                         ["base/a.h:2: base may not include gateway (gateway/stage.h)"])

    def test_a_private_header_of_another_room_is_named(self):
        self.assertEqual(self.complaints({"waf/a.h": '#include "gateway/edge/b.h"\n'}),
                         ["waf/a.h:1: gateway/edge/b.h is private to gateway; only headers at a room's root are public"])

    def test_a_file_in_no_room_is_named(self):
        self.assertEqual(self.complaints({"attic/a.h": "\n"}), ["attic/a.h: is in no room of tools/layers.txt"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
