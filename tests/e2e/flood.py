#!/usr/bin/python3
"""
Floods: limits of visitors, networks and telephones; the form's proof of work with a
script and without one; copies that fold into one incident; a good visitor beside it.
"""
import http.client
import json
import os
import re
import shutil
import subprocess
import threading
import time
import unittest
import urllib.parse

from tipline import Daemon, ROOT, main, wait_for

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
PROXY = "listen.trusted_proxies=127.0.0.1"
SOLVER = """
const fs = require("fs"), vm = require("vm");
const [,, file, challenge] = process.argv;
const root = {};
root.self = root;
root.Int32Array = Int32Array;
root.postMessage = found => { root.found = found; };
vm.createContext(root);
vm.runInContext(fs.readFileSync(file, "utf8"), root);
root.onmessage({ data: challenge });
console.log(root.found);
"""
# The page's part: a form, three notes, no Worker: it has to work in slices.
PAGE = """
const fs = require("fs"), vm = require("vm");
const [,, file, challenge] = process.argv;
const note = wait => ({ hidden: false, getAttribute: () => wait });
const notes = { "proof-wait": note("3600"), "proof-working": note(), "proof-done": note() };
let listener, submitted = false, stopped = false;
const form = { elements: { challenge: { value: challenge }, solution: { value: "" } },
               addEventListener: (name, f) => { listener = f; }, submit: () => { submitted = true; } };
const root = { Int32Array, setTimeout: (f, ms) => ms < 1000 ? setTimeout(f, ms) : 0,
               document: { getElementById: id => id === "tip" ? form : notes[id] } };
root.self = root;
vm.createContext(root);
vm.runInContext(fs.readFileSync(file, "utf8"), root);
listener({ preventDefault: () => { stopped = true; } });
const look = () => submitted ? console.log(JSON.stringify({ solution: form.elements.solution.value, stopped,
    working: notes["proof-working"].hidden, done: notes["proof-done"].hidden })) : setTimeout(look, 5);
look();
"""


def from_address(address):
    return {"X_Forwarded_For": address}


def api(d, address, text=TEXT):
    return d.api("/api/v1/tips", {"text": text}, **from_address(address))


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    return found.group(1) if found else None


def node(script, *words):
    done = subprocess.run(["node", "-", *words], input=script.encode(), capture_output=True, timeout=120, check=True)
    return done.stdout.decode().strip()


SCRIPT = os.path.join(ROOT, "handlers/web/public/proof.js")
needs_node = unittest.skipUnless(shutil.which("node"), "node is not installed")


class Limits(unittest.TestCase):
    def test_networks_have_limits_of_their_own(self):
        with Daemon(PROXY, "limits.tips_burst=2", "limits.tips_per_minute=1", "limits.near_times=2",
                    "limits.wide_times=3", limits=True) as d:
            def send(address):
                answer = api(d, address)
                return answer.status, answer.json.get("reason") if answer.status == 429 else None
            self.assertEqual([send("198.51.100.1") for _ in range(3)], [(201, None)] * 2 + [(429, "visitor")])
            self.assertEqual([send("198.51.100.2") for _ in range(2)], [(201, None)] * 2)
            self.assertEqual(send("198.51.100.3"), (429, "network"))
            self.assertEqual([send("198.51.7.1") for _ in range(2)], [(201, None)] * 2)
            self.assertEqual(send("198.51.8.1"), (429, "wider_network"))
            self.assertEqual(send("203.0.113.9"), (201, None))
            self.assertEqual([send("2001:db8:0:1::1") for _ in range(2)] + [send("2001:db8:0:1:f::1")],
                             [(201, None)] * 2 + [(429, "visitor")])
            refused = api(d, "198.51.100.1")
            self.assertEqual((refused.status, refused.code), (429, "too_many_tips"))
            wait = int(refused.headers["Retry-After"])
            self.assertTrue(1 <= wait <= 61)
            self.assertEqual(refused.json["retry_after"], wait)
            self.assertRegex(refused.headers["RateLimit-Policy"], r'^"tips(_near|_wide)?";q=\d+;w=\d+$')
            self.assertRegex(refused.headers["RateLimit"], rf'^"tips(_near|_wide)?";r=0;t={wait}$')
            figures = d.ask("ops", "GET", "/metrics").text
            for name in ("tips", "tips_near", "tips_wide"):
                self.assertRegex(figures, rf'limited_total{{limit="{name}"}} [1-9]')
            self.assertNotIn("198.51", figures)

    def test_requests_of_any_kind_are_bounded(self):
        with Daemon("limits.requests_per_second=1", limits=True) as d:
            statuses = [d.get("/style.css").status for _ in range(60)]
            answers = [d.get(path) for path in ("/receipt", "/nothing", "/log", "/api/v1/transparency") * 4]
            self.assertEqual(set(statuses), {200})
            self.assertEqual(answers[-1].status, 429)
            self.assertEqual(answers[-1].json["code"], "too_many_requests")
            self.assertEqual(d.ask("ops", "GET", "/healthz").status, 200)


