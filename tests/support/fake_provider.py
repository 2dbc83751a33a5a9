#!/usr/bin/python3
"""
A payout provider to test against: it moves no money, it counts it.

  tests/support/fake_provider.py [--retention SECONDS] [--keys DIR]

Prints one line, "SERVICE-PORT CONTROL-PORT", and serves on the loopback until
its standard input ends. Two faces on the service port: the generic connector
(/v1/..., X-Sig) and WeChat's merchant transfer (/v3/..., RSA keys of DIR). An
instruction id is known for the retention time; afterwards the same id pays
again, as it would out there.

The control port takes JSON:

  POST /mode      {"mode": "succeed" | "accept" | "needs_payee" | "processing"}   what a new instruction comes to
  POST /fault     {"name": ..., "on": "instruct" | "query" | "cancel" | "any", "times": 1, ...}   see FAULTS
  POST /refuse    {"on": true}          closes the service port, or opens it again
  POST /settle    {"id": ..., "state": "succeeded" | "failed" | "cancelled" | ..., "code": ...}
  POST /advance   {"seconds": ...}      ids grow old by that
  POST /callback  {"face": "http" | "wechat", "url": ..., "id": ..., "states": [...], "times": 1, "bad": ""}
                  one event for each state in that order, each sent so many times; answers the statuses
  GET  /sent      {"<id>": {"times": 1, "fen": 850000}}, money that really went out
  GET  /payouts   what is known of each instruction
"""
import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import socket
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID = "test-1"
HMAC_KEY = b"0123456789abcdef0123456789abcdef"
MERCHANT = "1900000001"
APP_ID = "wx0123456789abcdef"
MERCHANT_SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
PLATFORM_SERIAL = "PUB_KEY_ID_0119000000012026112100"
API_KEY = b"abcdef0123456789ABCDEF0123456789"
NAME_FROM_FEN = 200000
BEIJING = timezone(timedelta(hours=8))

# name: what it does. "act": whether the instruction is carried out first (default: the value here).
FAULTS = {
    "close_before": False,    # hangs up without reading
    "close_after": True,      # reads, perhaps acts, hangs up
    "silence": True,          # reads, perhaps acts, answers only when the peer is gone
    "status": False,          # answers with "status" and no signature: 500, 503, 408, 429, 404 of some gateway
    "redirect": False,
    "bad_json": True,
    "bad_signature": True,
    "no_signature": True,
    "other_answer": True,     # signed, but for another request
    "old_signature": True,    # signed ten minutes ago
    "wrong_id": True,
    "wrong_amount": True,
    "wrong_currency": True,
    "no_amount": True,
    "refusal": False,         # verified 4xx: "status", "code"
    "not_found": False,       # the query knows nothing of it
    "mismatch": False,        # says that the id came before with another body: "status" 409 or 422
}

WECHAT_STATES = {"accepted": "ACCEPTED", "needs_payee": "WAIT_USER_CONFIRM", "processing": "PROCESSING", "succeeded": "SUCCESS",
                 "failed": "FAIL", "cancelling": "CANCELING", "cancelled": "CANCELLED"}
ENDED = ("succeeded", "failed", "cancelled", "returned")


def rfc3339(at):
    return datetime.fromtimestamp(at, BEIJING).isoformat(timespec="seconds")


class Provider:
    """Instructions, money and faults; one lock around everything."""

    def __init__(self, retention):
        self.lock = threading.RLock()
        self.retention = retention
        self.offset = 0
        self.mode = "succeed"
        self.payouts = {}
        self.sent = {}
        self.lines = []
        self.faults = []
        self.events = 0

    def now(self):
        return time.time() + self.offset

    def forget(self):
        limit = self.now() - self.retention
        for key in [k for k, p in self.payouts.items() if p["made"] < limit]:
            del self.payouts[key]

    def pay(self, payout):
        count = self.sent.setdefault(payout["id"], {"times": 0, "fen": 0})
        count["times"] += 1
        count["fen"] += payout["fen"]
        self.lines.append({"id": payout["id"], "fen": payout["fen"], "ref": payout["ref"], "at": self.now()})

    def settle(self, payout, state, code=""):
        if state == "succeeded" and payout["state"] != "succeeded":
            self.pay(payout)
        payout["state"], payout["code"] = state, code

    def instruct(self, key, fen, print_, **more):
        """("new" | "same" | "other", payout)"""
        self.forget()
        known = self.payouts.get(key)
        if known is not None:
            return ("same" if known["print"] == print_ else "other"), known
        payout = dict(more, id=key, fen=fen, print=print_, state="accepted", code="", made=self.now(),
                      ref="P" + secrets.token_hex(8))
        self.payouts[key] = payout
        self.settle(payout, {"succeed": "succeeded", "accept": "accepted"}.get(self.mode, self.mode))
        return "new", payout

    def take_fault(self, call):
        for fault in self.faults:
            if fault["on"] in (call, "any"):
                fault["times"] -= 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
                return fault
        return {"name": ""}


