/* Policies: drafted by one, adopted by another. The list, and a draft put before others with its faults by line. */

import { go } from "../../router.js";
import { say } from "../../words.js";
import { html, useRef, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { sayProblem, tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { When } from "../../ui/values.js";
import { draftPolicy, newKey, policies } from "./calls.js";
import { Mark } from "./words.js";

export function PolicyState({ of, inForce }) {
	if (!of.adopted)
		return html`<${Mark} as="warn">${say("adm_draft_waits")}<//>`;
	return html`<${Mark} as=${inForce ? "well" : "rest"}>${say(inForce ? "adm_in_force" : "adm_adopted")}<//>`;
}

/* Of each name the adopted one with the highest version whose time has come. */
export function inForceOf(all, name, now = Date.now()) {
	return all.filter((one) => one.name === name && one.adopted && (!one.since || Date.parse(one.since) <= now))
		.toSorted((a, b) => Number(b.version) - Number(a.version))[0];
}

const columns = (all) => [
	{ key: "name", word: "adm_policy", value: (one) => `${one.name} ${one.version}` },
	{ key: "state", word: "adm_state", value: (one) => html`<${PolicyState} of=${one} inForce=${inForceOf(all, one.name)?.hash === one.hash} />` },
	{ key: "drafted", word: "adm_drafted_by", value: (one) => one.drafted_by },
	{ key: "adopted", word: "adm_adopted_by", value: (one) => one.adopted ? one.adopted_by : "–" },
	{ key: "since", word: "adm_since", value: (one) => one.since ? html`<${When} at=${one.since} />` : "–" },
	{ key: "hash", word: "adm_hash", value: (one) => html`<span class="mono" title=${one.hash}>${one.hash.slice(0, 12)}</span>` },
];

/* --- a draft ------------------------------------------------------------------- */

/* "FILE:LINE: what" as the loader complains; { line, text } or null. */
export function faultOf(detail) {
	const found = /^[^\s:]*:(\d+)(?::\d+)?: (.*)$/s.exec(detail);
	return found ? { line: Number(found[1]), text: found[2] } : null;
}

/* From the beginning of a line to its end. */
export function lineSpan(text, line) {
	const lines = text.split("\n");
	const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
	return [from, from + (lines[line - 1] ?? "").length];
}

function Fault({ problem, text, area }) {
	const fault = faultOf(problem.detail);

	function show() {
		area.current.focus();
		area.current.setSelectionRange(...lineSpan(text, fault.line));
	}

	if (!fault)
		return html`<p class="alarm" role="alert">${sayProblem("adm_draft", problem)}</p>`;
	return html`<div class="alarm" role="alert" id="draft-fault"><p>${say("adm_draft_line", { line: fault.line })} ${fault.text}</p>
		<p><code>${text.split("\n")[fault.line - 1]}</code></p>
		<p><button type="button" class="quiet" onClick=${show}>${say("adm_draft_show")}</button></p></div>`;
}

function Draft({ done, close }) {
	const [text, write] = useState("");
	const [problem, refuse] = useState(null);
	const [busy, setBusy] = useState(false);
	const area = useRef(null);
	const key = useRef(newKey());

	/* Another text is another wish. */
	function change(value) {
		key.current = newKey();
		write(value);
	}

	async function upload(event) {
		const file = event.target.files[0];

		if (file)
			change(await file.text());
	}

	async function send(event) {
		event.preventDefault();
		if (busy)
			return;
		setBusy(true);
		refuse(null);
		try {
			done(await draftPolicy(text, key.current));
		} catch (refused) {
			refuse(refused);
			setBusy(false);
		}
	}

	return html`<section class="card" aria-labelledby="draft-title"><h2 id="draft-title">${say("adm_draft_new")}</h2>
		<p class="hint">${say("adm_draft_hint")}</p>
		${problem ? html`<${Fault} problem=${problem} text=${text} area=${area} />` : null}
		<form class="form wide" onSubmit=${send} aria-busy=${busy ? "true" : "false"}>
			<div class="field"><label for="draft-file">${say("adm_draft_file")}</label><input id="draft-file" type="file" accept=".json,application/json" onChange=${upload} /></div>
			<div class="field"><label for="draft-text">${say("adm_draft_text")}</label>
				<textarea id="draft-text" class="mono" rows="16" required value=${text} ref=${area} onInput=${(event) => change(event.target.value)}></textarea></div>
			<p class="row"><button type="submit" class="main" aria-disabled=${busy ? "true" : null}>${say("adm_draft")}</button>
				<button type="button" class="quiet" onClick=${close}>${say("cancel")}</button></p>
		</form></section>`;
}

export function Policies() {
	const load = useLoad((signal) => policies(signal));
	const [drafting, draft] = useState(false);

	function done(answer) {
		tell(say("adm_drafted"));
		go(`/admin/policies/${encodeURIComponent(answer.policy?.hash ?? answer.subject)}`);
	}

	return html`
		${drafting ? html`<${Draft} done=${done} close=${() => draft(false)} />`
			: html`<p><button type="button" class="main" id="policy-new" onClick=${() => draft(true)}>${say("adm_draft_new")}</button></p>`}
		<${Loaded} of=${load}>${({ policies: all }) => html`<${Table} caption=${say("adm_policies")} columns=${columns(all)} rows=${all.toReversed()} of=${(one) => one.hash} keys
			href=${(one) => `/admin/policies/${one.hash}`} empty="adm_policies_none" />`}<//>`;
}
