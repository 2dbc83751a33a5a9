/*
 * What belongs together with the open tip: the tips of its incident, why each hangs there, and what may belong to it. An
 * officer compares two side by side, confirms or declines, and takes back what was confirmed.
 */

import { language, say } from "../../words.js";
import { html, useEffect, useState } from "../../ui/html.js";
import { bindKeys } from "../../ui/keys.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { attempt, hush, tell } from "../../ui/notices.js";
import { When } from "../../ui/values.js";
import * as api from "./calls.js";
import { Pair } from "./pair.js";
import { hrefOfTip, Mark, Priority, sayState } from "./row.js";

/* An id may begin otherwise after a transfer to another shard; its tail stays. */
function sameTip(a, b) {
	return a.slice(3) === b.slice(3);
}

function Likeness({ score }) {
	return score > 0 ? html`<b>${say("incident_sure", { n: score })}</b>` : null;
}

/* Why a tip hangs where it hangs; what came with a transfer has no reason any more. */
function LinkReasons({ link }) {
	const words = link.reasons.length > 0 ? link.reasons : [say("incident_moved")];
	return html`<p class="hint">${say("incident_linked")}${words.join(" · ")} ${link.why === "officer" ? null : html`<${Likeness} score=${link.score} />`}</p>`;
}

export function MemberText({ member }) {
	if (member.readable)
		return html`<p class="said" lang=${member.lang || null}>${member.text || say("untitled")}</p>`;
	return html`<p class="hint">${say(member.within ? "incident_sealed" : "incident_far")}</p>`;
}

function Member({ member, members, tip, settle }) {
	const [open, show] = useState(false);
	const here = member.id === tip.id;
	const parent = member.link ? members.find((one) => sameTip(one.id, member.parent)) : null;

	return html`<li class="member ${here ? "here" : ""}" data-member=${member.id}>
		<p class="member-head"><b>${member.number}</b> ${here ? html`<span class="mono">${member.id}</span>`
			: html`<a class="mono" href=${hrefOfTip(member.id)}>${member.id}</a>`} <${Priority} tip=${member} />
			${member.number === 1 ? html`<${Mark} word="incident_first" />` : null}${here ? html`<${Mark} word="incident_this" />` : null}
			${member.copy ? html`<${Mark} word="incident_copy" />` : null}</p>
		<p class="hint">${[member.region_name || member.region, member.place, sayState(member.state)].filter(Boolean).join(" · ")} <span class="at">· <${When} at=${member.received} /></span></p>
		${open ? null : html`<${MemberText} member=${member} />`}
		${member.link ? html`<${LinkReasons} link=${member.link} />` : null}
		${open ? html`<${Pair} left=${member} right=${parent} evidence=${member.link.evidence} />` : null}
		<p class="row">
			${parent ? html`<button type="button" class="quiet" aria-expanded=${open ? "true" : "false"} onClick=${() => show(!open)}>${say(open ? "pair_close" : "pair_open")}</button>` : null}
			${member.link && member.within ? html`<button type="button" class="quiet" onClick=${() => settle("unlink", member.id, { tip: member.parent })}>${say("split")}</button>` : null}
		</p>
	</li>`;
}

/* The suggested tip's own words beside those it is held against, where they may be read. */
function Compared({ suggestion, member }) {
	const other = useLoad(async (signal) => {
		const { members } = await api.incident(suggestion.tip, signal);
		return members.find((one) => sameTip(one.id, suggestion.tip)) ?? null;
	}, [suggestion.tip]);

	return html`<${Loaded} of=${other} what="suggestion_look">${(value) => html`<${Pair} left=${member} right=${value} evidence=${suggestion.evidence} />`}<//>`;
}

function Suggestion({ suggestion, members, tip, settle }) {
	const [open, show] = useState(false);
	const decide = (action) => settle(action, suggestion.of, { tip: suggestion.tip });

	return html`<li class="suggestion" data-suggestion="${suggestion.of} ${suggestion.tip}">
		<p class="member-head"><span class="mono">${suggestion.tip}</span> <${Likeness} score=${suggestion.score} />
			${suggestion.of === tip.id ? null : html`<span class="hint">${say("suggestion_of", { id: suggestion.of })}</span>`}</p>
		<p>${suggestion.reasons.join(" · ")}</p>
		${open ? html`<${Compared} suggestion=${suggestion} member=${members.find((one) => sameTip(one.id, suggestion.of))} />` : null}
		<p class="row">
			<button type="button" class="main" data-decide="yes" onClick=${() => decide("link")}>${say("suggestion_yes")}</button>
			<button type="button" class="quiet" data-decide="no" onClick=${() => decide("decline")}>${say("suggestion_no")}</button>
			<button type="button" class="quiet" aria-expanded=${open ? "true" : "false"} onClick=${() => show(!open)}>${say(open ? "pair_close" : "suggestion_look")}</button>
		</p>
	</li>`;
}

