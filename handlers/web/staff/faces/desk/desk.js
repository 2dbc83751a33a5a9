/*
 * The desk: an officer's queues, the tips that the officer holds, and what may
 * be done with the one that is open. State is in one object; every change ends
 * in draw(). Speaks to the server through calls.js, makes elements through
 * view.js, and stands in the shell as one component (Desk, below).
 */

import { addWords, language, onLanguage, say, sayAge } from "../../words.js";
import { html, useEffect, useRef } from "../../ui/html.js";
import { bindKeys } from "../../ui/keys.js";
import { attempt, hush, tell } from "../../ui/notices.js";
import en from "../../words/desk.en.json";
import zh from "../../words/desk.zh-CN.json";
import * as api from "./calls.js";
import { frame } from "./frame.js";
import { actionForm, el, incidentView, queueRow, sayClock, sayLong, sayTime, timeOf, tipRow, tipView } from "./view.js";

addWords({ "zh-CN": zh, en });

const QUEUES_EVERY_MS = 15000;
const CLAIM_WAIT_S = 25;
const LEASE_WARN_MS = 3 * 60000;
const ESCALATES_SOON_MS = 30 * 60000;
const oneColumn = matchMedia("(max-width: 62rem)");  /* as in desk.css */

const reason = { name: "reason", label: "reason", long: true, required: true };
const note = { name: "note", label: "note_optional", long: true };

/* What may be done, in which states. Fields are asked for; an action without any is done at once. */
const actions = [
	{ name: "renew", states: ["claimed", "verified"], fields: [], body: () => ({ lease_s: leaseSeconds() }) },
	{ name: "message", states: ["claimed", "verified"],
	  fields: [{ name: "text", label: "message_text", long: true, required: true }] },
	{ name: "note", states: ["claimed", "verified"], above: true,
	  fields: [{ name: "text", label: "note_text", long: true, required: true }] },
	{ name: "verify", states: ["claimed"],
	  fields: [{ name: "verdict", label: "verdict", choices: ["verified", "unfounded"] }, note] },
	{ name: "close", states: ["claimed", "verified"],
	  fields: [{ name: "outcome", label: "outcome",
		     choices: ["verified", "unfounded", "duplicate", "insufficient", "referred", "prank"] }, { ...note, label: "reason", required: true }] },
	{ name: "transfer", states: ["claimed"],
	  fields: [{ name: "region", label: "to_region", pattern: "[0-9]{6}", digits: true, required: true }, reason] },
	{ name: "link", states: ["claimed", "verified"], incident: true,
	  fields: [{ name: "tip", label: "other_tip", pattern: "[0-9]{2}-[0-9A-Z]{10}", required: true }] },
	{ name: "release", states: ["claimed", "verified"], fields: [], leaves: true },
	{ name: "reopen", states: ["closed"], fields: [reason] },
];

const state = {};

/* Nothing of what one officer saw stays for the next one. */
function clear() {
	Object.assign(state, {
		here: false,       /* the desk is shown, and its first answers have come */
		queues: [],
		region: null,      /* of the chosen queue */
		tips: [],          /* held, best first */
		above: [],         /* passed from here to a level above: to be read */
		open: null,        /* id */
		incident: null,    /* of the open tip, when it has come */
		looked: new Map(), /* suggested tips that were shown beside it, by id */
		cursor: 0,         /* row that j and k move */
		waiting: null,     /* AbortController of a claim under way */
		warned: new Set(), /* leases the officer was warned of */
	});
}

const at = (id) => document.getElementById(id);

/* --- drawing ---------------------------------------------------------------- */

function queueName(region) {
	const queue = state.queues.find((one) => one.region === region);
	return queue ? queue.name || region : region;
}

function drawWords() {
	for (const element of at("desk").querySelectorAll("[data-word]"))
		element.textContent = say(element.dataset.word);
	at("filter").placeholder = say("filter");
}

