#!/usr/bin/python3
"""Tips about the same thing find each other: copies and strong marks by themselves, the rest by an officer's word."""
import http.client
import threading
import time
import unittest

from tipline import Daemon, main, wait_for

FACTORY = "我是路过的司机，昨天傍晚六点多在鄂尔多斯市东胜区铜川镇的砖厂门口，看到两个男人把一个穿红衣服的女孩拖上车，女孩一直在哭着喊妈妈"
TRUCK = "鄂尔多斯市东胜区汽车站旁边停着一辆白色面包车，车牌蒙K73Q52，里面有个小女孩一直拍窗户"
SAME_TRUCK = "刚才在东胜区汽车站后门，蒙K73Q52这辆车的司机不让一个孩子下车，孩子哭得很厉害"
LURE = "高薪招聘出国务工，月入三万包吃住，有意者联系电话{phone}，地点在{place}，已经有几个年轻姑娘跟着走了，家里人都联系不上"
VILLAGE = "昨晚在武川县哈拉合少乡看到一个穿红棉袄的女人被铁链锁在猪圈旁边，脖子上有伤"
VILLAGE_AGAIN = "武川县哈拉合少乡有个穿红棉袄的女人被人用铁链锁着，脖子上有伤，看着像外地人"
OTHER = "北京市朝阳区国贸地铁站有人发传单，内容是办理信用卡，经常纠缠路人"

# What is rare is known only where there is something else.
NEWS = ["上海市浦东新区陆家嘴有人冒充民警打电话要求转账", "成都市武侯区一家网吧夜里收留未成年人", OTHER,
        "广州市天河区出租屋里住着十几个搞传销的外地人，每天早上集体喊口号", "某小区有人高空抛物，砸坏了楼下的汽车",
        "西安市碑林区地铁口有残疾儿童乞讨，旁边有大人盯着", "有个网友总发来奇怪的贷款链接"]


