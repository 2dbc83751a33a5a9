#!/usr/bin/python3
"""China Telecom over SMGP 3.0.3: messages in every form, each one tip; repetitions, goodbyes, outages."""
import os
import sys

from tipline import ROOT, main

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import ismg_cases as cases  # noqa: E402
from ismg_cases import HAN, NUMBER, SENDER  # noqa: E402
from ismg_peer import Smgp  # noqa: E402


class Smgp3(cases.Forms):
    dialect = Smgp

    def test_parts_beside_the_header(self):
        octets = (HAN * 2).encode("gbk")
        pieces = [octets[:99], octets[99:]]
        for i in (1, 0):
            self.gateway.hand([{"from": SENDER, "to": NUMBER, "fmt": 15, "content": pieces[i],
                                "options": bytes([0, 9, 0, 1, 2, 0, 10, 0, 1, i + 1])}]).wait()
        self.assertEqual(self.tips(), [HAN * 2])


class Smgp3Octets(cases.Octets):
    dialect = Smgp


class SmgpOutages(cases.Outages):
    dialect = Smgp


if __name__ == "__main__":
    main()
