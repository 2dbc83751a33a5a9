#!/usr/bin/python3
"""Rewards by API, with the real programs: from a tip to a claim that waits for its payment, and who may not."""
import json
import os
import shutil
import statistics
import subprocess
import time
import unittest

from tipline import ROOT, Daemon, in_threads, main, new_dir, unknown_receipt, wait_for

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
PROGRAMME = "ordos-anti-trafficking"


def ledger():
    return f"/api/v1/ledger/150600/{PROGRAMME}/" + time.strftime("%Y", time.gmtime(time.time() + 8 * 3600))


class Office(unittest.TestCase):
    """Staff at work; no tests of its own."""

    @classmethod
    def call(cls, role, method, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {cls.d.token(role)}", "Content-Type": "application/json"}
        if method == "POST":
            cls.keys += 1
            headers["Idempotency-Key"] = key or f"k-{cls.keys}"
        return cls.d.ask("staff", method, path, None if body is None else json.dumps(body).encode(), headers)

    def must(self, role, path, body, status=200):
        answer = self.call(role, "POST", path, body)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def claim(self, receipt, **more):
        return self.d.api("/api/v1/claims", json.dumps(dict(more, receipt=receipt)).encode())

    def verified(self, case):
        """A tip that an officer closed as verified; it is a fact of the case without anybody writing it twice."""
        tip = self.d.tip(TEXT + case)
        self.call("verifier", "POST", "/api/v1/queues/150602/claim", {"max": 100})
        self.must("verifier", f"/api/v1/tips/{tip['id']}/close", {"outcome": "verified", "note": "x", "case": case, "bands": "victim_located"})
        return tip

    def proposed(self, case):
        tip = self.verified(case)
        wish = {"case": case, "tip": tip["id"], "programme": PROGRAMME, "external_award": 0,
                "factors": [tip["id"] + " specificity=2"]}

        def propose():
            answer = self.call("proposer", "POST", "/api/v1/rewards", wish, key="p-" + case)
            return answer if answer.status != 409 else None
        answer = wait_for(propose, 20, "the courier told the money journal of the case")
        self.assertEqual(answer.status, 201, answer)
        return tip, answer.json["reward"]

    def approved(self, case):
        tip, reward = self.proposed(case)
        path = f"/api/v1/rewards/{reward['id']}"
        digest = self.must("proposer", path + "/submit", {})["reward"]["digest"]
        self.must("approver", path + "/approve", {"digest": digest})
        wait_for(lambda: self.claim(tip["receipt"]).json.get("status") == "open", 20, "it was published")
        return tip, path


class Rewards(Office):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("money.rails=voucher,wallet").start()
        cls.keys = 0
        wait_for(lambda: cls.call("finance", "GET", ledger()).status == 200, 20, "the demo has a budget")

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def test_the_story(self):
        before = self.call("finance", "GET", ledger()).json["available"]
        tip, path = self.approved("case-story")
        self.assertEqual(self.call("finance", "GET", ledger()).json["available"], before - 860000)
        status = self.claim(tip["receipt"]).json
        self.assertEqual((status["amount_fen"], status["may"]), (860000, ["claim", "decline"]))
        claimed = self.claim(tip["receipt"], action="claim", rail="wallet", nonce="n1", payee={"account": "oSECRET", "name": "张三"})
        self.assertEqual((claimed.status, claimed.json["status"], claimed.json["done"]), (200, "in_progress", True))
        whole = self.call("auditor", "GET", path).json
        self.assertEqual([a["title"] for a in whole["approvals"]], ["approver"])
        self.assertEqual([p["entry"][:4] for p in whole["postings"]], ["L03:"])
        self.assertTrue(whole["proposal"]["trace"])
        self.assertEqual([t["kind"] for t in whole["timeline"]],
                         ["case.verified", "reward.propose", "reward.submit", "reward.approve", "reward.publish", "reward.claim"])
        self.assertEqual(sorted(t["seq"] for t in whole["timeline"]), [t["seq"] for t in whole["timeline"]])
        token = self.call("finance", "GET", path).json["reward"]["claimant"]
        self.assertNotEqual(whole["reward"]["claimant"], token)
        self.assertNotIn(token, json.dumps(whole))
        leaked = [p for p, data in self.d.files() if b"oSECRET" in data or tip["receipt"].encode() in data]
        self.assertEqual(leaked, [])

    def test_a_demo_reward_is_paid_in_minutes(self):
        """README's walk, to the last call: the demo's payee does not cool, and two of finance release."""
        tip, path = self.approved("case-paid")
        self.assertEqual(self.claim(tip["receipt"], action="claim", rail="voucher", nonce="v1").json["status"], "in_progress")
        first = self.must("finance", path + "/release", {"source": "cash:demo"}, status=202)
        self.assertEqual(first["reward"]["state"], "CLAIMED", "one person alone releases nothing of that size")
        self.assertEqual(self.must("finance-2", path + "/release", {"source": "cash:demo"})["reward"]["state"], "RELEASED")
        voucher = wait_for(lambda: self.claim(tip["receipt"]).json.get("voucher"), 20, "the voucher is made")
        shown = self.must("cashier", "/api/v1/counter/vouchers/lookup", voucher)
        self.assertEqual(shown["amount_fen"], 860000)
        self.must("cashier", "/api/v1/counter/vouchers/redeem", dict(voucher, amount_fen=860000))
        self.assertEqual(self.call("auditor", "GET", path).json["reward"]["state"], "PAID")

    def test_nothing_is_told_of_nothing(self):
        tip = self.verified("case-nothing")
        _, reward = self.proposed("case-nothing-2")
        self.assertEqual(reward["state"], "DRAFT")
        answers = {self.claim(code).body for code in (tip["receipt"], unknown_receipt(), unknown_receipt("11"))}
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.claim("1").code, "wrong_length")

    def test_same_key_same_answer_even_after_a_kill(self):
        body = {"fen": 12300, "account": "bank:main"}
        first = self.call("finance", "POST", ledger() + "/receive", body, key="twice")
        again = self.call("finance", "POST", ledger() + "/receive", body, key="twice")
        self.assertEqual((first.status, first.body), (again.status, again.body))
        other = self.call("finance", "POST", ledger() + "/receive", dict(body, fen=1), key="twice")
        self.assertEqual((other.status, other.code), (422, "KEY_MISMATCH"))
        self.d.kill()
        self.d.restart()
        wait_for(lambda: self.call("finance", "GET", ledger()).status == 200, 20, "the journal was read")
        again = wait_for(lambda: (lambda a: a if a.status != 503 else None)(
            self.call("finance", "POST", ledger() + "/receive", body, key="twice")), 20, "the treasury is ready")
        self.assertEqual((first.status, first.body), (again.status, again.body))

    def test_one_of_many_at_once(self):
        body = {"fen": 100, "account": "bank:main"}
        before = self.call("finance", "GET", ledger()).json["sums"]["FIN"]["debits"]
        answers = in_threads(8, lambda i: self.call("finance", "POST", ledger() + "/receive", body, key="together"))
        self.assertEqual({a.status for a in answers}, {200}, answers)
        self.assertEqual(len({a.body for a in answers}), 1)
        self.assertEqual(self.call("finance", "GET", ledger()).json["sums"]["FIN"]["debits"], before + 100)

    def test_who_may_not(self):
        tip, reward = self.proposed("case-who")
        path = f"/api/v1/rewards/{reward['id']}"
        for role, action, body, status, code in (
                ("officer", "submit", {}, 403, "role_needed"), ("approver", "submit", {}, 403, "ROLE"),
                ("approver", "approve", {"digest": "0" * 64}, 409, "ILLEGAL_TRANSITION"), ("proposer", "fly", {}, 404, "no_such_action"),
                ("proposer", "publish", {}, 404, "no_such_action"), ("proposer", "submit", {"x": 1}, 400, "UNKNOWN_FIELD")):
            answer = self.call(role, "POST", path + "/" + action, body)
            self.assertEqual((answer.status, answer.code), (status, code), (role, action))
        wish = {"case": "case-who", "tip": tip["id"], "programme": PROGRAMME, "external_award": 0, "claimant": "c-me"}
        self.assertEqual(self.call("proposer", "POST", "/api/v1/rewards", wish).json["field"], "claimant")
        self.assertEqual(self.call("proposer", "POST", "/api/v1/rewards", {k: v for k, v in wish.items() if k != "claimant"}).code,
                         "REWARD_EXISTS")

    def test_the_page_without_scripts(self):
        tip, path = self.approved("case-page")
        asked = self.d.form("/receipt", {"code": tip["receipt"], "lang": "en"})
        self.assertIn('action="/claims"', asked.text)
        page = self.d.form("/claims", {"code": tip["receipt"], "lang": "en"})
        self.assertIn("8600.00 yuan", page.text)
        self.assertEqual(page.text.count("<script"), page.text.count('<script src="/exit.js" defer></script>'), "only the way out")
        done = self.d.form("/claims", {"code": tip["receipt"], "lang": "zh-CN", "action": "claim", "rail": "voucher", "nonce": "p1"})
        self.assertIn("正在办理", done.text)
        self.assertEqual(self.call("finance", "GET", path).json["reward"]["rail"], "voucher")

    def test_as_it_was(self):
        journal = self.call("auditor", "GET", "/api/v1/money/journal?max=500").json
        self.assertEqual([r["seq"] for r in journal["records"]], [str(i + 1) for i in range(len(journal["records"]))])
        for first, second in zip(journal["records"], journal["records"][1:]):
            self.assertEqual(second["prev"], first["hash"])
        then = next(r for r in journal["records"] if r["kind"] == "budget.appropriate")
        was = self.call("finance", "GET", ledger() + f"?seq={then['seq']}").json
        self.assertEqual((was["head"], was["authorised"], was["sums"]["FIN"]["debits"]), (then["hash"], 10000000, 0))


