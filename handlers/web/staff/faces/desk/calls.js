/*
 * The calls of the desk: queues and their rows, claims, what one does with a tip, incidents, rewards.
 */

import { call, get, post, UNATTENDED, withQuery } from "../../api.js";

const at = encodeURIComponent;

/* itself: the page asks by itself. */
export async function queues({ itself = false, signal } = {}) {
	return (await get("/api/v1/queues", signal, itself ? UNATTENDED : {})).queues;
}

/* Rows of a region and all beneath it, without words: { total, next, tips }. filters: state, order, priority, id, after, max. */
export function rows(region, filters, signal, { itself = false } = {}) {
	return get(withQuery(`/api/v1/queues/${at(region)}/tips`, filters), signal, itself ? UNATTENDED : {});
}

export async function held() {
	return (await get("/api/v1/tips?held=me")).tips;
}

/* What passed from the officer's region to a level above. */
export async function escalated() {
	return (await get("/api/v1/tips?escalated=from_here")).tips;
}

export async function claim(region, max, leaseS, signal) {
	return (await post(`/api/v1/queues/${at(region)}/claim`, { max, lease_s: leaseS }, signal)).tips;
}

/* In which regions something changed since `after`, waited for; without `after` where to go on from: { next, regions }. */
export function changes(after, waitS, signal) {
	return get(withQuery("/api/v1/changes", { after, wait_s: waitS }), signal);
}

/* A tip whole; that it was read stands in the audit trail. */
export function tip(id, signal) {
	return get(`/api/v1/tips/${at(id)}`, signal);
}

/* One event on a tip; gives the tip as it then is, or null when the server says nothing of it. */
export function act(id, action, body = {}) {
	return post(`/api/v1/tips/${at(id)}/${action}`, body);
}

/* All tips that hang together with this one, and what may belong to them. */
export function incident(id, signal) {
	return get(`/api/v1/incidents/${at(id)}`, signal);
}

/* Makes tips copies of the incident's first one; what came of each. */
export async function copies(id, tips) {
	return (await post(`/api/v1/incidents/${at(id)}/copies`, { tips })).results;
}

/* What the server would have it saved as: an ending that is that of its bytes. */
function savedAs(answer, otherwise) {
	const disposition = answer.headers.get("Content-Disposition") || "";
	const wide = /filename\*=UTF-8''([^;]+)/.exec(disposition);
	const plain = /filename="([^"]+)"/.exec(disposition);

	return (wide && decodeURIComponent(wide[1])) || (plain && plain[1]) || otherwise;
}

/* The clean copy of a file, or, as an event of its own in the audit trail, the original. */
export async function file(id, number, original) {
	const path = `/api/v1/tips/${at(id)}/files/${at(number)}${original ? "/original" : ""}`;
	const answer = await call("GET", path);

	return { name: savedAs(answer, `${id}-${number}`), bytes: await answer.blob() };
}

/* --- rewards ------------------------------------------------------------------ */

function offerOf(policy) {
	const { bands = {}, factors = {} } = typeof policy.text === "string" ? JSON.parse(policy.text) : policy.text;

	return { name: policy.name, bands: Object.keys(bands), factors: Object.entries(factors).map(([name, [min, max]]) => ({ name, min, max })) };
}

/* The policies in force, by name: what they give something for. */
export async function offers(signal) {
	const { policies } = await get("/api/v1/policies", signal);
	const adopted = policies.filter((policy) => policy.adopted).toSorted((a, b) => b.version - a.version);
	const newest = [...new Map(adopted.toReversed().map((policy) => [policy.name, policy])).values()];

	return Promise.all(newest.map(async (policy) => offerOf({ name: policy.name, text: (await get(`/api/v1/policies/${at(policy.hash)}`, signal)).text })));
}

/* A reward proposed; `key` names the request for ever. */
export async function propose(wish, key) {
	const answer = await call("POST", "/api/v1/rewards", wish, undefined, { "Idempotency-Key": key });
	return answer.json();
}
