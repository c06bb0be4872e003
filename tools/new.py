#!/usr/bin/env python3
"""Scaffolds a stage, guard, detector, action or probe: its header, source and test, and its line in the visible list.

    tools/new.py stage my_check        (or: make new-stage NAME=my_check)

What it writes compiles and its test passes; a test of the test suite keeps that true.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "tools" / "templates"

# kind: (folder of the new files, include prefix, list file, marker comment in the list, line added to the list)
KINDS = {
    "stage": ("src/api", "api", "apps/bulwark/request_path.cpp", "stages.push_back(api::make_{name}());"),
    "guard": ("src/database/guards", "database/guards", "apps/bulwark/query_path.cpp", "guards.push_back(database::make_{name}());"),
    "detector": ("src/soc/detection", "soc/detection", "apps/bulwark/detectors.cpp", "detectors.push_back(soc::make_{name}());"),
    "action": ("src/soc/actions", "soc/actions", "apps/bulwark/actions.cpp", "actions.push_back(soc::make_{name}());"),
    "probe": ("src/noc/probes", "noc/probes", "apps/bulwark/probes.cpp", "probes.push_back(noc::make_{name}());"),
}


def pascal(name):
    return "".join(word.capitalize() for word in name.split("_"))


def fill(template, name):
    return (TEMPLATES / template).read_text().replace("@name@", name).replace("@Name@", pascal(name))


def add_to_list(path, include, line, kind):
    """Puts the include in order and the line above the list's closing marker."""
    text = path.read_text()
    marker = f"// New {kind}s go above this line"
    if marker not in text:
        raise SystemExit(f"{path}: no line '{marker}' to add to")
    block = list(re.finditer(r'(?:^#include "[^"]+"\n)+', text, re.M))[-1]
    includes = sorted([*block.group().splitlines(), f'#include "{include}"'])
    text = text[: block.start()] + "\n".join(includes) + "\n" + text[block.end():]
    indent = re.search(rf"^( *){re.escape(marker)}", text, re.M).group(1)
    comment = f"{indent}// Say here why it stands at this place.\n"
    return text.replace(f"{indent}{marker}", f"{comment}{indent}{line}\n{indent}{marker}")


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS or not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", sys.argv[2]):
        raise SystemExit(f"usage: make new-<{'|'.join(KINDS)}> NAME=lower_case_name")
    kind, name = sys.argv[1], sys.argv[2]
    folder, prefix, list_file, line = KINDS[kind]
    files = {f"{folder}/{name}{suffix}": fill(f"{kind}{suffix}", name) for suffix in (".h", ".cpp", "_test.cpp")}
    for path in files:
        if (ROOT / path).exists():
            raise SystemExit(f"{path} exists already")
    listing = add_to_list(ROOT / list_file, f"{prefix}/{name}.h", line.format(name=name), kind)
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
        print(f"wrote {path}")
    (ROOT / list_file).write_text(listing)
    print(f"added a line to {list_file}; say there why it stands at its place")


if __name__ == "__main__":
    main()