class BySms(Office):
    """Claims by SMS, through the gateway's HTTP form; what is sent goes to a receiver that keeps it."""

    @classmethod
    def setUpClass(cls):
        cls.dir = new_dir("tipline-c-")
        cls.sent = os.path.join(cls.dir, "sent.jsonl")
        cls.sink = subprocess.Popen([os.path.join(ROOT, "tests/support/sms_sink.py"), cls.sent, "--answers", "202"],
                                    stdout=subprocess.PIPE, text=True)
        url = f"http://127.0.0.1:{cls.sink.stdout.readline().strip()}/cgi-bin/sendsms"
        gateway = {"driver": "kannel", "secret": "s3cr3t-0123456789", "send_url": url, "send_user": "tip", "send_password": "pass",
                   "sender": "106900"}
        cls.d = Daemon(*(f"sms.gateways.kannel.{k}={v}" for k, v in gateway.items()), "sms.parts_timeout_s=5").start()
        cls.keys = cls.senders = 0
        wait_for(lambda: cls.call("finance", "GET", ledger()).status == 200, 20, "the demo has a budget")

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.sink.terminate()
        cls.sink.wait()
        cls.sink.stdout.close()
        shutil.rmtree(cls.dir, ignore_errors=True)

    def sender(self):
        """Each test has telephones of its own: a telephone gets five answers a day."""
        type(self).senders += 1
        return f"+861380013{self.senders:04}"

    def sms(self, text, sender, key=None, udh="", charset="UTF-8"):
        type(self).keys += 1
        fields = {"X-Kannel-From": sender, "X-Kannel-To": "106900", "X-Kannel-Coding": "2", "X-Tipline-Token": "s3cr3t-0123456789",
                  "Content-Type": f"text/plain; charset={charset}"}
        if udh:
            fields["X-Kannel-UDH"] = "".join(f"%{b:02X}" for b in bytes.fromhex(udh))
        body = text if isinstance(text, bytes) else text.encode()
        answer = self.d.ask("public", "POST", f"/sms/kannel?id={key or f'm-{self.keys}'}&ts=2026-11-21+10:00:00", body, fields)
        self.assertEqual((answer.status, answer.body), (200, b""))

    def answers(self, sender):
        """Texts that were sent to this telephone, in order."""
        found = []
        if not os.path.exists(self.sent):
            return found
        with open(self.sent, encoding="ascii") as f:
            for line in f:
                head, _, body = bytes.fromhex(json.loads(line)["request"]).partition(b"\r\n\r\n")
                if b"X-Kannel-To: " + sender.encode() + b"\r\n" in head + b"\r\n":
                    found.append(body.decode())
        return found

    def answer(self, sender, n=1):
        return wait_for(lambda: (lambda a: a[n - 1] if len(a) >= n else None)(self.answers(sender)), 40, "an answer is sent")

    def test_status_and_claim(self):
        tip, path = self.approved("sms-story")
        sender, code = self.sender(), tip["receipt"]
        self.sms("查询 " + " ".join(code[i:i + 4] for i in range(0, 24, 4)), sender)
        self.assertIn("可以办理", self.answer(sender))
        for _ in range(3):
            self.sms("领取" + code, sender, key="claim-once")
        self.assertIn("正在办理", self.answer(sender, 2))
        reward = self.call("finance", "GET", path).json["reward"]
        self.assertEqual((reward["state"], reward["rail"]), ("CLAIMED", "voucher"))
        whole = self.call("auditor", "GET", path).json
        self.assertEqual([t["kind"] for t in whole["timeline"]].count("reward.claim"), 1)
        self.sms("查询" + code, sender, key="claim-after")
        self.answer(sender, 3)
        self.assertEqual(len(self.answers(sender)), 3, "a repetition has no answer of its own")
        for text in self.answers(sender):
            self.assertNotRegex(text, "举报|奖|警|元|8600|" + code)

    def test_with_a_restart_between_it_is_claimed_once(self):
        tip, path = self.approved("sms-kill")
        sender = self.sender()
        self.sms("领取" + tip["receipt"], sender, key="before-kill")
        self.assertIn("正在办理", self.answer(sender))
        wait_for(lambda: int(self.d.redis("hlen", "{00}:outbox")) == 0, 20, "the courier told of it")
        self.d.kill()
        self.d.restart()
        wait_for(lambda: self.call("finance", "GET", path).status == 200, 20, "the journal was read")
        self.sms("领取" + tip["receipt"], sender, key="before-kill")
        self.sms("查询" + tip["receipt"], sender, key="after-kill")
        self.answer(sender, 2)
        self.assertEqual(len(self.answers(sender)), 2)
        timeline = self.call("auditor", "GET", path).json["timeline"]
        self.assertEqual([t["kind"] for t in timeline].count("reward.claim"), 1)

    def test_nothing_is_told_of_nothing(self):
        tip = self.verified("sms-nothing")
        slip = tip["receipt"][:-1] + str((int(tip["receipt"][-1]) + 1) % 10)
        told = set()
        for code in (tip["receipt"], unknown_receipt(), unknown_receipt("11"), slip):
            sender = self.sender()
            self.sms("领取 " + code, sender)
            told.add(self.answer(sender))
        self.assertEqual(len(told), 1, told)

    def test_in_parts(self):
        tip, path = self.approved("sms-parts")
        sender = self.sender()
        text = "领取 " + tip["receipt"]
        for number, half in ((2, text[14:]), (1, text[:14]), (2, text[14:])):
            self.sms(half.encode("utf-16-be"), sender, udh=f"05000377" f"02{number:02x}", charset="UTF-16BE")
        self.assertIn("正在办理", self.answer(sender))
        self.assertEqual(self.call("finance", "GET", path).json["reward"]["state"], "CLAIMED")

    def test_what_becomes_a_tip(self):
        tip, _ = self.approved("sms-tips")
        code, sender = tip["receipt"], self.sender()
        story = "东胜区三号楼昨晚又有人把孩子带进去了，车牌蒙KA7777"
        self.sms("领取 " + code + " " + story, sender)
        self.answer(sender)
        self.sms("卡号 1234 5678 9012 3456 7890 1234 在墙上写着，孩子在东胜区", self.sender())
        texts = []

        def both():
            texts.extend(t["text"] for t in self.d.claim(role="verifier", max=100) if "墙上" in t["text"] or "三号楼" in t["text"])
            return len(texts) == 2
        wait_for(both, 20, "both are tips")
        self.assertTrue(any("1234 5678 9012 3456 7890 1234" in t for t in texts))
        self.assertTrue(any(story in t and code not in t for t in texts))

    def test_the_code_is_kept_nowhere(self):
        tip, _ = self.approved("sms-secret")
        sender = self.sender()
        self.sms("领取 " + tip["receipt"], sender)
        self.answer(sender)
        self.assertEqual([p for p, data in self.d.files() if tip["receipt"].encode() in data or sender.encode() in data], [])
        logs = self.d.all_logs()
        self.assertNotIn(tip["receipt"].encode(), logs)
        self.assertNotIn(sender.encode(), logs)
        seen = json.dumps(self.call("verifier", "POST", "/api/v1/queues/000000/claim", {"max": 100}).json, ensure_ascii=False)
        self.assertNotIn(tip["receipt"], seen)


