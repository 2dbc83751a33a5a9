#!/usr/bin/python3
"""
How good the judgements about texts are: drives `tipctl analyze --task ...` and
prints each figure beside the best that was seen elsewhere and the goal.

    tests/quality/run.py [--data DIR] [--gate | --wrong SET[:KIND] | --full SET]

The small samples in tests/data/ are always looked at. DIR (TIPLINE_DATA) holds
larger labelled sets X.dev.jsonl with their keys X.dev.gold.jsonl and their
scorer score.py; without them this is said and passed over. With --gate only
what has fallen below its floor is told, as tests are: a floor is a little
below what was reached when it was set. --wrong lists the texts of one set that
are wrong (`routing:typo`, `neardup_zh:merged`); --full prints all that the
scorer says of it. TIPLINE_BUILD names the build directory.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import figures
import wrong

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIPCTL = os.path.join(ROOT, os.environ.get("TIPLINE_BUILD", "build"), "tipctl")
SHUFFLES = 4


def at(*keys):
    """The figure at that place of what the scorer printed; None when it is not there."""
    def look(result):
        for key in keys:
            result = (result or {}).get(key)
        return result
    return look


def county(kind, figure="acc"):
    return at(kind, "county", figure)


def held_or_listed(result):
    one = at("ambiguous", "ambiguous", "guessed_one")(result)
    return None if one is None else 1 - one


# set, task, what, best seen, goal, floor, figure. None: not stated.
ROWS = (
    ("routing", "routing", "county, all with a place", .857, .95, .98, county("PLACES")),
    ("routing", "routing", "- its precision", None, .99, .995, county("PLACES", "prec")),
    ("routing", "routing", "- clean: the whole chain", .970, .99, .993, county("clean")),
    ("routing", "routing", "- short: suffixes left out", .965, None, .96, county("short")),
    ("routing", "routing", "- skip: levels left out", .971, None, .99, county("skip")),
    ("routing", "routing", "- messy: as forms are filled in", .882, .96, .90, county("messy")),
    ("routing", "routing", "- traditional script", .493, .98, .99, county("trad")),
    ("routing", "routing", "- full width", None, None, .99, county("width")),
    ("routing", "routing", "- blanks in between", None, None, .99, county("space")),
    ("routing", "routing", "- one wrong character", .057, .65, .84, county("typo")),
    ("routing", "routing", "  its precision", None, .97, .99, county("typo", "prec")),
    ("routing", "routing", "- inside a sentence", .986, None, .98, county("sentence")),
    ("routing", "routing", "- two places", .593, .85, .98, county("two_places")),
    ("routing", "routing", "- English", 0, .93, .98, county("english")),
    ("routing", "routing", "- tests of another project", None, None, .90, county("peer")),
    ("routing", "routing", "- ambiguous: held back or listed", .88, 1.0, 1.0, held_or_listed),
    ("routing", "routing", "  right when settled", None, .98, .98, county("ambiguous")),
    ("routing", "routing", "- no place: silent", .998, .995, .99, at("none", "no_place", "silent")),
    ("routing", "routing", "- traps: silent", 1.0, .95, .95, at("trap", "no_place", "silent")),
    ("neardup_zh", "neardup", "Chinese, recall at P .99, no twins", .994, .99, .99, at("without_twins", "recall_at_p99", "r")),
    ("neardup_zh", "neardup", "- with twins", .553, .92, .985, at("with_twins", "recall_at_p99", "r")),
    ("neardup_en", "neardup", "English, recall at P .99, no twins", .997, .995, .99, at("without_twins", "recall_at_p99", "r")),
    ("neardup_en", "neardup", "- with twins", .672, .90, .985, at("with_twins", "recall_at_p99", "r")),
    ("linking_en_ecb", "cluster", "English reports, pairwise F1", .77, .84, .80, at("pairwise", "f1")),
    ("linking_en_ecb", "cluster", "- B-cubed F1", .83, .88, .85, at("bcubed", "f1")),
    ("triage_en_junk", "triage", "English junk kept out at 1 % loss", .971, .985, .93, at("second_half", "rejected_at_loss1")),
    ("triage_en_junk", "triage", "- AUC", .9965, None, .99, at("second_half", "auc")),
    ("triage_en_junk", "triage", "- calibration (ECE, less is better)", .02, .015, .03, at("second_half", "ece")),
)
LESS_IS_BETTER = {"- calibration (ECE, less is better)"}

# sample, figure, floor
SAMPLES = (
    ("routing", "all", .98),
    ("neardup", "found", .95),
    ("neardup", "not merged", .90),
    ("cluster", "pairwise F1", .50),
    ("cluster", "B-cubed F1", .75),
    ("triage", "AUC", .90),
)


def analyze(task, path):
    """(answers as they came, seconds of the run, mean microseconds of a judgement)"""
    began = time.monotonic()
    done = subprocess.run([TIPCTL, "analyze", "--task", task, "--timing", path], capture_output=True, timeout=600, check=False)
    took = time.monotonic() - began
    if done.returncode != 0:
        sys.exit(f"tipctl analyze --task {task} {path} ended with {done.returncode}: {done.stderr.decode()[:2000]}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return answers, took, sum(a["us"] for a in answers) / len(answers)


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def sample_figures():
    """{(sample, figure): value}"""
    found = {}
    for name in dict.fromkeys(s[0] for s in SAMPLES):
        path = os.path.join(ROOT, "tests/data", name + ".jsonl")
        answers = {a["id"]: a for a in analyze(name, path)[0]}
        more = (wrong.COPY_FROM,) if name == "neardup" else ()
        found.update({(name, k): v for k, v in getattr(figures, name)(read_lines(path), answers, *more).items()})
    return found


def paths_of(data, name):
    return [os.path.join(data, f"{name}.dev.{end}") for end in ("jsonl", "gold.jsonl")]


def judge(data, task, key, answers):
    """What the scorer says."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as f:
        f.writelines(json.dumps(a) + "\n" for a in answers)
        f.flush()
        done = subprocess.run([sys.executable, os.path.join(data, "score.py"), task, key, f.name], capture_output=True, text=True,
                              timeout=600, check=True)
    return json.loads(done.stdout)