class Proof(unittest.TestCase):
    SETS = (PROXY, "limits.tips_burst=2", "limits.tips_per_minute=1", "limits.proof_wait_s=4")

    def drain(self, d, address="198.51.100.1"):
        while api(d, address).status == 201:
            pass

    def test_nothing_is_asked_of_a_quiet_visitor(self):
        with Daemon(*self.SETS, limits=True) as d:
            for page in (d.get("/report", **from_address("198.51.100.1")), d.form("/report/check", {"text": TEXT})):
                self.assertEqual(page.status, 200)
                self.assertNotIn("proof.js", page.text)
                self.assertIsNone(hidden(page, "challenge"))
            script = d.get("/proof.js")
            self.assertEqual((script.status, script.type), (200, "text/javascript"))
            self.assertEqual(script.headers["X-Content-Type-Options"], "nosniff")

    @needs_node
    def test_with_a_script(self):
        with Daemon(*self.SETS, limits=True) as d:
            self.drain(d)
            form = d.get("/report?lang=en", **from_address("198.51.100.1"))
            fields = {name: hidden(form, name) for name in ("nonce", "challenge", "lang")}
            page = d.form("/report/check", {"text": TEXT, **fields}, **from_address("198.51.100.1"))
            self.assertEqual({name: hidden(page, name) for name in fields}, fields)
            csp = page.headers["Content-Security-Policy"]
            self.assertIn("script-src 'self'; worker-src 'self'", csp)
            self.assertNotIn("unsafe", csp)
            self.assertIn('<script src="/proof.js"></script>', page.text)
            challenge = hidden(page, "challenge")
            fields = {"text": TEXT, "lang": "en", "nonce": hidden(page, "nonce"), "challenge": challenge,
                      "solution": node(SOLVER, SCRIPT, challenge)}
            sent = d.form("/tips", fields, **from_address("198.51.100.1"))
            self.assertEqual(sent.status, 201)
            again = d.form("/tips", fields, **from_address("198.51.100.1"))
            self.assertEqual(again.status, 201, "the same form once more is the same tip")
            self.assertEqual(d.form("/tips", {**fields, "nonce": "0" * 32}, **from_address("198.51.100.1")).status, 429)
            page = d.form("/report/check", {"text": TEXT}, **from_address("198.51.100.1"))
            said = json.loads(node(PAGE, SCRIPT, hidden(page, "challenge")))
            self.assertTrue(said["stopped"], "what is sent too early waits for the work")
            self.assertEqual((said["working"], said["done"]), (True, False))
            fields = {"text": TEXT, "nonce": hidden(page, "nonce"), "challenge": hidden(page, "challenge"),
                      "solution": said["solution"]}
            self.assertEqual(d.form("/tips", fields, **from_address("198.51.100.1")).status, 201)
            elsewhere = d.form("/tips", {**fields, "nonce": "1" * 32}, **from_address("203.0.113.1"))
            self.assertEqual(elsewhere.status, 201, "another network needs none")
            figures = d.metrics()
            self.assertEqual(figures['tipline_proofs_total{result="worked"}'], 2)

    def test_without_scripts(self):
        with Daemon(*self.SETS, limits=True) as d:
            self.drain(d)
            page = d.form("/tips", {"text": TEXT, "place": "<东胜>", "contact": "微信 abc", "lang": "en", "nonce": "7" * 32},
                          **from_address("198.51.100.1"))
            self.assertEqual(page.status, 429)
            for kept in (TEXT, "&lt;东胜&gt;", "微信 abc", "7" * 32):
                self.assertIn(kept, page.text)
            wait = int(page.headers["Retry-After"])
            self.assertIn(f"Please wait {wait} seconds", page.text)
            zh = d.form("/tips", {"text": TEXT, "lang": "zh-CN"}, **from_address("198.51.100.1"))
            self.assertIn("请等", zh.text)
            fields = {"text": TEXT, "nonce": "7" * 32, "challenge": hidden(page, "challenge"), "solution": ""}
            early = d.form("/tips", fields, **from_address("198.51.100.1"))
            self.assertEqual((early.status, hidden(early, "challenge")), (429, fields["challenge"]))
            self.assertLessEqual(int(early.headers["Retry-After"]), wait)
            time.sleep(int(early.headers["Retry-After"]))
            self.drain(d)
            sent = d.form("/tips", fields, **from_address("198.51.100.1"))
            self.assertEqual(sent.status, 201, "who waited as long as told is let in, with the bucket empty")
            self.assertEqual(d.form("/tips", {**fields, "nonce": "8" * 32}, **from_address("198.51.100.1")).status, 429)

    def test_programs_are_never_asked(self):
        with Daemon(*self.SETS, limits=True) as d:
            self.drain(d)
            answer = api(d, "198.51.100.1")
            self.assertEqual((answer.status, answer.type), (429, "application/problem+json"))
            self.assertNotIn("challenge", answer.text)


