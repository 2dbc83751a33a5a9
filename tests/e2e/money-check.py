#!/usr/bin/python3
"""tipctl verify and tipctl export, as an auditor uses them: on files, with nothing else running."""
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import unittest

from tipline import PATIENCE, main, new_dir, tipctl

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JOURNAL = os.path.join(ROOT, "tests/data/money.jsonl")
INVARIANTS = [f"I{n:02}" for n in range(1, 21)]


def records():
    with open(JOURNAL, encoding="utf-8") as f:
        return [line for line in f.read().splitlines() if not line.startswith('{"trailer"')]


def chained(lines):
    """The lines with prev and hash made anew, written by nothing of the program's own."""
    head, out = "0" * 64, []
    for line in lines:
        record = json.loads(line)
        del record["hash"]
        record["prev"] = head
        body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").replace("\x7f", "\\u007f")
        head = hashlib.sha256(body.encode()).hexdigest()
        out.append(body[:-1] + f',"hash":"{head}"}}')
    return out


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = new_dir()
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def verify(self, path, *options, status=0):
        done = tipctl("verify", "--money", path, "--json", "--quiet", *options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual([i["id"] for i in told["invariants"]], INVARIANTS)
        return {i["id"]: i for i in told["invariants"]} | {"all": told}

    def falsified(self, change, status=1):
        lines = records()
        change(lines)
        return self.verify(self.write("false.jsonl", "".join(line + "\n" for line in chained(lines))), status=status)


class Verify(Case):
    def test_a_good_journal(self):
        told = self.verify(JOURNAL)
        self.assertTrue(told["all"]["ok"])
        self.assertEqual(told["all"]["records"], len(records()))
        self.assertEqual({i for i in INVARIANTS if told[i]["result"] == "not_checked"}, {"I09", "I20"})
        done = tipctl("verify", "--money", JOURNAL)
        self.assertEqual(done.returncode, 0)
        self.assertIn("I13 ok\n", done.stdout)
        self.assertIn("records, ", done.stderr)

    def test_chained_by_another_hand_it_is_the_same(self):
        self.assertEqual(chained(records()), records())

    def test_falsified_and_chained_anew(self):
        def where(text, lines):
            return next(i for i, line in enumerate(lines) if text in line)

        def replace(text, old, new):
            def change(lines):
                self.at = where(text, lines) + 1
                self.assertIn(old, lines[self.at - 1])
                lines[self.at - 1] = lines[self.at - 1].replace(old, new)
            return change

        for invariant, change in (
                ("I01", replace('"budget.receive"', '"Dr","9000000"', '"Dr","9000001"')),
                ("I02", replace('"budget.fund"', "1000000", "9100000")),
                ("I04", replace('"L03:', '"850000"', '"860000"')),
                ("I05", replace('"attempt.start"', '"850000"', '"860000"')),
                ("I07", replace('"L06:', '-1","Dr"', '-2","Dr"')),
                ("I10", replace('"reward.approve"', '"p-han","account":"han"', '"p-lin","account":"lin"')),
                ("I11", replace('"reward.propose"', '"fen":"850000"', '"fen":"860000"')),
                ("I12", replace('"reward.claim"', '"to":"CLAIMED"', '"to":"PAID"')),
                ("I17", replace('"budget.appropriate"', "decision 3 of 2026", "13912345678")),
                ("I18", replace('"reward.publish"', '"deadline":"17', '"deadline":"18'))):
            with self.subTest(invariant):
                told = self.falsified(change)
                self.assertEqual((told[invariant]["result"], told[invariant].get("seq")), ("broken", self.at))
                self.assertTrue(told[invariant]["why"])

    def test_a_record_left_out(self):
        lines = records()
        del lines[40]
        told = self.verify(self.write("gap.jsonl", "\n".join(chained(lines)) + "\n"), status=1)
        self.assertEqual(told["I13"]["seq"], 42)

    def test_heads_that_were_published(self):
        heads = [json.loads(line)["hash"] for line in records()]
        good = self.write("heads", f"# anchors\n10 {heads[9]}\n60 {heads[59]}\n")
        self.verify(JOURNAL, "--heads", good)
        told = self.verify(JOURNAL, "--heads", self.write("bad", f"10 {heads[9]}\n60 {heads[58]}\n"), status=1)
        self.assertEqual(told["I13"]["seq"], 60)
        self.assertEqual(tipctl("verify", "--money", JOURNAL, "--heads", self.write("none", "ten\n")).returncode, 2)

    def test_policies_and_instruction_key_of_the_auditor(self):
        text = next(json.loads(line)["data"]["text"] for line in records() if '"policy.draft"' in line)
        os.mkdir(self.path("policies"))
        self.write("policies/other.json", text + " ")
        told = self.verify(JOURNAL, "--policy", self.path("policies"), status=1)
        self.assertEqual(told["I11"]["result"], "broken")
        self.write("policies/p.json", text)
        self.verify(JOURNAL, "--policy", self.path("policies"))
        key = self.write("key", b"a key that none but tests use...".hex() + "\n")
        self.assertEqual(self.verify(JOURNAL, "--instruction-key", key)["I20"]["result"], "ok")
        key = self.write("key", "00" * 32)
        self.assertEqual(self.verify(JOURNAL, "--instruction-key", key, status=1)["I20"]["result"], "broken")

    def test_wrong_use(self):
        for arguments in ((), ("--money",), ("--money", self.path("none")), ("--money", JOURNAL, "x"),
                          ("--money", JOURNAL, "--policy", self.path("none")), ("--money", JOURNAL, "--signer", "x")):
            done = tipctl("verify", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr)


class Export(Case):
    def export(self, form, *options, name=None, status=0):
        path = self.path(name or "out." + form)
        done = tipctl("export", "--money", JOURNAL, "--format", form, "--out", path, *options)
        self.assertEqual(done.returncode, status, done.stderr)
        if status == 0:
            with open(path, "rb") as f:
                content = f.read()
            self.assertIn("sha256  " + hashlib.sha256(content).hexdigest(), done.stdout)
            return content, done.stdout
        return None, done.stderr

    def test_the_same_bytes_again(self):
        for form in ("jsonl", "csv", "hledger"):
            self.assertEqual(self.export(form)[0], self.export(form, name="again")[0])

    def test_jsonl_signed(self):
        key = self.write("sign.key", "5a" * 32 + "\n")
        os.chmod(key, 0o600)
        content, told = self.export("jsonl", "--key", key)
        self.assertIn("filter  all\n", told)
        trailer = json.loads(content.splitlines()[-1])
        self.verify(self.path("out.jsonl"), "--signer", trailer["signer"])
        self.verify(self.path("out.jsonl"), "--signer", "00" * 32, status=1)
        self.verify(JOURNAL, "--signer", trailer["signer"], status=1)
        broken = content.replace(b'"count":"', b'"count":"1')
        with open(self.path("broken"), "wb") as f:
            f.write(broken)
        self.assertEqual(self.verify(self.path("broken"), status=1)["I16"]["result"], "broken")
        os.chmod(key, 0o644)
        self.export("jsonl", "--key", key, status=1)

    def test_empty_and_part(self):
        key = self.write("sign.key", "5a" * 32 + "\n")
        os.chmod(key, 0o600)
        content, told = self.export("jsonl", "--subject", "R999", "--key", key)
        self.assertIn("records 0\n", told)
        self.assertIn("filter  subject=R999\n", told)
        self.assertEqual(json.loads(content)["count"], "0")
        self.assertIn("signature", json.loads(content))
        content, told = self.export("csv", "--from", "3", "--to", "5", "--key", key)
        self.assertEqual(content.count(b"\r\n"), 4)
        with open(self.path("out.csv.sum"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["sha256"], hashlib.sha256(content).hexdigest())

    def test_csv_is_what_the_journal_says(self):
        content, _ = self.export("csv", "--bom")
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        legs = [(str(r["seq"]), *leg) for r in map(json.loads, records()) for leg in r.get("legs", [])]
        self.assertEqual([(r["seq"], r["book"], r["code"], r["detail"], r["side"], r["fen"]) for r in rows if r["fen"]], legs)
        for row in rows:
            self.assertTrue(not row["fen"] or row["yuan"] == f"{int(row['fen']) // 100}.{int(row['fen']) % 100:02}")
            self.assertFalse(any((value or "")[:1] in "=+-@\t\r" for value in row.values() if value))

    def test_a_changed_journal_is_not_exported(self):
        with open(JOURNAL, encoding="utf-8") as f:
            text = f.read().replace("decision 3", "decision 4")
        done = tipctl("export", "--money", self.write("changed", text), "--format", "csv", "--out", self.path("out"))
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.path("out")))
        self.assertFalse(os.path.exists(self.path("out.part")))

    def test_wrong_use(self):
        for arguments in ((), ("--money", JOURNAL), ("--money", JOURNAL, "--format", "xls", "--out", self.path("x")),
                          ("--money", JOURNAL, "--format", "hledger", "--out", self.path("x"), "--subject", "R1"),
                          ("--money", JOURNAL, "--format", "csv", "--out", self.path("x"), "--from", "0")):
            self.assertEqual(tipctl("export", *arguments).returncode, 2, arguments)