def scored(data, name, task):
    """(what the scorer says of a labelled set, answers, seconds, microseconds); None: the set is not there."""
    texts, key = paths_of(data, name)
    if not os.path.exists(texts) or not os.path.exists(key):
        return None
    answers, took, us = analyze(task, texts)
    return judge(data, task, key, answers), answers, took, us


def shuffled(data, name, seed):
    """The incidents of a set whose texts come in another order."""
    texts, key = paths_of(data, name)
    with open(texts, encoding="utf-8") as f:
        lines = f.readlines()
    random.Random(seed).shuffle(lines)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as f:
        f.writelines(lines)
        f.flush()
        return judge(data, "cluster", key, analyze("cluster", f.name)[0])


def tell_shuffled(data, name):
    results = [shuffled(data, name, seed) for seed in range(SHUFFLES)]
    means = [sum(r[kind]["f1"] for r in results) / SHUFFLES for kind in ("pairwise", "bcubed")]
    print(f"\n{name} in {SHUFFLES} other orders, mean: pairwise F1 {means[0]:.3f}, B-cubed F1 {means[1]:.3f}")


def reaches(what, value, wanted):
    return value <= wanted if what in LESS_IS_BETTER else value >= wanted


def number(value):
    return "-" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def tell_row(row, value):
    _, _, what, best, goal, _, _ = row
    met = "" if goal is None or value is None else "met" if reaches(what, value, goal) else "NOT MET"
    print(f"{what:<40}{number(best):>8}{number(goal):>8}{number(value):>9}  {met}")


def tell_samples(found):
    print("Samples of the tree (tests/data/)")
    for (name, figure), value in found.items():
        print(f"  {name + ', ' + figure:<38}{number(value):>8}")


def tell_all(found, results):
    tell_samples(found)
    if not results:
        return
    print(f"\n{'Labelled sets':<40}{'best':>8}{'goal':>8}{'reached':>9}")
    for row in ROWS:
        if results.get(row[0]):
            tell_row(row, row[6](results[row[0]][0]))
    print("\nSpeed: judgement alone, then with start, reading and writing")
    for name, (_, answers, took, us) in results.items():
        print(f"  {name:<20}{len(answers):>6} texts {us:>7.1f} us a text ({1e6 / us:,.0f}/s) {took:>6.2f} s in all")


def gate(found, results):
    faults, passed = [], 0
    for name, figure, floor in SAMPLES:
        if found[name, figure] < floor:
            faults.append(f"sample {name}: {figure} {number(found[name, figure])}, floor {floor}")
        else:
            passed += 1
    for row in ROWS:
        if row[0] not in results:
            continue
        value = row[6](results[row[0]][0])
        if value is None or not reaches(row[2], value, row[5]):
            faults.append(f"{row[0]}: {row[2]}: {number(value)}, floor {row[5]}")
        else:
            passed += 1
    print("\n".join(faults + [f"{passed} passed, {len(faults)} failed"]))
    return 1 if faults else 0


def tell_wrong(data, tasks, wanted):
    name, _, kind = wanted.partition(":")
    result = scored(data, name, tasks[name]) if name in tasks else None
    if result is None:
        sys.exit(f"there is no set {name} in {data}")
    wrong.tell(tasks[name], *paths_of(data, name), result[1], kind or None)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", default=os.environ.get("TIPLINE_DATA", ""))
    p.add_argument("--gate", action="store_true")
    p.add_argument("--wrong", metavar="SET[:KIND]")
    p.add_argument("--full", metavar="SET")
    a = p.parse_args()
    tasks = {row[0]: row[1] for row in ROWS}
    if a.wrong:
        sys.exit(tell_wrong(a.data, tasks, a.wrong))
    if a.full:
        sys.exit(print(json.dumps(scored(a.data, a.full, tasks[a.full])[0], indent=1)))
    found, results = sample_figures(), {}
    if os.path.exists(os.path.join(a.data, "score.py")):
        results = {name: scored(a.data, name, task) for name, task in tasks.items()}
        results = {name: result for name, result in results.items() if result}
    else:
        print(f"no labelled sets in '{a.data}' (TIPLINE_DATA): only the samples of the tree")
    if a.gate:
        sys.exit(gate(found, results))
    tell_all(found, results)
    if "linking_en_ecb" in results:
        tell_shuffled(a.data, "linking_en_ecb")


main()
