/* Calls of the administrators' pages. Changes of the money journal carry a key of their own: asked twice, done once. */

import { call, get, post, withQuery } from "../../api.js";

const part = encodeURIComponent;

export const accounts = (signal) => get("/api/v1/accounts", signal);
export const account = (person, signal) => get(`/api/v1/accounts/${part(person)}`, signal);
export const addAccount = (fields) => post("/api/v1/accounts", fields);
export const changeAccount = (person, action, fields = {}) => post(`/api/v1/accounts/${part(person)}/${action}`, fields);
export const tokens = (signal) => get("/api/v1/tokens", signal);
export const revokeToken = (id) => post(`/api/v1/tokens/${part(id)}/revoke`, {});
export const keys = (signal) => get("/api/v1/keys", signal);
export const policies = (signal) => get("/api/v1/policies", signal);
export const policy = (hash, signal) => get(`/api/v1/policies/${part(hash)}`, signal);
export const gateways = (signal) => get("/api/v1/gateways", signal);
export const deadLetters = (signal) => get("/api/v1/outbox?state=dead", signal);
export const actOnLetter = (item, action) => post(`/api/v1/outbox/${part(item)}/${action}`, {});
export const retention = (after, signal) => get(withQuery("/api/v1/audit/retention", { after }), signal);
export const runRetention = () => post("/api/v1/retention/run", {});
export const configuration = (signal) => get("/api/v1/configuration", signal);
export const about = (signal) => get("/api/v1/about", signal);

/* A command of the money journal under a key that the caller keeps while it tries again. */
async function command(path, body, key) {
	return (await call("POST", path, body, undefined, { "Idempotency-Key": key })).json();
}

export const draftPolicy = (text, key) => command("/api/v1/policies", { text }, key);
export const adoptPolicy = (hash, fields, key) => command(`/api/v1/policies/${part(hash)}/adopt`, fields, key);
export const staff = (signal) => get("/api/v1/staff", signal);
export const registerStaff = (entry, key) => command("/api/v1/staff", entry, key);
export const newKey = () => crypto.randomUUID();
