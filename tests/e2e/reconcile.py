#!/usr/bin/python3
"""
Bank statements through the real daemon, by API and from a terminal: payments by
a fake provider are matched, what is not is a break, two persons resolve it,
suspense is cleared, and the checker agrees with every figure.

The journal is begun from tests/data/money/released.jsonl (payouts.py), in which
cai and qian are finance and shen audits.
"""
import csv
import io
import json
import os
import unittest
import urllib.parse
from datetime import datetime, timedelta, timezone

from payouts import FEN, REWARDS, Bank
from tipline import main, new_dir, tipctl, wait_for

LEDGER = "150600/anti-trafficking/2026"
BUDGET = 100000000
BEIJING = timezone(timedelta(hours=8))
PEOPLE = {"cai": "finance", "qian": "finance", "shen": "auditor", "han": "approver", "fang": "approver", "zhao": "approver"}


def day(back=0):
    return (datetime.now(BEIJING) - timedelta(days=back)).strftime("%Y-%m-%d")


def yuan(fen):
    return f"{fen // 100}.{fen % 100:02}"


class Office(unittest.TestCase):
    """One bank and one daemon for all; the tests of a class build on each other in order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.bank = Bank()
        cls.dir = new_dir()
        cls.daemon = cls.bank.daemon()
        cls.token_files = {}
        for name, role in PEOPLE.items():
            made = tipctl("token", "add", "--state", cls.daemon.state, "--person", name, "--role", role, "--region", "150600")
            assert made.returncode == 0, made.stderr
            cls.token_files[name] = os.path.join(cls.dir, name)
            with open(os.open(cls.token_files[name], os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
                f.write(made.stdout)
        cls.begin()
        cls.daemon.start()
        cls.keys = 0
        cls.lines = 0

    @classmethod
    def begin(cls):
        """Before the daemon pays anything."""

    @classmethod
    def tearDownClass(cls):
        cls.bank.close()

    # --- by API ---------------------------------------------------------------

    @classmethod
    def call(cls, who, method, path, body=None, kind="application/json", key=None):
        with open(cls.token_files[who], encoding="ascii") as f:
            headers = {"Authorization": "Bearer " + f.read().strip()}
        if method == "POST":
            cls.keys += 1
            headers |= {"Content-Type": kind, "Idempotency-Key": key or f"call-{cls.keys}"}
        if isinstance(body, dict):
            body = json.dumps(body)
        return cls.daemon.ask("staff", method, path, body.encode() if isinstance(body, str) else body, headers)

    def got(self, path, who="shen"):
        answer = self.call(who, "GET", path)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def upload(self, file, who="cai", **more):
        asked = {"account": "bank:main", "rail": "voucher", "ledger": LEDGER} | more
        return self.call(who, "POST", "/api/v1/statements?" + urllib.parse.urlencode(asked), file, "text/csv")

    # --- from a terminal ------------------------------------------------------

    def ctl(self, who, *words, status=0):
        done = tipctl(*words, "--server", self.daemon.ports["staff"], "--token-file", self.token_files[who])
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def told(self, who, *words, status=0):
        return json.loads(self.ctl(who, *words, "--json", status=status).stdout)

    # --- statements -----------------------------------------------------------

    @classmethod
    def line(cls, fen, instruction="", direction="debit", kind="payment", reference=""):
        cls.lines += 1
        return [f"L{cls.lines}", instruction, reference, direction, yuan(fen), kind]

    @staticmethod
    def statement(date, opening, lines, currency=None):
        closing = opening
        for _, _, _, direction, amount, _ in lines:
            closing += round(float(amount) * 100) * (1 if direction == "credit" else -1)
        if currency is not None:
            money = {"minor": 0, "currency": currency}
            return json.dumps({"account": "main", "date": date, "opening": money, "closing": money, "debits": money,
                               "credits": money, "count": 0, "lines": []}), 0
        out = io.StringIO()
        rows = csv.writer(out)
        rows.writerow("statement,account,date,sequence,opening,closing,count".split(","))
        rows.writerow(["statement", "main", date, "", yuan(opening), yuan(closing), len(lines)])
        rows.writerow("line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind".split(","))
        for name, instruction, reference, direction, amount, kind in lines:
            rows.writerow(["line", name, instruction, reference, direction, amount, date, kind])
        return out.getvalue(), closing

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def verify(self):
        """The independent checker on the live store, and on an export of it: the same."""
        live = tipctl("verify", "--store", self.bank.redis.address, "--json", "--quiet")
        self.assertEqual(live.returncode, 0, live.stdout + live.stderr)
        live = json.loads(live.stdout)["money"]
        path = os.path.join(self.dir, "journal.jsonl")
        out = tipctl("export", "--store", self.bank.redis.address, "--format", "jsonl", "--out", path)
        self.assertEqual(out.returncode, 0, out.stderr)
        filed = tipctl("verify", "--money", path, "--json", "--quiet")
        self.assertEqual(filed.returncode, 0, filed.stdout + filed.stderr)
        filed = json.loads(filed.stdout)
        self.assertEqual((live["records"], live["head"]), (filed["records"], filed["head"]))
        return live


class Reconcile(Office):
    def test_1_payments_are_matched(self):
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 30, "all are paid")
        attempts = self.bank.attempts()
        type(self).instructions = [instruction for _, instruction in attempts.values()]
        lines = [self.line(BUDGET, direction="credit", kind="other")] + [self.line(FEN, i) for i in self.instructions[:4]]
        text, type(self).closing = self.statement(day(1), 0, lines)
        self.assertEqual(self.upload(text, who="shen").status, 403)
        self.assertEqual(self.upload(text, ledger="110000/x/2026").code, "REGION")
        self.assertEqual(self.upload(text, account="main").code, "field_invalid")
        self.assertEqual(self.upload(text[:-10]).code, "statement_unreadable")
        self.assertEqual(self.upload(text, date=day(2)).code, "statement_unreadable")
        first = self.upload(text)
        self.assertEqual(first.status, 201, first)
        counts = first.json["statement"]
        self.assertEqual((counts["lines"], counts["matched"], counts["breaks"], counts["waiting"]), (5, 4, 1, 0))
        self.assertEqual([b["class"] for b in first.json["opened"]], ["R5"], "what came in has no payment of ours")
        type(self).funding = first.json["opened"][0]["id"]
        records = len(self.bank.records())
        for who in ("cai", "qian"):
            again = self.upload(text, who=who)
            self.assertEqual((again.status, again.json["known"]), (200, True))
        done = self.ctl("qian", "statement", "import", self.file("one.csv", text), "--account", "bank:main", "--rail", "voucher",
                        "--ledger", LEDGER)
        self.assertIn("imported before", done.stdout)
        self.assertEqual(len(self.bank.records()), records, "the same file changed nothing")
        self.verify()

    def test_2_another_file_for_the_day(self):
        text, _ = self.statement(day(1), 0, [self.line(BUDGET, direction="credit", kind="other")])
        for _ in range(2):
            refused = self.upload(text)
            self.assertEqual((refused.status, refused.code), (409, "STATEMENT_CHANGED"))
        self.assertEqual(self.upload(text, who="qian").status, 409)
        breaks = self.got("/api/v1/breaks?class=R10")["breaks"]
        self.assertEqual([b["about"] for b in breaks], [f"bank:main/{day(1)}"])
        foreign, _ = self.statement(day(3), 0, [], currency="USD")
        self.assertEqual(self.upload(foreign).code, "STATEMENT_FOREIGN")
        self.assertEqual(len(self.got("/api/v1/breaks?class=R9")["breaks"]), 1)
        self.assertEqual(len(self.got("/api/v1/statements")["statements"]), 1)

    def test_3_breaks_of_every_kind(self):
        """From the terminal: an amount that differs, a second debit, a stranger, a fee, and a day that does not follow."""
        self.assertGreater(self.closing, 0)
        lines = [self.line(FEN - 100, self.instructions[4]), self.line(FEN, self.instructions[0]), self.line(777, "Z" * 26),
                 self.line(100, kind="fee")]
        text, type(self).closing = self.statement(day(0), self.closing + 5000, lines)
        done = self.ctl("cai", "statement", "import", self.file("two.csv", text), "--account", "bank:main", "--rail", "voucher",
                        "--ledger", LEDGER, "--date", day(0), status=1)
        self.assertIn("4 lines, 0 matched, 4 breaks", done.stdout)
        whole = self.told("shen", "break", "list", "--break-state", "all")
        self.assertEqual(sorted(b["class"] for b in whole["breaks"]), ["R10", "R3", "R4", "R5", "R5", "R7", "R8", "R9"])
        self.assertEqual(whole["ages"]["R5"], {"0-1": 2, "2-3": 0, "4-7": 0, "8-30": 0, ">30": 0})
        self.assertEqual(len(self.told("shen", "break", "list", "--class", "R4")["breaks"]), 1)
        self.ctl("shen", "break", "list", "--class", "R11", status=1)
        rails = self.got("/api/v1/rails")["rails"]
        self.assertEqual([(r["rail"], r["held"], r["person"]) for r in rails], [("voucher", True, "system")])
        self.assertIn("R4 of", rails[0]["why"])
        self.assertIn("on hold", self.ctl("han", "rail", "list").stdout)
        self.ctl("qian", "rail", "lift", "voucher", "reason=looked at")
        self.assertIn("goes on", self.ctl("han", "rail", "list").stdout)
        shown = self.told("shen", "statement", "show", self.told("shen", "statement", "list")["statements"][0]["id"])
        self.assertEqual([line["state"] for line in shown["lines"]], ["break"] * 4)
        self.verify()

    def test_4_two_persons_resolve(self):
        for broken in self.got("/api/v1/breaks")["breaks"]:
            if broken["state"] != "open":
                refused = self.call("cai", "POST", f"/api/v1/breaks/{broken['id']}/resolve", {"reason": "x"})
                self.assertEqual(refused.code, "IN_SUSPENSE")
        changed = self.got("/api/v1/breaks?class=R10")["breaks"][0]["id"]
        path = f"/api/v1/breaks/{changed}/resolve"
        self.assertEqual(self.call("shen", "POST", path, {"reason": "sent twice"}).code, "role_needed")
        self.assertEqual(self.call("cai", "POST", path, {}).code, "MISSING_FIELD")
        vote = self.call("cai", "POST", path, {"reason": "sent twice"}, key="vote")
        self.assertEqual((vote.status, vote.json["act"], vote.json["break"]["state"]), (202, "break.resolve", "open"))
        self.assertEqual(self.call("cai", "POST", path, {"reason": "sent twice"}, key="vote").body, vote.body)
        alone = self.call("cai", "POST", path, {"reason": "sent twice"})
        self.assertEqual((alone.status, alone.code), (403, "SECOND_PERSON"))
        detail = self.got(f"/api/v1/breaks/{changed}")
        self.assertEqual([(v["act"], v["person"]) for v in detail["votes"]], [("break.resolve", "p-cai")])
        self.assertIn("p-cai wants break.resolve", self.ctl("qian", "break", "show", changed).stdout)
        self.ctl("qian", "break", "resolve", changed, "reason=sent twice")
        self.assertEqual(self.got(f"/api/v1/breaks/{changed}")["break"]["state"], "resolved")
        self.assertEqual(self.call("cai", "POST", path, {"reason": "sent twice"}).code, "RESOLVED")
        gap = self.got("/api/v1/breaks?class=R8")["breaks"][0]["id"]
        self.ctl("cai", "break", "resolve", gap, "reason=the bank corrected itself", status=3)
        self.ctl("cai", "break", "resolve", gap, "reason=the bank corrected itself", status=1)
        self.ctl("qian", "break", "resolve", gap, "reason=the bank corrected itself")

    def test_5_suspense_is_cleared(self):
        held = self.told("shen", "suspense", "list")
        self.assertEqual((held["debit_fen"], held["credit_fen"]), (FEN - 100 + FEN + 777 + 100, BUDGET))
        entry = next(r["entry"] for r in self.bank.records() if r["kind"] == "budget.receive")
        wrong = self.call("cai", "POST", f"/api/v1/suspense/{self.funding}/clear", {"entry": "L02:none:1", "reason": "x"})
        self.assertEqual((wrong.status, wrong.code), (409, "NOT_THAT"))
        words = ("suspense", "clear", self.funding, "entry=" + entry, "reason=this is the money of decision 3")
        self.ctl("cai", *words, status=3)
        self.ctl("cai", *words, status=1)
        done = self.ctl("qian", *words)
        self.assertIn("suspense.clear " + self.funding + ": cleared", done.stdout)
        self.ctl("cai", "break", "resolve", self.funding, "reason=funding", status=3)
        self.ctl("qian", "break", "resolve", self.funding, "reason=funding")
        self.assertEqual(self.told("shen", "suspense", "list")["credit_fen"], 0)

    def test_6_figures_are_the_checkers(self):
        """The summary against the ledger that hledger's export adds up, and against the live checker."""
        account = self.told("shen", "reconcile")["accounts"][0]
        self.assertEqual((account["account"], account["last_date"], account["closing"]), ("bank:main", day(0), self.closing))
        self.assertEqual((account["lines"], account["matched"], account["waiting"]), (9, 4, 0))
        self.assertEqual((account["unmatched"], account["unmatched_fen"]), (2, 2 * FEN))
        self.assertEqual(account["difference"], account["closing"] - account["ledger"])
        self.verify()
        path = os.path.join(self.dir, "table.csv")
        done = tipctl("export", "--store", self.bank.redis.address, "--format", "csv", "--out", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        balances = {}
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                if row["code"]:
                    key = (row["code"], row["detail"]) if row["code"] == "1010" else row["code"]
                    balances[key] = balances.get(key, 0) + int(row["fen"]) * (1 if row["side"] == "Dr" else -1)
        self.assertEqual(account["ledger"], balances[("1010", "main")])
        self.assertEqual(account["suspense_debit_fen"], balances["1310"])
        self.assertEqual(account["suspense_credit_fen"], -balances.get("2050", 0))
        text = self.ctl("shen", "reconcile", status=1).stdout
        self.assertIn(f"closing balance {yuan(self.closing)} yuan", text)

    def test_7_what_the_terminal_refuses(self):
        server = ("--server", self.daemon.ports["staff"])
        open_file = self.file("open", "x")
        os.chmod(open_file, 0o644)
        for words, status in ((("reward", "list"), 2), (("reward", "list", *server), 2),
                              (("reward", "list", *server, "--token-file", open_file), 2),
                              (("reward", "list", "--server", "198.51.100.7:80", "--token-file", self.token_files["cai"]), 2),
                              (("reward", "list", "--server", "127.0.0.1:1", "--token-file", self.token_files["cai"]), 4),
                              (("break", "list", "--class"), 2), (("reward", "fly", "R1"), 2), (("rail", "hold", "voucher"), 2)):
            done = tipctl(*words)
            self.assertEqual(done.returncode, status, (words, done.stderr))
        self.ctl("cai", "reward", "hold", "R19", "reason=x", status=1)
        self.ctl("shen", "reward", "hold", "R19", "nonsense", status=2)
        self.ctl("shen", "reward", "show", "R18", status=1)

    def test_8_rewards_from_the_terminal(self):
        rewards = self.told("shen", "reward", "list")["rewards"]
        self.assertEqual(len(rewards), REWARDS)
        self.assertEqual(self.told("shen", "reward", "list", "--reward-state", "DRAFT")["rewards"], [])
        self.assertEqual(len(self.told("shen", "reward", "list", "--case", "case-TIP3")["rewards"]), 1)
        self.assertEqual(self.ctl("shen", "reward", "list").stdout.count("8500.00"), REWARDS)
        shown = self.ctl("shen", "reward", "show", "R19").stdout
        for part in ("how the amount came about", "digest", "case-TIP0", "8500.00 yuan", "reward.release"):
            self.assertIn(part, shown)
        self.ctl("fang", "reward", "approve", "R19", "--yes", status=1)
        self.ctl("fang", "reward", "approve", "R19", "--yes", "--digest", "00000000", status=1)
        self.ctl("fang", "reward", "approve", "R19", status=1)


class Unknown(Office):
    """Nobody says whether these were paid, until the bank does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wait_for(lambda: cls.bank.count("UNKNOWN") == REWARDS, 40, "nobody knows")

    @classmethod
    def begin(cls):
        cls.bank.provider.tell("/fault", name="close_after", on="instruct", times=100)
        cls.bank.provider.tell("/fault", name="status", status=503, on="query", times=10000)

    def test_the_statement_settles_them(self):
        instructions = [instruction for _, instruction in self.bank.attempts().values()]
        text, _ = self.statement(day(1), BUDGET, [self.line(FEN, i) for i in instructions])
        counts = self.upload(text).json["statement"]
        self.assertEqual((counts["matched"], counts["breaks"]), (REWARDS, 0))
        self.assertEqual(self.bank.count("SUCCEEDED"), REWARDS)
        self.assertEqual({(p["state"], p["by"]) for p in self.got("/api/v1/payouts")["payouts"]}, {("SUCCEEDED", "statement")})
        self.assertEqual({s["times"] for s in self.bank.provider.sent().values()}, {1})
        self.assertEqual(self.got("/api/v1/reconciliation")["accounts"][0]["unmatched"], 0)
        self.verify()


if __name__ == "__main__":
    main()