function drawQueues() {
	const filter = at("filter").value.trim();
	const shown = state.queues.filter((queue) => `${queue.name}${queue.region}`.includes(filter));
	const focused = document.activeElement?.dataset?.region;
	const rows = shown.map((queue) => {
		const row = queueRow(queue, queue.region === state.region, Date.now(), () => chooseQueue(queue.region));
		row.firstChild.dataset.region = queue.region;
		return row;
	});

	at("queues").replaceChildren(...(rows.length > 0 ? rows : [el("li", { class: "hint" }, say("queues_none"))]));
	if (focused)
		at("queues").querySelector(`[data-region="${CSS.escape(focused)}"]`)?.focus();
	at("claim-region").textContent = state.region === null ? say("claim_choose")
		: say("claim_from", { name: queueName(state.region) });
	at("claim-go").disabled = state.region === null || state.waiting !== null;
	at("claim-stop").hidden = state.waiting === null;
}

function drawTips() {
	at("tips").replaceChildren(...state.tips.map((tip) => tipRow(tip, tip.id === state.open, () => openTip(tip.id))));
	at("tips-none").hidden = state.tips.length > 0;
	at("above").replaceChildren(...state.above.map((tip) => tipRow(tip, tip.id === state.open, () => openTip(tip.id))));
	at("above-part").hidden = state.above.length === 0;
	at("above-count").textContent = String(state.above.length);
	at("held-count").textContent = String(state.tips.length);
	drawClocks();
}

/* What is open: one of those held, or one that passed to the level above. */
function openOne() {
	return [...state.tips, ...state.above].find((one) => one.id === state.open);
}

function mayDo(action, tip) {
	return state.tips.includes(tip) ? action.states.includes(tip.state || "claimed") : action.above === true;
}

function drawTip() {
	const tip = openOne();

	if (!tip) {
		at("tip").replaceChildren(el("p", { class: "hint" }, say("choose")));
		return;
	}
	at("tip").replaceChildren(...tipView(tip, {
		language: language(),
		actions: actions.filter((action) => mayDo(action, tip)),
		begin: (action) => begin(tip, action),
		download: (file, original, button) => download(tip, file, original, button),
	}));
	drawIncident();
	drawClocks();
}

function drawIncident() {
	const tip = openOne();
	const place = document.getElementById("incident");

	if (!tip || place === null)
		return;
	place.replaceChildren(...(state.incident === null ? [] : incidentView(state.incident, tip, {
		language: language(),
		looked: state.looked,
		look,
		decide,
		split: (member) => settle("unlink", member.id, { tip: member.parent }),
	})));
}

/* How old a tip is and how long until it passes to the level above. */
function drawEscalation(mark) {
	const until = Number(mark.dataset.at);
	const left = until - Date.now();
	const age = say("age", { age: sayAge(Date.now() - Number(mark.dataset.received)) });
	const why = say(mark.dataset.why);

	mark.textContent = !until ? age : [age, left > 0 ? say("escalates_in", { time: sayLong(left), why })
		: say("escalates_now", { why })].join(" · ");
	mark.classList.toggle("soon", until > 0 && left < ESCALATES_SOON_MS);
}

/* Once a second: only the countdowns. */
function drawClocks() {
	document.querySelectorAll(".clock").forEach(drawEscalation);
	for (const mark of document.querySelectorAll(".lease")) {
		const until = Number(mark.dataset.until);
		const left = until - Date.now();

		if (!until)
			continue;
		mark.textContent = left > 0 ? say("lease_left", { time: sayClock(left) }) : say("lease_over");
		mark.classList.toggle("soon", left < LEASE_WARN_MS);
		const lease = `${mark.dataset.tip} ${until}`;
		if (left > 0 && left < LEASE_WARN_MS && !state.warned.has(lease)) {
			state.warned.add(lease);
			tell(say("lease_soon", { id: mark.dataset.tip }));
		}
	}
}

function draw() {
	drawWords();
	drawQueues();
	drawTips();
	drawTip();
}

/* --- coming and going ----------------------------------------------------------- */

function arrive() {
	return attempt("queues", async () => {
		const [queues, tips, above] = await Promise.all([api.queues(), api.held(), api.escalated()]);

		if (!at("desk"))
			return;
		Object.assign(state, { here: true, queues, above, region: queues.length === 1 ? queues[0].region : null });
		take(tips);
		draw();
	});
}

async function refreshQueues() {
	if (!state.here || document.hidden)
		return;
	await attempt("queues", async () => {
		state.queues = await api.queues();
		state.above = (await api.escalated()).map((tip) => ({ ...state.above.find((one) => one.id === tip.id), ...tip }));
		drawQueues();
		drawTips();
	});
}

