#!/usr/bin/python3
"""China Mobile over CMPP 2.0 and 3.0: messages in every form, each one tip; repetitions, goodbyes, outages."""
import os
import sys
import time

from tipline import ROOT, main, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import ismg_cases as cases  # noqa: E402
from ismg_cases import HAN, NUMBER, SENDER  # noqa: E402


class Cmpp3(cases.Forms):
    def test_a_pseudonym_is_kept_as_it_is(self):
        self.gateway.mo("13800138000ABCDEFGHI0123456789AB", NUMBER, "from a hidden number at Ordos", from_type=1).wait()
        self.assertEqual(self.tips(), ["from a hidden number at Ordos"])


class Cmpp2(cases.Forms):
    settings, version = {"version": "2.0"}, 0x20


class Cmpp3Octets(cases.Octets):
    pass


class Cmpp2Octets(cases.Octets):
    settings, version = {**cases.Octets.settings, "version": "2.0"}, 0x20


class CmppOutages(cases.Outages):
    def test_a_carrier_that_speaks_2_0(self):
        self.start(max_version=0x20)
        self.gateway.mo(SENDER, NUMBER, HAN, fmt=15).wait()
        self.assertEqual([(login["version"], login["status"]) for login in self.gateway.logins], [(0x30, 4), (0x20, 0)])
        self.gateway.drop()
        wait_for(self.gateway.up, 20, "it is logged in")
        self.assertEqual(self.gateway.logins[-1], self.gateway.logins[-1] | {"version": 0x20, "status": 0})
        self.assertEqual(self.all_tips(), [HAN])

    def test_a_wrong_secret_is_not_hammered(self):
        self.start(password="999999")
        wait_for(lambda: self.gateway.logins, 20, "the first login")
        self.assertEqual(self.gateway.logins[0]["status"], 3)
        time.sleep(3)
        self.assertLessEqual(len(self.gateway.logins), 2)
        self.assertIn("link carrier: 0 of 1", self.d.ready().text)


if __name__ == "__main__":
    main()