class Base(unittest.TestCase):
    def begin(self, *sets):
        d = Daemon(*sets)
        d.start()
        self.addCleanup(d.close)
        return d

    def setUp(self):
        self.d = self.begin()

    def tip(self, text, **fields):
        return self.d.tip(text, **fields)["id"]

    def incident(self, tip, **who):
        answer = self.d.staff("GET", f"/api/v1/incidents/{tip}", **who)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def members(self, tip):
        return [m["id"] for m in self.incident(tip)["members"]]

    def alike(self):
        """Two tips that are alike, and no more than that; the second has the suggestion."""
        for text in NEWS:
            self.tip(text)
        # How rare a word is follows from the tips that were judged before.
        self.d.settle()
        first, other = self.tip(VILLAGE), self.tip(VILLAGE_AGAIN)
        self.suggestion(other)
        self.d.settle()
        return first, other

    def say(self, tip, action, other=None, role="officer", token=None):
        return self.d.act(tip, action, {"tip": other} if other else {}, role=role, token=token)

    def wait_members(self, *tips):
        """All of them in one incident, in this order, as seen from each of them, and the linker at rest."""
        wait_for(lambda: all(self.members(tip) == list(tips) for tip in tips), 60,
                 lambda: f"{tips} are one incident; now {[self.members(tip) for tip in tips]}")
        self.d.settle()

    def suggestion(self, tip):
        return wait_for(lambda: self.incident(tip)["suggestions"], 60, f"a suggestion for {tip}")

    def replays(self):
        self.d.settle()
        done = self.d.tipctl("replay", "--state", self.d.state)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class ByItself(Base):
    def test_copies_join(self):
        first = self.tip(FACTORY)
        forwarded = self.tip("【转发】" + FACTORY + "！！！求扩散🙏")
        cut = self.tip(FACTORY[:52])
        self.wait_members(first, forwarded, cut)
        whole = self.incident(cut)
        self.assertEqual([m["number"] for m in whole["members"]], [1, 2, 3])
        self.assertEqual([m["copy"] for m in whole["members"]], [False, True, True])
        self.assertEqual(whole["id"], first)
        self.assertIsNone(whole["members"][0]["link"])
        for member in whole["members"][1:]:
            self.assertIn("copy", member["link"]["why"])
            self.assertTrue(member["link"]["reasons"])
        self.replays()

    def test_copies_join_over_provinces(self):
        text = "昨晚看到三个人用麻袋抬着一个人上了一辆没有牌照的灰色货车，往高速入口方向开走了，其中一个人手臂上有纹身"
        here = self.tip(text, region="110105")
        there = self.tip(text + "请查一下", region="440106")
        self.assertNotEqual(here[:2], there[:2])
        self.wait_members(here, there)
        self.assertEqual([m["region"] for m in self.incident(there)["members"]], ["110105", "440106"])
        self.replays()

    def test_the_same_plate_at_the_same_place_joins(self):
        first = self.tip(TRUCK)
        other = self.tip(SAME_TRUCK)
        self.wait_members(first, other)
        link = self.incident(other)["members"][1]["link"]
        self.assertIn("plate", link["why"])
        self.assertFalse(self.incident(other)["members"][1]["copy"])
        zh = self.d.staff("GET", f"/api/v1/incidents/{other}", **{"Accept-Language": "zh-CN"}).json
        self.assertIn("车牌", "".join(zh["members"][1]["link"]["reasons"]))

    def test_a_template_with_another_plate_does_not_join(self):
        first = self.tip(TRUCK)
        other = self.tip(TRUCK.replace("73Q52", "90B16"))
        again = self.tip(LURE.format(phone="13812340001", place="广州市天河区"))
        else_where = self.tip(LURE.format(phone="13998760002", place="北京市朝阳区"))
        self.d.settle()
        for tip in (first, other, again, else_where):
            self.assertEqual(self.members(tip), [tip])

    def test_what_is_only_alike_is_suggested(self):
        first, other = self.alike()
        nothing = self.tip("有人在路上要钱")
        self.d.settle()
        suggestion = self.suggestion(other)[0]
        self.assertEqual((suggestion["of"], suggestion["tip"]), (other, first))
        self.assertTrue(suggestion["reasons"] and suggestion["why"])
        self.assertEqual(self.members(first), [first])
        self.assertEqual(self.incident(nothing)["suggestions"], [])
        held = {t["id"]: t["incident"] for t in self.d.claim(max=50)}
        self.assertEqual([s["tip"] for s in held[other]["suggestions"]], [first])
        self.assertEqual(held[nothing], {"id": nothing, "parent": None, "tips": 1, "suggestions": []})

    def test_others_who_tell_the_same_raise_the_first(self):
        first = self.tip(TRUCK)
        before = self.d.staff("GET", f"/api/v1/tips/{first}").json
        for text in (SAME_TRUCK, "东胜区汽车站门口那辆蒙K73Q52的面包车又来了，车上有小孩在喊救命",
                     "我在东胜区汽车站等车，看见蒙K73Q52的车主拽着一个小姑娘往车里塞"):
            self.tip(text)
        wait_for(lambda: len(self.members(first)) == 4, 60, lambda: f"all are one incident; now {self.members(first)}")
        self.d.settle()
        after = self.d.staff("GET", f"/api/v1/tips/{first}").json
        self.assertEqual(after["incident"]["tips"], 4)
        self.assertGreater(after["score"], before["score"])
        said = {r["name"] for r in after["reasons"]} - {r["name"] for r in before["reasons"]}
        self.assertTrue(said, after["reasons"])
        self.assertTrue(all(r["text"] for r in after["reasons"]))
        self.replays()

    def test_a_copy_of_a_claimed_tip_joins_it(self):
        first = self.tip(FACTORY)
        held = self.d.claim("150602")[0]
        self.assertEqual(held["id"], first)
        copy = self.tip(FACTORY + "，请尽快处理")
        self.wait_members(first, copy)
        self.assertEqual(self.d.act(first, "note", {"text": "看过"}).status, 200)

    def test_figures(self):
        self.tip(FACTORY)
        self.tip(FACTORY + "。")
        self.d.settle()
        figures = self.d.metrics()
        self.assertGreaterEqual(figures["tipline_linker_tips"], 2)
        names = {name.split("{")[0] for name in figures if name.startswith("tipline_linker_")}
        self.assertGreater(len(names), 5)