class Equal(unittest.TestCase):
    """Wrong number, wrong secret, not decided, no reward: equal bytes, and times that differ by noise alone."""

    def test_bytes_and_times(self):
        with Daemon("money.rails=voucher") as d:
            undecided = d.tip(TEXT + "equal")["receipt"]
            codes = {"undecided": undecided, "wrong": unknown_receipt(), "elsewhere": unknown_receipt("11"),
                     "other": unknown_receipt()}

            def claim(code, action):
                body = {"receipt": code, "action": action, "rail": "voucher", "nonce": "n"}
                return d.api("/api/v1/claims", json.dumps(body).encode())
            wait_for(lambda: claim(undecided, "look").status == 200, 20, "the journal was read")
            times = {(name, action): [] for name in codes for action in ("look", "claim")}
            said, pages = set(), set()
            for _ in range(60):
                for name, code in codes.items():
                    for action in ("look", "claim"):
                        began = time.perf_counter()
                        said.add(claim(code, action).body)
                        times[name, action].append(time.perf_counter() - began)
            for code in codes.values():
                page = d.form("/claims", {"code": code, "lang": "en"})
                pages.add((page.status, len(page.body)))
            self.assertEqual(len(said), 1)
            self.assertEqual(len(pages), 1)
            for action in ("look", "claim"):
                medians = [statistics.median(times[name, action]) for name in codes]
                self.assertLess(max(medians) - min(medians), max(0.003, 0.5 * min(medians)), medians)


