#!/usr/bin/python3
"""
A bureau gets a new key pair beside a running daemon: old and new tips open throughout, data keys are sealed anew online
and in pieces, and the earlier half is destroyed when nothing lies under it.
"""
import ctypes
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest

from tipline import BUILD, Daemon, main, new_dir, tipctl, wait_for

REGION = "150600"
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
KEYS = int(os.environ.get("ROTATE_KEYS", "4000"))
HINTS = """
local out = {}
for _, name in ipairs(redis.call('KEYS', '{??}:datakeys')) do
	for _, value in ipairs(redis.call('HVALS', name)) do
		for at = 2, #value, 88 do
			local hint = string.gsub(string.sub(value, at, at + 7), '.', function(c) return string.format('%02x', string.byte(c)) end)
			out[hint] = (out[hint] or 0) + 1
		end
	end
end
local list = {}
for hint, n in pairs(out) do
	list[#list + 1] = hint .. ' ' .. n
end
return list
"""
PUT = """
for i = 1, #ARGV, 2 do
	redis.call('HSET', KEYS[1], (string.gsub(ARGV[i], '..', function(h) return string.char(tonumber(h, 16)) end)),
		(string.gsub(ARGV[i + 1], '..', function(h) return string.char(tonumber(h, 16)) end)))
end
"""
sodium = ctypes.CDLL("libsodium.so.23")
assert sodium.sodium_init() >= 0


def data_key(public):
    """A data key sealed to one public key, as the daemon makes them: id and value in hex."""
    key = os.urandom(32)
    mark = hashlib.blake2b(b"data key\0", digest_size=16, key=key, person=b"tipline mark  1\0").digest()
    sealed = ctypes.create_string_buffer(80)
    sodium.crypto_box_seal(sealed, key, ctypes.c_ulonglong(32), public)
    return mark[:8].hex(), (b"\1" + public[:8] + sealed.raw).hex()


