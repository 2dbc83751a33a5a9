"""What is still wrong in a labelled set: one line a text, for people who want to mend it."""
import json

COPY_FROM = 0.4  # incident_policy_default.copy_from


def routing(texts, gold, answers, kind):
    for text, key in zip(texts, gold):
        codes = answers[key["id"]].get("codes") or [answers[key["id"]].get("code")]
        held = len(key["gold"]) > 1 and (codes[0] is None or set(key["gold"]) <= set(codes))
        if kind in (None, key["cat"]) and codes[0] not in key["gold"] and not held and (key["gold"] or codes[0]):
            yield f"{key['cat']:<12}{codes[0] or '-':<8}{','.join(key['gold']) or '-':<15}{text['text']}"


def neardup(texts, gold, answers, kind):
    said, key, seen = {t["id"]: t["text"] for t in texts}, {g["id"]: g for g in gold}, set()
    for row in gold:
        answer = answers[row["id"]]
        linked = answer["dup_of"] is not None and answer["score"] >= COPY_FROM
        right = linked and key[answer["dup_of"]]["origin"] == row["origin"]
        fault = "merged" if linked and not right else "missed" if row["origin"] in seen and not right else None
        if fault and kind in (None, fault, row["kind"]):
            yield f"{fault:<8}{row['kind']:<8}{answer['score']:.2f}  {said[row['id']]}"
            yield f"{'':<8}{'':<8}{'':<6}{said.get(answer['dup_of'], '-')}"
        seen.add(row["origin"])


def cluster(texts, gold, answers, kind):
    del kind
    label = {g["id"]: g["cluster"] for g in gold}
    said = {t["id"]: t["text"] for t in texts}
    for row in gold:
        first = answers[row["id"]]["dup_of"]
        if first is not None and label[first] != row["cluster"]:
            yield f"{row['cluster']:<10}{said[row['id']]}"
            yield f"{label[first]:<10}{said[first]}"


def triage(texts, gold, answers, kind):
    said = {t["id"]: t.get("text") for t in texts if "text" in t}
    for row in gold:
        score = answers[row["id"]]["score"]
        if (score >= 0.5) != bool(row["label"]) and kind in (None, row["cat"]):
            yield f"{row['cat']:<12}{score:.3f}  {said[row['id']]}"


def read(path):
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [{**row, "text": " ".join(row["text"].split())} if "text" in row else row for row in rows]


def tell(task, texts_path, key_path, answers, kind):
    for line in globals()[task](read(texts_path), read(key_path), {a["id"]: a for a in answers}, kind):
        print(line)