/* y and n answer the suggestion in which the focus is, else the first; they do nothing elsewhere on the page. */
function answer(which) {
	const focused = document.activeElement?.closest("#incident");
	const card = document.activeElement?.closest("[data-suggestion]") ?? focused?.querySelector("[data-suggestion]");

	card?.querySelector(`[data-decide="${which}"]`).click();
	return Boolean(card);
}

const keys = [
	{ keys: "i", word: "key_incident", run: () => {
		const head = document.querySelector("#incident h3");

		head?.focus();
		return Boolean(head);
	} },
	{ keys: "y", word: "key_yes", run: () => answer("yes") },
	{ keys: "n", word: "key_no", run: () => answer("no") },
];

/* What takes back one word of the officer: { action, id, body }, or null of what cannot be taken back. */
function undoing(action, id, body, before, after) {
	if (action === "unlink")
		return { action: "link", id, body };
	const moved = action === "link" && after.members.find((one) => one.link?.why === "officer"
		&& before.members.every((old) => old.id !== one.id || old.parent !== one.parent));
	return moved ? { action: "unlink", id: moved.id, body: { tip: moved.parent } } : null;
}

/* The officer's words on what belongs together, one after the other; then all of it as it is now. */
function useSettling(load, look) {
	const [undo, offer] = useState(null);

	async function settle(action, id, body) {
		const before = load.value;

		hush();
		await attempt(action, async () => {
			await api.act(id, action, body);
			tell(say("done", { what: say(action) }));
			const after = await look();
			offer(undoing(action, id, body, before, after));
		});
		document.querySelector("#incident h3")?.focus();
	}

	return { undo, settle };
}

function Undo({ undo, settle }) {
	return undo ? html`<p class="undo"><button type="button" class="quiet" id="undo" onClick=${() => settle(undo.action, undo.id, undo.body)}>
		${say("undo", { what: say(undo.action === "unlink" ? "link_short" : "unlink") })}</button></p>` : null;
}

/* What belongs to the tip now; told(): after a change. */
export function Incident({ tip, told }) {
	const [known, know] = useState(null);
	const load = useLoad((signal) => api.incident(tip.id, signal), [tip.id, tip.incident?.id, tip.incident?.tips, language()], { keep: true });
	const shown = known !== null && known.of === load.value ? known.now : load.value;
	const look = async () => {
		const now = await api.incident(tip.id);

		know({ of: load.value, now });
		told();
		return now;
	};
	const { undo, settle } = useSettling({ value: shown }, look);

	useEffect(() => bindKeys(keys), []);
	return html`<div id="incident"><${Loaded} of=${load} what="incident">${() => html`
		<${Undo} undo=${undo} settle=${settle} />
		<${Members} incident=${shown} tip=${tip} settle=${settle} />
		<${Suggestions} incident=${shown} tip=${tip} settle=${settle} />`}<//></div>`;
}

/* Nothing for a tip that is alone. */
function Members({ incident, tip, settle }) {
	const { members } = incident;
	const count = [say("incident_tips", { n: incident.tips }), incident.more ? say("incident_more") : null].filter(Boolean).join(", ");

	return members.length < 2 ? null : html`<section class="incident">
		<h3 tabindex="-1">${say("incident")} · ${count}</h3>
		<ol class="members">${members.map((member) => html`<${Member} key=${member.id} member=${member} members=${members} tip=${tip} settle=${settle} />`)}</ol>
	</section>`;
}

function Suggestions({ incident, tip, settle }) {
	return incident.suggestions.length === 0 ? null : html`<section class="incident">
		<h3 tabindex="-1">${say("suggestions")}</h3>
		<p class="hint">${say("suggestions_hint")}</p>
		<ul class="members">${incident.suggestions.map((one) => html`<${Suggestion} key="${one.of} ${one.tip}" suggestion=${one} members=${incident.members} tip=${tip} settle=${settle} />`)}</ul>
	</section>`;
}
