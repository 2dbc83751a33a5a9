#!/usr/bin/python3
"""What the desk's pages ask for, on the real daemon: pages of a queue, with every refusal."""
import json
import threading
import unittest
import urllib.parse

from tipline import Daemon, in_threads, main, tipctl

DONGSHENG = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
WORDS = ("text", "place", "when", "messages", "files", "contact")


class Desk(unittest.TestCase):
    """One daemon with some tips for all tests; those that change them make their own."""

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon().start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def token(self, person, region, role="officer"):
        done = tipctl("token", "add", "--state", self.d.state, "--person", person, "--role", role, "--region", region)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def refused(self, answer, status, code, field=None):
        self.assertEqual((answer.status, answer.type, answer.code), (status, "application/problem+json", code), answer)
        if field:
            self.assertEqual(answer.json["field"], field)

    def page(self, region="000000", token=None, **filters):
        answer = self.d.staff("GET", f"/api/v1/queues/{region}/tips?{urllib.parse.urlencode(filters)}", token=token)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def pages(self, region="000000", **filters):
        """All rows, page by page."""
        rows, page = [], self.page(region, **filters)
        while True:
            rows += page["tips"]
            if page["next"] is None:
                return rows
            page = self.page(region, **filters, after=page["next"])


class Pages(Desk):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        places = ("东胜区", "东胜区", "康巴什区", "北京市朝阳区", "上海市浦东新区", "东胜区")
        cls.sent = [cls.d.tip(f"{place}有人在路上要钱，第{i}次看见，穿蓝衣服")["id"] for i, place in enumerate(places)]
        cls.sent.append(cls.d.tip(DONGSHENG, contact="13800138000")["id"])
        cls.d.settle()

    def test_a_page_tells_all_but_the_words(self):
        page = self.page("150000")
        best = page["tips"][0]
        self.assertEqual((page["region"], page["total"], page["next"]), ("150000", 5, None))
        self.assertEqual((best["id"], best["state"], best["region"], best["region_name"], best["level"], best["holder"], best["lease_until"]),
                         (self.sent[-1], "queued", "150602", "东胜区", "county", None, None))
        self.assertEqual(best["incident"]["id"], best["id"])
        self.assertIsNotNone(best["escalates_at"])
        self.assertEqual(best["escalates_why"], "unopened")
        for row in page["tips"]:
            self.assertFalse(set(row) & set(WORDS))
        self.assertNotIn("汽车站", json.dumps(page, ensure_ascii=False))
        self.assertNotIn("13800138000", json.dumps(page))

    def test_orders_and_filters(self):
        rows = self.pages()
        self.assertEqual({r["id"] for r in rows}, set(self.sent))
        keys = [(-r["score"], self.sent.index(r["id"])) for r in rows]
        self.assertEqual(keys, sorted(keys), "the best first, over all provinces")
        self.assertEqual([r["id"] for r in self.pages(order="age")], self.sent)
        for priority in {r["priority"] for r in rows}:
            self.assertEqual([r["id"] for r in self.pages(priority=priority)], [r["id"] for r in rows if r["priority"] == priority])
        for max_ in (1, 2, 3):
            self.assertEqual(self.pages(max=max_), rows)
            self.assertEqual([r["id"] for r in self.pages(max=max_, order="age")], self.sent)
        self.assertEqual([r["region"] for r in self.pages("110000")], ["110105"])
        self.assertEqual(self.page("110000", id="15")["tips"], [])
        self.assertEqual(self.page(id=self.sent[2])["tips"][0]["id"], self.sent[2])
        self.assertIsNone(self.page(id=self.sent[2])["total"])
        self.assertEqual({r["id"] for r in self.pages(id=self.sent[2][:4])}, {s for s in self.sent if s.startswith(self.sent[2][:4])})

    def test_what_is_due_first(self):
        mine = self.d.claim("110000", lease_s=90)[0]["id"]
        self.addCleanup(lambda: self.d.act(mine, "release", {}))
        page = self.page(state="all", order="due")
        rows = page["tips"]
        due = [min(time for time in (r["escalates_at"], r["lease_until"]) if time) for r in rows]
        self.assertEqual(rows[0]["id"], mine, "its lease ends in ninety seconds")
        self.assertEqual(due, sorted(due))
        self.assertEqual({r["id"] for r in rows}, set(self.sent), "each once, from all provinces")
        self.assertEqual((page["total"], page["next"]), (None, None))
        for max_ in (1, 2, 3):
            self.assertEqual([r["id"] for r in self.pages(state="all", order="due", max=max_)], [r["id"] for r in rows])
        self.assertNotIn(mine, [r["id"] for r in self.pages(order="due")], "that one does not wait")
        self.assertEqual([r["id"] for r in self.pages(state="held", order="due")], [mine])
        self.assertEqual([r["id"] for r in self.pages("150600", order="due")], [r["id"] for r in rows if r["region"].startswith("1506")])

    def test_who_works_on_what(self):
        mine = self.d.claim("110000")[0]["id"]
        self.addCleanup(lambda: self.d.act(mine, "release", {}))
        held = self.page(state="held")
        self.assertEqual([(r["id"], r["state"], r["holder"]) for r in held["tips"]], [(mine, "claimed", "officer")])
        self.assertEqual(held["total"], 1)
        self.assertGreater(held["tips"][0]["lease_until"], held["tips"][0]["received"])
        self.assertNotIn(mine, [r["id"] for r in self.pages()])
        self.assertEqual({r["id"] for r in self.pages(state="all", max=2)}, set(self.sent))
        self.assertEqual(self.page("150000", state="held")["tips"], [])

    def test_rights_are_those_of_the_region(self):
        ordos, county = self.token("wu", "150600"), self.token("xu", "150602")
        self.assertEqual(self.page("150600", token=ordos)["total"], 5)
        self.assertEqual({r["region"] for r in self.page("150602", token=county)["tips"]}, {"150602"})
        for region, token in (("000000", ordos), ("150000", ordos), ("110000", ordos), ("150600", county), ("150603", county)):
            self.refused(self.d.staff("GET", f"/api/v1/queues/{region}/tips", token=token), 403, "region_not_yours")
        for region in ("999999", "15", "x", "150602%20"):
            self.refused(self.d.staff("GET", f"/api/v1/queues/{region}/tips", token=county), 404, "no_such_region")
        for role in ("finance", "auditor", "admin", "approver", "proposer", "cashier"):
            self.refused(self.d.staff("GET", "/api/v1/queues/150602/tips", role=role), 403, "role_needed")
        self.refused(self.d.ask("staff", "GET", "/api/v1/queues/150602/tips"), 401, "token_needed")

    def test_what_a_page_is_not_asked_for(self):
        place = f"50-1795363200000-{self.sent[0]}"
        hostile = ("", "0", "x" * 4000, "%00", "-1-1-" + self.sent[0], "101-1-" + self.sent[0], "1-99999999999999-" + self.sent[0],
                   "1-1e9-" + self.sent[0], place + "%00", place + "%0d%0aX:1", place[:-1], place + "*", "50-1-15-../../../x", "1-1-%2a%2a%2a%2a%2a%2a%2a%2a%2a%2a%2a%2a%2a",
                   "%5B0-%2Binf-" + self.sent[0], "50-%2Binf-" + self.sent[0], "5%300-1-15-OOOOOOOOOO")
        for value in hostile:
            with self.subTest(value[:40]):
                self.refused(self.d.staff("GET", f"/api/v1/queues/000000/tips?after={value}"), 400, "field_invalid", "after")
        for name, values in (("state", ("", "closed", "queued%27")), ("order", ("points",)), ("priority", ("5", "low%20")), ("id", ("1", "x", "15-*", "15-%3f")),
                             ("max", ("0", "501", "x", "1e2", "-5", "99999999999999999999"))):
            for value in values:
                with self.subTest(f"{name}={value}"):
                    self.refused(self.d.staff("GET", f"/api/v1/queues/000000/tips?{name}={value}"), 400, "field_invalid", name)
        self.refused(self.d.staff("GET", "/api/v1/queues/000000/tips?after=%zz"), 400, "target_malformed")
        # A place of nobody is a place all the same, and tells nothing of other regions.
        self.assertEqual(self.page("150602", token=self.token("xu2", "150602"), after=f"100-0-11-{self.sent[3][3:]}")["total"], 4)

    def test_a_look_is_in_the_trail(self):
        self.page("150602", state="all", id="15", after=f"100-0-{self.sent[0]}")
        self.d.staff("GET", "/api/v1/queues/150602/tips?id=13800138000")
        stored = [json.loads(fields[fields.index("e") + 1]) for _, fields in self.d.redis_ask("XRANGE", "{audit}:journal", "-", "+")]
        last = [e for e in stored if e.get("call") == "queue_tips"][-2:]
        self.assertEqual([(e["event"], e["by"], e["region"]) for e in last], [("view", "officer", "150602")] * 2)
        self.assertIn("state=all", last[0]["query"])
        self.assertNotIn("13800138000", json.dumps(last), "what was typed by mistake")

    def test_nothing_is_shown_of_a_queue_that_is_empty(self):
        self.assertEqual(self.page("310104"), {"region": "310104", "total": 0, "next": None, "tips": []})


