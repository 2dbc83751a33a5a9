// A daemon of its own for a program of tests: free ports, its own directory, ended by its id.
import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, readdirSync, readlinkSync, rmSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./told.mjs";

const BUILD = join(ROOT, process.env.TIPLINE_BUILD ?? "build");
const PATIENCE = Number(process.env.TIPLINE_PATIENCE ?? "1");

// The first true value of true(); an error when the time is over, which only ends what hangs.
export async function until(what, true_, seconds = 60) {
	for (const end = Date.now() + seconds * 1000 * PATIENCE; ;) {
		const value = await true_();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`after ${seconds * PATIENCE} s still not: ${what}`);
		await new Promise((go) => setTimeout(go, 50));
	}
}

// A clock that goes as ours, days before today.
function clock(days) {
	if (days === 0)
		return {};
	const library = readdirSync("/usr/lib").map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`).find((path) => existsSync(path));
	if (!library)
		throw new Error("faketime is missing: scripts/deps test");
	return { LD_PRELOAD: library, FAKETIME: `-${days}d`, FAKETIME_DONT_FAKE_MONOTONIC: "1", ASAN_OPTIONS: `verify_asan_link_order=0:${process.env.ASAN_OPTIONS ?? ""}` };
}

export class Daemon {
	// A busy machine is no outage, and a flood is not what is tested here. set: { "limits.files": 3, ... }, over the demo's settings.
	// days: its clock begins so many days before today, until it is begun anew.
	static async start(set = {}, days = 0) {
		const d = new Daemon();

		d.home = mkdtempSync(join(tmpdir(), "tipline-web-"));
		d.state = join(d.home, "state");
		d.log = join(d.home, "log");
		d.words = Object.entries({ "store.timeout_ms": 10000, "limits.enabled": false, "score.cache_dir": join(BUILD, "test-cache"), ...set }).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
		await d.#begin(["--listen", "127.0.0.1:0"], days);
		return d;
	}

	async #begin(where, days = 0) {
		const log = openSync(this.log, "w");

		this.public = this.staff = this.ops = null;
		this.process = spawn(join(ROOT, "scripts/run"), ["--demo", "--state", this.state, ...where, ...this.words],
			{ stdio: ["ignore", log, log], env: { ...process.env, TIPLINED: join(BUILD, "tiplined"), ...clock(days) } });
		closeSync(log);
		try {
			await until("the daemon listens", () => this.#listens());
			await until("the daemon is ready", async () => (await fetch(`${this.ops}/readyz`)).ok);
		} catch (error) {
			error.message += `\n${readFileSync(this.log, "utf8").slice(-2000)}`;
			await this.close().catch(() => {});
			throw error;
		}
	}

	#ended() {
		const over = this.process.exitCode !== null || this.process.signalCode !== null;
		return over ? Promise.resolve() : new Promise((go) => this.process.once("exit", go));
	}

	// Ended in order, and begun anew at the same addresses with what it kept.
	async stop() {
		this.process.kill("SIGTERM");
		await this.#ended();
	}

	again() {
		return this.#begin(["public", "staff", "ops"].flatMap((name, i) => [["--listen", "--staff", "--ops"][i], new URL(this[name]).host]));
	}

	#listens() {
		if (this.process.exitCode !== null)
			throw new Error(`the daemon ended with ${this.process.exitCode}`);
		for (const line of readFileSync(this.log, "utf8").split("\n").slice(0, -1)) {
			if (!line.includes('"event":"listening"'))
				continue;
			const event = JSON.parse(line.slice(line.indexOf("{")));
			this[event.listener] = `http://${event.address}`;
		}
		return this.public && this.staff && this.ops;
	}

	token(role) {
		return JSON.parse(readFileSync(join(this.state, "demo.json"), "utf8")).tokens[role];
	}

	// A tip over the API; { id, receipt, ... }.
	async tip(text, more = {}) {
		const answer = await fetch(`${this.public}/api/v1/tips`, { method: "POST", headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ text, ...more }) });
		if (answer.status !== 201)
			throw new Error(`tip: ${answer.status} ${await answer.text()}`);
		// Tips of one millisecond stand in the order of their ids, those of two in that of time.
		await new Promise((go) => setTimeout(go, 1));
		return answer.json();
	}

	// A call of staff; { status, json }. key: of one that moves money.
	async ask(method, path, { token, body, key } = {}) {
		const answer = await fetch(new URL(path, this.staff), { method, body: body === undefined ? undefined : JSON.stringify(body),
			headers: { "Content-Type": "application/json", ...token ? { Authorization: `Bearer ${token}` } : {},
				...key ? { "Idempotency-Key": key } : {} } });
		const text = await answer.text();
		return { status: answer.status, json: text === "" ? null : JSON.parse(text) };
	}

	tipctl(...words) {
		const done = spawnSync(join(BUILD, "tipctl"), words, { encoding: "utf8" });
		if (done.status !== 0)
			throw new Error(`tipctl ${words.join(" ")}: ${done.stderr}`);
		return done.stdout;
	}

	// An account that nobody has taken into use yet; gives its setup code. grants: [["officer", "150600"], ...].
	account(name, grants) {
		const code = this.tipctl("user", "add", "--state", this.state, name, "--name", name).trim().split(/\s+/).at(-1);

		for (const [role, region] of grants)
			this.tipctl("user", "grant", "--state", this.state, name, "--role", role, "--region", region);
		return code;
	}

	// An account as its owner has taken it into use.
	async person(name, grants) {
		const code = this.account(name, grants);
		const password = `a long password for ${name}`;
		const made = await this.ask("POST", "/api/v1/session/setup", { body: { account: name, code, password } });
		if (made.status !== 201)
			throw new Error(`setup of ${name}: ${JSON.stringify(made)}`);
		return { name, password, code: (later = 0) => totp(made.json.secret, Math.floor(Date.now() / 30000) + later) };
	}

	// Its Redis stands still, as one does whose machine is away; goesOn: and comes back.
	store(goesOn) {
		const pids = workingIn(this.state).filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("redis-server"));
		if (pids.length !== 1)
			throw new Error(`the processes of the store: ${pids}`);
		process.kill(pids[0], goesOn ? "SIGCONT" : "SIGSTOP");
	}

	// The daemon ends its Redis; one that was left behind works in our directory and is found there.
	async close() {
		const ended = this.#ended();
		let timer;

		this.process.kill("SIGTERM");
		await Promise.race([ended, new Promise((go) => {
			timer = setTimeout(go, 60000 * PATIENCE);
		})]);
		clearTimeout(timer);
		const status = this.process.exitCode;
		if (status === null)
			this.process.kill("SIGKILL");
		for (const pid of workingIn(this.state))
			process.kill(pid, "SIGKILL");
		const text = readFileSync(this.log, "utf8");
		rmSync(this.home, { recursive: true, force: true });
		if (status !== 0)
			throw new Error(`the daemon ended with ${status}: ${text.slice(-2000)}`);
	}
}

function workingIn(home) {
	return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
		try {
			return readlinkSync(`/proc/${pid}/cwd`).startsWith(home);
		} catch {
			return false;
		}
	}).map(Number);
}

// RFC 6238 over SHA-1, six digits.
export function totp(secret, step) {
	const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
	const key = Buffer.from(bits.match(/.{8}/g).map((b) => Number.parseInt(b, 2)));
	const at = Buffer.alloc(8);

	at.writeBigUInt64BE(BigInt(step));
	const digest = createHmac("sha1", key).update(at).digest();
	return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}
