/*
 * Who works here: nobody, a token that was typed (memory only), or an account's session (a cookie of the browser's).
 * That there was a session is noted in the browser, without any secret, so that a reload asks for it.
 */

import * as api from "./api.js";

const NOTE = "tipline-session";
const changed = new Set();

const FIRST_WAIT_S = 1;
const LAST_WAIT_S = 30;
const ANSWER_MS = 15000;   /* a server that says nothing for so long is one that is not there */

/*
 * phase: "asking" (whether there is a session), "out", "in". ended: it was in until the server said no. waiting, while
 * the server does not answer that: { problem, until } of the last try and the time of the next; else null.
 */
export const session = { phase: "out", who: null, byToken: false, ended: false, waiting: null };

export function onSession(tell) {
	changed.add(tell);
	return () => changed.delete(tell);
}

function become(next) {
	Object.assign(session, next);
	for (const tell of changed)
		tell();
}

/* The browser may keep nothing for us at all: then a reload asks for a password. */
function note(there) {
	try {
		if (there)
			localStorage.setItem(NOTE, "1");
		else
			localStorage.removeItem(NOTE);
	} catch { /* nothing is kept */ }
}

function noted() {
	try {
		return localStorage.getItem(NOTE) !== null;
	} catch {
		return false;
	}
}

function enter(who, byToken) {
	become({ phase: "in", who, byToken, ended: false, waiting: null });
}

function leave(ended) {
	api.useCredentials({});
	note(false);
	become({ phase: "out", who: null, byToken: false, ended, waiting: null });
}

export function hasRole(roles) {
	return session.who !== null && roles.some((role) => session.who.roles.includes(role));
}

/* --- the session of before --------------------------------------------------- */

let hurry = () => {};   /* ends the wait that is on */

/* Asks once: null when it is known who is here, or that nobody is; else why that is not known. */
async function ask() {
	try {
		const who = await api.get("/api/v1/session", AbortSignal.timeout(ANSWER_MS));

		if (session.phase !== "asking")
			return null;
		api.useCredentials({ csrf: who.csrf });
		enter(who, false);
	} catch (problem) {
		if (problem.status !== 401)
			return problem;
		if (session.phase === "asking")
			leave(true);
	}
	return null;
}

function waitFor(seconds) {
	return new Promise((go) => {
		const timer = setTimeout(go, seconds * 1000);

		hurry = () => {
			clearTimeout(timer);
			go();
		};
	});
}

/*
 * At the start: the session of before, if the browser still has one. That ends by the word of the server alone, a 401;
 * one that is busy or not there is asked again, a little later each time.
 */
export async function resume() {
	if (!noted())
		return;
	become({ phase: "asking" });
	for (let wait = FIRST_WAIT_S; session.phase === "asking"; wait = Math.min(2 * wait, LAST_WAIT_S)) {
		const problem = await ask();

		if (problem === null || session.phase !== "asking")
			return;
		const seconds = Math.max(wait, problem.retryAfterS ?? 0);

		become({ waiting: { problem, until: Date.now() + seconds * 1000 } });
		await waitFor(seconds);
	}
}

export function resumeNow() {
	hurry();
}

/* Somebody would rather sign in anew than wait. */
export function resumeNever() {
	become({ phase: "out", ended: false, waiting: null });
	hurry();
}

export async function signInByToken(token) {
	api.useCredentials({ token });
	try {
		enter(await api.get("/api/v1/session"), true);
	} catch (problem) {
		api.useCredentials({});
		throw problem;
	}
}

/* { account, password, totp, region }; refused with 409 region_needed, the code is still good. */
export async function signInByAccount(fields) {
	api.useCredentials({});
	const who = await api.post("/api/v1/session", fields);

	api.useCredentials({ csrf: who.csrf });
	note(true);
	enter(who, false);
}

/* A session ends at the server first: what was not ended there is not told to have ended. */
export async function signOut({ everywhere = false } = {}) {
	if (!session.byToken)
		await api.remove(api.withQuery("/api/v1/session", { everywhere: everywhere ? "true" : null }));
	leave(false);
}

api.onRefused(() => {
	if (session.phase === "in")
		leave(true);
});

/* By session: another password. All other sessions of the person have ended then; this one goes on. */
export async function changePassword(fields) {
	const who = await api.post("/api/v1/session/password", fields);

	api.useCredentials({ csrf: who.csrf });
	enter(who, false);
}

/* What the server says now: how long the session lasts, and which roles hold. */
export async function refresh(signal) {
	const who = await api.get("/api/v1/session", signal);

	if (session.phase === "in")
		become({ who });
	return who;
}
