/*
 * The staff API over fetch: who asks, what was refused (application/problem+json), when to come again (Retry-After),
 * and lists that come in pieces. A token lives in this module's memory and nowhere else: a reload or a closed tab
 * forgets it. A session is the browser's cookie, which no script reads; its word against other sites is kept here.
 */

import { language } from "./words.js";

let credentials = { token: "", csrf: "" };
let comings = 0;   /* grows when somebody goes */
let refused = () => {};

/* What the server refused, as it said it. `status` undefined: it was not reached. */
export class Problem extends Error {
	constructor(status, body, retryAfterS) {
		super(body.detail || body.title || String(status));
		this.status = status;
		this.code = body.code || "";
		this.title = body.title || "";
		this.detail = body.detail || "";
		this.field = body.field || "";
		this.retryAfterS = retryAfterS;
	}
}

/* { token } or { csrf }; {} for nobody: what was asked for before is for nobody any more, when it comes. */
export function useCredentials({ token = "", csrf = "" }) {
	credentials = { token, csrf };
	if (token === "" && csrf === "")
		comings++;
}

/* What came is given to whoever asked, not to who came after. */
function give(asked, value) {
	if (asked !== comings)
		throw new DOMException("Whoever asked has gone.", "AbortError");
	return value;
}

/* tell(problem) when what the caller came with does not hold any more. */
export function onRefused(tell) {
	refused = tell;
}

async function problemOf(response) {
	const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || 0;
	try {
		return new Problem(response.status, await response.json(), seconds);
	} catch {
		return new Problem(response.status, {}, seconds);
	}
}

function headersOf(method, body) {
	const headers = { Accept: "application/json", "Accept-Language": language() };
	if (credentials.token !== "")
		headers.Authorization = `Bearer ${credentials.token}`;
	if (credentials.csrf !== "" && method !== "GET")
		headers["X-CSRF-Token"] = credentials.csrf;
	if (body !== undefined)
		headers["Content-Type"] = "application/json";
	return headers;
}

/* Of a call that nobody made by hand: it keeps no session open. */
export const UNATTENDED = { "Tipline-Unattended": "1" };

/*
 * A call, answered as the browser gives it; throws a Problem, or what fetch throws when nobody is there. A file goes as
 * it is; `headers` stand over ours.
 */
export async function call(method, path, body, signal, headers = {}) {
	const asked = credentials;
	const coming = comings;
	const response = await fetch(path, {
		method,
		headers: { ...headersOf(method, body), ...headers },
		signal,
		body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
		cache: "no-store",
		/* A token and a cookie together would be two callers. */
		credentials: asked.token !== "" ? "omit" : "same-origin",
		redirect: "error",
	});
	if (response.ok)
		return give(coming, response);
	const problem = await problemOf(response);
	give(coming, problem);
	if (problem.status === 401 && asked === credentials && (asked.token !== "" || asked.csrf !== ""))
		refused(problem);
	throw problem;
}

export async function get(path, signal, headers) {
	const coming = comings;

	return give(coming, await (await call("GET", path, undefined, signal, headers)).json());
}

async function asked(method, path, body, signal) {
	const coming = comings;
	const text = give(coming, await (await call(method, path, body, signal)).text());

	return text === "" ? null : JSON.parse(text);
}

/* null where the answer has no body. */
export function post(path, body, signal) {
	return asked("POST", path, body, signal);
}

export function remove(path, signal) {
	return asked("DELETE", path, undefined, signal);
}

/* "/api/v1/x?a=1" of a path and values; what is null, undefined or "" is left out. */
export function withQuery(path, values) {
	const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
	return query.size > 0 ? `${path}?${query}` : path;
}

/* Page after page of a list whose answers name what comes next: for await (const answer of pages("/api/v1/...", { max: 100 })). */
export async function* pages(path, values = {}, signal) {
	for (let after = values.after; ;) {
		const answer = await get(withQuery(path, { ...values, after }), signal);

		yield answer;
		if (answer.next === null || answer.next === undefined)
			return;
		after = answer.next;
	}
}
