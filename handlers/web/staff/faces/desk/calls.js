/*
 * The calls of the desk: queues, claims, what one does with a tip.
 */

import { call, get, post } from "../../api.js";

export async function queues() {
	return (await get("/api/v1/queues")).queues;
}

export async function held() {
	return (await get("/api/v1/tips?held=me")).tips;
}

/* What passed from the officer's region to a level above. */
export async function escalated() {
	return (await get("/api/v1/tips?escalated=from_here")).tips;
}

export async function claim(region, max, leaseS, waitS, signal) {
	const path = `/api/v1/queues/${encodeURIComponent(region)}/claim`;
	return (await post(path, { max, lease_s: leaseS, wait_s: waitS }, signal)).tips;
}

/* One event on a tip; gives the tip as it then is, or null when the server says nothing of it. */
export function act(id, action, body = {}) {
	return post(`/api/v1/tips/${encodeURIComponent(id)}/${action}`, body);
}

/* All tips that hang together with this one, and what may belong to them. */
export function incident(id) {
	return get(`/api/v1/incidents/${encodeURIComponent(id)}`);
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
	const path = `/api/v1/tips/${encodeURIComponent(id)}/files/${encodeURIComponent(number)}${original ? "/original" : ""}`;
	const answer = await call("GET", path);

	return { name: savedAs(answer, `${id}-${number}`), bytes: await answer.blob() };
}
