#!/usr/bin/python3
"""SMS gateways of every kind at the real daemon: messages in, in each one's own words; answers out; a modem by way of smstools3."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import unittest
from urllib.parse import parse_qs, urlencode

from tipline import PATIENCE, ROOT, Daemon, in_threads, main, new_dir, wait_for

SECRET = "0123456789abcdef0123456789abcdef"
BASE = "https://tips.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
SPOOL = os.path.join(ROOT, "scripts/tipline-sms-spool")
SMSD = shutil.which("smsd", path=os.environ.get("PATH", "") + ":/usr/sbin")
TOKEN = "twilio-auth-token"


class Sink:
    """Takes what gateways' clouds would take, and answers in their words."""

    ANSWERS = {"/twilio": (201, '{"sid":"SM77"}'), "/vonage": (200, '{"messages":[{"status":"0","message-id":"V77"}]}'),
               "/alibaba": (200, '{"Code":"OK","BizId":"A77"}'), "/jasmin": (200, 'Success "J77"'), "/agg": (200, '{"code":0,"id":"G77"}'),
               "/tencent": (200, '{"Response":{"SendStatusSet":[{"SerialNo":"T77","Code":"Ok"}]}}')}

    def __init__(self):
        sink = self
        self.got = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                sink.got.append((self.path, dict(self.headers), body))
                status, text = sink.ANSWERS["/" + self.path.split("/")[1]]
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def to(self, path):
        return [g for g in self.got if g[0].startswith(path)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def settings(url):
    path = {"secret": SECRET, "public_url": BASE, "send_user": "user", "send_password": "password"}
    template = {"send_sign": "某某服务", "send_template": "SMS_1"}
    gateways = {
        "twilio": {"driver": "twilio", "secret": TOKEN, "public_url": BASE, "send_url": url + "/twilio/Messages.json", "send_user": "AC1",
                   "send_password": "p", "sender": "+18005551212"},
        "vonage": {"driver": "vonage", "signature": "sha256", "secret": "vonage-secret", "public_url": BASE, "send_url": url + "/vonage",
                   "send_user": "k", "send_password": "p", "sender": "+447700900000"},
        "alibaba": {"driver": "alibaba", **path, **template, "send_params": "code={number}", "send_url": url + "/alibaba"},
        "tencent": {"driver": "tencent", **path, **template, "send_params": "{number}", "send_app": "1400", "send_region": "ap-guangzhou",
                    "send_url": url + "/tencent"},
        "jasmin": {"driver": "jasmin", **path, "send_url": url + "/jasmin/send"},
        "agg": {"driver": "generic", **path, "id_field": "id", "from_field": "mobile", "text_field": "content", "text_coding": "gbk",
                "answer_done": '200 {"code":0}', "receipt_id_field": "id", "receipt_field": "stat", "receipt_delivered": "DELIVRD",
                "send_url": url + "/agg", "send_type": "application/json", "send_done": '200 "code":0',
                "send_body": '{"m":"{digits}","c":"{text}","r":"{receipts}"}'},
        "modem": {"driver": "generic", "secret": SECRET, "networks": ["127.0.0.1"], "id_field": "id", "from_field": "from",
                  "to_field": "to", "text_field": "text", "time_field": "time", "receipt_field": "state", "receipt_delivered": "delivered",
                  "receipt_failed": "failed", "send_url": url + "/modem", "send_password": SECRET, "send_type": "application/json",
                  "send_fields": "Authorization: Bearer {password}", "send_body": '{"to":"{to}","text":"{text}","id":"{id}"}'},
        "far": {"driver": "generic", "secret": SECRET, "networks": ["192.0.2.0/24"], "from_field": "from", "text_field": "text"},
    }
    return gateways


class WithGateways(Daemon):
    """Its configuration is a file: there are more keys than --set is made for."""

    def __init__(self, url):
        super().__init__("claim.wait_max_s=30")
        self.file = os.path.join(os.path.dirname(self.state), "tipline.yaml")
        with open(self.file, "w", encoding="utf-8") as f:
            json.dump({"sms": {"gateways": settings(url)}}, f)   # JSON is YAML

    def command(self):
        return [*super().command(), "--config", self.file]


def twilio_signature(path, fields):
    text = BASE + path + "".join(k + v for k, v in sorted(set(fields)))
    return base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), "sha1").digest()).decode()