@unittest.skipUnless(shutil.which("hledger"), "hledger is not installed: nothing else reads the exported journal")
class Hledger(Case):
    def hledger(self, text, *arguments):
        path = self.write("money.journal", text)
        return subprocess.run(["hledger", "-f", path, *arguments], capture_output=True, text=True, timeout=60 * PATIENCE,
                              env={"LANG": "C.UTF-8", "PATH": os.environ["PATH"]}, check=False)

    def text(self):
        done = tipctl("export", "--money", JOURNAL, "--format", "hledger", "--out", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_it_agrees(self):
        done = self.hledger(self.text(), "check", "-s", "ordereddates")
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_it_comes_to_the_same_balances(self):
        sums = {}
        for record in map(json.loads, records()):
            for book, code, detail, side, fen in record.get("legs", []):
                key = (book, code, detail)
                sums[key] = sums.get(key, 0) + (int(fen) if side == "Dr" else -int(fen))
        done = self.hledger(self.text(), "balance", "-E", "--flat", "-N", "-O", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = {}
        for name, amount in list(csv.reader(io.StringIO(done.stdout)))[1:]:
            _, book, rest = name.split(":", 2)
            code, _, account = rest.partition(" ")
            detail = account.partition(":")[2]
            if account.startswith("receivable:"):
                detail = detail.partition(":")[2]
            told[(book, code, detail)] = round(float(amount.split()[0]) * 100) if amount != "0" else 0
        self.assertEqual({k: v for k, v in sums.items() if v}, {k: v for k, v in told.items() if v})

    def test_it_sees_what_was_changed(self):
        text = self.text()
        for old, new in (("-8500.00 CNY = ", "-8400.00 CNY = "), ("account FIN:", "; account FIN:")):
            self.assertNotEqual(self.hledger(text.replace(old, new, 1), "check", "-s", "ordereddates").returncode, 0, old)


main()