# --- the generic connector -------------------------------------------------------------------


def x_sig(first, path, body, nonce, at=None):
    seconds = str(int(at if at is not None else time.time()))
    text = b"\n".join([first.encode(), path.encode(), seconds.encode(), nonce.encode(), body]) + b"\n"
    return f"v1,{KEY_ID},{seconds},{nonce},{hmac.new(HMAC_KEY, text, hashlib.sha256).hexdigest()}"


def x_sig_nonce(field, method, path, body):
    """The nonce of a request that is rightly signed, else None."""
    parts = (field or "").split(",")
    if len(parts) != 5 or parts[0] != "v1" or parts[1] != KEY_ID or abs(time.time() - int(parts[2])) > 300:
        return None
    return parts[3] if hmac.compare_digest(x_sig(method, path, body, parts[3], int(parts[2])), field) else None


class Connector:
    """/v1/...: (status, object) for a call."""

    def __init__(self, provider):
        self.provider = provider

    @staticmethod
    def call_of(method, path):
        if method == "POST" and path == "/v1/payouts":
            return "instruct"
        if re.fullmatch(r"/v1/payouts/[0-9A-Z]+", path):
            return "query"
        return "cancel" if path.endswith("/cancel") else "other"

    @staticmethod
    def show(payout):
        return {"instruction_id": payout["id"], "provider_ref": payout["ref"], "state": payout["state"],
                "final": payout["state"] in ENDED, "code": payout["code"],
                "amount": {"minor": payout["fen"], "currency": "CNY"}}

    def answer(self, call, path, body):
        if call == "instruct":
            return self.instruct(body)
        if call == "other":
            return self.other(path)
        key = path.split("/")[3]
        self.provider.forget()
        payout = self.provider.payouts.get(key)
        if payout is None:
            return 404, {"state": "not_found", "as_of": rfc3339(time.time()),
                         "retention_until": rfc3339(time.time() + self.provider.retention)}
        if call == "cancel" and payout["state"] not in ENDED:
            payout["state"] = "cancelling"
        return (202 if call == "cancel" else 200), self.show(payout)

    def instruct(self, body):
        order = json.loads(body)
        found, payout = self.provider.instruct(order["instruction_id"], order["amount"]["minor"],
                                               hashlib.sha256(body).hexdigest(), payee=order["payee_ref"])
        if found == "other":
            return 409, dict(self.show(payout), code="ID_MISMATCH", amount=order["amount"])
        return (409, dict(self.show(payout), code="DUPLICATE")) if found == "same" else (201, self.show(payout))

    def other(self, path):
        if path == "/v1/profile":
            return 200, {"id_retention": self.provider.retention, "not_found_is_final": True, "cancel": True,
                         "anonymity": "known_to_provider", "final_codes": ["ACCOUNT_CLOSED"],
                         "min": {"minor": 1, "currency": "CNY"}, "max": {"minor": 2000000, "currency": "CNY"}}
        found = re.fullmatch(r"/v1/statements/([^/]+)/(\d{4}-\d\d-\d\d)", path)
        if found is None:
            return 404, {"state": "unknown", "code": "NO_SUCH_PATH"}
        return 200, self.statement(*found.groups())

    def statement(self, account, date):
        lines = [{"line_id": f"L{n}", "instruction_id": line["id"], "provider_ref": line["ref"], "direction": "debit",
                  "amount": {"minor": line["fen"], "currency": "CNY"}, "booked_at": rfc3339(line["at"]), "kind": "payout"}
                 for n, line in enumerate(self.provider.lines, 1) if rfc3339(line["at"])[:10] == date]
        total = sum(line["amount"]["minor"] for line in lines)
        text = json.dumps(lines, separators=(",", ":"))

        def yuan(fen):
            return {"minor": fen, "currency": "CNY"}

        return {"account": account, "date": date, "count": len(lines), "opening": yuan(100000000),
                "closing": yuan(100000000 - total), "debits": yuan(total), "credits": yuan(0),
                "sha256": hashlib.sha256(text.encode()).hexdigest(), "lines": lines}

    def refusal(self, fault, path, body):
        key = json.loads(body)["instruction_id"] if body else path.split("/")[3]
        return fault.get("status", 400), {"instruction_id": key, "state": "failed", "final": True, "code": fault.get("code", "NEW")}

    def mismatch(self, fault, path, body):
        return fault.get("status", 409), dict(self.refusal(fault, path, body)[1], code="ID_MISMATCH")

    def missing(self):
        return 404, {"state": "not_found", "as_of": rfc3339(time.time())}

    @staticmethod
    def distort(fault, answer):
        name = fault["name"]
        if name == "wrong_id":
            answer["instruction_id"] = "Z" * 26
        elif name == "wrong_amount":
            answer["amount"] = dict(answer["amount"], minor=answer["amount"]["minor"] + 1)
        elif name == "wrong_currency":
            answer["amount"] = dict(answer["amount"], currency="USD")
        elif name == "no_amount":
            answer.pop("amount", None)
        return answer

    @staticmethod
    def sign(fault, status, path, body, request):
        nonce = request.nonce
        if fault == "other_answer":
            path += "0"
        if fault == "bad_signature":
            body = body + b" "
        at = time.time() - 600 if fault == "old_signature" else None
        return {} if fault == "no_signature" else {"X-Sig": x_sig(str(status), path, body, nonce, at)}

    def admit(self, request, body):
        request.nonce = x_sig_nonce(request.headers.get("X-Sig"), request.command, request.path, body)
        return request.nonce is not None

    def event(self, payout, state, url, bad):
        provider = self.provider
        provider.events += 1
        body = json.dumps({"event_id": f"ev-{provider.events}", "instruction_id": payout["id"], "provider_ref": payout["ref"],
                           "state": state, "final": state in ENDED, "amount": {"minor": payout["fen"], "currency": "CNY"},
                           "occurred_at": rfc3339(time.time())}).encode()
        field = x_sig("POST", urlsplit(url).path, body + (b" " if bad else b""), secrets.token_hex(16))
        return body, {"X-Sig": field, "Content-Type": "application/json"}


