#!/usr/bin/python3
"""
Staff with passwords: an account from its making to its end, as a browser sees
it; what a page of another site, a stolen code and a stranger who guesses reach.
"""
import http.client
import json
import os
import sys
import threading
import time
import unittest

from tipline import ROOT, Daemon, Redis, in_threads, main, tipctl, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from staff_client import Browser, Person  # noqa: E402

REGION = "150600"
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
SESSION = "/api/v1/session"


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.redis = Redis().start()
        cls.d = Daemon(f"store.address={cls.redis.address}", "sandbox=strict").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.redis.remove()

    def events(self, *kinds):
        rows = self.redis.ask("XRANGE", "{audit}:journal", "-", "+")
        return [e for e in (json.loads(fields[fields.index("e") + 1]) for _, fields in rows) if e["event"] in kinds]

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer)

    def test_an_account_from_paper_to_work(self):
        d = self.d
        tip = d.tip(TEXT)["id"]
        chen = Person(d, "chen", ("officer", REGION), set_up=False)
        me = Browser(d)
        self.refused(me.ask("POST", SESSION, {"account": "chen", "password": chen.password, "totp": "123456"}), 401, "sign_in_failed")
        self.refused(chen.set_up(code="0000-0000-0000-0000-0000-0000"), 401, "set_up_failed")
        self.refused(chen.set_up(password="short"), 400, "field_invalid")
        made = chen.set_up(code=chen.setup_code.lower())
        self.assertEqual(made.status, 201, made)
        self.assertEqual(made.json["uri"].split("?")[0], "otpauth://totp/Tipline:chen")
        self.assertIn(chen.secret, made.json["uri"])
        self.assertEqual(made.headers["Cache-Control"], "no-store")
        self.refused(Browser(d, "127.0.0.2").ask("POST", SESSION + "/setup", {"account": "chen", "code": chen.setup_code,
                                                                             "password": chen.password}), 401, "set_up_failed")

        self.refused(me.sign_in(chen, password="not the password"), 401, "sign_in_failed")
        came = me.sign_in(chen)
        self.assertEqual(came.status, 201, came)
        self.assertEqual((came.json["person"], came.json["name"], came.json["roles"], came.json["region"]), ("chen", "Chen", ["officer"], REGION))
        self.assertAlmostEqual((came.json["ends"] - came.json["idle_ends"]) / 3600000, 7.75, 1)
        cookie = next(line for line in came.headers.get_all("Set-Cookie") if line.startswith("tipline-session="))
        self.assertEqual(cookie.split("; ")[1:], ["Path=/", "HttpOnly", "SameSite=Strict"])
        self.assertEqual(me.ask("GET", SESSION).json["csrf"], came.json["csrf"])

        # What was sealed to the person opens, also when that happens during the session.
        self.assertFalse(me.ask("GET", f"/api/v1/tips/{tip}").json["readable"])
        path = os.path.join(os.path.dirname(d.state), "officer-token")
        with open(path, "w", encoding="ascii") as f:
            f.write(d.token("officer"))
        os.chmod(path, 0o600)
        done = tipctl("key", "--state", d.state, "--with", path, "grant", "chen", REGION)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(me.ask("GET", f"/api/v1/tips/{tip}").json["text"], TEXT)
        self.assertEqual(me.ask("POST", f"/api/v1/queues/{REGION}/claim", {}).json["tips"][0]["id"], tip)
        self.refused(me.ask("GET", "/api/v1/rewards"), 403, "role_needed")

        left = me.ask("DELETE", SESSION)
        self.assertEqual((left.status, left.headers["Clear-Site-Data"]), (204, '"cache", "storage"'))
        self.assertEqual(set(me.cookies), {"tipline-device"})
        self.refused(me.ask("GET", SESSION), 401, "token_needed")
        # The code that was used opens nothing a second time; the next one does.
        self.refused(me.sign_in(chen, totp=chen.last_code()), 401, "sign_in_failed")
        self.assertEqual(me.sign_in(chen).status, 201)
        signed = [e for e in self.events("sign_in") if e["by"] == "chen"]
        self.assertEqual([(e["roles"], e["region"]) for e in signed], [("officer", REGION)] * 2)
        self.assertEqual([e["token"] for e in self.events("sign_out") if e["by"] == "chen"], [signed[0]["token"]])
        self.assertEqual([e["call"] for e in self.events("account_changed") if e["id"] == "chen"][-1], "set_up")

    def test_pages_of_others(self):
        d = self.d
        li = Person(d, "li", ("officer", "000000"))
        me = Browser(d)
        self.refused(me.ask("POST", SESSION, {}, {"Origin": "https://evil.example"}), 403, "cross_site")
        self.assertEqual(me.sign_in(li).status, 201)
        claim = f"/api/v1/queues/{REGION}/claim"
        self.refused(me.ask("POST", claim, {}, csrf=False), 403, "csrf_needed")
        self.refused(me.ask("POST", claim, {}, {"X-CSRF-Token": me.csrf[:-1]}), 403, "csrf_needed")
        self.refused(me.ask("POST", claim, {}, {"X-CSRF-Token": "A" * len(me.csrf)}), 403, "csrf_needed")
        for head in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {"Sec-Fetch-Site": "cross-site"},
                     {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}):
            self.refused(me.ask("POST", claim, {}, head), 403, "cross_site")
        self.refused(me.ask("GET", SESSION, None, {"Sec-Fetch-Site": "cross-site"}), 403, "cross_site")
        self.refused(me.ask("DELETE", SESSION, csrf=False), 403, "csrf_needed")
        self.assertEqual(me.ask("POST", claim, {}, {"Origin": "http://" + d.ports["staff"], "Sec-Fetch-Site": "same-origin"}).status, 200)
        self.assertEqual(me.ask("GET", SESSION, None, {"Sec-Fetch-Site": "none"}).status, 200)
        # Whose act would it be?
        self.refused(me.ask("GET", SESSION, None, {"Authorization": "Bearer " + d.token("admin")}), 400, "two_credentials")
        text = me.cookies["tipline-session"]
        self.refused(me.ask("GET", SESSION, None, {"Cookie": f"tipline-session={text}; tipline-session={text}"}), 400, "cookie_invalid")
        self.refused(me.ask("GET", SESSION, None, {"Cookie": f"__Host-tipline-session={text}"}), 401, "token_needed")
        gone = me.ask("GET", SESSION, None, {"Cookie": f"tipline-session={text[:-1]}"})
        self.refused(gone, 401, "session_ended")
        self.assertIn("tipline-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", gone.headers.get_all("Set-Cookie"))

    def test_behind_tls_the_cookies_are_of_this_host_alone(self):
        with Daemon("listen.trusted_proxies=127.0.0.1") as d:
            me = Browser(d, proxied=True)
            came = me.sign_in(Person(d, "ma", ("officer", REGION)))
            self.assertEqual(came.status, 201, came)
            for line in came.headers.get_all("Set-Cookie"):
                self.assertRegex(line, r"^__Host-tipline-(session|device)=[\w-]+; Path=/; HttpOnly; SameSite=Strict; Secure(; Max-Age=7776000)?$")
            self.assertEqual(me.ask("GET", SESSION).status, 200)
            plain = {"Cookie": "tipline-session=" + me.cookies["__Host-tipline-session"]}
            self.refused(me.ask("GET", SESSION, None, plain), 401, "token_needed")

    def test_who_orders_by_session_knows_the_tokens_of_now(self):
        d = self.d
        lu, me = Person(d, "lu", ("admin", REGION)), Browser(d)
        self.assertEqual(me.sign_in(lu).status, 201)
        self.assertEqual(tipctl("token", "add", "--state", d.state, "--person", "far.away", "--role", "admin", "--region", "000000").returncode, 0)
        self.refused(me.ask("POST", "/api/v1/accounts", {"person": "far.away", "name": "F"}), 403, "region_not_yours")

    def test_where_one_stands(self):
        d = self.d
        he = Person(d, "he", ("officer", REGION), ("verifier", "110000"))
        me = Browser(d)
        self.refused(me.sign_in(he), 409, "region_needed")
        he.used -= 1   # it was not taken
        self.refused(me.sign_in(he, region="440000"), 409, "region_needed")
        he.used -= 1
        came = me.sign_in(he, region="110101")
        self.assertEqual((came.status, came.json["roles"], came.json["region"]), (201, ["verifier"], "110101"))
        self.refused(me.ask("POST", f"/api/v1/queues/{REGION}/claim", {}), 403, "region_not_yours")

    def test_signing_out_everywhere(self):
        zheng = Person(self.d, "zheng", ("officer", REGION))
        me, other = Browser(self.d), Browser(self.d, "127.0.0.9")
        self.assertEqual(me.sign_in(zheng).json["others"], 0)
        self.assertEqual(other.sign_in(zheng).json["others"], 1)
        shown = me.ask("GET", SESSION).json
        self.assertEqual((shown["others"], [(g["role"], g["region"], g["holds"]) for g in shown["grants"]]), (1, [("officer", REGION, True)]))
        self.refused(me.ask("DELETE", SESSION + "?everywhere=perhaps"), 400, "field_invalid")
        self.assertEqual(other.ask("GET", SESSION).status, 200)
        self.assertEqual(me.ask("DELETE", SESSION + "?everywhere=true").status, 204)
        self.refused(other.ask("GET", SESSION), 401, "session_ended")
        self.assertEqual(len([e for e in self.events("sign_out") if e["by"] == "zheng"]), 1)
        self.assertEqual([e["call"] for e in self.events("session_ended") if e["by"] == "zheng"], ["signed_out"])
        self.assertEqual([e["call"] for e in self.events("account_changed") if e["id"] == "zheng"][-1], "sign_out")

    def test_what_ends_a_session(self):
        d = self.d
        wu = Person(d, "wu", ("officer", REGION), ("auditor", REGION))
        me, other = Browser(d), Browser(d, "127.0.0.9")
        self.assertEqual((me.sign_in(wu).status, other.sign_in(wu).status), (201, 201))
        change = {"old": wu.password, "new": "quite another long password"}
        self.refused(me.ask("POST", SESSION + "/password", change | {"old": "x"}), 403, "password_wrong")
        self.refused(me.ask("POST", SESSION + "/password", change | {"new": "short"}), 400, "field_invalid")
        self.refused(d.staff("POST", SESSION + "/password", change), 403, "session_needed")
        self.refused(d.staff("DELETE", SESSION), 403, "session_needed")
        self.assertEqual(me.ask("POST", SESSION + "/password", change).status, 200)
        self.assertEqual(me.ask("GET", SESSION).status, 200)
        self.refused(other.ask("GET", SESSION), 401, "session_ended")
        self.refused(other.sign_in(wu), 401, "sign_in_failed")
        wu.used -= 1   # it was not taken
        wu.password = change["new"]
        # One role less, then none: at the next request.
        self.assertEqual(me.ask("GET", "/api/v1/audit/trail").status, 200)
        wu.order("revoke", "--role", "auditor", "--region", REGION)
        self.refused(me.ask("GET", "/api/v1/audit/trail"), 403, "role_needed")
        wu.order("revoke", "--role", "officer", "--region", REGION)
        self.refused(me.ask("GET", SESSION), 401, "session_ended")
        wu.order("grant", "--role", "officer", "--region", REGION)
        self.assertEqual(me.sign_in(wu).status, 201)
        wu.order("suspend")
        # Nobody has to ask: the keys go soon.
        wait_for(lambda: [e["call"] for e in self.events("session_ended") if e["by"] == "wu"] == ["password", "account", "account"], 20, "it ended")
        self.refused(me.ask("GET", SESSION), 401, "session_ended")

    def claim_that_waits(self, person, ask, end):
        """What a claim answers whose right ends while it waits, though a tip comes in then."""
        told = []
        waiting = threading.Thread(target=lambda: told.append(ask("POST", "/api/v1/queues/440000/claim", {"wait_s": 8})))
        waiting.start()
        wait_for(lambda: [e for e in self.events("claim") if e["by"] == person], 20, "it waits")
        end()
        self.d.tip("广州市天河区某大厦二十二楼有人在仓库里藏炸药")
        waiting.join()
        return told[0]

    def test_who_waits_or_sends_slowly_may_still(self):
        d = self.d
        zhou, me = Person(d, "zhou", ("officer", "440000"), ("admin", "440000")), Browser(d)
        self.assertEqual(me.sign_in(zhou).status, 201)
        self.refused(self.claim_that_waits("zhou", me.ask, lambda: zhou.order("suspend")), 401, "session_ended")
        zhou.order("restore")
        text = tipctl("token", "add", "--state", d.state, "--person", "shen", "--role", "officer", "--region", "440000").stdout.strip()
        with open(os.path.join(d.state, "tokens.jsonl"), encoding="utf-8") as f:
            token = next(row["id"] for row in map(json.loads, f) if row["person"] == "shen")
        self.assertEqual(len(d.staff("POST", "/api/v1/queues/440000/claim", {"max": 500}).json["tips"]), 1, "it was not taken")
        end = self.claim_that_waits("shen", lambda *a: d.staff(*a, token=text),
                                    lambda: self.assertEqual(tipctl("token", "revoke", "--state", d.state, token).returncode, 0))
        self.refused(end, 401, "token_needed")
        # The head comes by right, the body behind it.
        wait_for(lambda: me.sign_in(zhou).status == 201, 60, "the code is a new one")
        Person(d, "qiu", set_up=False)
        host, port = d.ports["staff"].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        body = json.dumps({"role": "officer", "region": "440100"}).encode()
        connection.putrequest("POST", "/api/v1/accounts/qiu/grant")
        for name, value in (("Cookie", "tipline-session=" + me.cookies["tipline-session"]), ("X-CSRF-Token", me.csrf),
                            ("Expect", "100-continue"), ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders()
        self.assertIn(b"100 Continue", connection.sock.recv(64))   # so far it was allowed
        zhou.order("revoke", "--role", "admin", "--region", "440000")
        connection.send(body)
        late = connection.getresponse()
        self.assertEqual((late.status, json.loads(late.read())["code"]), (403, "role_needed"))
        connection.close()

    def test_one_address_takes_not_all_places(self):
        d, over, busy = self.d, threading.Event(), 'tipline_sign_ins_total{result="busy"}'
        before = d.metrics()[busy]
        rong = Person(d, "rong", ("officer", REGION))

        def flood(i):
            n = 0
            while not over.is_set():
                n += 1
                Browser(d, "127.0.6.1").ask("POST", SESSION, {"account": f"x{i}-{n}", "password": "is it this one perhaps", "totp": "000000"})
        crowd = [threading.Thread(target=flood, args=(i,)) for i in range(20)]
        for one in crowd:
            one.start()
        try:
            wait_for(lambda: d.metrics()[busy] > before + 50, 20, "more come than can be calculated")
            self.assertEqual(Browser(d, "127.0.6.2").sign_in(rong).status, 201)
        finally:
            over.set()
            for one in crowd:
                one.join()

    def test_rest_and_restart(self):
        with Daemon("staff.session_idle_s=1") as d:
            me, sun = Browser(d), Person(d, "sun", ("officer", REGION))
            self.assertEqual(me.sign_in(sun).status, 201)
            wait_for(lambda: d.metrics()["tipline_sessions"] == 0, 20, "the session ended by itself")
            self.refused(me.ask("GET", SESSION), 401, "session_ended")
            d.stop()
            d.sets.remove("staff.session_idle_s=1")
            d.start()
            self.assertEqual(me.sign_in(sun).status, 201)
            self.assertEqual(me.ask("GET", SESSION).status, 200)
            d.stop()
            d.start()
            self.refused(me.ask("GET", SESSION), 401, "session_ended")

    def test_a_page_that_asks_by_itself_keeps_no_session(self):
        itself = {"Tipline-Unattended": "1"}
        with Daemon("staff.session_idle_s=1") as d:
            for name, path, fields in (("sun", "/api/v1/changes", {}), ("qin", "/api/v1/queues", itself),
                                       ("guo", f"/api/v1/queues/{REGION}/tips", itself)):
                with self.subTest(path):
                    me = Browser(d)
                    self.assertEqual(me.sign_in(Person(d, name, ("officer", REGION))).status, 201)
                    self.assertEqual(me.ask("GET", path, headers=fields).status, 200)
                    wait_for(lambda: me.ask("GET", path, headers=fields).status == 401, 20, "the session ended all the same")

    def test_a_stranger_locks_nobody_out(self):
        d = self.d
        bo = Person(d, "bo", ("officer", REGION))
        me = Browser(d)
        self.assertEqual(me.sign_in(bo).status, 201)
        wrong = {"account": "bo", "password": "is it this one perhaps", "totp": "000000"}
        unknown = wrong | {"account": "nobody-of-this-name"}
        for net, account in (("127.0.1", wrong), ("127.0.2", unknown)):   # nothing tells the one from the other
            begun, told = time.monotonic(), []
            while sum(a.status == 429 for a in told) < 8:
                told.append(Browser(d, f"{net}.{len(told) // 2 + 1}").ask("POST", SESSION, account))
            tried = sum(a.status == 401 for a in told)
            self.assertEqual({(a.status, a.code) for a in told}, {(401, "sign_in_failed"), (429, "slow_down")})
            self.assertGreaterEqual(tried, 20, account["account"])
            self.assertLessEqual(tried, 21 + (time.monotonic() - begun) / 6, account["account"])
            self.assertTrue(all(1 <= int(a.headers["Retry-After"]) <= 60 for a in told if a.status == 429))

        def strangers_took_all():
            while Browser(d, f"127.0.4.{next(places)}").ask("POST", SESSION, wrong).status != 429:
                pass
            new = Browser(d, "127.0.0.77").ask("POST", SESSION, wrong)
            return new if new.status == 429 else None
        places = iter(range(1, 255))
        me.ask("DELETE", SESSION)
        new = wait_for(strangers_took_all, 60, "one with a new device waits")
        self.assertEqual(me.sign_in(bo).status, 201)   # a device that is known does not
        self.assertLessEqual(int(new.headers["Retry-After"]), 60)
        # Alone from one address: waits that grow.
        seen = []
        while 429 not in seen:
            told = Browser(d, "127.0.5.1").ask("POST", SESSION, wrong | {"account": "cai"})
            seen.append(told.status)
        self.assertEqual(seen[:3], [401, 401, 401])
        self.assertLessEqual(int(told.headers["Retry-After"]), 2 ** (len(seen) - 4))

    def test_more_than_can_be_calculated(self):
        d = self.d
        wrong = {"password": "is it this one perhaps", "totp": "000000"}
        told = in_threads(60, lambda i: Browser(d, f"127.0.3.{i + 1}").ask("POST", SESSION, wrong | {"account": f"nobody{i}"}))
        self.assertEqual({a.status for a in told}, {401, 503})
        self.assertEqual({(a.code, a.headers["Retry-After"]) for a in told if a.status == 503}, {("busy", "2")})
        figures = d.metrics()
        self.assertEqual(figures["tipline_work_queue"], 0)
        self.assertGreater(figures['tipline_sign_ins_total{result="busy"}'], 0)


if __name__ == "__main__":
    main()
