/*
 * What may be done with a tip, by whom and in which states: a table, the row of buttons, and the form of the one that was
 * chosen. What the server refuses is told in the form, and nothing that was typed is lost.
 */

import { go } from "../../router.js";
import { hasRole, session } from "../../session.js";
import { say } from "../../words.js";
import { html, useEffect, useMemo, useRef, useState } from "../../ui/html.js";
import { bindKeys } from "../../ui/keys.js";
import { Form } from "../../ui/form.js";
import { Loaded } from "../../ui/load.js";
import { attempt, tell } from "../../ui/notices.js";
import { sayWhen } from "../../ui/values.js";
import { draftOf, dropDraft, keepDraft, withDraft } from "./drafts.js";
import { RegionSearch } from "./regions.js";
import { Propose, useOffers } from "./reward.js";
import { hrefOfTip } from "./row.js";
import { desk } from "./store.js";
import { claimThis, isMine, leaseSeconds, perform } from "./work.js";

const reason = { name: "reason", word: "reason", kind: "area", required: true, maxlength: 500 };
const OUTCOMES = ["verified", "unfounded", "duplicate", "insufficient", "referred", "prank"];

/* Facts of the case, for rewards; the bands are those of the policies one may read. */
function caseFields(offers) {
	const when = (values) => values.outcome === "verified";
	const bands = [...new Set(offers.flatMap((offer) => offer.bands))];

	return [
		{ name: "case", word: "case_number", hint: "case_hint", pattern: "[0-9A-Za-z._-]{1,64}", when },
		...bands.map((band) => ({ name: `band:${band}`, word: band, kind: "check", when })),
		...bands.length > 0 ? [] : [{ name: "bands", word: "case_bands", hint: "bands_hint", pattern: "[a-z0-9_+]+", when }],
	];
}

/* { "band:x": true } as the API has it: bands "x+y". */
function withBands(values) {
	const bands = Object.entries(values).filter(([name, on]) => name.startsWith("band:") && on).map(([name]) => name.slice(5));
	const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith("band:")));

	return bands.length > 0 ? { ...rest, bands: bands.join("+") } : rest;
}

const ANY = ["queued", "claimed", "verified", "closed"];
const holdNote = { name: "note", word: "hold_note", hint: "hold_note_hint", kind: "area", required: true, maxlength: 3000 };

/* The journal has the reason as a word; for who reads the tip it stands in the note, with who wrote it and when. */
function withWhy({ reason, note }) {
	return { reason, note: `${say("legal_hold")} · ${say(reason)}\n${note}` };
}

/*
 * Fields are asked for; an action without any is done at once. of: "mine" (held by the officer), "free" (held by nobody),
 * "any"; when: of such a tip alone; above: also on what passed to the level above.
 */
const actions = [
	{ name: "claim", of: "free", states: ["queued"], main: true, run: (tip) => claimThis(tip.id) },
	{ name: "renew", of: "mine", states: ["claimed", "verified"], key: "r", run: renew },
	{ name: "message", of: "mine", states: ["claimed", "verified"], key: "m", fields: () => [{ name: "text", word: "message_text", kind: "area", required: true, maxlength: 4000 }] },
	{ name: "note", of: "mine", states: ["claimed", "verified"], key: "w", above: true, fields: () => [{ name: "text", word: "note_text", kind: "area", required: true, maxlength: 4000 }] },
	{ name: "verify", of: "mine", states: ["claimed"], key: "v", roles: ["verifier"],
	  fields: () => [{ name: "verdict", word: "verdict", kind: "choice", choices: ["verified", "unfounded"], required: true },
			 { name: "note", word: "note_words", kind: "area", maxlength: 4000 }] },
	{ name: "close", of: "mine", states: ["claimed", "verified"], key: "e", offers: true, body: withBands,
	  fields: (offers) => [{ name: "outcome", word: "outcome", kind: "choice", choices: OUTCOMES, required: true },
			       ...hasRole(["verifier"]) ? caseFields(offers) : [],
			       { name: "note", word: "reason", kind: "area", required: true, maxlength: 4000 }] },
	{ name: "transfer", of: "mine", states: ["claimed"], key: "t", regions: true,
	  fields: () => [{ name: "region", word: "to_region", kind: "region", required: true }, reason] },
	{ name: "link", of: "mine", states: ["claimed", "verified"],
	  fields: () => [{ name: "tip", word: "other_tip", pattern: "[0-9]{2}-[0-9A-Z]{10}", required: true }] },
	{ name: "release", of: "mine", states: ["claimed", "verified"], fields: () => [{ name: "reason", word: "reason", kind: "area", maxlength: 500 }] },
	{ name: "hold", of: "any", states: ANY, roles: ["verifier", "admin"], when: (tip) => !tip.hold, body: withWhy,
	  fields: () => [{ name: "reason", word: "hold_why", kind: "choice", choices: ["court", "prosecution", "investigation", "appeal", "audit"], required: true, hint: "hold_hint" }, holdNote] },
	{ name: "lift", of: "any", states: ANY, roles: ["verifier", "admin"], when: (tip) => tip.hold && tip.hold.lift_asked_by !== session.who.person, body: withWhy,
	  fields: () => [{ name: "reason", word: "hold_why", kind: "choice", choices: ["ended", "mistake"], required: true, hint: "lift_hint" }, holdNote] },
	{ name: "reopen", of: "any", states: ["closed"], roles: ["verifier", "admin"], fields: () => [reason] },
	{ name: "propose_reward", of: "any", states: ["verified", "closed"], key: "p", roles: ["proposer"], outcome: "verified", offers: true, Panel: Propose },
];

