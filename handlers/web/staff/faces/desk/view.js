/*
 * From data to elements. All text goes in as text nodes: what a stranger wrote
 * is never read as HTML.
 */

import { say, sayAge, sayBytes } from "../../words.js";

/* el("p", {class: "hint"}, "text", el(...)); a null child is left out. */
export function el(name, attributes = {}, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (value === null || value === false)
			continue;
		if (typeof value === "function")
			element.addEventListener(key, value);
		else
			element.setAttribute(key, value === true ? "" : String(value));
	}
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
}

/* A time of the API: text of RFC 3339, or Unix milliseconds. */
export function timeOf(value) {
	const ms = typeof value === "number" ? value : Date.parse(value);
	return Number.isFinite(ms) ? ms : null;
}

export function sayTime(value, language) {
	const ms = timeOf(value);
	return ms === null ? "" : new Date(ms).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

export function sayClock(ms) {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	const pad = (n) => String(n).padStart(2, "0");
	const hours = Math.floor(seconds / 3600);
	const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
	return hours > 0 ? `${hours}:${rest}` : rest;
}

/* Of what may be days away: by the clock in the last hour. */
export function sayLong(ms) {
	return ms < 3600000 ? sayClock(ms) : sayAge(ms);
}

export function queueRow(queue, chosen, now, choose) {
	const oldest = timeOf(queue.oldest);
	const facts = [
		say("held_by_all", { n: queue.held }),
		queue.escalated > 0 ? say("escalated_n", { n: queue.escalated }) : null,
		oldest ? say("oldest", { age: sayAge(now - oldest) }) : null,
		queue.waiting > 0 ? say("best", { n: queue.best }) : null,
	];
	return el("li", {},
		el("button", { type: "button", class: "queue", "aria-pressed": chosen ? "true" : "false", click: choose },
			el("span", { class: "queue-name" }, queue.name || queue.region),
			el("span", { class: "queue-waiting" }, say("waiting", { n: queue.waiting })),
			el("span", { class: "queue-facts" }, facts.filter(Boolean).join(" · "))));
}

function priorityMark(tip) {
	return el("span", { class: `priority ${tip.priority}` },
		say(tip.priority), " ", el("b", {}, String(tip.score)));
}

/* A closed tip is nobody's. */
function leaseMark(tip) {
	if (tip.state === "closed")
		return null;
	return el("span", { class: "lease", "data-until": timeOf(tip.lease_until) ?? "", "data-tip": tip.id });
}

/* How old it is, and when it passes to the level above if nothing is done; desk.js counts down. */
function escalationMark(tip) {
	const at = timeOf(tip.escalates_at ?? "");
	return el("span", { class: "clock", "data-at": at ?? "", "data-why": tip.escalates_why ?? "", "data-received": timeOf(tip.received) ?? "" });
}

function escalated(tip, language) {
	return tip.escalated_at ? say("escalated_told", { from: tip.escalated_from, why: say(tip.escalated_why),
		level: say(tip.level), time: sayTime(tip.escalated_at, language) }) : "";
}

export function tipRow(tip, chosen, open) {
	return el("li", {},
		el("button", { type: "button", class: "tip-row", "data-row": tip.id, "aria-current": chosen ? "true" : "false", click: open },
			el("span", { class: "tip-row-head" }, priorityMark(tip), leaseMark(tip)),
			el("span", { class: "tip-row-text" }, tip.text || say("untitled")),
			escalationMark(tip),
			el("span", { class: "tip-row-foot" }, [tip.region_name || tip.region, stateName(tip.state)].join(" · "))));
}

/* "claimed" is also what the desk says after a claim, so the state has its own row. */
export function stateName(state) {
	return say(state === "claimed" ? "claimed_state" : state || "claimed_state");
}

function fact(name, value) {
	return value ? [el("dt", {}, say(name)), el("dd", {}, value)] : [];
}

function facts(tip, language) {
	const route = tip.route || {};
	const sure = typeof route.confidence === "number" ? say("confidence", { n: route.confidence }) : "";
	return el("dl", { class: "facts" },
		...fact("region", [tip.region_name, tip.region].filter(Boolean).join(" · ")),
		...fact("place", tip.place),
		...fact("when", tip.when),
		...fact("category", tip.category && say(tip.category)),
		...fact("level", say(tip.level)),
		...fact("escalated_fact", escalated(tip, language)),
		...fact("reopens", tip.reopens > 0 && say("times", { n: tip.reopens })),
		...fact("received", sayTime(tip.received, language)),
		...fact("language", tip.lang),
		...fact("route", [route.why, sure].filter(Boolean).join(" · ")));
}

function reasons(tip) {
	const rows = tip.reasons || [];
	return rows.length === 0 ? null : el("section", {},
		el("h3", {}, say("why")),
		el("ul", { class: "reasons" }, ...rows.map((reason) => el("li", {},
			el("b", {}, reason.points > 0 ? `+${reason.points}` : String(reason.points)),
			el("span", {}, reason.text || reason.name)))));
}

/* A copy without place, camera and author where there is one; else the original alone, and what it may tell. */
function fileRow(file, download) {
	const save = (original, word) => el("button", { type: "button", class: "quiet",
		click: (event) => download(file, original, event.currentTarget) }, say(word));

	return el("li", {},
		el("span", {}, file.name || String(file.number)),
		el("span", { class: "hint" }, [file.type, sayBytes(file.bytes), file.clean ? "" : say("original_only")].filter(Boolean).join(" · ")),
		file.clean ? save(false, "clean_copy") : null,
		save(true, "original"));
}

function files(tip, download) {
	const rows = tip.files || [];
	return rows.length === 0 ? null : el("section", {},
		el("h3", {}, say("files")),
		el("p", { class: "hint" }, say("file_warning")),
		el("ul", { class: "files" }, ...rows.map((file) => fileRow(file, download))));
}

function messages(tip, language) {
	const rows = tip.messages || [];
	return el("section", {},
		el("h3", {}, say("messages")),
		rows.length === 0 ? el("p", { class: "hint" }, say("messages_none")) : null,
		el("ol", { class: "talk" }, ...rows.map((message) => el("li", { class: message.from },
			el("p", { class: "who" },
				[say(`from_${message.from}`), message.by, sayTime(message.at, language)].filter(Boolean).join(" · ")),
			el("p", { class: "said" }, message.text)))));
}

/* One input of an action: how it is shown and what it is called in the request. */
function input(field) {
	const id = `act-${field.name}`;
	const common = { id, name: field.name, required: field.required === true, autocomplete: "off" };
	let control;

	if (field.choices)
		control = el("select", common, ...field.choices.map((value) => el("option", { value }, say(value))));
	else if (field.long)
		control = el("textarea", { ...common, rows: "4" });
	else
		control = el("input", { ...common, pattern: field.pattern || null, inputmode: field.digits ? "numeric" : null });
	return el("p", {}, el("label", { for: id }, say(field.label)), control);
}

export function actionForm(action, submit, cancel) {
	return el("form", { class: "act", autocomplete: "off", submit },
		el("h3", {}, say(action.name)),
		...action.fields.map(input),
		el("p", { class: "row" },
			el("button", { type: "submit", class: "main" }, say("do_it")),
			el("button", { type: "button", class: "quiet", click: cancel }, say("cancel"))));
}

export function tipView(tip, { language, actions, begin, download }) {
	return [
		el("header", { class: "tip-head" },
			el("h2", {}, el("span", { class: "mono" }, tip.id)),
			priorityMark(tip),
			el("span", { class: "state" }, stateName(tip.state)),
			leaseMark(tip), escalationMark(tip)),
		el("div", { class: "actions", role: "group", "aria-label": say("actions") },
			...actions.map((action) => el("button", { type: "button", class: "quiet", click: () => begin(action) }, say(action.name)))),
		el("div", { id: "act" }),
		el("section", {}, el("h3", {}, say("text")), el("p", { class: "said tip-text", lang: tip.lang || null }, tip.text || say("untitled"))),
		el("div", { id: "incident" }),
		facts(tip, language),
		reasons(tip),
		files(tip, download),
		messages(tip, language),
	].filter(Boolean);
}

/* --- the incident ------------------------------------------------------------ */

function likeness(score) {
	return score > 0 ? el("b", {}, say("incident_sure", { n: score })) : null;
}

/* Why a tip hangs where it hangs; what came with a transfer has no reason any more. */
function linkReasons(link) {
	const words = link.reasons.length > 0 ? link.reasons : [say("incident_moved")];
	return el("p", { class: "hint" }, say("incident_linked"), words.join(" · "), " ",
		link.why === "officer" ? null : likeness(link.score));
}

function memberText(member) {
	if (member.readable)
		return el("p", { class: "said", lang: member.lang || null }, member.text || say("untitled"));
	return el("p", { class: "hint" }, say(member.within ? "incident_sealed" : "incident_far"));
}

function memberMarks(member, here) {
	return [member.number === 1 ? "incident_first" : null, here ? "incident_this" : null,
		member.copy ? "incident_copy" : null]
		.filter(Boolean).map((name) => el("span", { class: "mark" }, say(name)));
}

function memberCard(member, tip, { language, split }) {
	const here = member.id === tip.id;
	const where = [member.region_name || member.region, member.place, sayTime(member.received, language), stateName(member.state)];

	return el("li", { class: here ? "member here" : "member" },
		el("p", { class: "member-head" },
			el("b", {}, String(member.number)), el("span", { class: "mono" }, member.id),
			priorityMark(member), ...memberMarks(member, here)),
		el("p", { class: "hint" }, where.filter(Boolean).join(" · ")),
		memberText(member),
		member.link ? linkReasons(member.link) : null,
		member.link && member.within
			? el("button", { type: "button", class: "quiet", click: () => split(member) }, say("split"))
			: null);
}

function suggestionCard(suggestion, tip, { language, looked, look, decide }) {
	const shown = looked.get(suggestion.tip);
	const of = suggestion.of === tip.id ? null : say("suggestion_of", { id: suggestion.of });
	const button = (name, click, kind = "quiet") => el("button", { type: "button", class: kind, "data-decide": name, click }, say(name));

	return el("li", { class: "suggestion", "data-suggestion": `${suggestion.of} ${suggestion.tip}` },
		el("p", { class: "member-head" },
			el("span", { class: "mono" }, suggestion.tip), likeness(suggestion.score),
			of ? el("span", { class: "hint" }, of) : null),
		el("p", {}, suggestion.reasons.join(" · ")),
		shown ? el("div", { class: "compared" }, el("p", { class: "hint" }, [shown.region_name, shown.place,
			sayTime(shown.received, language)].filter(Boolean).join(" · ")), memberText(shown)) : null,
		el("p", { class: "row" },
			button("suggestion_yes", () => decide(suggestion, true), "main"),
			button("suggestion_no", () => decide(suggestion, false)),
			shown ? null : button("suggestion_look", () => look(suggestion))));
}

/* Nothing for a tip that is alone and like no other. */
export function incidentView(incident, tip, tools) {
	const { members, suggestions } = incident;
	const count = [say("incident_tips", { n: incident.tips }), incident.more ? say("incident_more") : null];

	return [
		members.length < 2 ? null : el("section", { class: "incident" },
			el("h3", { tabindex: "-1" }, say("incident"), " · ", count.filter(Boolean).join(", ")),
			el("ol", { class: "members" }, ...members.map((member) => memberCard(member, tip, tools)))),
		suggestions.length === 0 ? null : el("section", { class: "incident" },
			el("h3", { tabindex: "-1" }, say("suggestions")),
			el("p", { class: "hint" }, say("suggestions_hint")),
			el("ul", { class: "members" }, ...suggestions.map((suggestion) => suggestionCard(suggestion, tip, tools)))),
	].filter(Boolean);
}
