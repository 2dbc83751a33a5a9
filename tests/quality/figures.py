"""
Figures of predictions against labels, for the small samples in the tree.

Each function takes the labelled lines and the answers by id and returns a dict
of figures between 0 and 1. Definitions: pairwise F1 over pairs of texts;
B-cubed: Bagga and Baldwin 1998; AUC: share of (wanted, unwanted) pairs in the
right order, ties half.
"""
import collections


def share(hits, of):
    hits = list(hits)
    return sum(hits) / len(hits) if hits else of


def codes_of(answer):
    return answer["codes"] if "codes" in answer else [answer["code"]] if answer["code"] else []


def deeper(code, level):
    """Does the code settle more than this level (0 nation, 1 province, 2 prefecture)?"""
    return int(code[level * 2:] or "0") != 0


def routed_well(row, answer):
    codes = codes_of(answer)
    if not row["gold"]:
        return not codes
    if row["det"] == 3 or len(row["gold"]) == 1:
        return bool(codes) and codes[0] in row["gold"]
    return not codes or not deeper(codes[0], row["det"]) or (len(codes) > 1 and set(row["gold"]) <= set(codes))


def routing(rows, answers):
    kinds = collections.defaultdict(list)
    for row in rows:
        well = routed_well(row, answers[row["id"]])
        kinds["all"].append(well)
        kinds[row["cat"]].append(well)
    return {kind: share(hits, 1) for kind, hits in kinds.items()}


def neardup(rows, answers, threshold):
    """found: copies that point at their own message; merged: twins and others that point at a wrong one."""
    origin, seen, found, wrong = {r["id"]: r["origin"] for r in rows}, set(), [], []
    for row in rows:
        answer = answers[row["id"]]
        linked = answer["dup_of"] is not None and answer["score"] >= threshold
        right = linked and origin[answer["dup_of"]] == row["origin"]
        if row["origin"] in seen:
            found.append(right)
        wrong.append(linked and not right)
        seen.add(row["origin"])
    return {"found": share(found, 1), "not merged": 1 - share(wrong, 0)}


def groups_of(rows, answers):
    """Each id with the set of ids that are linked with it, over any number of steps."""
    group = {r["id"]: {r["id"]} for r in rows}
    for row in rows:
        answer = answers[row["id"]]
        for other, score in answer.get("links") or [[answer["dup_of"], answer["score"]]]:
            if other is None or score < 1 or group[other] is group[row["id"]]:
                continue
            joined = group[other] | group[row["id"]]
            for member in joined:
                group[member] = joined
    return group


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0


def cluster(rows, answers):
    group = groups_of(rows, answers)
    gold = collections.defaultdict(set)
    for row in rows:
        gold[row["cluster"]].add(row["id"])
    meant = {member: members for members in gold.values() for member in members}
    pairs = sum(len(meant[i] & group[i]) - 1 for i in meant)
    said, real = sum(len(group[i]) - 1 for i in meant), sum(len(meant[i]) - 1 for i in meant)
    bcubed = f1(sum(len(meant[i] & group[i]) / len(group[i]) for i in meant) / len(meant),
                sum(len(meant[i] & group[i]) / len(meant[i]) for i in meant) / len(meant))
    return {"pairwise F1": f1(pairs / said if said else 1, pairs / real if real else 0), "B-cubed F1": bcubed}


def triage(rows, answers):
    scores = [(answers[r["id"]]["score"], r["gold"]) for r in rows if r["op"] == "score"]
    wanted, rest = [s for s, gold in scores if gold], [s for s, gold in scores if not gold]
    return {"AUC": share(((w > r) + (w == r) / 2 for w in wanted for r in rest), 1)}