def code_of(page):
    groups = re.findall(r"<span>(\d{4})</span>", page)
    return "".join(groups) if len(groups) == 6 else None


def in_threads(n, work, jobs=8):
    """work(i) for each i below n, over a few threads; the results in order."""
    results, todo = [None] * n, iter(range(n))
    lock = threading.Lock()

    def loop():
        while True:
            with lock:
                i = next(todo, None)
            if i is None:
                return
            results[i] = work(i)
    threads = [threading.Thread(target=loop) for _ in range(jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


SECRET = "a-secret-of-the-gateway"
KANNEL = ("sms.gateways.kannel.driver=kannel", f"sms.gateways.kannel.secret={SECRET}", "sms.gateways.kannel.sender=106900")
URGENT = ("昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，我看到一个大约五六岁的小女孩被一名四十岁左右的男子强行拉上一辆银灰色面包车，"
          "车牌是蒙KA1234，女孩一直在哭，喊着要妈妈。")
HANDED_ON = ("{}", "【转发】{}", "{}请大家扩散", "{}！！！", "紧急 {}", "{}群里看到的")


def sms(d, key, sender, text):
    fields = {"X-Kannel-From": sender, "X-Kannel-To": "106900", "X-Kannel-Coding": "2", "X-Tipline-Token": SECRET,
              "Content-Type": "text/plain; charset=UTF-8"}
    return d.ask("public", "POST", f"/sms/kannel?id={key}&ts=2026-11-21+10:00:00", text.encode(), fields)


class Telephones(unittest.TestCase):
    def test_one_that_floods_is_told_to_wait_and_loses_nothing(self):
        with Daemon(*KANNEL, "limits.sms_burst=3", "limits.sms_per_minute=60", limits=True) as d:
            def say(i, sender="+8613800138000"):
                return sms(d, f"{sender}-{i}", sender, f"东胜区汽车站看到可疑的人，第{i}次").status
            first = [say(i) for i in range(6)]
            self.assertEqual(first[:3], [200] * 3)
            self.assertIn(503, first)
            self.assertEqual(say(0, "+8613800138001"), 200, "another telephone is heard")
            # As the gateway does: again, until it is taken.
            for i in range(6):
                wait_for(lambda i=i: say(i) == 200, 30, f"message {i} is taken")
            d.settle()
            self.assertEqual(len({t["text"] for t in d.claim("000000", max=100)}), 6, "the same words of two are there")
            self.assertGreater(d.metrics()['tipline_limited_total{limit="sender"}'], 0)
            keys = [k.decode() if isinstance(k, bytes) else k for k in d.redis_ask("keys", "{00}:bucket:*")]
            self.assertTrue(all(re.fullmatch(r"\{00\}:bucket:[0-9a-f]{32}", k) for k in keys) and keys)
            self.assertNotIn("13800138000", " ".join(keys))

    def test_two_daemons_have_one_bucket(self):
        with Daemon(*KANNEL, "limits.sms_burst=4", "limits.sms_per_minute=1", limits=True) as a:
            with Daemon(*KANNEL, "limits.sms_burst=4", "limits.sms_per_minute=1", f"store.address=unix:{a.redis_socket()}",
                        limits=True) as b:
                shutil.copytree(os.path.join(a.state, "keys"), os.path.join(b.state, "keys"), dirs_exist_ok=True)
                b.stop()
                b.start()
                said = [sms((a, b)[i % 2], f"x{i}", "+8613800138000", f"东胜区看到可疑的人{i}").status for i in range(8)]
                self.assertEqual(said.count(200), 4, said)


class SameText(unittest.TestCase):
    def test_five_hundred_copies_are_one_incident(self):
        from notices import Hook
        hook = Hook()
        self.addCleanup(hook.close)
        each = {"region": "150600", "url": hook.url, "secret": "whsec_" + "A" * 44, "desk_url": "https://desk.example.org/",
                "pause_s": "600"}
        with Daemon(*KANNEL, PROXY, *(f"notices.ordos.{k}={v}" for k, v in each.items()), limits=True) as d:
            first = d.tip(URGENT)["id"]

            def points():
                return 100 - int(float(d.redis_ask("zscore", "{15}:queue:150602", first)) // 1e13)
            before = points()

            def copy(i):
                text = HANDED_ON[i % len(HANDED_ON)].format(URGENT)
                if i % 2:
                    return sms(d, f"c{i}", f"+861390000{i:04d}", text).status
                page = d.form("/tips", {"text": text, "nonce": f"{i:032d}"}, **from_address(f"10.{i % 200}.{i // 8}.{i % 250}"))
                return code_of(page.text) if page.status == 201 else page.status
            began = time.monotonic()
            came = in_threads(499, copy)
            took = time.monotonic() - began
            codes = [c for c in came if isinstance(c, str)]
            self.assertEqual((len(codes), came.count(200)), (250, 249))
            self.assertEqual(len(set(codes)), 250, "each has its own receipt")
            d.settle()
            wait_for(lambda: hook.got, 30, "the notice comes")
            self.assertEqual(len(hook.got), 1, "one notice, and the rest is counted for the next")
            whole = d.staff("GET", f"/api/v1/incidents/{first}").json
            print(f"# 500 copies in {took:.0f} s")
            self.assertEqual((whole["id"], whole["more"], whole["suggestions"]), (first, True, []))
            self.assertEqual(int(d.redis_ask("zcard", f"{{15}}:children:{first}")), 499, "all hang under the first one")
            self.assertLessEqual(points(), before, "copies corroborate nothing")
            held = d.claim("150000", max=500)
            self.assertEqual(len({t["id"] for t in held}), 500, "all are kept")
            self.assertEqual(d.receipt(codes[-1].replace(" ", "")).json["state"], "claimed")


class GoodVisitor(unittest.TestCase):
    def test_is_served_beside_a_flood(self):
        with Daemon(PROXY, limits=True) as d:
            until = time.monotonic() + 8
            counts, good, lock = {}, [], threading.Lock()

            def flood(n):
                link = http.client.HTTPConnection(d.ports["public"])
                body = json.dumps({"text": TEXT + "，快来"}).encode()
                i = 0
                while time.monotonic() < until:
                    i += 1
                    link.request("POST", "/api/v1/tips", body, {"Content-Type": "application/json",
                                 "X-Forwarded-For": f"198.51.100.{(n * 60 + i) % 250}"})
                    answer = link.getresponse()
                    answer.read()
                    with lock:
                        counts[answer.status] = counts.get(answer.status, 0) + 1
                link.close()

            flooders = [threading.Thread(target=flood, args=(n,)) for n in range(4)]
            for thread in flooders:
                thread.start()
            i = 0
            while time.monotonic() < until:
                i += 1
                began = time.monotonic()
                answer = api(d, f"203.0.{i % 100}.7", f"{TEXT}，第{i}个人")
                good.append((answer.status, time.monotonic() - began))
                time.sleep(0.1)   # the pace of good visitors, not a wait
            for thread in flooders:
                thread.join()
            spent = sorted(t for _, t in good)
            print(f"# flood {counts}; good {len(good)}, p50 {spent[len(spent) // 2] * 1e3:.0f} ms, "
                  f"p99 {spent[int(len(spent) * .99)] * 1e3:.0f} ms")
            self.assertEqual({s for s, _ in good}, {201})
            self.assertGreater(len(good), 20)
            self.assertGreater(counts[429], 100)
            self.assertLessEqual(counts[201], 20 * 6 + 10 * 6 * 8 / 60 + 1, "a network gets no more than its burst and rate")
            self.assertLess(spent[int(len(spent) * .99)], 2)


if __name__ == "__main__":
    main()
