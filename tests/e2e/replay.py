#!/usr/bin/python3
"""tipctl replay and incidents: who hangs under whom, children, suggestions, context follow from the journal."""
import unittest

from tipline import Daemon, Redis, main, tipctl

TEXTS = ("鄂尔多斯市东胜区看到一个被打的孩子", "鄂尔多斯市康巴什区有人卖假药", "鄂尔多斯市达拉特旗夜里有人偷羊",
         "鄂尔多斯市东胜区加油站有人吵架", "鄂尔多斯市准格尔旗煤矿冒黑烟")


# A tip with another seed, and back: the bytes of a seed do not come through a terminal.
AWAY = "redis.call('hset', KEYS[1], 'kept', redis.call('hget', KEYS[1], 'z')); return redis.call('hset', KEYS[1], 'z', 'another seed ...')"
BACK = "redis.call('hset', KEYS[1], 'z', redis.call('hget', KEYS[1], 'kept')); return redis.call('hdel', KEYS[1], 'kept')"


class Incidents(unittest.TestCase):
    def setUp(self):
        self.d = Daemon()
        self.d.start()
        self.addCleanup(self.d.close)
        codes = [self.d.tip(text, key=f"r-{i}")["receipt"] for i, text in enumerate(TEXTS)]
        # Oldest first as the store sees it: of one millisecond the lower id goes before.
        self.ids = sorted((self.d.receipt(code).json["id"] for code in codes), key=lambda tip: (self.received(tip), tip))
        self.d.settle()

    def received(self, tip):
        base = "return string.match(redis.call('hget', KEYS[1], 'b'), '^%d+ %d+ (%d+)')"
        return int(self.d.redis("eval", base, "1", self.key("state", tip)))

    def key(self, name, tip):
        return "{" + tip[:2] + "}:" + name + ":" + tip

    def fact(self, function, about, keys, word, *arguments, **members):
        """One fact about a tip, written by the store's own function."""
        shard = "{" + about[:2] + "}:"
        keys = [self.key("state", about), shard + "journal", shard + "outbox", shard + "due", *keys]
        event = f'{{"e":"{word}","id":"{about}","at":1763748000000,"by":"officer"'
        for name, value in members.items():
            event += f',"{name}":{value}' if isinstance(value, int) else f',"{name}":"{value}"'
        done = self.d.redis("fcall", function, str(len(keys)), *keys, about, event + "}", "", "", *arguments).split("\n")
        self.assertEqual(done[0], "ok", (function, done))

    def link(self, word, tip, other):
        near = [self.key("state", other), self.key("children", other)]
        self.fact("tip_link", tip, near, word, "set" if word == "linked" else "unset", other, "0",
                  "97 copy" if word == "linked" else "", incident=other, score=97, why="copy")

    def some_incidents(self):
        first, second, third, fourth, fifth = self.ids
        self.link("linked", second, first)
        self.link("linked", third, first)
        self.link("linked", fourth, third)
        self.link("unlinked", fourth, third)
        for word, kind, child in (("joined", "add", "11-0000000001"), ("joined", "add", "11-0000000002"),
                                  ("parted", "drop", "11-0000000001")):
            self.fact("tip_child", first, [self.key("children", first)], word, kind, child, "1763748000000",
                      tip=child, received=1763748000000)
        self.fact("tip_suggest", fifth, [], "suggested", "suggest", fourth, "61", "place,wording", incident=fourth,
                  score=61, why="place,wording")
        self.fact("tip_suggest", fifth, [], "declined", "decline", first, "0", "", incident=first)
        self.fact("tip_rescore", fifth, ["{15}:queue:", "{15}:clocks", "{15}:asked"], "rescored", "88", "3 0 1 0 0", "queued", "0", points=88,
                  context="3 0 1 0 0")
        self.d.settle()

    def replay(self, *more):
        return tipctl("replay", "--state", self.d.state, *more)

    def test_all_of_it_is_equal_and_each_change_is_noticed(self):
        self.some_incidents()
        done = self.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        first, fifth = self.ids[0], self.ids[4]
        children = self.key("children", first)
        for undo, *change in ((("hdel", self.key("state", fifth), "i"), "hset", self.key("state", fifth), "i", first),
                              (("hset", self.key("state", first), "m", "3"), "hset", self.key("state", first), "m", "9"),
                              (("zrem", children, "11-0000000009"), "zadd", children, "5", "11-0000000009"),
                              (("zadd", children, "1763748000000", "11-0000000002"), "zrem", children, "11-0000000002"),
                              (("eval", BACK, "1", self.key("state", fifth)), "eval", AWAY, "1", self.key("state", fifth)),
                              (("del", self.key("children", fifth)), "zadd", self.key("children", fifth), "5", first)):
            self.d.redis(*change)
            changed = self.replay()
            self.assertEqual(changed.returncode, 1, (change, changed.stdout))
            self.assertIn(next(word for word in change if word.startswith("{")), changed.stdout)
            self.d.redis(*undo)
            self.assertEqual(self.replay().returncode, 0, undo)

    def test_a_new_store_has_them_too(self):
        self.some_incidents()
        self.d.redis("hset", "{15}:job:linker", "note", "17", "holder", "somebody", "fence", "3", "until", "1")
        empty = Redis().start()
        self.addCleanup(empty.remove)
        done = self.replay("--into", empty.address)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for tip in self.ids:
            for command in (("hmget", self.key("state", tip), "s", "v", "i", "m", "o", "c"),
                            ("zrange", self.key("children", tip), "0", "-1", "withscores")):
                self.assertEqual(empty.cli(*command), self.d.redis(*command), command)
            self.assertEqual(empty.cli("hstrlen", self.key("state", tip), "z").strip(), "16")
        self.assertEqual(self.d.redis("zcard", self.key("children", self.ids[0])).strip(), "3")
        self.assertEqual(empty.cli("hgetall", "{15}:job:linker").split(), ["note", "17"])

    def test_an_event_with_another_seed_is_named(self):
        self.some_incidents()
        tip = self.ids[4]
        last = int(self.d.redis("xlen", "{15}:journal"))
        self.d.redis("xadd", "{15}:journal", f"{last + 1}-0", "e", f'{{"e":"sent","id":"{tip}","at":1}}', "s", "another seed ...")
        self.d.redis("xadd", "{15}:journal", f"{last + 2}-0", "e", f'{{"e":"sent","id":"{tip}","at":1}}')
        done = self.replay()
        self.assertEqual(done.returncode, 1, done.stdout)
        for number in (last + 1, last + 2):
            self.assertIn(f"event {number}: beside an event of tip {tip} stands another seed", done.stdout)


if __name__ == "__main__":
    main()
