#!/usr/bin/python3
"""tipctl analyze: what it prints, line by line over a pipe, with broken lines, for each task, in bounded memory."""
import json
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from tipline import BUILD, PATIENCE, ROOT, Late, main, new_dir, tipctl

SANITIZED = "san" in BUILD.split(os.sep)
TASKS = ("routing", "neardup", "cluster", "triage")
RULE = """rules:
  - name: test_word
    points: 7
    reason: {zh-CN: 有试验词, en: the test word is there}
    any: [雪莲果]
    match: [这里有雪莲果]
    no_match: [这里没有]
"""


def lines_of(*records):
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def analyze(*arguments, text):
    """(answers, what it complained about, exit status)"""
    done = tipctl("analyze", *arguments, text=text)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr, done.returncode


def evidence_in(value):
    """Every place told anywhere in an answer."""
    if isinstance(value, dict):
        if "from_byte" in value:
            yield value
        for inner in value.values():
            yield from evidence_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from evidence_in(inner)


class Answers(unittest.TestCase):
    pipes = {}   # one running program for each set of arguments: what takes long is its start

    @classmethod
    def tearDownClass(cls):
        for arguments, pipe in cls.pipes.items():
            assert pipe.end() == (0, b""), arguments

    def one(self, text, *arguments, **more):
        if arguments not in self.pipes:
            self.pipes[arguments] = Pipe(*arguments)
        answer = self.pipes[arguments].ask({"id": "a", "text": text, **more})
        self.assertEqual(answer["id"], "a")
        for place in evidence_in(answer):
            field = {"text": text, **more}[place["field"]]
            self.assertEqual(field[place["from"]:place["to"]], place["words"], place)
            self.assertEqual(field.encode()[place["from_byte"]:place["to_byte"]].decode(), place["words"], place)
            self.assertTrue(place["words"].strip(), place)
        return answer

    def test_all_parts_are_told(self):
        answer = self.one("鄂尔多斯市东胜区有人拐卖儿童，车牌蒙K12345，电话13812345678")
        self.assertEqual(answer["route"]["code"], "150602")
        self.assertEqual((answer["route"]["level"], answer["route"]["reason"]), ("county", "text"))
        self.assertEqual(answer["route"]["name"], "东胜区")
        self.assertEqual(answer["route"]["evidence"]["words"], "鄂尔多斯市东胜区")
        self.assertEqual({(e["kind"], e["value"]) for e in answer["entities"]}, {("plate", "蒙K12345"), ("phone", "13812345678")})
        self.assertTrue(0 <= answer["score"]["points"] <= 100)
        self.assertIn(answer["score"]["priority"], ("immediate", "urgent", "standard", "low"))
        self.assertTrue(answer["score"]["reasons"])
        for reason in answer["score"]["reasons"]:
            self.assertTrue(reason["name"] and reason["text"] and reason["points"] != 0)
        self.assertTrue(0 < answer["learned"]["chance"] < 1)
        self.assertTrue(bytes.fromhex(answer["fingerprint"]))

    def test_evidence_is_in_the_informants_own_words(self):
        answer = self.one("👮🏽 救命！！廣東省東莞市長安鎮，車牌粵Ｂ１２３４５，　電話１３８ １２３４ ５６７８，有個女孩被關著👧")
        values = {e["kind"]: (e["value"], e["evidence"]["words"]) for e in answer["entities"]}
        self.assertEqual(values["plate"], ("粤B12345", "粵Ｂ１２３４５"))
        self.assertEqual(values["phone"], ("13812345678", "１３８ １２３４ ５６７８"))
        self.assertEqual(answer["route"]["code"], "441900")
        self.assertTrue(answer["route"]["evidence"]["words"].startswith("廣東"))

    def test_evidence_with_marks_blanks_and_hidden_characters(self):
        self.one("  \u200b北\u200b京\u3000市朝阳区\u200d ，cafe\u0301 ﬁlm 13812345678\u200b\u200b   ")
        self.one("\U0001f697" * 50 + "成都市武侯区有一个三岁的孩子被卖了" + "\n\n\t")
        torn = self.one("我在南 京🙏市[泪]玄 武区看见一个男孩在哭")
        self.assertEqual(torn["route"]["evidence"]["words"], "南 京🙏市[泪]玄 武区")
        ending = self.one("在南京市玄武区\u3000\u200b🙏 \n")
        self.assertEqual(ending["route"]["evidence"]["words"], "南京市玄武区")
        self.one("Ｉ ｓａｗ ｔｗｏ ｇｉｒｌｓ ｄｒａｇｇｅｄ ｉｎｔｏ ａ ｖａｎ ｉｎ Ｘｉ＇ａｎ")

    def test_the_form_counts_like_with_a_tip(self):
        chosen = self.one("那边有人被关着", region="330100")
        self.assertEqual((chosen["route"]["code"], chosen["route"]["reason"]), ("330100", "choice"))
        named = self.one("那边有人被关着", place="在 成都市武侯區")
        self.assertEqual((named["route"]["code"], named["route"]["reason"]), ("510107", "place"))
        self.assertEqual((named["route"]["evidence"]["field"], named["route"]["evidence"]["words"]), ("place", "成都市武侯區"))

    def test_reasons_in_both_languages(self):
        texts = [{r["text"] for r in self.one("有人拐卖儿童", "--lang", tag)["score"]["reasons"]} for tag in ("zh-CN", "en")]
        self.assertTrue(texts[0] and texts[1] and not texts[0] & texts[1])
        self.assertTrue(all(t.isascii() for t in texts[1]))

    def test_pretty_is_the_same_value(self):
        text = lines_of({"id": 'a "quoted" \\ {id}', "text": "成都市武侯区，13812345678"})
        plain, pretty = (tipctl("analyze", "--task", "routing", *more, text=text).stdout for more in ((), ("--pretty",)))
        self.assertEqual(json.loads(plain), json.loads(pretty))
        self.assertGreater(pretty.count("\n"), plain.count("\n"))

    def test_timing(self):
        for more in ((), *(("--task", t) for t in TASKS)):
            answers, _, _ = analyze("--timing", *more, text=lines_of({"id": 1, "text": "成都"}))
            self.assertGreater(answers[0]["us"], 0)

    def test_fingerprints_fit_together_under_one_key_only(self):
        keys = os.path.join(new_dir(), "keys")
        self.addCleanup(shutil.rmtree, os.path.dirname(keys))
        self.assertEqual(tipctl("key", "--keys", keys, "create").returncode, 0)
        text = lines_of({"id": "a", "text": "成都市武侯区，13812345678，我看到一个孩子被关着"})

        def fingerprint(*arguments):
            answers, complaints, status = analyze(*arguments, text=text)
            self.assertEqual((complaints, status), ("", 0))
            return answers[0]["fingerprint"]
        self.assertEqual(fingerprint("--keys", keys), fingerprint("--keys", keys))
        self.assertNotEqual(fingerprint(), fingerprint())


