#!/usr/bin/python3
"""
The Debian packages: they build, lintian has nothing to say, and what is in them is what should be.

With TIPLINE_LONG=1 also: built a second time elsewhere they are the same bytes; and in a small Debian of its own the
daemon is installed, runs as its unit would have it, takes a tip that is claimed, is upgraded, removed and purged, and
keeps its state through all of it. That needs root and the mirror of this machine's apt. What
was downloaded stays in build/deb-cache.
"""
import fcntl
import filecmp
import functools
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

from tipline import BUILD, ROOT, Daemon, main, new_dir, wait_for

LONG = os.environ.get("TIPLINE_LONG") == "1"
HOME = os.path.join(ROOT, "build/deb-test")
CACHE = os.path.join(ROOT, "build/deb-cache")
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
CONFFILES = ["/etc/tipline/redis-roles.conf", "/etc/tipline/redis.acl", "/etc/tipline/tipline.yaml"]


def run(*words, check=True, seconds=900, **more):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds,
                          check=False, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout[-4000:]}")
    return done


def build(to, *more, **environment):
    run(os.path.join(ROOT, "scripts/deb"), "--to", to, "--no-lintian", *more, env={**os.environ, **environment})


@functools.cache
def built():
    """Once for all tests of this run; the short form goes on from what was compiled before."""
    if BUILD != os.path.join(ROOT, "build"):
        raise unittest.SkipTest("packages have no sanitizer")
    needs("dpkg-buildpackage", "dh", "lintian")
    build(HOME, *([] if LONG else ["--again"]))


def package(name, home=HOME):
    found = glob.glob(os.path.join(home, name + "_*.deb"))
    if len(found) != 1:
        raise AssertionError(f"{name}: {found}")
    return found[0]