async function renew(tip) {
	await attempt("renew", async () => {
		const after = await perform(tip, "renew", { lease_s: leaseSeconds() });

		tell(say("renewed_until", { time: sayWhen(after.lease_until) }));
	});
}

function mayDo(action, tip) {
	if (action.roles && !hasRole(action.roles))
		return false;
	if (action.when && !action.when(tip))
		return false;
	if (action.above && desk.above.some((one) => one.id === tip.id))
		return true;
	if (action.outcome && tip.state === "closed" && tip.outcome !== action.outcome)
		return false;
	const whose = action.of === "mine" ? isMine(tip) : action.of === "any" || !tip.holder;
	return whose && action.states.includes(tip.state);
}

/* The form of one action; its first field has the focus when it is there. */
function Panel({ tip, action, close }) {
	const load = useOffers(action.offers === true);
	const at = useRef(null);

	useEffect(() => at.current.querySelector("input, textarea, select")?.focus(), [load.value === undefined]);
	const over = useRef(false);   /* sent or given up: what is in the form is no draft any more */
	const [found] = useState(() => draftOf(tip.id)?.action === action.name);
	const begun = useMemo(() => load.value === undefined || action.Panel ? [] : withDraft(action.fields(load.value), tip.id, action.name), [load.value]);

	async function send(values) {
		const after = await perform(tip, action.name, action.body ? action.body(values) : values);

		end();
		if (after.id !== tip.id)
			go(hrefOfTip(null));
	}

	function end() {
		over.current = true;
		dropDraft(tip.id);
		close();
	}

	return html`<section class="act" aria-labelledby="act-title" ref=${at}>
		<h3 id="act-title">${say(action.name)}</h3>
		${found ? html`<p class="hint">${say("draft_back")}</p>` : null}
		${action.regions ? html`<${RegionSearch} into="act-region" />` : null}
		<${Loaded} of=${load} what=${action.name}>${(offers) => action.Panel ? html`<${action.Panel} tip=${tip} offers=${offers} close=${close} />`
			: html`<${Form} id="act" fields=${begun} submit=${action.name} cancel=${end} send=${send}
				changed=${(values) => over.current || keepDraft(tip.id, action.name, values)} />`}<//>
	</section>`;
}

/* The buttons, and the form of what was chosen. */
export function Actions({ tip }) {
	const [name, choose] = useState(() => draftOf(tip.id)?.action ?? null);
	const mine = actions.filter((action) => mayDo(action, tip));
	const action = mine.find((one) => one.name === name);
	const begin = (one) => one.run ? one.run(tip) : choose(one.name);

	useEffect(() => choose(draftOf(tip.id)?.action ?? null), [tip.id]);
	useEffect(() => bindKeys(mine.filter((one) => one.key).map((one) => ({ keys: one.key, word: one.name, run: () => begin(one) }))),
		[tip, mine.map((one) => one.name).join()]);
	return html`
		<div class="actions" role="group" aria-label=${say("actions")}>${mine.map((one) => html`<button type="button" key=${one.name} data-act=${one.name}
			class=${one.main ? "main" : "quiet"} aria-expanded=${one.run ? null : one === action ? "true" : "false"} onClick=${() => begin(one)}>${say(one.main ? "claim_this" : one.name)}</button>`)}</div>
		${action ? html`<${Panel} key=${action.name} tip=${tip} action=${action} close=${() => choose(null)} />` : null}`;
}
