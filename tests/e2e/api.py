#!/usr/bin/python3
"""The public API: tips as JSON, repeated requests, receipts, supplements, promises."""
import json
import os
import unittest

from tipline import Daemon, in_threads, main, unknown_receipt

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"


class Tips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("claim.wait_max_s=20").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def problem(self, answer, status, code, field=None):
        self.assertEqual((answer.status, answer.type), (status, "application/problem+json"), answer)
        body = answer.json
        self.assertEqual((body["status"], body["code"], body.get("field")), (status, code, field))
        self.assertTrue(body["title"] and body["type"] and body["detail"])

    def test_a_tip(self):
        answer = self.d.send(TEXT, place="汽车站北门", when="昨天下午三点", category="child", contact="13800138000")
        self.assertEqual((answer.status, answer.type), (201, "application/json"))
        tip = answer.json
        self.assertEqual(len(tip["receipt"]), 24)
        self.assertEqual(int(tip["receipt"]) % 97, 1)
        self.assertEqual(tip["receipt"][:2], tip["id"][:2])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        status = self.d.receipt(tip["receipt"]).json
        self.assertEqual((status["id"], status["state"], status["may_write"], status["messages"]),
                         (tip["id"], "queued", True, []))

    def test_same_key_same_answer_byte_for_byte(self):
        first = self.d.send(TEXT, key="k-1")
        again = [self.d.send(TEXT, key="k-1") for _ in range(3)]
        self.assertEqual(first.status, 201)
        for answer in again:
            self.assertEqual((answer.status, answer.body), (201, first.body))

    def test_same_key_at_the_same_time(self):
        for round_ in range(5):
            answers = in_threads(8, lambda i, r=round_: self.d.send(TEXT, key=f"k-together-{r}"))
            self.assertEqual({a.status for a in answers}, {201}, answers)
            self.assertEqual(len({a.body for a in answers}), 1)

    def test_same_key_for_other_content(self):
        self.assertEqual(self.d.send(TEXT, key="k-2").status, 201)
        self.problem(self.d.send(TEXT + "！", key="k-2"), 422, "key_reused")
        self.problem(self.d.send(TEXT, key="k-2", place="别处"), 422, "key_reused")
        self.problem(self.d.send("北京市朝阳区有人贩卖儿童", key="k-2"), 422, "key_reused")

    def test_without_a_key_each_is_a_tip(self):
        self.assertNotEqual(self.d.tip(TEXT)["receipt"], self.d.tip(TEXT)["receipt"])

    def test_bad_keys(self):
        self.problem(self.d.send(TEXT, key="k" * 256), 400, "key_invalid", "Idempotency-Key")
        self.problem(self.d.send(TEXT, key="two words"), 400, "key_invalid", "Idempotency-Key")

    def test_answer_survives_kill_and_restart(self):
        first = self.d.send(TEXT, key="k-restart")
        self.d.kill()
        self.d.restart()
        again = self.d.send(TEXT, key="k-restart")
        self.assertEqual((again.status, again.body), (201, first.body))
        self.problem(self.d.send(TEXT + "！", key="k-restart"), 422, "key_reused")
        self.assertEqual(self.d.receipt(first.json["receipt"]).json["id"], first.json["id"])

    def test_bad_json(self):
        for body in (b"", b"{", b"[]", b'"text"', b'{"text":"a","text":"b"}', b'{"text":"\xff\xfe"}', b'{"text":"a"} x',
                     b"[" * 5000, b'{"a":' * 3000):
            self.problem(self.d.api("/api/v1/tips", body), 400, "not_json")

    def test_wrong_type_names_the_field(self):
        for field in ("text", "region", "place", "when", "category", "lang", "contact"):
            for value in (1, True, [], {}, 1.5):
                self.problem(self.d.api("/api/v1/tips", {"text": TEXT, field: value}), 400, "field_invalid", field)
        self.assertEqual(self.d.send(TEXT, place=None, unknown_member=5).status, 201)

    def test_missing_and_long_texts(self):
        for value in ({}, {"text": None}, {"text": ""}, {"text": " \n\t"}):
            self.problem(self.d.api("/api/v1/tips", value), 400, "missing", "text")
        self.problem(self.d.send("线" * 5462), 413, "too_long", "text")
        self.assertEqual(self.d.send("线" * 5461).status, 201)
        self.problem(self.d.send(TEXT, place="x" * 501), 400, "too_long", "place")

    def test_large_bodies(self):
        self.assertEqual(self.d.send("x" * 70000).status, 413)

    def test_not_utf8(self):
        answer = self.d.ask("public", "POST", "/api/v1/tips", b"text=%ff%fe",
                            {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(answer.status, 400)
        self.assertEqual(self.d.api("/api/v1/tips", b'{"text":"a\\ud800b"}').status, 400)
        self.assertEqual(self.d.api("/api/v1/tips", b'{"text":"a\\u0000b"}').status, 400)

    def test_regions(self):
        self.assertEqual(self.d.send(TEXT, region="150602").status, 201)
        self.problem(self.d.send(TEXT, region="990000"), 400, "no_such_region", "region")
        self.problem(self.d.send(TEXT, region="15"), 400, "not_six_digits", "region")
        self.problem(self.d.send(TEXT, region="abcdef"), 400, "not_six_digits", "region")
        self.assertEqual(self.d.send("没有地名的一句话", region="110105").json["id"][:2], "11")

    def test_media_types(self):
        answer = self.d.ask("public", "POST", "/api/v1/tips", b"<tip/>", {"Content-Type": "text/xml"})
        self.problem(answer, 415, "media_type_unknown")
        answer = self.d.ask("public", "GET", "/api/v1/tips")
        self.problem(answer, 405, "method_not_allowed")
        self.assertIn("POST", answer.headers.get("Allow", ""))
        self.problem(self.d.ask("public", "GET", "/api/v1/nothing"), 404, "not_found")

    def test_code_in_text_is_refused(self):
        code = self.d.tip(TEXT)["receipt"]
        self.problem(self.d.send(f"编号{code}"), 400, "receipt_code_inside", "text")


class Receipts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon().start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    problem = Tips.problem

    def test_wrong_codes(self):
        code = self.d.tip(TEXT)["receipt"]
        self.problem(self.d.receipt(unknown_receipt("15")), 404, "no_such_receipt")
        self.problem(self.d.receipt(unknown_receipt("99")), 404, "no_such_receipt")
        for i in range(24):
            slip = code[:i] + str((int(code[i]) + 5) % 10) + code[i + 1:]
            self.problem(self.d.receipt(slip), 400, "check_failed", "receipt")
        for i in range(23):
            if code[i] != code[i + 1]:
                swap = code[:i] + code[i + 1] + code[i] + code[i + 2:]
                self.problem(self.d.receipt(swap), 400, "check_failed", "receipt")
        self.problem(self.d.receipt(code[:-2]), 400, "wrong_length", "receipt")
        self.problem(self.d.receipt("a" * 24), 400, "not_digits", "receipt")
        self.problem(self.d.receipt(""), 400, "missing", "receipt")
        for value in (b"{", b"[]", b"{}", b'{"receipt":5}'):
            self.problem(self.d.api("/api/v1/receipt", value), 400, "missing", "receipt")

    def test_code_in_groups_and_full_width(self):
        code = self.d.tip(TEXT)["receipt"]
        for typed in (" ".join(code[i:i + 4] for i in range(0, 24, 4)),
                      "-".join(code[i:i + 4] for i in range(0, 24, 4)),
                      "".join(chr(0xff10 + int(c)) for c in code)):
            self.assertEqual(self.d.receipt(typed).status, 200, typed)

    def test_code_never_in_a_url(self):
        code = self.d.tip(TEXT)["receipt"]
        self.assertNotEqual(self.d.get(f"/api/v1/receipt?receipt={code}").status, 200)
        self.assertNotIn(code, self.d.get(f"/receipt?code={code}").text)

    def test_both_directions_of_messages(self):
        tip = self.d.tip(TEXT)
        added = self.d.receipt(tip["receipt"], text="补充：那人右手有纹身")
        self.assertEqual((added.status, added.json["added"]), (200, True))
        again = self.d.receipt(tip["receipt"], text="补充：那人右手有纹身").json
        self.assertEqual([m["text"] for m in again["messages"]], ["补充：那人右手有纹身"], "said twice, kept once")
        self.take(tip["id"])
        seen = self.d.staff("GET", f"/api/v1/tips/{tip['id']}").json
        self.assertEqual([(m["from"], m["text"]) for m in seen["messages"]], [("informant", "补充：那人右手有纹身")])
        self.assertEqual(self.d.act(tip["id"], "message", {"text": "请问车牌号是多少？"}).status, 200)
        self.assertEqual(self.d.act(tip["id"], "note", {"text": "内部备注不外传"}).status, 200)
        status = self.d.receipt(tip["receipt"])
        self.assertEqual([(m["from"], m["text"]) for m in status.json["messages"]],
                         [("informant", "补充：那人右手有纹身"), ("bureau", "请问车牌号是多少？")])
        self.assertNotIn("内部备注", status.text)
        self.assertNotIn("officer", status.text, "no officer's name leaves the house")
        self.assertEqual(status.json["state"], "claimed")

    def take(self, tip):
        while True:
            got = self.d.claim("000000", max=1)
            self.assertTrue(got)
            if got[0]["id"] == tip:
                return

    def test_bad_supplements(self):
        code = self.d.tip(TEXT)["receipt"]
        self.problem(self.d.receipt(code, text="  "), 400, "missing", "text")
        self.problem(self.d.receipt(code, text="x" * 16385), 400, "too_long", "text")
        self.problem(self.d.receipt(code, text=f"我的编号 {code}"), 400, "receipt_code_inside", "text")

    def test_supplements_at_the_same_time_are_all_kept(self):
        code = self.d.tip(TEXT)["receipt"]
        self.d.settle()   # it is a copy of others: the linker would be one more that changes it
        in_threads(4, lambda i: self.assertEqual(self.d.receipt(code, text=f"补充 {i}").status, 200))
        texts = {m["text"] for m in self.d.receipt(code).json["messages"]}
        self.assertEqual(texts, {f"补充 {i}" for i in range(4)})


class Promises(unittest.TestCase):
    def test_promises_hold_and_changed_ones_do_not(self):
        with Daemon() as d:
            public = os.path.join(os.path.dirname(d.state), "public")
            done = d.tipctl("key", "--keys", os.path.join(d.state, "keys"), "export-public", public)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(os.path.join(public, "promise.pub"), encoding="ascii") as f:
                key = f.read().strip()
            answers = in_threads(8, lambda i: d.send(f"{TEXT} {i}"))
            self.assertEqual({a.status for a in answers}, {201})
            for answer in answers:
                held = d.tipctl("promise", "--key", key, text=answer.text)
                self.assertEqual(held.returncode, 0, held.stderr + held.stdout)
            changed = answers[0].json
            changed["promise"]["received"] += 1
            self.assertEqual(d.tipctl("promise", "--key", key, text=json.dumps(changed)).returncode, 1)
            other = ("0" if key[0] != "0" else "1") + key[1:]
            self.assertEqual(d.tipctl("promise", "--key", other, text=answers[0].text).returncode, 1)
            self.assertEqual(d.tipctl("promise", "--key", key, text="{}").returncode, 2)


if __name__ == "__main__":
    main()
