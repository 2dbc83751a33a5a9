/*
 * The register of money staff: which account is which person with which part in money. An entry is never changed: a later one
 * of the same account takes its place, so what would be different is shown before it is recorded.
 */

import { go, route } from "../../router.js";
import { say } from "../../words.js";
import { Confirm } from "../../ui/dialog.js";
import { Filters } from "../../ui/filters.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { When } from "../../ui/values.js";
import { newKey, registerStaff, staff } from "./calls.js";
import { Facts, Mark } from "./words.js";

const ROLES = ["verifier", "proposer", "approver", "finance", "cashier", "auditor", "admin"];
const NAME = "[A-Za-z0-9._:\\-]{1,35}";

/* --- what is said of an entry ------------------------------------------------------- */

const sayRoles = (roles) => roles.length > 0 ? roles.map((role) => say(`role_${role}`)).join(", ") : say("adm_staff_no_roles");
const sayTitles = (titles) => titles.join(", ") || "–";
const sayRegion = (region) => region || say("adm_staff_everywhere");

/* The present one of an account, or null: one that holds now, else the last that was recorded. */
const presentOf = (entries) => entries.find((one) => one.in_force) ?? entries.at(-1) ?? null;

function stateOf(one) {
	if (!one.in_force)
		return Date.parse(one.from) > Date.now() ? ["warn", "adm_staff_later"] : ["rest", "adm_staff_over"];
	return one.roles.length > 0 ? ["well", "adm_holds"] : ["rest", "adm_staff_ended"];
}

function State({ of }) {
	const [look, word] = stateOf(of);

	return html`<${Mark} as=${look}>${say(word)}<//>`;
}

const columns = [
	{ key: "account", word: "account", value: (one) => one.account },
	{ key: "person", word: "adm_person", value: (one) => html`${one.person}${one.deputy_of ? html` <span class="hint">${say("adm_staff_deputy", { who: one.deputy_of })}</span>` : null}` },
	{ key: "roles", word: "adm_roles", value: (one) => sayRoles(one.roles) },
	{ key: "titles", word: "adm_staff_titles", value: (one) => sayTitles(one.titles) },
	{ key: "region", word: "adm_region", value: (one) => sayRegion(one.region) },
	{ key: "state", word: "adm_state", value: (one) => html`<${State} of=${one} />` },
];

const history = [
	{ key: "seq", word: "adm_staff_record", numeric: true, value: (one) => one.seq },
	...columns.slice(1),
	{ key: "from", word: "adm_from", value: (one) => one.from ? html`<${When} at=${one.from} />` : say("adm_always") },
	{ key: "until", word: "adm_until_head", value: (one) => one.until ? html`<${When} at=${one.until} />` : say("adm_without_end") },
];

/* --- an entry is written -------------------------------------------------------------- */