# --- WeChat -----------------------------------------------------------------------------------


class Wechat:
    """/v3/...: the same, with WeChat's words and keys."""

    TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"

    def __init__(self, provider, keys):
        self.provider = provider

        def read(name):
            with open(os.path.join(keys, name), "rb") as f:
                return f.read()

        self.merchant = serialization.load_pem_public_key(read("merchant.pub"))
        self.platform = serialization.load_pem_private_key(read("platform.pem"), None)

    def call_of(self, method, path):
        if method == "POST" and path == self.TRANSFERS:
            return "instruct"
        if path.startswith(self.TRANSFERS + "/out-bill-no/"):
            return "cancel" if path.endswith("/cancel") else "query"
        return "other"

    def show(self, payout, whole=True):
        bill = {"out_bill_no": payout["id"], "transfer_bill_no": payout["ref"], "state": WECHAT_STATES[payout["state"]],
                "create_time": rfc3339(time.time())}
        if payout["state"] == "needs_payee":
            bill["package_info"] = "affffddafdfafddffda=="
        if whole:
            bill.update(mch_id=MERCHANT, appid=APP_ID, transfer_amount=payout["fen"], openid=payout["payee"],
                        update_time=rfc3339(time.time()), transfer_remark="", user_name="")
            if payout["state"] == "failed":
                bill["fail_reason"] = payout["code"]
        return bill

    def answer(self, call, path, body):
        if call == "instruct":
            return self.instruct(body)
        if call == "other":
            return self.other(path)
        key = path.split("/")[6]
        self.provider.forget()
        payout = self.provider.payouts.get(key)
        if payout is None:
            return self.missing()
        if call == "cancel" and payout["state"] not in ENDED:
            payout["state"] = "cancelling"
        return 200, self.show(payout, call == "query")

    def open_name(self, sealed):
        oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
        return self.platform.decrypt(base64.b64decode(sealed), oaep).decode()

    def instruct(self, body):
        order = json.loads(body)
        name = order.get("user_name")
        if order["transfer_amount"] >= NAME_FROM_FEN and name is None:
            return 400, {"code": "PARAM_ERROR", "message": "user_name"}
        name = self.open_name(name) if name is not None else ""
        print_ = json.dumps(dict(order, user_name=name), sort_keys=True)
        found, payout = self.provider.instruct(order["out_bill_no"], order["transfer_amount"], print_, payee=order["openid"],
                                               name=name)
        return (400, {"code": "ALREADY_EXISTS", "message": ""}) if found == "other" else (200, self.show(payout, False))

    def bill(self, date):
        head = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
        text, balance, total, n = head + "\r\n", 100000000, 0, 0
        for line in self.provider.lines:
            at = datetime.fromtimestamp(line["at"], BEIJING)
            if at.strftime("%Y-%m-%d") != date:
                continue
            n, balance, total = n + 1, balance - line["fen"], total + line["fen"]
            cells = [at.strftime("%Y-%m-%d %H:%M:%S"), line["ref"], f"F{n}", "商家转账", "交易", "支出", self.yuan(line["fen"]),
                     self.yuan(balance), "API", "", line["id"]]
            text += ",".join("`" + cell for cell in cells) + "\r\n"
        text += "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n" + f"`{n}.0,`0.0,`0.00,`{n}.0,`{self.yuan(total)}\r\n"
        return text.encode()

    @staticmethod
    def yuan(fen):
        return f"{fen // 100}.{fen % 100:02d}"

    def other(self, path):
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        if parts.path == "/v3/bill/fundflowbill":
            date = query["bill_date"][0]
            return 200, {"hash_type": "SHA1", "hash_value": hashlib.sha1(self.bill(date)).hexdigest(),
                         "download_url": f"http://127.0.0.1:{self.port}/v3/billdownload/file?token={date}"}
        if parts.path == "/v3/billdownload/file":
            return 200, self.bill(query["token"][0])
        return 404, {"code": "RESOURCE_NOT_EXISTS", "message": ""}

    def refusal(self, fault, _path, _body):
        return fault.get("status", 400), {"code": fault.get("code", "NEW"), "message": "for people"}

    def mismatch(self, _fault, _path, _body):
        return 400, {"code": "ALREADY_EXISTS", "message": ""}

    def missing(self):
        return 404, {"code": "NOT_FOUND", "message": "no such bill"}

    @staticmethod
    def distort(fault, answer):
        if fault["name"] == "wrong_id":
            answer["out_bill_no"] = "Z" * 26
        elif fault["name"] == "wrong_amount":
            answer["transfer_amount"] = 1
        elif fault["name"] == "wrong_currency":
            answer["mch_id"] = "1900000002"
        elif fault["name"] == "no_amount":
            answer.pop("transfer_amount", None)
        return answer

    def fields(self, body, fault=""):
        seconds, nonce = str(int(time.time()) - (600 if fault == "old_signature" else 0)), secrets.token_hex(16)
        text = b"\n".join([seconds.encode(), nonce.encode(), body + (b" " if fault in ("bad_signature", "other_answer") else b"")]) + b"\n"
        signature = base64.b64encode(self.platform.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()
        return {"Wechatpay-Serial": PLATFORM_SERIAL, "Wechatpay-Timestamp": seconds, "Wechatpay-Nonce": nonce,
                "Wechatpay-Signature": signature}

    def sign(self, fault, _status, _path, body, _request):
        return {} if fault == "no_signature" else self.fields(body, fault)

    def admit(self, request, body):
        said = dict(re.findall(r'(\w+)="([^"]*)"', request.headers.get("Authorization", "")))
        if said.get("mchid") != MERCHANT or said.get("serial_no") != MERCHANT_SERIAL:
            return False
        text = "\n".join([request.command, request.path, said["timestamp"], said["nonce_str"], ""]).encode() + body + b"\n"
        try:
            self.merchant.verify(base64.b64decode(said["signature"]), text, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return abs(time.time() - int(said["timestamp"])) < 300

    def event(self, payout, state, _url, bad):
        provider = self.provider
        provider.events += 1
        nonce = secrets.token_hex(6)
        bill = json.dumps(self.show(dict(payout, state=state))).encode()
        sealed = AESGCM(API_KEY).encrypt(nonce.encode(), bill, b"mch_payment")
        body = json.dumps({"id": f"EV-{provider.events}", "create_time": rfc3339(time.time()), "resource_type": "encrypt-resource",
                           "event_type": "MCHTRANSFER.BILL.FINISHED", "summary": "商家转账单据终态通知",
                           "resource": {"original_type": "mch_payment", "algorithm": "AEAD_AES_256_GCM",
                                        "ciphertext": base64.b64encode(sealed).decode(), "associated_data": "mch_payment",
                                        "nonce": nonce}}, ensure_ascii=False).encode()
        return body, dict(self.fields(body, "bad_signature" if bad else ""), **{"Content-Type": "application/json"})


# --- serving ----------------------------------------------------------------------------------


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider = faces = None

    def log_message(self, *_args):
        pass

    def hang_up(self):
        self.close_connection = True
        # What was not read makes this a reset, as from a peer that died.
        self.connection.shutdown(socket.SHUT_RDWR)

    def send(self, status, body, fields):
        self.send_response(status)
        for name, value in dict(fields, **{"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def call(self):
        face = self.faces["wechat" if self.path.startswith("/v3/") else "http"]
        call = face.call_of(self.command, self.path)
        with self.provider.lock:
            fault = self.provider.take_fault(call)
        if fault["name"] == "close_before":
            return self.hang_up()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not face.admit(self, body):
            return self.send(401, b'{"code":"SIGN_ERROR"}', {})
        if fault["name"] in ("status", "redirect"):
            return self.weak(face, fault, call, body)
        with self.provider.lock:
            status, answer = self.decide(face, fault, call, body)
        return self.reply(face, fault["name"], status, answer)

    def weak(self, face, fault, call, body):
        if fault.get("act"):
            with self.provider.lock:
                face.answer(call, self.path, body)
        if fault["name"] == "redirect":
            return self.send(302, b"", {"Location": "/elsewhere"})
        return self.send(fault.get("status", 500), b"<html>", {})

    def decide(self, face, fault, call, body):
        name = fault["name"]
        if name == "refusal":
            return face.refusal(fault, self.path, body)
        if name == "mismatch":
            return face.mismatch(fault, self.path, body)
        if name == "not_found":
            return face.missing()
        if name in ("close_after", "silence") and not fault.get("act", True):
            return 0, {}
        status, answer = face.answer(call, self.path, body)
        return status, face.distort(fault, answer) if isinstance(answer, dict) else answer

    def reply(self, face, name, status, answer):
        if name == "close_after":
            return self.hang_up()
        if name == "silence":
            self.connection.settimeout(120)
            self.rfile.read(1)
            return self.hang_up()
        # As the lines of a statement are hashed: without blanks.
        body = answer if isinstance(answer, bytes) else json.dumps(answer, separators=(",", ":")).encode()
        if name == "bad_json":
            body = body[:-1]
        fields = face.sign(name, status, self.path, body, self)
        return self.send(status, body, dict(fields, **{"Content-Type": "application/json"}))

    do_GET = do_POST = call


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_args):
        pass


class Doors:
    """The service port, which can be closed and opened again at the same number."""

    def __init__(self):
        self.server = None
        self.port = 0
        self.open()

    def open(self):
        if self.server is None:
            self.server = Server(("127.0.0.1", self.port), Service)
            self.port = self.server.server_address[1]
            threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


class Control(BaseHTTPRequestHandler):
    provider = faces = doors = None

    def log_message(self, *_args):
        pass

    def call(self):
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        answer = getattr(self, "on_" + self.path.strip("/"), lambda _said: None)(said)
        body = json.dumps(answer).encode()
        self.send_response(200 if answer is not None else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = call

    def on_mode(self, said):
        self.provider.mode = said["mode"]
        return {}

    def on_fault(self, said):
        if said["name"] not in FAULTS:
            return None
        with self.provider.lock:
            self.provider.faults.append(dict({"on": "any", "times": 1}, **said))
        return {}

    def on_refuse(self, said):
        (self.doors.close if said["on"] else self.doors.open)()
        return {}

    def on_settle(self, said):
        with self.provider.lock:
            payout = self.provider.payouts.get(said["id"])
            if payout is None:
                return None
            self.provider.settle(payout, said["state"], said.get("code", ""))
        return {}

    def on_advance(self, said):
        self.provider.offset += said["seconds"]
        return {}

    def on_sent(self, _said):
        with self.provider.lock:
            return dict(self.provider.sent)

    def on_payouts(self, _said):
        with self.provider.lock:
            return dict(self.provider.payouts)

    def on_callback(self, said):
        face = self.faces[said.get("face", "http")]
        url = urlsplit(said["url"])
        statuses = []
        for state in said["states"]:
            with self.provider.lock:
                body, fields = face.event(self.provider.payouts[said["id"]], state, said["url"], said.get("bad", ""))
            for _ in range(said.get("times", 1)):
                peer = http.client.HTTPConnection(url.netloc, timeout=120)
                peer.request("POST", url.path, body, fields)
                statuses.append(peer.getresponse().status)
                peer.close()
        return statuses


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--retention", type=int, default=86400, help="seconds that an instruction id is known")
    parser.add_argument("--keys", default="tests/data/wechat", help="merchant.pub and platform.pem")
    args = parser.parse_args()
    provider = Provider(args.retention)
    faces = {"http": Connector(provider), "wechat": Wechat(provider, args.keys)}
    Service.provider = Control.provider = provider
    Service.faces = Control.faces = faces
    Control.doors = doors = Doors()
    faces["wechat"].port = doors.port
    control = Server(("127.0.0.1", 0), Control)
    threading.Thread(target=control.serve_forever, args=(0.02,), daemon=True).start()
    print(doors.port, control.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
