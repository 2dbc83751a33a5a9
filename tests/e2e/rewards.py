#!/usr/bin/python3
"""Rewards by API, with the real programs: from a tip to a claim that waits for its payment, and who may not."""
import json
import time
import unittest

from tipline import Daemon, in_threads, main, unknown_receipt, wait_for

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
PROGRAMME = "ordos-anti-trafficking"


def ledger():
    return f"/api/v1/ledger/150600/{PROGRAMME}/" + time.strftime("%Y", time.gmtime(time.time() + 8 * 3600))


class Rewards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("money.rails=voucher,wallet").start()
        cls.keys = 0
        wait_for(lambda: cls.call("finance", "GET", ledger()).status == 200, 20, "the demo has a budget")

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

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
        self.must("verifier", f"/api/v1/tips/{tip['id']}/close", {"outcome": "verified", "case": case, "bands": "victim_located"})
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
        wait_for(lambda: self.claim(tip["receipt"]).json["status"] == "open", 20, "it was published")
        return tip, path

    def test_the_story(self):
        before = self.call("finance", "GET", ledger()).json["available"]
        tip, path = self.approved("case-story")
        self.assertEqual(self.call("finance", "GET", ledger()).json["available"], before - 860000)
        status = self.claim(tip["receipt"]).json
        self.assertEqual((status["amount_fen"], status["may"]), (860000, ["claim", "decline"]))
        claimed = self.claim(tip["receipt"], action="claim", rail="wallet", nonce="n1", payee={"account": "oSECRET", "name": "张三"})
        self.assertEqual((claimed.status, claimed.json["status"], claimed.json["done"]), (200, "in_progress", True))
        early = self.call("finance", "POST", path + "/release", {"source": "bank:main"})
        self.assertEqual((early.status, early.code), (409, "COOLING"), "a payee cools for a day")
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
        self.assertNotIn("<script", page.text)
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


if __name__ == "__main__":
    main()