/* A time of the API for an input of the reader's day. */
function forInput(time) {
	const at = new Date(time);

	return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function fieldsOf(now) {
	const account = { name: "account", word: "account", required: true, pattern: NAME, hint: "adm_staff_account_hint", maxlength: 35 };

	return [
		...now ? [] : [account],
		{ name: "person", word: "adm_person", required: true, pattern: NAME, hint: "adm_staff_person_hint", value: now?.person, maxlength: 35 },
		...ROLES.map((role) => ({ name: `role_${role}`, word: `adm_staff_role_${role}`, kind: "check", value: now?.roles.includes(role) })),
		{ name: "titles", word: "adm_staff_titles", hint: "adm_staff_titles_hint", value: now?.titles.join(", "), maxlength: 200 },
		{ name: "region", word: "adm_region", kind: "region", hint: "adm_staff_region_hint", value: now?.region },
		{ name: "deputy_of", word: "adm_staff_deputy_of", pattern: NAME, hint: "adm_staff_deputy_hint", value: now?.deputy_of, maxlength: 35 },
		{ name: "from", word: "adm_from", kind: "time", hint: "adm_from_hint" },
		{ name: "until", word: "adm_until_head", kind: "time", hint: "adm_until_hint", value: now?.until ? forInput(now.until) : undefined },
	];
}

/* What the call takes; what was left out is left out. */
function wishOf(values, account) {
	return {
		account: account ?? values.account, person: values.person, deputy_of: values.deputy_of, region: values.region,
		roles: ROLES.filter((role) => values[`role_${role}`]),
		titles: (values.titles ?? "").split(/[\s,，、]+/u).filter(Boolean),
		from: values.from && Date.parse(values.from), until: values.until && Date.parse(values.until),
	};
}

/* [word, before, after] of what would be different; of a new account all that is said. */
function differences(now, wish) {
	const when = (time) => time ? html`<${When} at=${time} />` : say("adm_without_end");
	const rows = [
		["adm_person", now?.person, wish.person],
		["adm_roles", now && sayRoles(now.roles), sayRoles(wish.roles)],
		["adm_staff_titles", now && sayTitles(now.titles), sayTitles(wish.titles)],
		["adm_region", now && sayRegion(now.region), sayRegion(wish.region)],
		["adm_staff_deputy_of", now && (now.deputy_of || "–"), wish.deputy_of || "–"],
	].filter(([, before, after]) => before !== after);
	const until = now?.until ? Math.floor(Date.parse(now.until) / 60000) : 0;

	return until === Math.floor((wish.until ?? 0) / 60000) ? rows : [...rows, ["adm_until_head", now ? when(now.until) : null, when(wish.until)]];
}

function Question({ now, wish, close, done }) {
	const rows = differences(now, wish);
	const [key] = useState(newKey);

	return html`<${Confirm} title=${say("adm_staff_title", { who: wish.account })} word="adm_staff_set" grave=${wish.roles.length === 0} close=${close}
		run=${async () => done(await registerStaff(wish, key))}>
		${wish.roles.length === 0 ? html`<p>${say("adm_staff_end_text", { who: wish.account })}</p>` : null}
		${rows.length === 0 ? html`<p>${say("adm_staff_same")}</p>` : html`<dl class="adm-facts" id="staff-differences">${rows.map(([word, before, after]) => html`<div key=${word}>
			<dt>${say(word)}</dt><dd>${now ? html`<del>${before}</del> → ` : null}<ins>${after}</ins></dd></div>`)}</dl>`}
		<p class="hint">${wish.from > Date.now() ? html`${say("adm_from")} <${When} at=${wish.from} />. ` : null}${say("adm_staff_kept")}</p><//>`;
}

/* now: the entry that it takes the place of; none: of a new account. */
function Entry({ now, cancel, done }) {
	const [wish, ask] = useState(null);

	return html`<section class="card" aria-labelledby="staff-title"><h2 id="staff-title">${say(now ? "adm_staff_change" : "adm_staff_new")}</h2>
		<p class="hint">${say("adm_staff_hint")}</p>
		<${Form} id="staff" fields=${fieldsOf(now)} submit="adm_staff_set" cancel=${cancel} send=${async (values) => ask(wishOf(values, now?.account))} />
		${wish ? html`<${Question} now=${now} wish=${wish} close=${() => ask(null)} done=${done} />` : null}</section>`;
}

/* --- the pages -------------------------------------------------------------------------- */

const filters = () => [
	{ name: "q", word: "adm_search", kind: "text" },
	{ name: "role", word: "adm_role", kind: "choice", choices: ROLES.map((role) => ({ value: role, text: say(`role_${role}`) })) },
	{ name: "ended", word: "adm_staff_with_ended", kind: "check" },
];

function passes(one) {
	const words = (route.query.get("q") ?? "").toLowerCase();
	const role = route.query.get("role");

	return (words === "" || `${one.account} ${one.person} ${one.titles.join(" ")} ${one.region}`.toLowerCase().includes(words)) &&
		(!role || one.roles.includes(role)) && (route.query.get("ended") !== null || (one.in_force && one.roles.length > 0) || Date.parse(one.from) > Date.now());
}

/* Of each account what is of today. */
function present(all) {
	return [...Map.groupBy(all, (one) => one.account).values()].map(presentOf);
}

/* What was recorded is shown as the register has it by then. */
function said(answer) {
	tell(say("adm_staff_done", { seq: answer.seq }));
}

export function Register() {
	const load = useLoad((signal) => staff(signal));
	const [adding, add] = useState(false);

	function done(answer) {
		said(answer);
		go(`/admin/staff/${encodeURIComponent(answer.subject)}`);
	}

	return html`
		<p class="hint">${say("adm_register_hint")}</p>
		${adding ? html`<${Entry} cancel=${() => add(false)} done=${done} />`
			: html`<p><button type="button" class="main" id="staff-new" onClick=${() => add(true)}>${say("adm_staff_new")}</button></p>`}
		<${Filters} fields=${filters()} />
		<${Loaded} of=${load} what="adm_register">${({ staff: all }) => html`<${Table} caption=${say("adm_register")} columns=${columns} rows=${present(all).filter(passes)} of=${(one) => one.account} keys
			href=${(one) => `/admin/staff/${encodeURIComponent(one.account)}`} empty=${all.length === 0 ? "adm_register_none" : "adm_nothing_fits"} />`}<//>`;
}

function One({ entries, again }) {
	const now = presentOf(entries);
	const [changing, change] = useState(false);

	function done(answer) {
		said(answer);
		change(false);
		again();
	}

	return html`
		<header class="head"><h2 class="mono">${now.account}</h2>
			<${Facts} rows=${[
				["adm_state", html`<${State} of=${now} />`],
				["adm_person", now.person],
				["adm_staff_deputy_of", now.deputy_of || null],
				["adm_roles", sayRoles(now.roles)],
				["adm_staff_titles", sayTitles(now.titles)],
				["adm_region", sayRegion(now.region)],
				["adm_until_head", now.until ? html`<${When} at=${now.until} />` : null],
			]} />
			${changing ? null : html`<p><button type="button" class="main" id="staff-change" onClick=${() => change(true)}>${say("adm_staff_change")}</button></p>`}</header>
		${changing ? html`<${Entry} now=${now} cancel=${() => change(false)} done=${done} />` : null}
		<${Table} caption=${say("adm_staff_history")} columns=${history} rows=${entries.toReversed()} of=${(one) => one.seq} />`;
}

export function StaffOne({ name }) {
	const load = useLoad((signal) => staff(signal), [name]);

	return html`
		<p><a href="/admin/staff">${say("adm_back_register")}</a></p>
		<${Loaded} of=${load} what="adm_register">${({ staff: all }) => {
			const entries = all.filter((one) => one.account === name);

			return entries.length === 0 ? html`<p>${say("adm_staff_none", { who: name })}</p>` : html`<${One} entries=${entries} again=${load.again} />`;
		}}<//>`;
}