class Changes(Desk):
    def changes(self, after=None, wait_s=0, token=None):
        query = {"wait_s": wait_s} | ({"after": after} if after else {})
        answer = self.d.staff("GET", f"/api/v1/changes?{urllib.parse.urlencode(query)}", token=token)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def until(self, region, after, token=None):
        """The answers until that region is told of; what the linker makes of a tip may come in between."""
        told, seen = self.changes(after, 25, token), 0
        while region not in told["regions"]:
            seen += 1
            self.assertLess(seen, 10, "nobody tells of it")
            told = self.changes(told["next"], 25, token)
        return told

    def test_a_tip_is_told_of_while_somebody_waits(self):
        first = self.changes()
        self.assertEqual(first["regions"], [])
        heard = {}
        waiting = threading.Thread(target=lambda: heard.update(self.until("150602", first["next"])))
        waiting.start()
        self.d.tip(DONGSHENG)
        waiting.join(60)
        self.assertIn("150602", heard["regions"])

    def test_each_change_is_told_once_and_to_each(self):
        at = self.changes()["next"]
        self.d.tip("北京市朝阳区有人在路上要钱")
        told = [self.until("110105", at) for _ in range(2)]
        self.assertEqual(told[0]["regions"], told[1]["regions"])
        self.d.settle()
        last = self.changes(told[0]["next"], 1)
        self.assertEqual(self.changes(last["next"], 1)["regions"], [], "nothing happened since")
        tip = self.d.claim("110105")[0]["id"]
        told = self.until("110105", last["next"])
        self.assertEqual(self.d.act(tip, "close", {"outcome": "prank", "note": "x"}).status, 200)
        self.until("110105", told["next"])

    def test_of_other_regions_nothing_is_told(self):
        ordos = self.token("wu", "150600")
        here, there = self.changes(token=ordos)["next"], self.changes()["next"]
        self.d.tip("上海市浦东新区有人在路上要钱")
        self.until("310115", there)
        self.assertNotIn("310115", self.changes(here, 1, ordos)["regions"])
        self.assertNotIn("310115", self.changes("0123456789abcdef-5", 0, ordos)["regions"])

    def test_a_place_of_another_process_tells_all(self):
        self.d.tip(DONGSHENG)
        for strange in ("0123456789abcdef-5", self.changes()["next"] + "999999"):
            told = self.changes(strange)
            self.assertIn("150602", told["regions"])
            self.assertEqual(len(told["regions"]), len(set(told["regions"])))

    def test_who_may_not_and_what_is_none(self):
        for role in ("finance", "auditor", "admin", "approver", "proposer", "cashier"):
            self.refused(self.d.staff("GET", "/api/v1/changes", role=role), 403, "role_needed")
        self.refused(self.d.ask("staff", "GET", "/api/v1/changes"), 401, "token_needed")
        for value in ("", "1", "-", "0123456789abcdef", "0123456789abcdef-", "0123456789ABCDEF-1", "0123456789abcdef--1", "0123456789abcde-1",
                      "0123456789abcdef-99999999999999999999", "0123456789abcdef-1%00", "%00" * 16 + "-1", "x" * 5000):
            with self.subTest(value[:40]):
                self.refused(self.d.staff("GET", f"/api/v1/changes?after={value}"), 400, "field_invalid", "after")
        for value in ("26", "-1", "x", "", "1.5", "99999999999999999999"):
            with self.subTest(value):
                self.refused(self.d.staff("GET", f"/api/v1/changes?wait_s={value}"), 400, "field_invalid", "wait_s")

    def test_it_does_not_wait_for_a_token_that_was_taken_back(self):
        token, at = self.token("mo", "150600"), self.changes()["next"]
        name = next(row.split()[0] for row in tipctl("token", "list", "--state", self.d.state).stdout.splitlines() if " mo " in row)
        got = []
        waiting = threading.Thread(target=lambda: got.append(self.d.staff("GET", f"/api/v1/changes?after={at}&wait_s=3", token=token)))
        waiting.start()
        self.assertEqual(tipctl("token", "revoke", "--state", self.d.state, name).returncode, 0)
        waiting.join(60)
        self.refused(got[0], 401, "token_needed")