class Limited(unittest.TestCase):
    def test_wrong_codes_are_slowed(self):
        with Daemon(limits=True) as d:
            def claim(code):
                return d.api("/api/v1/claims", json.dumps({"receipt": code}).encode())

            wait_for(lambda: claim(unknown_receipt()).status != 503, 20, "the journal was read")
            answers = [claim(unknown_receipt()) for _ in range(20)]
            self.assertEqual({a.status for a in answers}, {200, 429})
            slowed = [a for a in answers if a.status == 429][0]
            self.assertEqual(slowed.code, "too_many_tries")
            self.assertGreater(int(slowed.headers["Retry-After"]), 0)

    def test_a_restart_forgets_no_failure(self):
        with Daemon(limits=True) as d:
            code = unknown_receipt()

            def claim():
                return d.api("/api/v1/claims", json.dumps({"receipt": code}).encode())
            wait_for(lambda: claim().status != 503, 20, "the journal was read")
            while claim().status == 200:
                pass
            d.kill()
            d.restart()
            wait_for(lambda: claim().status != 503, 20, "the journal was read")
            passed = sum(claim().status == 200 for _ in range(4))
            self.assertLessEqual(passed, 1, "the free ones are used up: each has to wait for seconds by now")


if __name__ == "__main__":
    main()