def vonage_signed(fields):
    fields = dict(fields, timestamp=str(int(time.time())))
    text = "".join(f"&{k}={fields[k].replace('&', '_').replace('=', '_')}" for k in sorted(fields))
    return dict(fields, sig=hmac.new(b"vonage-secret", text.encode(), "sha256").hexdigest())


class AllKinds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = Sink()
        cls.d = WithGateways(cls.sink.url).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.sink.close()

    def ask(self, path, body, fields, method="POST"):
        return self.d.ask("public", method, path, body if isinstance(body, (bytes, type(None))) else body.encode(), fields)

    def one_tip(self, text, sends, wanted):
        """The same five times at once and once more: five good answers, one tip."""
        for answer in [*in_threads(5, lambda _: sends()), sends()]:
            self.assertEqual((answer.status, answer.text), wanted)
        self.assertEqual([t["text"] for t in self.d.claim_when_there()], [text])
        self.assertEqual(self.d.claim("000000", max=100), [])

    def answered(self, path, read):
        """The one answer that went out through that gateway."""
        wait_for(lambda: self.sink.to(path), 30, f"an answer at {path}")
        time.sleep(0.3)
        self.assertEqual(len(self.sink.to(path)), 1, "one message, one answer")
        words = read(*self.sink.to(path)[0][1:])
        self.assertNotRegex(words.lower(), "girl|van|tip|police")
        return words

    def test_twilio(self):
        fields = [("MessageSid", "SM1"), ("From", "+8613800138001"), ("To", "+18005551212"), ("Body", "Ordos: a girl in a van \r\n ")]

        def send(path="/sms/twilio/mo", signature=None, body=None):
            return self.ask(path, body or urlencode(fields), dict(FORM, **{"X-Twilio-Signature": signature or twilio_signature(path, fields)}))
        self.assertEqual(send(body=urlencode(fields) + "1").status, 403)
        self.assertEqual(send(signature="AAAA").status, 403)
        self.one_tip("Ordos: a girl in a van \r\n ", send, (200, "<Response/>"))
        self.answered("/twilio", lambda _, body: parse_qs(body.decode())["Body"][0])
        callback = parse_qs(self.sink.to("/twilio")[0][2].decode())["StatusCallback"][0]
        self.assertTrue(callback.startswith(BASE + "/sms/twilio/dlr?my="))
        status, path = [("MessageSid", "SM77"), ("MessageStatus", "delivered")], callback[len(BASE):]
        answer = self.ask(path, urlencode(status), dict(FORM, **{"X-Twilio-Signature": twilio_signature(path, status)}))
        self.assertEqual(answer.status, 200)

    def test_vonage(self):
        good = vonage_signed({"msisdn": "8613800138002", "to": "447700900000", "messageId": "V1", "text": "东胜&=看到一个女孩", "type": "unicode"})
        self.assertEqual(self.ask("/sms/vonage/mo", urlencode(dict(good, text="x")), FORM).status, 401)
        self.assertEqual(self.ask("/sms/vonage/mo", urlencode(dict(good, timestamp="1795000000")), FORM).status, 401)
        self.one_tip("东胜&=看到一个女孩", lambda: self.ask("/sms/vonage/mo", json.dumps(good), JSON), (200, ""))
        self.assertEqual(self.ask("/sms/vonage/mo?" + urlencode(good), None, {}, "GET").status, 200)
        self.answered("/vonage", lambda _, body: parse_qs(body.decode())["text"][0])
        for number in (2, 1):
            part = vonage_signed({"msisdn": "8613800138002", "to": "1", "messageId": f"P{number}", "text": f"第{number}段", "concat": "true",
                                  "concat-ref": "7", "concat-total": "2", "concat-part": str(number)})
            self.assertEqual(self.ask("/sms/vonage/mo", urlencode(part), FORM).status, 200)
        self.assertEqual([t["text"] for t in self.d.claim_when_there()], ["第1段第2段"])

    def test_alibaba(self):
        batch = [{"phone_number": f"1380013801{i}", "dest_code": "1069", "sequence_id": i if i == 2 else str(i), "content": f"东胜第{i}个"}
                 for i in (1, 2, 3)]
        path = f"/sms/alibaba/mo/{SECRET}"
        began = time.monotonic()
        self.assertEqual(self.ask(path, json.dumps(batch), JSON).json, {"code": 0, "msg": "ok"})
        self.assertLess(time.monotonic() - began, 0.7 * PATIENCE)
        self.assertEqual(self.ask(path, json.dumps(batch), JSON).status, 200)
        self.assertEqual(self.ask(path, "[1,null]", JSON).status, 400)
        late = {"phone_number": "13800138019", "dest_code": "1069", "sequence_id": "9", "content": "东胜第9个"}
        self.assertEqual(self.ask(path, json.dumps([None, late]), JSON).status, 400, "an error for one")
        for wrong in (path + "0", "/sms/alibaba/mo/", "/sms/alibaba/mo", "/sms/alibaba", f"/sms/alibaba/{SECRET}"):
            self.assertEqual(self.ask(wrong, json.dumps(batch), JSON).status, 404, wrong)
        self.assertEqual(sorted(t["text"] for t in self.d.claim("000000", max=100)), [f"东胜第{i}个" for i in (1, 2, 3, 9)])
        wait_for(lambda: len(self.sink.to("/alibaba")) == 4, 30, "four answers by template")
        sent = parse_qs(self.sink.to("/alibaba")[0][2].decode())
        self.assertRegex(json.loads(sent["TemplateParam"][0])["code"], r"^[0-9A-Z-]{6,}$")
        self.assertEqual(self.ask(f"/sms/alibaba/dlr/{SECRET}", '[{"biz_id":"A77","success":true}]', JSON).status, 200)

    def test_tencent(self):
        body = json.dumps({"nationcode": "86", "mobile": "13800138004", "text": "东胜四 😀", "time": 1795323600, "extend": "00"})
        self.one_tip("东胜四 😀", lambda: self.ask(f"/sms/tencent/mo/{SECRET}", body, JSON), (200, '{"result":0,"errmsg":"OK"}'))
        self.assertEqual(self.ask("/sms/tencent/mo/x", body, JSON).status, 404)
        words = self.answered("/tencent", lambda _, sent: json.loads(sent)["TemplateParamSet"][0])
        self.assertRegex(words, r"^[0-9A-Z-]{6,}$")

    def test_jasmin(self):
        text = "东胜五😀"
        body = urlencode({"id": "u-1", "from": "8613800138005", "to": "106900", "coding": "8", "binary": text.encode("utf-16-be").hex()})
        self.one_tip(text, lambda: self.ask(f"/sms/jasmin/mo/{SECRET}", body, FORM), (200, "ACK/Jasmin"))
        self.assertEqual(self.ask("/sms/jasmin/mo/wrong", body, FORM).status, 403, "a 404 would make it drop the message")
        self.answered("/jasmin", lambda _, sent: bytes.fromhex(parse_qs(sent.decode())["hex-content"][0]).decode("utf-16-be"))
        receipt = parse_qs(self.sink.to("/jasmin")[0][2].decode())["dlr-url"][0][len(BASE):]
        self.assertEqual(self.ask(receipt, "id=J77&message_status=DELIVRD", FORM).text, "ACK/Jasmin")

    def test_generic(self):
        body = urlencode({"id": "g1", "mobile": "13800138006", "content": "东胜六"}, encoding="gbk")
        self.one_tip("东胜六", lambda: self.ask(f"/sms/agg/mo/{SECRET}", body, FORM), (200, '{"code":0}'))
        self.answered("/agg", lambda _, sent: json.loads(sent)["c"])
        receipt = json.loads(self.sink.to("/agg")[0][2])["r"][len(BASE):]
        self.assertEqual(self.ask(receipt, "id=G77&stat=DELIVRD", FORM).status, 200)
        self.assertEqual(self.ask(f"/sms/far/mo/{SECRET}", "from=1&text=x", FORM).status, 403, "from another network")

    def test_no_secret_number_or_text_in_the_log(self):
        self.ask(f"/sms/agg/mo/{SECRET}", "mobile=13912345678", FORM)
        self.ask(f"/sms/agg/mo/{SECRET}x", "mobile=13912345678&content=geheim", FORM)
        self.ask(f"/sms/nobody/mo/{SECRET}", "x", FORM)
        time.sleep(0.2)
        for word in (SECRET, TOKEN, "vonage-secret", "13912345678", "geheim", "138001380"):
            self.assertNotIn(word, self.d.log(), word)