class Claims(Desk):
    def setUp(self):
        self.tip = self.d.tip(f"{DONGSHENG}，{self._testMethodName}")["id"]
        self.path = f"/api/v1/tips/{self.tip}/claim"

    def journal(self):
        return [e for e in self.d.events() if e.get("id") == self.tip]

    def test_that_very_tip_is_taken(self):
        other = self.d.tip("东胜区有人贩卖儿童，关在仓库里，快来")["id"]
        took = self.d.staff("POST", self.path, {"lease_s": 100})
        self.assertEqual((took.status, took.json["id"], took.json["state"], took.json["holder"]), (200, self.tip, "claimed", "officer"))
        self.assertTrue(took.json["text"].startswith(DONGSHENG), "with its words")
        self.assertEqual(self.page(state="held", id=self.tip)["tips"][0]["holder"], "officer")
        self.assertEqual(self.page(id=other)["tips"][0]["state"], "queued")
        event = [e for e in self.journal() if e["e"] == "claimed"][-1]
        self.assertEqual((event["by"], event["region"]), ("officer", "150602"))
        self.assertIn("waited", event, "as a claim from the queue says it")
        self.assertEqual(self.d.staff("POST", self.path, {}).status, 200, "an answer that was lost is asked for again")
        self.assertEqual(len([e for e in self.journal() if e["e"] == "claimed"]), 1)
        trail = [json.loads(fields[fields.index("e") + 1]) for _, fields in self.d.redis_ask("XRANGE", "{audit}:journal", "-", "+")]
        self.assertEqual([(e["event"], e["id"]) for e in trail if e.get("call") == "claim_tip"][-1], ("claim", self.tip))

    def test_what_somebody_has_stays_his(self):
        self.assertEqual(self.d.staff("POST", self.path, {}).status, 200)
        answer = self.d.staff("POST", self.path, {}, token=self.token("hu", "150600"))
        self.refused(answer, 409, "held_by_other")
        self.assertIn("officer", answer.json["detail"])
        self.assertNotIn("text", answer.json)
        self.assertEqual(self.d.act(self.tip, "close", {"outcome": "prank", "note": "x"}).status, 200)
        self.refused(self.d.staff("POST", self.path, {}), 409, "not_in_this_state")

    def test_one_of_many_at_once_gets_it(self):
        tokens = [self.token(f"o{i}", "150600") for i in range(8)]
        answers = in_threads(8, lambda i: self.d.staff("POST", self.path, {}, token=tokens[i]))
        self.assertEqual(sorted(a.status for a in answers), [200] + [409] * 7)
        self.assertEqual({a.code for a in answers if a.status == 409}, {"held_by_other"})

    def test_who_may_not_and_what_is_none(self):
        self.refused(self.d.staff("POST", self.path, {}, token=self.token("he", "110000")), 404, "no_such_tip")
        for role in ("finance", "auditor", "admin", "approver", "proposer", "cashier"):
            self.refused(self.d.staff("POST", self.path, {}, role=role), 403, "role_needed")
        for path in ("15-ZZZZZZZZZZ", "x", "15-%2e%2e", self.tip + "0"):
            self.refused(self.d.staff("POST", f"/api/v1/tips/{path}/claim", {}), 404, "no_such_tip")
        for lease in (0, -1, "5", 10**9, 1.5):
            self.refused(self.d.staff("POST", self.path, {"lease_s": lease}), 400, "field_invalid", "lease_s")
        self.assertEqual(self.page(id=self.tip)["tips"][0]["state"], "queued", "nothing of it took the tip")


