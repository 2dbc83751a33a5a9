#!/usr/bin/python3
"""SMS through a real Kannel: texts and long messages in, answers out; and what a gateway may do wrong."""
import json
import os
import re
import shutil
import subprocess
import threading
import time
import unittest

from tipline import PATIENCE, ROOT, Daemon, Redis, free_port, in_threads, main, new_dir, wait_for

SUPPORT = os.path.join(ROOT, "tests/support")
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
SECRET = "s3cr3t-0123456789"
PARTS_S = 5   # the least that parts may be waited for
LONG = ("昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，我看到一个大约五六岁的小女孩被一名四十岁左右的男子强行拉上一辆银灰色面包车，"
        "车牌是蒙KA1234，女孩一直在哭，喊着要妈妈。男子穿黑色外套，右手有纹身😢。车往包头方向开走了。请尽快查一查，我怕来不及了。"
        "旁边小卖部的老板也看到了，他说这辆车前天就停在那里，司机是外地口音。")

# Whether an event of a shard's journal holds these bytes.
HAS_EVENT = """
for _, entry in ipairs(redis.call('XRANGE', '{' .. ARGV[1] .. '}:journal', '-', '+')) do
	for _, value in ipairs(entry[2]) do
		if string.find(value, ARGV[2], 1, true) then
			return 1
		end
	end
end
return 0
"""


def kannel_there():
    return shutil.which("bearerbox", path=os.environ.get("PATH", "") + ":/usr/sbin") and os.path.exists(FAKESMSC)


class Kannel:
    def __init__(self, base_url, *options):
        self.dir = os.path.join(new_dir("tipline-k-"), "k")
        subprocess.run([os.path.join(SUPPORT, "kannel-up"), self.dir, base_url, "--token", SECRET, *options], check=True,
                       stdout=subprocess.DEVNULL, timeout=300 * PATIENCE)
        with open(os.path.join(self.dir, "env"), encoding="utf-8") as f:
            self.env = dict(line.strip().split("=", 1) for line in f if "=" in line)

    def down(self):
        subprocess.run([os.path.join(SUPPORT, "kannel-down"), self.dir], check=True, timeout=60 * PATIENCE)
        shutil.rmtree(os.path.dirname(self.dir), ignore_errors=True)


def configured(port, send_url="", **more):
    sets = {"driver": "kannel", "secret": SECRET, "send_url": send_url, "send_user": "tip", "send_password": "tippass",
            "sender": "106900", **more}
    return Daemon(*(f"sms.gateways.kannel.{k}={v}" for k, v in sets.items() if v), "claim.wait_max_s=30", port=port)