class Rules(unittest.TestCase):
    def setUp(self):
        self.dir = new_dir()
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, text):
        with open(os.path.join(self.dir, "test.yaml"), "w", encoding="utf-8") as f:
            f.write(text)

    def test_a_rule_is_tried(self):
        self.write(RULE)
        answers, complaints, status = analyze("--rules", self.dir, text=lines_of({"id": 1, "text": "他卖雪莲果"}))
        self.assertEqual((status, complaints), (0, ""))
        reasons = answers[0]["score"]["reasons"]
        self.assertEqual([(r["name"], r["points"], r["evidence"]["words"]) for r in reasons], [("test_word", 7, "雪莲果")])

    def test_a_broken_rule_is_told_with_its_place(self):
        self.write(RULE.replace("points: 7", "points: many"))
        answers, complaints, status = analyze("--rules", self.dir, text=lines_of({"id": 1, "text": "x"}))
        self.assertEqual((answers, status), ([], 1))
        self.assertRegex(complaints, r"test\.yaml:3")

    def test_a_rule_that_fails_its_own_test_is_told(self):
        self.write(RULE.replace("no_match: [这里没有]", "no_match: [雪莲果]"))
        self.assertEqual(analyze("--rules", self.dir, text="")[2], 1)

    def test_directories_that_are_not_there(self):
        for option in ("--rules", "--campaigns", "--keys"):
            _, complaints, status = analyze(option, self.dir + "/none", text="")
            self.assertEqual(status, 1, option)
            self.assertIn(self.dir + "/none", complaints)


