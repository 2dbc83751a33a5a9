#!/usr/bin/python3
"""What leaves by a carrier link over CMPP 3.0, CMPP 2.0 and SMGP, end to end: each answer once, and its reports."""
import os
import sys

from tipline import ROOT, main, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import carrier_cases as cases  # noqa: E402
import ismg_peer  # noqa: E402
from carrier_cases import number  # noqa: E402


class Cmpp:
    dialect, protocol, account, version = ismg_peer.Cmpp, "cmpp", "900001", 0x30
    later, refused, busy = [3], [10], [8, 8, 8]

    def __init__(self):
        self.peer = ismg_peer.Peer(self.dialect, self.account, "888888").__enter__()
        self.peer.report = "never"
        self.settings = {"protocol": self.protocol, "account": self.account, "password": "888888", "service": "HELP",
                         "version": "2.0" if self.version == 0x20 else ""}
        self.close, self.drop = self.peer.__exit__, self.peer.drop

    def tell(self, people):
        for messages in [self.peer.mo(number(n)[2:], "106900", f"a van at Ordos {n}") for n in people]:
            assert messages.wait(60) == [0]

    def tell_as(self, sender, text):
        assert self.peer.mo(sender, "106900", text).wait(60) == [0]

    def taken(self):
        return [m["to"] for m in self.peer.mts]

    def refuse(self, statuses):
        self.peer.results = list(statuses)

    def lose(self, n):
        self.peer.drop_answers = n

    def limit(self, per_s):
        self.peer.throttle_per_s = per_s

    refusals = property(lambda self: self.peer.refused)

    def report(self, m, state):
        content = self.peer.dialect.report(bytes.fromhex(m["id"]), state, {"to": m["to"]}, self.version)
        self.peer.hand([{"from": m["to"][2:], "to": "106900", "fmt": 0, "is_report": 1, "content": content}]).wait(60)

    def told(self, i):
        return self.peer.mts[i]


class Cmpp2(Cmpp):
    version = 0x20


class Smgp(Cmpp):
    dialect, protocol, account = ismg_peer.Smgp, "smgp", "31000001"
    later, busy = [74], [1, 1, 1]


class CmppEnds(cases.Ends):
    carrier = Cmpp

    def test_a_report_before_the_answer_and_twice(self):
        self.c.peer.report, self.c.peer.report_times = "before", 2
        self.addCleanup(setattr, self.c.peer, "report", "never")
        self.tell()
        self.wait_events(sent=1, delivered=1)
        wait_for(lambda: not self.c.peer.pending, 10, "all reports are answered")
        self.wait_events(sent=1, delivered=1)

    def test_a_report_of_nobody(self):
        self.tell()
        self.wait_events(sent=1)
        self.c.report({"id": self.c.peer.dialect.number(999999).hex(), "to": number(1)}, "DELIVRD")
        self.d.settle()
        self.wait_events(sent=1)


class Cmpp2Ends(CmppEnds):
    carrier = Cmpp2


class SmgpEnds(CmppEnds):
    carrier = Smgp


class CmppSlow(cases.Slow):
    carrier = Cmpp


class CmppKilled(cases.Killed):
    carrier = Cmpp


if __name__ == "__main__":
    main()