def needs(*programs):
    missing = [p for p in programs if shutil.which(p) is None]
    if missing:
        raise unittest.SkipTest("not installed: " + ", ".join(missing))


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        built()
        cls.home = new_dir()
        cls.addClassCleanup(shutil.rmtree, cls.home, True)
        for name in ("tipline", "tipline-witness", "tipline-modem"):
            run("dpkg-deb", "-R", package(name), os.path.join(cls.home, name))

    def within(self, *path, name="tipline"):
        return os.path.join(self.home, name, *path)

    def read(self, *path, name="tipline"):
        with open(self.within(*path, name=name), encoding="utf-8") as f:
            return f.read()

    def test_lintian_has_nothing_to_say(self):
        root = ["--allow-root"] if os.geteuid() == 0 else []
        done = run("lintian", *root, "--pedantic", "--display-info", "--fail-on", "error,warning", *glob.glob(HOME + "/*.changes"), check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        # What remains is known: systemd alone is supported, and a provider spells its word that way.
        known = ("package-supports-alternative-init-but-no-init.d-script", "spelling-error-in-binary TRANSFERING")
        self.assertEqual([line for line in done.stdout.splitlines() if not any(k in line for k in known)], [])

    def test_what_is_where(self):
        self.assertEqual(self.read("DEBIAN/conffiles").split(), CONFFILES)
        for path in ("usr/bin/tiplined", "usr/bin/tipctl", "usr/libexec/tipline/backup", "usr/libexec/tipline/restore",
                     "usr/libexec/tipline/part-keys", "usr/share/tipline/redis.conf", "usr/share/man/man8/tiplined.8.gz",
                     "usr/share/doc/tipline/examples/nginx.conf", "usr/lib/sysusers.d/tipline.conf", "usr/lib/tmpfiles.d/tipline.conf"):
            self.assertTrue(os.path.isfile(self.within(path)), path)
        units = {os.path.basename(u) for u in glob.glob(os.path.join(ROOT, "systemd/*.service")) + glob.glob(os.path.join(ROOT, "systemd/*.socket"))}
        shipped = {os.path.basename(u) for name in ("tipline", "tipline-witness", "tipline-modem")
                   for u in glob.glob(self.within("lib/systemd/system/*", name=name))}
        self.assertEqual(shipped, units)
        for unit in shipped:
            for name in ("tipline", "tipline-witness", "tipline-modem"):
                path = self.within("lib/systemd/system", unit, name=name)
                if os.path.exists(path) and unit.endswith(".service") and unit != "tipline-redis.service":
                    with open(path, encoding="utf-8") as f:
                        program = re.search(r"^ExecStart=(\S+)", f.read(), re.M).group(1)
                    self.assertTrue(os.access(self.within(program.lstrip("/"), name=name), os.X_OK), program)

    def test_nobody_but_the_owner_writes_and_nothing_is_setuid(self):
        for name in ("tipline", "tipline-witness", "tipline-modem"):
            for line in run("dpkg-deb", "-c", package(name)).stdout.splitlines():
                mode, owner = line.split()[:2]
                self.assertEqual(owner, "root/root", line)
                if not mode.startswith("l"):
                    self.assertRegex(mode, r"^[-d]rw[-x]r-[-x]r-[-x]$", line)

    def test_programs_are_hardened_and_tell_nothing_of_where_they_were_made(self):
        tree = glob.glob(HOME + "/tipline-*/build")[0]
        run(os.path.join(ROOT, "tests/e2e/check-hardening"), tree)
        for name, program in (("tipline", "tiplined"), ("tipline", "tipctl"), ("tipline-witness", "tipline-witness")):
            with open(self.within("usr/bin", program, name=name), "rb") as f:
                self.assertNotIn(ROOT.encode(), f.read(), program)

    def test_needs(self):
        control = self.read("DEBIAN/control")
        for needed in ("libevent-2.1-7 (>= 2.1.12-stable-8+deb12u1)", "redis-server (>= 5:7.0)", "libopencc-data", "libsodium23", "libseccomp2"):
            self.assertIn(needed, control)
        self.assertIn("python3", self.read("DEBIAN/control", name="tipline-modem"))
        with open(os.path.join(ROOT, "scripts/deps"), encoding="utf-8") as f:
            wanted = set(re.findall(r"\blib[a-z0-9.+-]+-dev\b", re.search(r'^build="(.*?)"', f.read(), re.M | re.S).group(1))) - {"libc6-dev"}
        with open(os.path.join(ROOT, "config/debian/control"), encoding="utf-8") as f:
            source = f.read().split("\n\n")[0]
        self.assertEqual({w for w in wanted if w not in source}, set(), "Build-Depends as scripts/deps has it")

    def test_scripts_start_nothing_and_destroy_nothing(self):
        for name in ("tipline", "tipline-witness", "tipline-modem"):
            for script in ("postinst", "prerm", "postrm"):
                text = self.read("DEBIAN", script, name=name)
                self.assertNotRegex(text, r"deb-systemd-invoke (start|restart)|\brm -", f"{name}.{script}")
                self.assertEqual(run("sh", "-n", self.within("DEBIAN", script, name=name)).stdout, "")
        self.assertIn("systemd-sysusers", self.read("DEBIAN/postinst"))
        self.assertRegex(self.read("DEBIAN/postinst"), r"try-restart 'tiplined-desk.service' .*'tiplined.service' ")

    def test_again_elsewhere_it_is_the_same_bytes(self):
        if not LONG:
            self.skipTest("with TIPLINE_LONG=1")
        other = os.path.join(self.home, "another directory".replace(" ", "-"))
        build(other, TZ="Asia/Shanghai", LC_ALL="C.UTF-8", DEB_BUILD_OPTIONS="parallel=3")
        names = [os.path.basename(p) for p in glob.glob(HOME + "/*.deb")]
        self.assertGreaterEqual(len(names), 3)
        self.assertEqual(filecmp.cmpfiles(HOME, other, names, shallow=False), (names, [], []))


# --- a Debian of its own ------------------------------------------------------------------------


def mirrors():
    """(suite, lines for apt) of the Debian that this machine's apt is set to."""
    with open("/etc/os-release", encoding="utf-8") as f:
        suite = re.search(r"^VERSION_CODENAME=(\S+)", f.read(), re.M).group(1)
    found = [line.split() for line in run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages").stdout.splitlines()]
    return suite, [(site, release, part) for site, release, part in found if release == suite or release.startswith(suite + "-")]


class System:
    """A root directory with a small Debian; nothing of it is left afterwards."""

    def __init__(self):
        self.home = new_dir()
        self.at = os.path.join(self.home, "root")
        self.mounts = []

    def make(self):
        suite, lines = mirrors()
        main_site = next((site for site, release, _ in lines if release == suite), None)
        if main_site is None:
            raise unittest.SkipTest("this machine's apt has no Debian to install from")
        os.makedirs(CACHE, exist_ok=True)
        done = run("debootstrap", "--variant=minbase", f"--cache-dir={CACHE}", suite, self.at, main_site, check=False)
        if done.returncode != 0 and re.search(r"(?i)failed getting|couldn't download|unable to connect|could not resolve", done.stdout):
            raise unittest.SkipTest("no network: " + done.stdout[-300:])
        if done.returncode != 0:
            raise AssertionError(done.stdout[-3000:])
        with open(self.path("etc/apt/sources.list"), "w", encoding="ascii") as f:
            f.writelines(f"deb {site} {release} {part}\n" for site, release, part in lines)
        with open(self.path("usr/sbin/policy-rc.d"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nexit 101\n")
        os.chmod(self.path("usr/sbin/policy-rc.d"), 0o755)
        if os.path.exists("/etc/resolv.conf"):
            shutil.copy("/etc/resolv.conf", self.path("etc/resolv.conf"))
        self.mount("-t", "proc", "proc", at="proc")
        self.mount("--bind", CACHE, at="var/cache/apt/archives")
        self.run("apt-get", "-q", "update")
        return self

    def path(self, *parts):
        return os.path.join(self.at, *parts)

    def mount(self, *how, at):
        os.makedirs(self.path(at), exist_ok=True)
        run("mount", *how, self.path(at))
        self.mounts.append(self.path(at))

    def run(self, *words, check=True):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}
        environment.update({k: v for k, v in os.environ.items() if k.endswith("_proxy")})
        return run("chroot", self.at, *words, check=check, env=environment)

    def apt(self, *words):
        return self.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "APT::Keep-Downloaded-Packages=true", "install",
                        "--no-install-recommends", *words).stdout

    def as_user(self, *words, check=True):
        return self.run("setpriv", "--reuid=tipline", "--regid=tipline", "--init-groups", *words, check=check)

    def remove(self):
        while self.mounts:
            run("umount", self.mounts.pop())
        if any(os.path.ismount(path) for path in (self.path("proc"), self.path("var/cache/apt/archives"))):
            raise AssertionError("still mounted: " + self.at)
        shutil.rmtree(self.home)


class Installed(Daemon):
    """As its unit has it, but for systemd: user, no capability, sockets passed, one descriptor each."""

    def __init__(self, system):
        super().__init__(state=system.path("var/lib/tipline"), demo=False)
        self.system = system

    def command(self):
        with open(self.system.path("lib/systemd/system/tiplined.service"), encoding="utf-8") as f:
            unit = dict(re.findall(r"^(ExecStart|User|Group|UMask|RuntimeDirectory)=(.*)$", f.read(), re.M))
        os.makedirs(self.system.path("run", unit["RuntimeDirectory"]), exist_ok=True)
        shell = (f"umask {unit['UMask']}; export LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=public:staff:ops; "
                 f"exec setpriv --reuid={unit['User']} --regid={unit['Group']} --init-groups --no-new-privs --bounding-set=-all "
                 f"--inh-caps=-all --securebits=+noroot,+noroot_locked {unit['ExecStart']}")
        return ["chroot", self.system.at, "/bin/sh", "-c", shell]

    def spawn(self):
        self.starts += 1
        self.ports = {}
        self.log_path = os.path.join(self.system.home, f"log.{self.starts}")
        sockets = []
        for _ in range(3):
            sockets.append(socket.create_server(("127.0.0.1", 0)))
        high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD_CLOEXEC, 100) for s in sockets]

        def pass_on():
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=pass_on,
                                            pass_fds=(3, 4, 5), env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"})
        for fd in high:
            os.close(fd)
        for s in sockets:
            s.close()
        return self

    def end(self):
        status = self.stop()
        for pid in self.redis_pids():
            os.kill(pid, signal.SIGKILL)
        return status