class Lines(unittest.TestCase):
    def test_wrong_use(self):
        for arguments in (("--nonsense",), ("--task", "nonsense"), ("--lang", "fr"), ("--task",)):
            done = tipctl("analyze", *arguments, text="")
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertTrue(done.stderr)
        done = tipctl("analyze", "--help", text="")
        self.assertEqual(done.returncode, 0)
        self.assertIn("usage: tipctl analyze", done.stdout)

    def test_empty_input(self):
        for text in ("", "\n", "\r\n\r\n", "  \n\t\n"):
            self.assertEqual(analyze(text=text), ([], "", 0))

    def test_ends_of_lines_and_the_mark_at_the_beginning(self):
        text = "\ufeff" + lines_of({"id": 1, "text": "成都"}, {"id": 2, "text": "武汉"}).replace("\n", "\r\n") + '\r\n{"id":3,"text":"x"}'
        answers, complaints, status = analyze("--task", "routing", text=text)
        self.assertEqual((answers, complaints, status), (
            [{"id": 1, "code": "510100"}, {"id": 2, "code": "420100"}, {"id": 3, "code": None}], "", 0))

    def test_bad_lines_are_told_and_passed_over(self):
        bad = ("nonsense", "{}", '{"id":1}', '{"text":"x"}', '{"id":1,"text":2}', '{"id":[1],"text":"x"}', '["id"]', '{"id":1,"text":"x"} y',
               '{"id":1,"text":"\\ud800"}', '{"id":1,"id":2,"text":"x"}', '{"id":1,"text":"x","region":"12"}', "{" * 1000, '{"id":1,"text":"x')
        good = lines_of({"id": "good", "text": "成都"})
        path = os.path.join(new_dir(), "some.jsonl")
        self.addCleanup(shutil.rmtree, os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(b + "\n" + good for b in bad))
        for task in ((), *(("--task", t) for t in TASKS)):
            done = tipctl("analyze", *task, path)
            self.assertEqual(done.returncode, 1)
            told = [json.loads(line)["id"] for line in done.stdout.splitlines()]
            self.assertEqual(told, ["good"] * len(bad), task)
            self.assertEqual([c.split(": ")[0] for c in done.stderr.splitlines()], [f"{path}:{2 * i + 1}" for i in range(len(bad))])

    def test_bytes_that_are_no_text(self):
        done = subprocess.run([os.path.join(BUILD, "tipctl"), "analyze"], input=b'{"id":1,"text":"\xff\xfe"}\n\x00\x00\n{"id":2,"text":"x"}\n',
                              capture_output=True, timeout=60 * PATIENCE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual([json.loads(line)["id"] for line in done.stdout.splitlines()], [2])

    def test_long_lines(self):
        room = (1 << 20) - len(lines_of({"id": 1, "text": ""})) + 1
        longest, longer = ({"id": n, "text": "x" * (room + n)} for n in (0, 1))
        answers, complaints, status = analyze("--task", "neardup", text=lines_of(longest, longer, {"id": 2, "text": "short"}, longest))
        self.assertEqual([a["id"] for a in answers], [0, 2, 0])
        self.assertRegex(complaints, r"^standard input:2: .*1048576 bytes\n$")
        self.assertEqual(status, 1)
        for unended in ("x" * 3000000, lines_of(longer).rstrip("\n")):
            answers, complaints, status = analyze(text=unended)
            self.assertEqual((answers, status, complaints.count("\n")), ([], 1, 1))

    def test_a_megabyte_of_matches_takes_no_hour(self):
        for words in ("北京市朝阳区", "拐卖", "13812345678 ", "从成都到武汉，", "a ", "\U0001f697"):
            answers, _, status = analyze(text=lines_of({"id": 1, "text": words * (1000000 // len(words.encode()))}))
            self.assertEqual((len(answers), status), (1, 0), words)

    def test_pipes_that_do_not_block(self):
        """The other end of a pipe may have made it so, for itself and for us."""
        texts = "".join(lines_of({"id": i, "text": f"东胜区第{i}号"}) for i in range(6000)).encode()
        (in_end, in_start), (out_end, out_start) = os.pipe(), os.pipe()
        os.set_blocking(in_end, False)
        os.set_blocking(out_start, False)
        run = subprocess.Popen([os.path.join(BUILD, "tipctl"), "analyze", "--task", "routing"], stdin=in_end,
                               stdout=out_start, stderr=subprocess.PIPE)
        os.close(in_end)
        os.close(out_start)

        def feed():
            time.sleep(1)   # it has looked, and there was nothing
            with os.fdopen(in_start, "wb") as pipe:
                pipe.write(texts)
        feeder = threading.Thread(target=feed)
        feeder.start()
        time.sleep(3)       # and nobody reads: the pipe is full
        with os.fdopen(out_end, "rb") as pipe:
            answers = pipe.read().splitlines()
        feeder.join()
        with run.stderr:
            self.assertEqual((run.stderr.read(), run.wait(timeout=60 * PATIENCE)), (b"", 0))
        self.assertEqual([json.loads(a)["id"] for a in answers], list(range(6000)))

    def test_several_files(self):
        directory = new_dir()
        self.addCleanup(shutil.rmtree, directory)
        paths = [os.path.join(directory, name) for name in "ab"]
        for i, path in enumerate(paths):
            with open(path, "w", encoding="utf-8") as f:
                f.write(lines_of({"id": i, "text": "一模一样的一段话，说的是昨天晚上的事情，在河边"}))
        answers = [json.loads(line) for line in tipctl("analyze", "--task", "neardup", *paths).stdout.splitlines()]
        self.assertEqual([(a["id"], a["dup_of"]) for a in answers], [(0, None), (1, 0)])
        done = tipctl("analyze", paths[0], directory + "/none", paths[1])
        self.assertEqual((done.returncode, done.stdout.count("\n")), (1, 2))
        self.assertIn(directory + "/none", done.stderr)


class Pipe:
    """A running analyze that is spoken to line by line."""

    def __init__(self, *arguments):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([os.path.join(BUILD, "tipctl"), "analyze", *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, bufsize=0)
        self.held = b""

    def send(self, record):
        self.process.stdin.write(lines_of(record).encode())

    def answer(self, seconds=60):
        while b"\n" not in self.held:
            if not select.select([self.process.stdout], [], [], seconds * PATIENCE)[0]:
                raise Late("no answer over the pipe")
            got = self.process.stdout.read(65536)
            if not got:
                raise AssertionError("the pipe ended")
            self.held += got
        line, self.held = self.held.split(b"\n", 1)
        return json.loads(line)

    def ask(self, record):
        self.send(record)
        return self.answer()

    def end(self):
        """The exit status, and whatever else it said, on standard error as well."""
        self.process.stdin.close()
        rest = self.held + self.process.stdout.read()
        status = self.process.wait(timeout=60 * PATIENCE)
        self.process.stdout.close()
        self.errors.seek(0)
        with self.errors:
            return status, rest + self.errors.read()


class Streaming(unittest.TestCase):
    """An answer comes before the next line is sent, in the form that the scorer of each task reads."""

    def records(self, name):
        with open(os.path.join(ROOT, "tests/data", name + ".jsonl"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def each(self, name, *arguments):
        pipe = Pipe("--task", name, *arguments)
        seen = set()
        for record in self.records(name):
            if record.get("op") == "learn":
                pipe.send(record)
                continue
            answer = pipe.ask(record)
            self.assertEqual(answer["id"], record["id"])
            yield answer, seen
            seen.add(record["id"])
        self.assertEqual(pipe.end(), (0, b""))

    def assert_link(self, answer, seen):
        self.assertTrue(answer["dup_of"] is None or answer["dup_of"] in seen)
        self.assertTrue(0 <= answer["score"] <= 1)
        self.assertEqual(answer["dup_of"] is None, answer["score"] == 0)

    def test_routing(self):
        for answer, _ in self.each("routing"):
            self.assertIn(set(answer), ({"id", "code"}, {"id", "codes"}))
            codes = answer.get("codes", [answer.get("code")])
            for code in codes:
                self.assertTrue(code is None and codes == [None] or (len(code) == 6 and code.isdigit() and code != "000000"), answer)
            self.assertEqual(len(codes), len(set(codes)))

    def test_neardup(self):
        for answer, seen in self.each("neardup"):
            self.assertEqual(set(answer), {"id", "dup_of", "score"})
            self.assert_link(answer, seen)

    def test_cluster(self):
        for answer, seen in self.each("cluster"):
            self.assertLessEqual(set(answer), {"id", "dup_of", "score", "links"})
            self.assert_link(answer, seen)
            for other, score in answer.get("links", []):
                self.assertIn(other, seen)
                self.assertEqual(score, 1)

    def test_triage(self):
        for answer, _ in self.each("triage"):
            self.assertEqual(set(answer), {"id", "score"})
            self.assertTrue(0 <= answer["score"] <= 1)

    def test_whole_answers(self):
        pipe = Pipe()
        for i in range(5):
            self.assertEqual(pipe.ask({"id": i, "text": "成都市武侯区"})["route"]["code"], "510107")
        self.assertEqual(pipe.end(), (0, b""))

    def test_the_same_input_gives_the_same_answers(self):
        for name in TASKS:
            text = lines_of(*self.records(name))
            self.assertEqual(analyze("--task", name, text=text), analyze("--task", name, text=text))


class Learning(unittest.TestCase):
    def test_outcomes_are_learned_when_they_are_told(self):
        pipe = Pipe("--task", "triage")
        junk, good = "来来来 今天的特价水果 {} 号摊位", "我在码头看见 {} 号仓库里有人喊救命"
        before = [pipe.ask({"op": "score", "id": f"b{i}", "text": t.format(0)})["score"] for i, t in enumerate((junk, good))]
        for i in range(200):
            pipe.ask({"op": "score", "id": i, "text": (junk, good)[i % 2].format(i)})
            pipe.send({"op": "learn", "id": i, "label": i % 2})
        after = [pipe.ask({"op": "score", "id": f"a{i}", "text": t.format(0)})["score"] for i, t in enumerate((junk, good))]
        self.assertLess(after[0], before[0])
        self.assertLess(after[0] + 0.5, after[1])
        self.assertEqual(pipe.end(), (0, b""))

    def test_an_outcome_for_nothing_is_told(self):
        text = lines_of({"op": "learn", "id": "x", "label": 1}, {"op": "score", "id": "x", "text": "a"}, {"op": "learn", "id": "x"},
                        {"op": "learn", "id": "x", "label": 2}, {"op": "learn", "id": "x", "label": 0}, {"op": "learn", "id": "x", "label": 0},
                        {"op": "sing", "id": "x"}, {"op": "score", "id": "y"})
        answers, complaints, status = analyze("--task", "triage", text=text)
        self.assertEqual(([a["id"] for a in answers], status), (["x"], 1))
        self.assertEqual([line.split(": ")[0][-1] for line in complaints.splitlines()], list("134678"))


@unittest.skipIf(SANITIZED, "a sanitizer keeps freed memory")
class Memory(unittest.TestCase):
    def grown(self, *arguments, first=20000, then=180000):
        """Kilobytes of memory that the lines after the first ones cost at most."""
        pipe = Pipe(*arguments)
        peak = []

        def feed():
            for i in range(first + then):
                pipe.send({"id": f"line-{i}", "text": f"成都市武侯区 {i} 号楼 {i * 7919 % 100003} 有人喊救命，电话 138{i:08d}"})
                if i in (first, first + then - 1):
                    with open(f"/proc/{pipe.process.pid}/status", encoding="ascii") as f:
                        peak.append(next(int(line.split()[1]) for line in f if line.startswith("VmHWM")))
            pipe.process.stdin.close()
        feeder = threading.Thread(target=feed)
        feeder.start()
        answered = sum(chunk.count(b"\n") for chunk in iter(lambda: pipe.process.stdout.read(1 << 20), b""))
        feeder.join()
        pipe.process.stdout.close()
        self.assertEqual(pipe.process.wait(timeout=60 * PATIENCE), 0)
        self.assertEqual(answered, first + then)
        return peak[1] - peak[0]

    def test_many_lines_take_no_more_than_few(self):
        self.assertLess(self.grown(), 4096)
        self.assertLess(self.grown("--task", "routing"), 4096)


if __name__ == "__main__":
    main()
