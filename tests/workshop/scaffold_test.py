#!/usr/bin/env python3
"""What `make new-stage NAME=…` (guard, detector, action, probe alike) writes compiles, its test passes, and its line stands in the list.

Works on a copy of the sources; compiles only the new files and the changed list, against the libraries already built.
"""
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BULWARK_BUILD", ROOT / "build" / "release")).resolve()
NAME = "probe_of_the_scaffold"

# kind: (new files, list, libraries to link; order matters to the linker, so they are grouped)
KINDS = {
    "stage": ("src/api/", "apps/bulwark/request_path.cpp"),
    "guard": ("src/database/guards/", "apps/bulwark/query_path.cpp"),
    "detector": ("src/soc/detection/", "apps/bulwark/detectors.cpp"),
    "action": ("src/soc/actions/", "apps/bulwark/actions.cpp"),
    "probe": ("src/noc/probes/", "apps/bulwark/probes.cpp"),
}


def compile_commands():
    return {entry["file"]: entry for entry in json.loads((BUILD / "compile_commands.json").read_text())}


class Scaffold(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.commands = compile_commands()
        cls.copy = pathlib.Path(tempfile.mkdtemp(prefix="bulwark-scaffold-"))
        files = subprocess.run(["git", "ls-files", "src", "apps", "tools", ".clang-format"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        for name in files:
            target = cls.copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.copy)

    def compile(self, source, like):
        """Compiles `source` of the copy with the flags of the project's file `like`; returns the object."""
        entry = self.commands[str(ROOT / like)]
        words = shlex.split(entry["command"])
        if "ccache" in words[0]:
            words = words[1:]
        out = self.copy / (source.replace("/", "_") + ".o")
        kept, skip = [], False
        for word in words:
            if skip:
                skip = False
            elif word in ("-o", "-c", "-MF", "-MT"):
                skip = True
            elif word != "-MD":
                kept.append(word.replace(str(ROOT / "src"), str(self.copy / "src")).replace(f"-I{ROOT}/apps", f"-I{self.copy}/apps"))
        result = subprocess.run([*kept, "-c", str(self.copy / source), "-o", str(out)], cwd=BUILD, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, f"{source} does not compile:\n{result.stderr}")
        return out

    def check_format(self, files):
        checked = subprocess.run(["clang-format-16", "--dry-run", "-Werror", *files], cwd=self.copy, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, f"make format would change what was written:\n{checked.stderr}")

    def scaffold(self, kind):
        folder, listing = KINDS[kind]
        made = subprocess.run([sys.executable, "tools/new.py", kind, NAME], cwd=self.copy, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        self.assertIn(f"make_{NAME}()", (self.copy / listing).read_text())
        self.check_format([f"{folder}{NAME}{suffix}" for suffix in (".h", ".cpp", "_test.cpp")] + [listing])
        room_source = next(name for name in self.commands if name.startswith(str(ROOT / folder.split("/")[0] / folder.split("/")[1])))
        like = os.path.relpath(room_source, ROOT)
        objects = [self.compile(f"{folder}{NAME}.cpp", like), self.compile(f"{folder}{NAME}_test.cpp", like)]
        self.compile(listing, listing)
        archives = [str(path) for path in sorted(BUILD.glob("libbulwark_*.a"))]
        link_line = next(line for line in self.link_lines() if "gmock" in line)
        shared = [word for word in shlex.split(link_line) if word.endswith(".so") or word.startswith("-l")]
        program = self.copy / f"{kind}_test"
        linked = subprocess.run(["c++", "-o", str(program), *map(str, objects), "-Wl,--start-group", *archives, *self.other_archives(),
                                 "-Wl,--end-group", "-lgmock_main", "-lgmock", "-lgtest", *shared, "-lpthread"], cwd=BUILD, capture_output=True, text=True)
        self.assertEqual(linked.returncode, 0, linked.stderr[-3000:])
        ran = subprocess.run([str(program)], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        self.assertIn("[  PASSED  ] 1 test", ran.stdout)

    @staticmethod
    def link_lines():
        text = subprocess.run(["ninja", "-C", str(BUILD), "-t", "commands", "api_test", "gateway_test"], capture_output=True, text=True)
        lines = [line for line in text.stdout.splitlines() if "gmock" in line and " -o " in line and " -c " not in line]
        if not lines:
            text = subprocess.run(["ninja", "-C", str(BUILD), "-t", "commands", "gateway_test"], capture_output=True, text=True)
            lines = [line for line in text.stdout.splitlines() if "gmock" in line and " -o " in line and " -c " not in line]
        return lines

    @staticmethod
    def other_archives():
        return [str(path) for path in sorted(BUILD.glob("lib*.a")) if not path.name.startswith("libbulwark_")]

    def test_stage(self):
        self.scaffold("stage")

    def test_guard(self):
        self.scaffold("guard")

    def test_detector(self):
        self.scaffold("detector")

    def test_action(self):
        self.scaffold("action")

    def test_probe(self):
        self.scaffold("probe")

    def test_a_wrong_name_is_refused_with_the_usage(self):
        for bad in (["stage", "Bad-Name"], ["stage", ""], ["planet", "x_y"]):
            made = subprocess.run([sys.executable, "tools/new.py", *bad], cwd=self.copy, capture_output=True, text=True)
            self.assertNotEqual(made.returncode, 0)
            self.assertIn("usage", made.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