class Settings(unittest.TestCase):
    def refused(self, *sets):
        done = subprocess.run([os.path.join(os.environ.get("TIPLINE_BUILD", os.path.join(ROOT, "build")), "tipctl"), "check-config",
                               *(w for s in sets for w in ("--set", "sms.gateways.x." + s))], capture_output=True, text=True,
                              timeout=60 * PATIENCE, check=False, cwd=ROOT)
        self.assertNotEqual(done.returncode, 0, sets)
        return done.stderr

    def test_the_example_is_good(self):
        tipctl = os.path.join(os.environ.get("TIPLINE_BUILD", os.path.join(ROOT, "build")), "tipctl")
        done = subprocess.run([tipctl, "check-config", "--config", "config/gateways.yaml"], cwd=ROOT, capture_output=True, text=True,
                              timeout=60 * PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "configuration is good\n"), done.stderr)

    def test_complaints_name_the_key(self):
        for sets, why in ((("driver=none", "secret=x"), "driver:"), (("driver=alibaba", "secret=short"), "128 bit"),
                          (("driver=twilio", "secret_file=a"), "public_url: missing"),
                          (("driver=vonage", "secret_file=a", "signature=crc"), "none of md5hash"),
                          (("driver=generic", "secret_file=a", "from_field=f"), "text_field: missing")):
            self.assertIn(why, self.refused(*sets))


