#!/usr/bin/python3
"""docs/openapi.yaml: a good OpenAPI 3.1 document, and the daemon does what it says."""
import json
import os
import re
import sys
import time
import unittest

import jsonschema
import yaml

from tipline import ROOT, Daemon, main, multipart, pdf, png, tipctl, unknown_receipt, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from staff_client import totp  # noqa: E402

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OPERATION = {"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses",
             "callbacks", "deprecated", "security", "servers"}
SCHEMA_WORDS = {"$ref", "type", "enum", "const", "properties", "required", "items", "pattern", "minLength", "maxLength",
                "minimum", "maximum", "default", "description", "oneOf", "anyOf", "examples", "contentEncoding",
                "contentMediaType"}

with open(os.path.join(ROOT, "docs/openapi.yaml"), encoding="utf-8") as document:
    API = yaml.safe_load(document)


def look_up(reference):
    value = API
    assert reference.startswith("#/"), reference
    for part in reference[2:].split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def whole(value):
    """The value with every $ref replaced by what it names."""
    if isinstance(value, dict):
        if "$ref" in value:
            return whole(look_up(value["$ref"]))
        return {k: whole(v) for k, v in value.items()}
    return [whole(v) for v in value] if isinstance(value, list) else value


def operations():
    for path, item in API["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item, whole(item[method])


def operation_for(method, path):
    path = path.split("?")[0]
    exact = [p for p in API["paths"] if p == path]
    found = exact or [p for p in API["paths"] if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", p.replace("{rest}", ".+")), path)]
    return whole(API["paths"][found[0]].get(method.lower())) if found else None


def check_schema(schema, value):
    jsonschema.Draft202012Validator(schema).validate(value)


class Document(unittest.TestCase):
    def test_head(self):
        self.assertRegex(API["openapi"], r"^3\.1\.\d+$")
        self.assertTrue(API["info"]["title"] and API["info"]["version"])
        self.assertLessEqual(set(API), {"openapi", "info", "servers", "paths", "components", "security", "tags", "jsonSchemaDialect"})

    def test_operations(self):
        ids = []
        for method, path, item, operation in operations():
            with self.subTest(f"{method} {path}"):
                self.assertLessEqual(set(operation), OPERATION)
                ids.append(operation["operationId"])
                self.assertTrue(operation["summary"])
                self.assertTrue(operation["responses"])
                self.assertLessEqual(set(operation["tags"]), {t["name"] for t in API["tags"]})
                self.assertIn("security", operation)
                self.assertEqual(bool(operation["security"]), "staff" in operation["tags"])
                named = re.findall(r"\{([a-z]+)\}", path)
                given = [p["name"] for p in whole(item.get("parameters", [])) + operation.get("parameters", []) if p["in"] == "path"]
                self.assertEqual(sorted(named), sorted(given))
                for status, response in operation["responses"].items():
                    self.assertRegex(status, r"^[1-5]\d\d$")
                    self.assertTrue(response["description"])
        self.assertEqual(len(ids), len(set(ids)))

    def test_references_and_schemas(self):
        used = set()

        def walk(value):
            if isinstance(value, dict):
                if "$ref" in value:
                    used.add(value["$ref"])
                    look_up(value["$ref"])
                for inner in value.values():
                    walk(inner)
            elif isinstance(value, list):
                for inner in value:
                    walk(inner)
        walk(API)
        for kind in ("schemas", "responses", "parameters"):
            for name, value in API["components"][kind].items():
                self.assertIn(f"#/components/{kind}/{name}", used, "unused")
                if kind == "schemas":
                    jsonschema.Draft202012Validator.check_schema(whole(value))
                    self.assertLessEqual(set(value), SCHEMA_WORDS, name)

    def test_every_code_of_the_sources_is_listed(self):
        found = set()
        for folder in ("handlers", "daemon/http"):
            for where, _, names in os.walk(os.path.join(ROOT, folder)):
                for name in names:
                    if name.endswith(".c"):
                        with open(os.path.join(where, name), encoding="utf-8") as f:
                            text = f.read()
                        found |= set(re.findall(r'\.code = "([a-z_0-9]+)"', text))
                        found |= set(re.findall(r'(?:refuse|fail)(?:_known|_unheard)?\(\s*[a-z]+,\s*\d{3},\s*"([a-z_0-9]+)"', text))
        listed = set(API["components"]["schemas"]["Problem"]["properties"]["code"]["anyOf"][1]["enum"])
        self.assertGreater(len(found), 30)
        self.assertEqual(found - listed, set(), "not in docs/openapi.yaml")

    def test_every_route_is_described(self):
        with open(os.path.join(ROOT, "handlers/routes.c"), encoding="utf-8") as f:
            text = f.read()
        rows = re.findall(r'\.site = SITE_(\w+), \.method = HTTP_(\w+), \.path = "([^"]+)"', text)
        traced = re.findall(r'\.method = HTTP_(\w+), \.path = "([^"]+)",[^{}]*\.trail = TRAIL_', text)
        self.assertGreater(len(rows), 15)
        tags = {"PUBLIC": {"public", "sms", "log"}, "STAFF": {"staff"}, "OPS": {"operations"}}
        for site, method, path in rows:
            if site == "STAFF" and (path in ("/", "/{file}") or path.endswith("/{rest...}")):
                continue
            if path.endswith("/{action}"):
                continue
            operation = API["paths"].get(path.replace("...}", "}"), {}).get(method.lower())
            self.assertIsNotNone(operation, f"{method} {path} is not described")
            self.assertTrue(set(operation["tags"]) & tags[site], f"{method} {path}: tag")
        self.assertGreater(len(traced), 20)
        for method, path in traced:
            if not path.endswith("/{action}"):
                described = API["paths"][path][method.lower()]["responses"] if path in API["paths"] else {"503": None}
                self.assertIn("503", described, f"{method} {path}: the audit trail may be away")
        with open(os.path.join(ROOT, "handlers/bureau/actions.c"), encoding="utf-8") as f:
            for action in re.findall(r'\{ \.name = "(\w+)", \.event', f.read()):
                self.assertIn(f"/api/v1/tips/{{id}}/{action}", API["paths"])


# What takes a reward that was released, a day after its claim: payouts.py and the counter's unit tests.
PAID = {("hook", 204), ("voucher_lookup", 200), ("voucher_redeem", 200)}
# What is there only when a month is over: the unit tests of handlers/log.
LATER = {("log_opening", 200)}


class Session(unittest.TestCase):
    """Each answer of a long session is held against the description."""

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("limits.file_bytes=1 MiB", "retention.enabled=true", "log.interval_s=1", "sms.gateways.kannel.driver=kannel",
                       "sms.gateways.kannel.secret=secret-of-the-gateway", "sms.gateways.ali.driver=alibaba",
                       "sms.gateways.ali.secret=0123456789abcdef0123456789abcdef", "sms.gateways.von.driver=vonage",
                       "sms.gateways.von.signature=sha256", "sms.gateways.von.secret=x", "sms.gateways.jas.driver=jasmin",
                       "sms.gateways.jas.secret=0123456789abcdef0123456789abcdef").start()
        cls.seen = set()
        cls.plain = cls.d.ask
        cls.d.ask = cls.ask

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    @classmethod
    def ask(cls, site, method, path, body=None, headers=None, timeout=60):
        answer = cls.plain(site, method, path, body, headers, timeout)
        operation = operation_for(method, path)
        if operation is None:
            assert answer.status in (404, 405), f"{method} {path}: {answer}"
            return answer
        name = f"{method} {path} {answer.status}"
        assert str(answer.status) in operation["responses"], f"{name} is not listed: {answer}"
        response = operation["responses"][str(answer.status)]
        cls.seen.add((operation["operationId"], answer.status))
        cls.check_body(name, response, answer)
        for field, rule in response.get("headers", {}).items():
            value = answer.headers.get(field)
            assert value is not None or not rule.get("required"), f"{name}: no {field}"
            if value is not None:
                check_schema(rule["schema"], value)
        if answer.status == 200 and method == "POST" and (headers or {}).get("Content-Type") == "application/json":
            check_schema(operation["requestBody"]["content"]["application/json"]["schema"], json.loads(body))
        return answer

    @staticmethod
    def check_body(name, response, answer):
        content = response.get("content")
        if content is None:
            assert answer.body == b"", f"{name}: a body"
            return
        media = answer.type if answer.type in content else "*/*"
        assert media in content, f"{name}: {answer.type} is not listed"
        if answer.type.endswith("json"):
            check_schema(content[media]["schema"], answer.json)

    def test_session(self):
        d = self.d
        self.assertEqual({a.status for a in [d.get(path) for path in ("/", "/report", "/about", "/rewards", "/exit", "/receipt", "/style.css", "/proof.js", "/exit.js", "/form.js")]}, {200})
        self.assertEqual([d.form(path, {"text": TEXT}).status for path in ("/report", "/report/check")], [200, 200])
        self.assertEqual(d.form("/report/check", {"text": ""}).status, 400)
        for site, path in (("ops", "/healthz"), ("ops", "/readyz"), ("ops", "/metrics")):
            self.assertEqual(d.ask(site, "GET", path).status, 200)
        self.refusals_of_intake()
        tip = d.tip(TEXT, key="one", place="北门", when="昨天", category="child", contact="x")
        self.assertEqual(d.send(TEXT + "!", key="one").status, 422)
        self.assertEqual(d.upload({"text": TEXT, "nonce": "n1"}, [("file", "a.png", "image/png", png()), ("file", "a.pdf", "application/pdf", pdf())]).status, 201)
        self.receipts(tip)
        self.log(tip)
        self.work(tip)
        self.accounts()
        self.installation()
        self.unseal(tip["id"])
        self.money()
        self.accounts_with_passwords()
        self.assertGreater(len(self.seen), 40)
        never = {(o["operationId"], int(s)) for _, _, _, o in operations() for s in o["responses"] if s.startswith("2")} - self.seen
        self.assertEqual(never, {("payout_act", 200), ("outbox_act", 200), *PAID, *LATER}, "a description that no answer was held against")

    def accounts(self):
        d, path = self.d, "/api/v1/accounts"
        for status in (201, 409):
            self.assertEqual(d.staff("POST", path, {"person": "li.wei", "name": "Li Wei"}, role="admin").status, status)
        self.assertEqual(d.staff("POST", path, {"person": "li wei", "name": "Li Wei"}, role="admin").status, 400)
        grant = {"role": "officer", "region": "150600", "until": "2036-01-01T00:00:00Z"}
        for action, body, status in (("grant", grant, 200), ("grant", grant, 409), ("grant", {}, 400), ("recover", {}, 202), ("cancel_recovery", {}, 200), ("cancel_recovery", {}, 409), ("sign_out", {}, 200), ("promote", {}, 404)):
            self.assertEqual(d.staff("POST", f"{path}/li.wei/{action}", body, role="admin").status, status, action)
        for where, role, status in (("", "auditor", 200), ("/li.wei", "admin", 200), ("/nobody", "admin", 404), ("", "officer", 403)):
            self.assertEqual(d.staff("GET", path + where, role=role).status, status, where)

    def installation(self):
        d = self.d
        for name in ("tokens", "keys", "gateways", "configuration", "about"):
            self.assertEqual(d.staff("GET", f"/api/v1/{name}", role="admin").status, 200, name)
            self.assertEqual(d.staff("GET", f"/api/v1/{name}", role="officer").status, 403, name)
        done = tipctl("token", "add", "--state", d.state, "--person", "leaves", "--role", "officer", "--region", "150600")
        self.assertEqual(done.returncode, 0, done.stderr)
        token = next(t["id"] for t in d.staff("GET", "/api/v1/tokens", role="admin").json["tokens"] if t["person"] == "leaves")
        for status in (200, 404):
            self.assertEqual(d.staff("POST", f"/api/v1/tokens/{token}/revoke", {}, role="admin").status, status)

    def unseal(self, tip):
        d, tokens = self.d, {}
        opener = os.path.join(d.state, "opener")
        with open(opener, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(d.token("officer"))
        for person in ("an", "bo"):
            tokens[person] = tipctl("token", "add", "--state", d.state, "--person", person, "--role", "approver", "--region", "000000").stdout.strip()
            self.assertEqual(tipctl("key", "--state", d.state, "--with", opener, "grant", person, "150000").returncode, 0)
        os.remove(opener)
        self.assertEqual(tipctl("key", "--state", d.state, "vault", "init", "--first", "an", "--second", "bo").returncode, 0)
        path, reason = f"/api/v1/tips/{tip}/unseal", {"reason": "somebody is in danger"}
        self.assertEqual(d.staff("POST", path, {"reason": "x"}, token=tokens["an"]).status, 400)
        self.assertEqual(d.staff("POST", path, reason, token=tokens["an"]).status, 202)
        self.assertEqual(d.staff("POST", path, reason, token=tokens["an"]).status, 409)
        self.assertEqual([d.staff("POST", path + "/cancel", token=tokens["an"]).status for _ in range(2)], [200, 409])
        self.assertEqual([d.staff("POST", path, reason, token=tokens[person]).status for person in ("an", "bo")], [202, 200])

    def pay(self, role, method, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {self.d.token(role)}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        return self.d.ask("staff", method, path, None if body is None else json.dumps(body).encode(), headers)

    def money(self):
        d, pay, book = self.d, self.pay, "/api/v1/ledger/150600/ordos-anti-trafficking/" + time.strftime("%Y", time.gmtime(time.time() + 28800))
        wait_for(lambda: pay("finance", "GET", book).status == 200, 15, "the demo has a budget")
        tip = d.tip("鄂尔多斯市东胜区有人贩卖儿童，关在仓库里")
        line = f"{tip['id']} at={int(time.time() * 1000)} bands=victim_located"
        case = {"case": "Z-1", "bureau": "150600", "tips": [line]}
        self.assertEqual(pay("verifier", "POST", "/api/v1/cases", case, "m1").status, 200)
        detailed = dict(case, tips=[line + " detailed=1"], known_at=1, reason="told where")
        self.assertEqual(pay("verifier", "POST", "/api/v1/cases", detailed, "m2").status, 202)
        wish = {"case": "Z-1", "tip": tip["id"], "programme": "ordos-anti-trafficking", "external_award": 0}
        self.assertEqual(pay("proposer", "POST", "/api/v1/rewards", wish).status, 400)
        reward = pay("proposer", "POST", "/api/v1/rewards", wish, "m3")
        self.assertEqual(reward.status, 201)
        path = "/api/v1/rewards/" + reward.json["subject"]
        digest = pay("proposer", "POST", path + "/submit", {}, "m4").json["reward"]["digest"]
        self.assertEqual(pay("approver", "POST", path + "/approve", {"digest": digest}, "m5").status, 200)
        self.assertEqual(pay("approver", "POST", path + "/revoke", {"reason": "x"}, "m6").status, 202)
        wait_for(lambda: d.api("/api/v1/claims", json.dumps({"receipt": tip["receipt"]}).encode()).json.get("status") == "open", 15, "published")
        claim = {"receipt": tip["receipt"], "action": "claim", "rail": "voucher", "nonce": "n1"}
        self.assertEqual(d.api("/api/v1/claims", json.dumps(claim).encode()).json["status"], "in_progress")
        self.assertEqual(d.form("/claims", {"code": tip["receipt"]}).status, 200)
        self.assertEqual(d.form("/claims", {"code": "1"}).status, 400)
        for role, where in (("auditor", path), ("auditor", "/api/v1/rewards"), ("finance", "/api/v1/payouts"), ("finance", "/api/v1/ledger"),
                            ("finance", book + "?seq=12"), ("admin", "/api/v1/policies"), ("admin", "/api/v1/staff"),
                            ("approver", "/api/v1/policies/ordos-anti-trafficking"), ("auditor", "/api/v1/money/journal?max=50"),
                            ("auditor", "/api/v1/audit/trail?max=1000"), ("auditor", "/api/v1/audit/retention"), ("auditor", "/api/v1/audit/trail?format=jsonl&event=read")):
            self.assertEqual(pay(role, "GET", where).status, 200, where)
        self.auditors(reward.json["subject"])
        policy = json.loads(pay("admin", "GET", "/api/v1/policies/ordos-anti-trafficking").json["text"])
        draft = pay("admin", "POST", "/api/v1/policies", {"text": dict(policy, policy="second", version=1)}, "m7")
        self.assertEqual(draft.status, 201)
        self.assertEqual(pay("approver", "POST", "/api/v1/policies/second/adopt", {}, "m8").status, 200)
        self.assertEqual(pay("finance", "POST", book + "/receive", {"fen": 100, "account": "bank:main"}, "m9").status, 200)
        entry = pay("finance", "POST", book + "/receive", {"fen": 7, "account": "bank:main"}, "m10").json["entry"]
        self.assertEqual(pay("finance", "POST", book + "/correct", {"entry": entry, "reason": "wrong"}, "m11").status, 202)
        self.assertEqual(pay("finance", "POST", "/api/v1/rails/voucher/hold", {"reason": "x"}, "m12").status, 200)
        self.bank(book, entry)
        account = {"account": "nine", "person": "p-nine", "roles": ["finance"]}
        self.assertEqual(pay("admin", "POST", "/api/v1/staff", account, "m13").status, 200)
        self.assertEqual(pay("admin", "POST", "/api/v1/retention/run", {}, "m16").status, 200)
        export = {"what": "journal", "rows": 3, "hash": "0" * 64}
        self.assertEqual(pay("auditor", "POST", "/api/v1/money/exports", export, "m14").status, 200)
        self.assertEqual(pay("finance", "POST", "/api/v1/payouts/R1-1/cancel", {}, "m15").status, 404)
        self.assertEqual(pay("admin", "POST", "/api/v1/money/restored", {"reason": "an older copy"}, "m16").status, 200)
        reconciled = {"quarantine": pay("finance", "GET", "/api/v1/payouts").json["quarantine"], "reason": "compared",
                      "until": time.strftime("%Y-%m-%d", time.gmtime(time.time() + 28800))}
        self.assertEqual(pay("finance", "POST", "/api/v1/money/reconciled", reconciled, "m17").code, "STATEMENT_MISSING")
        day, file = reconciled["until"], "statement,account,date,sequence,opening,closing,count\nstatement,demo,{},,20000.00,20000.00,0\n" \
            "line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\n"
        path = f"/api/v1/statements?account=cash:demo&rail=voucher&ledger={book.removeprefix('/api/v1/ledger/')}"
        token = {"Authorization": f"Bearer {d.token('finance')}", "Content-Type": "text/csv"}
        self.assertEqual(d.ask("staff", "POST", path, file.format(day).encode(), token).status, 201)
        self.assertEqual(pay("finance", "POST", "/api/v1/money/reconciled", reconciled, "m18").status, 202)

    def auditors(self, reward):
        for what in ("summary", "exceptions", "separation", "unclaimed", "rewards", "entries", "entries?code=8020", "breaks", "sample",
                     "sample?method=random", "sample?method=stratified&of=decided", "integrity", "rewards/" + reward):
            for form in ("", "as_of=0", "format=csv", "format=jsonl"):
                if (what, form) == ("rewards/" + reward, "as_of=0"):
                    continue
                answer = self.pay("auditor", "GET", f"/api/v1/audit/{what}{'&' if '?' in what else '?'}{form}")
                self.assertEqual(answer.status, 200, (what, form))
            answer = self.pay("auditor", "GET", f"/api/v1/audit/{what}{'&' if '?' in what else '?'}as_of=tomorrow")
            self.assertEqual(answer.status, 400, what)
        self.assertEqual(self.pay("auditor", "GET", "/api/v1/audit/rewards/R1").status, 404)

    def bank(self, book, entry):
        """A statement with one line that is no payment; two persons find out what it was."""
        pay, name = self.pay, book.removeprefix("/api/v1/ledger/")
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 28800))
        file = ("statement,account,date,sequence,opening,closing,count\nstatement,main," + today + ",,0.00,0.07,1\n"
                "line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\nline,1,,,credit,0.07," + today + ",other\n")
        token = {"Authorization": f"Bearer {self.d.token('finance')}", "Content-Type": "text/csv"}
        path = f"/api/v1/statements?account=bank:main&rail=voucher&ledger={name}"
        first = self.d.ask("staff", "POST", path, file.encode(), token)
        self.assertEqual(first.status, 201)
        self.assertEqual(self.d.ask("staff", "POST", path, file.encode(), token).status, 200)
        self.assertEqual(self.d.ask("staff", "POST", path, file[:-9].encode(), token).status, 400)
        self.assertEqual(self.d.ask("staff", "POST", path, file.replace("L", "M").replace(",1,,,", ",2,,,").encode(), token).status, 409)
        self.assertEqual(self.d.ask("staff", "POST", path, b"x" * (5 << 20), token).status, 413)
        broken = first.json["opened"][0]["id"]
        for where in ("statements", "statements/" + first.json["statement"]["id"], "breaks?state=all&age=0-1", "breaks/" + broken, "suspense",
                      "reconciliation", "rails", "money/by_hand"):
            self.assertEqual(pay("auditor", "GET", "/api/v1/" + where).status, 200, where)
        for where in ("breaks?class=R11", "breaks?age=5", "breaks?state=x", "statements?from=x"):
            self.assertEqual(pay("auditor", "GET", "/api/v1/" + where).status, 400, where)
        self.assertEqual(pay("auditor", "GET", "/api/v1/breaks/B1").status, 404)
        self.assertEqual(pay("auditor", "GET", "/api/v1/statements/S1").status, 404)
        for what, body in ((f"suspense/{broken}/clear", {"entry": entry, "reason": "x"}), (f"breaks/{broken}/resolve", {"reason": "x"})):
            self.assertEqual(pay("finance", "POST", "/api/v1/" + what, body, "b1-" + what[:3]).status, 202)
            self.assertEqual(pay("finance-2", "POST", "/api/v1/" + what, body, "b2-" + what[:3]).status, 200)

    def accounts_with_passwords(self):
        d, path, password = self.d, "/api/v1/session", "a password that is long"
        made = d.tipctl("user", "add", "--state", d.state, "qian", "--name", "Qian")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(d.tipctl("user", "grant", "--state", d.state, "qian", "--role", "officer", "--region", "150600").returncode, 0)

        def ask(method, where, body=None, **headers):
            return d.ask("staff", method, path + where, None if body is None else json.dumps(body).encode(), headers)
        set_up = {"account": "qian", "code": made.stdout.split()[-1], "password": password}
        self.assertEqual(ask("POST", "/setup", set_up | {"password": "short"}).status, 400)
        secret = ask("POST", "/setup", set_up).json["secret"]
        self.assertEqual(ask("POST", "/setup", set_up).status, 401)
        wish = {"account": "qian", "password": password, "totp": totp(secret, int(time.time()) // 30)}
        self.assertEqual(ask("POST", "", wish | {"password": "x"}).status, 401)
        self.assertEqual(ask("POST", "", {}).status, 400)
        came = ask("POST", "", wish)
        self.assertEqual(came.status, 201)
        cookie = {"Cookie": came.headers["Set-Cookie"].split(";")[0]}
        word = {"X-CSRF-Token": came.json["csrf"], **cookie}
        self.assertEqual((ask("GET", "", **cookie).status, ask("GET", "").status), (200, 401))
        self.assertEqual(ask("POST", "/password", {"old": password, "new": "another one, as long"}, **word).status, 200)
        self.assertEqual((ask("DELETE", "", **cookie).status, ask("DELETE", "?everywhere=no", **word).status), (403, 400))
        self.assertEqual(ask("DELETE", "?everywhere=true", **word).status, 204)

    def refusals_of_intake(self):
        d = self.d
        for method, where, role, status in (("GET", "?state=dead", "admin", 200), ("GET", "?state=x", "admin", 400), ("GET", "?state=dead", "officer", 403),
                                            ("POST", "/15-1/drop", "admin", 404), ("POST", "/15-1/retry", "admin", 404)):
            self.assertEqual(d.staff(method, "/api/v1/outbox" + where, {} if method == "POST" else None, role=role).status, status, where)
        for region, status in (("150600", 200), ("999999", 404)):
            self.assertEqual(d.staff("POST", f"/api/v1/notices/{region}/test", {}, role="admin").status, status, region)
        for body in (b"{", b"{}", b'{"text":5}', b'{"text":"a","region":"99"}'):
            self.assertEqual(d.api("/api/v1/tips", body).status, 400)
        self.assertEqual(d.send("x" * 20000).status, 413)
        self.assertEqual(d.send("x" * 70000).status, 413)
        self.assertEqual(d.ask("public", "POST", "/api/v1/tips", b"x", {"Content-Type": "text/xml"}).status, 415)
        self.assertEqual(d.form("/tips", {"text": ""}).status, 400)
        self.assertEqual(d.form("/tips", {"text": "x" * 20000}).status, 413)
        self.assertEqual(d.upload({"text": TEXT}, [("file", "a.jpg", "image/jpeg", b"#!/bin/sh\n" * 50)]).status, 415)
        self.assertEqual(d.form("/tips", {"text": TEXT, "nonce": "m"}).status, 201)
        self.assertEqual(d.form("/tips", {"text": TEXT + "!", "nonce": "m"}).status, 422)
        for method, path, status in (("GET", "/sms/kannel?id=1&from=%2B8613800138000&to=1&bin=hello+there", 200),
                                     ("POST", "/sms/kannel?id=2", 200), ("GET", "/sms/kannel/dlr?my=1&type=1", 200),
                                     ("POST", "/sms/kannel/mo?id=3", 200), ("GET", "/sms/kannel/mo", 400),
                                     ("POST", "/sms/von/mo", 401), ("GET", "/sms/von", 401),
                                     ("POST", "/sms/ali/mo/0123456789abcdef0123456789abcdef", 400),
                                     ("GET", "/sms/ali/dlr/0123456789abcdef0123456789abcdef", 400), ("GET", "/sms/ali/mo/x", 404),
                                     ("GET", "/sms/jas/dlr/0123456789abcdef0123456789abcdef?id=1&message_status=DELIVRD", 200),
                                     ("POST", "/sms/jas/dlr/0123456789abcdef0123456789abcdef", 200), ("POST", "/sms/nobody", 404)):
            body = b"hello=1" if method == "POST" else None
            self.assertEqual(d.ask("public", method, path, body, 
                                   {"X-Kannel-From": "+8613800138001", "X-Kannel-To": "1", "X-Tipline-Token": "secret-of-the-gateway"}).status, status)

    def receipts(self, tip):
        d = self.d
        self.assertEqual(d.receipt(tip["receipt"]).status, 200)
        self.assertEqual(d.receipt(tip["receipt"], text="补充").status, 200)
        self.assertEqual(d.receipt(tip["receipt"], text=" ").status, 400)
        for path, code, accept in (("/api/v1/receipt", "receipt", "application/json"), ("/receipt", "code", "text/html")):
            for data, status in ((png(b"later"), 200), (b"MZ" + bytes(99), 415)):
                body, media = multipart({code: tip["receipt"]}, [("file", "later.png", "image/png", data)])
                self.assertEqual(d.ask("public", "POST", path, body, {"Content-Type": media, "Accept": accept}).status, status)
        self.assertEqual(d.receipt(unknown_receipt()).status, 404)
        self.assertEqual(d.receipt("1").status, 400)
        self.assertEqual(d.api("/api/v1/receipt", b"x" * 70000).status, 413)
        self.assertEqual(d.form("/receipt", {"code": tip["receipt"]}).status, 200)
        self.assertEqual(d.form("/receipt", {"code": "1"}).status, 400)
        self.assertEqual(d.form("/receipt/confirm", {"code": tip["receipt"]}).status, 200)
        self.assertEqual(d.form("/receipt", {"code": unknown_receipt()}).status, 404)

    def log(self, tip):
        d = self.d
        self.assertEqual(d.get("/log").status, 200)
        for what, status in (("key", 200), ("status", 200), ("tile/0/999", 404), ("openings/2020-01", 404), ("openings/x", 404)):
            self.assertEqual(d.get(f"/log/15/{what}").status, status, what)
        wait_for(lambda: not d.receipt(tip["receipt"]).json["log"]["pending"], 60, "the tip is in the log")
        size = int(d.get("/log/15/checkpoint").text.split("\n")[1])
        for what in ("checkpoint", "status", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
            self.assertEqual(d.get(f"/log/15/{what}").status, 200, what)
        for what, status in (("/log/15/openings", 200), ("/transparency", 200), ("/transparency?month=1999-01", 404), ("/api/v1/transparency", 200),
                             ("/api/v1/transparency?format=csv", 200), ("/api/v1/transparency?month=x", 400), ("/api/v1/transparency?log=x", 404)):
            self.assertEqual(d.get(what).status, status, what)
        self.assertEqual(d.get("/log/15/key", If_None_Match="*").status, 304)
        self.assertEqual(d.get("/log/98/key").status, 404)
        self.assertEqual(d.form("/receipt/proof", {"code": tip["receipt"]}).type, "text/plain")
        self.assertEqual(d.form("/receipt/proof", {"code": "1"}).status, 400)

    def work(self, sent):
        d = self.d
        self.assertEqual(d.ask("staff", "GET", "/api/v1/queues").status, 401)
        self.assertEqual(d.staff("GET", "/api/v1/queues", role="finance").status, 403)
        d.queues()
        d.settle()
        self.desk(sent["id"])
        tips = d.claim(max=20)
        with_file = next(t for t in tips if t["files"])
        for path, status in (("1", 200), ("1/original", 200), ("2", 409), ("2/original", 200)):
            self.assertEqual(d.ask("staff", "GET", f"/api/v1/tips/{with_file['id']}/files/{path}",
                                   headers={"Authorization": f"Bearer {d.token('officer')}"}).status, status, path)
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{with_file['id']}/files/9").status, 404)
        self.assertGreater(len(d.staff("GET", "/api/v1/tips?held=me").json["tips"]), 3)
        self.assertEqual(d.staff("GET", "/api/v1/tips").status, 400)
        self.assertEqual(d.staff("GET", "/api/v1/tips/15-ZZZZZZZZZZ").status, 404)
        self.assertEqual(d.staff("POST", "/api/v1/queues/150602/claim", {"max": 0}).status, 400)
        self.assertEqual(d.staff("POST", "/api/v1/queues/123456/claim", {}).status, 404)
        tip = sent["id"]
        others = [t["id"] for t in tips if t["id"] != tip]
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}").status, 200)
        for action, value, role in (("renew", {"lease_s": 100}, "officer"), ("message", {"text": "?"}, "officer"),
                                    ("note", {"text": "!"}, "officer"), ("verify", {"verdict": "verified"}, "verifier"),
                                    ("close", {"outcome": "verified", "note": "x"}, "officer"), ("reopen", {"reason": "x"}, "verifier")):
            self.assertEqual(d.act(tip, action, value, role=role).status, 200, action)
        self.assertEqual(d.act(tip, "message", {"text": "?"}).status, 409)
        for action, value, role in (("hold", {"reason": "court"}, "verifier"), ("lift", {"reason": "ended"}, "verifier"),
                                    ("lift", {"reason": "ended"}, "admin")):
            self.assertEqual(d.act(tip, action, value, role=role).status, 200, action)
        self.assertEqual(d.act(tip, "lift", {"reason": "ended"}, role="verifier").code, "not_held")
        self.incidents(tip, others[-1])
        self.assertEqual(d.act(others[0], "release", {}).status, 200)
        self.assertEqual(d.act(others[1], "transfer", {"region": "110105", "reason": "x"}).status, 200)
        self.assertEqual(d.act(others[1], "note", {}).status, 400)
        self.assertEqual(d.receipt(sent["receipt"]).status, 200)
        wait_for(lambda: "110105" in d.queues(), 60, "the transfer arrived")
        self.assertEqual(self.d.ready().status, 200)

    def desk(self, tip):
        d = self.d
        for where, role, status in (("000000", "officer", 200), ("000000?state=all&max=1", "officer", 200), ("000000?max=0", "officer", 400),
                                    ("123456", "officer", 404), ("000000", "finance", 403)):
            region, _, query = where.partition("?")
            self.assertEqual(d.staff("GET", f"/api/v1/queues/{region}/tips?{query}", role=role).status, status, where)

        for body, role, status in (({"lease_s": 0}, "officer", 400), ({"lease_s": 60}, "officer", 200), ({}, "verifier", 409), ({}, "finance", 403)):
            self.assertEqual(d.act(tip, "claim", body, role=role).status, status, f"{body} {role}")
        self.assertEqual(d.act("15-ZZZZZZZZZZ", "claim").status, 404)
        self.assertEqual(d.act(tip, "release", {}).status, 200)
        first = d.staff("GET", "/api/v1/changes")
        self.assertEqual(d.staff("GET", f"/api/v1/changes?after={first.json['next']}&wait_s=1").status, 200)
        for query, role, status in (("after=x", "officer", 400), ("wait_s=99", "officer", 400), ("", "finance", 403)):
            self.assertEqual(d.staff("GET", f"/api/v1/changes?{query}", role=role).status, status, query)

    def incidents(self, tip, other):
        d = self.d
        before = d.staff("GET", f"/api/v1/incidents/{tip}")
        self.assertEqual(before.status, 200)
        d.act(other, "unlink", {})
        self.assertEqual(d.act(other, "link", {"tip": tip}).status, 200)
        whole = d.staff("GET", f"/api/v1/incidents/{other}")
        self.assertGreaterEqual(whole.json["tips"], 2)
        child = next(m for m in whole.json["members"] if m["parent"] is not None)
        self.assertEqual(d.act(child["id"], "unlink", {"tip": child["parent"]}).status, 200)
        self.assertEqual(d.act(child["id"], "unlink", {}).status, 409)
        for body, role, status in (({"tips": [child["id"], "15-ZZZZZZZZZZ"]}, "officer", 200), ({"tips": []}, "officer", 400), ({"tips": [tip]}, "finance", 403)):
            self.assertEqual(d.staff("POST", f"/api/v1/incidents/{child['parent']}/copies", body, role=role).status, status, body)
        self.assertEqual(d.staff("POST", "/api/v1/incidents/15-ZZZZZZZZZZ/copies", {"tips": [tip]}).status, 404)
        d.act(child["id"], "unlink", {"tip": child["parent"]})
        self.assertEqual(d.act(child["id"], "decline", {"tip": child["parent"]}).status, 200, "unlinking declined it")
        self.assertEqual(d.act(child["id"], "decline", {}).status, 400)
        self.assertEqual(d.act(tip, "link", {"tip": tip}).status, 409)
        self.assertEqual(d.act(tip, "link", {"tip": "15-ZZZZZZZZZZ"}).status, 404)
        self.assertEqual(d.staff("GET", "/api/v1/incidents/15-ZZZZZZZZZZ").status, 404)


if __name__ == "__main__":
    main()