class Copies(Desk):
    def setUp(self):
        words = f"东胜区有人在路上要钱，{self._testMethodName}"
        self.tips = [self.d.tip(f"{words}，第{i}次看见")["id"] for i in range(4)]
        self.first, *self.others = self.tips
        self.d.settle()

    def copies(self, tips, to=None, token=None, **more):
        answer = self.d.staff("POST", f"/api/v1/incidents/{to or self.first}/copies", {"tips": tips, **more}, token=token)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual([r["tip"] for r in answer.json["results"]], tips)
        return [r.get("code", r["done"]) for r in answer.json["results"]]

    def whole(self, tip):
        return self.d.staff("GET", f"/api/v1/tips/{tip}").json

    def test_each_becomes_a_copy_and_once_more(self):
        for _ in range(2):
            self.assertEqual(self.copies(self.others), [True] * 3)
        for tip in map(self.whole, self.others):
            self.assertEqual((tip["state"], tip["outcome"], len(tip["messages"])), ("closed", "duplicate", 1))
            self.assertEqual(tip["messages"][0]["text"], f"The same as tip {self.first}.")
        self.assertEqual(self.whole(self.first)["state"], "queued")
        incident = self.d.staff("GET", f"/api/v1/incidents/{self.first}").json
        self.assertEqual((incident["id"], {m["id"] for m in incident["members"]}), (self.first, set(self.tips)))
        events = [e["e"] for e in self.d.events() if e.get("id") == self.others[0]]
        self.assertEqual([events.count(name) for name in ("claimed", "closed")], [1, 1], "what was done is not done again")

    def test_what_is_refused_is_refused_alone(self):
        hu = self.token("hu", "150600")
        held, mine, ended = self.others
        foreign = self.d.tip("北京市朝阳区有人在路上要钱")["id"]
        self.assertEqual(self.d.staff("POST", f"/api/v1/tips/{held}/claim", {}, token=hu).status, 200)
        self.assertEqual(self.d.act(mine, "claim", {}).status, 200)
        self.d.act(ended, "claim", {})
        self.assertEqual(self.d.act(ended, "close", {"outcome": "prank", "note": "x"}).status, 200)
        parent = self.whole(held)["incident"]["parent"]
        codes = self.copies([held, "15-ZZZZZZZZZZ", self.first, ended, mine, mine])
        self.assertEqual(codes, ["held_by_other", "no_such_tip", "first_of_incident", "not_in_this_state", True, True])
        self.assertEqual((self.whole(held)["state"], self.whole(held)["holder"], self.whole(held)["incident"]["parent"]), ("claimed", "hu", parent))
        self.assertEqual(self.copies([foreign, held], token=hu), ["no_such_tip", True], "of another region, and the officer's own")
        self.assertEqual(self.whole(foreign)["state"], "queued")

    def test_an_incident_is_no_copy_of_what_came_later(self):
        for tip in self.others:
            parent = self.whole(tip)["incident"]["parent"]
            if parent:
                self.assertEqual(self.d.act(tip, "unlink", {"tip": parent}).status, 200)
        self.assertEqual(self.copies([self.first, self.others[0]], to=self.others[1]), ["first_of_incident"] * 2)
        self.assertEqual(self.whole(self.first)["state"], "queued")

    def test_what_cannot_be_closed_goes_back_to_its_queue(self):
        sent = self.d.tip(f"东胜区有人在路上要钱，{self._testMethodName}，又看见")
        self.d.settle()
        self.d.act(sent["id"], "claim", {})
        self.assertEqual(self.d.act(sent["id"], "close", {"outcome": "unfounded", "note": "x"}).status, 200)
        self.assertTrue(self.d.api("/api/v1/receipt", {"receipt": sent["receipt"], "text": "他还在那里", "reopen": True}).json["reopened"])
        answer = self.d.staff("POST", f"/api/v1/incidents/{self.first}/copies", {"tips": [sent["id"], self.first]})
        self.assertEqual([(r["code"], r["linked"]) for r in answer.json["results"]], [("second_person", True), ("first_of_incident", False)],
                         "what stays of it is told")
        self.assertEqual((self.whole(sent["id"])["state"], self.whole(sent["id"])["holder"]), ("queued", ""))
        self.assertEqual(self.copies([sent["id"]], token=self.token("hu2", "150600")), [True])

    def test_the_note_is_the_officers(self):
        self.assertEqual(self.copies(self.others[:1], note="三个人说的是同一件事"), [True])
        self.assertEqual(self.whole(self.others[0])["messages"][0]["text"], "三个人说的是同一件事")

    def test_who_may_not_and_what_is_none(self):
        path = f"/api/v1/incidents/{self.first}/copies"
        self.refused(self.d.staff("POST", path, {"tips": self.others}, token=self.token("he", "110000")), 404, "no_such_tip")
        self.refused(self.d.staff("POST", "/api/v1/incidents/x/copies", {"tips": self.others}), 404, "no_such_tip")
        for role in ("finance", "auditor", "admin", "approver", "proposer", "cashier"):
            self.refused(self.d.staff("POST", path, {"tips": self.others}, role=role), 403, "role_needed")
        for tips in ([], None, "15-ZZZZZZZZZZ", {}, [1], [self.first, None], [[self.first]], [self.first + "0"], ["15-*"], [self.others[0]] * 101):
            self.refused(self.d.staff("POST", path, {"tips": tips}), 400, "field_invalid", "tips")
        self.refused(self.d.staff("POST", path, {"tips": self.others, "note": 5}), 400, "field_invalid", "note")
        self.refused(self.d.staff("POST", path, {"tips": self.others, "note": "x" * 4001}), 400, "field_invalid", "note")
        self.assertEqual({self.whole(tip)["state"] for tip in self.others}, {"queued"})