class Officers(Base):
    def test_confirm_and_take_out(self):
        first, other = self.alike()
        confirmed = self.say(other, "link", first)
        self.assertEqual((confirmed.status, confirmed.json["incident"]["parent"]), (200, first))
        self.assertEqual(confirmed.json["incident"]["suggestions"], [])
        self.assertEqual(self.members(first), [first, other])
        self.assertEqual(self.incident(first)["members"][1]["link"]["why"], "officer")
        out = self.say(other, "unlink", first)
        self.assertEqual((out.status, out.json["incident"]["parent"]), (200, None))
        self.assertEqual(self.say(other, "unlink", first).status, 200, "asked again")
        self.assertEqual(self.say(other, "unlink").code, "not_linked")
        self.d.settle()
        self.assertEqual((self.members(first), self.members(other)), ([first], [other]))
        self.replays()

    def test_what_was_declined_stays_declined(self):
        first, other = self.alike()
        self.assertEqual(self.say(other, "decline", first).status, 200)
        self.assertEqual(self.incident(other)["suggestions"], [])
        self.d.stop()
        self.d.start()
        self.d.settle()
        self.assertEqual(self.incident(other)["suggestions"], [])
        self.assertEqual(self.say(other, "decline", first).status, 200, "asked again")
        self.replays()

    def test_what_was_taken_out_stays_out(self):
        first, copy = self.tip(FACTORY), self.tip(FACTORY + "！")
        self.wait_members(first, copy)
        self.assertEqual(self.say(copy, "unlink", first).status, 200)
        self.d.stop()
        self.d.start()
        self.d.settle()
        self.assertEqual((self.members(first), self.members(copy)), ([first], [copy]))
        self.replays()

    def test_two_incidents_become_one(self):
        a, b = self.tip(FACTORY), self.tip(FACTORY + "！")
        c, d = self.tip(TRUCK), self.tip(SAME_TRUCK)
        self.wait_members(a, b)
        self.wait_members(c, d)
        self.assertEqual(self.say(d, "link", b).status, 200)
        self.wait_members(a, b, c, d)
        self.assertEqual(self.say(b, "link", c).status, 200, "they are one already")
        self.assertEqual(self.say(a, "link", a).code, "same_incident")
        self.assertEqual(self.say(a, "link", "15-ZZZZZZZZZZ").code, "no_such_tip")
        self.assertEqual(self.say(b, "decline", c).code, "not_suggested")
        self.assertEqual(self.say(b, "unlink", c).code, "already_elsewhere")
        self.replays()

    def test_incidents_over_provinces_by_word_of_an_officer(self):
        here, there = self.tip("某处有人在卖一个男孩", region="110105"), self.tip(TRUCK)
        self.d.settle()
        self.assertEqual(self.say(here, "link", there).status, 200)
        self.wait_members(here, there)
        self.assertEqual(self.say(there, "unlink", here).status, 200)
        wait_for(lambda: (self.members(here), self.members(there)) == ([here], [there]), 60, "they are apart")
        self.replays()

    def test_a_region_is_a_fence_for_words(self):
        here, there = self.tip(TRUCK), self.tip("某处有人在卖一个男孩", region="110105")
        made = self.d.tipctl("token", "add", "--state", self.d.state, "--person", "li", "--role", "officer", "--region", "150600")
        token = next(word for word in made.stdout.split() if word.startswith("tip_"))
        self.d.settle()
        self.assertEqual(self.say(there, "link", here, token=token).status, 404)
        self.assertEqual(self.d.staff("GET", f"/api/v1/incidents/{there}", token=token).status, 404)
        linked = self.say(here, "link", there, token=token)
        self.assertEqual(linked.status, 200)
        wait_for(lambda: self.members(here) == self.members(there) == [here, there], 60, "they are one")
        seen = self.d.staff("GET", f"/api/v1/incidents/{here}", token=token)
        self.assertNotIn("男孩", seen.text)
        self.assertEqual([m["within"] for m in seen.json["members"]], [True, False])

    def test_a_transfer_takes_its_incident_along(self):
        first, copy = self.tip(FACTORY), self.tip(FACTORY + "！")
        self.wait_members(first, copy)
        self.assertEqual({t["id"] for t in self.d.claim("150602", max=10)}, {first, copy})
        self.assertEqual(self.d.act(copy, "transfer", {"region": "110105", "reason": "x"}).status, 200)
        moved = "11" + copy[2:]
        self.wait_members(first, moved)
        self.assertEqual(self.d.act(first, "transfer", {"region": "440106", "reason": "x"}).status, 200)
        gone = "44" + first[2:]
        self.wait_members(gone, moved)
        self.replays()


class Accidents(Base):
    def test_killed_in_the_middle(self):
        """Copies come in while the daemon is killed; afterwards each is where it belongs, once, and the journal replays."""
        texts = [FACTORY, TRUCK.replace("73Q52", "11A11") + "，穿蓝衣服的男人看着她", VILLAGE]
        stop, sent = threading.Event(), []

        def send():
            i = 0
            while not stop.is_set() and i < 600:
                try:
                    answer = self.d.send(texts[i % 3] + "。" * (i // 3 % 5), key=f"k-{i}")
                    if answer.status == 201:
                        sent.append((i % 3, answer.json["id"]))
                        i += 1
                except (OSError, KeyError, ValueError, http.client.HTTPException):
                    time.sleep(0.02)
        thread = threading.Thread(target=send)
        thread.start()
        try:
            for _ in range(3):
                before = len(sent)
                wait_for(lambda b=before: len(sent) >= b + 15 or len(sent) == 600, 60, "tips are taken")
                self.d.kill()
                self.d.start(ready=False)
        finally:
            stop.set()
            thread.join()
        self.d.wait_works()
        self.d.settle()
        for kind in range(3):
            mine = {tip for k, tip in sent if k == kind}
            self.assertGreater(len(mine), 0)
            whole = self.incident(next(iter(mine)))
            ids = [m["id"] for m in whole["members"]]
            self.assertEqual(len(ids), len(set(ids)))
            self.assertLessEqual(len(set(ids) - mine), 1, "but one that was taken and not yet acknowledged")
            self.assertGreaterEqual(len(ids), min(200, len(mine)))
            times = [m["received"] for m in whole["members"]]
            self.assertEqual(times, sorted(times), "in order of acceptance")
        self.replays()


if __name__ == "__main__":
    main()