class Life(unittest.TestCase):
    """Installed, used, upgraded, removed, purged."""

    def setUp(self):
        if not LONG:
            self.skipTest("with TIPLINE_LONG=1")
        if os.geteuid() != 0:
            self.skipTest("needs root")
        needs("debootstrap", "chroot", "mount", "setpriv")
        built()
        self.system = System()
        self.addCleanup(self.system.remove)
        self.system.make()
        self.d = Installed(self.system)
        self.addCleanup(self.d.end)

    def put(self, deb):
        """Into the small Debian's own directory, where apt's user may read it."""
        os.makedirs(self.system.path("srv"), exist_ok=True)
        return "/srv/" + os.path.basename(shutil.copy(deb, self.system.path("srv")))

    def newer(self):
        """The same package under a greater number."""
        tree = os.path.join(self.system.home, "newer")
        run("dpkg-deb", "-R", package("tipline"), tree)
        control = os.path.join(tree, "DEBIAN/control")
        with open(control, encoding="utf-8") as f:
            text = f.read()
        with open(control, "w", encoding="utf-8") as f:
            f.write(re.sub(r"^Version: (.*)$", r"Version: \1+1", text, flags=re.M))
        run("dpkg-deb", "--root-owner-group", "-b", tree, tree + ".deb")
        return tree + ".deb"

    def version(self):
        return self.system.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "tipline").stdout

    def officer(self):
        token = self.system.as_user("tipctl", "token", "add", "--person", "li", "--role", "officer,verifier", "--region", "000000").stdout.split("\n")
        token = next(line for line in token if re.fullmatch(r"[0-9A-Za-z_.-]{20,}", line))
        mine = self.system.path("run/tipline/li")
        with open(mine, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(token + "\n")
        st = os.stat(self.system.path("run/tipline"))
        os.chown(mine, st.st_uid, st.st_gid)
        self.system.as_user("tipctl", "key", "--with", "/run/tipline/li", "lock")
        os.unlink(mine)
        return token

    def test_life(self):
        self.system.apt(*(self.put(package(name)) for name in ("tipline", "tipline-witness", "tipline-modem")))
        state = self.system.path("var/lib/tipline")
        user = self.system.run("id", "-u", "tipline").stdout.strip()
        self.assertEqual((str(os.stat(state).st_uid), os.stat(state).st_mode & 0o7777), (user, 0o700))
        self.assertEqual(os.listdir(state), [], "nothing was started")
        self.assertEqual(os.stat(self.system.path("var/lib/tipline-shared/weeks")).st_mode & 0o7777, 0o2770)
        os.makedirs(self.system.path("run/tipline"), exist_ok=True)
        os.chown(self.system.path("run/tipline"), int(user), -1)
        self.system.run("tipctl", "check-config")
        self.assertIn("tipline-witness", self.system.run("tipline-witness", "--version").stdout)
        with open(self.system.path("etc/tipline/tipline.yaml"), "a", encoding="ascii") as f:
            f.write("# ours\n")

        self.d.start()
        with open(f"/proc/{self.d.pid()}/status", encoding="ascii") as f:
            status = f.read()
        self.assertRegex(status, rf"Uid:\t{user}\t{user}\t{user}\t{user}\n")
        self.assertRegex(status, r"CapEff:\t0+\n")
        self.assertRegex(status, r"CapBnd:\t0+\n")
        self.assertRegex(status, r"Seccomp:\t2\n")
        self.assertEqual(self.d.metrics()['tipline_sandbox{part="calls"}'], 1)
        token = self.officer()
        tip = self.d.tip(TEXT)
        claimed = wait_for(lambda: self.d.claim(token=token), 30, "it is claimed")
        self.assertEqual([(t["id"], t["text"]) for t in claimed], [(tip["id"], TEXT)])
        doctor = self.system.as_user("tipctl", "doctor", "--set", "listen.ops=" + self.d.ports["ops"], check=False).stdout.strip()
        self.assertRegex(doctor, r"\b0 failures$", doctor)
        self.assertRegex(doctor, r"OK +libraries +libevent 2\.1\.12-stable-8\+deb12u1")
        self.assertEqual(self.d.end(), 0)

        before = self.version()
        self.system.apt(self.put(self.newer()))
        self.assertEqual(self.version(), before + "+1")
        with open(self.system.path("etc/tipline/tipline.yaml"), encoding="utf-8") as f:
            self.assertIn("# ours\n", f.read(), "the operator's settings stay")
        self.d.start()
        self.assertEqual(self.d.receipt(tip["receipt"]).json["id"], tip["id"])
        self.assertEqual(self.d.staff("GET", f"/api/v1/tips/{tip['id']}", token=token).json["text"], TEXT)
        self.assertEqual(self.d.end(), 0)

        keys = sorted(os.listdir(os.path.join(state, "keys")))
        self.system.run("dpkg", "--remove", "tipline")
        self.assertFalse(os.path.exists(self.system.path("usr/bin/tiplined")))
        self.assertTrue(os.path.exists(self.system.path("etc/tipline/tipline.yaml")))
        told = self.system.run("dpkg", "--purge", "tipline").stdout
        self.assertIn("/var/lib/tipline stays", told)
        self.assertFalse(os.path.exists(self.system.path("etc/tipline/tipline.yaml")))
        self.assertEqual(sorted(os.listdir(os.path.join(state, "keys"))), keys)
        self.assertTrue(os.path.isdir(os.path.join(state, "redis/appendonlydir")))
        self.assertFalse(os.path.exists(self.system.path("var/lib/tipline-desk")), "what was empty is gone")


if __name__ == "__main__":
    main()