class Evidence(Desk):
    ONE = "昨天下午三点在东胜区汽车站，一名男子开车牌蒙K8A231的面包车，把哭闹的小女孩强行带走，电话13912345678"
    OTHER = "有人报警吗？😀 有辆面包车，车牌号是蒙K8A231，司机留的电话是 139-1234-5678，停在东胜区汽车站门口"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.other = cls.d.tip(cls.ONE)["id"], cls.d.tip(cls.OTHER)["id"]
        cls.d.settle()
        if cls.d.staff("GET", f"/api/v1/incidents/{cls.one}").json["tips"] == 1:
            assert cls.d.act(cls.other, "link", {"tip": cls.one}).status == 200

    def link(self, token=None):
        incident = self.d.staff("GET", f"/api/v1/incidents/{self.one}", token=token).json
        return next(m for m in incident["members"] if m["id"] == self.other)["link"]

    def test_what_agrees_is_shown_in_both_texts(self):
        found = {e["kind"]: e for e in self.link()["evidence"]}
        self.assertEqual(len(found), len(self.link()["evidence"]), "each kind once")

        def said(kind):
            # Python counts code points, as the ranges do.
            return ([self.OTHER[a:b] for a, b in found[kind]["here"]], [self.ONE[a:b] for a, b in found[kind]["there"]])
        self.assertEqual(said("plate"), (["蒙K8A231"], ["蒙K8A231"]))
        self.assertEqual(said("telephone"), (["139-1234-5678"], ["13912345678"]))
        self.assertIn("东胜区", "".join(said("place")[0]))
        self.assertIn("东胜区汽车站", " ".join(said("words")[0]))
        self.assertNotIn("time", found, "only one of them says when")
        for e in found.values():
            for side, text in (("here", self.OTHER), ("there", self.ONE)):
                flat = [x for pair in e[side] for x in pair]
                self.assertEqual(flat, sorted(flat))
                self.assertTrue(flat and flat[-1] <= len(text))

    def test_only_who_may_read_both_is_shown_it(self):
        far = self.d.tip(self.OTHER.replace("东胜区汽车站", "北京市朝阳区汽车站"))["id"]
        self.d.settle()
        self.d.act(far, "link", {"tip": self.one})
        incident = self.d.staff("GET", f"/api/v1/incidents/{self.one}").json
        here = next(m for m in incident["members"] if m["id"] == far)
        self.assertEqual(here["region"], "110105")
        self.assertTrue(here["link"]["evidence"], "the nation reads both")
        wu = self.token("wu", "150000")
        self.assertIn("evidence", self.link(wu), "the province reads its own two")
        seen = self.d.staff("GET", f"/api/v1/incidents/{self.one}", token=wu).json
        there = next(m for m in seen["members"] if m["id"] == far)
        self.assertFalse(there["within"])
        self.assertNotIn("evidence", there["link"])
        self.assertNotIn("text", there)

    def test_suggestions_have_theirs(self):
        words = "康巴什区的砖厂里关着一些不认识的孩子，门口有人看着，晚上有卡车进出"
        first = self.d.tip(words)["id"]
        second = self.d.tip("晚上有卡车进出康巴什区那个砖厂，我看见里面有孩子，门口总有人看着")["id"]
        self.d.settle()
        incident = self.d.staff("GET", f"/api/v1/incidents/{second}").json
        told = [s["evidence"] for s in incident["suggestions"] if s["tip"] == first] + [m["link"]["evidence"] for m in incident["members"] if m["link"]]
        self.assertTrue(told, "the linker sees that these are alike")
        stretches = [words[a:b] for e in told[0] if e["kind"] == "words" for a, b in e["there"]]
        self.assertTrue(any("卡车进出" in part for part in stretches), stretches)


if __name__ == "__main__":
    main()
