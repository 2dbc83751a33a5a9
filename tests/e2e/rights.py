#!/usr/bin/python3
"""
Every call of staff, asked by every role in every state of a right: it is refused
with 401 or 403 when it shall be, and with neither when it may. Who may what is
tests/unit/handlers/routes.golden.
"""
import json
import os
import re
import sys
import time
import unittest

from tipline import ROOT, Daemon, main, tipctl, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from staff_client import Browser, Person  # noqa: E402

ROLES = ["officer", "verifier", "proposer", "approver", "finance", "auditor", "admin", "cashier"]
HOME, ELSEWHERE = "150600", "110000"
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
# What stands at the {...} of a path. Actions that nobody has: who may is told that, who may not is refused before.
PARTS = {"region": HOME, "action": "no-such-action", "number": "1", "item": "15-1", "attempt": "R1-1", "rail": "voucher", "bureau": HOME,
         "programme": "ordos-anti-trafficking", "year": "2026", "policy": "ordos-anti-trafficking", "person": "nobody", "token": "0000000000000000"}
OF_A_SESSION = {("DELETE", "/api/v1/session"), ("POST", "/api/v1/session/password")}
WRONG = {401, 403}


def table():
    with open(os.path.join(ROOT, "tests/unit/handlers/routes.golden"), encoding="ascii") as f:
        for line in f:
            method, path, name, *who = line.split()
            yield method, path, name, set(ROLES) & set(who), "anyone" in who


