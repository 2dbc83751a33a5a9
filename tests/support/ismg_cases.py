"""
Mainland carriers, for the tests of each protocol: messages in every form, each one tip; repetitions, goodbyes, outages.
Who derives from a class here runs it with a protocol (tests/e2e/cmpp.py, smgp.py).
"""
import struct
import time
import unittest

from ismg_peer import Cmpp, Peer, Smgp
from tipline import Daemon, in_threads, wait_for

HAN = "昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，一个小女孩被强行拉上一辆银灰色面包车"
LONG = HAN * 4 + "。车牌蒙KA1234"
SENDER, NUMBER = "13800138000", "106900"
PROTOCOLS = {Cmpp: "cmpp", Smgp: "smgp"}
ACCOUNTS = {Cmpp: "900001", Smgp: "31000001"}


def linked(gateway, *more, **settings):
    sets = {"protocol": PROTOCOLS[gateway.dialect], "host": "127.0.0.1", "port": gateway.port, "account": gateway.account,
            "password": gateway.secret, "service": "HELP", "sender": NUMBER, **settings}
    return Daemon("sms.home_country=86", *(f"sms.links.carrier.{k}={v}" for k, v in sets.items()), *more)


class Linked(unittest.TestCase):
    """One gateway and one daemon for all tests of a class."""
    dialect, settings, version = Cmpp, {}, 0x30

    @classmethod
    def setUpClass(cls):
        cls.gateway = Peer(cls.dialect, ACCOUNTS[cls.dialect], "888888").__enter__()
        cls.d = linked(cls.gateway, **cls.settings).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.gateway.__exit__()

    def tearDown(self):
        self.assertEqual(self.gateway.faults, [])

    def tips(self, n=1):
        found = []

        def enough():
            found.extend(t["text"] for t in self.d.claim("000000", max=100))
            return len(found) >= n
        wait_for(enough, 20, lambda: f"{n} tips are there, not {len(found)}")
        return found

    def one(self, text, **how):
        self.assertEqual(set(self.gateway.mo(SENDER, NUMBER, text, **how).wait()), {0})
        self.assertEqual(self.tips(), [text])