/* --- queues and claims --------------------------------------------------------- */

function leaseSeconds() {
	return Math.max(1, Number(at("claim-lease").value) || 30) * 60;
}

function chooseQueue(region) {
	state.region = region;
	drawQueues();
}

function take(tips) {
	const ids = new Set(tips.map((tip) => tip.id));

	state.tips = [...state.tips.filter((tip) => !ids.has(tip.id)), ...tips]
		.sort((a, b) => b.score - a.score || timeOf(a.received) - timeOf(b.received));
}

/* A claim that was broken off may still have been granted. */
function refreshHeld() {
	return attempt("held", async () => take(await api.held()));
}

/* Asks once, or again and again until something comes or the officer stops it. */
async function claimUntil(region, wait, signal) {
	const max = Math.max(1, Number(at("claim-max").value) || 1);

	for (;;) {
		const began = Date.now();
		const tips = await api.claim(region, max, leaseSeconds(), wait ? CLAIM_WAIT_S : 0, signal);

		if (tips.length > 0 || !wait || signal.aborted)
			return tips;
		if (Date.now() - began < 1000)
			await new Promise((go) => setTimeout(go, 2000));
	}
}

async function claim(event) {
	event.preventDefault();
	if (state.region === null || state.waiting !== null)
		return;
	hush();
	state.waiting = new AbortController();
	tell(say("waiting_for", { name: queueName(state.region) }));
	drawQueues();
	const fine = await attempt("claim", async () => {
		const tips = await claimUntil(state.region, at("claim-wait").checked, state.waiting.signal);

		take(tips);
		tell(tips.length > 0 ? say("claimed", { n: tips.length }) : say("claimed_none"));
		if (tips.length > 0)
			openTip(tips[0].id);
	});
	state.waiting = null;
	if (!fine)
		tell("");
	if (!fine && state.here)
		await refreshHeld();
	drawTips();
	drawQueues();
	await refreshQueues();
}

/* Reasons come from the server in the language that was asked for. */
async function changeWords() {
	if (!state.here)
		return;
	await refreshHeld();
	draw();
	if (state.open !== null)
		await loadIncident();
}

/* --- one tip ---------------------------------------------------------------------- */

function openTip(id) {
	state.open = id;
	state.incident = null;
	state.looked.clear();
	state.cursor = Math.max(0, state.tips.findIndex((tip) => tip.id === id));
	loadIncident();
	drawTips();
	drawTip();
	at("tip").scrollTop = 0;
	if (oneColumn.matches)
		at("tip").scrollIntoView();
}

function begin(tip, action) {
	const place = at("act");

	if (action.fields.length === 0) {
		perform(tip, action, action.body ? action.body() : {});
		return;
	}
	place.replaceChildren(actionForm(action, (event) => {
		event.preventDefault();
		const fields = new FormData(event.currentTarget);
		const body = Object.fromEntries([...fields].filter(([, value]) => value !== ""));

		event.currentTarget.querySelector("button.main").disabled = true;
		perform(tip, action, body).then((fine) => {
			const button = place.querySelector("button.main");
			if (!fine && button)
				button.disabled = false;
		});
	}, () => place.replaceChildren()));
	place.querySelector("input, textarea, select").focus();
}

/* The tip as the server gave it, with what an answer may leave out taken from before. */
function follow(before, after) {
	const tip = { ...before, ...after };
	state.above = state.above.map((one) => one.id === tip.id ? tip : one);
	const mine = ["claimed", "verified", "closed"].includes(tip.state);

	state.tips = state.tips.flatMap((one) => one.id !== tip.id ? [one] : mine ? [tip] : []);
	if (!mine && state.open === tip.id)
		state.open = null;
}

function perform(tip, action, body) {
	hush();
	return attempt(action.name, async () => {
		const after = await api.act(tip.id, action.name, body);

		follow(tip, after ?? { state: action.leaves ? "queued" : tip.state });
		if (action.incident)
			loadIncident();
		drawTips();
		drawTip();
		tell(action.name === "renew" && after?.lease_until
			? say("renewed_until", { time: sayTime(after.lease_until, language()) })
			: say("done", { what: say(action.name) }));
		refreshQueues();
	});
}

