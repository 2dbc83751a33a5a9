/*
 * Who works here: nobody, a token that was typed (memory only), or an account's session (a cookie of the browser's).
 * That there was a session is noted in the browser, without any secret, so that a reload asks for it.
 */

import * as api from "./api.js";

const NOTE = "tipline-session";
const changed = new Set();

/* phase: "asking" (whether there is a session), "out", "in". ended: it was in until the server said no. */
export const session = { phase: "out", who: null, byToken: false, ended: false };

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
	become({ phase: "in", who, byToken, ended: false });
}

function leave(ended) {
	api.useCredentials({});
	note(false);
	become({ phase: "out", who: null, byToken: false, ended });
}

export function hasRole(roles) {
	return session.who !== null && roles.some((role) => session.who.roles.includes(role));
}

/* At the start: the session of before, if the browser still has one. */
export async function resume() {
	if (!noted())
		return;
	become({ phase: "asking" });
	try {
		const who = await api.get("/api/v1/session");

		api.useCredentials({ csrf: who.csrf });
		enter(who, false);
	} catch (problem) {
		leave(problem.status === 401);
	}
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
export async function signOut() {
	if (!session.byToken)
		await api.remove("/api/v1/session");
	leave(false);
}

api.onRefused(() => {
	if (session.phase === "in")
		leave(true);
});