class Forms(Linked):
    def test_logged_in(self):
        wait_for(self.gateway.up, 20, "it is logged in")
        self.assertEqual(self.gateway.logins[-1]["version"], self.version)
        self.assertNotIn("link carrier", self.d.ready().text)

    def test_ascii(self):
        self.one("A girl was dragged into a van at Ordos", fmt=0)

    def test_ucs2(self):
        self.one(HAN + "😢", fmt=8)

    def test_gbk(self):
        self.one(HAN + " GBK", fmt=15)

    def test_parts_in_any_order(self):
        self.one(LONG + " 8", fmt=8, ref=8, order=[3, 1, 3, 2])
        self.one(LONG + " 15", fmt=15, ref=8, order=[2, 3, 1])   # characters are cut between its parts

    def test_two_senders_with_one_reference(self):
        texts = [LONG + " first", LONG + " second"]
        ours = [self.gateway.mo(f"1380013800{i}", NUMBER, texts[i], fmt=8, ref=77, order=o) for i, o in enumerate(([1, 3], [2, 1]))]
        ours += [self.gateway.mo(f"1380013800{i}", NUMBER, texts[i], fmt=8, ref=77, order=[o]) for i, o in enumerate((2, 3))]
        for messages in ours:
            messages.wait()
        self.assertEqual(sorted(self.tips(2)), texts)

    def test_a_header_that_lies(self):
        self.one("no header at all, Ordos", fmt=0, udhi=1)   # 'n' octets would be longer than the text

    def test_sent_again_until_it_is_answered(self):
        self.gateway.resend_s, before = 0.1, self.gateway.resent
        self.addCleanup(setattr, self.gateway, "resend_s", 60)
        self.d.redis_ask("client", "pause", 1500)
        self.one(HAN + " again", fmt=15)
        self.assertGreater(self.gateway.resent, before)
        time.sleep(0.5)
        self.assertEqual(self.d.claim("000000"), [])

    def test_the_same_message_long_after(self):
        number = self.dialect.number(777777)
        for _ in range(2):
            self.gateway.mo(SENDER, NUMBER, HAN + " the same id", fmt=8, id=number).wait()
        self.assertEqual(self.tips(), [HAN + " the same id"])
        self.assertEqual(self.d.claim("000000"), [])

    def test_a_gateway_that_gives_no_ids(self):
        texts = [f"without an id, number {i}, at Ordos" for i in range(2)]
        for text in texts:
            self.gateway.mo(SENDER, NUMBER, text, id=bytes(self.dialect.id_size)).wait()
        self.assertEqual(sorted(self.tips(2)), texts)

    def test_signs_of_life(self):
        wait_for(self.gateway.up, 20, "it is logged in")
        before = self.gateway.actives_answered
        self.gateway.active()
        wait_for(lambda: self.gateway.actives_answered > before, 10, "it is answered")

    def test_a_tip_that_looks_like_a_report(self):
        self.one("id:1 stat:DELIVRD", fmt=0)

    def test_reports_are_no_tips(self):
        before = self.d.metrics()['tipline_link_reports_total{link="carrier"}']
        content = self.dialect.report(self.dialect.number(5), "DELIVRD", {"to": SENDER}, self.version)
        self.gateway.hand([{"from": SENDER, "to": NUMBER, "fmt": 0, "is_report": 1, "content": content}] * 3).wait()
        self.assertEqual(self.d.metrics()['tipline_link_reports_total{link="carrier"}'] - before, 3)
        self.assertEqual(self.d.claim("000000"), [])

    def answered(self, sender, text, **how):
        """The answer to it, once its report is answered."""
        self.gateway.mo(sender, NUMBER, text, **how).wait()
        self.tips()
        found = wait_for(lambda: [m for m in self.gateway.mts if m["to"] == "86" + sender], 20, "the answer is at the gateway")
        wait_for(lambda: not self.gateway.pending, 10, "its report is answered")
        self.assertEqual(len(found), 1)
        return found[0]

    def test_an_answer_in_ascii(self):
        self.gateway.answers.clear()
        mt = self.answered("13800138111", "Ordos Dongsheng: a little girl was dragged into a van")
        self.assertEqual((mt["to"], mt["from"], mt["service"], mt["registered"], mt["total"], mt["number"], mt["udhi"], mt["fmt"]),
                         ("8613800138111", NUMBER, "HELP", 1, 1, 1, 0, 0))
        self.assertNotIn("van", mt["text"])
        self.assertEqual({result for _, result in self.gateway.answers}, {0})

    def test_an_answer_in_chinese(self):
        mt = self.answered("13800138112", HAN, fmt=15)
        self.assertEqual((mt["fmt"], mt["udhi"]), (8, 0))
        self.assertRegex(mt["text"], "^[\u4e00-\u9fff]")
        self.assertLessEqual(len(mt["content"]), 140)

    def test_a_length_that_lies_is_answered(self):
        answers = self.gateway.mo(SENDER, NUMBER, "much shorter than it says", length=250).wait()
        self.assertNotEqual(answers, [0])
        self.one("and the link goes on after a lie")


class Octets(Linked):
    """What is no message, each on a connection of its own: it is ended or goes on, and is soon back."""
    settings = {"sessions": 8}

    def broken(self, what, octets, connection):
        start = time.monotonic()
        self.gateway.raw(connection, octets)
        self.one(f"the next one after {what}", via=connection)
        self.assertLess(time.monotonic() - start, 20)

    def test_octets_that_are_no_message(self):
        deliver = self.dialect.DELIVER
        cases = {
            "length 0": struct.pack(">III", 0, deliver, 900), "length 11": struct.pack(">III", 11, deliver, 901),
            "length of 4 GiB": struct.pack(">III", 0xFFFFFFFF, deliver, 902),
            "length of 5,000": struct.pack(">III", 5000, deliver, 903), "no body": struct.pack(">III", 12, deliver, 904),
            "half a body": struct.pack(">III", 42, deliver, 905) + b"\1" * 30,
            "an unknown command": struct.pack(">III", 16, 0x77, 906) + b"abcd",
            "an answer to nothing": struct.pack(">III", 24, 0x80000000 | self.dialect.SUBMIT, 907) + bytes(12),
            "noise": bytes(range(7, 250))}
        wait_for(lambda: len(self.gateway.up()) == 8, 20, "all are logged in")
        self.gateway.resend_s = 1   # what was on its way when the link was closed
        fresh = self.gateway.up()
        for what, octets in cases.items():
            with self.subTest(what):
                self.broken(what, octets, fresh.pop(0) if fresh else self.gateway.up()[0])
        wait_for(lambda: len(self.gateway.up()) == 8, 20, "all are back")
        self.assertGreater(self.d.metrics()['tipline_link_broken_total{link="carrier"}'], 4)


