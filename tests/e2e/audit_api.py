#!/usr/bin/python3
"""What auditors ask for: figures with their records, as they were at any number or time, in three forms; for nobody else."""
import csv
import hashlib
import io
import json
import os
import re
import time
import unittest

import yaml

from rewards import Office, ledger
from tipline import ROOT, Daemon, main, tipctl, wait_for

LISTS = ["summary", "exceptions", "separation", "unclaimed", "rewards", "entries", "entries?code=8020", "breaks", "sample?n=3&seed=spring"]
CALLS = {"rewards": "audit_register"}


class Audit(Office):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("money.rails=voucher,wallet").start()
        cls.keys = 0
        wait_for(lambda: cls.call("finance", "GET", ledger()).status == 200, 20, "the demo has a budget")
        office = cls()
        cls.tip, cls.path = office.approved("case-audit")
        office.claim(cls.tip["receipt"], action="claim", rail="voucher", nonce="v1")
        office.must("finance", cls.path + "/release", {"source": "cash:demo"}, status=202)
        office.must("finance-2", cls.path + "/release", {"source": "cash:demo"})
        voucher = wait_for(lambda: office.claim(cls.tip["receipt"]).json.get("voucher"), 20, "the voucher is made")
        office.must("cashier", "/api/v1/counter/vouchers/redeem", dict(voucher, amount_fen=860000))
        office.proposed("-case-2")
        cls.head = cls.ask("journal?max=1", of="money").json["head_seq"]

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def runTest(self):
        """Office wants an instance before there are tests."""

    @classmethod
    def ask(cls, what, role="auditor", of="audit"):
        return cls.call(role, "GET", f"/api/v1/{of}/{what}")

    def whole(self, what):
        answer = self.ask(what)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def rows(self, what):
        """CSV as a strict reader has it, each line as wide as the first."""
        answer = self.ask(what + ("&" if "?" in what else "?") + "format=csv")
        self.assertEqual((answer.status, answer.type), (200, "text/csv"), answer)
        self.assertTrue(answer.body.endswith(b"\r\n"))
        rows = list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        return [dict(zip(rows[0], row)) for row in rows[1:]]

    def kinds(self, seqs):
        records = self.ask(f"journal?from={min(seqs)}&max=500", of="money").json["records"]
        return [r["kind"] for r in records if int(r["seq"]) in seqs]

    def figure(self, answer, part, name):
        return next(f for f in answer["figures"] if (f["part"], f["name"]) == (part, name))

    def test_summary(self):
        answer = self.whole("summary")
        budget = self.call("finance", "GET", ledger()).json
        for name in ("authorised", "available", "encumbered", "expended", "lapsed"):
            self.assertEqual(self.figure(answer, "budget", name)["fen"], budget[name])
        paid = self.figure(answer, "state", "PAID")
        self.assertEqual((paid["count"], paid["fen"], self.kinds(paid["seqs"])), (1, 860000, ["attempt.observe"]))
        self.assertIn("reward.approve", self.kinds(self.figure(answer, "budget", "encumbered")["seqs"]))
        rows = self.rows("summary")
        self.assertEqual(len(rows), len(answer["figures"]))
        row = next(r for r in rows if r["name"] == "PAID")
        self.assertEqual((row["fen"], row["yuan"], row["journal"]), ("860000", "8600.00", str(paid["seqs"][0])))

    def test_register(self):
        answer = self.whole("rewards")
        paid = next(r for r in answer["rewards"] if r["reward"] == self.path.rsplit("/", 1)[1])
        self.assertEqual((paid["state"], paid["expended_fen"], paid["encumbered_fen"]), ("PAID", 860000, 0))
        self.assertEqual((answer["found"], answer["next"]), (answer["all"], None))
        self.assertEqual(answer["booked"]["expended_fen"], self.figure(self.whole("summary"), "budget", "expended")["fen"])
        self.assertEqual(sum(m["fen"] for m in answer["months"]), answer["all"]["fen"])
        first = self.whole("rewards?limit=1")
        later = self.whole(f"rewards?limit=1&after={first['next']}")
        self.assertEqual(first["rewards"] + later["rewards"], answer["rewards"][:2])
        self.assertEqual(first["found"], answer["found"])
        self.assertEqual([r["reward"] for r in self.whole("rewards?state=PAID")["rewards"]], [paid["reward"]])
        self.assertEqual(self.whole("rewards?case=none")["found"]["rewards"], 0)
        self.assertEqual(len(self.rows("rewards?limit=1")), answer["all"]["rewards"])
        for wrong in ("state=GONE", "held=2", "limit=5001", "limit=0", "after=x"):
            self.assertEqual(self.ask("rewards?" + wrong).json["field"], wrong.split("=")[0])

    def test_entries(self):
        name = ledger().rsplit("/api/v1/ledger/", 1)[1]
        answer = self.whole(f"entries?book={name}&code=8020")
        budget = self.call("finance", "GET", ledger()).json
        self.assertEqual((answer["account"]["closing_fen"], answer["entries"][-1]["balance_fen"]), 2 * (budget["available"],))
        self.assertEqual(answer["account"]["points"][-1]["balance_fen"], budget["available"])
        second = answer["entries"][1]["seq"]
        later = self.whole(f"entries?book={name}&code=8020&from={second}")
        self.assertEqual((later["account"]["opening_fen"], later["entries"]), (answer["entries"][0]["balance_fen"], answer["entries"][1:]))
        reward = self.path.rsplit("/", 1)[1]
        found = self.whole(f"entries?subject={reward}")
        self.assertEqual({e["reward"] for e in found["entries"]}, {reward})
        self.assertIn(reward + "-1", [e["subject"] for e in found["entries"]])
        self.assertIsNone(found["account"])
        piece = self.whole("entries?limit=2")
        self.assertEqual([e["seq"] for e in piece["entries"] + self.whole(f"entries?limit=2&after={piece['next']}")["entries"]], [1, 2, 3, 4])
        self.assertEqual(self.whole("entries?as_of=3")["found"], 3)

    def test_breaks(self):
        self.assertEqual(self.whole("breaks")["breaks"], [])

    def test_exceptions(self):
        with open(os.path.join(ROOT, "docs/openapi.yaml"), encoding="utf-8") as f:
            listed = yaml.safe_load(f)["components"]["schemas"]["AuditTest"]["enum"]
        answer = self.whole("exceptions")
        self.assertEqual({t["test"] for t in answer["tests"]}, set(listed))
        fast = next(t for t in answer["tests"] if t["test"] == "fast_approvals")
        self.assertEqual((fast["population"], fast["hits_total"], fast["parameters"]), (1, 1, {"within_seconds": 60}))
        self.assertEqual(self.kinds(fast["hits"][0]["seqs"]), ["reward.submit", "reward.approve"])
        alone = self.whole("exceptions?test=fast_approvals&within_seconds=0")["tests"]
        self.assertEqual([(t["test"], t["parameters"]) for t in alone], [("fast_approvals", {"within_seconds": 0})])
        rows = self.rows("exceptions?test=fast_approvals")
        self.assertEqual([(r["row"], r["population"], r["parameters"]) for r in rows],
                         [("test", "1", "within_seconds=60"), ("hit", "", "")])
        for wrong in ("test=benford", "pair_min=0", "pair_percent=101", "night_from=24", "within_seconds=-1", "case_days=x"):
            answer = self.ask("exceptions?" + wrong)
            self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "field_invalid", wrong.split("=")[0]))

    def test_separation(self):
        answer = self.whole("separation")
        self.assertEqual(answer["conflicts"], [])
        pair = next(p for p in answer["pairs"] if (p["part"], p["with_part"]) == ("proposer", "approver"))
        self.assertEqual((pair["rewards"], pair["percent"]), (1, 50))
        self.assertEqual(self.kinds(pair["seqs"]), ["reward.submit", "reward.approve"])
        self.assertEqual({p["part"] for p in answer["people"]}, {"verifier", "proposer", "approver", "finance", "cashier"})
        self.assertIn("approver", [p["roles"] for p in answer["permissions"]])
        self.assertEqual(self.whole("separation?as_of=0")["permissions"], [])
        self.assertEqual({r["row"] for r in self.rows("separation")}, {"person", "pair", "permission"})

    def test_unclaimed(self):
        answer = self.whole("unclaimed")
        self.assertEqual((answer["parameters"], answer["rewards"]), ({"soon_days": 14, "late_percent": 10}, []))
        self.assertEqual([(d["days"], d["claims"], self.kinds(d["seqs"])) for d in answer["days"]], [(0, 1, ["reward.claim"])])
        claimed = answer["days"][0]["seqs"][0]
        before = self.whole(f"unclaimed?as_of={claimed - 1}&soon_days=0")
        self.assertEqual([(r["why"], r["state"], r["fen"]) for r in before["rewards"]], [("open", "CLAIMABLE", 860000)])
        self.assertGreater(before["rewards"][0]["days_left"], 20)
        near = self.whole(f"unclaimed?as_of={claimed - 1}&soon_days=100")
        self.assertEqual([r["why"] for r in near["rewards"]], ["near"])

    def test_sample(self):
        reward = self.path.rsplit("/", 1)[1]
        drawn = self.whole(f"sample?seed=spring&n=4&as_of={self.head}")
        self.assertEqual((drawn["method"], drawn["population"], drawn["population_fen"], drawn["interval"]), ("mus", 1, 860000, 215000))
        start = 1 + int.from_bytes(hashlib.sha256(b"spring").digest()[:8], "big") % 215000
        self.assertEqual((drawn["start"], [(i["reward"], i["hits"], i["point"]) for i in drawn["items"]]), (start, [(reward, 4, start)]))
        ranked = self.whole("sample?seed=spring&method=random")["items"]
        self.assertEqual([i["rank"] for i in ranked], [hashlib.sha256(f"spring:{reward}".encode()).hexdigest()])
        free = self.whole(f"sample?as_of={self.head}")
        self.assertEqual(free["seed"], free["as_of"]["head"])
        self.assertEqual(self.whole("sample?method=stratified&of=decided")["strata"],
                         [{"from_fen": 800000, "to_fen": 900000, "rewards": 1, "fen": 860000, "taken": 1}])
        self.assertEqual(self.whole("sample?as_of=0")["items"], [])
        for wrong in ("seed=a%20b", "seed=13800138000", "seed=" + 65 * "a", "method=first", "n=501", "of=all"):
            answer = self.ask("sample?" + wrong)
            self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "field_invalid", wrong.split("=")[0]), wrong)
        events = self.ask("trail?event=export&max=1000").json["events"]
        self.assertTrue(any("seed=spring" in e.get("query", "") for e in events if e.get("call") == "audit_sample"))

    def test_the_seed_nobody_chose_is_taken_back(self):
        """At each record its own: hashes with long runs of digits are among them, and none is refused or hidden."""
        drawn = [self.whole(f"sample?as_of={seq}") for seq in range(1, self.head + 1)]
        seeds = [d["seed"] for d in drawn]
        self.assertEqual(len(set(seeds)), self.head)
        for seq, (seed, first) in enumerate(zip(seeds, drawn), 1):
            self.assertEqual(self.whole(f"sample?as_of={seq}&seed={seed}"), first, seed)
        digits = hashlib.sha256(b"t90").hexdigest()[:16] + 48 * "7"
        self.assertEqual(self.whole(f"sample?seed={digits}")["seed"], digits)
        self.assertEqual(self.ask("sample?seed=" + digits[:63]).code, "field_invalid")
        events = self.ask("trail?event=export&max=1000").json["events"]
        told = {e.get("query", "") for e in events if e.get("call") == "audit_sample"}
        for seed in seeds + [digits]:
            self.assertTrue(any(f"seed={seed}" in query for query in told), seed)

    def test_integrity(self):
        answer = self.whole(f"integrity?as_of={self.head}")
        self.assertEqual((answer["whole"], answer["checked"], answer["first_bad"], answer["why"]), (True, self.head, None, ""))
        chain = self.ask(f"journal?from={self.head}&max=1", of="money").json["records"][0]
        self.assertEqual(answer["as_of"]["head"], chain["hash"])
        self.assertEqual(self.whole("integrity?as_of=0")["checked"], 0)
        rows = {r["name"]: r for r in self.rows(f"integrity?as_of={self.head}")}
        self.assertEqual((rows["record_checked"]["count"], rows["record_bad"]["count"]), (str(self.head), "0"))
        first = self.ask(f"integrity?as_of={self.head}").body
        self.must("finance", ledger() + "/receive", {"fen": 100, "account": "bank:main"})
        self.assertEqual(self.ask(f"integrity?as_of={self.head}").body, first)
        self.assertEqual(self.ask("integrity?as_of=x").code, "field_invalid")
        self.assertEqual(self.ask("integrity", role="finance").code, "role_needed")

    def test_dossier(self):
        name = "rewards/" + self.path.rsplit("/", 1)[1]
        answer = self.whole(name)
        self.assertEqual((answer["case"], answer["tip"], answer["state"], answer["paid_fen"]),
                         ("case-audit", self.tip["id"], "PAID", 860000))
        known = self.call("auditor", "GET", self.path).json
        self.assertEqual([(t["seq"], t["kind"], t["person"], t["hash"]) for t in answer["timeline"]],
                         [(t["seq"], t["kind"], t["person"], t["hash"]) for t in known["timeline"]])
        self.assertEqual(answer["claimant"], known["reward"]["claimant"])
        self.assertIn("Cr", answer["timeline"][-1]["postings"])
        submitted = next(t["seq"] for t in answer["timeline"] if t["kind"] == "reward.submit")
        then = self.whole(f"{name}?as_of={submitted}")
        self.assertEqual((then["state"], then["payee"], then["paid_fen"], then["timeline"][-1]["kind"]), ("IN_REVIEW", "", 0, "reward.submit"))
        self.assertEqual(self.ask(f"{name}?as_of={answer['timeline'][0]['seq']}").code, "not_found")
        rows = self.rows(name)
        self.assertEqual([int(r["seq"]) for r in rows], [t["seq"] for t in answer["timeline"]])
        lines = self.ask(name + "?format=jsonl").text.splitlines()
        self.assertEqual([json.loads(line) for line in lines], answer["timeline"])
        self.assertEqual(self.ask("rewards/R999999").code, "not_found")
        token = self.call("finance", "GET", self.path).json["reward"]["claimant"]
        self.assertNotIn(token, json.dumps(answer))

    def test_as_of(self):
        """A number, its time and the head while it was the head: the same figures; at 0 there were none."""
        now = self.whole("summary")
        proposed = self.figure(now, "state", "DRAFT")["seqs"][0]
        before = self.whole(f"summary?as_of={proposed - 1}")
        self.assertEqual((before["as_of"]["seq"], self.figure(before, "state", "DRAFT")["count"]), (proposed - 1, 0))
        self.assertEqual(self.figure(self.whole("summary?as_of=0"), "state", "PAID")["count"], 0)
        earlier = self.whole("summary?as_of=2020-01-01T00:00:00Z")
        self.assertEqual((earlier["as_of"]["seq"], earlier["as_of"]["at"]), (0, None))
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 - 86400))
        self.assertEqual(self.whole(f"summary?as_of={today}")["as_of"]["reckoned_at"], today + "T15:59:59Z")
        for wrong in (str(10 ** 9), "2099-01-01", "2099-01-01T00:00:00Z", "yesterday", "-1", "1e3", "99999999999999999999"):
            answer = self.ask("summary?as_of=" + wrong)
            self.assertEqual((answer.status, answer.code, answer.json["field"]), (400, "field_invalid", "as_of"), wrong)

    def test_same_number_same_bytes(self):
        for what in LISTS:
            for form in ("json", "csv", "jsonl"):
                with self.subTest(f"{what} {form}"):
                    path = f"{what}{'&' if '?' in what else '?'}as_of={self.head}&format={form}"
                    first = self.ask(path)
                    self.assertEqual(first.status, 200, first)
                    self.must("finance", ledger() + "/receive", {"fen": 100, "account": "bank:main"})
                    self.assertEqual(self.ask(path).body, first.body)

    def test_forms(self):
        for what in LISTS:
            with self.subTest(what):
                join = "&" if "?" in what else "?"
                self.assertTrue(self.ask(what + join + "format=csv&bom=1").body.startswith(b"\xef\xbb\xbf"))
                for line in self.ask(what + join + "format=jsonl").text.splitlines():
                    self.assertIsInstance(json.loads(line), dict)
                for row in self.rows(what):
                    for name, cell in row.items():
                        if name not in ("value", "days_left") and not name.endswith(("fen", "yuan")):
                            self.assertNotIn(cell[:1], tuple("=+-@\t"), (name, cell))
                for wrong in ("format=xml", "bom=2"):
                    answer = self.ask(what + join + wrong)
                    self.assertEqual((answer.status, answer.code), (400, "field_invalid"))

    def test_for_auditors_alone(self):
        for what in LISTS:
            for role in ("officer", "verifier", "proposer", "approver", "finance", "admin", "cashier"):
                self.assertEqual(self.ask(what, role=role).code, "role_needed", (what, role))

    def test_another_region_sees_nothing_of_it(self):
        done = tipctl("token", "add", "--state", self.d.state, "--person", "auditor-far", "--role", "auditor", "--region", "440000")
        self.assertEqual(done.returncode, 0, done.stderr)
        for what in LISTS:
            answer = self.d.staff("GET", f"/api/v1/audit/{what}", token=done.stdout.strip())
            self.assertEqual(answer.status, 200, answer)
            self.assertNotIn("case-audit", answer.text)
            self.assertNotIn("150600", answer.text)
            self.assertNotIn('"PAID","count":1', answer.text.replace(" ", ""))

    def test_who_looked_is_in_the_trail(self):
        for what in LISTS:
            self.ask(f"{what}{'&' if '?' in what else '?'}as_of=3")
            events = self.ask("trail?event=export&max=1000").json["events"]
            calls = [e for e in events if e.get("call") == CALLS.get(what, "audit_" + what.split("?")[0])]
            self.assertTrue(calls, what)
            self.assertTrue(any("as_of=3" in e.get("query", "") for e in calls), calls)

    def test_each_file_stands_in_the_trail(self):
        """With its rows and the SHA-256 of what was sent, also an empty one; what is looked at as JSON is no file."""
        for what in (*LISTS, "integrity", "rewards/" + self.path.rsplit("/", 1)[1], "rewards?case=none"):
            for form in ("csv", "jsonl"):
                with self.subTest(f"{what} {form}"):
                    body = self.ask(f"{what}{'&' if '?' in what else '?'}format={form}").body
                    event = self.ask("trail?order=newest&max=2").json["events"][1]
                    self.assertEqual((event["event"], event["by"], event["to"]), ("read" if "/" in what else "export", "auditor", hashlib.sha256(body).hexdigest()))
                    self.assertEqual(event.get("count", 0), len(body.splitlines()) - (form == "csv"))
                    self.assertIn("format=" + form, event["query"])
        self.ask("summary")
        self.assertNotIn("to", self.ask("trail?order=newest&max=2").json["events"][1])

    def test_trail_newest_first(self):
        first = self.ask("trail?order=newest&max=3").json
        numbers = [e["number"] for e in first["events"]]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] - 3, -1)))
        self.assertEqual((first["events"][0]["call"], first["next"]), ("audit_trail", numbers[-1]))
        whole, before = [], numbers[0] + 1
        while before > 1:
            page = self.ask(f"trail?order=newest&max=70&before={before}").json
            whole += [e["number"] for e in page["events"]]
            self.assertLess(page["next"], before)
            before = page["next"]
        self.assertEqual(whole, list(range(numbers[0], 0, -1)))
        self.assertEqual(self.ask("trail?order=newest&before=1").json, {"events": [], "next": 1})
        kinds = self.ask("trail?order=newest&event=started").json
        self.assertEqual(([e["event"] for e in kinds["events"]], kinds["next"]), (["started"], 1))
        for wrong in ("order=up", "order=newest&before=x"):
            self.assertEqual(self.ask("trail?" + wrong).code, "field_invalid")

    def test_no_token_of_an_informant_or_payee(self):
        reward = self.call("finance", "GET", self.path).json["reward"]
        for what in LISTS:
            for token in (reward["claimant"], reward["payee"], reward["payee"][:18]):
                self.assertNotIn(token, self.ask(what).text, what)


class Tampered(Office):
    """Somebody with the store's password takes a record out: who reads the journal again finds where."""

    def test_a_record_is_missing(self):
        with Daemon("money.rails=voucher") as d:
            type(self).d, type(self).keys = d, 0
            wait_for(lambda: self.call("finance", "GET", ledger()).status == 200, 20, "the demo has a budget")
            self.assertTrue(self.call("auditor", "GET", "/api/v1/audit/integrity").json["whole"])
            key = next(k for k in d.redis("--raw", "KEYS", "{money}:*").splitlines() if k.endswith(":journal"))
            third = d.redis("--raw", "XRANGE", key, "-", "+", "COUNT", "3").splitlines()
            ids = [line for line in third if re.fullmatch(r"\d+-\d+", line)]
            d.redis("XDEL", key, ids[2])
            answer = self.call("auditor", "GET", "/api/v1/audit/integrity").json
            self.assertEqual((answer["whole"], answer["checked"], answer["first_bad"]), (False, 2, 3), answer)
            self.assertIn("3", answer["why"])


if __name__ == "__main__":
    main()
