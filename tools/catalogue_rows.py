#!/usr/bin/env python3
"""Honest text in many languages for `bulwark train --also`: what the installed programs say, from their message catalogues.

Usage: tools/catalogue_rows.py <programs, e.g. coreutils,bash> [locale folder] > rows.jsonl
Rows are those of train.jsonl: {"src": "catalogues", "sub": <language>, "label": 0, "chan": "direct", "text"}.
"""
import gettext
import json
import pathlib
import sys

MIN_LETTERS = 40  # shorter messages are names of options
MAX_BYTES = 800
MOST = 40  # of a language and program, spread over the catalogue


def messages(path):
    try:
        with open(path, "rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog
    except (OSError, IndexError, ValueError):  # a catalogue that does not follow the format
        return []
    texts = {text for original, text in catalogue.items() if original and isinstance(text, str) and len(text) >= MIN_LETTERS}
    ordered = sorted(texts)
    return ordered[:: max(1, len(ordered) // MOST)][:MOST]


def main():
    programs = sys.argv[1].split(",")
    root = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "/usr/share/locale")
    for locale in sorted(root.iterdir()):
        if locale.name.startswith("en"):
            continue
        for program in programs:
            path = locale / "LC_MESSAGES" / f"{program}.mo"
            if not path.exists():
                continue
            for text in messages(path):
                row = {"src": "catalogues", "sub": locale.name, "label": 0, "chan": "direct", "text": text.encode()[:MAX_BYTES].decode("utf-8", "ignore")}
                print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