class Rotate(unittest.TestCase):
    def setUp(self):
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.d = Daemon("log.level=info").start()
        self.addCleanup(self.d.close)
        self.officer = os.path.join(self.home, "officer")
        with open(self.officer, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(self.d.token("officer"))

    def words(self, *words):
        return ["key", "--state", self.d.state, "--with", self.officer, *words]

    def key(self, *words):
        return tipctl(*self.words(*words))

    def public(self, bureau="150000"):
        with open(f"{self.d.state}/keys/bureau-{bureau}.pub", encoding="ascii") as f:
            return bytes.fromhex(f.read())

    def hints(self):
        return {hint: int(n) for hint, n in (line.split() for line in self.d.redis_ask("eval", HINTS, 0))}

    def reload(self):
        before = self.d.log().count('"keys.bureaus_changed"')
        self.d.signal(signal.SIGHUP)
        wait_for(lambda: self.d.log().count('"keys.bureaus_changed"') > before, 10, "the daemon has the new public key")

    def read_all(self, tips):
        for tip in tips:
            for role in ("officer", "verifier"):
                self.assertEqual(self.d.staff("GET", f"/api/v1/tips/{tip}", role=role).json.get("text"), TEXT)

    @staticmethod
    def processor_s():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def a_day_later(self, bureau="150000"):
        path = f"{self.d.state}/keys/bureau-{bureau}.box"
        with open(path, encoding="ascii") as f:
            rows = [json.loads(line) for line in f]
        with open(path, "w", encoding="ascii") as f:
            for row in rows:
                if "since" in row:
                    row["since"] -= 24 * 3600 * 1000
                f.write(json.dumps(row, separators=(",", ":")) + "\n")

    def test_beside_a_running_daemon(self):
        d = self.d
        tips = [d.tip(TEXT)["id"]]
        old = self.public()
        self.assertEqual(self.hints().get(old[:8].hex()), 1)
        self.assertEqual(self.key("rotate", "150601").returncode, 1)   # has no pair of its own
        self.assertEqual(self.key("rotate", "x").returncode, 1)
        done = self.key("rotate", "150000")
        self.assertEqual(done.returncode, 0, done.stderr)
        new = self.public()
        self.assertNotEqual(old, new)
        self.read_all(tips)
        tips.append(d.tip(TEXT)["id"])   # still under the old one: nobody reloaded
        self.reload()
        tips.append(d.tip(TEXT)["id"])
        self.assertEqual([self.hints().get(key[:8].hex()) for key in (old, new)], [1, 1])
        self.read_all(tips)
        self.assertEqual(self.key("grant", "officer", "150000").returncode, 0)   # who is granted now opens both
        self.assertIn("under an earlier", self.key("rotate", "--finish", "150000").stderr)
        done = self.key("rewrap", "data-keys")
        self.assertEqual((done.returncode, done.stdout), (0, "2 data keys, 1 under an earlier key of a bureau, 1 sealed anew, 0 that this token "
                                                             "does not open\n"), done.stderr)
        self.assertEqual(self.hints().get(old[:8].hex()), None)
        self.read_all(tips)
        self.assertIn("less than a day", self.key("rotate", "--finish", "150000").stderr)
        self.a_day_later()
        self.assertEqual(self.key("rotate", "--finish", "150000").returncode, 0)
        with open(f"{d.state}/keys/bureau-150000.box", encoding="ascii") as f:
            self.assertNotIn("also", f.read())
        self.read_all(tips)
        self.assertEqual(d.stop(), 0)
        d.start()   # with what is on the disk
        self.read_all(tips + [d.tip(TEXT)["id"]])
        # The nation's pair as well: its entry stands in each data key of a province.
        nation = self.public("000000")
        self.assertEqual(self.key("rotate", "000000").returncode, 0)
        self.assertIn(nation[:8].hex(), self.hints())
        self.assertEqual(self.key("rewrap", "data-keys").returncode, 0)
        self.assertNotIn(nation[:8].hex(), self.hints())
        self.read_all(tips)
        # All of it is in the trail, and the store is as it has to be.
        trail = [json.loads(e) for e in d.redis_ask("eval", "local out = {} for _, e in ipairs(redis.call('XRANGE', '{audit}:journal', '-', '+')) "
                                                            "do out[#out + 1] = e[2][2] end return out", 0)]
        told = [(e["event"], e["call"], e.get("region")) for e in trail if e.get("call", "").startswith("key_rotate")]
        self.assertEqual(told, [("key_made", "key_rotate", "150000"), ("key_destroyed", "key_rotate_finish", "150000"),
                                ("key_made", "key_rotate", "000000")])
        found = d.tipctl("verify", "--store", "unix:" + d.redis_socket())
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_many_keys_killed_on_the_way(self):
        d, old = self.d, self.public()
        tip = d.tip(TEXT)["id"]
        for _ in range(0, KEYS, 1000):
            words = [word for _ in range(1000) for word in data_key(old)]
            d.redis_ask("eval", PUT, 1, "{15}:datakeys", *words)
        self.assertEqual(self.hints()[old[:8].hex()], KEYS + 1)
        self.assertEqual(self.key("rotate", "150000").returncode, 0)
        self.reload()
        killed = 0
        for pieces in range(1, 4):   # of 512; those of the last run are seen first
            before = self.hints()[old[:8].hex()]
            with subprocess.Popen([os.path.join(BUILD, "tipctl"), *self.words("rewrap", "data-keys")], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE) as child:
                for _ in range(pieces):
                    child.stderr.readline()
                if child.poll() is None:
                    child.kill()
                    killed += 1
            self.assertLess(self.hints()[old[:8].hex()], before)
        self.assertGreater(killed, 0)
        left, began, used = self.hints()[old[:8].hex()], time.monotonic(), self.processor_s()
        done = self.key("rewrap", "data-keys")
        seconds, used = time.monotonic() - began, self.processor_s() - used
        self.assertEqual(done.returncode, 0, done.stderr)
        print(f"# {left} of {KEYS} data keys sealed anew in {seconds:.2f} s: {left / seconds:.0f} a second, "
              f"{1e6 * used / left:.0f} us of processor each")
        self.assertIn(f"{left} sealed anew", done.stdout)
        self.assertEqual(self.hints().get(old[:8].hex()), None)
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}").json["text"], TEXT)
        self.a_day_later()
        self.assertEqual(self.key("rotate", "--finish", "150000").returncode, 0)
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}").json["text"], TEXT)


if __name__ == "__main__":
    main()
