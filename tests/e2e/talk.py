#!/usr/bin/python3
"""The conversation by SMS through the daemon's own door: what people write, what they get back, what is remembered."""
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

from tipline import ROOT, Daemon, Redis, in_threads, main, new_dir, wait_for

SECRET = "s3cr3t-0123456789"
ALICE, BOB = "+8613800138000", "+8613800138001"
INDISCREET = "举报|奖|警|公安|线索|拐卖|tip|police|reward|crime|report|http|www|bureau|clue|情报"
NUMBER = "[0-9A-HJKMNP-TV-Z]{10}"


class Talk(unittest.TestCase):
    """One daemon a test, with a gateway whose other end keeps what it is given."""

    def start(self, *sets):
        self.dir = new_dir("tipline-talk-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.sent = os.path.join(self.dir, "sent")
        open(self.sent, "w", encoding="ascii").close()
        sink = subprocess.Popen([os.path.join(ROOT, "tests/support/sms_sink.py"), self.sent, "--answers", "202"],
                                stdout=subprocess.PIPE, text=True)
        self.addCleanup(sink.stdout.close)
        self.addCleanup(sink.wait)
        self.addCleanup(sink.terminate)
        self.port = int(sink.stdout.readline())
        gateway = {"driver": "kannel", "secret": SECRET, "send_url": f"http://127.0.0.1:{self.port}/cgi-bin/sendsms",
                   "send_user": "u", "send_password": "p", "sender": "106900"}
        self.d = Daemon(*(f"sms.gateways.kannel.{k}={v}" for k, v in gateway.items()), "claim.wait_max_s=30", *sets)
        self.addCleanup(self.d.close)
        self.d.start()
        self.key = 0
        self.written = []

    def post(self, text, sender=ALICE, key=None, to="106900"):
        """One message as the gateway brings it; the status it gets."""
        self.key += 1
        self.written.append(text)
        answer = self.d.ask("public", "POST", f"/sms/kannel?id={key or self.key}&ts=2026-11-21+10:00:00", text.encode(),
                            {"X-Kannel-From": sender, "X-Kannel-To": to, "X-Kannel-Coding": "2",
                             "Content-Type": "text/plain; charset=UTF-8", "X-Tipline-Token": SECRET})
        self.assertEqual(answer.body, b"", "a body would be sent to the phone")
        return answer.status

    def say(self, text, sender=ALICE, **more):
        self.assertEqual(self.post(text, sender, **more), 200, text)

    def waiting(self):
        """What the outboxes of all shards hold."""
        items = 0
        for key in self.d.redis("KEYS", "{*}:outbox").split():
            items += int(self.d.redis("HLEN", key))
        return items

    def said(self, sender=None):
        """All that went out, in order; nothing waits any more."""
        # After a kill an item is taken up again when its lease has run out, two minutes later.
        wait_for(lambda: self.waiting() == 0, 140, "the courier has carried everything out")
        out = []
        with open(self.sent, encoding="ascii") as f:
            for line in f:
                head, _, body = bytes.fromhex(json.loads(line)["request"]).partition(b"\r\n\r\n")
                to = urllib.parse.unquote(re.search(r"(?im)^X-Kannel-To: *(\S+)", head.decode()).group(1))
                if sender is None or to == sender:
                    out.append(body.decode())
        for text in out:
            self.assertNotRegex(text.lower(), INDISCREET)
            self.assertLessEqual(len(text), 70 if re.search("[^\x00-\x7f]", text) else 160, text)
            self.assertEqual(len(re.findall("请删除此短信|delete this message", text)), 1, text)
        return out

    def answer(self, text, sender=ALICE, **more):
        """The one answer to a message."""
        before = len(self.said(sender))
        self.say(text, sender, **more)
        new = self.said(sender)[before:]
        self.assertEqual(len(new), 1, (text, new))
        return new[0]

    def silent(self, text, sender=ALICE, **more):
        before = len(self.said())
        self.say(text, sender, **more)
        self.assertEqual(len(self.said()), before, text)

    def number(self, text, sender=ALICE):
        return re.search(NUMBER, self.answer(text, sender)).group(0)

    def messages(self, code):
        return [m["text"] for m in self.d.receipt(code).json["messages"]]

    def code(self, number="", sender=ALICE):
        return re.sub(r"\D", "", self.answer(f"CODE {number}", sender))

    # --- the whole of it -------------------------------------------------------------------

    def test_the_whole_conversation(self):
        self.start("sms.answers_per_day=100")
        first = self.number("东胜区长途汽车站，一个小女孩canary1被拉上面包车")
        code = self.code(first)
        self.assertEqual(len(code), 24)
        self.assertEqual(self.d.receipt(code).json["id"][3:], first)
        self.assertIn(first, self.answer("补充：车牌canary2是蒙KA1234"))
        self.assertEqual(self.messages(code), ["车牌canary2是蒙KA1234"])
        second = self.number("A second thing, with canary3 in it")
        self.assertIn(first, self.answer(f"supplement {first} the man canary4 wore black"))
        self.assertIn(second, self.answer("Supplement: canary5 was there too"))
        self.assertEqual(self.messages(code)[1:], ["the man canary4 wore black"])
        self.assertRegex(self.answer("STATUS"), f"Number {second}: received")
        tips = {t["id"][3:]: t for t in self.d.claim("000000", max=10)}
        self.assertEqual(set(tips), {first, second})
        self.assertRegex(self.answer(f"查询 {first}"), f"编号 {first}：处理中")
        self.assertEqual(self.d.act(tips[first]["id"], "close", {"outcome": "prank", "note": "x"}).status, 200)
        self.assertRegex(self.answer(f"查询 {first}"), f"编号 {first}：已结束")
        self.assertIn(first, self.answer(f"续报 {first} canary6不是玩笑"))
        self.assertEqual(self.messages(code)[-1], "canary6不是玩笑")
        self.assertIn("STATUS", self.answer("HELP"))
        self.assertIn("English", self.answer("ENGLISH"))
        self.assertIn("Number", self.answer("查询"))
        for text in self.said():
            self.assertNotIn("canary", text)
        logs = self.d.all_logs()
        self.assertNotIn(b"canary", logs)
        self.assertNotIn(b"13800138000", logs)

    def test_another_phone_with_the_number(self):
        self.start("sms.answers_per_day=100")
        number = self.number("东胜区看到可疑的人")
        for asked in (number, "7K3MQ2X9RD"):
            self.assertEqual(self.answer(f"STATUS {asked}", BOB),
                             "No more can be shown for a number alone. Please delete this message.")
            self.assertEqual(self.answer(f"CODE {asked}", BOB), "It cannot be sent now. Please delete this message.")
        self.say(f"补充 {number} 他们还在那里", BOB)
        tips = {t["text"]: t for t in self.d.claim("000000", max=10)}
        self.assertIn(f"补充 {number} 他们还在那里", tips, "its words are a clue of their own, all of them")
        self.assertEqual(self.messages(self.code(number)), [])

    def test_the_code_is_not_kept_for_ever(self):
        self.start("sms.code_minutes=0")
        self.number("东胜区看到可疑的人")
        self.said()
        self.assertNotRegex(self.answer("回执"), r"\d{4}")
        sent = len(self.said())
        self.assertEqual(len(self.d.redis("KEYS", "*:memo:*").split()), 1 + sent, "only the memory and what the courier sent")

    # --- what outlives a process -----------------------------------------------------------------

    def test_memory_outlives_a_kill(self):
        self.start()
        number = self.number("东胜区看到可疑的人")
        self.answer("ENGLISH")
        self.d.kill()
        self.d.start()
        self.assertEqual(self.answer("续报：他还在"), f"Received, added to number {number}. Please delete this message.")
        self.say("STOP", BOB)
        self.assertEqual(len(self.said(BOB)), 1)
        self.d.kill()
        self.d.start()
        for text in ("STOP", "HELP", "CODE", "STATUS", "他又来了"):
            self.silent(text, BOB)
        self.assertIn("again", self.answer("START", BOB))
        # Two answers were counted before the kills, one between them: two more today.
        self.answer("HELP")
        self.answer("HELP")
        self.silent("HELP")

    def test_the_same_message_again(self):
        self.start("sms.answers_per_day=100")
        number = self.number("东胜区看到可疑的人")
        code = self.code(number)
        before = len(self.said())
        answers = in_threads(5, lambda i: self.post("补充：车是红色的", key="again"))
        self.assertEqual(set(answers), {200})
        self.assertEqual(len(self.said()), before + 1)
        self.d.kill()
        self.d.start()
        self.say("补充：车是红色的", key="again")
        self.assertEqual(self.messages(code), ["车是红色的"])
        self.assertEqual(len(self.said()), before + 1)

    def test_kill_in_the_middle(self):
        """Whenever it dies: what the gateway sends again is there once, and is answered at most once."""
        self.start("sms.answers_per_day=100")
        number = self.number("东胜区看到可疑的人")
        code = self.code(number)
        before = len(self.said())
        for i in range(6):
            text = f"补充：第{i}次"

            def sent_or_cut_off(text=text, key=f"kill-{i}"):
                try:
                    self.post(text, key=key)
                except (OSError, http.client.HTTPException):   # the connection ended with the daemon
                    pass

            sender = threading.Thread(target=sent_or_cut_off)
            sender.start()
            time.sleep(0.002 * i)   # another moment each time; none of them matters
            self.d.kill()
            sender.join()
            self.d.start()
            self.say(text, key=f"kill-{i}")
        self.assertEqual(self.messages(code), [f"第{i}次" for i in range(6)])
        self.assertLessEqual(len(self.said()), before + 6 + 6, "the courier may send once more a death")
        self.assertEqual(len(self.d.claim("000000", max=10)), 1, "no supplement became a tip")

    def test_stop_outlives_a_restore(self):
        """An older copy of the store is put back; then a store is made anew from the journals."""
        redis = Redis().start()
        self.addCleanup(redis.remove)
        self.start(f"store.address={redis.address}")
        self.answer("东胜区看到可疑的人", BOB)
        data, copy = os.path.join(redis.dir, "appendonlydir"), os.path.join(self.dir, "copy")
        redis.stop()
        shutil.copytree(data, copy)
        redis.start()
        self.d.wait_works()
        self.answer("STOP", BOB)
        self.assertEqual(self.d.stop(), 0)
        redis.stop()
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        redis.start()
        self.d.start()
        self.silent("HELP", BOB)
        self.silent("他又来了", BOB)
        self.answer("HELP", ALICE)
        with open(os.path.join(self.d.state, "sms-wishes"), encoding="ascii") as f:
            self.assertRegex(f.read(), r"\A[0-9a-f]{32} \d{13} stop\n\Z")
        # From the journals, and without what the disk knows.
        self.d.settle()
        self.assertEqual(self.d.stop(), 0)
        empty = Redis().start()
        self.addCleanup(empty.remove)
        for arguments in ((), ("--into", empty.address)):
            done = self.d.tipctl("replay", "--store", redis.address, *arguments)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        os.remove(os.path.join(self.d.state, "sms-wishes"))
        self.d.sets.append(f"store.address={empty.address}")
        self.d.start()
        self.silent("HELP", BOB)
        self.assertIn("again", self.answer("START", BOB))

    def test_two_daemons_and_messages_without_an_id(self):
        redis = Redis().start()
        self.addCleanup(redis.remove)
        self.start(f"store.address={redis.address}", "sms.answers_per_day=100")
        other = Daemon(*self.d.sets, f"keys.dir={os.path.join(self.d.state, 'keys')}")
        self.addCleanup(other.close)
        other.start()

        def post(daemon, text):
            answer = daemon.ask("public", "POST", "/sms/kannel", text.encode(),
                                {"X-Kannel-From": ALICE, "X-Kannel-To": "106900", "X-Kannel-Coding": "2",
                                 "Content-Type": "text/plain; charset=UTF-8", "X-Tipline-Token": SECRET})
            self.assertEqual(answer.status, 200)

        in_threads(8, lambda i: post((self.d, other)[i % 2], "东胜区看到可疑的人"))
        self.assertEqual(len(self.said()), 1)
        self.d.kill()
        post(other, "东胜区看到可疑的人")
        post(other, "查询")
        self.d.start()
        for daemon in (self.d, other):
            post(daemon, "查询")
            post(daemon, "东胜区看到可疑的人")
        self.assertEqual(len(self.said()), 2)
        self.assertEqual(len(self.d.claim("000000", max=10)), 1)

    # --- robots, nights, places ----------------------------------------------------------------------

    def test_a_robot_ends(self):
        self.start()
        for i in range(30):
            self.say(f"You have won parcel {i}", BOB)
        self.assertEqual(len(self.said(BOB)), 5)
        in_threads(10, lambda i: self.say(f"at once {i}", ALICE))
        self.assertEqual(len(self.said(ALICE)), 5)
        self.assertEqual(len(self.d.claim("000000", max=100)), 40, "every message is a tip all the same")

    def test_nobody_else_is_answered(self):
        self.start()
        for sender in ("10086", "TAXI", "+12025550123", "106900"):
            self.silent("HELP", sender)
            self.silent(f"seen by {sender}", sender)

    def test_one_answer_waits_for_the_morning(self):
        now = time.gmtime()
        start, end = (f"{(now.tm_hour + n) % 24:02d}:{now.tm_min:02d}" for n in (-1, 2))
        self.start(f"sms.quiet={start}-{end} +0000")
        self.say("东胜区看到可疑的人")
        self.say("HELP")
        self.say("车还在那里")
        wait_for(lambda: self.d.metrics()['tipline_sms_total{kind="text"}'] == 2, 10, "all was heard")

        def due():
            scores = [float(word) for key in self.d.redis("KEYS", "{*}:due").split()
                      for word in self.d.redis("ZRANGE", key, "0", "-1", "WITHSCORES").split()[1::2]]
            return scores if all(s / 1000 > time.time() + 3600 for s in scores) else None

        self.assertEqual(len(wait_for(due, 20, "the courier has put it by until the morning")), 1)
        self.assertEqual(os.path.getsize(self.sent), 0)

    def test_a_picture_message_is_told_and_never_fetched(self):
        """Hard case 31."""
        self.start()

        def push(key, body, udh="0605040b8423f0", dcs="04"):
            answer = self.d.ask("public", "POST", f"/sms/kannel?id={key}&dcs={dcs}", body,
                                {"X-Kannel-From": "10658", "X-Kannel-To": "106900", "X-Kannel-Coding": "1",
                                 "X-Kannel-UDH": "".join(f"%{b:02X}" for b in bytes.fromhex(udh)),
                                 "Content-Type": "application/octet-stream", "X-Tipline-Token": SECRET})
            self.assertEqual((answer.status, answer.body), (200, b""))

        address = f"http://127.0.0.1:{self.port}/fetched".encode()
        notice = b"\x01\x06\x01\xbe\x8c\x82\x98t1\0\x8d\x92\x89\x1a\x80" + BOB.encode() + b"/TYPE=PLMN\0\x83" + address + b"\0"
        for key in "abc":
            push(key, notice)
        push("d", b"\x01\x06\x01\xbe\x8c\x86\x98t1\0")
        push("e", b"\x01\x06\x01\xae\x02\x05\x6a\0")
        push("f", b"tone", udh="06050415820000")
        self.assertEqual(self.said(), [])
        self.assertEqual([t["text"] for t in self.d.claim("000000", max=10)], ["彩信，内容无法读取。MMS: it could not be read."])
        self.assertEqual(os.path.getsize(self.sent), 0)

    def test_the_number_and_the_word_pick_the_region(self):
        self.start("sms.areas=0571=330100, BJ=110000", "sms.answers_per_day=100")
        self.say("there was somebody at noon", to="1069000571")
        self.say("bj there was somebody at night", to="1069000571")
        self.assertEqual({t["text"]: t["region"] for t in self.d.claim("000000", max=10)},
                         {"there was somebody at noon": "330100", "bj there was somebody at night": "110000"})

    def test_a_tip_that_moved_is_followed(self):
        self.start("sms.answers_per_day=100")
        number = self.number("东胜区看到可疑的人")
        code = self.code(number)
        tip = self.d.claim_when_there()[0]
        self.assertEqual(tip["id"][:2], "15")
        self.assertEqual(self.d.act(tip["id"], "transfer", {"region": "110105", "reason": "x"}).status, 200)
        wait_for(lambda: "110105" in self.d.queues(), 60, "the transfer arrived")
        self.assertIn(number, self.answer("补充：车往北京去了"))
        self.assertEqual(self.messages(code), ["车往北京去了"])
        moved = "11" + tip["id"][2:]
        self.assertEqual(self.d.redis("LLEN", f"{{11}}:messages:{moved}").strip(), "2", "why it was passed on, and the words")
        self.assertRegex(self.answer("查询"), f"编号 {number}：已收到")

    # --- without the store ------------------------------------------------------------------------------

    def test_the_store_is_away(self):
        redis = Redis().start()
        self.addCleanup(redis.remove)
        self.start(f"store.address={redis.address}", "sms.answers_per_day=100")
        self.number("东胜区看到可疑的人")
        redis.kill()
        wait_for(lambda: self.d.ready().status == 503, 10, "the store is away")
        self.assertEqual(self.post("停机时的短信"), 200, "a clue goes to the spool")
        self.assertEqual(self.post("补充：停机时的话"), 200, "words are not lost")
        self.assertEqual(self.post("STATUS"), 503)
        self.assertEqual(self.post("STOP", key="stop"), 503, "the gateway sends it again")
        redis.start()
        self.d.wait_works()
        self.assertIn("补充：停机时的话", {t["text"] for t in self.d.claim("000000", max=10)})
        self.silent("之后照常")
        self.say("STOP", key="stop")
        self.silent("还是没有回答")


if __name__ == "__main__":
    main()