class Spool(unittest.TestCase):
    """scripts/tipline-sms-spool, with messages as smstools3 and gammu-smsd give them."""

    def setUp(self):
        self.dir = new_dir("tipline-m-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.d = WithGateways("http://127.0.0.1:1")
        self.addCleanup(self.d.close)
        self.d.start()
        self.conf = os.path.join(self.dir, "conf")
        self.spool = os.path.join(self.dir, "spool")
        with open(os.path.join(self.dir, "secret"), "w", encoding="ascii") as f:
            f.write(SECRET + "\n")
        self.point_at(self.d.ports["public"])

    def point_at(self, address):
        with open(self.conf, "w", encoding="ascii") as f:
            f.write(f"url = http://{address}/sms/modem/mo/{{secret}}\nsecret_file = {self.dir}/secret\nspool = {self.spool}\n"
                    f"number = +8613900000000\ngammu_inbox = {self.dir}\n")

    def run_script(self, *arguments, **variables):
        return subprocess.run([SPOOL, *arguments], env=dict(os.environ, TIPLINE_SMS_SPOOL=self.conf, **variables), timeout=60 * PATIENCE,
                              capture_output=True, text=True, check=False)

    def incoming(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def waiting(self):
        return [n for n in os.listdir(self.spool) if not n.startswith(".") and n != "aside"]

    def texts(self):
        return sorted(t["text"] for t in self.d.claim("000000", max=100))

    def test_smstools_files(self):
        for i, (alphabet, body) in enumerate((("UTF-8", "东胜一".encode()), ("UCS2", "东胜二".encode("utf-16-be")), ("ISO", b"caf\xe9"))):
            path = self.incoming(f"GSM1.{i}", b"From: 8613800138000\nFrom_TOA: 91 international\nSent: 26-11-22 13:00:00\nAlphabet: "
                                 + alphabet.encode() + b"\n\n" + body)
            self.assertEqual(self.run_script("RECEIVED", path).returncode, 0)
            self.assertFalse(os.path.exists(path))
        self.assertEqual(self.waiting(), [])
        self.assertEqual(self.texts(), sorted(["东胜一", "东胜二", "café"]))
        path = self.incoming("GSM1.9", b"From: 1\nAlphabet: binary\n\n\x00\x01")
        self.run_script("RECEIVED", path)
        self.assertEqual((self.waiting(), len(os.listdir(os.path.join(self.spool, "aside")))), ([], 1))

    def test_gammu_variables(self):
        name = "IN20261122_130000_00_+8613800138000_00.txt"
        path = self.incoming(name, b"x")
        self.run_script(name, SMS_MESSAGES="2", SMS_1_NUMBER="+8613800138000", SMS_1_TEXT="a", SMS_2_TEXT="b", DECODED_PARTS="1",
                        DECODED_1_TEXT="东胜 from gammu")
        self.assertFalse(os.path.exists(path))
        self.assertEqual((self.waiting(), self.texts()), ([], ["东胜 from gammu"]))

    def test_what_could_not_be_posted_stays_and_comes_once(self):
        self.point_at("127.0.0.1:1")
        content = b"From: 8613800138000\nAlphabet: UTF-8\n\nkept until later"
        self.run_script("RECEIVED", self.incoming("GSM1.a", content))
        self.run_script("RECEIVED", self.incoming("GSM1.b", content.replace(b"later", b"then")))
        names = self.waiting()
        self.assertEqual(len(names), 2)
        self.assertNotIn("138001", " ".join(names))
        copy = {n: open(os.path.join(self.spool, n), "rb").read() for n in names}
        self.point_at(self.d.ports["public"])
        said = self.run_script("--sweep")
        self.assertEqual((self.waiting(), said.stdout, said.stderr), ([], "", ""))
        for name, content in copy.items():     # as after a crash between the answer and the deletion
            self.incoming(os.path.join("spool", name), content)
        self.run_script("--sweep")
        self.assertEqual((self.waiting(), self.texts()), ([], ["kept until later", "kept until then"]))

    @unittest.skipUnless(SMSD, "smstools is not installed")
    def test_a_modem_under_smstools(self):
        modem = subprocess.Popen([os.path.join(ROOT, "tests/support/at_modem.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(modem.stdout.close)
        self.addCleanup(modem.wait)
        self.addCleanup(modem.stdin.close)
        port = json.loads(modem.stdout.readline())["port"]
        long = "昨天下午三点左右在东胜区长途汽车站北门，我看到一个小女孩被一名男子强行拉上一辆面包车，女孩一直在哭喊着要妈妈😢。" * 2
        for message in ({"from": "+8613800138000", "text": "东胜 by modem"}, {"from": "+8613800138001", "text": long, "order": [2, 1]}):
            modem.stdin.write(json.dumps(message) + "\n")
        modem.stdin.flush()
        self.start_smsd(port)
        found = []
        wait_for(lambda: found.extend(self.texts()) or len(found) == 2, 60, "two tips by way of the modem")
        self.assertEqual(sorted(found), sorted(["东胜 by modem", long]))

        def left():
            modem.stdin.write('{"left": true}\n')
            modem.stdin.flush()
            return json.loads(modem.stdout.readline())["left"]
        wait_for(lambda: left() == 0, 30, "the modem's memory is empty")

    def start_smsd(self, port):
        work = os.path.join(self.dir, "smsd")
        folders = ("outgoing", "checked", "incoming", "sent", "failed", "report")
        for folder in folders:
            os.makedirs(os.path.join(work, folder))
        handler = os.path.join(work, "handler")
        with open(handler, "w", encoding="ascii") as f:
            f.write(f'#!/bin/sh\nTIPLINE_SMS_SPOOL={self.conf} exec {SPOOL} "$@"\n')
        os.chmod(handler, 0o755)
        with open(os.path.join(work, "smsd.conf"), "w", encoding="ascii") as f:
            f.write("devices = GSM1\n" + "".join(f"{folder} = {work}/{folder}\n" for folder in folders)
                    + f"logfile = {work}/log\ninfofile = {work}/info\npidfile = {work}/pid\nloglevel = 4\neventhandler = {handler}\n"
                    "delaytime = 1\ndelaytime_mainprocess = 1\nincoming_utf8 = yes\n"
                    f"[GSM1]\ndevice = @127.0.0.1:{port}\nincoming = yes\nreport = no\n")
        with open(os.path.join(work, "out"), "wb") as out:
            smsd = subprocess.Popen([SMSD, "-t", f"-c{work}/smsd.conf"], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.addCleanup(smsd.wait)
        self.addCleanup(smsd.terminate)


if __name__ == "__main__":
    main()