@unittest.skipUnless(kannel_there(), "kannel and kannel-extras are not installed")
class ThroughKannel(unittest.TestCase):
    def start(self, *options, reply="reference"):
        port = free_port()
        self.kannel = Kannel(f"http://127.0.0.1:{port}", *options)
        self.addCleanup(self.kannel.down)
        self.d = configured(port, self.kannel.env["SENDSMS_URL"], public_url=f"http://127.0.0.1:{port}")
        self.d.sets.append(f"sms.reply={reply}")
        self.addCleanup(self.d.close)
        self.d.start()

    def fake(self, message, log, times=1):
        """The fake SMSC sends a message and prints what comes back, into a file."""
        out = open(log, "wb")
        self.addCleanup(out.close)
        # It draws among its messages, so a test gives one, to be sent several times.
        process = subprocess.Popen([FAKESMSC, "-H", "127.0.0.1", "-r", self.kannel.env["FAKE_PORT"], "-i", "0.05", "-m",
                                    str(times), message], stdout=out, stderr=out)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def log(self, path):
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def test_text_in_and_answer_out(self):
        self.start()
        log = os.path.join(self.d.state + "-fakesmsc")
        os.makedirs(os.path.dirname(log), exist_ok=True)
        self.fake("+8613800138000 106900 text Ordos Dongsheng: a little girl was dragged into a van", log=log)
        tip = self.d.claim_when_there()[0]
        self.assertEqual(tip["text"], "Ordos Dongsheng: a little girl was dragged into a van")
        wait_for(lambda: "106900 +8613800138000" in self.log(log) or "106900 8613800138000" in self.log(log), 20,
                 "the answer is seen at the fake SMSC")
        answer = next(line for line in self.log(log).splitlines() if re.search(r"106900 \+?8613800138000", line))
        self.assertIn(tip["id"][3:], answer.replace("%2D", "-"))
        self.assertNotRegex(answer.lower(), "tip|reward|police|girl|van")
        wait_for(lambda: self.d.metrics()['tipline_courier_total{end="sent"}'] == 1, 10, "the courier is done")

    def test_answer_with_the_receipt_code(self):
        self.start(reply="receipt")
        log = os.path.join(self.d.state + "-fakesmsc")
        os.makedirs(os.path.dirname(log), exist_ok=True)
        self.fake("+8613800138001 106900 text Ordos: a boy was dragged into a van", log=log)
        found = wait_for(lambda: re.search(r"106900 \+?8613800138001 .*?((?:\d{4}[ +]?){6})", self.log(log)), 30,
                         "the code is seen at the fake SMSC")
        code = re.sub(r"\D", "", found.group(1))
        self.assertEqual(self.d.receipt(code).json["id"], self.d.claim("000000")[0]["id"])

    def speak(self, peer, line):
        peer.stdin.write(json.dumps(line) + "\n")
        peer.stdin.flush()

    def listen(self, peer, member):
        """The next line of the SMPP peer that has this member."""
        limit = threading.Timer(300 * PATIENCE, peer.kill)
        limit.start()
        try:
            while True:
                line = json.loads(peer.stdout.readline() or '{"ended": true}')
                self.assertNotIn("ended", line, f"no {member} from the peer")
                if member in line:
                    return line[member]
        finally:
            limit.cancel()

    def long_message(self, *options):
        peer = subprocess.Popen([os.path.join(SUPPORT, "smpp_peer.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True)
        self.addCleanup(peer.stdout.close)
        self.addCleanup(peer.wait)
        self.addCleanup(peer.stdin.close)
        self.start("--smpp", str(self.listen(peer, "port")), *options)
        self.speak(peer, {"from": "+8613800138000", "to": "106900", "text": LONG, "ref": 42, "order": [3, 1, 2]})
        for _ in range(3):
            self.assertEqual(self.listen(peer, "delivered"), 0)
        tips = self.d.claim_when_there()
        self.assertEqual([t["text"] for t in tips], [LONG])
        self.assertEqual(tips[0]["region"], "150602")
        answer = self.listen(peer, "mt")
        words = bytes.fromhex(answer["hex"]).decode("utf-16-be" if answer["dcs"] == 8 else "latin-1")
        self.assertIn(tips[0]["id"][3:], words)
        self.assertNotIn("女孩", words)
        self.assertEqual(answer["registered"] & 1, 1, "a delivery report is asked for")
        wait_for(lambda: self.d.redis_ask("eval", HAS_EVENT, 0, tips[0]["id"][:2], '"e":"delivered"'), 20, "the report finds the tip")
        time.sleep(0.5)
        self.assertEqual(self.d.claim("000000", max=10), [], "the parts are one tip")

    def test_long_message_joined_by_the_daemon(self):
        self.long_message()

    def test_long_message_joined_by_kannel(self):
        self.long_message("--combine")

    def test_long_message_by_get(self):
        self.long_message("--style", "get")

    def test_daemon_away_for_a_while(self):
        self.start()
        log = os.path.join(self.d.state + "-fakesmsc")
        self.d.kill()
        self.fake("+8613800138000 106900 text sent during an outage", log, times=3)
        time.sleep(1.5)
        self.d.start()
        wait_for(lambda: sum(q["waiting"] for q in self.d.queues().values()) >= 3, 30, "Kannel sends them again")
        time.sleep(1)
        self.assertEqual([t["text"] for t in self.d.claim("000000", max=10)], ["sent during an outage"] * 3)


class AtTheDoor(unittest.TestCase):
    """What a gateway sends, sent directly."""

    @classmethod
    def setUpClass(cls):
        cls.d = configured(0).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def post(self, key, text, sender="+8613800138000", daemon=None, secret=SECRET, udh="", charset="UTF-8", coding="2"):
        fields = {"X-Kannel-From": sender, "X-Kannel-To": "106900", "X-Kannel-Coding": coding,
                  "Content-Type": f"text/plain; charset={charset}"}
        if secret:
            fields["X-Tipline-Token"] = secret
        if udh:
            fields["X-Kannel-UDH"] = "".join(f"%{b:02X}" for b in bytes.fromhex(udh))
        body = text if isinstance(text, bytes) else text.encode()
        return (daemon or self.d).ask("public", "POST", f"/sms/kannel?id={key}&ts=2026-11-21+10:00:00", body, fields)

    def texts(self, daemon=None):
        return sorted(t["text"] for t in (daemon or self.d).claim("000000", max=100))

    def test_the_same_message_twice_is_one_tip(self):
        for _ in range(3):
            answer = self.post("again-1", "东胜区看到可疑的人一")
            self.assertEqual((answer.status, answer.body), (200, b""), "a body would be sent to the phone")
        answers = in_threads(5, lambda i: self.post("again-2", "东胜区看到可疑的人二"))
        self.assertEqual({a.status for a in answers}, {200})
        self.assertEqual(self.texts(), ["东胜区看到可疑的人一", "东胜区看到可疑的人二"])

    def test_one_id_for_two_texts_loses_neither(self):
        self.post("shared", "东胜区看到可疑的人三")
        self.post("shared", "东胜区看到可疑的人四")
        self.assertEqual(self.texts(), ["东胜区看到可疑的人三", "东胜区看到可疑的人四"])

    def test_wrong_secret_and_unknown_gateway(self):
        self.assertEqual(self.post("x", "文字", secret="wrong").status, 403)
        self.assertEqual(self.post("x", "文字", secret="").status, 403)
        answer = self.d.ask("public", "POST", "/sms/other?id=1", b"x", {"X-Tipline-Token": SECRET})
        self.assertEqual(answer.status, 404)
        answer = self.d.ask("public", "GET", f"/sms/kannel?token={SECRET}&id=get-1&from=%2B8613800138000&to=106900&coding=0&charset=UTF-8&bin=by+get")
        self.assertEqual((answer.status, self.texts()), (200, ["by get"]))

    def test_parts_in_any_order(self):
        halves = ["东胜区看到一个", "可疑的人五"]
        for number in (2, 1, 2):
            answer = self.post(f"part-{number}", halves[number - 1].encode("utf-16-be"), udh=f"050003{0x21:02x}02{number:02x}",
                               charset="UTF-16BE")
            self.assertEqual(answer.status, 200)
        self.assertEqual(self.texts(), ["".join(halves)])

    def test_parts_of_two_senders_do_not_mix(self):
        for sender, number in (("+8613800138001", 1), ("+8613800138002", 2), ("+8613800138002", 1), ("+8613800138001", 2)):
            text = f"来自{sender[-1]}的第{number}段。"
            self.post(f"mix-{sender}-{number}", text.encode("utf-16-be"), sender=sender, udh=f"050003{0x22:02x}02{number:02x}",
                      charset="UTF-16BE")
        self.assertEqual(self.texts(), ["来自1的第1段。来自1的第2段。", "来自2的第1段。来自2的第2段。"])

    def test_a_missing_part_does_not_hold_the_rest_for_ever(self):
        d = configured(0)
        d.sets.append(f"sms.parts_timeout_s={PARTS_S}")
        self.addCleanup(d.close)
        d.start()
        for number in range(1, 9):
            began = time.monotonic()
            self.post(f"lone-{number}", f"只有第{number}段".encode("utf-16-be"), udh=f"050003{number:02x}0201", charset="UTF-16BE", daemon=d)
            before = self.texts(d)
            if time.monotonic() - began < PARTS_S:   # else the machine is too busy to see that it waits
                break
        self.assertEqual(before, [])
        tips = d.claim_when_there()
        self.assertEqual(len(tips), 1)
        self.assertIn(f"只有第{number}段", tips[0]["text"])

    def test_parts_survive_a_kill(self):
        d = configured(0)
        self.addCleanup(d.close)
        d.start()
        self.post("k1", "第一段".encode("utf-16-be"), udh="050003440201", charset="UTF-16BE", daemon=d)
        d.kill()
        d.start()
        self.post("k2", "第二段".encode("utf-16-be"), udh="050003440202", charset="UTF-16BE", daemon=d)
        self.assertEqual(self.texts(d), ["第一段第二段"])

    def test_a_late_part_is_added_to_its_tip(self):
        d = configured(0)
        d.sets.append(f"sms.parts_timeout_s={PARTS_S}")
        self.addCleanup(d.close)
        d.start()
        pieces = {1: "东胜区看到一个", 2: "穿红衣服的", 3: "可疑的人"}

        def part(number, key):
            return self.post(key, pieces[number].encode("utf-16-be"), udh=f"0500036103{number:02x}",
                             charset="UTF-16BE", daemon=d).status

        self.assertEqual([part(1, "late-1"), part(3, "late-3")], [200, 200])
        tips = d.claim_when_there()
        self.assertEqual([t["text"] for t in tips], ["东胜区看到一个[…]可疑的人"])
        d.kill()
        d.start()
        self.assertEqual(part(2, "late-2"), 200)
        wait_for(lambda: d.metrics()['tipline_sms_total{kind="late"}'] == 1, 60, "the late part is added")
        said = d.staff("GET", f"/api/v1/tips/{tips[0]['id']}").json["messages"]
        self.assertEqual([(m["from"], m["text"]) for m in said], [("informant", "[…]穿红衣服的[…]")])
        self.assertEqual(part(2, "late-2-again"), 200)
        time.sleep(1.5)
        self.assertEqual(self.texts(d), [])
        self.assertEqual(d.metrics()['tipline_sms_total{kind="late"}'], 1)
        self.assertNotIn("红衣".encode(), d.all_logs())

    def test_two_daemons_on_one_redis(self):
        redis = Redis().start()
        self.addCleanup(redis.remove)
        first = configured(0)
        first.sets.append(f"store.address={redis.address}")
        self.addCleanup(first.close)
        first.start()
        second = configured(0)
        second.sets += [f"store.address={redis.address}", f"keys.dir={os.path.join(first.state, 'keys')}", f"keys.weeks_dir={first.state}/weeks"]
        self.addCleanup(second.close)
        second.start()
        for reference in range(20):
            def part(number, daemon):
                return self.post(f"two-{reference}-{number}", f"{reference}号线索第{number}段".encode("utf-16-be"), daemon=daemon,
                                 udh=f"050003{reference:02x}03{number:02x}", charset="UTF-16BE").status

            self.assertEqual(part(2, first), 200)
            self.assertEqual(in_threads(2, lambda i: part((1, 3)[i], (first, second)[i])), [200, 200])
        wait_for(lambda: sum(q["waiting"] for q in first.queues().values()) >= 20, 60, "all are tips")
        time.sleep(1.5)
        self.assertEqual(self.texts(first), sorted("".join(f"{r}号线索第{n}段" for n in (1, 2, 3)) for r in range(20)))

    def test_no_redis(self):
        redis = Redis().start()
        self.addCleanup(redis.remove)
        d = configured(0)
        d.sets.append(f"store.address={redis.address}")
        self.addCleanup(d.close)
        d.start()
        redis.kill()
        wait_for(lambda: d.ready().status == 503, 10, "the store is away")
        self.assertEqual(self.post("away-1", "停机时的短信", daemon=d).status, 200, "a text goes to the spool")
        self.assertEqual(self.post("away-1", "停机时的短信", daemon=d).status, 200)
        part = self.post("away-2", "一段".encode("utf-16-be"), udh="050003550201", charset="UTF-16BE", daemon=d)
        self.assertEqual(part.status, 503, "a part cannot be kept: the gateway sends it again")
        redis.start()
        d.wait_works()
        self.assertEqual(self.texts(d), ["停机时的短信"])

    def test_strange_messages_do_no_harm(self):
        for i, (body, fields) in enumerate(((b"\xd8\x00\x00A", {"charset": "UTF-16BE"}), (b"\x00", {"charset": "UTF-16BE"}),
                                            (b"\xff\xfe\xff", {}), (b"", {}), (b"data", {"udh": "06050423F40000"}),
                                            (b"x", {"udh": "ff"}), (b"x", {"udh": "0500030000" + "00"}),
                                            (b"id:1 sub:001 dlvrd:001 stat:DELIVRD", {}))):
            answer = self.post(f"odd-{i}", body, **fields)
            self.assertIn(answer.status, (200, 400), (i, answer))
            self.assertEqual(answer.body, b"")
        self.assertIn("id:1 sub:001 dlvrd:001 stat:DELIVRD", self.texts())
        self.assertEqual(self.post("after", "之后照常").status, 200)
        self.assertIn("之后照常", self.texts())

    def test_stop_is_no_tip(self):
        for i, word in enumerate(("STOP", " stop ", "退订", "ＴＤ")):
            self.assertEqual(self.post(f"stop-{i}", word).status, 200)
        self.assertEqual(self.texts(), [])
        self.post("stop-not", "don't stop, he is coming")
        self.assertEqual(self.texts(), ["don't stop, he is coming"])

    def test_delivery_reports_are_no_tips(self):
        for i in range(3):
            answer = self.d.ask("public", "GET", f"/sms/kannel/dlr?token={SECRET}&my=15-1&type={1 << i}")
            self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.texts(), [])


if __name__ == "__main__":
    main()