class Gateway(unittest.TestCase):
    """A gateway and a daemon for each test."""
    dialect = Cmpp

    def start(self, *more, max_version=0x30, login_status=(), **settings):
        self.gateway = Peer(self.dialect, ACCOUNTS[self.dialect], "888888").__enter__()
        self.addCleanup(self.gateway.__exit__)
        self.gateway.max_version, self.gateway.login_status = max_version, list(login_status)
        self.d = linked(self.gateway, *more, **settings)
        self.addCleanup(self.d.close)
        self.d.start()

    def tearDown(self):
        self.assertEqual(self.gateway.faults, [])

    def all_tips(self):
        found = []
        while tips := self.d.claim("000000", max=100):
            found += [t["text"] for t in tips]
        return sorted(found)


class Outages(Gateway):
    def test_the_daemon_is_killed_at_any_point(self):
        self.start()
        self.gateway.resend_s = 0.5
        texts = [f"told through deaths, number {i:03} at Ordos" for i in range(120)]
        ended = []

        def tell(k):
            for text in texts[k::4]:
                self.gateway.mo(f"1380013800{k}", NUMBER, text).wait(180)
            ended.append(k)

        def kill(_):
            for pause in (0.05, 0.15, 0.02, 0.3):
                wait_for(lambda: len(ended) == 4 or self.gateway.up(), 30, "logged in again")
                time.sleep(pause)
                self.d.kill()
                self.d.start()
        in_threads(5, lambda k: kill(k) if k == 4 else tell(k))
        self.d.wait_works()
        self.assertEqual(self.all_tips(), texts)

    def test_parts_through_a_death(self):
        self.start()
        self.gateway.mo(SENDER, NUMBER, LONG, fmt=15, ref=9, order=[3, 1]).wait()
        self.d.kill()
        self.d.start()
        self.gateway.mo(SENDER, NUMBER, LONG, fmt=15, ref=9, order=[2]).wait()
        self.assertEqual(self.all_tips(), [LONG])

    def test_goodbye_by_the_carrier(self):
        self.start()
        for i in range(3):
            wait_for(self.gateway.up, 20, "it is logged in")
            self.gateway.mo(SENDER, NUMBER, f"before goodbye {i} at Ordos")
            goodbyes = self.gateway.goodbyes
            self.gateway.terminate()
            wait_for(lambda: self.gateway.goodbyes > goodbyes, 10, "the goodbye is answered")
        self.gateway.mo(SENDER, NUMBER, "and after at Ordos").wait()
        wait_for(lambda: not self.gateway.pending, 20, "all are answered")
        self.assertLessEqual(len(self.gateway.logins), 20)
        self.assertEqual(self.all_tips(), ["and after at Ordos"] + [f"before goodbye {i} at Ordos" for i in range(3)])

    def test_goodbye_at_the_end(self):
        self.start()
        wait_for(self.gateway.up, 20, "it is logged in")
        self.assertEqual(self.d.stop(), 0)
        self.assertEqual(self.gateway.goodbyes, 1)

    def test_several_connections(self):
        self.start(sessions=3)
        wait_for(lambda: len(self.gateway.up()) == 3, 20, "three connections")
        self.gateway.mo(SENDER, NUMBER, LONG, fmt=8, ref=3, order=[3, 2, 1]).wait()   # a part through each
        self.assertEqual(self.all_tips(), [LONG])

    def test_busy_for_a_while(self):
        self.start(login_status=[self.dialect.busy] * 2)
        self.gateway.mo(SENDER, NUMBER, "after the refusals at Ordos").wait()
        self.assertEqual([login["status"] for login in self.gateway.logins], [self.dialect.busy] * 2 + [0])
        self.assertEqual(self.all_tips(), ["after the refusals at Ordos"])

    def test_nothing_of_a_message_in_the_log(self):
        self.start()
        self.gateway.mo("13912345678", NUMBER, "secret words at Ordos").wait()
        self.gateway.drop()
        wait_for(lambda: b"link.down" in self.d.all_logs(), 10, "the end is logged")
        self.assertNotRegex(self.d.all_logs(), b"13912345678|secret words|888888")
