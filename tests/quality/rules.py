#!/usr/bin/python3
"""
The rules alone on labelled texts: what `tipctl score-report` says of them,
with nothing learned, and which texts lie on the wrong side.

    tests/quality/rules.py TEXTS.jsonl KEY.jsonl [--wrong N] [--json] [--rules DIR]

TEXTS: "id" and "text" a line ("op" other than "score" is passed over). KEY:
"id" and "label", 1 for a text that is wanted. --wrong shows the N wanted texts
of fewest points and the N others of most. --rules takes the rules of a
directory. TIPLINE_BUILD names the build directory.
"""
import argparse
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIPCTL = os.path.join(ROOT, os.environ.get("TIPLINE_BUILD", "build"), "tipctl")


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def ask(arguments, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    done = subprocess.run([TIPCTL, *arguments], input=text, text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("texts")
    parser.add_argument("key")
    parser.add_argument("--wrong", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rules")
    asked = parser.parse_args()
    labels = {row["id"]: row["label"] for row in lines(asked.key)}
    texts = [{"id": row["id"], "text": row["text"]} for row in lines(asked.texts)
             if row.get("op", "score") == "score" and row["id"] in labels]
    said = [json.loads(line) for line in
            ask(["analyze", *(["--rules", asked.rules] if asked.rules else [])], texts).splitlines()]
    outcomes = [{"points": row["score"]["points"], "rules": [r["name"] for r in row["score"]["reasons"]],
                 "outcome": "verified" if labels[row["id"]] else "unfounded"} for row in said]
    rules = ["--set", f"rules.dir={os.path.abspath(asked.rules)}"] if asked.rules else []
    print(ask(["score-report", "--outcomes", "-", *rules, *(["--json"] if asked.json else [])], outcomes), end="")
    words = {row["id"]: row["text"] for row in texts}
    for wanted in (1, 0) if asked.wrong else ():
        print("\nwanted, of fewest points:" if wanted else "\nnot wanted, of most points:")
        side = sorted((row for row in said if labels[row["id"]] == wanted), key=lambda row: row["score"]["points"], reverse=not wanted)
        for row in side[:asked.wrong]:
            print(f'{row["score"]["points"]:3} {[r["name"] for r in row["score"]["reasons"]]} {words[row["id"]]}')


if __name__ == "__main__":
    main()