async function download(tip, file, original, button) {
	hush();
	button.disabled = true;
	tell(say("downloading"));
	await attempt("download", async () => {
		const { name, bytes } = await api.file(tip.id, file.number, original);
		const url = URL.createObjectURL(bytes);
		const link = el("a", { href: url, download: name });

		link.click();
		setTimeout(() => URL.revokeObjectURL(url), 60000);
	});
	tell("");
	button.disabled = false;
}

/* --- its incident -------------------------------------------------------------------- */

/* The open tip may be another one by the time the answer is here. */
function loadIncident() {
	const id = state.open;

	return attempt("incident", async () => {
		const incident = await api.incident(id);

		if (state.open !== id)
			return;
		state.incident = incident;
		drawIncident();
	});
}

/* One word of the officer on what belongs together; then all of it as it is now. */
function settle(action, id, body) {
	hush();
	return attempt(action, async () => {
		await api.act(id, action, body);
		tell(say("done", { what: say(action) }));
		await Promise.all([loadIncident(), refreshHeld()]);
		at("incident")?.querySelector("h3")?.focus();
	});
}

function decide(suggestion, same) {
	return settle(same ? "link" : "decline", suggestion.of, { tip: suggestion.tip });
}

/* The suggested tip's own words beside this one's, where they may be read. */
function look(suggestion) {
	hush();
	return attempt("suggestion_look", async () => {
		const other = await api.incident(suggestion.tip);
		const tail = (id) => id.slice(3);
		const member = other.members.find((one) => tail(one.id) === tail(suggestion.tip));

		if (member)
			state.looked.set(suggestion.tip, member);
		drawIncident();
		at("incident")?.querySelector(`[data-suggestion$="${CSS.escape(suggestion.tip)}"] button`)?.focus();
	});
}

/* y and n answer the suggestion in which the focus is, else the first; they do nothing elsewhere on the page. */
function answerSuggestion(yes) {
	const focused = document.activeElement?.closest("#incident");
	const card = document.activeElement?.closest("[data-suggestion]") ?? focused?.querySelector("[data-suggestion]");

	if (!focused || !card)
		return false;
	card.querySelector(`[data-decide="${yes ? "suggestion_yes" : "suggestion_no"}"]`).click();
	return true;
}

/* --- keys --------------------------------------------------------------------------- */

function move(by) {
	const last = state.tips.length - 1;

	state.cursor = Math.min(last, Math.max(0, state.cursor + by));
	at("tips").querySelectorAll(".tip-row")[state.cursor]?.focus();
}

/* Nothing is moved where nothing is held. */
function whereHeld(run) {
	return () => state.tips.length > 0 && run();
}

function step(by) {
	move(document.activeElement?.classList.contains("tip-row") ? by : 0);
}

const keys = [
	{ keys: "j", word: "key_next", run: whereHeld(() => step(1)) },
	{ keys: "k", word: "key_before", run: whereHeld(() => step(-1)) },
	{ keys: "o", word: "key_open", run: whereHeld(() => {
		openTip(state.tips[state.cursor].id);
		at("tip").focus();
	}) },
	{ keys: "i", word: "key_incident", run: () => at("incident")?.querySelector("h3")?.focus() },
	{ keys: "y", word: "key_yes", run: () => answerSuggestion(true) },
	{ keys: "n", word: "key_no", run: () => answerSuggestion(false) },
];

/* --- in the shell ---------------------------------------------------------------------- */

/* The desk makes its elements itself: the component is a place for them, from its beginning to its end. */
function settleIn(place) {
	const clocks = setInterval(drawClocks, 1000);
	const queues = setInterval(refreshQueues, QUEUES_EVERY_MS);
	const unbind = bindKeys(keys);
	const deaf = onLanguage(() => {
		draw();
		changeWords();
	});

	clear();
	place.replaceChildren(...frame({ claim, stop: () => state.waiting?.abort(), filter: drawQueues }));
	draw();
	arrive();
	return () => {
		clearInterval(clocks);
		clearInterval(queues);
		unbind();
		deaf();
		state.waiting?.abort();
		place.replaceChildren();
		clear();
		tell("");
	};
}

export default function Desk() {
	const place = useRef(null);

	useEffect(() => settleIn(place.current), []);
	return html`<div id="desk" class="desk" ref=${place}></div>`;
}