ROUTES = [row for row in table() if not row[4]]


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("claim.wait_max_s=0").start()
        cls.tip = cls.d.tip(TEXT)["id"]
        wait_for(lambda: cls.d.staff("GET", "/api/v1/ledger", role="finance").status == 200, 20, "money is read")

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def path_of(self, path):
        parts = dict(PARTS, id=self.tip if "/tips/" in path or "/incidents/" in path else "R1" if "/rewards/" in path else "S1")
        return re.sub(r"\{([a-z]+)\}", lambda m: parts[m[1]], path)

    def walk(self, ask, expected):
        """expected(row) -> None: neither 401 nor 403; else the (status, code) that it shall be."""
        for method, path, name, who, _ in ROUTES:
            answer = ask(method, self.path_of(path), name)
            wanted = expected(method, path, name, who)
            with self.subTest(f"{method} {path}"):
                if wanted is None and name.startswith("voucher_"):
                    self.assertEqual((answer.status, answer.code), (403, "no_teller"), answer)   # the role alone makes no teller
                elif wanted is None:
                    self.assertNotIn(answer.status, WRONG, answer)
                    self.assertNotIn(answer.status, (404, 405) if "{" not in path else (405,), answer)
                else:
                    self.assertEqual((answer.status, answer.code), wanted, answer)

    def by_token(self, token):
        # A call that is right in all but its body changes nothing: its members are missing.
        def ask(method, path, _):
            return self.d.staff(method, path, {"no": "such member"} if method == "POST" else None, token=token)
        return ask

    def by_session(self, browser, csrf=True):
        def ask(method, path, _):
            return browser.ask(method, path, {"no": "such member"} if method == "POST" else None, csrf=csrf)
        return ask

    def token(self, role, region="000000", *more):
        done = tipctl("token", "add", "--state", self.d.state, "--person", f"{role}-{region}", "--role", role, "--region", region, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def change_tokens(self, change):
        path = os.path.join(self.d.state, "tokens.jsonl")
        with open(path, encoding="ascii") as f:
            rows = [json.loads(line) for line in f]
        for row in rows:
            change(row)
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)

    def test_tokens_in_their_region(self):
        for role in ROLES:
            def expected(method, path, name, who, role=role):
                if (method, path) in OF_A_SESSION:
                    return 403, "session_needed"
                return None if role in who else (403, "role_needed")
            self.walk(self.by_token(self.token(role)), expected)

    def test_tokens_out_of_their_region(self):
        """Where the path names a place: it is refused, or nothing is there for them."""
        for role in ("officer", "verifier"):
            token = self.token(role, ELSEWHERE)
            for method, path, _, who, _ in ROUTES:
                if role in who and ("/tips/{id}" in path or "/incidents/" in path or "/queues/{region}" in path) and "{action}" not in path:
                    with self.subTest(f"{role} {method} {path}"):
                        answer = self.d.staff(method, self.path_of(path), {"tip": self.tip, "tips": [self.tip]} if method == "POST" else None,
                                              token=token)
                        self.assertIn((answer.status, answer.code), {(403, "region_not_yours"), (404, "no_such_tip")}, answer)

    def test_tokens_that_are_over_or_for_something_else(self):
        over, scoped, revoked = self.token("officer"), self.token("officer", HOME, "--scope", "queues,tip*"), self.token("admin")
        listed = tipctl("token", "list", "--state", self.d.state).stdout
        ident = next(line.split()[0] for line in reversed(listed.splitlines()) if " admin-000000" in line)
        self.assertEqual(tipctl("token", "revoke", "--state", self.d.state, ident).returncode, 0)

        def age(row):
            if row["person"] == "officer-000000":
                row["expires"] = row["created"]
        self.change_tokens(age)
        for token in (over, revoked, "tip_" + "A" * 43, "x"):
            self.walk(self.by_token(token), lambda *_: (401, "token_needed"))

        def in_scope(method, path, name, who):
            if "officer" not in who:
                return 403, "role_needed"
            return None if name == "queues" or name.startswith("tip") else (403, "scope_needed")
        self.walk(self.by_token(scoped), in_scope)

    def test_nobody(self):
        self.walk(lambda method, path, _: self.d.ask("staff", method, path, b"{}" if method == "POST" else None, {}), lambda *_: (401, "token_needed"))

    def test_sessions(self):
        d, people = self.d, {}
        for role in ROLES:
            people[role] = Person(d, "s-" + role, (role, "000000"))
            browser = Browser(d)
            self.assertEqual(browser.sign_in(people[role]).status, 201)

            def expected(method, path, name, who, role=role):
                if (method, path) in OF_A_SESSION:
                    return None
                return None if role in who else (403, "role_needed")
            leave = ROUTES.index(next(row for row in ROUTES if row[:2] == ("DELETE", "/api/v1/session")))
            last = ROUTES.pop(leave)   # at the end: it ends the session
            try:
                self.walk(self.by_session(browser, csrf=False),
                          lambda method, path, name, who: (403, "csrf_needed") if method != "GET" else expected(method, path, name, who))
                self.walk(self.by_session(browser), expected)
            finally:
                ROUTES.insert(leave, last)
            self.assertEqual(browser.ask("DELETE", "/api/v1/session").status, 204)
            self.walk(self.by_session(browser), lambda *_: (401, "token_needed"))

    def test_sessions_whose_right_is_over(self):
        d = self.d
        day = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))  # noqa: E731
        early, late = Person(d, "early"), Person(d, "late")
        early.order("grant", "--role", "officer", "--region", HOME, "--from", day(1))
        late.order("grant", "--role", "officer", "--region", HOME, "--from", day(-2), "--until", day(-1))
        for person in (early, late):
            refused = Browser(d).sign_in(person)
            self.assertEqual((refused.status, refused.code), (403, "role_needed"), refused)
        # Rights that end, and an account that is taken out of use, while the session lives.
        for name, end in (("ends", ("revoke", "--role", "officer", "--region", HOME)), ("rests", ("suspend",))):
            person, browser = Person(d, name, ("officer", HOME)), Browser(d)
            self.assertEqual(browser.sign_in(person).status, 201)
            kept = dict(browser.cookies)
            person.order(*end)

            def ask(method, path, _, browser=browser, kept=kept):
                browser.cookies = dict(kept)
                return browser.ask(method, path, {} if method == "POST" else None)
            self.walk(ask, lambda *_: (401, "session_ended"))


if __name__ == "__main__":
    main()
