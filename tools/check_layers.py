#!/usr/bin/env python3
"""Checks every #include in src/ against tools/layers.txt: which room may include which, public headers only."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"')


def read_layers(path):
    layers = {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        room, _, allowed = line.partition(":")
        layers[room.strip()] = set(allowed.split())
    return layers


def room_of(relative, layers):
    parts = relative.split("/")
    for length in (2, 1):
        room = "/".join(parts[:length])
        if room in layers and len(parts) > length:
            return room
    return None


def check(source_root, layers):
    """Yields one complaint per include that breaks a rule."""
    for path in sorted(source_root.rglob("*")):
        if path.suffix not in (".h", ".cpp", ".c"):
            continue
        relative = path.relative_to(source_root).as_posix()
        room = room_of(relative, layers)
        if room is None:
            yield f"{relative}: is in no room of tools/layers.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            other = room_of(target, layers)
            if other is None or other == room:
                continue
            if other not in layers[room]:
                yield f"{relative}:{number}: {room} may not include {other} ({target})"
            elif target.count("/") != other.count("/") + 1:
                yield f"{relative}:{number}: {target} is private to {other}; only headers at a room's root are public"


def main():
    complaints = list(check(ROOT / "src", read_layers(ROOT / "tools" / "layers.txt")))
    for complaint in complaints:
        print(complaint)
    print(f"layers: {len(complaints)} violations" if complaints else "layers: clean")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
